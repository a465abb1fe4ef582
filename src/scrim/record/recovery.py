"""Finishing what a recorder that died left half done, before the camera starts again.

Looks at the camera's rows and objects and decides by what is there:

- a segment left ``writing``: its object is there with the right hash -> stored;
  else -> lost;
- a period document without a row: adopted (nothing can have been sealed to it);
- staging files of puts that never finished: removed;
- a period left open: closed with what it has, ``closed_by: recovery``;
- a gap left open by the dead recorder ends when that was last seen alive;
- what was sealed and not masked yet becomes a gap of the masked side (:mod:`.unmasked`);
- what was erased because its time was over counts as stored;
- the time since the last stored picture, or since such a gap ended, becomes a gap
  ``recorder-stopped``; the new recorder ends it with its first picture, or where its
  source says that it is the camera that is missing;
- so does what lies between the last stored picture and a gap told after it: a gap may be
  written before the segment that it ends is stored.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, func, select

from scrim.camera.packet import Gap, GapCause
from scrim.record.catalogue import Catalogue, PeriodId
from scrim.record.gaps import untold
from scrim.store import erased, schema
from scrim.store.database import reading
from scrim.store.objects import ObjectStore

_HIDDEN = "stopped before what had been recorded was stored"


@dataclass(frozen=True, slots=True)
class StopGap:
    """The gap since the last recorded picture, still open: its row and its start."""

    row: int
    since_us: int


@dataclass(frozen=True, slots=True)
class Recovered:
    """What was found.

    Attributes:
        stored, lost: segments left half-written, by what became of them.
        periods: periods closed now.
        gap: the open gap since the last stored picture; ``None`` for a camera
            that never recorded.
    """

    stored: int
    lost: int
    periods: int
    gap: StopGap | None


def recover(
    engine: Engine,
    catalogue: Catalogue,
    camera: str,
    now_us: int,
    report: Callable[[str], None] = lambda _: None,
) -> Recovered:
    """Bring a camera's rows and objects into agreement; safe to run again at any time.

    Raises:
        StoreError, LedgerUnavailable: the store or the ledger cannot be written; the
            camera does not start.
    """
    stored, lost = catalogue.settle(camera)
    periods = _close_periods(engine, catalogue, camera, now_us)
    gap = _open_stop_gap(engine, catalogue, camera, now_us)
    if stored or lost or periods:
        report(f"recovered: {stored} segments kept, {lost} lost, {periods} periods closed")
    return Recovered(stored, lost, periods, gap)


def _close_periods(engine: Engine, catalogue: Catalogue, camera: str, now_us: int) -> int:
    table, cameras = schema.period, schema.camera
    with reading(engine) as connection:
        epoch = connection.execute(
            select(cameras.c.epoch).where(cameras.c.id == camera)
        ).scalar_one()
    _remove_leftovers(catalogue.objects, f"period/{camera}/{epoch:06d}")
    # only the last epoch can hold such a document: every start comes through here
    for key, _ in catalogue.objects.list(f"period/{camera}/{epoch:06d}/"):
        if key.endswith(".open.json"):
            catalogue.adopt_document(key)
    with reading(engine) as connection:
        rows = connection.execute(
            select(table).where(table.c.camera == camera).where(table.c.closed_us.is_(None))
        ).all()
    for row in rows:
        period = PeriodId(row.camera, row.epoch, row.period)
        segments = schema.segment
        with reading(engine) as connection:
            ended = connection.execute(
                select(func.max(segments.c.end_us)).where(period.where(segments))
            ).scalar()
        closed_us = min(now_us, max(ended or 0, row.opened_us))
        for side in ("sealed", "masked"):
            folder = f"{side}/{camera}/{row.epoch:06d}/{row.period:06d}"
            _remove_leftovers(catalogue.objects, folder)
        catalogue.close_period(period, closed_us, "recovery")
    return len(rows)


def _remove_leftovers(objects: ObjectStore, folder: str) -> None:
    """Staging files of puts that never finished; no object of theirs ever existed."""
    for name in list(objects.leftovers(folder)):
        objects.remove_leftover(name)


def _open_stop_gap(
    engine: Engine, catalogue: Catalogue, camera: str, now_us: int
) -> StopGap | None:
    gaps, cameras = schema.gap, schema.camera
    with reading(engine) as connection:
        row = connection.execute(select(cameras).where(cameras.c.id == camera)).one()
        left_open = connection.execute(
            select(gaps).where(gaps.c.camera == camera).where(gaps.c.until_us.is_(None))
        ).all()
        last_us = _last_end_us(connection, camera)
        erased_us = erased.until(connection, camera, "sealed") or 0
    goes_on: StopGap | None = None
    stored_us = max(last_us, erased_us)
    for gap in left_open:
        if gap.cause == GapCause.RECORDER_STOPPED and gap.side == "both" and goes_on is None:
            # it died again before its first picture: the same gap goes on
            goes_on = StopGap(gap.id, gap.since_us)
        else:  # it lasted at least as long as the recorder was seen alive
            catalogue.gaps.close(gap.id, row.epoch, max(gap.since_us, stored_us, row.alive_us or 0))
    if goes_on is not None:
        return goes_on
    catalogue.unmasked.say(camera, row.epoch)
    with reading(engine) as connection:
        told_us = connection.execute(
            select(func.max(gaps.c.until_us))
            .where(gaps.c.camera == camera)
            .where(gaps.c.side == "both")
        ).scalar()
        since_us = min(max(stored_us, told_us or 0), now_us)
        between = [(stored_us, since_us)] if stored_us else []
        lost = list(untold(connection, camera, "sealed", between))
    if since_us == 0:
        return None  # it never recorded, and never said why not
    for from_us, to_us in lost:
        if to_us - from_us >= erased.HOLE_US:
            hidden = Gap(from_us, to_us, GapCause.RECORDER_STOPPED, _HIDDEN)
            catalogue.gaps.write(camera, row.epoch, "both", hidden)
    stop = Gap(since_us, None, GapCause.RECORDER_STOPPED)
    return StopGap(catalogue.gaps.open(camera, row.epoch, "both", stop), since_us)


def _last_end_us(connection: Connection, camera: str) -> int:
    """Where the newest stored sealed segment ends; 0 for none."""
    table = schema.segment
    found = connection.execute(
        select(table.c.end_us)
        .where(table.c.camera == camera)
        .where(table.c.state == "stored")
        .where(table.c.side == "sealed")
        .order_by(table.c.segment.desc())
        .limit(1)
    ).scalar()
    return int(found or 0)
