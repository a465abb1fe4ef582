"""The thread that seals and stores: the only one that writes for a camera.

Work comes through a queue bounded in bytes and is done in order.  A failing store
(full disk, database away) is tried again until it works; what no longer fits into
the queue meanwhile is lost and becomes a gap ``store-failed``.  So does what a stop
gives up, and nothing later is stored or told before that gap is.  Overload alone
never loses a sealed segment: the source is slower than the seal by far.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from sqlalchemy.exc import SQLAlchemyError

from scrim.camera.packet import Gap, GapCause
from scrim.canonical import Json
from scrim.clock import Clock
from scrim.errors import ObjectExists, ScrimError, SealBroken
from scrim.record.catalogue import Catalogue
from scrim.record.gaps import Side
from scrim.record.openings import Openings
from scrim.record.periods import Periods
from scrim.record.remux import Remuxer
from scrim.record.segments import ClearSegment, Slot
from scrim.store.keys import masked_key, sealed_key

_RETRY_S = 1.0
_RETRY_AT_STOP_S = 5.0
_ALIVE_S = 10.0


@dataclass(frozen=True, slots=True)
class MaskedSegment:
    """One finished redacted segment, ready to be stored as it is."""

    slot: Slot
    start_us: int
    end_us: int
    data: bytes
    facts: dict[str, Json]


@dataclass(frozen=True, slots=True)
class GapNews:
    """A gap begins (or is reported with its end)."""

    gap: Gap
    side: Side


Work: TypeAlias = ClearSegment | MaskedSegment | GapNews


class Writer(threading.Thread):
    """Seals, stores and writes down, in order, until told to finish.

    Args:
        most_bytes: what the queue may hold.
        clock: for saying, now and then, that the recorder runs.
        report: called with one line for the log when a store fails or works again.
        openings: the camera's live openings, if there can be any.

    Attributes:
        sealed_until_us, masked_until_us: end of the newest stored segment.
        failing: why the store refuses at the moment; "" when it does not.
        untold: it has ended, and what it gave up could not be told: recovery has to.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        periods: Periods,
        camera: str,
        epoch: int,
        *,
        most_bytes: int,
        clock: Clock,
        report: Callable[[str], None],
        openings: Openings | None = None,
    ) -> None:
        super().__init__(name=f"write-{camera}", daemon=True)
        self._catalogue = catalogue
        self._periods = periods
        self._camera = camera
        self._epoch = epoch
        self._most = most_bytes
        self._clock = clock
        self._report = report
        self._openings = openings
        self._alive_at = time.monotonic()
        self._queue: deque[Work] = deque()
        self._bytes = 0
        self._wake = threading.Condition()
        self._remuxer = Remuxer()
        self._finishing_at: float | None = None
        self._open_gaps: dict[tuple[int, str, str], int] = {}
        self._given_up: deque[tuple[GapNews, int | None]] = deque()  # and of which segment
        self._last_end_us = 0
        self._prepared: tuple[dict[str, Json], bytes] | None = None
        self.sealed_until_us: int | None = None
        self.masked_until_us: int | None = None
        self.failing = ""
        self.crashed = False

    def offer(self, work: Work) -> None:
        """Queue work; what does not fit is turned into a gap.  Never blocks."""
        with self._wake:
            size = _size(work)
            if size and self._bytes + size > self._most:
                self._queue.append(self._loss_of(work))
            else:
                self._queue.append(work)
                self._bytes += size
            self._wake.notify()

    @property
    def untold(self) -> bool:
        return bool(self._given_up)

    def continue_gap(self, gap: Gap, side: Side, row: int) -> None:
        """A gap written down by someone else (recovery) that will end here."""
        self._open_gaps[(gap.since_us, gap.cause.value, side)] = row

    def finish(self) -> None:
        """Do what is queued, close the periods, end; the caller joins."""
        with self._wake:
            self._finishing_at = time.monotonic()
            self._wake.notify()

    def run(self) -> None:
        try:
            while (work := self._next()) is not None:
                self._until_done(work)
            if self._tell_given_up():
                self._try(lambda: self._periods.finish(self._last_end_us))
        # thread boundary: the recorder has to notice and stop
        except Exception as error:  # noqa: BLE001
            self.crashed = True
            self._report(f"writer failed: {type(error).__name__}")

    def _next(self) -> Work | None:
        while True:
            if time.monotonic() - self._alive_at > _ALIVE_S:
                self._alive_at = time.monotonic()
                self._try(lambda: self._catalogue.alive(self._camera, self._clock.now_us()))
            with self._wake:
                if self._queue:
                    return self._queue.popleft()
                if self._finishing_at is not None:
                    return None
                self._wake.wait(_ALIVE_S)

    def _until_done(self, work: Work) -> None:
        self._prepared = None
        while not (self._tell_given_up() and self._try(lambda: self._do(work))):
            with self._wake:
                stopping = self._finishing_at
            if stopping is not None and time.monotonic() - stopping > _RETRY_AT_STOP_S:
                number = None if isinstance(work, GapNews) else work.slot.segment
                self._given_up.append((self._loss_of(work), number))
                break
            time.sleep(_RETRY_S)
        with self._wake:
            self._bytes -= _size(work)

    def _loss_of(self, work: Work) -> GapNews:
        """The gap that takes the place of a segment; news of a gap stay what they are."""
        if isinstance(work, GapNews):
            return work
        side: Side = "sealed" if isinstance(work, ClearSegment) else "masked"
        return GapNews(Gap(work.start_us, work.end_us, GapCause.STORE_FAILED, self.failing), side)

    def _tell_given_up(self) -> bool:
        """Write the gaps of what was given up; whether all of them are written."""
        while self._given_up:
            news, segment = self._given_up[0]
            if not self._try(lambda: self._write_loss(news, segment)):  # noqa: B023 - at once
                return False
            self._given_up.popleft()
        return True

    def _write_loss(self, news: GapNews, segment: int | None) -> None:
        # of one that has its row, whoever settles that says what became of it
        if segment is None or not self._catalogue.has_segment(self._camera, segment, news.side):
            self._write_gap(news)

    def _try(self, act: Callable[[], None]) -> bool:
        try:
            act()
        except (ScrimError, SQLAlchemyError, OSError) as error:
            if not self.failing:
                self._report(f"cannot store, trying again: {error}")
            self.failing = error.message if isinstance(error, ScrimError) else "store failed"
            return False
        if self.failing:
            self._report("storing again")
            self.failing = ""
        return True

    def _do(self, work: Work) -> None:
        if isinstance(work, GapNews):
            self._write_gap(work)
            return
        side = "sealed" if isinstance(work, ClearSegment) else "masked"
        self._periods.arrived(side, work.slot.period, work.start_us)
        if self._prepared is None:  # a seal is random: made once, however often it is put
            try:
                self._prepared = (
                    self._sealed(work) if isinstance(work, ClearSegment) else self._masked(work)
                )
            except SealBroken as error:
                self._report(error.message)
                self._write_gap(
                    GapNews(
                        Gap(work.start_us, work.end_us, GapCause.DAMAGED, error.message), "sealed"
                    )
                )
                return
        record, data = self._prepared
        self._store(work.slot, record, data)
        if side == "sealed":
            self.sealed_until_us = work.end_us
        else:
            self.masked_until_us = work.end_us

    def _sealed(self, segment: ClearSegment) -> tuple[dict[str, Json], bytes]:
        slot = segment.slot
        made = self._remuxer.remux(segment)
        plain = made.data
        live = self._openings.over(segment.start_us, segment.end_us) if self._openings else ()
        also = [opening.recipient for opening in live]
        sealed = self._periods.key(slot.period).seal(plain, also)
        first, last = segment.packets[0], segment.packets[-1]
        record: dict[str, Json] = {
            "side": "sealed",
            "segment": slot.segment,
            "start_us": segment.start_us,
            "end_us": segment.end_us,
            "key": sealed_key(self._camera, self._epoch, slot.period, slot.segment),
            "size": len(sealed),
            "sha256": hashlib.sha256(sealed).hexdigest(),
            "plain_size": len(plain),
            "plain_sha256": hashlib.sha256(plain).hexdigest(),
            "container": made.container,
            "codec": segment.stream.codec,
            "packets": len(segment.packets),
            "starts_on_key": first.is_key,
            "camera_clock": {
                "first": first.camera_pts,
                "last": last.camera_pts,
                "time_base": str(first.camera_time_base),
                "utc_us": first.camera_utc_us,
            },
        }
        if made.sound and segment.sound_info is not None:
            record["sound"] = {
                "codec": segment.sound_info.codec,
                "rate": segment.sound_info.sample_rate,
                "channels": segment.sound_info.channels,
                "packets": len(segment.sound),
            }
        if live:
            record["live"] = [opening.request_sha256 for opening in live]
        return record, sealed

    def _masked(self, segment: MaskedSegment) -> tuple[dict[str, Json], bytes]:
        slot = segment.slot
        record: dict[str, Json] = {
            "side": "masked",
            "segment": slot.segment,
            "start_us": segment.start_us,
            "end_us": segment.end_us,
            "key": masked_key(self._camera, self._epoch, slot.period, slot.segment),
            "size": len(segment.data),
            "sha256": hashlib.sha256(segment.data).hexdigest(),
            **segment.facts,
        }
        return record, segment.data

    def _store(self, slot: Slot, record: dict[str, Json], data: bytes) -> None:
        """Row, object, row: each step only if an earlier try has not done it."""
        side, key = str(record["side"]), str(record["key"])
        if not self._catalogue.has_segment(self._camera, slot.segment, side):
            self._catalogue.begin_segment(self._periods.id(slot.period), record)
        try:
            self._catalogue.objects.put(key, data)
        except ObjectExists:
            if self._catalogue.objects.get(key) != data:
                raise
        self._catalogue.finish_segment(self._camera, slot.segment, side, "stored")
        self._last_end_us = max(self._last_end_us, int(str(record["end_us"])))

    def _write_gap(self, news: GapNews) -> None:
        gap = news.gap
        name = (gap.since_us, gap.cause.value, news.side)
        if name not in self._open_gaps:
            self._open_gaps[name] = self._catalogue.gaps.open(
                self._camera, self._epoch, news.side, gap
            )
        if gap.until_us is not None:
            self._catalogue.gaps.close(self._open_gaps[name], self._epoch, gap.until_us)
            del self._open_gaps[name]


def _size(work: Work) -> int:
    if isinstance(work, ClearSegment):
        return work.size
    if isinstance(work, MaskedSegment):
        return len(work.data)
    return 0
