"""UTC from arrivals."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from scrim.camera.arrival import SLEW, ArrivalClock, SteadyUtc

START = 1_700_000_000_000_000
FRAME = 40_000


def test_jitter_is_taken_out() -> None:
    clock, noise = ArrivalClock(), random.Random(1)
    errors = []
    for number in range(2000):
        media = number * FRAME
        arrived = START + media + 5_000 + int(noise.expovariate(1 / 20_000))
        errors.append(media + clock.offset(media, arrived) - (START + media))
    assert max(errors[500:]) - min(errors[500:]) < 3_000
    assert min(errors[500:]) >= 5_000


def test_a_picture_is_never_taken_after_it_arrived() -> None:
    clock, noise = ArrivalClock(), random.Random(2)
    for number in range(500):
        media = number * FRAME
        arrived = START + media + noise.randint(0, 300_000)
        assert media + clock.offset(media, arrived) <= arrived


def test_a_slow_camera_clock_is_followed() -> None:
    clock, arrived, media, offset = ArrivalClock(), 0, 0, 0
    for number in range(25 * 600):  # ten minutes, 200 parts in a million slow
        media = number * FRAME
        arrived = START + media + media * 200 // 1_000_000
        offset = clock.offset(media, arrived)
    assert 0 <= arrived - (media + offset) < 30 * 200 + 1000


def test_a_burst_after_a_hold_up_does_not_move_time() -> None:
    clock = ArrivalClock()
    for number in range(250):
        clock.offset(number * FRAME, START + number * FRAME)
    held = START + 260 * FRAME  # ten pictures come at once, up to 0.4 s late
    offsets = [clock.offset(number * FRAME, held) for number in range(250, 260)]
    assert all(abs(offset - START) <= 10 * FRAME * SLEW for offset in offsets)


def test_the_offset_known_before_the_first_picture_is_used() -> None:
    clock = ArrivalClock()
    for number in range(10):  # a heap that came at once: only the last was not held up
        clock.learn(number * FRAME, START + 9 * FRAME)
    assert clock.offset(0, START + 9 * FRAME) == START


def test_forget_starts_over() -> None:
    clock = ArrivalClock()
    clock.offset(0, START)
    clock.forget()
    assert clock.offset(0, START + 5_000_000) == START + 5_000_000


@given(st.lists(st.integers(0, 2_000_000), min_size=1, max_size=200))
def test_time_rises_whatever_the_delays(delays: list[int]) -> None:
    clock, arrived, last = ArrivalClock(), 0, None
    for number, delay in enumerate(delays):
        media = number * FRAME
        arrived = max(arrived, START + media + delay)
        captured = media + clock.offset(media, arrived)
        assert captured <= arrived
        # only an earlier arrival than thought possible may pull time back, and then for good
        if last is not None and captured < last:
            assert captured == arrived or delay <= min(delays[: number + 1])
        last = captured


def test_steady_utc_follows_forward_and_never_runs_backward() -> None:
    steady = SteadyUtc(START, 0)
    assert steady.read(START + 1000, 1000) == START + 1000
    assert steady.read(START + 9_000_000, 2000) == START + 9_000_000
    last, readings = 0, []
    for second in range(1, 60):  # the clock was set back by 2 s
        now = steady.read(START + 7_000_000 + second * 1_000_000, 2000 + second * 1_000_000)
        assert now > last
        last = now
        readings.append(now - (START + 7_000_000 + second * 1_000_000))
    assert readings[0] > 1_800_000
    assert readings[-1] == 0
