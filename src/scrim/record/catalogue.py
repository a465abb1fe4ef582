"""What the recorder writes down: epochs, periods, segments, gaps, with their entries.

Rules:

- An act that the ledger knows (start, stop, period, gap) and the rows it changes
  are one transaction: both happen or neither.
- A segment's row, with its record and the period's new chain head, is there before
  its object; the object is put once and never changed.
- Whatever a recorder that died left half done is finished by :func:`recover`, from
  what is on disk, without guessing: there and whole, or lost with a gap.

Nothing here sees a clear byte: it gets hashes, sizes, times and sealed objects.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import Connection, Engine, insert, select, update

from scrim.camera.packet import Gap, GapCause
from scrim.canonical import Json, canonical
from scrim.errors import CameraUnknown, ObjectMissing, RecordingWithheld, SealBroken
from scrim.ledger import Act, Ledger
from scrim.record.entries import Entries
from scrim.record.gaps import Gaps
from scrim.record.opening_rows import OpeningRows
from scrim.record.unmasked import Unmasked
from scrim.store import people_counted, schema
from scrim.store.database import reading, writing
from scrim.store.keys import document_key, manifest_key
from scrim.store.keys import parse as keys_of
from scrim.store.objects import ObjectStore
from scrim.vault import chain, manifest
from scrim.vault.document import PeriodDocument
from scrim.vault.period import PeriodKey

State = Literal["stored", "lost"]

_HALF_WRITTEN = "stopped while the segment was being written"
_NUMBERS_AHEAD = 1000  # segments that may be on their way when a recorder dies


@dataclass(frozen=True, slots=True)
class CameraRow:
    """A camera as the recorder needs it; ``policy`` says what differs from the settings."""

    id: str
    kind: str
    source: str
    options: Mapping[str, Json]
    policy: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PeriodId:
    """Which period: camera, epoch, number within the epoch."""

    camera: str
    epoch: int
    period: int

    def where(self, table: Any) -> Any:
        """The SQL condition that picks this period's rows."""
        return (
            (table.c.camera == self.camera)
            & (table.c.epoch == self.epoch)
            & (table.c.period == self.period)
        )


