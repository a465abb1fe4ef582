"""H.264 encoders in hardware, opened so that a picture in is a packet out.

Rules kept here:

- No B frames, no look-ahead, no queue in the encoder, key frames only where asked for,
  parameter sets out of band; captions and user data are asked not to be written, and
  whatever comes besides slices is thrown away by :mod:`scrim.record.encode`.
- That an encoder opens proves nothing about it: :mod:`scrim.record.encoder_choice`
  tries it before any camera uses it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import av
from av.codec.context import Flags
from av.video.codeccontext import VideoCodecContext

SOFTWARE: Final = "libx264"


@dataclass(frozen=True, slots=True)
class Shape:
    """What a stream is to be.

    Attributes:
        width, height: even.
        frame_rate: frames a second.
        time_base: of pictures and packets.
        pixel_aspect: width of a pixel over its height, where it is not square.
        quality: as libx264's CRF; lower is better and larger.
        colours: the picture whose colour description is taken over.
    """

    width: int
    height: int
    frame_rate: Fraction
    time_base: Fraction
    pixel_aspect: Fraction | None
    quality: int
    colours: av.VideoFrame | None


Opener = Callable[[Shape], VideoCodecContext]
"""Opens an encoder; raises av.FFmpegError or ValueError where it cannot."""


@dataclass(frozen=True, slots=True)
class _Way:
    """How one encoder is opened; ``{quality}`` stands for the quality wanted."""

    pixels: str
    options: dict[str, str]


_WAYS: Final = {
    "h264_nvenc": _Way(
        "yuv420p",
        {
            "preset": "p3",
            "tune": "ull",
            "rc": "vbr",
            "cq": "{quality}",
            "b": "0",
            "delay": "0",
            "zerolatency": "1",
            "rc-lookahead": "0",
            "no-scenecut": "1",
            "forced-idr": "1",
            "strict_gop": "1",
            "a53cc": "0",
            "udu_sei": "0",
            "s12m_tc": "0",
        },
    ),
    "h264_qsv": _Way(
        "nv12",
        {
            "preset": "veryfast",
            "global_quality": "{quality}",
            "async_depth": "1",
            "look_ahead": "0",
            "forced_idr": "1",
            "a53cc": "0",
            "pic_timing_sei": "0",
            "recovery_point_sei": "0",
            "repeat_pps": "0",
        },
    ),
    # Takes pictures in the graphics processor's memory only, where nothing here puts them:
    # it opens with an FFmpeg that uploads by itself, and is left out otherwise.
    "h264_vaapi": _Way(
        "nv12",
        {"rc_mode": "CQP", "qp": "{quality}", "async_depth": "1", "sei": "0", "idr_interval": "0"},
    ),
}

HARDWARE: Final = tuple(_WAYS)
"""Names of the encoders that may be tried, in the order in which they are."""


def opener(name: str) -> Opener:
    """What opens the encoder ``name``, one of :data:`HARDWARE`."""
    way = _WAYS[name]

    def opened(shape: Shape) -> VideoCodecContext:
        context = av.CodecContext.create(name, "w")
        if not isinstance(context, VideoCodecContext):
            raise ValueError(f"{name} is no video encoder")
        context.width = shape.width
        context.height = shape.height
        context.pix_fmt = way.pixels
        context.time_base = shape.time_base
        context.framerate = shape.frame_rate
        if shape.pixel_aspect:
            context.sample_aspect_ratio = shape.pixel_aspect
        context.flags |= Flags.global_header
        context.flags |= Flags.low_delay
        context.max_b_frames = 0
        context.gop_size = 1 << 20
        if shape.colours is not None:
            context.color_range = shape.colours.color_range
            context.colorspace = shape.colours.colorspace
            context.color_primaries = shape.colours.color_primaries
            context.color_trc = shape.colours.color_trc
        context.options = {
            key: value.format(quality=shape.quality) for key, value in way.options.items()
        }
        context.open()
        return context

    return opened
