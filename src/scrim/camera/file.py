"""Video files: any container FFmpeg reads, played at their own pace."""

from __future__ import annotations

import stat
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from threading import Event
from typing import Any, Protocol

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from scrim.camera import _options
from scrim.camera._describe import ParameterWatch, describe, frame_rate, seen_by, video_stream
from scrim.camera._feed import side_data
from scrim.camera._losses import Losses
from scrim.camera._sound import FileSound, Rising, describe_sound, keep_only, sound_stream
from scrim.camera.address import file_path
from scrim.camera.packet import (
    ClearPacket,
    ClearSound,
    Gap,
    GapCause,
    SoundInfo,
    SourceEnded,
    SourceEvent,
    StreamInfo,
    StreamStarted,
)
from scrim.camera.timeline import STEP_US, Moment, Stamp, Timeline
from scrim.canonical import Json
from scrim.clock import SECOND, Clock
from scrim.errors import CameraError, SourceMissing, SourceNotVideo, SourceRefused

# what FFmpeg reads too, but is text drawn as pictures or a list of other files
_NO_VIDEO_FORMATS = frozenset({"tty", "bin", "xbin", "idf", "adf", "concat", "hls", "dash", "sdp"})
_TIMEOUT_S = 30.0  # for opening, and for each read: a network share may hang
_LEAP_US = 60 * SECOND  # pictures of a slide show stay long
_NOT_VIDEO = "Give a video file: MP4, Matroska, AVI, MPEG-TS, GIF, or another that FFmpeg reads."


class Pace(Protocol):
    """UTC for a file that plays, and how to wait for it."""

    def now_us(self) -> int:
        """UTC now; never runs backward."""

    def sleep_until(self, utc_us: int, stop: Event) -> None:
        """Return at ``utc_us``, or once ``stop`` is set."""


class RealPace:
    """As time passes: UTC when made, and on from there with the monotonic clock."""

    def __init__(self, clock: Clock) -> None:
        self._start_us = clock.now_us() - time.monotonic_ns() // 1000

    def now_us(self) -> int:
        return self._start_us + time.monotonic_ns() // 1000

    def sleep_until(self, utc_us: int, stop: Event) -> None:
        wait_us = utc_us - self.now_us()
        if wait_us > 0:
            stop.wait(wait_us / SECOND)


class FileSource:
    """Packets of a video file.

    Capture time is UTC at the start plus media time, and goes on evenly when
    the file starts over.

    Args:
        path: the file.
        loop: start over at the end, for ever.
        paced: deliver each picture at its time, rather than as fast as possible.
        pace: the time; a test passes its own.
        sound: yield its sound too, where it has any.
    """

    def __init__(
        self, path: Path, *, loop: bool, paced: bool, pace: Pace, sound: bool = False
    ) -> None:
        self._path = path
        self._loop = loop
        self._paced = paced
        self._pace = pace
        self._sound = sound

    @classmethod
    def from_options(
        cls, source: str, options: Mapping[str, Json], clock: Clock, *, sound: bool = False
    ) -> FileSource:
        """A file with options ``loop`` (false) and ``pace`` (true).

        Raises:
            CameraError: an option is wrong.
        """
        _options.check_names("file", options)
        return cls(
            Path(file_path(source)),
            loop=_options.flag(options, "loop", False),
            paced=_options.flag(options, "pace", True),
            pace=RealPace(clock),
            sound=sound,
        )

    def events(self, stop: Event) -> Iterator[SourceEvent]:
        """Events until the end, or ``stop``; see :class:`scrim.camera.packet.Source`.

        Raises:
            SourceMissing: no such file.
            SourceNotVideo: not a video, empty, cut off before the first picture.
            SourceRefused: may not be read.
        """
        stream = first_look(self._path)
        run = _Run(stream, self._pace.now_us())
        while True:
            before = run.packets
            with open_file(self._path) as container:
                yield from self._once(container, run, stop)
            if stop.is_set():
                yield from run.losses.end()
                return
            if not self._loop or run.packets == before:
                yield from run.losses.end()
                yield Gap(run.end_us, None, GapCause.ENDED, "the file came to its end")
                yield SourceEnded()
                return

    def probe(self, timeout_s: float = 0.0) -> StreamInfo:  # noqa: ARG002 - a file answers at once
        """The stream, once a first picture was decoded.

        Raises:
            CameraError: as in :meth:`events`.
        """
        return first_look(self._path)

    def _once(self, container: InputContainer, run: _Run, stop: Event) -> Iterator[SourceEvent]:
        """The file from its first packet to its last."""
        stream = _checked_stream(container, self._path)
        sound = sound_stream(container) if self._sound else None
        wanted = [stream] if sound is None else [stream, sound]
        keep_only(container, *wanted)
        run.begin(stream, sound)
        try:
            for packet in container.demux(*wanted):
                if stop.is_set():
                    return
                if packet.stream is sound:
                    yield from run.hear(packet)
                    continue
                if packet.size == 0:
                    continue
                events, captured_us = run.take(packet)
                if self._paced:
                    self._pace.sleep_until(captured_us, stop)
                yield from events
        except av.error.FFmpegError:
            # what came before stands; the rest of the file cannot be read
            yield from run.losses.damaged(run.end_us, run.end_us, "the file is damaged")


