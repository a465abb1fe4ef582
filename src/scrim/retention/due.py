"""What is past its time and free to go.

Rules:

1. What a hold touches is not due, however old it is.
2. Age is all that counts: a camera that is disabled or removed, or a vehicle that hands in
   late what it recorded weeks ago, is looked at like any other.
3. A segment that its recorder may still be writing is left until that recorder has
   been silent for an hour.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from scrim.clock import SECOND
from scrim.norms.limits import Limits
from scrim.store.schema import camera as cameras
from scrim.store.schema import hold as holds
from scrim.store.schema import segment as segments

SILENT_US: Final = 3600 * SECOND
KEPT: Final = ("stored", "lost", "writing")
"""States of segments that are not erased, nor logged as going."""

_EVER: Final = 2**62


@dataclass(frozen=True, slots=True)
class Free:
    """A stretch under no hold: segments that lie within it wholly may go."""

    since_us: int
    until_us: int


def free_of_holds(connection: Connection, camera: str) -> list[Free]:
    """All of time but what is held of this camera."""
    rows = connection.execute(
        select(holds.c.since_us, holds.c.until_us)
        .where(holds.c.camera == camera, holds.c.lifted_us.is_(None))
        .order_by(holds.c.since_us)
    )
    found: list[Free] = []
    since_us = -_EVER
    for held_since, held_until in rows:
        if held_since > since_us:
            found.append(Free(since_us, held_since))
        since_us = max(since_us, held_until)
    return [*found, Free(since_us, _EVER)]


def due(
    connection: Connection, camera: str, side: str, limits: Limits, now_us: int, most: int
) -> Sequence[Any]:
    """Rows of segments whose time is over, the oldest first, ``most`` at most."""
    past = _past(connection, camera, side, limits, now_us)
    found: list[Any] = []
    for free in free_of_holds(connection, camera):
        if len(found) >= most or free.since_us > now_us:
            break
        query = (
            select(segments)
            .where(past, segments.c.start_us >= free.since_us, segments.c.end_us <= free.until_us)
            .order_by(segments.c.start_us, segments.c.segment)
            .limit(most - len(found))
        )
        if free.until_us < _EVER:
            query = query.where(segments.c.start_us < free.until_us)
        found += connection.execute(query).all()
    return found


def any_due(connection: Connection, camera: str, side: str, limits: Limits, now_us: int) -> bool:
    """Whether there is any, without a lock."""
    return bool(due(connection, camera, side, limits, now_us, 1))


def first_free(connection: Connection, camera: str, side: str) -> tuple[int, int] | None:
    """Beginning and end of the oldest segment that is there and under no hold."""
    for free in free_of_holds(connection, camera):
        row = connection.execute(
            select(segments.c.start_us, segments.c.end_us)
            .where(
                segments.c.camera == camera,
                segments.c.side == side,
                segments.c.state.in_(KEPT),
                segments.c.start_us >= free.since_us,
                segments.c.end_us <= free.until_us,
            )
            .order_by(segments.c.start_us, segments.c.segment)
            .limit(1)
        ).first()
        if row is not None:
            return int(row.start_us), int(row.end_us)
    return None


def all_cameras(connection: Connection) -> list[str]:
    """Every camera that was ever enrolled."""
    return list(connection.execute(select(cameras.c.id).order_by(cameras.c.id)).scalars())


def counted(
    connection: Connection, camera: str, side: str, limits: Limits, now_us: int
) -> tuple[int, int]:
    """How many segments are past their time and free to go, and how many are held."""
    past = _past(connection, camera, side, limits, now_us)
    total = connection.execute(select(func.count()).select_from(segments).where(past)).scalar_one()
    free = 0
    for stretch in _bounded(free_of_holds(connection, camera), now_us):
        query = (
            select(func.count())
            .select_from(segments)
            .where(
                past, segments.c.start_us >= stretch.since_us, segments.c.end_us <= stretch.until_us
            )
        )
        free += int(connection.execute(query).scalar_one())
    return free, int(total) - free


def _bounded(stretches: Sequence[Free], now_us: int) -> Iterator[Free]:
    return (stretch for stretch in stretches if stretch.since_us <= now_us)


def _past(
    connection: Connection, camera: str, side: str, limits: Limits, now_us: int
) -> ColumnElement[bool]:
    alive_us = connection.execute(select(cameras.c.alive_us).where(cameras.c.id == camera)).scalar()
    states = ["stored", "lost"]
    writing = segments.c.state == "writing"
    silent = alive_us is None or alive_us < now_us - SILENT_US
    return and_(
        segments.c.camera == camera,
        segments.c.side == side,
        segments.c.start_us <= now_us - limits.ceiling * SECOND,
        segments.c.end_us <= now_us - limits.floor * SECOND,
        or_(segments.c.state.in_(states), writing) if silent else segments.c.state.in_(states),
    )
