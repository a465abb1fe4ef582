"""An id that is given to a camera again, after the one that had it was removed.

Rules:

1. What was said of the one before is not said of this one: neither how long it is kept, nor
   (:mod:`scrim.fleet.cameras`) its masks, site, purpose, place, owner and papers.
2. While anything that the one before recorded is left, the id is given only to a camera of
   the same site that is kept as long, side by side.  Else that would be kept for longer than
   was said, or erased before its floor, or shown to those of another site.
3. What only two people change stays with the id: the packs applied to it, and whose
   custodians hold its keys.  So does in whose scope it is, which is given by name.  It is told.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, delete, select

from scrim.canonical import Json
from scrim.changes.masks import configured
from scrim.errors import NormsConflict, SettingsError
from scrim.ledger import Ledger
from scrim.norms.limits import Limits
from scrim.norms.pack import Side
from scrim.papers.applied import Applied
from scrim.papers.own import said_of_cameras
from scrim.papers.standing import applications, standings
from scrim.store.custodians import EVERYBODY, group_of
from scrim.store.schema import machine_token, person_scope, segment
from scrim.store.schema import retention_limit as table

_LEFT: Final = ("writing", "stored")
_DAY_S: Final = 86_400


@dataclass(frozen=True, slots=True)
class Before:
    """What was so of a camera that was removed.

    Attributes:
        site: where it stood.
        limits: how long each side of it is kept; ``None`` where that cannot be met.
        own: the sides of which it was said for this camera itself.
        left: something that it recorded is still there.
    """

    site: str
    limits: Mapping[Side, Limits] | None
    own: tuple[Side, ...]
    left: bool


def before(connection: Connection, applied: Applied, camera: str) -> Before:
    """Of a camera that was removed, before its row is another's.

    Raises:
        PackInvalid, CalendarUnknown: a pack that is applied is not there or not right.
    """
    there = segment.c.camera == camera, segment.c.state.in_(_LEFT)
    left = connection.execute(select(segment.c.segment).where(*there).limit(1)).first()
    (standing,) = standings(connection, only=camera, with_removed=True, with_first=False)
    own = said_of_cameras(connection, camera).get(camera, {})
    return Before(standing.site, _limits(connection, applied, camera), tuple(own), left is not None)


def forget_limits(connection: Connection, camera: str) -> None:
    """Rule 1, before it is asked whether this one's limits can be met; the entry follows."""
    connection.execute(delete(table).where(table.c.camera == camera))


def begin_anew(
    connection: Connection, ledger: Ledger, applied: Applied, now_us: int, camera: str, was: Before
) -> None:
    """See to rule 2 once this one stands where it will, and write down rule 1.

    Args:
        connection: of the transaction that enrols it.
        ledger: where it is written down that its own limits are none any more.
        applied: the packs in force.
        now_us: of the entries.
        camera: the id.
        was: :func:`before`.

    Raises:
        SettingsError: rule 2; says what differs.
        LedgerUnavailable: it could not be written down, so the camera is not enrolled.
    """
    now = _limits(connection, applied, camera)
    (standing,) = standings(connection, only=camera, with_first=False)
    if was.left:
        if standing.site != was.site:
            why = f"it stood at the site {was.site}, and this one is of {standing.site}"
            raise _other(camera, why)
        for side in Side:
            differs = _differs(side, was.limits, now)
            if differs:
                raise _other(camera, differs)
    for side in was.own:
        facts: dict[str, Json] = {"side": side.value, "because": ""}
        if now is not None:
            facts |= _said(now[side])
        configured(connection, ledger, camera, now_us, "retention-default", facts)


def stays(connection: Connection, camera: str) -> tuple[str, ...]:
    """What holds for an id whoever has it, a line each for people."""
    lines = []
    packs = [one.pack for one in applications(connection) if one.camera == camera]
    if packs:
        lines.append(f"the packs applied to it: {', '.join(packs)} (`scrim norms applied`)")
    group = group_of(connection, camera)
    if group != EVERYBODY:
        lines.append(f"its keys go to the custodians of the group {group} (`scrim camera group`)")
    scope = person_scope.c
    people = select(scope.person).where(scope.kind == "camera", scope.name == camera)
    found = sorted(connection.execute(people).scalars())
    tokens = select(machine_token).where(machine_token.c.ended_us.is_(None))
    for row in connection.execute(tokens.order_by(machine_token.c.name)):
        if camera in json.loads(row.cameras):
            found.append(f"the program {row.name}")
    if found:
        lines.append(f"it is in the scope of {', '.join(found)} (`scrim person list`)")
    return tuple(lines)


def _limits(connection: Connection, applied: Applied, camera: str) -> Mapping[Side, Limits] | None:
    (one,) = standings(connection, only=camera, with_removed=True, with_first=False)
    packs = applied.of_cameras(connection, [one])[camera]
    own = said_of_cameras(connection, camera).get(camera)
    try:
        return applied.limits((norm.pack for norm in packs), one.situation, own)
    except NormsConflict:
        return None


def _differs(
    side: Side, was: Mapping[Side, Limits] | None, now: Mapping[Side, Limits] | None
) -> str:
    if was is None or now is None:
        return "limits of the one or of the other cannot be met together"
    old, new = was[side], now[side]
    if (old.ceiling, old.floor) == (new.ceiling, new.floor):
        return ""
    return (
        f"its {side.value} ones are kept for {_length(old)} by {old.ceiling_by}, and this one's "
        f"would be for {_length(new)} by {new.ceiling_by}"
    )


def _length(limits: Limits) -> str:
    floor = f"{limits.floor / _DAY_S:g} to " if limits.floor else ""
    return f"{floor}{limits.ceiling / _DAY_S:g} days"


def _said(limits: Limits) -> dict[str, Json]:
    return {
        "ceiling_s": limits.ceiling,
        "ceiling_by": limits.ceiling_by,
        "floor_s": limits.floor,
        "floor_by": limits.floor_by,
    }


def _other(camera: str, differs: str) -> SettingsError:
    return SettingsError(
        f"Recordings of a camera {camera} that was removed are still there: {differs}.",
        "Choose another id; this one is free when they are erased (`scrim retention plan`).",
    )
