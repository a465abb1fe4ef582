"""A thread that reads one connection, so that nothing else waits for the network.

FFmpeg blocks in name resolution, connecting and reading, and only some of that
can be interrupted.  The thread takes the time of arrival, puts what it read
into a bounded queue, and can be abandoned: it then ends by itself as soon as
FFmpeg lets go of it, and closes the connection.
"""

from __future__ import annotations

import queue
import re
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from scrim.camera._describe import describe, video_stream
from scrim.camera._failures import GARBAGE, NO_VIDEO, Failure, failure_of
from scrim.camera._logs import ReaderLog
from scrim.camera._sound import describe_sound, keep_only, sound_stream
from scrim.camera.arrival import SteadyUtc
from scrim.camera.packet import SoundInfo, StreamInfo
from scrim.camera.timeline import Stamp
from scrim.clock import Clock

_ROOM = 512  # packets; at 25 frames a second, 20 s of a recorder that is busy
_ROOM_WITH_SOUND = 3 * _ROOM  # 50 pieces a second beside
_LOOK_S = 0.2
_MISSED = re.compile(r"RTP: missed (-?\d+) packets")


@dataclass(frozen=True, slots=True)
class Opened:
    """The connection stands."""

    stream: StreamInfo
    time_base: Fraction
    reorders: bool
    sound: SoundInfo | None = None
    sound_base: Fraction = Fraction(1)


@dataclass(frozen=True, slots=True)
class Arrived:
    """A packet as FFmpeg gave it.

    Attributes:
        lost: RTP packets missed just before it, as far as FFmpeg noticed.
        camera_utc_us: the camera's own UTC for this picture, if it told.
    """

    data: bytes
    stamp: Stamp
    is_key: bool
    is_corrupt: bool
    new_extradata: bytes | None
    arrived_us: int
    lost: int
    camera_utc_us: int | None


@dataclass(frozen=True, slots=True)
class Heard:
    """A piece of sound as FFmpeg gave it."""

    data: bytes
    stamp: Stamp
    arrived_us: int


FeedItem: TypeAlias = Opened | Arrived | Heard | Failure


class Feed:
    """Reads one connection in a thread of its own.

    Args:
        opening: opens the container; runs in the thread.
        clock: UTC.
        sound: read its sound too, where it has any.
    """

    def __init__(
        self, opening: Callable[[], InputContainer], clock: Clock, *, sound: bool = False
    ) -> None:
        self._opening = opening
        self._sound = sound
        self._clock = clock
        self._items: queue.Queue[FeedItem] = queue.Queue(_ROOM_WITH_SOUND if sound else _ROOM)
        self._abandoned = threading.Event()
        self._camera_clock = _CameraClock()
        self._thread = threading.Thread(target=self._run, name="scrim-feed", daemon=True)
        self._thread.start()

    def get(self, timeout_s: float, stop: threading.Event) -> FeedItem | None:
        """The next item, or ``None`` after ``timeout_s`` or once ``stop`` is set."""
        until = time.monotonic() + timeout_s
        while not stop.is_set():
            left = until - time.monotonic()
            try:
                return self._items.get(timeout=max(min(left, _LOOK_S), 0.001))
            except queue.Empty:
                if left <= 0:
                    return None
        return None

    def abandon(self) -> None:
        """Nobody will read any more."""
        self._abandoned.set()

    def _put(self, item: FeedItem) -> bool:
        while not self._abandoned.is_set():
            try:
                self._items.put(item, timeout=_LOOK_S)
            except queue.Full:
                continue
            return True
        return False

    def _run(self) -> None:
        reading = False
        try:
            with ReaderLog() as log:
                container = self._opening()
                with container:
                    stream = video_stream(container)
                    if stream is None or not stream.time_base:
                        self._put(NO_VIDEO)
                        return
                    opened = describe(stream)
                    if not opened.width or not opened.height or "avframe" in opened.codec:
                        self._put(GARBAGE)
                        return
                    reorders = bool(stream.codec_context.has_b_frames)
                    sound = sound_stream(container) if self._sound else None
                    self._put(_opened(opened, stream.time_base, reorders, sound))
                    reading = True
                    self._read(container, stream, sound, log)
                    self._put(failure_of(EOFError(), while_reading=True))
        # thread boundary: whatever it is, the source must hear of it
        except Exception as error:  # noqa: BLE001
            self._put(failure_of(error, while_reading=reading))

    def _read(
        self,
        container: InputContainer,
        stream: VideoStream,
        sound: AudioStream | None,
        log: ReaderLog,
    ) -> None:
        steady = SteadyUtc(self._clock.now_us(), time.monotonic_ns() // 1000)
        wanted = [stream] if sound is None else [stream, sound]
        keep_only(container, *wanted)
        lost = 0
        for packet in container.demux(*wanted):
            arrived_us = steady.read(self._clock.now_us(), time.monotonic_ns() // 1000)
            for line in log.taken():
                missed = _MISSED.search(line)
                lost += max(int(missed.group(1)), 1) if missed else 0
            if packet.size == 0:
                continue
            stamp = Stamp(packet.pts, packet.dts, packet.duration)
            if packet.stream is sound:
                # FFmpeg does not say which track missed packets: the next picture is told
                if not self._put(Heard(bytes(packet), stamp, arrived_us)):
                    return
                continue
            item = Arrived(
                data=bytes(packet),
                stamp=stamp,
                is_key=packet.is_keyframe,
                is_corrupt=packet.is_corrupt,
                new_extradata=side_data(packet, "new_extradata"),
                arrived_us=arrived_us,
                lost=lost,
                camera_utc_us=self._camera_clock.read(packet),
            )
            lost = 0
            if not self._put(item):
                return


def _opened(
    stream: StreamInfo, time_base: Fraction, reorders: bool, sound: AudioStream | None
) -> Opened:
    if sound is None or sound.time_base is None:
        return Opened(stream, time_base, reorders)
    return Opened(stream, time_base, reorders, describe_sound(sound), sound.time_base)


def side_data(packet: Packet[Any], kind: av.packet.PktSideDataT) -> bytes | None:
    """A packet's side data of that kind, if it has any."""
    return bytes(packet.get_sidedata(kind)) if packet.has_sidedata(kind) else None


class _CameraClock:
    """The camera's own UTC, from the last RTCP sender report.

    FFmpeg gives it as a producer reference time (``AVProducerReferenceTime``:
    a 64-bit wall clock in microseconds, then flags) for one picture after each
    report; pictures between are counted on from there.
    """

    def __init__(self) -> None:
        self._known: tuple[int, int] | None = None  # (pts, UTC)

    def read(self, packet: Packet[Any]) -> int | None:
        pts = packet.pts
        if pts is None:
            return None
        told = side_data(packet, "prft")
        if told is not None and len(told) >= 8:
            (utc_us,) = struct.unpack_from("=q", told)
            self._known = (pts, utc_us)
            return int(utc_us)
        if self._known is None:
            return None
        return self._known[1] + round((pts - self._known[0]) * packet.time_base * 1_000_000)
