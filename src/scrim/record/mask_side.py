"""The masking thread: decode, redact, encode, hand out.

Rules:

- Whatever goes wrong here, no frame leaves that did not come out of the
  redactor: on any fault everything in flight is thrown away, and decoder, redactor
  and encoder are made anew at the next key frame.
- When the recorder stops it may be told to come to an end (:meth:`MaskSide.end_soon`): what
  waits is then looked at no more, and is a gap.  After :meth:`MaskSide.abandon` nothing leaves.
- When it is late it leaves out frames, evenly, and counts them, in the segment's record too:
  it still looks at and follows all of them, so that what is shown is covered as well as ever,
  and saves the encoding, which costs most.  Never more than a quarter of a second of them in a
  row, nor a segment's first or last (:mod:`.parts`): a longer hole is a gap.
"""

from __future__ import annotations

import statistics
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import partial

from scrim.camera.packet import ClearPacket, Gap, GapCause, StreamInfo
from scrim.clock import SECOND, Clock
from scrim.live.wire import Init, Part, SegmentDone
from scrim.record.backlog import Backlog, Broken, NewStream, Picture
from scrim.record.decode import Decoder
from scrim.record.encode import MaskedEncoder
from scrim.record.hardware import Opener
from scrim.record.load import Load
from scrim.record.parts import PartMaker
from scrim.record.passage import Passage
from scrim.record.rung_log import RungLog
from scrim.record.segments import Slot
from scrim.record.timed_detector import TimedDetector
from scrim.record.writer import MaskedSegment
from scrim.redact import ClearFrame, Detector, Policy, RedactedFrame, Redactor, Rung, State
from scrim.redact.ladder import Facts
from scrim.redact.view import ViewWatch
from scrim.settings import Settings

_LATE_US = 1_200_000  # beyond this a frame's age makes us leave out others
_THIN_US = 250_000  # after this long without a frame the next one is kept, however late it is
_MOST_FAULTS = 5  # within _FAULT_WINDOW_S; then the process ends and is started anew
_FAULT_WINDOW_S = 60.0
_SPEED_WINDOW_S = 5.0
_PART_S = 0.4  # players hold back three parts; looks may be further apart than that
_SLOW = 0.5  # of the time between two looks: a look that takes longer is slow
_SLOTS_KEPT = 64  # far more segments than a decoder and a redactor hold back


