"""Cutting packets into segments and periods."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from scrim.camera.packet import ClearPacket, StreamInfo
from scrim.record.segments import Segmenter

INFO = StreamInfo("h264", 320, 192, b"", "yuv420p", Fraction(25))


def packet(at_us: int, *, key: bool, size: int = 100) -> ClearPacket:
    return ClearPacket(b"x" * size, at_us, at_us, 40_000, key, None, Fraction(1, 90_000))


def cut_up(packets: list[ClearPacket], segmenter: Segmenter) -> list[list[ClearPacket]]:
    out = []
    for one in packets:
        if segmenter.starts_segment(one):
            done = segmenter.cut()
            if done is not None:
                out.append(done.packets)
            segmenter.open(one, INFO)
        else:
            segmenter.add(one)
    last = segmenter.cut()
    return out + ([last.packets] if last else [])


def segmenter(**changed: float) -> Segmenter:
    lengths = {"target_s": 2.0, "longest_s": 10.0, "period_s": 600.0} | changed
    return Segmenter(next_segment=7, **lengths)


def test_a_segment_starts_on_the_key_frame_after_its_target() -> None:
    packets = [packet(i * 40_000, key=i % 25 == 0) for i in range(150)]
    segments = cut_up(packets, segmenter())
    assert [len(s) for s in segments] == [50, 50, 50]
    assert all(s[0].is_key for s in segments)


def test_without_key_frames_a_segment_ends_at_the_longest() -> None:
    packets = [packet(i * 40_000, key=i == 0) for i in range(600)]
    segments = cut_up(packets, segmenter())
    assert [len(s) for s in segments] == [250, 250, 100]


def test_numbers_go_on_and_periods_change_where_a_segment_does() -> None:
    cutter = segmenter(period_s=4.0)
    slots = []
    for i in range(300):
        one = packet(i * 40_000, key=i % 50 == 0)
        if cutter.starts_segment(one):
            cutter.cut()
            slots.append(cutter.open(one, INFO))
        else:
            assert cutter.add(one) == slots[-1]
    assert [s.segment for s in slots] == [7, 8, 9, 10, 11, 12]
    assert [s.period for s in slots] == [1, 1, 2, 2, 3, 3]


def test_a_segment_does_not_outgrow_memory() -> None:
    packets = [packet(i, key=i == 0, size=5_000_000) for i in range(10)]
    assert max(sum(len(p.data) for p in s) for s in cut_up(packets, segmenter())) < 33_554_433


@given(
    st.lists(st.tuples(st.integers(1, 3_000_000), st.booleans()), min_size=1, max_size=200),
    st.floats(1.0, 5.0),
)
def test_every_packet_lies_in_exactly_one_segment_in_order(
    steps: list[tuple[int, bool]], target: float
) -> None:
    at, packets = 0, []
    for step, key in steps:
        at += step
        packets.append(packet(at, key=key))
    segments = cut_up(packets, segmenter(target_s=target))
    assert [p for s in segments for p in s] == packets
