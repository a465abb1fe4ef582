"""How the recordings of each camera are kept, to hold a change against what was before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, exists, select

from scrim.errors import NormsConflict
from scrim.norms.limits import Limits
from scrim.norms.pack import Side
from scrim.papers.applied import Applied
from scrim.papers.own import said_of_cameras
from scrim.papers.standing import standings
from scrim.store.schema import camera as cameras
from scrim.store.schema import segment

_LEFT: Final = ("writing", "stored")
_DAY_S: Final = 86_400


@dataclass(frozen=True, slots=True)
class Kept:
    """How the recordings of a camera, enrolled or removed, are kept now.

    Attributes:
        site: where it stands.
        packs: ids of those that it is under.
        limits: of each side; ``None`` where they cannot be met together.
        left: something that it recorded is still there.
    """

    site: str
    packs: frozenset[str]
    limits: Mapping[Side, Limits] | None
    left: bool

    def differs(self, other: Kept) -> str:
        """In what length another keeps something otherwise, for people; empty: in none."""
        if self.limits is None or other.limits is None:
            return "limits of the one or of the other cannot be met together"
        for side in Side:
            old, new = self.limits[side], other.limits[side]
            if (old.ceiling, old.floor) != (new.ceiling, new.floor):
                return (
                    f"its {side.value} ones are kept for {_length(old)} by {old.ceiling_by}, and "
                    f"would be for {_length(new)} by {new.ceiling_by}"
                )
        return ""


def kept(
    connection: Connection, applied: Applied, *, camera: str | None = None, site: str | None = None
) -> dict[str, Kept]:
    """Of one camera or those of a site, the removed ones too, by id.

    Raises:
        PackInvalid, CalendarUnknown: a pack that is applied is not there or not right.
    """
    found = standings(connection, only=camera, with_removed=True, with_first=False)
    found = tuple(one for one in found if site in (None, one.site))
    packs = applied.of_cameras(connection, found)
    own = said_of_cameras(connection, camera)
    there = exists().where(segment.c.camera == cameras.c.id, segment.c.state.in_(_LEFT))
    query = select(cameras.c.id).where(there)
    if camera is not None:
        query = query.where(cameras.c.id == camera)
    left = set(connection.execute(query).scalars())
    made = {}
    for one in found:
        norms = tuple(norm.pack for norm in packs[one.camera])
        limits: Mapping[Side, Limits] | None
        try:
            limits = applied.limits(norms, one.situation, own.get(one.camera))
        except NormsConflict:
            limits = None
        ids = frozenset(pack.id for pack in norms)
        made[one.camera] = Kept(one.site, ids, limits, one.camera in left)
    return made


def _length(limits: Limits) -> str:
    floor = f"{limits.floor / _DAY_S:g} to " if limits.floor else ""
    return f"{floor}{limits.ceiling / _DAY_S:g} days"
