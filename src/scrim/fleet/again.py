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
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select

from scrim.canonical import Json
from scrim.changes.masks import configured
from scrim.errors import SettingsError
from scrim.ledger import Ledger
from scrim.norms.limits import Limits
from scrim.norms.pack import Side
from scrim.papers.applied import Applied
from scrim.papers.kept import Kept, kept
from scrim.papers.own import said_of_cameras
from scrim.papers.standing import applications
from scrim.store.custodians import EVERYBODY, group_of
from scrim.store.schema import machine_token, person_scope
from scrim.store.schema import retention_limit as table


@dataclass(frozen=True, slots=True)
class Before:
    """What was so of a camera that was removed.

    Attributes:
        kept: how its recordings are kept.
        own: the sides of which it was said for this camera itself.
    """

    kept: Kept
    own: tuple[Side, ...]


def before(connection: Connection, applied: Applied, camera: str) -> Before:
    """Of a camera that was removed, before its row is another's.

    Raises:
        PackInvalid, CalendarUnknown: a pack that is applied is not there or not right.
    """
    own = said_of_cameras(connection, camera).get(camera, {})
    return Before(kept(connection, applied, camera=camera)[camera], tuple(own))


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
    now = kept(connection, applied, camera=camera)[camera]
    if was.kept.left:
        if now.site != was.kept.site:
            why = f"it stood at the site {was.kept.site}, and this one is of {now.site}"
            raise _other(camera, why)
        differs = was.kept.differs(now)
        if differs:
            raise _other(camera, differs)
    for side in was.own:
        facts: dict[str, Json] = {"side": side.value, "because": ""}
        if now.limits is not None:
            facts |= _said(now.limits[side])
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