class _Run:
    """What goes on over all the rounds of a looped file."""

    def __init__(self, stream: StreamInfo, start_us: int) -> None:
        self._stream = stream
        self._announced: StreamInfo | None = None
        self.losses = Losses(GapCause.DAMAGED)
        self.end_us = start_us
        self.packets = 0
        self._decode_us = start_us - 3600 * SECOND
        self._rising = Rising()
        self._sound: FileSound | None = None
        self._heard: SoundInfo | None = None

    def begin(self, stream: VideoStream, sound: AudioStream | None) -> None:
        """A round starts."""
        self._sound = None if sound is None else FileSound(sound, self._rising)
        self._heard = None if sound is None else describe_sound(sound)
        assert stream.time_base is not None
        self._time_base = stream.time_base
        self._watch = ParameterWatch(self._stream)
        self._timeline = Timeline(
            stream.time_base,
            frame_rate(stream),
            reorders=bool(stream.codec_context.has_b_frames),
            leap_us=_LEAP_US,
            first_us=self.end_us,
        )

    def hear(self, packet: Packet[Any]) -> list[ClearSound]:
        """The sound of a packet, if its place is known yet."""
        return [] if self._sound is None else self._sound.take(packet)

    def take(self, packet: Packet[Any]) -> tuple[list[SourceEvent], int]:
        """The events of a packet, and its capture time."""
        data = bytes(packet)
        stamp = Stamp(packet.pts, packet.dts, packet.duration)
        moment = self._timeline.place(stamp)
        made = self._packet(packet, data, moment)
        events: list[SourceEvent] = []
        self._watch.changed(data, packet.is_keyframe, side_data(packet, "new_extradata"))
        if self._watch.stream != self._announced:
            self._announced = self._watch.stream
            events.append(StreamStarted(self._announced, self._heard))
        since_us = min(self.end_us, made.captured_us)
        if moment.jumped_us:
            detail = f"the time stamps leapt by {moment.jumped_us / SECOND:.3f} s"
            events.append(Gap(since_us, None, GapCause.CLOCK_JUMPED, detail))
            events.append(Gap(since_us, made.captured_us, GapCause.CLOCK_JUMPED, detail))
        if packet.is_corrupt:
            until_us = made.captured_us + made.duration_us
            events += self.losses.damaged(made.captured_us, until_us, "the file is damaged")
        else:
            events += self.losses.clean(made.captured_us)
        events.append(made)
        if self._sound is not None:
            events += self._sound.picture(stamp, moment, self._time_base)
        self.packets += 1
        self.end_us = self._timeline.end_us
        return events, made.captured_us

    def _packet(self, packet: Packet[Any], data: bytes, moment: Moment) -> ClearPacket:
        decode_us = max(moment.decode_us, self._decode_us + STEP_US)
        self._decode_us = decode_us
        return ClearPacket(
            data=data,
            captured_us=max(moment.media_us, decode_us),
            decode_us=decode_us,
            duration_us=moment.duration_us,
            is_key=packet.is_keyframe,
            camera_pts=packet.pts,
            camera_time_base=self._time_base,
        )


