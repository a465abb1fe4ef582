"""Stretches of a camera's recording that were erased because their time was over.

So that a timeline says "erased" and not "gap", a request for such a time gets a true
answer, and a recorder that starts after weeks still knows until when it had recorded.

Rules:

- A stretch is written down in the transaction that logs the erasing.
- Stretches that touch are one: a camera that records without a break has one row a side,
  however long ago it began.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, delete, func, insert, select

from scrim.store.schema import erased as table

HOLE_US: Final = 500_000
"""As in :mod:`scrim.store.timeline`: what is further apart has something between."""


@dataclass(frozen=True, slots=True)
class Erased:
    """A stretch, half open, UTC microseconds."""

    since_us: int
    until_us: int


def add(connection: Connection, camera: str, side: str, spans: Iterable[tuple[int, int]]) -> None:
    """Write down stretches, joined with those that they touch."""
    for since_us, until_us in joined(spans):
        near = connection.execute(
            select(table.c.since_us, table.c.until_us).where(
                table.c.camera == camera,
                table.c.side == side,
                table.c.since_us <= until_us + HOLE_US,
                table.c.until_us >= since_us - HOLE_US,
            )
        ).all()
        if near:
            connection.execute(
                delete(table).where(
                    table.c.camera == camera,
                    table.c.side == side,
                    table.c.since_us.in_([row.since_us for row in near]),
                )
            )
        connection.execute(
            insert(table).values(
                camera=camera,
                side=side,
                since_us=min([since_us, *(row.since_us for row in near)]),
                until_us=max([until_us, *(row.until_us for row in near)]),
            )
        )


def over(
    connection: Connection, camera: str, side: str, since_us: int, until_us: int
) -> list[Erased]:
    """The stretches that overlap an interval, in order of time."""
    rows = connection.execute(
        select(table.c.since_us, table.c.until_us)
        .where(
            table.c.camera == camera,
            table.c.side == side,
            table.c.since_us < until_us,
            table.c.until_us > since_us,
        )
        .order_by(table.c.since_us)
    )
    return [Erased(*row) for row in rows]


def until(connection: Connection, camera: str, side: str) -> int | None:
    """When the newest erased stretch of that side ended."""
    return connection.execute(
        select(func.max(table.c.until_us)).where(table.c.camera == camera, table.c.side == side)
    ).scalar()


def joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Stretches no more than :data:`HOLE_US` apart as one, in order of time."""
    found: list[tuple[int, int]] = []
    for since_us, until_us in sorted(spans):
        if found and since_us - found[-1][1] <= HOLE_US:
            found[-1] = (found[-1][0], max(found[-1][1], until_us))
        else:
            found.append((since_us, until_us))
    return found
