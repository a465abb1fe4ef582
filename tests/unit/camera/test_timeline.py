"""Time stamps as they come in the wild, and the steady timeline made of them."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrim.camera.timeline import STEP_US, Moment, Stamp, Timeline

MPEG = Fraction(1, 90_000)
FRAME = 3600  # ticks of 1/90000 in a picture of 25 frames a second
FRAME_US = 40_000


def timeline(*, reorders: bool = False, leap_us: int = 10_000_000, first_us: int = 0) -> Timeline:
    return Timeline(MPEG, Fraction(25), reorders=reorders, leap_us=leap_us, first_us=first_us)


def place_all(
    line: Timeline, stamps: Sequence[tuple[int | None, int | None]], elapsed_us: int | None = None
) -> list[Moment]:
    return [line.place(Stamp(pts, dts), elapsed_us) for pts, dts in stamps]


def shown(moments: list[Moment]) -> list[int]:
    return [moment.media_us for moment in moments]


def test_an_even_stream_starts_at_zero_and_keeps_its_pace() -> None:
    moments = place_all(timeline(), [(9000 + n * FRAME,) * 2 for n in range(4)])
    assert shown(moments) == [0, FRAME_US, 2 * FRAME_US, 3 * FRAME_US]
    assert all(moment.jumped_us == 0 for moment in moments)


def test_the_first_picture_is_shown_at_first_us_also_with_reordering() -> None:
    moments = place_all(
        timeline(reorders=True, first_us=5_000_000), [(2 * FRAME, 0), (5 * FRAME, FRAME)]
    )
    assert moments[0].media_us == 5_000_000
    assert moments[0].decode_us == 5_000_000 - 2 * FRAME_US
    assert moments[1].media_us == 5_000_000 + 3 * FRAME_US


def test_b_pictures_keep_their_place_and_decode_times_rise() -> None:
    # I P B B P, as an encoder sends them
    stamps = [(2, 0), (5, 1), (3, 2), (4, 3), (8, 4)]
    moments = place_all(
        timeline(reorders=True), [(pts * FRAME, dts * FRAME) for pts, dts in stamps]
    )
    assert shown(moments) == [(pts - 2) * FRAME_US for pts, _ in stamps]
    decode = [moment.decode_us for moment in moments]
    assert decode == sorted(set(decode))


def test_decode_times_that_come_late_do_not_disorder_the_pictures() -> None:
    # a real Matroska file: 1/1000, no decode time for the first two pictures
    line = Timeline(Fraction(1, 1000), Fraction(30), reorders=True)
    stamps = [(33, None), (167, None), (100, 33), (67, 67), (133, 100), (300, 133)]
    moments = [line.place(Stamp(pts, dts, 33)) for pts, dts in stamps]
    assert shown(moments) == [(pts - 33) * 1000 for pts, _ in stamps]


@pytest.mark.parametrize("bits", [32, 33])
@pytest.mark.parametrize("live", [False, True])
def test_a_counter_that_wraps_goes_on(bits: int, live: bool) -> None:
    start = (1 << bits) - 2 * FRAME
    stamps = [((start + n * FRAME) % (1 << bits),) * 2 for n in range(5)]
    moments = place_all(timeline(), stamps, FRAME_US if live else None)
    assert shown(moments) == [n * FRAME_US for n in range(5)]
    assert all(moment.jumped_us == 0 for moment in moments)


def test_a_wrap_between_decode_and_presentation_time() -> None:
    top = 1 << 33
    stamps = [(top - FRAME, top - 3 * FRAME), (FRAME, top - 2 * FRAME), (0, top - FRAME)]
    moments = place_all(timeline(reorders=True), stamps)
    assert shown(moments) == [0, 2 * FRAME_US, FRAME_US]


def test_a_wrap_backward_is_undone_too() -> None:
    moments = place_all(timeline(reorders=True), [(FRAME, None), ((1 << 33) - FRAME, None)])
    assert moments[1].jumped_us == 0


def test_missing_stamps_take_the_usual_step() -> None:
    stamps: list[tuple[int | None, int | None]] = [(0, 0), (FRAME, FRAME), (None, None)]
    stamps += [(None, None), (4 * FRAME, 4 * FRAME)]
    assert shown(place_all(timeline(), stamps)) == [n * FRAME_US for n in range(5)]


def test_first_packets_without_any_stamp() -> None:
    moments = place_all(timeline(), [(None, None), (0, 0), (FRAME, FRAME)])
    assert shown(moments) == [0, FRAME_US, 2 * FRAME_US]


def test_no_stamps_at_all_follow_the_frame_rate() -> None:
    moments = place_all(timeline(), [(None, None)] * 5)
    assert shown(moments) == [n * FRAME_US for n in range(5)]


def test_only_decode_times() -> None:
    moments = place_all(timeline(), [(None, n * FRAME) for n in range(3)])
    assert shown(moments) == [0, FRAME_US, 2 * FRAME_US]


@pytest.mark.parametrize("leap", [-90_000 * 3600, -90_000, 90_000 * 3600])
def test_a_leap_is_told_and_time_goes_on(leap: int) -> None:
    stamps = [((1 << 34) + n * FRAME,) * 2 for n in range(3)]
    stamps += [((1 << 34) + leap + n * FRAME,) * 2 for n in range(3, 6)]
    moments = place_all(timeline(), stamps)
    assert shown(moments) == [n * FRAME_US for n in range(6)]
    assert [moment.jumped_us for moment in moments] == [0, 0, 0, leap * 100 // 9, 0, 0]


def test_a_long_picture_is_no_leap() -> None:
    line = timeline()
    line.place(Stamp(0, 0, 90_000 * 60))
    moment = line.place(Stamp(90_000 * 60, 90_000 * 60, 90_000 * 60))
    assert (moment.media_us, moment.jumped_us) == (60_000_000, 0)


def test_a_silence_is_a_silence_when_arrivals_say_so() -> None:
    line = timeline()
    line.place(Stamp(0, 0), 0)
    moment = line.place(Stamp(90_000 * 30, 90_000 * 30), 30_000_000)
    assert (moment.media_us, moment.jumped_us) == (30_000_000, 0)


def test_a_picture_cannot_come_before_it_was_taken() -> None:
    line = timeline()
    line.place(Stamp(0, 0), 0)
    moment = line.place(Stamp(90_000 * 5, 90_000 * 5), FRAME_US)
    assert moment.media_us == FRAME_US
    assert moment.jumped_us == 5_000_000 - FRAME_US


def test_after_a_leap_the_new_stamps_count_from_there() -> None:
    line = timeline()
    place_all(line, [(0, 0), (FRAME, FRAME)])
    place_all(line, [(10**10, 10**10)])
    moment = line.place(Stamp(10**10 + 3 * FRAME, 10**10 + 3 * FRAME))
    assert moment.media_us == 2 * FRAME_US + 3 * FRAME_US


def test_equal_stamps_still_rise() -> None:
    moments = place_all(timeline(), [(0, 0), (0, 0), (0, 0)])
    assert [moment.decode_us for moment in moments] == [0, STEP_US, 2 * STEP_US]


def test_nothing_adds_up_over_a_day() -> None:
    line = Timeline(Fraction(1001, 30_000), None, reorders=False)
    frames = 24 * 3600 * 30
    last = line.place(Stamp(0, 0))
    tick = 0
    for tick in range(7, frames, 7 * 30):  # a step of 7 s, below a leap
        last = line.place(Stamp(tick, tick))
    assert last.media_us == round(tick * Fraction(1001, 30_000) * 1_000_000)


def test_a_loop_goes_on_where_the_last_picture_ends() -> None:
    line = timeline(reorders=True)
    place_all(line, [(2 * FRAME, 0), (4 * FRAME, FRAME), (3 * FRAME, 2 * FRAME)])
    assert line.end_us == 3 * FRAME_US


def test_absurd_stamps_count_as_missing() -> None:
    moments = place_all(timeline(), [(0, 0), (-(1 << 63), -(1 << 63)), (2 * FRAME, 2 * FRAME)])
    assert shown(moments) == [0, FRAME_US, 2 * FRAME_US]


def test_a_time_base_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="time base"):
        Timeline(Fraction(0), None, reorders=False)


_TICKS = st.one_of(st.none(), st.integers(-(2**63), 2**63), st.integers(-(10**6), 10**6))


@given(
    stamps=st.lists(st.tuples(_TICKS, _TICKS, st.one_of(st.none(), st.integers(-5, 10**6)))),
    reorders=st.booleans(),
    elapsed=st.one_of(st.none(), st.integers(0, 10**7)),
    time_base=st.sampled_from(
        [MPEG, Fraction(1, 1000), Fraction(1001, 30_000), Fraction(1, 10**9)]
    ),
)
def test_whatever_the_stamps_decode_times_rise_and_come_first(
    stamps: list[tuple[int | None, int | None, int | None]],
    reorders: bool,
    elapsed: int | None,
    time_base: Fraction,
) -> None:
    line = Timeline(time_base, Fraction(25), reorders=reorders)
    last: int | None = None
    for pts, dts, duration in stamps:
        moment = line.place(Stamp(pts, dts, duration), elapsed)
        assert moment.decode_us <= moment.media_us
        assert moment.duration_us >= 0
        assert last is None or moment.decode_us >= last + STEP_US
        assert line.end_us >= moment.media_us
        last = moment.decode_us


@given(
    start=st.integers(0, 2**33 - 1),
    steps=st.lists(st.integers(FRAME // 2, FRAME * 20), max_size=50),
)
def test_any_start_of_the_counter_gives_the_same_timeline(start: int, steps: list[int]) -> None:
    def run(first: int) -> list[int]:
        line, at = timeline(), first
        found = [line.place(Stamp(at, at)).media_us]
        for step in steps:
            at = (at + step) % 2**33
            found.append(line.place(Stamp(at, at)).media_us)
        return found

    assert run(start) == run(0)
