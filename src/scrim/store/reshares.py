"""Where the re-sharings of periods lie, with which further custodians can open them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, select, tuple_

from scrim.store.originals import StoredPeriod
from scrim.store.schema import reshare as table


@dataclass(frozen=True, slots=True)
class StoredReshare:
    """Where a re-sharing of a period lies.

    Attributes:
        custodians_sha256: of the new set's canonical JSON.
        sha256: of the object.
        entry: where it stands in the ledger.
    """

    camera: str
    epoch: int
    period: int
    custodians_sha256: str
    object_key: str
    sha256: str
    entry: int


def reshares_of(connection: Connection, period: StoredPeriod) -> tuple[StoredReshare, ...]:
    """The re-sharings of a period, in the order of their hashes."""
    rows = connection.execute(
        select(table)
        .where(
            table.c.camera == period.camera,
            table.c.epoch == period.epoch,
            table.c.period == period.period,
        )
        .order_by(table.c.sha256)
    )
    return tuple(map(_row, rows))


def reshares_of_all(
    connection: Connection, camera: str, periods: Iterable[tuple[int, int]]
) -> tuple[StoredReshare, ...]:
    """The re-sharings of several periods of a camera, each an epoch and a number."""
    rows = connection.execute(
        select(table)
        .where(_of(camera, periods))
        .order_by(table.c.epoch, table.c.period, table.c.sha256)
    )
    return tuple(map(_row, rows))


def forget(connection: Connection, camera: str, periods: Iterable[tuple[int, int]]) -> None:
    """Remove the rows of the re-sharings of several periods, whose objects are gone."""
    connection.execute(delete(table).where(_of(camera, periods)))


def _of(camera: str, periods: Iterable[tuple[int, int]]) -> ColumnElement[bool]:
    return and_(table.c.camera == camera, tuple_(table.c.epoch, table.c.period).in_(list(periods)))


def _row(row: Any) -> StoredReshare:
    return StoredReshare(
        row.camera,
        row.epoch,
        row.period,
        row.custodians_sha256,
        row.object_key,
        row.sha256,
        row.entry,
    )
