"""Rows and entries of live openings: each change and its entry in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Engine, func, insert, select, update

from scrim.canonical import Json
from scrim.ledger import Act, Entry, Ledger
from scrim.store.database import reading, writing
from scrim.store.live_papers import belongs_to_case
from scrim.store.schema import camera as cameras
from scrim.store.schema import live_opening, segment
from scrim.vault.live import LiveOpening

_SPENT: Final = ("window", "withdrawn")


@dataclass(frozen=True, slots=True)
class Row:
    """A live opening as it is written down.

    Attributes:
        case_commitment: of the case's id, the same in all entries of the case.
        seen_us: when it was last known to be in force.
    """

    id: int
    camera: str
    epoch: int
    request_sha256: str
    case_commitment: str
    opened_us: int
    until_us: int
    seen_us: int


class OpeningRows:
    """The table of live openings, for any of the recorder's cameras."""

    def __init__(self, engine: Engine, ledger: Ledger) -> None:
        self._engine = engine
        self._ledger = ledger

    def latest_us(self, camera: str) -> int:
        """The latest time at which the camera is known to have had one; 0 for never."""
        table = live_opening
        latest = func.max(func.coalesce(table.c.ended_us, table.c.seen_us))
        with reading(self._engine) as connection:
            found = connection.execute(select(latest).where(table.c.camera == camera)).scalar()
        return int(found or 0)

    def enrolled_us(self, camera: str) -> int:
        """Since when the camera of that id is this one, with this source; 0 of none."""
        table = cameras
        with reading(self._engine) as connection:
            found = connection.execute(select(table.c.added_us).where(table.c.id == camera))
            return int(found.scalar() or 0)

    def end_left_open(self, camera: str, now_us: int) -> None:
        """End what a recorder that died left open, at the latest moment it can have lasted to."""
        table, sealed = live_opening, segment
        with reading(self._engine) as connection:
            rows = [
                _row(found)
                for found in connection.execute(
                    select(table).where(table.c.camera == camera).where(table.c.ended_us.is_(None))
                )
            ]
            ends = [
                connection.execute(
                    select(func.max(sealed.c.end_us))
                    .where(sealed.c.camera == camera)
                    .where(sealed.c.side == "sealed")
                    .where(sealed.c.end_us <= row.until_us)
                ).scalar()
                for row in rows
            ]
        for row, end_us in zip(rows, ends, strict=True):
            self.end(row, max(now_us, row.seen_us, end_us or 0), "restart")

    def is_spent(self, camera: str, request_sha256: str) -> bool:
        """Whether an opening of that request has ended for good."""
        table = live_opening
        with reading(self._engine) as connection:
            row = connection.execute(
                select(table.c.id)
                .where(table.c.camera == camera)
                .where(table.c.request_sha256 == request_sha256)
                .where(table.c.ended_by.in_(_SPENT))
            ).first()
        return row is not None

    def begin(self, opening: LiveOpening, epoch: int, case_commitment: str) -> Row:
        """Row and entry ``live-opened``.

        Raises:
            LedgerUnavailable, StoreError: neither was written; nothing may be sealed
                to the officer.
        """
        values: dict[str, Any] = {
            "camera": opening.camera,
            "epoch": epoch,
            "request_sha256": opening.request_sha256,
            "case_commitment": case_commitment,
            "opened_us": opening.since_us,
            "until_us": opening.until_us,
            "seen_us": opening.since_us,
        }
        with writing(self._engine) as connection:
            number = connection.execute(
                insert(live_opening).values(**values).returning(live_opening.c.id)
            ).scalar_one()
            row = Row(id=int(number), **values)
            self._append(
                connection,
                Act.LIVE_OPENED,
                row,
                opening.since_us,
                opening.until_us,
                {"answers": list(opening.answers)},
            )
        return row

    def seen(self, row: Row, now_us: int) -> None:
        """Still in force; a recorder that starts anew knows that it was this late."""
        table = live_opening
        with writing(self._engine) as connection:
            connection.execute(update(table).where(table.c.id == row.id).values(seen_us=now_us))

    def end(self, row: Row, ended_us: int, why: str) -> None:
        """Row and entry ``live-ended``; at the end of its window at the latest.

        Args:
            row: the opening.
            ended_us: UTC microseconds.
            why: ``window``, ``withdrawn`` (never again under this request) or ``restart``.

        Raises:
            LedgerUnavailable, StoreError: to be tried again.
        """
        table = live_opening
        ended_us = max(row.opened_us, min(ended_us, row.until_us))
        with writing(self._engine) as connection:
            connection.execute(
                update(table)
                .where(table.c.id == row.id)
                .values(ended_us=ended_us, ended_by=why, seen_us=ended_us)
            )
            self._append(connection, Act.LIVE_ENDED, row, ended_us, ended_us, {"why": why})

    def _append(
        self,
        connection: Connection,
        act: Act,
        row: Row,
        at_us: int,
        until_us: int,
        facts: Mapping[str, Json],
    ) -> None:
        receipt = self._ledger.append_in(
            connection,
            Entry(
                act=act,
                at_us=at_us,
                who="recorder",
                authority="case",
                reason="live-opening",
                camera=row.camera,
                epoch=row.epoch,
                since_us=row.opened_us,
                until_us=until_us,
                facts={"case": row.case_commitment, "request": row.request_sha256, **facts},
            ),
        )
        belongs_to_case(connection, row.request_sha256, receipt.index)


def _row(found: Any) -> Row:
    return Row(
        found.id,
        found.camera,
        found.epoch,
        found.request_sha256,
        found.case_commitment,
        found.opened_us,
        found.until_us,
        found.seen_us,
    )
