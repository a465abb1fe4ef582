"""Gaps in the record, each a row and, when it begins and when it ends, a ledger entry.

The row's ``detail`` may hold what helps an operator (a host's answer); the entry has
the cause, the side and the times only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, TypeAlias

from sqlalchemy import Connection, Engine, insert, or_, select, update

from scrim.camera.packet import Gap
from scrim.ledger import Act
from scrim.record.entries import Entries
from scrim.store import schema
from scrim.store.database import writing

Side = Literal["sealed", "masked", "both"]
Span: TypeAlias = tuple[int, int]

_LONGEST_DETAIL = 500


class Gaps:
    """The gaps of any camera."""

    def __init__(self, engine: Engine, entries: Entries) -> None:
        self._engine = engine
        self._entries = entries

    def open(self, camera: str, epoch: int, side: Side, gap: Gap) -> int:
        """Pictures are missing from now on; returns the gap's row."""
        with writing(self._engine) as connection:
            return self.open_in(connection, camera, epoch, side, gap)

    def close(self, row: int, epoch: int, until_us: int) -> None:
        """Pictures are back; a gap that has its end keeps it."""
        with writing(self._engine) as connection:
            self.close_in(connection, row, epoch, until_us)

    def write(self, camera: str, epoch: int, side: Side, gap: Gap) -> None:
        """A gap whose end is known already."""
        with writing(self._engine) as connection:
            self.write_in(connection, camera, epoch, side, gap)

    def write_in(
        self, connection: Connection, camera: str, epoch: int, side: Side, gap: Gap
    ) -> None:
        """:meth:`write` inside a transaction."""
        row = self.open_in(connection, camera, epoch, side, gap)
        self.close_in(connection, row, epoch, gap.until_us or gap.since_us)

    def open_in(self, connection: Connection, camera: str, epoch: int, side: Side, gap: Gap) -> int:
        """:meth:`open` inside a transaction."""
        row = connection.execute(
            insert(schema.gap)
            .values(
                camera=camera,
                side=side,
                since_us=gap.since_us,
                until_us=None,
                cause=gap.cause.value,
                detail=gap.detail[:_LONGEST_DETAIL],
            )
            .returning(schema.gap.c.id)
        ).scalar_one()
        self._entries.append(
            connection,
            Act.GAP,
            gap.since_us,
            camera,
            epoch,
            {"cause": gap.cause.value, "side": side},
            since_us=gap.since_us,
        )
        return int(row)

    def close_in(self, connection: Connection, row: int, epoch: int, until_us: int) -> None:
        """:meth:`close` inside a transaction."""
        table = schema.gap
        gap = connection.execute(select(table).where(table.c.id == row)).one()
        if gap.until_us is not None:
            return
        until_us = max(until_us, gap.since_us)
        connection.execute(update(table).where(table.c.id == row).values(until_us=until_us))
        self._entries.append(
            connection,
            Act.GAP,
            until_us,
            gap.camera,
            epoch,
            {"cause": gap.cause, "side": gap.side},
            since_us=gap.since_us,
            until_us=until_us,
        )

    def close_all_in(self, connection: Connection, camera: str, epoch: int, until_us: int) -> None:
        """End every gap of the camera that is still open."""
        table = schema.gap
        rows = connection.execute(
            select(table.c.id).where(table.c.camera == camera).where(table.c.until_us.is_(None))
        ).scalars()
        for row in rows.all():
            self.close_in(connection, row, epoch, until_us)


def untold(
    connection: Connection, camera: str, side: Side, spans: Sequence[Span]
) -> Iterator[Span]:
    """What of ``spans`` no gap of that side or of both accounts for.

    Args:
        connection: to read the gaps over.
        camera: whose.
        side: and on which side.
        spans: UTC microseconds, in order of their beginning.
    """
    told = _told(connection, camera, side, spans[0][0]) if spans else []
    for start_us, end_us in spans:
        reached = start_us
        for since_us, until_us in told:
            if since_us >= end_us:
                break
            if since_us > reached:
                yield reached, since_us
            reached = end_us if until_us is None else max(reached, until_us)
        if reached < end_us:
            yield reached, end_us


def _told(
    connection: Connection, camera: str, side: Side, since_us: int
) -> list[tuple[int, int | None]]:
    """Gaps that end after ``since_us``, in order of their beginning."""
    table = schema.gap
    rows = connection.execute(
        select(table.c.since_us, table.c.until_us)
        .where(table.c.camera == camera)
        .where(table.c.side.in_((side, "both")))
        .where(or_(table.c.until_us.is_(None), table.c.until_us > since_us))
        .order_by(table.c.since_us)
    )
    return [(row.since_us, row.until_us) for row in rows]
