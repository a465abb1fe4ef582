"""Clocks: the one that never goes back."""

from __future__ import annotations

from scrim.clock import OnwardClock


class Hands:
    wall_us = 1_000_000
    monotonic_ns = 0

    def now_us(self) -> int:
        return self.wall_us


def test_it_follows_the_clock_on_the_wall_forward_and_never_back() -> None:
    hands = Hands()
    clock = OnwardClock(hands, monotonic_ns=lambda: hands.monotonic_ns)
    assert clock.now_us() == 1_000_000
    hands.wall_us = 900_000
    assert clock.now_us() == 1_000_000
    hands.monotonic_ns += 50_000_000
    assert clock.now_us() == 1_050_000
    hands.wall_us = 2_000_000
    assert clock.now_us() == 2_000_000
    hands.wall_us = 0
    hands.monotonic_ns += 1_000
    assert clock.now_us() == 2_000_001


def test_what_is_known_to_have_been_is_not_undercut() -> None:
    hands = Hands()
    clock = OnwardClock(hands, monotonic_ns=lambda: hands.monotonic_ns)
    clock.not_before(5_000_000)
    hands.monotonic_ns += 1_000_000_000
    assert clock.now_us() == 6_000_000
    clock.not_before(3)
    assert clock.now_us() == 6_000_000


def test_parts_of_a_microsecond_add_up() -> None:
    hands = Hands()
    clock = OnwardClock(hands, monotonic_ns=lambda: hands.monotonic_ns)
    first_us = clock.now_us()
    for _ in range(1000):
        hands.monotonic_ns += 999
        hands.wall_us = 0
        clock.now_us()
    assert clock.now_us() - first_us == 999
