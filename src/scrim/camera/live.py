"""A camera that is connected to, watched, and connected to again when it fails.

What RTSP and USB have in common: one attempt after another, each read by a
:class:`~scrim.camera._feed.Feed`; capture times from arrivals; a watchdog; gaps
with their cause.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from threading import Event

from av.container import InputContainer

from scrim.camera._describe import ParameterWatch, seen
from scrim.camera._failures import GARBAGE, NO_ANSWER, STALLED, Failure
from scrim.camera._feed import Arrived, Feed, Heard, Opened
from scrim.camera._losses import Losses
from scrim.camera._outage import Outage
from scrim.camera._reader import ConnectionReader
from scrim.camera._sound import Rising
from scrim.camera.backoff import Backoff
from scrim.camera.packet import (
    ClearPacket,
    Gap,
    GapCause,
    SourceEvent,
    StreamInfo,
    StreamStarted,
)
from scrim.camera.timeline import STEP_US, Moment
from scrim.clock import SECOND, Clock

_SETTLE_S = 0.3  # first arrivals come in a heap, held up while FFmpeg looks at the stream


@dataclass(frozen=True, slots=True)
class LiveOptions:
    """How patient to be, in seconds.

    Attributes:
        open_timeout_s: for the host to answer and show a first picture.
        stall_s: without a picture, before the connection is given up.
        backoff_first_s, backoff_most_s: see :class:`~scrim.camera.backoff.Backoff`.
    """

    open_timeout_s: float = 10.0
    stall_s: float = 10.0
    backoff_first_s: float = 1.0
    backoff_most_s: float = 30.0


class LiveSource:
    """Pictures from a camera for as long as anybody wants them.

    Args:
        shown: the address without secrets.
        opening: makes a connection; runs in a thread of its own.
        options: how patient to be.
        clock: UTC.
        backoff: waits between attempts.
        sound: yield its sound too, where it has any.
    """

    def __init__(
        self,
        shown: str,
        opening: Callable[[], InputContainer],
        options: LiveOptions,
        clock: Clock,
        backoff: Backoff | None = None,
        *,
        sound: bool = False,
    ) -> None:
        self._shown = shown
        self._sound = sound
        self._rising = Rising()
        self._opening = opening
        self._options = options
        self._clock = clock
        self._backoff = backoff or Backoff(options.backoff_first_s, options.backoff_most_s)
        self._last_decode_us = 0
        self._end_us = 0  # where the last picture ends

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._shown!r})"

    def events(self, stop: Event) -> Iterator[SourceEvent]:
        """Events until ``stop`` is set; see :class:`scrim.camera.packet.Source`."""
        self._end_us = self._clock.now_us()
        outage = Outage()
        while not stop.is_set():
            feed = Feed(self._opening, self._clock, sound=self._sound)
            try:
                failure = yield from self._connection(feed, outage, stop)
            finally:
                feed.abandon()
            if failure is None:
                yield from outage.release()
                return
            yield from outage.failed(failure, self._end_us, self._clock.now_us())
            if failure.cause is GapCause.REFUSED:
                stop.wait(self._backoff.slow_s())
            else:
                stop.wait(self._backoff.next_s())

    def probe(self, timeout_s: float) -> StreamInfo:
        """Connect, look at one picture, hang up.

        Raises:
            CameraError: why there is no picture, within about ``timeout_s``.
        """
        never = Event()
        feed = Feed(self._opening, self._clock)
        until = time.monotonic() + timeout_s
        failure: Failure = NO_ANSWER
        watch: ParameterWatch | None = None
        try:
            while (left_s := until - time.monotonic()) > 0:
                item = feed.get(left_s, never)
                if isinstance(item, Opened):
                    watch, failure = ParameterWatch(item.stream), STALLED
                elif isinstance(item, Arrived) and watch is not None:
                    failure = GARBAGE
                    watch.changed(item.data, item.is_key, item.new_extradata)
                    found = seen(watch.stream, item.data) if item.is_key else None
                    if found is not None:
                        return found
                elif isinstance(item, Failure):
                    raise item.as_error(self._shown)
        finally:
            feed.abandon()
        raise failure.as_error(self._shown)

    def _connection(
        self, feed: Feed, outage: Outage, stop: Event
    ) -> Generator[SourceEvent, None, Failure | None]:
        """One connection.  Returns why it ended, ``None`` when ``stop`` is set."""
        # FFmpeg's own limit is for opening and again for looking at the stream
        opened = feed.get(self._options.open_timeout_s * 2 + 1, stop)
        if stop.is_set():
            return None
        if not isinstance(opened, Opened):
            return opened if isinstance(opened, Failure) else NO_ANSWER
        reader = ConnectionReader(opened)
        early, failure = self._settle(feed, reader, stop)
        losses = Losses(GapCause.PACKETS_LOST)
        try:
            for first, moment in early:
                if isinstance(first, Heard):
                    yield from self._piece(reader, first, moment)
                else:
                    yield from self._picture(reader, first, moment, losses, outage)
            patience = _Patience(self._options.stall_s)
            while failure is None:
                item = feed.get(patience.left_s(), stop)
                if stop.is_set():
                    return None
                if isinstance(item, Arrived):
                    patience.renew()
                    moment = reader.place(item)
                    yield from self._picture(reader, item, moment, losses, outage)
                elif isinstance(item, Heard):
                    yield from self._piece(reader, item, reader.place_sound(item))
                else:
                    failure = item if isinstance(item, Failure) else STALLED
            return failure
        finally:
            outage.held += losses.end()

    def _picture(
        self,
        reader: ConnectionReader,
        arrived: Arrived,
        moment: Moment,
        losses: Losses,
        outage: Outage,
    ) -> Iterator[SourceEvent]:
        """The events of one packet."""
        if not reader.started_us:
            if not reader.is_start(arrived):
                return
            packet = self._packet(reader, arrived, moment)
            yield from outage.over(packet.captured_us)
            if arrived.is_key:
                reader.watch.confirm(arrived.data)
            yield StreamStarted(reader.watch.stream, reader.heard)
            reader.started_us = arrived.arrived_us
        else:
            packet = self._packet(reader, arrived, moment)
            if arrived.arrived_us - reader.started_us > self._options.backoff_most_s * SECOND:
                self._backoff.worked()
            yield from self._trouble(reader, arrived, moment, packet, losses)
        yield packet
        self._end_us = packet.captured_us + packet.duration_us

    def _settle(
        self, feed: Feed, reader: ConnectionReader, stop: Event
    ) -> tuple[list[tuple[Arrived | Heard, Moment]], Failure | None]:
        """The first packets, from which the offset to UTC is learnt."""
        early: list[tuple[Arrived | Heard, Moment]] = []
        until: float | None = None  # by a clock that nobody sets: pictures wait for it
        while not stop.is_set():
            wait_s = self._options.stall_s
            if until is not None:
                wait_s = until - time.monotonic()
                if wait_s <= 0:
                    break
            item = feed.get(wait_s, stop)
            if isinstance(item, Failure):
                return early, item
            if not isinstance(item, Arrived | Heard):
                break
            if until is None:
                until = time.monotonic() + _SETTLE_S
            early.append((item, reader.settle(item)))
        return early, None if early else STALLED

    def _packet(self, reader: ConnectionReader, arrived: Arrived, moment: Moment) -> ClearPacket:
        offset_us = reader.offset(arrived, moment)
        decode_us = max(moment.decode_us + offset_us, self._last_decode_us + STEP_US)
        self._last_decode_us = decode_us
        return ClearPacket(
            data=arrived.data,
            captured_us=max(moment.media_us + offset_us, decode_us),
            decode_us=decode_us,
            duration_us=moment.duration_us,
            is_key=arrived.is_key,
            camera_pts=arrived.stamp.pts,
            camera_time_base=reader.time_base,
            camera_utc_us=arrived.camera_utc_us,
        )

    def _piece(
        self, reader: ConnectionReader, heard: Heard, moment: Moment
    ) -> Iterator[SourceEvent]:
        """The event of one piece of sound; none before the first picture."""
        if reader.started_us:
            captured_us = moment.media_us + reader.sound_offset(heard, moment)
            yield self._rising.piece(heard.data, captured_us, moment.duration_us)

    def _trouble(
        self,
        reader: ConnectionReader,
        arrived: Arrived,
        moment: Moment,
        packet: ClearPacket,
        losses: Losses,
    ) -> Iterator[SourceEvent]:
        """What is to be said before the packet: changes, jumps, losses."""
        if reader.watch.changed(arrived.data, arrived.is_key, arrived.new_extradata):
            yield StreamStarted(reader.watch.stream, reader.heard)
        since_us = min(self._end_us, packet.captured_us)
        if moment.jumped_us:
            detail = f"the camera's time stamps leapt by {moment.jumped_us / SECOND:.3f} s"
            yield Gap(since_us, None, GapCause.CLOCK_JUMPED, detail)
            yield Gap(since_us, packet.captured_us, GapCause.CLOCK_JUMPED, detail)
        if arrived.lost or arrived.is_corrupt:
            yield from losses.damaged(since_us, packet.captured_us, "RTP packets were lost")
        else:
            yield from losses.clean(packet.captured_us)


class _Patience:
    """How long a picture may still be waited for, whatever else comes meanwhile."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.renew()

    def renew(self) -> None:
        self._until = time.monotonic() + self._seconds

    def left_s(self) -> float:
        return max(self._until - time.monotonic(), 0.0)
