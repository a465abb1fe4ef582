"""What is recorded when: questions about cameras, masked segments and gaps.

Read only.  Nothing here can name a sealed object: every query asks for the masked
side, and only for segments that are stored.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Engine, Select, and_, case, func, or_, select

from scrim.errors import CameraUnknown, StoreError
from scrim.store import erased, schema
from scrim.store.database import reading

DEFAULT_SITE: Final = "default"
HOLE_US: Final = 500_000
"""Segments further apart than this have something missing between them."""


@dataclass(frozen=True, slots=True)
class CameraRow:
    """An enrolled camera, without its source, which may hold a password.

    Attributes:
        policy: what was said of it, see :mod:`scrim.policy`.
    """

    id: str
    name: str
    kind: str
    policy: Mapping[str, Any]
    site: str = DEFAULT_SITE
    purpose: str | None = None


@dataclass(frozen=True, slots=True)
class GapRow:
    """A stretch that is not recorded; ``until_us`` is ``None`` while it lasts."""

    since_us: int
    until_us: int | None
    cause: str
    detail: str
    side: str


@dataclass(frozen=True, slots=True)
class MaskedSegment:
    """A stored masked segment: a self-contained fragmented MP4.

    Attributes:
        size: bytes of the object; init_size: of them ``ftyp`` and ``moov``.
        origin_us: UTC time of media time 0.
        init: short hash of ``ftyp`` and ``moov``; "" in records from before there was one.
    """

    segment: int
    epoch: int
    start_us: int
    end_us: int
    key: str
    size: int
    init_size: int
    origin_us: int
    codec: str
    width: int
    height: int
    init: str = ""


class Recordings:
    """Answers about what is stored."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def cameras(self) -> list[CameraRow]:
        """Enrolled cameras, by name."""
        table = schema.camera
        query = (
            select(
                table.c.id,
                table.c.name,
                table.c.kind,
                table.c.policy,
                table.c.site,
                table.c.purpose,
            )
            .where(table.c.removed_us.is_(None))
            .order_by(table.c.name, table.c.id)
        )
        return [
            CameraRow(row.id, row.name, row.kind, json.loads(row.policy), row.site, row.purpose)
            for row in self._all(query)
        ]

    def site_of(self, camera: str) -> str:
        """The site of a camera, enrolled or removed; ``default`` of one that never was."""
        query = select(schema.camera.c.site).where(schema.camera.c.id == camera)
        found = self._all(query)
        return str(found[0].site) if found else DEFAULT_SITE

    def check_camera(self, camera: str) -> None:
        """See that the camera is or was enrolled.

        Raises:
            CameraUnknown: it never was.
        """
        if not self._all(select(schema.camera.c.id).where(schema.camera.c.id == camera)):
            raise CameraUnknown("There is no such camera.", "Choose one from the list of cameras.")

    def spans(self, camera: str, since_us: int, until_us: int) -> list[tuple[int, int]]:
        """Stretches of masked recording within the interval, cut off at its ends.

        Segments no more than :data:`HOLE_US` apart are one stretch.  They are merged
        by the database, so that a week costs a few rows.
        """
        table = schema.segment
        by_time = (table.c.start_us, table.c.segment)
        before = func.max(table.c.end_us).over(order_by=by_time, rows=(None, -1)).label("before")
        inside = (
            select(table.c.start_us, table.c.end_us, table.c.segment, before)
            .where(_stored(camera, since_us, until_us))
            .subquery()
        )
        starts = case((inside.c.start_us - inside.c.before <= HOLE_US, 0), else_=1)
        stretch = func.sum(starts).over(
            order_by=(inside.c.start_us, inside.c.segment), rows=(None, 0)
        )
        numbered = select(inside.c.start_us, inside.c.end_us, stretch.label("stretch")).subquery()
        query = (
            select(func.min(numbered.c.start_us), func.max(numbered.c.end_us))
            .group_by(numbered.c.stretch)
            .order_by(numbered.c.stretch)
        )
        return [
            (max(int(start), since_us), min(int(end), until_us)) for start, end in self._all(query)
        ]

    def gaps(self, camera: str, since_us: int, until_us: int) -> list[GapRow]:
        """Recorded gaps that touch the interval, in order of time."""
        table = schema.gap
        query = (
            select(table.c.since_us, table.c.until_us, table.c.cause, table.c.detail, table.c.side)
            .where(
                table.c.camera == camera,
                table.c.since_us < until_us,
                or_(table.c.until_us.is_(None), table.c.until_us > since_us),
            )
            .order_by(table.c.since_us, table.c.id)
        )
        return [GapRow(*row) for row in self._all(query)]

    def erased(self, camera: str, since_us: int, until_us: int) -> list[tuple[int, int]]:
        """Stretches whose masked recording was erased in time, cut off at the interval's ends."""
        with reading(self._engine) as connection:
            found = erased.over(connection, camera, "masked", since_us, until_us)
        return [(max(one.since_us, since_us), min(one.until_us, until_us)) for one in found]

    def masked(self, camera: str, since_us: int, until_us: int) -> list[MaskedSegment]:
        """Stored masked segments that overlap the interval, in order of time."""
        table = schema.segment
        query = (
            select(table)
            .where(_stored(camera, since_us, until_us))
            .order_by(table.c.start_us, table.c.segment)
        )
        return [_masked(row) for row in self._all(query)]

    def masked_segment(
        self, camera: str, segment: int, since_us: int, until_us: int
    ) -> MaskedSegment | None:
        """That segment, if it is stored and overlaps the interval."""
        table = schema.segment
        query = select(table).where(_stored(camera, since_us, until_us), table.c.segment == segment)
        rows = self._all(query)
        return _masked(rows[0]) if rows else None

    def _all(self, query: Select[Any]) -> list[Any]:
        with reading(self._engine) as connection:
            return list(connection.execute(query).all())


def _stored(camera: str, since_us: int, until_us: int) -> ColumnElement[bool]:
    table = schema.segment
    return and_(
        table.c.camera == camera,
        table.c.side == "masked",
        table.c.state == "stored",
        table.c.start_us < until_us,
        table.c.end_us > since_us,
    )


def _masked(row: Any) -> MaskedSegment:
    try:
        record = json.loads(row.record)
        return MaskedSegment(
            segment=row.segment,
            epoch=row.epoch,
            start_us=row.start_us,
            end_us=row.end_us,
            key=_masked_key(row.object_key),
            size=record["size"],
            init_size=record["init_size"],
            origin_us=record["origin_us"],
            codec=record["codec"],
            width=record["width"],
            height=record["height"],
            init=str(record.get("init", "")),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise StoreError(
            f"The record of masked segment {row.segment} of camera {row.camera} is damaged.",
            "Check the folder with `scrim verify`.",
        ) from error


def _masked_key(key: str) -> str:
    # a wrong row must not make the server hand out anything but a masked object
    if not key.startswith("masked/"):
        raise ValueError(f"{key} is no masked object")
    return key
