"""Waits between attempts."""

from __future__ import annotations

import random

import pytest

from scrim.camera.backoff import Backoff


class _Always(random.Random):
    def __init__(self, value: float) -> None:
        super().__init__()
        self._value = value

    def random(self) -> float:
        return self._value


def test_limits_double_up_to_the_cap() -> None:
    backoff = Backoff(1, 30, _Always(0.999))
    waits = [round(backoff.next_s()) for _ in range(8)]
    assert waits == [1, 2, 4, 8, 16, 30, 30, 30]


def test_jitter_is_full() -> None:
    assert Backoff(1, 30, _Always(0.0)).next_s() == 0
    waits = [Backoff(8, 8, random.Random(seed)).next_s() for seed in range(300)]
    assert min(waits) < 0.5
    assert max(waits) > 7.5
    assert 3.5 < sum(waits) / 300 < 4.5


def test_success_starts_over() -> None:
    backoff = Backoff(1, 30, _Always(0.999))
    for _ in range(5):
        backoff.next_s()
    backoff.worked()
    assert backoff.next_s() < 1


def test_a_wrong_password_is_never_tried_again_soon() -> None:
    assert Backoff(1, 30, _Always(0.0)).slow_s() == 15
    assert Backoff(1, 30, _Always(0.999)).slow_s() < 30


@pytest.mark.parametrize(("first", "most"), [(0, 1), (2, 1), (-1, 1)])
def test_limits_that_make_no_sense_are_refused(first: float, most: float) -> None:
    with pytest.raises(ValueError, match="back-off"):
        Backoff(first, most)
