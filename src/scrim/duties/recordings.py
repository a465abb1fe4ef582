"""What is kept of each camera, counted by the database: a few statements for all cameras.

Rules:

1. A statement is of all cameras, however many there are; none is of one.
2. What is being erased is gone: the ledger says so already.
3. A segment that is not recorded to its end is not overdue, its floor is not reached.
4. What the next sweeps take is not overdue: of a camera that records there is always some
   that reached its ceiling since the last one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from sqlalchemy import and_, case, func, select
from sqlalchemy.sql.elements import ColumnElement

from scrim.clock import SECOND
from scrim.duties.ground import Ground
from scrim.norms.limits import Limits
from scrim.store.people_counted import Counted, counted_by_camera
from scrim.store.schema import hold
from scrim.store.schema import segment as segments

_THERE: Final = segments.c.state.in_(("writing", "stored", "lost"))

Key = tuple[str, str]
"""A camera's id and a side."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What is there of one side of a camera.

    Attributes:
        objects: how many.
        held: of them under a hold.
        oldest_us: when the oldest under no hold began; ``None``: there is none.
    """

    objects: int = 0
    held: int = 0
    oldest_us: int | None = None


class Kepts:
    """What is kept of every camera.

    Args:
        ground: where it is read.
        limits: of each camera and side, those left out whose packs contradict each other.
    """

    def __init__(self, ground: Ground, limits: Mapping[Key, Limits]) -> None:
        self._ground = ground
        self._limits = limits

    @cached_property
    def of(self) -> Mapping[Key, Kept]:
        """By camera and side; those left out of which nothing is there."""
        held = self._held_cameras
        found: dict[Key, Kept] = {}
        query = (
            select(segments.c.camera, segments.c.side, func.count(), func.min(segments.c.start_us))
            .where(_THERE)
            .group_by(segments.c.camera, segments.c.side)
        )
        for camera, side, count, oldest in self._ground.connection.execute(query):
            found[camera, side] = Kept(count, 0, oldest)
        if held:
            self._without_held(found)
        return found

    @cached_property
    def overdue(self) -> Mapping[Key, int]:
        """How many have been past their ceiling and under no hold for two sweeps."""
        found: dict[Key, int] = {}
        by_length: dict[tuple[str, int, int], list[str]] = defaultdict(list)
        for (camera, side), kept in self.of.items():
            limits = self._limits.get((camera, side))
            if limits is None or kept.oldest_us is None:
                continue
            if kept.oldest_us <= self._swept_us - limits.ceiling * SECOND:
                by_length[side, limits.ceiling, limits.floor].append(camera)
        for (side, ceiling, floor), ids in by_length.items():
            for camera, count in self._past(side, ceiling, floor, ids):
                found[camera, side] = count
        return found

    @property
    def _swept_us(self) -> int:
        return (
            self._ground.now_us - _SWEEPS * self._ground.settings.retention.sweep_seconds * SECOND
        )

    @cached_property
    def people(self) -> Mapping[str, Counted]:
        """Face tracks of each camera, and segments in which nobody could be counted."""
        return counted_by_camera(self._ground.connection)

    @cached_property
    def _held_cameras(self) -> frozenset[str]:
        query = select(hold.c.camera).where(hold.c.lifted_us.is_(None)).distinct()
        return frozenset(self._ground.connection.execute(query).scalars())

    def _without_held(self, found: dict[Key, Kept]) -> None:
        query = (
            select(
                segments.c.camera,
                segments.c.side,
                func.sum(case((_under_hold(), 1), else_=0)),
                func.min(case((_under_hold(), None), else_=segments.c.start_us)),
            )
            .where(
                _THERE,
                segments.c.camera.in_(select(hold.c.camera).where(hold.c.lifted_us.is_(None))),
            )
            .group_by(segments.c.camera, segments.c.side)
        )
        for camera, side, held, oldest in self._ground.connection.execute(query):
            found[camera, side] = Kept(found[camera, side].objects, held, oldest)

    def _past(self, side: str, ceiling: int, floor: int, ids: list[str]) -> list[tuple[str, int]]:
        then = self._swept_us
        found: list[tuple[str, int]] = []
        for start in range(0, len(ids), _MOST_PARAMETERS):
            query = (
                select(segments.c.camera, func.count())
                .where(
                    segments.c.camera.in_(ids[start : start + _MOST_PARAMETERS]),
                    segments.c.side == side,
                    segments.c.start_us <= then - ceiling * SECOND,
                    segments.c.end_us <= then - floor * SECOND,
                    segments.c.state.in_(("stored", "lost")),
                    ~_under_hold(then),
                )
                .group_by(segments.c.camera)
            )
            found += [(row[0], row[1]) for row in self._ground.connection.execute(query)]
        return found


_MOST_PARAMETERS: Final = 5000
_SWEEPS: Final = 2


def _under_hold(since_us: int | None = None) -> ColumnElement[bool]:
    """A hold is on it now, or was at any time since."""
    in_force: ColumnElement[bool] = hold.c.lifted_us.is_(None)
    if since_us is not None:
        in_force |= hold.c.lifted_us > since_us
    return (
        select(hold.c.id)
        .where(
            and_(
                hold.c.camera == segments.c.camera,
                in_force,
                hold.c.since_us < segments.c.end_us,
                hold.c.until_us > segments.c.start_us,
            )
        )
        .correlate(segments)
        .exists()
    )
