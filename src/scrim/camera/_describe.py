"""What an opened container says about its video: a :class:`StreamInfo`, and its changes."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import av
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from scrim.camera.packet import StreamInfo
from scrim.camera.parameters import (
    annex_b,
    jpeg_size,
    length_size,
    parameter_sets,
    sequence_sets,
    sets_in_extradata,
)

_UNKNOWN_RATE = Fraction(25)
_HIGHEST_RATE = 480


def video_stream(container: av.container.InputContainer) -> VideoStream | None:
    """The first stream that is moving pictures (a cover picture is none)."""
    for stream in container.streams.video:
        if not stream.disposition & av.stream.Disposition.attached_pic:
            return stream
    return None


def frame_rate(stream: VideoStream) -> Fraction:
    """Frames a second as the container says, or a guess."""
    for rate in (stream.average_rate, stream.guessed_rate, stream.base_rate):
        if rate and 0 < rate <= _HIGHEST_RATE:
            return Fraction(rate)
    return _UNKNOWN_RATE


def describe(stream: VideoStream, rotation: int = 0) -> StreamInfo:
    """The stream as the container describes it; size may be 0 where it does not say."""
    context = stream.codec_context
    return StreamInfo(
        codec=context.codec.canonical_name,
        width=context.width,
        height=context.height,
        extradata=bytes(context.extradata or b""),
        pixel_format=context.pix_fmt or "",
        frame_rate=frame_rate(stream),
        rotation=rotation % 360,
    )


def seen(stream: StreamInfo, key_picture: bytes) -> StreamInfo | None:
    """The stream with size, pixels and rotation as a throw-away decoder finds them.

    ``None`` where the picture cannot be decoded.
    """
    try:
        context = av.CodecContext.create(stream.decoder, "r")
        assert isinstance(context, VideoCodecContext)
        if stream.extradata:
            context.extradata = stream.extradata
        context.width, context.height = stream.width, stream.height
        if stream.pixel_format:
            context.pix_fmt = stream.pixel_format
        frames = context.decode(Packet(key_picture)) + context.decode(None)
    except (av.error.FFmpegError, ValueError):
        return None
    if not frames:
        return None
    return seen_by(stream, frames[0])


def seen_by(stream: StreamInfo, frame: av.VideoFrame) -> StreamInfo:
    """The stream with size, pixels and rotation of a decoded picture.

    FFmpeg's display matrix turns counter-clockwise, and so does ``rotation``;
    both are what to do to the coded picture to see it upright.
    """
    return replace(
        stream,
        width=frame.width,
        height=frame.height,
        pixel_format=frame.format.name,
        rotation=round(frame.rotation / 90) % 4 * 90,
    )


class ParameterWatch:
    """Sees a change of the stream's parameters in mid-stream.

    Args:
        stream: what is known at the start.
    """

    def __init__(self, stream: StreamInfo) -> None:
        self._stream = stream
        self._adopt(stream)

    @property
    def stream(self) -> StreamInfo:
        """The parameters that hold now."""
        return self._stream

    def changed(self, data: bytes, is_key: bool, new_extradata: bytes | None) -> bool:
        """Whether the packet starts other parameters; :attr:`stream` then has them."""
        found: StreamInfo | None = None
        if new_extradata and new_extradata != self._stream.extradata:
            found = _seen_or_same(replace(self._stream, extradata=new_extradata), data)
        elif self._stream.codec in ("h264", "hevc"):
            found = self._changed_sets(data) if is_key else None
        elif self._stream.codec == "mjpeg":
            found = self._changed_size(data)
        if found is None:
            return False
        self._stream = found
        self._adopt(found)
        return True

    def confirm(self, key_picture: bytes) -> None:
        """Take size, pixels and rotation from a key picture, as far as it decodes."""
        self._stream = _seen_or_same(self._stream, key_picture)

    def _adopt(self, stream: StreamInfo) -> None:
        self._length_bytes = 0
        self._sequence: frozenset[bytes] = frozenset()
        if stream.codec in ("h264", "hevc"):
            self._length_bytes = length_size(stream.codec, stream.extradata)
            sets = sets_in_extradata(stream.codec, stream.extradata)
            self._sequence = sequence_sets(stream.codec, sets)

    def _changed_sets(self, data: bytes) -> StreamInfo | None:
        codec = self._stream.codec
        sets = parameter_sets(codec, data, self._length_bytes)
        sequence = sequence_sets(codec, sets)
        if not sequence or sequence <= self._sequence:
            return None
        if self._length_bytes:
            # an avcC or hvcC stays what the packets are framed by; only the size moves
            self._sequence = sequence
            found = _seen_or_same(self._stream, data)
            same = (found.width, found.height) == (self._stream.width, self._stream.height)
            return None if same else found
        return _seen_or_same(replace(self._stream, extradata=annex_b(sets)), data)

    def _changed_size(self, data: bytes) -> StreamInfo | None:
        size = jpeg_size(data)
        if size is None or 0 in size or size == (self._stream.width, self._stream.height):
            return None
        return replace(self._stream, width=size[0], height=size[1])


def _seen_or_same(stream: StreamInfo, key_picture: bytes) -> StreamInfo:
    return seen(stream, key_picture) or stream
