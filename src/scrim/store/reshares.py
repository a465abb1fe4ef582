"""Where the re-sharings of periods lie, with which further custodians can open them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

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