class Catalogue:
    """The recorder's rows and entries, for any of its cameras."""

    def __init__(self, engine: Engine, ledger: Ledger, objects: ObjectStore) -> None:
        self._engine = engine
        self._entries = Entries(ledger)
        self._objects = objects
        self.gaps = Gaps(engine, self._entries)
        self.unmasked = Unmasked(engine, self.gaps)
        self.openings = OpeningRows(engine, ledger)

    @property
    def objects(self) -> ObjectStore:
        """Where objects are put."""
        return self._objects

    def camera(self, camera: str) -> CameraRow:
        """The enrolled camera.

        Raises:
            CameraUnknown: there is none, or it was removed.
            RecordingWithheld: its papers are not on record (invariant 9).
        """
        table = schema.camera
        with reading(self._engine) as connection:
            _check_admitted(connection, camera)
            row = connection.execute(select(table).where(table.c.id == camera)).first()
        if row is None or row.removed_us is not None:
            raise CameraUnknown(f"No camera {camera!r} is enrolled.", "See 'scrim camera list'.")
        options, policy = json.loads(row.options), json.loads(row.policy)
        return CameraRow(row.id, row.kind, row.source, options, policy)

    def begin_epoch(
        self, camera: str, at_us: int, facts: Mapping[str, Json] | None = None
    ) -> tuple[int, int]:
        """Start collecting: a new epoch, with its entry.

        Args:
            camera: its id.
            at_us: UTC microseconds.
            facts: more to write into the entry, such as the settings in force.

        Returns:
            The epoch and the number of the next segment.

        Raises:
            RecordingWithheld: its papers are not on record (invariant 9).
        """
        table = schema.camera
        with writing(self._engine) as connection:
            _check_admitted(connection, camera)
            row = connection.execute(select(table).where(table.c.id == camera)).one()
            epoch = int(row.epoch) + 1
            connection.execute(
                update(table)
                .where(table.c.id == camera)
                # live parts go out before their segment has a row: a recorder that dies
                # then must not have its numbers used again
                .values(epoch=epoch, alive_us=at_us, next_segment=row.next_segment + _NUMBERS_AHEAD)
            )
            known: dict[str, Json] = {"kind": row.kind, **(facts or {})}
            self._entries.append(connection, Act.CAMERA_STARTED, at_us, camera, epoch, known)
            return epoch, int(row.next_segment)

    def alive(self, camera: str, at_us: int) -> None:
        """The camera's recorder runs; after a crash this says until when."""
        table = schema.camera
        with writing(self._engine) as connection:
            connection.execute(update(table).where(table.c.id == camera).values(alive_us=at_us))

    def end_epoch(self, camera: str, epoch: int, at_us: int, next_segment: int) -> None:
        """Stopped in good order: gaps that last end here, and no number is left out."""
        table = schema.camera
        with writing(self._engine) as connection:
            self.gaps.close_all_in(connection, camera, epoch, at_us)
            connection.execute(
                update(table)
                .where(table.c.id == camera)
                .values(alive_us=at_us, next_segment=next_segment)
            )
            self._entries.append(connection, Act.CAMERA_STOPPED, at_us, camera, epoch, {})

    def open_period(self, period: PeriodId, key: PeriodKey) -> None:
        """Put the period's document, then its row and entry."""
        name = document_key(period.camera, period.epoch, period.period)
        if self._whole_object(name, PeriodDocument.parse) is None:
            self._objects.put(name, key.document)  # else an earlier try came this far
        self.adopt_document(name)

    def adopt_document(self, name: str) -> None:
        """Row and entry for a period document that is stored, if they are missing.

        One that a power cut left half on the disk never took effect, and is removed.
        """
        place = keys_of(name)
        if place is not None and self._has_period(
            PeriodId(place.camera, place.epoch, place.period)
        ):
            return  # known already, and maybe erased meanwhile
        document = self._whole_object(name, PeriodDocument.parse)
        if document is None:
            return
        fields = json.loads(document)
        period = PeriodId(fields["camera"], fields["epoch"], fields["period"])
        opened_us = fields["opened_us"]
        if self._has_period(period):
            return
        sha256 = hashlib.sha256(document).hexdigest()
        with writing(self._engine) as connection:
            connection.execute(
                insert(schema.period).values(
                    camera=period.camera,
                    epoch=period.epoch,
                    period=period.period,
                    opened_us=opened_us,
                    recipient=fields["recipient"],
                    document_key=name,
                    document_sha256=sha256,
                    chain_length=0,
                    chain_head=chain.chain_start(sha256),
                )
            )
            entry = self._entries.append(
                connection,
                Act.PERIOD_OPENED,
                opened_us,
                period.camera,
                period.epoch,
                {
                    "period": period.period,
                    "document": sha256,
                    "recipient": fields["recipient"],
                    "k": fields["k"],
                    "n": len(fields["custodians"]),
                },
                since_us=opened_us,
            )
            connection.execute(
                update(schema.period).where(period.where(schema.period)).values(opened_entry=entry)
            )

    def _has_period(self, period: PeriodId) -> bool:
        with reading(self._engine) as connection:
            known = connection.execute(
                select(schema.period.c.period).where(period.where(schema.period))
            ).first()
        return known is not None

    def _whole_object(self, name: str, parse: Callable[[bytes], object]) -> bytes | None:
        """An object that no row knows yet; a torn one is removed, as nothing refers to it."""
        if not self._objects.exists(name):
            return None
        data = self._objects.get(name)
        try:
            parse(data)
        except SealBroken:
            self._objects.remove(name)
            return None
        return data

    def has_segment(self, camera: str, segment: int, side: str) -> bool:
        """Whether the segment's row is there already."""
        table = schema.segment
        with reading(self._engine) as connection:
            row = connection.execute(
                select(table.c.segment)
                .where(table.c.camera == camera)
                .where(table.c.segment == segment)
                .where(table.c.side == side)
            ).first()
        return row is not None

    def begin_segment(self, period: PeriodId, record: Mapping[str, Json]) -> None:
        """The segment's row and the period's next chain head; the object comes after."""
        table = schema.period
        with writing(self._engine) as connection:
            row = connection.execute(
                select(table.c.chain_length, table.c.chain_head).where(period.where(table))
            ).one()
            head = chain.chain_next(row.chain_head, record)
            connection.execute(
                insert(schema.segment).values(
                    camera=period.camera,
                    segment=record["segment"],
                    side=record["side"],
                    epoch=period.epoch,
                    period=period.period,
                    start_us=record["start_us"],
                    end_us=record["end_us"],
                    object_key=record["key"],
                    record=canonical(record).decode(),
                    chain_index=row.chain_length,
                    chain_head=head,
                    state="writing",
                )
            )
            connection.execute(
                update(table)
                .where(period.where(table))
                .values(chain_length=row.chain_length + 1, chain_head=head)
            )
            if "heads" in record:
                people_counted.add(
                    connection,
                    period.camera,
                    _whole(record["start_us"]),
                    _whole(record["heads"]),
                    blind=_whole(record["blanked"]) > 0,
                )
            cameras = schema.camera
            connection.execute(
                update(cameras)
                .where(cameras.c.id == period.camera)
                .where(cameras.c.next_segment < _whole(record["segment"]) + _NUMBERS_AHEAD // 2)
                .values(next_segment=_whole(record["segment"]) + _NUMBERS_AHEAD)
            )

    def finish_segment(self, camera: str, segment: int, side: str, state: State) -> None:
        """The object is there, or never will be."""
        with writing(self._engine) as connection:
            _set_state(connection, camera, segment, side, state)

    def settle(self, camera: str, period: PeriodId | None = None) -> tuple[int, int]:
        """Decide every segment still ``writing``, of a camera or of one period of it.

        The object is there and whole: stored.  Else it is lost, with a gap.  To be
        called when nobody writes them any more.

        Returns:
            How many were stored, and how many lost.
        """
        table = schema.segment
        which = (table.c.camera == camera) & (table.c.state == "writing")
        if period is not None:
            which &= period.where(table)
        with reading(self._engine) as connection:
            rows = connection.execute(select(table).where(which)).all()
        stored = 0
        for row in rows:
            whole = self._is_whole(row.object_key, json.loads(row.record)["sha256"])
            with writing(self._engine) as connection:
                if not whole:
                    gap = Gap(row.start_us, row.end_us, GapCause.RECORDER_STOPPED, _HALF_WRITTEN)
                    self.gaps.write_in(connection, camera, row.epoch, row.side, gap)
                state: State = "stored" if whole else "lost"
                _set_state(connection, camera, row.segment, row.side, state)
            stored += whole
        return stored, len(rows) - stored

    def _is_whole(self, key: str, sha256: str) -> bool:
        try:
            return hashlib.sha256(self._objects.get(key)).hexdigest() == sha256
        except ObjectMissing:
            return False

    def close_period(self, period: PeriodId, closed_us: int, closed_by: str) -> None:
        """Build and put the manifest, then the row and entry."""
        name = manifest_key(period.camera, period.epoch, period.period)
        self.settle(period.camera, period)
        with reading(self._engine) as connection:
            row = connection.execute(select(schema.period).where(period.where(schema.period))).one()
            segments = connection.execute(
                select(schema.segment)
                .where(period.where(schema.segment))
                .order_by(schema.segment.c.chain_index)
            ).all()
        if row.closed_us is not None:
            return
        closed_us = max(closed_us, row.opened_us)
        # put by a recorder that died before the row
        data = self._whole_object(name, manifest.parse)
        if data is not None:
            closed_us = manifest.parse(data).closed_us
        else:
            data = manifest.build(
                document_sha256=row.document_sha256,
                camera=period.camera,
                epoch=period.epoch,
                period=period.period,
                opened_us=row.opened_us,
                closed_us=closed_us,
                records=[json.loads(segment.record) for segment in segments],
                lost=[segment.chain_index for segment in segments if segment.state == "lost"],
                chain_head=row.chain_head,
                closed_by=closed_by,
            )
            self._objects.put(name, data)
        sha256 = hashlib.sha256(data).hexdigest()
        with writing(self._engine) as connection:
            entry = self._entries.append(
                connection,
                Act.PERIOD_CLOSED,
                closed_us,
                period.camera,
                period.epoch,
                {
                    "period": period.period,
                    "manifest": sha256,
                    "document": row.document_sha256,
                    "segments": len(segments),
                    "chain": row.chain_head,
                },
                since_us=row.opened_us,
                until_us=closed_us,
            )
            connection.execute(
                update(schema.period)
                .where(period.where(schema.period))
                .values(
                    closed_us=closed_us,
                    manifest_key=name,
                    manifest_sha256=sha256,
                    closed_entry=entry,
                )
            )


def _check_admitted(connection: Connection, camera: str) -> None:
    """The supervisor starts no such recorder; should one be started all the same, it stops here."""
    table = schema.gate
    row = connection.execute(
        select(table.c.may_record).where(table.c.camera == camera)
    ).scalar_one_or_none()
    if row == 0:
        raise RecordingWithheld(
            f"Camera {camera} does not record: a paper that a rule asks for is not on record.",
            "See `scrim camera list` for what it waits for.",
        )


def _set_state(connection: Connection, camera: str, segment: int, side: str, state: State) -> None:
    table = schema.segment
    connection.execute(
        update(table)
        .where(table.c.camera == camera)
        .where(table.c.segment == segment)
        .where(table.c.side == side)
        # what the ledger calls erased never comes back
        .where(table.c.state.in_(("writing", "stored", "lost")))
        .values(state=state)
    )


def _whole(value: Json) -> int:
    assert isinstance(value, int)
    return value
