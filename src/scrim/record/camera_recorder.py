"""One camera from its source to both sides: wires the threads and runs the source.

Source thread (here)  -> writer: whole segments of packets, to be sealed
                      -> backlog -> masking thread -> outlet (live) and writer (stored)

Sound, where it is recorded at all, goes to the writer alone; the backlog takes pictures.

The source thread opens a period, with its ledger entry, before the first packet of
it is kept or looked at; while the ledger cannot be written, packets are dropped and
a gap says so.

It ends in the time that :mod:`scrim.stopping` gives it: what could not be masked by then is a
gap of the masked side, written before the entry that says that the camera stopped.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from scrim import stopping
from scrim.camera import open_source
from scrim.camera.packet import (
    ClearPacket,
    ClearSound,
    Gap,
    GapCause,
    SoundInfo,
    Source,
    SourceEnded,
    SourceEvent,
    StreamInfo,
    StreamStarted,
)
from scrim.canonical import Json, digest
from scrim.clock import SECOND, Clock, OnwardClock
from scrim.errors import LedgerUnavailable, ScrimError
from scrim.live.wire import Message, Status
from scrim.record.backlog import Backlog, Broken, NewStream, Picture
from scrim.record.catalogue import CameraRow, Catalogue
from scrim.record.hardware import Opener
from scrim.record.mask_side import MaskSide
from scrim.record.openings import Openings
from scrim.record.periods import Periods
from scrim.record.recovery import StopGap
from scrim.record.remux import keeps
from scrim.record.segments import Segmenter
from scrim.record.sound import SoundTrack
from scrim.record.writer import GapNews, Writer
from scrim.redact import Detector, Policy
from scrim.settings import Settings
from scrim.vault import CustodianSet

_BACKLOG_US = 3 * SECOND
_PERIOD_RETRY_S = 1.0
_STUCK_S = 15.0
_LEAST_S = 1.0
_HOLE_US = 2 * SECOND  # a jump in capture time that ends a segment
_OUR_OWN = frozenset({GapCause.LEDGER_UNAVAILABLE, GapCause.STORE_FAILED})
_PICTURES_FLOW = frozenset({GapCause.PACKETS_LOST, GapCause.DAMAGED, GapCause.CLOCK_JUMPED})


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a camera's recorder is given by its process.

    Attributes:
        detector: makes what finds faces; called again when that one is broken.
        others: makes what finds anything else that a policy covers.
        people: makes what finds whole people.
        deployment: the origin of this deployment's ledger.
    """

    settings: Settings
    catalogue: Catalogue
    custodians: CustodianSet
    clock: Clock
    detector: Callable[[], Detector]
    send: Callable[[Message], None]
    report: Callable[[str], None]
    others: Callable[[Policy], Sequence[Detector]] = lambda _policy: ()
    people: Callable[[], Detector | None] = lambda: None
    hardware: Opener | None = None
    deployment: str = ""


def in_force(settings: Settings, policy: Policy, *, sound: bool = False) -> dict[str, Json]:
    """What a recorder works under, for the entry that says it started.

    ``sound`` is in it only where sound is recorded.
    """
    text = settings.model_dump_json().encode()
    document = policy.document()
    return {
        "settings": hashlib.sha256(text).hexdigest(),
        "policy": digest(document),
        "cover": document["cover"],
        "style": document["style"],
        "zones": len(policy.zones),
        "look-ms": round(settings.redaction.look_seconds * 1000),
        "threshold-permille": round(settings.redaction.threshold * 1000),
        "margin-permille": round(settings.redaction.margin * 1000),
        **({"sound": "sealed"} if sound else {}),
    }