def first_look(path: Path) -> StreamInfo:
    """The video in a file, once its first picture was decoded.

    Raises:
        SourceMissing: no such file, or a folder.
        SourceNotVideo: not a video, empty, or cut off before the first picture.
        SourceRefused: may not be read.
    """
    with open_file(path) as container:
        stream = _checked_stream(container, path)
        keep_only(container, stream)
        frame = None
        try:
            frame = next(container.decode(stream), None)
        except av.error.FFmpegError:
            pass  # said below, in words that help
        if frame is None or not frame.width or not frame.height:
            raise SourceNotVideo(
                f"{path} is cut off or damaged before its first picture.",
                "Copy it again from where it came, or repair it with FFmpeg.",
            )
        return seen_by(describe(stream), frame)


def _checked_stream(container: InputContainer, path: Path) -> VideoStream:
    names = set(container.format.name.split(","))
    if names & _NO_VIDEO_FORMATS:
        raise SourceNotVideo(f"{path} is not a video.", _NOT_VIDEO)
    stream = video_stream(container)
    if stream is None:
        if container.streams.audio:
            raise SourceNotVideo(f"{path} holds sound and no pictures.", _NOT_VIDEO)
        raise SourceNotVideo(f"{path} holds no video.", _NOT_VIDEO)
    if not stream.time_base:
        raise SourceNotVideo(
            f"{path} is in a format that this FFmpeg cannot decode.",
            "Convert it to H.264 in MP4 first.",
        )
    return stream


def open_file(path: Path) -> InputContainer:
    """A file with a video, opened; never a play list, a pipe or anything that waits.

    Raises:
        SourceMissing, SourceNotVideo, SourceRefused: as in :func:`first_look`.
    """
    try:
        found = path.stat()
    except PermissionError as error:
        raise _unreadable(path) from error
    except (OSError, ValueError) as error:
        raise SourceMissing(f"There is no file {path}.", "Check the name.") from error
    if stat.S_ISDIR(found.st_mode):
        raise SourceMissing(f"{path} is a folder and not a file.", "Give one file in it.")
    if stat.S_ISFIFO(found.st_mode) or stat.S_ISSOCK(found.st_mode):
        raise SourceNotVideo(
            f"{path} is a pipe and not a file.", _NOT_VIDEO
        )  # may never say a word
    if stat.S_ISREG(found.st_mode) and found.st_size == 0:
        raise SourceNotVideo(f"{path} is empty.", "Copy it again from where it came.")
    if stat.S_ISREG(found.st_mode) and _is_list(path):
        raise SourceNotVideo(f"{path} is a list of other files and not a video.", _NOT_VIDEO)
    try:
        # the prefix keeps a colon in a name from being read as a protocol, and the
        # whitelist keeps a play list from reaching into the network
        container = av.open(
            f"file:{path}", options={"protocol_whitelist": "file"}, timeout=_TIMEOUT_S
        )
    except av.error.PermissionError as error:
        raise _unreadable(path) from error
    except av.error.FileNotFoundError as error:
        raise SourceMissing(f"There is no file {path}.", "Check the name.") from error
    except (av.error.FFmpegError, UnicodeError) as error:
        raise SourceNotVideo(
            f"{path} is not a video, or is cut off.",
            f"{_NOT_VIDEO} If it was one, copy it again from where it came.",
        ) from error
    return container


def _is_list(path: Path) -> bool:
    """Whether it is a play list: FFmpeg would wait for ever for one to grow."""
    try:
        with path.open("rb") as file:
            start = file.read(512).lstrip(b"\xef\xbb\xbf \t\r\n")
    except OSError as error:
        raise _unreadable(path) from error
    return start.startswith((b"#EXTM3U", b"ffconcat", b"v=0")) or b"<MPD" in start


def _unreadable(path: Path) -> CameraError:
    return SourceRefused(f"{path} may not be read.", "Give this user the right to read it.")
