"""H.264 of redacted pictures: the masked side's only encoder.

Rules kept here:

- It takes :class:`~scrim.redact.frames.RedactedFrame` and nothing else; a clear
  frame does not type-check.
- A picture in is a packet out, at once: no B frames, no look-ahead.
- The stream carries pictures and nothing beside them: no captions, no user data.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import av
from av.codec.context import Flags
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType

from scrim.errors import RedactionError
from scrim.record.hardware import Opener, Shape
from scrim.redact.frames import RedactedFrame

TIME_BASE = Fraction(1, 90_000)
_SECOND_US = 1_000_000
_SPS = 7
_SETS_NUMBER = 31  # of our parameter sets; cameras' have low ones and may stand beside them
_SLICES = (1, 5)


class MaskedEncoder:
    """libx264 with no delay, or hardware that was tried.

    Args:
        width, height: even, of the redacted pictures.
        frame_rate: frames a second, as far as it is known; steers the rate only.
        preset, crf: libx264's speed and quality.
        threads: more than one cuts each picture into as many slices.
        origin_us: UTC time of media time 0.
        time_base: of the packets.
        pixel_aspect: width of a pixel over its height, where it is not square.
        hardware: opens another encoder than libx264, which takes its place where this fails.

    Attributes:
        duration: of a packet, in ``time_base``.
    """

    def __init__(
        self,
        width: int,
        height: int,
        frame_rate: Fraction,
        *,
        preset: str = "superfast",
        crf: int = 26,
        threads: int = 1,
        origin_us: int,
        time_base: Fraction = TIME_BASE,
        pixel_aspect: Fraction | None = None,
        hardware: Opener | None = None,
    ) -> None:
        if width < 2 or height < 2 or width % 2 or height % 2:
            raise ValueError(f"cannot encode {width}x{height}: sides must be even and at least 2")
        self.width = width
        self.height = height
        self.frame_rate = frame_rate if frame_rate > 0 else Fraction(25)
        self.time_base = time_base
        self._preset = preset
        self._crf = crf
        self._threads = threads
        self._origin_us = origin_us
        self._pixel_aspect = pixel_aspect
        self._hardware = hardware
        self._context: VideoCodecContext | None = None
        self._last_pts: int | None = None
        self.duration = max(1, round(1 / (self.frame_rate * time_base)))

    @property
    def extradata(self) -> bytes:
        """SPS and PPS, Annex B."""
        return bytes(self._opened(None).extradata or b"")

    @property
    def codec_string(self) -> str:
        """As RFC 6381 and HLS want it, e.g. ``avc1.64001f``."""
        return codec_string(self.extradata)

    def encode(
        self, frame: RedactedFrame, *, key: bool, pts: int | None = None
    ) -> list[av.Packet[Any]]:
        """The packets of ``frame``; time stamps never go back or stand still.

        Args:
            frame: of this encoder's size.
            key: whether decoding must be able to start here.
            pts: presentation time in ``time_base``; else from ``captured_us``.
        """
        picture = frame.picture
        if (picture.width, picture.height) != (self.width, self.height):
            raise ValueError("the picture has another size than the encoder")
        stamp = self.stamp(frame, pts)
        context = self._opened(picture)
        if context.pix_fmt != picture.format.name:
            picture = picture.reformat(format=context.pix_fmt)
        picture.pts = stamp
        picture.time_base = self.time_base
        # A decoder's or an earlier choice of picture type must not steer this one.
        picture.pict_type = PictureType.I if key else PictureType.NONE
        return self._finished(context.encode(picture))

    def stamp(self, frame: RedactedFrame, pts: int | None = None) -> int:
        """The time stamp of the next packet, which shows ``frame``; arguments as above."""
        if pts is None:
            away = frame.captured_us - self._origin_us
            pts = round(away / (_SECOND_US * self.time_base))
        if self._last_pts is not None and pts <= self._last_pts:
            pts = self._last_pts + 1
        self._last_pts = pts
        return pts

    def flush(self) -> list[av.Packet[Any]]:
        """What the encoder still holds (nothing, as a rule); it cannot be used after."""
        if self._context is None:
            return []
        return self._finished(self._context.encode(None))

    def _finished(self, packets: list[av.Packet[Any]]) -> list[av.Packet[Any]]:
        out = []
        for packet in packets:
            kept = packet
            # libx264 writes SEI units with key frames only; of hardware nothing is assumed
            if packet.is_keyframe or self._hardware is not None:
                data = bytes(packet)
                if any(unit[0] & 31 not in _SLICES for unit in nal_units(data)):
                    kept = av.Packet(_only_slices(data))
                    kept.is_keyframe = packet.is_keyframe
                    kept.pts, kept.dts = packet.pts, packet.dts
            kept.time_base = self.time_base
            if not kept.duration:
                kept.duration = self.duration
            out.append(kept)
        return out

    def _opened(self, picture: av.VideoFrame | None) -> VideoCodecContext:
        """The codec, opened with the colours of the first picture (or none)."""
        if self._context is None:
            self._context = self._opened_hardware(picture) or self._opened_software(picture)
        return self._context

    def _opened_hardware(self, picture: av.VideoFrame | None) -> VideoCodecContext | None:
        if self._hardware is None:
            return None
        aspect, quality = self._pixel_aspect, self._crf
        size = (self.width, self.height)
        try:
            return self._hardware(
                Shape(*size, self.frame_rate, self.time_base, aspect, quality, picture)
            )
        except (av.FFmpegError, ValueError, TypeError):
            self._hardware = None
            return None

    def _opened_software(self, picture: av.VideoFrame | None) -> VideoCodecContext:
        context = av.CodecContext.create("libx264", "w")
        assert isinstance(context, VideoCodecContext)
        context.width = self.width
        context.height = self.height
        context.pix_fmt = "yuv420p"
        context.time_base = self.time_base
        context.framerate = self.frame_rate
        if self._pixel_aspect:
            context.sample_aspect_ratio = self._pixel_aspect
        context.flags |= Flags.global_header
        context.max_b_frames = 0
        context.gop_size = 1 << 30
        context.thread_count = self._threads
        if picture is not None:
            context.color_range = picture.color_range
            context.colorspace = picture.colorspace
            context.color_primaries = picture.color_primaries
            context.color_trc = picture.color_trc
        sliced = int(self._threads > 1)
        context.options = {
            "preset": self._preset,
            "crf": str(self._crf),
            "rc-lookahead": "0",
            "forced-idr": "1",
            "a53cc": "0",
            # force-cfr: with variable frame rate x264 waits a frame to know durations.
            # Adaptive quantisation, weighted prediction and sub-pixel refinement cost half of
            # the time and gain nothing measurable here: docs/adr/0024.
            "x264-params": (
                f"scenecut=0:keyint=infinite:sync-lookahead=0:sliced-threads={sliced}:force-cfr=1"
                f":aq-mode=0:weightp=0:subme=0:sps-id={_SETS_NUMBER}"
            ),
        }
        context.open()
        return context


def codec_string(extradata: bytes) -> str:
    """The first sequence parameters as RFC 6381 and HLS want them, e.g. ``avc1.64001f``.

    Raises:
        RedactionError: there are none.
    """
    for unit in nal_units(extradata):
        if unit[0] & 31 == _SPS:
            return f"avc1.{unit[1:4].hex()}"
    raise RedactionError("The encoder gave no sequence parameters.")


def nal_units(data: bytes) -> Iterator[bytes]:
    """NAL units of an Annex B stream, without start codes."""
    begin = data.find(b"\0\0\1")
    while begin >= 0:
        end = data.find(b"\0\0\1", begin + 3)
        unit = data[begin + 3 : end if end >= 0 else len(data)]
        if end >= 0:
            unit = unit.rstrip(b"\0")
        if unit:
            yield unit
        begin = end


def unit_types(data: bytes) -> set[int]:
    """Types of the NAL units of an Annex B packet; 5 is a slice of a key frame, 1 of another."""
    return {unit[0] & 31 for unit in nal_units(data)}


def _only_slices(data: bytes) -> bytes:
    return b"".join(b"\0\0\0\1" + unit for unit in nal_units(data) if unit[0] & 31 in _SLICES)
