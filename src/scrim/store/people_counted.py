"""How many people may be in sealed originals, metered without knowing any of them.

Rules:

1. A track is a shape that was covered from look to look inside one camera; its number dies
   with the scene.  Of each masked segment the recorder says how many began in it, by the hour.
2. The sum is an upper bound of the people: somebody who comes back, or is lost for a while,
   is counted again, and nobody is ever recognised so as not to be.
3. What could not be looked at is not 0: segments that were masked whole, if only for a moment,
   count apart, and so is told what the bound does not know.
4. Hours count as long as a sealed original of them is stored.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, Connection, exists, func, select, update
from sqlalchemy import insert as inserting

from scrim.clock import SECOND
from scrim.store.schema import face_count as table
from scrim.store.schema import segment

HOUR_US: Final = 3600 * SECOND


@dataclass(frozen=True, slots=True)
class Counted:
    """An upper bound, and how much of the time it does not know.

    Attributes:
        tracks: face tracks in stored originals.
        uncounted: segments in which nobody could be counted.
    """

    tracks: int
    uncounted: int


def add(connection: Connection, camera: str, start_us: int, tracks: int, *, blind: bool) -> None:
    """One more segment; ``blind``: some of it was masked whole, so that more may be in it."""
    hour_us = start_us - start_us % HOUR_US
    done = connection.execute(
        update(table)
        .where(table.c.camera == camera, table.c.hour_us == hour_us)
        .values(tracks=table.c.tracks + tracks, uncounted=table.c.uncounted + int(blind))
    )
    if not done.rowcount:
        values = {"tracks": tracks, "uncounted": int(blind)}
        connection.execute(inserting(table).values(camera=camera, hour_us=hour_us, **values))


def counted(connection: Connection, cameras: Collection[str] | None = None) -> Counted:
    """Over all stored originals, or those of some cameras."""
    query = select(func.sum(table.c.tracks), func.sum(table.c.uncounted)).where(_stored())
    if cameras is not None:
        query = query.where(table.c.camera.in_(sorted(cameras)))
    tracks, uncounted = connection.execute(query).one()
    return Counted(int(tracks or 0), int(uncounted or 0))


def counted_by_camera(connection: Connection) -> dict[str, Counted]:
    """The same for each camera, those left out of which nothing is stored."""
    sums = select(table.c.camera, func.sum(table.c.tracks), func.sum(table.c.uncounted))
    rows = connection.execute(sums.where(_stored()).group_by(table.c.camera))
    return {camera: Counted(int(tracks), int(uncounted)) for camera, tracks, uncounted in rows}


def _stored() -> ColumnElement[bool]:
    """An original of that hour is stored."""
    return exists().where(
        segment.c.camera == table.c.camera,
        segment.c.side == "sealed",
        segment.c.start_us < table.c.hour_us + HOUR_US,
        segment.c.end_us > table.c.hour_us,
        segment.c.state.in_(("stored", "writing")),
    )
