"""Frames come upright with their time; garbage is said and never raised."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import av
import numpy as np
import pytest

from scrim.camera.packet import ClearPacket, StreamInfo
from scrim.errors import SourceNotVideo
from scrim.record.decode import Decoder, upright
from scrim.redact import ClearFrame
from scrim.redact.mask import samples

STEP = 40_000


def clip(
    codec: str = "libx264", frames: int = 30, gop: int = 10
) -> tuple[StreamInfo, list[ClearPacket]]:
    context: Any = av.CodecContext.create(codec, "w")
    context.width, context.height = 160, 96
    context.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    context.time_base = Fraction(1, 1_000_000)
    context.framerate = Fraction(25)
    context.gop_size = gop
    if codec != "mjpeg":
        context.options = {"preset": "ultrafast", "bf": "2"}
    packets = []
    for i in range(frames):
        image = np.full((96, 160, 3), 60, np.uint8)
        image[20:60, 4 * i : 4 * i + 30] = (250, 30, 120)
        picture = av.VideoFrame.from_ndarray(image, format="rgb24").reformat(format=context.pix_fmt)
        picture.pts = i * STEP
        packets += context.encode(picture)
    packets += context.encode(None)
    name = {"libx264": "h264", "mjpeg": "mjpeg"}[codec]
    info = StreamInfo(name, 160, 96, bytes(context.extradata or b""), "", Fraction(25))
    return info, [
        ClearPacket(
            bytes(p), p.pts, min(p.pts, p.dts), STEP, p.is_keyframe, None, Fraction(1, 90_000)
        )
        for p in packets
    ]


def decoded(info: StreamInfo, packets: list[ClearPacket], threads: int = 1) -> list[ClearFrame]:
    decoder = Decoder(info, threads)
    return [f for p in packets for f in decoder.decode(p)] + decoder.flush()


@pytest.mark.parametrize("codec", ["libx264", "mjpeg"])
@pytest.mark.parametrize("threads", [1, 2])
def test_frames_come_in_order_with_the_capture_time_of_their_packets(
    codec: str, threads: int
) -> None:
    frames = decoded(*clip(codec), threads)
    assert [frame.captured_us for frame in frames] == [i * STEP for i in range(30)]
    assert [frame.index for frame in frames] == list(range(30))
    assert not any(frame.damaged for frame in frames)


def test_a_frame_carries_the_segment_of_its_packet() -> None:
    info, packets = clip()
    decoder = Decoder(info)
    frames = [f for i, p in enumerate(packets) for f in decoder.decode(p, i // 10)]
    frames += decoder.flush()
    segment_of = {p.captured_us: i // 10 for i, p in enumerate(packets)}
    assert [f.segment for f in frames] == [segment_of[f.captured_us] for f in frames]


def test_garbage_damages_up_to_the_next_key_frame() -> None:
    info, packets = clip()
    hit = packets[13]
    packets[13] = ClearPacket(b"\0\0\0\1" + b"\x65" * 50, *_rest(hit))
    frames = decoded(info, packets)
    damaged = {f.captured_us // STEP for f in frames if f.damaged}
    assert damaged
    assert min(damaged) >= 10
    assert max(damaged) < 20
    assert not frames[-1].damaged


def test_lost_packets_damage_what_was_predicted_from_them() -> None:
    info, packets = clip()
    frames = decoded(info, [p for i, p in enumerate(packets) if i not in (0, 1)])
    before_key = [f for f in frames if f.captured_us < 10 * STEP]
    assert all(f.damaged for f in before_key)
    assert not frames[-1].damaged


@pytest.mark.parametrize("seed", range(5))
def test_no_bytes_make_it_raise(seed: int) -> None:
    info, packets = clip()
    chance = random.Random(seed)
    decoder = Decoder(info)
    for packet in packets:
        data = bytearray(packet.data)
        for _ in range(chance.choice([0, 0, 1, 40])):
            data[chance.randrange(len(data))] = chance.randrange(256)
        cut = chance.choice([len(data), len(data), len(data) // 2, 0])
        decoder.decode(ClearPacket(bytes(data[:cut]), *_rest(packet)))
    decoder.flush()


def test_a_flushed_decoder_can_go_on() -> None:
    info, packets = clip(frames=10)
    decoder = Decoder(info)
    for _ in range(2):
        frames = [f for p in packets for f in decoder.decode(p)] + decoder.flush()
        assert len(frames) == 10


@pytest.mark.parametrize("codec", ["", "nonsense", "aac"])
def test_a_codec_nobody_knows_is_named(codec: str) -> None:
    with pytest.raises(SourceNotVideo):
        Decoder(StreamInfo(codec, 160, 96, b"", "", Fraction(25)))


@pytest.mark.parametrize(("rotation", "corner"), [(0, "tl"), (90, "bl"), (180, "br"), (270, "tr")])
def test_pictures_are_turned_counter_clockwise(rotation: int, corner: str) -> None:
    image = np.zeros((96, 160), np.uint8)
    image[:20, :20] = 200
    picture = av.VideoFrame.from_ndarray(image, format="gray").reformat(format="yuv420p")
    luma = samples(upright(picture, rotation).planes[0])
    assert luma.shape == ((160, 96) if rotation % 180 else (96, 160))
    where = {"tl": luma[5, 5], "bl": luma[-5, 5], "br": luma[-5, -5], "tr": luma[5, -5]}
    assert max(where, key=lambda name: where[name]) == corner


def _rest(packet: ClearPacket) -> tuple[int, int, int, bool, int | None, Fraction]:
    return (
        packet.captured_us,
        packet.decode_us,
        packet.duration_us,
        packet.is_key,
        packet.camera_pts,
        packet.camera_time_base,
    )


@pytest.mark.parametrize("form", ["yuyv422", "bgr24", "gray", "yuv444p"])
def test_an_odd_picture_is_turned_whole(form: str) -> None:
    """FFmpeg's shortcuts leave the last row of chroma as the memory was."""
    for _ in range(3):
        junk = av.VideoFrame(64, 33, "yuv420p")
        for plane in junk.planes:
            samples(plane)[:] = 201
        del junk
        gray = np.full((33, 64, 3), 90, np.uint8)
        picture = av.VideoFrame.from_ndarray(gray, format="bgr24").reformat(format=form, threads=1)
        turned = upright(picture, 90)
        assert (turned.width, turned.height) == (33, 64)
        for plane in turned.planes[1:]:
            assert (samples(plane) == 128).all()
