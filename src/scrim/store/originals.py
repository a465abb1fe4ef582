"""Which sealed originals and key periods lie behind an interval of a camera.

The server's way to a sealed object; only :mod:`scrim.cases` asks, for a viewing
that is in the ledger.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, select

from scrim.errors import StoreError
from scrim.store.keys import parse
from scrim.store.schema import period as periods
from scrim.store.schema import segment as segments


@dataclass(frozen=True, slots=True)
class Original:
    """A sealed segment.

    Attributes:
        size, sha256: of the sealed object.
        lost: its row is there, and its object never came to be.
        live: SHA-256 of the requests whose live opening it is sealed for as well.
    """

    camera: str
    epoch: int
    period: int
    segment: int
    start_us: int
    end_us: int
    key: str
    size: int
    sha256: str
    lost: bool
    live: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StoredPeriod:
    """A key period and where its papers are; no manifest and no closing entry while it is open."""

    camera: str
    epoch: int
    period: int
    opened_us: int
    document_key: str
    document_sha256: str
    manifest_key: str | None
    opened_entry: int | None
    closed_entry: int | None

    @property
    def place(self) -> str:
        """``camera/epoch/period``."""
        return f"{self.camera}/{self.epoch}/{self.period}"


def originals(
    connection: Connection, camera: str, since_us: int, until_us: int, segment: int | None = None
) -> list[Original]:
    """Sealed segments that overlap the interval, in order of time; or that one of them.

    Raises:
        StoreError: a row is damaged.
    """
    query = select(segments).where(_sealed(camera, since_us, until_us))
    if segment is not None:
        query = query.where(segments.c.segment == segment)
    rows = connection.execute(query.order_by(segments.c.start_us, segments.c.segment))
    return [_original(row) for row in rows]


def periods_behind(
    connection: Connection, cameras: Sequence[str], since_us: int, until_us: int
) -> list[StoredPeriod]:
    """Every period that holds a sealed segment of the interval, by camera, epoch and period."""
    found: list[StoredPeriod] = []
    for camera in cameras:
        inside = (
            select(segments.c.epoch, segments.c.period)
            .where(_sealed(camera, since_us, until_us))
            .distinct()
            .subquery()
        )
        query = (
            select(periods)
            .join(
                inside,
                (periods.c.epoch == inside.c.epoch) & (periods.c.period == inside.c.period),
            )
            .where(periods.c.camera == camera)
            .order_by(periods.c.epoch, periods.c.period)
        )
        found += [_period(row) for row in connection.execute(query)]
    return found


def stored_period(
    connection: Connection, camera: str, epoch: int, period: int
) -> StoredPeriod | None:
    """That period, if there is one."""
    row = connection.execute(
        select(periods).where(
            periods.c.camera == camera, periods.c.epoch == epoch, periods.c.period == period
        )
    ).first()
    return None if row is None else _period(row)


def first_recorded(connection: Connection, camera: str) -> int | None:
    """When the earliest original that is still there begins."""
    return connection.execute(
        select(func.min(segments.c.start_us)).where(
            segments.c.camera == camera, segments.c.side == "sealed"
        )
    ).scalar()


def _sealed(camera: str, since_us: int, until_us: int) -> ColumnElement[bool]:
    return and_(
        segments.c.camera == camera,
        segments.c.side == "sealed",
        segments.c.start_us < until_us,
        segments.c.end_us > since_us,
    )


def _original(row: Any) -> Original:
    try:
        record = json.loads(row.record)
        name = parse(row.object_key)
        if name is None or (name.kind, name.camera) != ("sealed", row.camera):
            raise ValueError("no sealed object of this camera")
        return Original(
            row.camera,
            row.epoch,
            row.period,
            row.segment,
            row.start_us,
            row.end_us,
            row.object_key,
            record["size"],
            record["sha256"],
            row.state == "lost",
            tuple(map(str, record.get("live", ()))),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise StoreError(
            f"The record of sealed segment {row.segment} of camera {row.camera} is damaged.",
            "Check the folder with `scrim verify`.",
        ) from error


def _period(row: Any) -> StoredPeriod:
    return StoredPeriod(
        row.camera,
        row.epoch,
        row.period,
        row.opened_us,
        row.document_key,
        row.document_sha256,
        row.manifest_key,
        row.opened_entry,
        row.closed_entry,
    )