class MaskSide(threading.Thread):
    """One camera's redacted side.

    Args:
        policy: what is covered and how masks look, whole.
        detector: makes a detector; called again when that one is broken.
        others: find other things in whole pictures.
        people: finds whole people.
        hardware: opens the encoder to use instead of libx264.
        send, store: where live messages and finished segments go.
        on_gap: told, once it is over, where pictures that came were not shown.
        report: one line for the log; never holds anything of a picture.

    Attributes:
        state, reason: of the newest redacted frame; ``starting`` before the first.
        rungs: how far from normal the newest redacted frame was masked.
        beat: monotonic time of the last sign of life.
        crashed: it gave up; the process has to end.
    """

    def __init__(
        self,
        *,
        camera: str,
        epoch: int,
        settings: Settings,
        policy: Policy,
        backlog: Backlog,
        detector: Callable[[], Detector],
        others: Sequence[Detector] = (),
        people: Detector | None = None,
        send: Callable[[Init | Part | SegmentDone], None],
        store: Callable[[MaskedSegment], None],
        on_gap: Callable[[Gap], None],
        clock: Clock,
        report: Callable[[str], None],
        hardware: Opener | None = None,
    ) -> None:
        super().__init__(name=f"mask-{camera}", daemon=True)
        self._camera = camera
        self._epoch = epoch
        self._settings = settings
        self._policy = policy
        self._backlog = backlog
        self._report = report
        self._detector = self._timed(detector)
        self._others = [self._timed(partial(_itself, one)) for one in others]
        self._people = self._timed(partial(_itself, people)) if people is not None else None
        self._hardware = hardware
        self._send_message = send
        self._store = store
        self._on_gap = on_gap
        self._clock = clock
        self._stream: StreamInfo | None = None
        self._decoder: Decoder | None = None
        self._redactor: Redactor | None = None
        self._parts: PartMaker | None = None
        self._passage: Passage | None = None
        self._init = 0
        self._origin_us: int | None = None
        self._index = 0
        self._segment = -1
        self._slots: dict[int, Slot] = {}  # by segment number, the last few
        self._need_key = True
        self._skip_through = -1  # a segment broken off by a fault is never taken up again
        self._left_out: set[int] = set()  # indices of frames that will not be encoded
        self._kept_us = 0  # capture time of the last frame that is not among them
        self._due_us: int | None = None  # the first picture that has not come out yet
        self._taken_us = 0
        self._hole: Gap | None = None
        self._cause = GapCause.STREAM_CHANGED  # why pictures wait for a key frame
        self._faults: deque[float] = deque(maxlen=_MOST_FAULTS)
        self._emitted: deque[float] = deque()
        self._latencies: deque[int] = deque(maxlen=15)
        self.state = "starting"
        self.reason = "waiting for the first picture"
        self._load = Load()
        self._view = ViewWatch()  # outlives streams: another camera may answer after a break
        self.rungs = RungLog(report)
        self.size = (0, 0)
        self.thinned = 0
        self.beat = time.monotonic()
        self.crashed = False
        self._ended = False
        self._ends_soon = threading.Event()
        self._abandoned = threading.Event()

    def end_soon(self) -> None:
        """Let out what was looked at, leave what waits, and say so; may be called by any thread."""
        self._ends_soon.set()

    def abandon(self) -> None:
        """From now on nothing is sent, stored or said, should the thread come back."""
        self._ends_soon.set()
        self._abandoned.set()

    @property
    def frames_per_second(self) -> float:
        """Redacted frames a second over the last seconds."""
        since = time.monotonic() - _SPEED_WINDOW_S
        return sum(1 for at in list(self._emitted) if at > since) / _SPEED_WINDOW_S

    @property
    def latency_ms(self) -> int:
        """From capture of a part's first frame to handing it over; median of the last parts."""
        latencies = list(self._latencies)
        return int(statistics.median(latencies)) if latencies else 0

    @property
    def hopeless(self) -> str:
        """Why masking cannot go on in this process; "" if it can."""
        if self.crashed:
            return "masking failed again and again"
        if self.ident is not None and not self.is_alive() and not self._ended:
            return "the masking thread ended"
        return next((one.hopeless for one in self._detectors() if one.hopeless), "")

    def run(self) -> None:
        while not self._backlog.done:
            self.beat = time.monotonic()
            item = self._backlog.get(timeout=0.5)
            if item is None:
                continue
            try:
                self._take(item)
            # thread boundary, failing closed: nothing in flight survives a fault
            except Exception as error:  # noqa: BLE001
                self._fault(error)
                if self.crashed:
                    return
        try:
            self._end_stream()
        except Exception as error:  # noqa: BLE001 - the same at the end
            self._fault(error)
        self._end_hole(self._taken_us)
        self._detector.close()
        self._ended = True

    def _take(self, item: NewStream | Broken | Picture) -> None:
        if self._ends_soon.is_set():
            self._leave(item)
        elif isinstance(item, NewStream):
            self._end_stream()
            self._stream = item.stream
            self._passage = self._new_passage(item.stream)
            self._need_key = True
        elif isinstance(item, Broken):
            self._empty_decoder()
            if self._redactor is not None:
                self._emit(self._redactor.reset(item.reason))
            self._drop_decoder()
            self._cause = item.cause
            self._due_us = None  # what is missing here is told by whoever broke it off
        else:
            self._take_picture(item)

    def _leave(self, item: NewStream | Broken | Picture) -> None:
        """Do no more with an item than to say that it was there."""
        since_us = self._arrived(item.packet) if isinstance(item, Picture) else 0
        self._end_stream()  # pictures that leave now are no longer due
        if isinstance(item, Picture):
            self._begin_hole(self._due_us or since_us, GapCause.RECORDER_STOPPED)
        elif isinstance(item, Broken):
            self._end_hole(self._taken_us)
            self._due_us = None  # as in _take

    def _arrived(self, packet: ClearPacket) -> int:
        """Since when pictures are due, now that this one was taken from those that wait."""
        self._taken_us = packet.captured_us + packet.duration_us
        if self._due_us is None:
            self._due_us = packet.captured_us
        return self._due_us

    def _take_picture(self, item: Picture) -> None:
        packet = item.packet
        due_us = self._arrived(packet)
        waits = self._need_key and not packet.is_key
        if waits or item.slot.segment <= self._skip_through:
            self._begin_hole(due_us, self._cause)
        else:
            began = time.monotonic()
            self._decode(item)
            self._load.add(time.monotonic() - began, packet.duration_us)

    def _begin_hole(self, since_us: int, cause: GapCause) -> None:
        if self._hole is None:
            self._hole = Gap(since_us, None, cause)

    def _end_hole(self, until_us: int) -> None:
        hole, self._hole = self._hole, None
        if hole is not None and until_us > hole.since_us and not self._abandoned.is_set():
            self._on_gap(Gap(hole.since_us, until_us, hole.cause))

    def _decode(self, item: Picture) -> None:
        if self._stream is None:
            return
        if self._decoder is None:
            self._decoder = Decoder(self._stream, self._settings.recorder.threads)
        self._need_key = False
        if item.slot.segment not in self._slots:
            self._slots[item.slot.segment] = item.slot
            self._slots.pop(item.slot.segment - _SLOTS_KEPT, None)
        if self._passage is not None:
            self._passage.arrived(item.packet)
        for frame in self._decoder.decode(item.packet, item.slot.segment):
            self._redact(frame)

    def _redact(self, frame: ClearFrame) -> None:
        # pictures of an open GOP may come out beside the boundary; numbers only grow
        self._segment = max(self._segment, frame.segment)
        self._index += 1
        frame.index = self._index
        if self._leave_out(frame.captured_us):
            self._left_out.add(frame.index)
        frame.segment = self._segment
        if self._redactor is None:
            self._redactor = self._new_redactor()
        elif self._detector.sizes_changed():
            self._emit(self._redactor.reset("the detector is there now"))
        self._redactor.burden = Facts(
            backlog_us=self._backlog.waited_us,
            load=self._load.value,
            slow=any(one.slow for one in self._detectors()),
        )
        self._emit(self._redactor.push(frame))

    def _leave_out(self, captured_us: int) -> bool:
        late_us = self._clock.now_us() - captured_us - _LATE_US
        keep_every = 2 + min(late_us // _LATE_US, 4)
        soon = 0 < captured_us - self._kept_us < _THIN_US  # a clock may go back
        if late_us > 0 and soon and self._index % keep_every:
            return True
        self._kept_us = captured_us
        return False

    def _emit(self, frames: list[RedactedFrame]) -> None:
        for frame in frames:
            self.rungs.note(frame.rung, frame.reason)
            thin = frame.index in self._left_out
            self._left_out.discard(frame.index)
            if self._parts is None:
                self._parts = self._new_parts(frame)
            before = self._parts.left_out
            shown = self._parts.add(frame, self._slots[frame.segment], thin=thin)
            # one that is left out is accounted for too: its segment's record counts it
            self._due_us = frame.captured_us + self._frame_us()
            self.thinned += self._parts.left_out - before
            if not shown:
                continue
            self.beat = time.monotonic()
            self._end_hole(frame.captured_us)
            self.state = frame.state.value
            self.reason = frame.reason if frame.state is State.BLANKED else ""
            self._emitted.append(time.monotonic())
        while self._emitted and self._emitted[0] < time.monotonic() - _SPEED_WINDOW_S:
            self._emitted.popleft()

    def _send(self, message: Init | Part | SegmentDone) -> None:
        if isinstance(message, Part):
            self._latencies.append((self._clock.now_us() - message.start_us) // 1000)
        if not self._abandoned.is_set():
            self._send_message(message)

    def _keep(self, segment: MaskedSegment) -> None:
        if not self._abandoned.is_set():
            self._store(segment)

    def _new_redactor(self) -> Redactor:
        return Redactor(
            self._detector,
            others=self._others,
            people=self._people,
            look_frames=self._look_frames(),
            look_us=int(self._settings.redaction.look_seconds * SECOND),
            threshold=self._settings.redaction.threshold,
            margin=self._settings.redaction.margin,
            policy=self._policy,
            view=self._view,
        )

    def _timed(self, make: Callable[[], Detector]) -> TimedDetector:
        return TimedDetector(
            make,
            limit_s=self._settings.redaction.look_limit_seconds,
            slow_s=self._settings.redaction.look_seconds * _SLOW,
            report=self._report,
        )

    def _detectors(self) -> list[TimedDetector]:
        aside = [self._people] if self._people is not None else []
        return [self._detector, *self._others, *aside]

    def _new_parts(self, frame: RedactedFrame) -> PartMaker:
        if self._origin_us is None:
            self._origin_us = frame.captured_us
        self._init += 1
        self.size = frame.size
        rate = self._frame_rate()
        return PartMaker(
            camera=self._camera,
            epoch=self._epoch,
            init=self._init,
            encoder=MaskedEncoder(
                *frame.size,
                rate,
                preset=self._settings.encoding.preset,
                crf=self._settings.encoding.crf,
                threads=self._settings.recorder.threads,
                origin_us=self._origin_us,
                hardware=self._hardware,
            ),
            frame_rate=rate,
            origin_us=self._origin_us,
            part_frames=max(1, round(_PART_S * rate)),
            send=self._send,
            store=self._keep,
            passage=self._passage,
        )

    def _new_passage(self, stream: StreamInfo) -> Passage | None:
        if not self._settings.encoding.pass_through:
            return None
        return Passage(stream, zones=bool(self._policy.zones))

    def _frame_rate(self) -> Fraction:
        assert self._stream is not None
        rate = self._stream.frame_rate
        return rate if 1 <= rate <= 240 else Fraction(25)

    def _frame_us(self) -> int:
        return int(SECOND / self._frame_rate())

    def _look_frames(self) -> int:
        return max(1, round(self._settings.redaction.look_seconds * self._frame_rate()))

    def _end_stream(self) -> None:
        self._empty_decoder()
        if self._redactor is not None:
            self._emit(self._redactor.flush())
        if self._parts is not None:
            self._parts.finish()
        self._redactor = None
        self._parts = None
        self._drop_decoder()

    def _empty_decoder(self) -> None:
        if self._decoder is not None:
            for frame in self._decoder.flush():
                self._redact(frame)

    def _drop_decoder(self) -> None:
        self._decoder = None
        self._need_key = True
        if self._passage is not None:
            self._passage.reset()

    def _fault(self, error: Exception) -> None:
        # the type only: an error's text may quote what it failed on
        self._report(f"masking failed ({type(error).__name__}); starting over")
        self.state, self.reason = "blanked", "masking failed and is starting over"
        self.rungs.note(Rung.WHOLE, self.reason)
        unstored_us = self._parts.unstored_us if self._parts is not None else None
        since_us = self._due_us if unstored_us is None else unstored_us
        if since_us is not None:
            self._begin_hole(since_us, GapCause.MASKING_FAILED)
        self._redactor = None
        self._parts = None
        self._left_out.clear()
        self._drop_decoder()
        if self._stream is not None:  # a new initialisation segment, and a new account
            self._passage = self._new_passage(self._stream)
        self._skip_through = self._segment
        now = time.monotonic()
        self._faults.append(now)
        full = len(self._faults) == _MOST_FAULTS
        self.crashed = full and now - self._faults[0] < _FAULT_WINDOW_S


def _itself(detector: Detector) -> Detector:
    """What makes a detector that is there already."""
    return detector
