"""Where each camera stands, for what, and which packs are applied to it: as the rows say."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from scrim.norms.limits import Situation
from scrim.papers.places import UNSAID
from scrim.store.schema import camera as cameras
from scrim.store.schema import pack_applied as table
from scrim.store.schema import period, site


@dataclass(frozen=True, slots=True)
class Standing:
    """What of a camera decides whether it may record.

    Attributes:
        camera, site: their ids.
        place: the kind of place that it looks at.
        site_place: the kind of place that its site is.
        purpose: its purpose's word; empty where none is said.
        country: of its site.
        labels: its own and its site's.
        first_us: when it first recorded; ``None``: never.
        sound: its sound was asked for, see :mod:`scrim.papers.sound`.
    """

    camera: str
    site: str
    place: str
    site_place: str
    purpose: str = ""
    country: str = ""
    labels: frozenset[str] = frozenset()
    first_us: int | None = None
    sound: bool = False

    @property
    def situation(self) -> Situation:
        return Situation(self.purpose, self.country, self.labels)


@dataclass(frozen=True, slots=True)
class Application:
    """One pack, and to what it is applied; both ``None``: to the deployment."""

    pack: str
    site: str | None
    camera: str | None
    since_us: int

    def covers(self, camera: str, site: str) -> bool:
        """Whether that camera is under it."""
        if self.camera is not None:
            return self.camera == camera
        return self.site is None or self.site == site

    def text(self) -> str:
        """To what it is applied, for people."""
        if self.camera is not None:
            return f"camera {self.camera}"
        return "everything" if self.site is None else f"site {self.site}"


def applications(connection: Connection) -> tuple[Application, ...]:
    """What is applied now, by pack."""
    rows = connection.execute(
        select(table).where(table.c.until_us.is_(None)).order_by(table.c.pack, table.c.id)
    )
    return tuple(Application(row.pack, row.site, row.camera, row.since_us) for row in rows)


def standings(
    connection: Connection,
    *,
    only: str | None = None,
    with_removed: bool = False,
    with_first: bool = True,
) -> tuple[Standing, ...]:
    """Where each camera stands, and for what, by id.

    Args:
        connection: of any transaction.
        only: this camera alone.
        with_removed: those too that were taken away, whose recordings are still there.
        with_first: when each first recorded too, for which every period is looked at.
    """
    sites = {row.id: row for row in connection.execute(select(site))}
    earliest = select(period.c.camera, func.min(period.c.opened_us)).group_by(period.c.camera)
    if only is not None:
        earliest = earliest.where(period.c.camera == only)
    first = {row[0]: row[1] for row in connection.execute(earliest)} if with_first else {}
    query = select(cameras).order_by(cameras.c.id)
    if only is not None:
        query = query.where(cameras.c.id == only)
    if not with_removed:
        query = query.where(cameras.c.removed_us.is_(None))
    found = []
    for row in connection.execute(query):
        where = sites.get(row.site)
        site_place = UNSAID if where is None else where.place
        labels = json.loads(row.labels) + ([] if where is None else json.loads(where.labels))
        found.append(
            Standing(
                camera=row.id,
                site=row.site,
                place=row.place or site_place,
                site_place=site_place,
                purpose=row.purpose or "",
                country="" if where is None else where.country,
                labels=frozenset(labels),
                first_us=first.get(row.id),
                sound=json.loads(row.options).get("sound") is True,
            )
        )
    return tuple(found)
