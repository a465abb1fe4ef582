"""H.264 as cameras send it, and as they should not: a still street with noise."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext

from scrim.camera.packet import ClearPacket, StreamInfo

RATE = 25
STEP_US = 1_000_000 // RATE
START = b"\0\0\0\1"
SIZE = (320, 192)
PLAIN = {"preset": "veryfast", "crf": "23", "bf": "0", "sc_threshold": "0"}


def picture(index: int, size: tuple[int, int] = SIZE) -> av.VideoFrame:
    """A street that stands still, with a camera's noise."""
    width, height = size
    random = np.random.default_rng(index)
    planes = np.full((height * 3 // 2, width), 128, np.uint8)
    noise = random.integers(-6, 7, (height, width))
    planes[:height] = np.linspace(60, 160, width)[None, :] + noise
    return av.VideoFrame.from_ndarray(planes, format="yuv420p")


def coded(
    count: int,
    *,
    size: tuple[int, int] = SIZE,
    gop: int = 25,
    options: Mapping[str, str] | None = None,
    pixels: str = "yuv420p",
    full_range: bool = False,
) -> tuple[StreamInfo, list[ClearPacket]]:
    """``count`` pictures from second 1 on; parameter sets are in the packets of key pictures."""
    context = av.CodecContext.create("libx264", "w")
    assert isinstance(context, VideoCodecContext)
    context.width, context.height, context.pix_fmt = (*size, pixels)
    context.time_base, context.framerate = Fraction(1, RATE), Fraction(RATE)
    context.gop_size, context.thread_count = gop, 1
    context.color_range = 2 if full_range else 0
    context.options = dict(PLAIN if options is None else options)
    made: list[av.Packet[av.VideoStream]] = []
    for index in range(count):
        frame = picture(index, size).reformat(format=pixels)
        frame.pts, frame.time_base = index, Fraction(1, RATE)
        frame.color_range = context.color_range
        made += context.encode(frame)
    made += context.encode(None)
    info = StreamInfo("h264", *size, b"", "", Fraction(RATE))
    return info, [
        ClearPacket(
            data=bytes(packet),
            captured_us=1_000_000 + int(packet.pts or 0) * STEP_US,
            decode_us=1_000_000 + number * STEP_US,
            duration_us=STEP_US,
            is_key=bool(packet.is_keyframe),
            camera_pts=packet.pts,
            camera_time_base=Fraction(1, RATE),
        )
        for number, packet in enumerate(made)
    ]


def units(data: bytes) -> list[bytes]:
    """The NAL units of Annex B data."""
    found = data.replace(START, START[1:]).split(START[1:])[1:]
    return [unit.rstrip(b"\0") for unit in found]


def annex_b(units: Sequence[bytes]) -> bytes:
    return b"".join(START + unit for unit in units)


def with_units(packet: ClearPacket, *more: bytes, behind: bool = False) -> ClearPacket:
    """The packet with other NAL units before (or behind) its own."""
    extra = annex_b(more)
    return replace(packet, data=packet.data + extra if behind else extra + packet.data)


def decoded(data: Sequence[bytes], extradata: bytes = b"") -> list[av.VideoFrame]:
    """The pictures of packets."""
    context = av.CodecContext.create("h264", "r")
    if extradata:
        context.extradata = extradata
    context.thread_count = 1
    frames: list[av.VideoFrame] = []
    for one in data:
        frames += context.decode(av.Packet(one))
    return frames + context.decode(None)


def write_film(path: Path, packets: Sequence[ClearPacket], *, turned: int = 0) -> Path:
    """The packets as a file, with everything that is in them."""
    head = io.BytesIO(packets[0].data)
    with (
        av.open(head, "r", format="h264") as template,
        av.open(str(path), "w") as output,
    ):
        stream = output.add_stream_from_template(template.streams.video[0])
        stream.time_base = Fraction(1, RATE)
        if turned:
            stream.set_display_rotation(90 * turned)
        for number, packet in enumerate(packets):
            made = av.Packet(packet.data)
            made.pts = made.dts = number
            made.duration, made.time_base = 1, Fraction(1, RATE)
            made.is_keyframe, made.stream = packet.is_key, stream
            output.mux(made)
    return path
