"""Parameter sets and sizes, read from the packets of real encoders."""

from __future__ import annotations

import struct
from fractions import Fraction
from pathlib import Path

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.camera.clips import write_clip, write_frames

from scrim.camera._describe import ParameterWatch, describe, video_stream
from scrim.camera.packet import StreamInfo
from scrim.camera.parameters import (
    annex_b,
    jpeg_size,
    length_size,
    nal_units,
    parameter_sets,
    sequence_sets,
    sets_in_extradata,
)


def encoded(path: Path) -> list[bytes]:
    data, at, found = path.read_bytes(), 0, []
    while at < len(data):
        (size,) = struct.unpack_from(">I", data, at)
        found.append(data[at + 4 : at + 4 + size])
        at += 4 + size
    return found


def info(codec: str, extradata: bytes = b"", width: int = 320, height: int = 240) -> StreamInfo:
    return StreamInfo(codec, width, height, extradata, "yuv420p", Fraction(25))


@pytest.mark.parametrize(
    ("codec", "encoder"), [("h264", "libx264"), ("hevc", "libx265"), ("mjpeg", "mjpeg")]
)
def test_a_change_of_size_in_mid_stream_is_seen(tmp_path: Path, codec: str, encoder: str) -> None:
    small = encoded(write_frames(tmp_path / "a", encoder, 320, 240, 5))
    large = encoded(write_frames(tmp_path / "b", encoder, 640, 360, 5))
    extradata = b"" if codec == "mjpeg" else annex_b(parameter_sets(codec, small[0], 0))
    watch = ParameterWatch(info(codec, extradata))
    assert not any(watch.changed(data, True, None) for data in small)
    assert watch.changed(large[0], True, None)
    assert (watch.stream.width, watch.stream.height) == (640, 360)
    if codec != "mjpeg":
        assert sets_in_extradata(codec, watch.stream.extradata) == parameter_sets(
            codec, large[0], 0
        )
    assert not watch.changed(large[1], True, None)
    assert watch.changed(small[0], True, None)
    assert (watch.stream.width, watch.stream.height) == (320, 240)


@pytest.mark.parametrize("codec", ["h264", "hevc"])
def test_both_framings_hold_the_same_sets(tmp_path: Path, codec: str) -> None:
    encoder = {"h264": "libx264", "hevc": "libx265"}[codec]
    pictures = encoded(write_frames(tmp_path / "a", encoder, 320, 240, 3))
    sets = parameter_sets(codec, pictures[0], 0)
    assert len(sets) == (2 if codec == "h264" else 3)
    assert len(sequence_sets(codec, sets)) == 1
    framed = b"".join(struct.pack(">I", len(unit)) + unit for unit in nal_units(pictures[0], 0))
    assert parameter_sets(codec, framed, 4) == sets


def test_an_mp4_tells_its_sets_and_framing(tmp_path: Path) -> None:
    with av.open(str(write_clip(tmp_path / "a.mp4", count=3))) as container:
        stream = video_stream(container)
        assert stream is not None
        found = describe(stream)
    assert length_size("h264", found.extradata) == 4
    assert [unit[0] & 0x1F for unit in sets_in_extradata("h264", found.extradata)] == [7, 8]


def test_new_extradata_beside_a_packet_is_a_change(tmp_path: Path) -> None:
    pictures = encoded(write_frames(tmp_path / "b", "libx264", 640, 360, 2))
    sets = annex_b(parameter_sets("h264", pictures[0], 0))
    watch = ParameterWatch(info("h264"))
    assert watch.changed(pictures[0], True, sets)
    assert (watch.stream.width, watch.stream.extradata) == (640, sets)
    assert not watch.changed(pictures[1], False, sets)


def test_sets_that_cannot_be_decoded_still_count(tmp_path: Path) -> None:
    watch = ParameterWatch(info("h264", b"\x00\x00\x00\x01\x67\x42"))
    assert watch.changed(b"\x00\x00\x01\x67\x99\x99\x00\x00\x01\x65\x88", True, None)
    assert (watch.stream.width, watch.stream.height) == (320, 240)


def test_a_jpeg_without_a_size() -> None:
    assert jpeg_size(b"") is None
    assert jpeg_size(b"\xff\xd8\xff\xd9") is None
    assert jpeg_size(b"\xff\xd8" + b"\xff" * 50) is None


@given(st.binary(max_size=300), st.sampled_from([0, 1, 2, 4]), st.sampled_from(["h264", "hevc"]))
def test_any_bytes_can_be_looked_at(data: bytes, framing: int, codec: str) -> None:
    for unit in nal_units(data, framing):
        assert unit
    parameter_sets(codec, data, framing)
    sets_in_extradata(codec, b"\x01" + data)
    jpeg_size(b"\xff\xd8" + data)


@given(st.lists(st.binary(min_size=1, max_size=40).filter(lambda u: not u.endswith(b"\x00"))))
def test_annex_b_comes_apart_as_it_was_put_together(units: list[bytes]) -> None:
    whole = [b"\x67" + unit.replace(b"\x00", b"\x01") for unit in units]
    assert list(nal_units(annex_b(tuple(whole)), 0)) == whole
