"""The draft of a notification: what people said of a breach, and what the system knows itself.

Rules:

1. Its words are a pack's; every place is filled, or there is no draft.
2. Below stands what the system knows: how many segments and people are concerned at most, and
   where the ledger stands, so that the authority can check that nothing was changed since.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Connection, func, select

from scrim.clock import SECOND, to_text
from scrim.duties.breach import Breach
from scrim.errors import DutyRefused
from scrim.norms import NOT_ADVICE
from scrim.norms.pack import Pack
from scrim.norms.wording import filled
from scrim.store.people_counted import counted
from scrim.store.schema import camera, checkpoint, entry, segment
from scrim.subjects.terms import baseline, zone_of

DOCUMENT: Final = "breach-authority"
_NONE: Final = "-"


@dataclass(frozen=True, slots=True)
class Said:
    """What the notification says of whoever answers, and to whom it goes.

    Attributes:
        delay_reasons: why it is late; a dash where it is not.
    """

    controller: str
    contact: str
    authority: str
    delay_reasons: str = ""


def notification(
    connection: Connection,
    breach: Breach,
    packs: Sequence[Pack],
    said: Said,
    language: str,
    now_us: int,
) -> str:
    """Plain text.

    Raises:
        DutyRefused: it is not assessed, is late without reasons, or no pack has the words.
        NormsError: something that they need was not said.
    """
    if breach.risk is None:
        raise DutyRefused("It is not assessed yet.", "Assess it first: `scrim breach assess`.")
    late = now_us >= breach.due_us and not breach.told_in_time
    if late and not said.delay_reasons.strip():
        raise DutyRefused("It is late, so it says why.", "Give the reasons with --delay-reasons.")
    pack, template = _template([*packs, baseline()], breach, language)
    zone = zone_of(pack)
    today = datetime.fromtimestamp(now_us // SECOND, tz=UTC).astimezone(zone).date().isoformat()
    text = filled(
        template,
        {
            "reference": breach.id,
            "today": today,
            "happened": breach.happened,
            "count": str(breach.people),
            "effects": breach.effects,
            "measures": breach.measures,
            "reasons": said.delay_reasons or _NONE,
            "controller": said.controller,
            "contact": said.contact,
            "authority": said.authority,
        },
    )
    return "\n".join([text.rstrip("\n"), "", *_known(connection, breach), "", NOT_ADVICE, ""])


def _template(packs: Sequence[Pack], breach: Breach, language: str) -> tuple[Pack, str]:
    first = breach.term.pack
    ordered = sorted(packs, key=lambda pack: (pack.id != first, pack.id == "baseline", pack.id))
    for pack in ordered:
        if language in pack.documents.get(DOCUMENT, {}):
            return pack, pack.documents[DOCUMENT][language]
    raise DutyRefused(
        f"No pack has a notification in {language}.", "Use another language, or a pack of your own."
    )


def _known(connection: Connection, breach: Breach) -> list[str]:
    ids = breach.cameras or tuple(connection.execute(select(camera.c.id)).scalars())
    conditions = [segment.c.camera.in_(ids), segment.c.state == "stored"]
    if breach.since_us is not None:
        conditions.append(segment.c.end_us > breach.since_us)
    if breach.until_us is not None:
        conditions.append(segment.c.start_us < breach.until_us)
    by_side = dict.fromkeys(("sealed", "masked"), 0)
    for side, many in connection.execute(
        select(segment.c.side, func.count()).where(*conditions).group_by(segment.c.side)
    ):
        by_side[side] = int(many)
    people = counted(connection, ids)
    last = connection.execute(select(func.max(entry.c.index))).scalar()
    note = connection.execute(
        select(checkpoint.c.note).order_by(checkpoint.c.size.desc()).limit(1)
    ).scalar()
    lines = [
        "From the records of the system:",
        f"  known since        {to_text(breach.known_us)}",
        f"  to be told by      {to_text(breach.due_us)} ({breach.term.rule})",
        f"  cameras            {', '.join(ids) or _NONE}",
        f"  sealed originals   {by_side['sealed']} segments",
        f"  masked recordings  {by_side['masked']} segments",
        f"  face tracks        {people.tracks} at most in all sealed originals of these cameras",
        f"  not counted        {people.uncounted} segments",
        f"  ledger             {0 if last is None else last + 1} entries",
        *(f"  told               {one.whom}, {to_text(one.told_us)}" for one in breach.told),
    ]
    if note is not None:
        size, root = note.splitlines()[1:3]
        lines.append(f"  newest checkpoint  {size} entries, root {root}")
    return lines
