"""The second half of an erasure: what the ledger says is gone goes.

Rules:

1. Only what is marked goes, and whatever is marked goes: a crash at any point is gone on
   with by calling this again.
2. Objects first, then rows.  Rows of a closed period are removed, since its manifest has
   the records and the ledger the proof; those of an open one stay as ``erased`` until
   the recorder has closed it.
3. A period document is replaced by a tombstone: that is put before the document is removed.
   Its re-sharings go before it, also one whose storing was cut off before its entry.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from sqlalchemy import Engine, and_, delete, exists, select, update

from scrim.canonical import digest
from scrim.errors import ObjectExists, ObjectMissing, SealBroken
from scrim.store import keys, reshares
from scrim.store.custodians import KnownVerifiers
from scrim.store.database import reading, writing
from scrim.store.objects import ObjectStore
from scrim.store.schema import PARTS_LEFT, REST_LEFT, SEGMENT_ERASED
from scrim.store.schema import period as periods
from scrim.store.schema import segment as segments
from scrim.vault.document import PeriodDocument
from scrim.vault.tombstone import Tombstone

BATCH: Final = 1000
_LEFT: Final = {"parts_state": PARTS_LEFT, "rest_state": REST_LEFT}


def clear(
    engine: Engine,
    objects: ObjectStore,
    camera: str,
    pause: Callable[[], None] = lambda: None,
) -> int:
    """Erase everything of a camera that is marked; how many segments went.

    Args:
        engine: the database.
        objects: where they are.
        camera: whose.
        pause: called after each transaction, so that others get their turn.

    Raises:
        StoreError: an object or the database cannot be written; what is left is done
            at the next call.
    """
    gone = 0
    while rows := _marked(engine, camera):
        objects.remove_all([row.object_key for row in rows])
        _settle(engine, camera, rows)
        gone += len(rows)
        pause()
    _compact(engine, camera)
    while rows := _periods(engine, camera, "parts_state"):
        objects.remove_all(_handed_on(engine, rows))
        for row in rows:
            _bury(objects, row)
        _done(engine, rows, "parts_state")
        pause()
    while rows := _periods(engine, camera, "rest_state"):
        objects.remove_all([keys.manifest_key(row.camera, row.epoch, row.period) for row in rows])
        for row in rows:
            for side in ("sealed", "masked"):
                objects.remove_folder(f"{side}/{row.camera}/{row.epoch:06d}/{row.period:06d}")
        _done(engine, rows, "rest_state")
        pause()
    return gone


def half_done(engine: Engine) -> list[str]:
    """Cameras of which something is marked and not gone yet."""
    with reading(engine) as connection:
        found = set(
            connection.execute(select(segments.c.camera).where(SEGMENT_ERASED).distinct()).scalars()
        )
        for column, left in _LEFT.items():
            found |= set(
                connection.execute(
                    select(periods.c.camera).where(left, periods.c[column] == "erasing").distinct()
                ).scalars()
            )
    return sorted(found)


def _marked(engine: Engine, camera: str) -> Sequence[Any]:
    with reading(engine) as connection:
        return connection.execute(
            select(segments.c.segment, segments.c.side, segments.c.object_key)
            .where(SEGMENT_ERASED, segments.c.camera == camera, segments.c.state == "erasing")
            .limit(BATCH)
        ).all()


def _settle(engine: Engine, camera: str, rows: Sequence[Any]) -> None:
    with writing(engine) as connection:
        for side in ("sealed", "masked"):
            numbers = [row.segment for row in rows if row.side == side]
            if not numbers:
                continue
            these = and_(
                segments.c.camera == camera,
                segments.c.side == side,
                segments.c.segment.in_(numbers),
                segments.c.state == "erasing",
            )
            connection.execute(delete(segments).where(these, _closed()))
            connection.execute(update(segments).where(these).values(state="erased"))


def _compact(engine: Engine, camera: str) -> None:
    """Remove what an open period kept, now that it is closed."""
    these = and_(SEGMENT_ERASED, segments.c.camera == camera, segments.c.state == "erased")
    with reading(engine) as connection:
        found = connection.execute(select(segments.c.segment).where(these, _closed()).limit(1))
        if found.first() is None:
            return
    with writing(engine) as connection:
        connection.execute(delete(segments).where(these, _closed()))


def _closed() -> Any:
    return exists(
        select(periods.c.period)
        .where(
            periods.c.camera == segments.c.camera,
            periods.c.epoch == segments.c.epoch,
            periods.c.period == segments.c.period,
            periods.c.closed_us.is_not(None),
        )
        .correlate(segments)
    )


def _periods(engine: Engine, camera: str, column: str) -> Sequence[Any]:
    with reading(engine) as connection:
        return connection.execute(
            select(periods)
            .where(_LEFT[column], periods.c.camera == camera, periods.c[column] == "erasing")
            .limit(BATCH)
        ).all()


def _done(engine: Engine, rows: Sequence[Any], column: str) -> None:
    with writing(engine) as connection:
        for row in rows:
            connection.execute(
                update(periods)
                .where(
                    periods.c.camera == row.camera,
                    periods.c.epoch == row.epoch,
                    periods.c.period == row.period,
                )
                .values({column: "erased"})
            )
        if column == "parts_state":
            for camera in {row.camera for row in rows}:
                places = [(row.epoch, row.period) for row in rows if row.camera == camera]
                reshares.forget(connection, camera, places)


def _handed_on(engine: Engine, rows: Sequence[Any]) -> list[str]:
    """Wherever a re-sharing of these periods may lie: with a row, or of any set there ever was."""
    with reading(engine) as connection:
        sets = {digest(one.document()) for one in KnownVerifiers(connection).sets}
        found = {
            one.object_key
            for camera in {row.camera for row in rows}
            for one in reshares.reshares_of_all(
                connection,
                camera,
                [(row.epoch, row.period) for row in rows if row.camera == camera],
            )
        }
    possible = {
        keys.reshare_key(row.camera, row.epoch, row.period, one) for row in rows for one in sets
    }
    return sorted(found | possible)


def _bury(objects: ObjectStore, row: Any) -> None:
    key = keys.tombstone_key(row.camera, row.epoch, row.period)
    document = keys.document_key(row.camera, row.epoch, row.period)
    if not _buried(objects, key):
        stone = Tombstone(
            row.camera,
            row.epoch,
            row.period,
            row.opened_us,
            row.recipient,
            row.document_sha256,
            _custodians(objects, document, row.document_sha256),
            row.parts_entry,
        )
        try:
            objects.put(key, stone.to_bytes())
        except ObjectExists:  # torn by a power cut: it says nothing that the row does not
            objects.remove(key)
            objects.put(key, stone.to_bytes())
    objects.remove_all([document])


def _buried(objects: ObjectStore, key: str) -> bool:
    try:
        Tombstone.parse(objects.get(key))
    except (ObjectMissing, SealBroken):
        return False
    return True


def _custodians(objects: ObjectStore, key: str, sha256: str) -> Sequence[str]:
    try:
        found = PeriodDocument.parse(objects.get(key), sha256=sha256)
    except (ObjectMissing, SealBroken):
        return ()  # lost or damaged before its time; what is left of it goes all the same
    return tuple(custodian.id for custodian in found.custodians.custodians)
