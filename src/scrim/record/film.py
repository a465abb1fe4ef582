"""Reading a film into clear frames, and writing redacted ones as a film.

Rules kept here:

- Frames come upright, with the input's own time stamps, and one that the decoder
  doubts is marked as damaged.
- A writer takes redacted frames, and packets that :mod:`scrim.record.passage` lets stand
  for clear ones; nothing of the input but pictures goes over.
- A file appears whole under its name or not at all (:class:`Beside`).
"""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.container import InputContainer, OutputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from scrim.camera.file import open_file
from scrim.camera.packet import ClearPacket, StreamInfo
from scrim.errors import SourceNotVideo, StoreError, StoreFull
from scrim.record.decode import Damage, upright
from scrim.record.encode import MaskedEncoder
from scrim.record.passage import Passage
from scrim.redact import ClearFrame, Policy, RedactedFrame
from scrim.redact.mask import resized

FORMATS = {".mp4": "mp4", ".mkv": "matroska"}
"""What :class:`FilmWriter` writes, by the suffix of a file."""

_KEY_EVERY_US = 2_000_000
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class FilmReader:
    """The first real video stream of a file, decoded and upright.

    Attributes:
        passage: what packets may stand for its frames; ``None`` once none may.
    """

    def __init__(self, source: Path, threads: int, policy: Policy) -> None:
        self.source = source
        self._container = open_file(source)
        self._stream = _video(self._container, source)
        self._stream.codec_context.thread_count = threads
        self._stream.codec_context.thread_type = "AUTO" if threads > 1 else "SLICE"
        self.time_base = self._stream.time_base or Fraction(1, 1000)
        self.frame_rate = Fraction(
            self._stream.average_rate or self._stream.guessed_rate or Fraction(25)
        )
        self.pixel_aspect = self._stream.sample_aspect_ratio or None
        self.sound = len(self._container.streams.audio)
        self.total = self._stream.frames or self._estimated()
        self.size = (0, 0)
        self.cut_off = False
        self._damage = Damage()
        context = self._stream.codec_context
        self.passage: Passage | None = Passage(
            StreamInfo(
                codec=context.codec.canonical_name,
                width=context.width,
                height=context.height,
                extradata=bytes(context.extradata or b""),
                pixel_format=context.pix_fmt or "",
                frame_rate=self.frame_rate,
            ),
            zones=bool(policy.zones),
        )

    def __enter__(self) -> FilmReader:
        return self

    def __exit__(self, *_: object) -> None:
        self._container.close()

    def frames(self) -> Iterator[tuple[ClearFrame, int, int]]:
        """Each frame, its time stamp and its duration (0 unknown) in ``time_base``."""
        step = max(1, round(1 / (self.frame_rate * self.time_base)))
        last: int | None = None
        for index, picture in enumerate(self._pictures()):
            pts = picture.pts
            if pts is None or (last is not None and pts <= last):
                pts = 0 if last is None else last + step if picture.pts is None else last + 1
            last = pts
            rotation = picture.rotation
            if rotation:
                self.passage = None
            turned = upright(picture, rotation)
            if index == 0:
                self.size = (turned.width, turned.height)
                if rotation % 180 and self.pixel_aspect:
                    self.pixel_aspect = 1 / self.pixel_aspect
            captured_us = self._us(pts)
            damaged = self._damage.covers(picture, captured_us)
            frame = ClearFrame(turned, index, captured_us, damaged=damaged)
            yield frame, pts, picture.duration or 0
        self._judge_end(last, step)

    def _pictures(self) -> Iterator[av.VideoFrame]:
        packets: Iterator[av.Packet[VideoStream]] = self._container.demux(self._stream)
        last_us = 0
        while True:
            try:
                packet = next(packets)
            except StopIteration:
                return
            except av.FFmpegError:  # the file ends in the middle of something
                self.cut_off = True
                yield from self._held_back()
                return
            if packet.pts is not None:
                last_us = self._us(packet.pts)
                self._show(packet, last_us)
            if packet.is_corrupt:
                self.cut_off = True
                self._damage.packet(last_us)
            try:
                pictures = packet.decode()
            except av.FFmpegError:
                self._damage.packet(last_us)
                continue
            yield from pictures

    def _show(self, packet: av.Packet[VideoStream], us: int) -> None:
        """Let the passage see a packet before it is decoded."""
        if packet.has_sidedata("new_extradata"):
            self.passage = None
        if self.passage is not None and packet.size:
            self.passage.arrived(
                ClearPacket(
                    data=bytes(packet),
                    captured_us=us,
                    decode_us=us,
                    duration_us=0,
                    is_key=packet.is_keyframe,
                    camera_pts=packet.pts,
                    camera_time_base=self.time_base,
                )
            )

    def _us(self, pts: int) -> int:
        return round(pts * self.time_base * 1_000_000)

    def _held_back(self) -> Iterator[av.VideoFrame]:
        try:
            yield from self._stream.codec_context.decode(None)
        except av.FFmpegError:
            return

    def _judge_end(self, last: int | None, step: int) -> None:
        """A container that promised more than it held was cut off."""
        if last is None or self.cut_off:
            return
        duration = self._stream.duration
        start = self._stream.start_time or 0
        if duration is not None:
            promised = start + duration
        elif self._container.duration is not None:
            begin = self._container.start_time or 0
            end = Fraction(begin + self._container.duration, av.time_base)
            promised = int(end / self.time_base)
            if self._container.streams.audio:
                return  # the sound may simply be longer
        else:
            return
        spare = max(5 * step, round(Fraction(1, 2) / self.time_base))
        self.cut_off = last + step + spare < promised

    def _estimated(self) -> int | None:
        duration = self._container.duration
        if duration is None:
            return None
        return max(1, round(Fraction(duration, av.time_base) * self.frame_rate))


