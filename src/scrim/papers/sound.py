"""Whether a camera's sound may stay in its sealed original.

Rules:

1. It is recorded only where somebody asked for it when the camera was enrolled.
2. Every pack that the camera is under knows its purpose and allows sound for it.  A camera
   under no pack has none that allows it.
3. A paper of that purpose, good now, says that sound is needed.
4. What cannot be decided is no.

What may not be recorded is not taken from the camera at all.  On the masked side there never
is any sound, whatever is allowed here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from scrim.errors import CalendarUnknown
from scrim.norms.clocks import Span
from scrim.norms.limits import applies
from scrim.norms.pack import Paper as Kind
from scrim.papers.gate import InForce
from scrim.papers.paper import PaperRow
from scrim.papers.standing import Standing

NEEDED = "sound"
"""What the purpose's paper says."""


def why_silent(
    standing: Standing, packs: Iterable[InForce], papers: Sequence[PaperRow], now_us: int
) -> str:
    """Why its sound is not recorded, in a sentence; empty where it is.

    Args:
        standing: of the camera.
        packs: that it is under.
        papers: on record, others' too.
        now_us: UTC microseconds.
    """
    norms = tuple(packs)
    if not standing.sound:
        return "Sound was not asked for when the camera was enrolled."
    if not standing.purpose:
        return (
            "The camera has no purpose, so no pack allows sound for it: "
            "`scrim camera set ID --purpose`."
        )
    if not norms:
        return "No pack is in force for the camera, so none allows sound."
    for norm in norms:
        purpose = norm.pack.purpose(standing.purpose)
        if purpose is None:
            return f"The pack {norm.pack.id} does not know the purpose {standing.purpose}."
        if not purpose.sound:
            return f"The pack {norm.pack.id} allows no sound for the purpose {standing.purpose}."
    if not any(_says(one, standing, norms, now_us) for one in papers):
        return (
            f"No paper of the purpose {standing.purpose} that is good now says that sound is "
            "needed: `scrim paper add purpose --says sound`."
        )
    return ""


def _says(paper: PaperRow, standing: Standing, norms: Sequence[InForce], now_us: int) -> bool:
    if (
        paper.kind is not Kind.PURPOSE
        or NEEDED not in paper.says
        or paper.purpose != standing.purpose
        or not paper.covers(standing.camera, standing.site)
        or not paper.in_force(now_us)
    ):
        return False
    for norm in norms:
        for valid in _valid(norm, standing):
            try:
                end = paper.ends_us(valid, norm.calendar)
            except CalendarUnknown:
                return False
            if end is not None and end <= now_us:
                return False
    return True


def _valid(norm: InForce, standing: Standing) -> list[Span]:
    """How long a purpose's paper is good for, by a pack."""
    return [
        asked.valid.span
        for asked in norm.pack.requires
        if asked.paper is Kind.PURPOSE
        and asked.valid is not None
        and applies(asked.where, standing.situation)
    ]
