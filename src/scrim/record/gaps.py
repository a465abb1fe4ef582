"""Gaps in the record, each a row and, when it begins and when it ends, a ledger entry.

The row's ``detail`` may hold what helps an operator (a host's answer); the entry has
the cause, the side and the times only.
"""

from __future__ import annotations

from typing import Literal

from sqlalchemy import Engine, insert, select, update

from scrim.camera.packet import Gap
from scrim.ledger import Act
from scrim.record.entries import Entries
from scrim.store import schema
from scrim.store.database import writing

Side = Literal["sealed", "masked", "both"]

_LONGEST_DETAIL = 500


class Gaps:
    """The gaps of any camera."""

    def __init__(self, engine: Engine, entries: Entries) -> None:
        self._engine = engine
        self._entries = entries

    def open(self, camera: str, epoch: int, side: Side, gap: Gap) -> int:
        """Pictures are missing from now on; returns the gap's row."""
        with writing(self._engine) as connection:
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

    def close(self, row: int, epoch: int, until_us: int) -> None:
        """Pictures are back; a gap that has its end keeps it."""
        table = schema.gap
        with writing(self._engine) as connection:
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

    def write(self, camera: str, epoch: int, side: Side, gap: Gap) -> None:
        """A gap whose end is known already."""
        row = self.open(camera, epoch, side, gap)
        if gap.until_us is not None:
            self.close(row, epoch, gap.until_us)