class FilmWriter:
    """An MP4 or Matroska file with one H.264 stream."""

    def __init__(self, path: Path, form: str, reader: FilmReader, threads: int) -> None:
        self._file = path.open("wb")
        self._form = form
        self._reader = reader
        self._threads = threads
        self._container: OutputContainer | None = None
        self._encoder: MaskedEncoder | None = None
        self._stream: VideoStream | None = None
        self._template: InputContainer | None = None
        self._last_key_us = 0
        self._passing = False

    def write(self, frame: RedactedFrame, pts: int, duration: int) -> bool:
        """Append ``frame``, shown at ``pts`` for ``duration`` in the input's time base.

        Returns:
            Whether it is the input's own packet.
        """
        encoder = self._encoder
        if encoder is None:
            encoder = self._encoder = MaskedEncoder(
                *frame.size,
                self._reader.frame_rate,
                threads=self._threads,
                origin_us=0,
                time_base=self._reader.time_base,
                pixel_aspect=self._reader.pixel_aspect,
            )
        passage = self._reader.passage
        passed = passage.take(frame) if passage is not None else None
        due = self._stream is None or frame.captured_us - self._last_key_us >= _KEY_EVERY_US
        if passed is not None:
            key = passed.key
            packets = [passed.packet(encoder, frame, pts)]
        else:
            key = due or self._passing
            frame = resized(frame, encoder.width, encoder.height)
            packets = encoder.encode(frame, key=key, pts=pts)
        self._passing = passed is not None
        if key:
            self._last_key_us = frame.captured_us
        if duration > 0:
            for packet in packets:
                packet.duration = duration
        self._mux(packets)
        return self._passing

    def close(self) -> None:
        """Write the end of the file, and see it onto the disk."""
        try:
            if self._encoder is not None:
                self._mux(self._encoder.flush())
            if self._container is not None:
                self._container.close()
            if self._template is not None:
                self._template.close()
            self._file.flush()
            os.fsync(self._file.fileno())
        finally:
            self._file.close()

    def _mux(self, packets: list[av.Packet[Any]]) -> None:
        if not packets:
            return
        assert self._encoder is not None
        if self._stream is None:
            # bitexact: no version of the writer, no date of making.
            self._container = av.open(
                self._file, "w", self._form, container_options={"fflags": "+bitexact"}
            )
            # FFmpeg describes the output's track from a stream it has parsed itself.
            sets = self._encoder.extradata
            if self._reader.passage is not None:
                sets = self._reader.passage.join(sets)
            head = io.BytesIO(sets + bytes(packets[0]))
            self._template = av.open(head, "r", "h264")
            self._stream = self._container.add_stream_from_template(self._template.streams.video[0])
            self._stream.time_base = self._encoder.time_base
        assert self._container is not None
        for packet in packets:
            packet.stream = self._stream
            self._container.mux(packet)


class Beside:
    """A file to write in the folder of ``target``, renamed onto it or removed."""

    def __init__(self, target: Path) -> None:
        self._target = target
        self.path = target.with_name(f".{target.name}.{os.getpid()}.part")
        self._kept = False

    def __enter__(self) -> Beside:
        if self._target.is_dir():
            raise StoreError(f"{self._target} is a folder.", "Give a file's name.")
        try:
            self.path.open("xb").close()
        except OSError as error:
            raise store_error(error, self._target) from error
        return self

    def keep(self) -> None:
        """Put the finished file in its place."""
        self.path.replace(self._target)
        self._kept = True

    def __exit__(self, *_: object) -> None:
        if not self._kept:
            self.path.unlink(missing_ok=True)


def _video(container: InputContainer, source: Path) -> VideoStream:
    for stream in container.streams.video:
        if not stream.disposition & Disposition.attached_pic:
            return stream
    container.close()
    raise SourceNotVideo(f"{source.name} holds no video.", "Give a file with pictures that move.")


def store_error(error: OSError, target: Path) -> StoreError:
    """What to say of a file that could not be written."""
    if error.errno in _FULL:
        return StoreFull(
            f"There is no room left to write {target.name}.",
            "Free some space, or write elsewhere; nothing was left behind.",
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return StoreError(
            f"The folder {target.parent} cannot be written.", "Choose another, or mend its rights."
        )
    if error.errno == errno.ENOENT and not target.parent.is_dir():
        return StoreError(f"There is no folder {target.parent}.", "Make it first.")
    return StoreError(f"{target.name} cannot be written ({error.strerror}).", "Try elsewhere.")
