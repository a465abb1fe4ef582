"""What goes when, and which rule says so; nothing is changed by asking."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, func, select

from scrim.clock import SECOND
from scrim.errors import NormsError
from scrim.norms.limits import Limits
from scrim.retention.due import KEPT, all_cameras, counted, first_free
from scrim.retention.limits import SIDES, CameraLimits, Retention, SideName, due_us
from scrim.store.database import reading
from scrim.store.schema import retention_state as state
from scrim.store.schema import segment as segments


@dataclass(frozen=True, slots=True)
class SidePlan:
    """One side of one camera.

    Attributes:
        limits: in force.
        kept: segments that are there.
        oldest_us: when the oldest of them begins; ``None`` where there is none.
        over: of them past their time and free to go.
        held: of them past their time and held.
        soon: of them past their time within the days asked for, without ``over`` and ``held``.
        next_us: when the first that is not held is past its time; ``None`` where there is none.
    """

    side: SideName
    limits: Limits
    kept: int
    oldest_us: int | None
    over: int
    held: int
    soon: int
    next_us: int | None


@dataclass(frozen=True, slots=True)
class CameraPlan:
    """Both sides of one camera, or why its limits cannot be met."""

    camera: str
    sides: tuple[SidePlan, ...]
    reasons: dict[str, str]
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class LastSweep:
    """What the last whole sweep did; times in UTC microseconds, ``None`` where unknown.

    Attributes:
        interval_us: from the one before to it, as measured.
        late_us: how long past its time what it erased last had waited.
        trouble: why it was not whole, or why there was none since.
    """

    swept_us: int | None
    interval_us: int | None
    late_us: int | None
    objects: int | None
    trouble: str


def plan(
    engine: Engine, retention: Retention, now_us: int, days: int = 1, camera: str | None = None
) -> list[CameraPlan]:
    """What goes when, of one camera or of all that there ever were.

    Args:
        engine: the database.
        retention: limits in force.
        now_us: the time to plan from.
        days: how far to look ahead.
        camera: only this one.
    """
    found = []
    with reading(engine) as connection:
        for name in all_cameras(connection) if camera is None else [camera]:
            try:
                limits = retention.of(connection, name)
            except NormsError as error:
                found.append(CameraPlan(name, (), {}, str(error)))
                continue
            sides = tuple(
                _side(connection, limits, side, now_us, now_us + days * 86_400 * SECOND)
                for side in SIDES
            )
            reasons = {side: own.reason for side, own in limits.own.items()}
            found.append(CameraPlan(name, sides, reasons))
    return found


def last_sweep(engine: Engine) -> LastSweep:
    """What is known of the last sweep."""
    with reading(engine) as connection:
        row = connection.execute(select(state)).first()
    if row is None:
        return LastSweep(None, None, None, None, "")
    return LastSweep(row.swept_us, row.interval_us, row.late_us, row.objects, row.trouble or "")


def _side(
    connection: Connection, limits: CameraLimits, side: SideName, now_us: int, soon_us: int
) -> SidePlan:
    of = limits.of(side)
    row: Any = connection.execute(
        select(func.count(), func.min(segments.c.start_us)).where(
            segments.c.camera == limits.camera,
            segments.c.side == side,
            segments.c.state.in_(KEPT),
        )
    ).one()
    over, held = counted(connection, limits.camera, side, of, now_us)
    then, _ = counted(connection, limits.camera, side, of, soon_us)
    first = first_free(connection, limits.camera, side)
    return SidePlan(
        side,
        of,
        int(row[0]),
        row[1],
        over,
        held,
        then - over,
        None if first is None else due_us(of, *first),
    )
