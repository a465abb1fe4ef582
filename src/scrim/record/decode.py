"""Packets in, upright clear frames out; damage is said, never raised.

The codec is set up from :class:`~scrim.camera.packet.StreamInfo` alone, so that
file, RTSP and USB look the same here.  A picture's time stamp is its UTC capture
time: packets carry ``captured_us`` through the decoder as their time stamp.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import av
import numpy as np
from av.codec.context import Flags
from av.video.codeccontext import VideoCodecContext

from scrim.camera.packet import ClearPacket, StreamInfo
from scrim.errors import SourceNotVideo
from scrim.redact.frames import ClearFrame
from scrim.redact.mask import in_yuv420p, samples

_MICROSECONDS = Fraction(1, 1_000_000)
_MOST_HELD = 256
_HEALS_AFTER_US = 10_000_000
"""A stream without key frames (intra refresh) is trusted again after this long without damage."""


class Damage:
    """From where to where a stream's pictures cannot be trusted.

    Damage (a packet that does not decode, or a picture the decoder had to patch)
    lasts to the next key frame, since what follows is predicted from it.
    """

    def __init__(self) -> None:
        self._since_us: int | None = None
        self.packets = 0
        """Packets that did not decode."""

    def packet(self, at_us: int) -> None:
        """A packet did not decode."""
        self.packets += 1
        self._since_us = at_us

    def covers(self, picture: av.VideoFrame, at_us: int) -> bool:
        """Whether the next picture of the stream, shown at ``at_us``, is damaged."""
        if self._since_us is not None and at_us > self._since_us:
            aged = at_us - self._since_us > _HEALS_AFTER_US
            if picture.key_frame or aged:
                self._since_us = None
        if picture.is_corrupt:
            self._since_us = at_us
        return self._since_us is not None


class Decoder:
    """Decodes one stream; a new stream needs a new decoder.

    Args:
        stream: codec and parameters.
        threads: more than one decodes several pictures side by side, and holds back
            one less than that.

    Raises:
        SourceNotVideo: FFmpeg knows no such codec, or its parameters are broken.
    """

    def __init__(self, stream: StreamInfo, threads: int = 1) -> None:
        self._stream = stream
        self._threads = threads
        self._context = self._opened()
        self._index = 0
        self._segments: dict[int, int] = {}
        self._damage = Damage()

    @property
    def garbage(self) -> int:
        """Packets that did not decode."""
        return self._damage.packets

    def decode(self, packet: ClearPacket, segment: int = 0) -> list[ClearFrame]:
        """Pictures that are ready once ``packet`` has been given, in presentation order.

        Args:
            packet: the next one in decoding order.
            segment: the number of the sealed segment it lies in.
        """
        if not packet.data:  # FFmpeg would take an empty packet for the end of the stream
            self._damage.packet(packet.captured_us)
            return []
        encoded: av.Packet[Any] = av.Packet(packet.data)
        encoded.pts = packet.captured_us
        encoded.dts = packet.decode_us
        encoded.time_base = _MICROSECONDS
        encoded.is_keyframe = packet.is_key
        self._segments[packet.captured_us] = segment
        try:
            pictures = self._context.decode(encoded)
        except av.FFmpegError:
            self._damage.packet(packet.captured_us)
            self._segments.pop(packet.captured_us, None)
            return []
        return [self._frame(picture, packet.captured_us, segment) for picture in pictures]

    def flush(self) -> list[ClearFrame]:
        """Pictures still held back; the decoder starts afresh afterwards."""
        last = max(self._segments, default=0)
        segment = self._segments.get(last, 0)
        try:
            pictures = self._context.decode(None)
        except av.FFmpegError:
            self._damage.packet(last)
            pictures = []
        out = [self._frame(picture, last, segment) for picture in pictures]
        self._context = self._opened()
        self._segments.clear()
        return out

    def _frame(self, picture: av.VideoFrame, newest_us: int, newest_segment: int) -> ClearFrame:
        captured_us = picture.pts if picture.pts is not None else newest_us
        segment = self._segments.pop(captured_us, newest_segment)
        if len(self._segments) > _MOST_HELD:  # packets that never gave a picture
            self._segments = {us: s for us, s in self._segments.items() if us > captured_us}
        frame = ClearFrame(
            picture=upright(picture, self._stream.rotation),
            index=self._index,
            captured_us=captured_us,
            segment=segment,
            damaged=self._damage.covers(picture, captured_us),
        )
        self._index += 1
        return frame

    def _opened(self) -> VideoCodecContext:
        try:
            context = av.CodecContext.create(self._stream.decoder, "r")
            if not isinstance(context, VideoCodecContext):
                raise ValueError(self._stream.codec)
            if self._stream.extradata:
                context.extradata = self._stream.extradata
            if self._stream.width > 0 and self._stream.height > 0:
                context.width = self._stream.width
                context.height = self._stream.height
            if self._stream.pixel_format:
                context.pix_fmt = self._stream.pixel_format
            context.thread_count = self._threads
            context.thread_type = "AUTO" if self._threads > 1 else "SLICE"
            # Damaged pictures are wanted too: they are blanked, and time stays whole.
            context.flags |= Flags.output_corrupt
            context.open()
        except (av.FFmpegError, ValueError) as error:
            raise SourceNotVideo(
                f"Pictures in {self._stream.codec or 'an unknown format'} cannot be decoded.",
                "Set the camera to H.264, H.265 or MJPEG.",
            ) from error
        return context


def upright(picture: av.VideoFrame, rotation: int) -> av.VideoFrame:
    """``picture`` turned counter-clockwise by ``rotation`` degrees (a multiple of 90)."""
    turns = rotation // 90 % 4
    if turns == 0:
        return picture
    source, _ = in_yuv420p(picture)
    swap = turns % 2 == 1
    width, height = source.width, source.height
    out = av.VideoFrame(height if swap else width, width if swap else height, source.format.name)
    for plane, turned in zip(source.planes, out.planes, strict=True):
        samples(turned)[:] = np.rot90(samples(plane), turns)
    out.colorspace, out.color_range = source.colorspace, source.color_range
    out.color_primaries, out.color_trc = source.color_primaries, source.color_trc
    return out
