"""Parameter sets come out as fields and nothing else, and mean the same pictures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.sim.coded import PLAIN, annex_b, coded, decoded, units

from scrim.record.bits import BitReader, BitsEnd, BitWriter
from scrim.record.parameter_sets import (
    Colour,
    PictureSet,
    SequenceSet,
    picture_set,
    sequence_set,
)

PLAIN_STREAMS = [
    {"options": {**PLAIN, "profile": "baseline"}},
    {"options": {**PLAIN, "profile": "main"}},
    {"options": PLAIN},
    {"options": {**PLAIN, "refs": "4", "weightp": "2"}},
    {"options": PLAIN, "size": (318, 180)},
    {"options": PLAIN, "full_range": True},
    {"options": {**PLAIN, "x264-params": "colorprim=bt709:transfer=bt709:colormatrix=bt709"}},
    {"options": {**PLAIN, "x264-params": "nal-hrd=vbr:vbv-maxrate=900:vbv-bufsize=900:aud=1"}},
    {"options": {**PLAIN, "bf": "2", "b-adapt": "0", "x264-params": "b-adapt=0"}},
]


def sets(**how: object) -> tuple[list[bytes], bytes, bytes]:
    _, packets = coded(6, **how)  # type: ignore[arg-type]
    first = units(packets[0].data)
    sps = next(u for u in first if u[0] & 31 == 7)
    pps = next(u for u in first if u[0] & 31 == 8)
    return [p.data for p in packets], sps, pps


@pytest.mark.parametrize("how", PLAIN_STREAMS, ids=str)
def test_sets_written_anew_give_the_same_pictures(how: dict[str, object]) -> None:
    data, sps, pps = sets(**how)
    sequence = sequence_set(sps)
    assert sequence is not None
    picture = picture_set(pps, sequence)
    assert picture is not None
    if how["options"]["bf"] != "0":  # type: ignore[index]
        return  # what is written says that nothing is reordered
    new = annex_b([sequence.unit(), picture.unit()])
    bare = [annex_b([u for u in units(one) if u[0] & 31 in (1, 5)]) for one in data]
    before, after = decoded(data), decoded(bare, new)
    assert len(before) == len(after) == 6
    for one, other in zip(before, after, strict=True):
        assert (one.format.name, one.width, one.height) == (
            other.format.name,
            other.width,
            other.height,
        )
        assert (one.colorspace, one.color_range) == (other.colorspace, other.color_range)
        assert np.array_equal(one.to_ndarray(), other.to_ndarray())


@pytest.mark.parametrize(
    "how",
    [
        {"pixels": "yuv420p10le"},
        {"pixels": "yuv422p"},
        {"pixels": "yuv444p"},
        {"options": {**PLAIN, "x264-params": "tff=1"}},
        {"options": {**PLAIN, "x264-params": "sar=4,3"}},
        {"options": {**PLAIN, "x264-params": "crop-rect=16,0,0,0"}},
        {"options": {**PLAIN, "x264-params": "crop-rect=0,0,0,16"}},
        {"options": {**PLAIN, "x264-params": "cqm=jvt"}},
    ],
    ids=str,
)
def test_what_is_not_plain_is_refused(how: dict[str, object]) -> None:
    _, sps, pps = sets(**how)
    sequence = sequence_set(sps)
    assert sequence is None or picture_set(pps, sequence) is None


PLAIN_SPS = SequenceSet(100, 0, 31, 0, 4, 6, 1, (20, 12), True, (0, 0), Colour())
PLAIN_PPS = PictureSet(0, 0, True, (0, 0), False, 0, 0, 0, 0, True, False, True, 0)


def test_text_behind_the_fields_does_not_come_out() -> None:
    text = b"a name, and a place"
    for unit in (PLAIN_SPS.unit(), PLAIN_PPS.unit()):
        long = unit[:-1] + b"\xff" + text
        found = sequence_set(long) if unit[0] & 31 == 7 else picture_set(long, PLAIN_SPS)
        assert found is None or text not in found.unit()
        if found is not None:
            assert len(found.unit()) <= len(unit) + 4
    sequence = sequence_set(PLAIN_SPS.unit() + text)
    assert sequence == PLAIN_SPS


def test_more_than_a_margin_that_is_not_shown_is_refused() -> None:
    assert sequence_set(replace(PLAIN_SPS, crop=(7, 7)).unit()) is not None
    assert sequence_set(replace(PLAIN_SPS, crop=(8, 0)).unit()) is None
    assert sequence_set(replace(PLAIN_SPS, crop=(0, 8)).unit()) is None


def test_parts_that_a_profile_does_not_have_are_refused() -> None:
    main = replace(PLAIN_SPS, profile=77)
    assert picture_set(PLAIN_PPS.unit(), main) is None
    assert picture_set(replace(PLAIN_PPS, transform_8x8=None).unit(), main) is not None


sequences = st.builds(
    SequenceSet,
    profile=st.sampled_from([66, 77, 100]),
    constraints=st.integers(0, 63).map(lambda flags: flags << 2),
    level=st.integers(9, 62),
    number=st.integers(0, 31),
    frame_num_bits=st.integers(4, 16),
    order_bits=st.sampled_from([0, 4, 9, 16]),
    references=st.integers(0, 16),
    mbs=st.tuples(st.integers(1, 512), st.integers(1, 512)),
    direct_8x8=st.booleans(),
    crop=st.tuples(st.integers(0, 7), st.integers(0, 7)),
    colour=st.builds(
        Colour, st.booleans(), st.integers(0, 255), st.integers(0, 255), st.integers(0, 255)
    ),
)


@given(sequences)
def test_what_is_written_reads_the_same(sequence: SequenceSet) -> None:
    unit = sequence.unit()
    assert b"\0\0\0" not in unit
    assert b"\0\0\1" not in unit
    assert sequence_set(unit) == sequence


@given(st.binary(max_size=64), st.sampled_from([0x67, 0x68]))
def test_no_bytes_raise(data: bytes, header: int) -> None:
    unit = bytes([header]) + data
    sequence_set(unit)
    picture_set(unit, PLAIN_SPS)


@given(st.lists(st.tuples(st.integers(0, 70_000), st.integers(-35_000, 35_000)), max_size=20))
def test_codes_are_read_as_they_were_written(values: list[tuple[int, int]]) -> None:
    to = BitWriter()
    for unsigned, signed in values:
        to.ue(unsigned)
        to.se(signed)
    bits = BitReader(to.unit(0x67)[1:])
    read = [(bits.ue(70_000), bits.se(-35_000, 35_000)) for _ in values]
    assert read == values
    assert not bits.more
    with pytest.raises(BitsEnd):
        bits.u(16)