class CameraRecorder:
    """Records one camera until told to stop.

    Args:
        row: the enrolled camera.
        stop_gap: the open gap since the last recorded picture, from recovery.
        source: in place of the camera's own.
        sound: record its sound, in the sealed original alone.

    Raises:
        SettingsError: the camera's policy is none that this version knows.
    """

    def __init__(
        self,
        row: CameraRow,
        around: Surroundings,
        *,
        stop_gap: StopGap | None = None,
        source: Source | None = None,
        sound: bool = False,
    ) -> None:
        self._row = row
        self._around = around
        policy = Policy.parse(row.policy, around.settings.redaction.policy)
        self._source = source or open_source(row.kind, row.source, row.options, sound=sound)
        self._stop = threading.Event()
        self._stop_at: float | None = None  # monotonic time when it was asked to
        self.epoch, next_segment = around.catalogue.begin_epoch(
            row.id, around.clock.now_us(), in_force(around.settings, policy, sound=sound)
        )
        recorder = around.settings.recorder
        self._segmenter = Segmenter(
            next_segment=next_segment,
            target_s=recorder.segment_seconds,
            longest_s=recorder.longest_segment_seconds,
            period_s=recorder.period_seconds,
        )
        self._periods = Periods(
            around.catalogue, row.id, self.epoch, around.custodians, around.clock
        )
        self.openings = Openings(
            around.catalogue.openings,
            row.id,
            self.epoch,
            custodians=around.custodians,
            deployment=around.deployment,
            clock=OnwardClock(around.clock),
            report=around.report,
        )
        self._writer = Writer(
            around.catalogue,
            self._periods,
            row.id,
            self.epoch,
            most_bytes=recorder.queue_megabytes * 1024 * 1024,
            clock=around.clock,
            report=around.report,
            openings=self.openings,
        )
        self._backlog = Backlog(
            recorder.queue_megabytes * 1024 * 1024,
            _BACKLOG_US,
            lambda gap: self._writer.offer(GapNews(gap, "masked")),
        )
        self._mask = MaskSide(
            camera=row.id,
            epoch=self.epoch,
            settings=around.settings,
            policy=policy,
            backlog=self._backlog,
            detector=around.detector,
            others=around.others(policy),
            people=around.people(),
            send=around.send,
            store=self._writer.offer,
            on_gap=lambda gap: self._writer.offer(GapNews(gap, "masked")),
            clock=around.clock,
            report=around.report,
            hardware=around.hardware,
        )
        self._track = SoundTrack(self._writer.offer)
        self._stream: StreamInfo | None = None
        self._sound: SoundInfo | None = None
        self._last_us: int | None = None
        self._until_us: int | None = None  # where the last picture ends
        self._retry_at = 0.0
        self._gap: Gap | None = None
        self._told_us = 0  # start of the newest gap the source told
        self._stop_gap: Gap | None = None
        if stop_gap is not None:
            self._stop_gap = Gap(stop_gap.since_us, None, GapCause.RECORDER_STOPPED)
            self._writer.continue_gap(self._stop_gap, "both", stop_gap.row)

    def run(self) -> None:
        """Record until :meth:`stop`, the source's end, or a fault.

        Raises:
            CameraError: the source cannot be opened at all.
        """
        self._writer.start()
        self._mask.start()
        try:
            for event in self._source.events(self._stop):
                self._take(event)
                if self.failed:
                    break
        finally:
            self._finish()

    def stop(self) -> None:
        """Ask the recorder to end; :meth:`run` returns after storing what it has."""
        if self._stop_at is None:
            self._stop_at = time.monotonic()
        self._stop.set()

    @property
    def failed(self) -> str:
        """Why this recorder cannot go on and its process must start anew; "" if it can."""
        if self._writer.crashed:
            return "the writing thread ended"
        if self._mask.hopeless:
            return self._mask.hopeless
        if len(self._backlog) and time.monotonic() - self._mask.beat > _STUCK_S:
            return "masking hangs"
        return ""

    def status(self) -> Status:
        """How the camera is now."""
        mask, gap = self._mask, self._gap
        state, reason, rung = mask.state, mask.reason, mask.rungs.rung
        if gap is not None and gap.cause not in _PICTURES_FLOW:
            state, reason, rung = "offline", gap.cause.value, None
        elif self._writer.failing:
            reason = self._writer.failing
        return Status(
            camera=self._row.id,
            epoch=self.epoch,
            at_us=self._around.clock.now_us(),
            state=state,
            reason=reason,
            frames_per_second=round(mask.frames_per_second, 1),
            latency_ms=mask.latency_ms,
            dropped=mask.thinned + self._backlog.skipped,
            width=mask.size[0],
            height=mask.size[1],
            sealed_until_us=self._writer.sealed_until_us,
            masked_until_us=self._writer.masked_until_us,
            rung=rung.name.lower() if rung is not None else None,
            rung_reason=mask.rungs.reason if rung is not None else "",
            rung_changes=mask.rungs.changes,
            live_opening_until_us=self.openings.until_us,
            sound=self._sound is not None,
        )

    def _take(self, event: SourceEvent) -> None:
        if isinstance(event, ClearPacket):
            self._take_packet(event)
        elif isinstance(event, ClearSound):
            self._track.hear(event, self._segmenter.filling)
        elif isinstance(event, StreamStarted):
            self._cut()
            self._stream = event.stream
            self._sound = self._kept(event.sound)
            self._backlog.put(NewStream(event.stream))
        elif isinstance(event, Gap):
            self._take_gap(event)
        elif isinstance(event, SourceEnded):
            self._cut()  # the source said where it ended, as a gap

    def _take_packet(self, packet: ClearPacket) -> None:
        if self._stream is None:
            return
        hole = self._is_hole(packet)
        if hole or self._segmenter.starts_segment(packet):
            self._cut(None if hole else packet)
            if not self._may_collect(packet):
                return
            slot = self._segmenter.open(packet, self._stream, self._sound)
            if self._segmenter.filling is not None:
                self._track.opened(self._segmenter.filling)
        else:
            slot = self._segmenter.add(packet)
        self._track.picture(packet)
        self._last_us = packet.captured_us
        self._until_us = packet.captured_us + packet.duration_us
        self._pictures_are_back(packet.captured_us)
        self._backlog.put(Picture(slot, packet))

    def _is_hole(self, packet: ClearPacket) -> bool:
        """Whether time jumped; a silence that the source did not call a gap becomes one here."""
        if self._last_us is None or self._until_us is None:
            return False
        if packet.captured_us - self._until_us > _HOLE_US and self._gap is None:
            hole = Gap(self._until_us, packet.captured_us, GapCause.STALLED)
            if self._stop_gap is None and self._told_us < self._last_us:
                self._writer.offer(GapNews(hole, "both"))
        return abs(packet.captured_us - self._last_us) > _HOLE_US

    def _may_collect(self, packet: ClearPacket) -> bool:
        """Whether the packet's period is open, its entry written; else the packet is dropped."""
        if time.monotonic() < self._retry_at:
            return False
        try:
            self._periods.ensure(self._segmenter.next_slot(packet).period)
        except (ScrimError, SQLAlchemyError, OSError) as error:
            self._retry_at = time.monotonic() + _PERIOD_RETRY_S
            if self._gap is None or self._gap.cause not in _OUR_OWN:
                self._around.report(f"not recording: {error}")
                ledger = isinstance(error, LedgerUnavailable)
                cause = GapCause.LEDGER_UNAVAILABLE if ledger else GapCause.STORE_FAILED
                self._gap = Gap(packet.captured_us, None, cause)
                self._writer.offer(GapNews(self._gap, "both"))
                self._backlog.put(Broken("nothing can be written", cause))
            return False
        return True

    def _take_gap(self, gap: Gap) -> None:
        if self._stop_gap is not None and gap.until_us is None:
            self._end_stop_gap(gap.since_us)  # from here on it is not us who are missing
        self._writer.offer(GapNews(gap, "both"))
        self._told_us = max(self._told_us, gap.since_us)
        if gap.until_us is None:
            self._cut()
            self._gap = gap
            self._backlog.put(Broken(gap.cause.value, gap.cause))
        elif self._gap is not None and self._gap.since_us == gap.since_us:
            self._gap = None

    def _pictures_are_back(self, at_us: int) -> None:
        self._end_stop_gap(at_us)
        if self._gap is not None and self._gap.cause in _OUR_OWN:
            gap = self._gap
            self._writer.offer(GapNews(Gap(gap.since_us, at_us, gap.cause), "both"))
            self._gap = None

    def _end_stop_gap(self, at_us: int) -> None:
        gap, self._stop_gap = self._stop_gap, None
        if gap is not None:
            self._writer.offer(GapNews(Gap(gap.since_us, at_us, gap.cause), "both"))

    def _kept(self, sound: SoundInfo | None) -> SoundInfo | None:
        if sound is not None and not keeps(sound):
            self._around.report(f"sound coded as {sound.codec!r} is not recorded")
            return None
        return sound

    def _cut(self, following: ClearPacket | None = None) -> None:
        segment = self._segmenter.cut()
        if segment is not None:
            self._track.cut(segment, following)
        elif following is None:
            self._track.flush()

    def _finish(self) -> None:
        well = not self.failed
        stop_at = time.monotonic() if self._stop_at is None else self._stop_at
        self._cut()
        self._backlog.close()
        self._end_masking(stop_at)
        self._writer.finish()
        self._writer.join(timeout=_left_s(stop_at, stopping.WRITING_S))
        if self._writer.crashed or self._writer.is_alive() or self._writer.untold:
            return  # the camera's next start says what is missing
        try:
            self._around.catalogue.unmasked.say(self._row.id, self.epoch)
            if well:
                self.openings.finish()
                now_us = self._around.clock.now_us()
                following = self._segmenter.next_segment
                self._around.catalogue.end_epoch(self._row.id, self.epoch, now_us, following)
        except (ScrimError, SQLAlchemyError, OSError) as error:
            self._around.report(f"could not write that the camera stopped: {error}")

    def _end_masking(self, stop_at: float) -> None:
        for end_s, then in (
            (stopping.MASKING_S, self._mask.end_soon),
            (stopping.ENDING_S, self._mask.abandon),
        ):
            self._mask.join(timeout=_left_s(stop_at, end_s))
            if not self._mask.is_alive():
                return
            then()
        self._around.report("masking does not end; what it has not masked is said as a gap")


def _left_s(stop_at: float, end_s: float) -> float:
    """Seconds until ``end_s`` after the stop; a few even if the source took longer to notice it."""
    return max(_LEAST_S, stop_at + end_s - time.monotonic())
