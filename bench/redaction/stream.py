"""Packets of a clip, and pictures of an H.264 stream."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from scrim.camera.packet import ClearPacket, StreamInfo
from scrim.redact.mask import samples


def packets(path: Path, rate: float) -> tuple[StreamInfo, list[ClearPacket]]:
    """The stream's description and its packets, read into memory."""
    with av.open(str(path)) as container:
        track = container.streams.video[0]
        context = track.codec_context
        info = StreamInfo(
            "h264",
            context.width,
            context.height,
            bytes(context.extradata or b""),
            "yuv420p",
            Fraction(rate).limit_denominator(100),
        )
        assert track.time_base is not None
        scale = track.time_base * 1_000_000
        read = [
            ClearPacket(
                bytes(packet),
                round(packet.pts * scale),
                round((packet.dts or 0) * scale),
                0,
                packet.is_keyframe,
                packet.pts,
                track.time_base,
            )
            for packet in container.demux(track)
            if packet.pts is not None and packet.size
        ]
    return info, read


def planes_of(picture: av.VideoFrame) -> list[NDArray[np.uint8]]:
    """Y, U and V of a yuv420p picture."""
    return [samples(plane) for plane in picture.planes]


def pictures(stream: bytes) -> Iterator[av.VideoFrame]:
    """Pictures of an H.264 stream in Annex B, one after the other."""
    context: Any = av.CodecContext.create("h264", "r")
    context.thread_count = 1
    for packet in [*context.parse(stream), *context.parse(None)]:
        yield from context.decode(packet)
    yield from context.decode(None)


def pictures_in(path: Path) -> Iterator[av.VideoFrame]:
    """Pictures of a file, one after the other."""
    with av.open(str(path)) as container:
        container.streams.video[0].codec_context.thread_count = 1
        yield from container.decode(video=0)
