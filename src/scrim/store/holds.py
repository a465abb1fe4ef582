"""Holds: what must not be erased, however old it is.

Rules:

1. A hold is a camera and an interval; whatever overlaps it stays (invariant 7).
2. A hold is lifted, never deleted: that there was one stays on record.
3. Placing and lifting are in the ledger in the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update

from scrim.store.schema import hold as table


@dataclass(frozen=True, slots=True)
class Hold:
    """One camera's interval that stays.

    Attributes:
        since_us, until_us: half open, UTC microseconds.
        reason: a code.
        placed_by: as the ledger has it.
        case: the case that placed it, or ``None``.
        lifted_us: ``None`` while it holds.
    """

    camera: str
    since_us: int
    until_us: int
    reason: str
    placed_by: str
    case: str | None
    placed_us: int
    lifted_us: int | None = None


def place(
    connection: Connection,
    cameras: Iterable[str],
    since_us: int,
    until_us: int,
    *,
    reason: str,
    placed_by: str,
    now_us: int,
    case: str | None = None,
) -> None:
    """Hold an interval of each of these cameras."""
    connection.execute(
        insert(table),
        [
            {
                "camera": camera,
                "since_us": since_us,
                "until_us": until_us,
                "reason": reason,
                "placed_by": placed_by,
                "case": case,
                "placed_us": now_us,
            }
            for camera in cameras
        ],
    )


def lift(connection: Connection, case: str, now_us: int) -> int:
    """Lift the holds of a case; how many cameras they held."""
    done = connection.execute(
        update(table)
        .where(table.c.case == case, table.c.lifted_us.is_(None))
        .values(lifted_us=now_us)
    )
    return done.rowcount


def held(connection: Connection, camera: str, start_us: int, end_us: int) -> bool:
    """Whether anything of that camera between these times is held."""
    row = connection.execute(
        select(table.c.id)
        .where(
            table.c.camera == camera,
            table.c.since_us < end_us,
            table.c.until_us > start_us,
            table.c.lifted_us.is_(None),
        )
        .limit(1)
    ).first()
    return row is not None


def of_case(connection: Connection, case: str) -> list[Hold]:
    """The holds of a case, the lifted ones too, by camera."""
    query = select(table).where(table.c.case == case).order_by(table.c.camera, table.c.id)
    return [
        Hold(
            row.camera,
            row.since_us,
            row.until_us,
            row.reason,
            row.placed_by,
            row.case,
            row.placed_us,
            row.lifted_us,
        )
        for row in connection.execute(query)
    ]
