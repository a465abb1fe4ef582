"""One picture in, one packet out, playable, and nothing beside the pictures."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
import pytest

from scrim.record.encode import MaskedEncoder
from scrim.redact import ClearFrame, Policy, RedactedFrame
from scrim.redact.mask import Painter

RATE = Fraction(25)


def redacted(index: int, size: tuple[int, int] = (320, 192), us: int = 40_000) -> RedactedFrame:
    rows = np.arange(size[0] * size[1] * 3, dtype=np.uint32).reshape(size[1], size[0], 3)
    image = ((rows + index * 977) % 251).astype(np.uint8)
    picture = av.VideoFrame.from_ndarray(image, format="rgb24").reformat(format="yuv420p")
    return Painter(Policy()).masked(ClearFrame(picture, index, 1_000_000 + index * us), [])


@pytest.mark.parametrize("threads", [1, 2])
def test_every_frame_gives_its_packet_at_once(threads: int) -> None:
    encoder = MaskedEncoder(320, 192, RATE, threads=threads, origin_us=1_000_000)
    for index in range(30):
        (packet,) = encoder.encode(redacted(index), key=index % 10 == 0)
        assert (packet.pts, packet.dts, packet.duration) == (index * 3600, index * 3600, 3600)
        assert packet.time_base == Fraction(1, 90_000)
        assert packet.is_keyframe == (index % 10 == 0)
    assert encoder.flush() == []


def test_the_packets_play_from_each_key_frame() -> None:
    encoder = MaskedEncoder(320, 192, RATE, origin_us=0)
    packets = [encoder.encode(redacted(i), key=i % 5 == 0)[0] for i in range(10)]
    for start in (0, 5):
        decoder = av.CodecContext.create("h264", "r")
        decoder.extradata = encoder.extradata
        decoder.thread_count = 1
        frames = [f for p in packets[start:] for f in decoder.decode(av.Packet(bytes(p)))]
        frames += decoder.decode(None)
        assert len(frames) == 10 - start
        assert not any(frame.is_corrupt for frame in frames)


def test_nothing_but_pictures_and_parameters_is_in_the_stream() -> None:
    encoder = MaskedEncoder(320, 192, RATE, origin_us=0)
    data = encoder.extradata
    for i in range(6):
        data += bytes(encoder.encode(redacted(i), key=i % 3 == 0)[0])
    kinds = {unit[0] & 31 for unit in data.replace(b"\0\0\0\1", b"\0\0\1").split(b"\0\0\1")[1:]}
    assert kinds <= {1, 5, 7, 8}
    assert b"x264" not in data


def test_time_stamps_never_stand_still_or_go_back() -> None:
    encoder = MaskedEncoder(320, 192, RATE, origin_us=1_000_000)
    stamps = [encoder.encode(redacted(1, us=us), key=False)[0].pts for us in (80_000, 0, 0, 40_000)]
    assert stamps == [7200, 7201, 7202, 7203]


def test_the_codec_string_names_profile_and_level() -> None:
    encoder = MaskedEncoder(1280, 720, RATE, origin_us=0)
    assert encoder.codec_string == "avc1.64001f"


def test_full_range_is_told_in_the_stream() -> None:
    encoder = MaskedEncoder(320, 192, RATE, origin_us=0)
    frame = redacted(0)
    frame.picture.color_range = 2
    (packet,) = encoder.encode(frame, key=True)
    decoder = av.CodecContext.create("h264", "r")
    decoder.extradata = encoder.extradata
    frames = decoder.decode(packet) + decoder.decode(None)
    assert frames[0].color_range == 2


@pytest.mark.parametrize("size", [(321, 192), (320, 0), (0, 0), (-2, 2)])
def test_sizes_that_cannot_be_encoded_are_refused(size: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="cannot encode"):
        MaskedEncoder(*size, RATE, origin_us=0)


def test_a_picture_of_another_size_is_refused() -> None:
    encoder = MaskedEncoder(320, 192, RATE, origin_us=0)
    with pytest.raises(ValueError, match="another size"):
        encoder.encode(redacted(0, (160, 96)), key=True)
