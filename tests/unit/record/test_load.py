"""Load is work over time, and knows nothing until it has seen a second."""

from __future__ import annotations

import pytest

from scrim.record.load import Load


def test_load_is_work_for_a_second_of_pictures() -> None:
    load = Load()
    for _ in range(20):
        load.add(0.02, 40_000)
    assert load.value == 0.0
    for _ in range(80):
        load.add(0.02, 40_000)
    assert load.value == pytest.approx(0.5)
    for _ in range(80):
        load.add(0.06, 40_000)
    assert load.value == pytest.approx(1.5, abs=0.02)


def test_a_stamp_that_makes_no_sense_does_not_hide_work() -> None:
    load = Load()
    for length_us in (10**12, -5, 0, 10**12):
        load.add(1.0, length_us)
    assert load.value > 1.0
