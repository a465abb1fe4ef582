"""Kinds of places: the words by which a pack forbids some of them.

Rules:

1. A word is one of these, or one that a pack in force forbids: a slip of the pen must not
   turn a forbidden place into an unknown one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from scrim.errors import PaperRefused

UNSAID: Final = "unsaid"
"""Of a site of which nobody has said it yet."""

PLACES: Final = (
    "bridge", "bus", "car-park", "changing-room", "classroom", "corridor", "court", "crossing",
    "depot", "dormitory", "entrance", "ferry", "guest-room", "hospital", "hotel", "junction",
    "library", "lift", "lobby", "market", "museum", "office", "park", "platform", "playground",
    "police-station", "port", "prayer-room", "prison", "private-dining-room", "restaurant", "road",
    "school", "shop", "square", "staff-room", "stadium", "stairs", "station", "street", "toilet",
    "train", "tram", "tunnel", "vehicle", "voting-place", "ward", "warehouse", "waterfront",
)  # fmt: skip
"""What Scrim knows; a pack may forbid more."""


def check_place(place: str, forbidden: Iterable[str] = ()) -> str:
    """The word, if it is one.

    Args:
        place: what was given.
        forbidden: words that packs in force forbid.

    Raises:
        PaperRefused: it is none.
    """
    known = {*PLACES, *forbidden}
    if place not in known:
        raise PaperRefused(
            f"{place!r} is no kind of place that is known.",
            f"Take one of {', '.join(sorted(known))}.",
        )
    return place
