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
from scrim.redact.mask import samples

_MICROSECONDS = Fraction(1, 1_000_000)
_HEALS_AFTER_US = 10_000_000
"""A stream without key frames (intra refresh) is trusted again after this long without damage."""


class Decoder:
    """Decodes one stream; a new stream needs a new decoder.

    Damage (a packet that does not decode, or a picture the decoder had to patch)
    marks every picture as ``damaged`` from there to the next key frame, since what
    follows is predicted from it.

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
        self._broken_us: int | None = None
        self._key_us: set[int] = set()
        self.garbage = 0
        """Packets that did not decode."""

    def decode(self, packet: ClearPacket, segment: int = 0) -> list[ClearFrame]:
        """Pictures that are ready once ``packet`` has been given, in presentation order.

        Args:
            packet: the next one in decoding order.
            segment: the number of the sealed segment it lies in.
        """
        encoded: av.Packet[Any] = av.Packet(packet.data)
        encoded.pts = packet.captured_us
        encoded.dts = packet.decode_us
        encoded.time_base = _MICROSECONDS
        encoded.is_keyframe = packet.is_key
        self._segments[packet.captured_us] = segment
        if packet.is_key:
            self._key_us.add(packet.captured_us)
        if len(packet.data) == 0:  # an empty packet would end the stream
            self._broken(packet.captured_us)
            return []
        try:
            pictures = self._context.decode(encoded)
        except av.FFmpegError:
            self._broken(packet.captured_us)
            return []
        return [self._frame(picture, packet.captured_us) for picture in pictures]

    def flush(self) -> list[ClearFrame]:
        """Pictures still held back; the decoder starts afresh afterwards."""
        try:
            pictures = self._context.decode(None)
        except av.FFmpegError:
            self.garbage += 1
            pictures = []
        out = [self._frame(picture, picture.pts or 0) for picture in pictures]
        self._context = self._opened()
        self._segments.clear()
        self._key_us.clear()
        self._broken_us = None
        return out

    def _broken(self, at_us: int) -> None:
        self.garbage += 1
        self._broken_us = at_us
        self._segments.pop(at_us, None)
        self._key_us.discard(at_us)

    def _frame(self, picture: av.VideoFrame, newest_us: int) -> ClearFrame:
        captured_us = picture.pts if picture.pts is not None else newest_us
        segment = self._segments.pop(captured_us, None)
        if segment is None:
            segment = max(self._segments.values(), default=0)
        key = captured_us in self._key_us and picture.key_frame
        # Packets that gave no picture must not be remembered for ever.
        if len(self._segments) > 256:
            self._segments = {us: s for us, s in self._segments.items() if us > captured_us}
            self._key_us = {us for us in self._key_us if us >= captured_us}
        if self._broken_us is not None and captured_us > self._broken_us:
            aged = captured_us - self._broken_us > _HEALS_AFTER_US
            if key or aged:
                self._broken_us = None
        if picture.is_corrupt:
            self._broken_us = captured_us
        frame = ClearFrame(
            picture=_upright(picture, self._stream.rotation),
            index=self._index,
            captured_us=captured_us,
            segment=segment,
            damaged=self._broken_us is not None,
        )
        self._index += 1
        return frame

    def _opened(self) -> VideoCodecContext:
        try:
            context = av.CodecContext.create(self._stream.codec, "r")
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


def _upright(picture: av.VideoFrame, rotation: int) -> av.VideoFrame:
    """``picture`` turned counter-clockwise by ``rotation`` degrees (a multiple of 90)."""
    turns = rotation // 90 % 4
    if turns == 0:
        return picture
    full = picture.format.name.startswith("yuvj")
    source = picture.reformat(format="yuvj420p" if full else "yuv420p")
    swap = turns % 2 == 1
    width, height = source.width, source.height
    out = av.VideoFrame(height if swap else width, width if swap else height, source.format.name)
    for plane, turned in zip(source.planes, out.planes, strict=True):
        samples(turned)[:] = np.rot90(samples(plane), turns)
    out.pts, out.time_base = picture.pts, picture.time_base
    out.colorspace, out.color_range = source.colorspace, source.color_range
    out.color_primaries, out.color_trc = source.color_primaries, source.color_trc
    return out
