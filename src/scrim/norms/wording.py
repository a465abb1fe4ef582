"""Texts with places to fill: signs, letters, drafts.

Rules:

1. A place is ``{name}``, a name of the table below; nothing else stands in braces.
2. Every place is filled, or the text is not made: a letter never goes out with a hole.
3. Filling is putting text in; a text cannot ask, compute or reach anything.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from scrim.errors import NormsError

PLACES: Final[Mapping[str, str]] = {
    "controller": "who is responsible for the cameras",
    "contact": "how to reach them",
    "page": "address of the public page",
    "purpose": "what the cameras are for",
    "legal_basis": "the ground in law for that",
    "recipients": "classes of people to whom recordings may be given",
    "kept": "how long is kept, such as 30 days",
    "authority": "the supervisory authority",
    "site": "the site",
    "cameras": "the cameras concerned",
    "today": "the date of the document",
    "reference": "the number of a request, filing or breach",
    "received": "when it came",
    "due": "when its clock ends",
    "asked": "what was asked for: place and time",
    "reasons": "reasons of a refusal or delay",
    "given": "what is given",
    "count": "a number of people",
    "happened": "what happened",
    "effects": "its likely effects",
    "measures": "what is done about it",
    "risks": "risks to the people filmed",
    "necessity": "why it is needed and nothing milder does",
    "configuration": "how the cameras are set up",
}
"""Names of places, and what they are filled with."""

_PLACE = re.compile(r"\{([a-z_]+)\}")


def places(text: str) -> tuple[str, ...]:
    """Names of the places of a text, in order.

    Raises:
        ValueError: a name that is not in the table, or a brace that is no place.
    """
    found = tuple(dict.fromkeys(_PLACE.findall(text)))
    for name in found:
        if name not in PLACES:
            raise ValueError(f"{{{name}}} is no place; there are {', '.join(PLACES)}")
    rest = _PLACE.sub("", text)
    if "{" in rest or "}" in rest:
        raise ValueError("a brace that is no {place}")
    return found


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with every place filled.

    Raises:
        NormsError: nothing to put into a place.
    """
    empty = [name for name in places(text) if not values.get(name)]
    if empty:
        raise NormsError(
            f"The text needs {', '.join(f'{name} ({PLACES[name]})' for name in empty)}.",
            "Say it, then make the document again.",
        )
    return _PLACE.sub(lambda match: values[match[1]], text)
