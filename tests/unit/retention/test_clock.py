"""A clock that is wrong erases nothing, and one that went back keeps nothing for ever."""

from __future__ import annotations

import pytest
from tests.unit.retention.world import DAY_US, START_US, RetentionWorld

from scrim.clock import from_text
from scrim.errors import ClockDoubtful
from scrim.ledger import Act
from scrim.retention.clock import HOUR_US, TrustedClock
from scrim.retention.plan import last_sweep


def clock(world: RetentionWorld) -> TrustedClock:
    return TrustedClock(world.engine, world.ledger, world.clock, 24)


def test_invariant_7_a_clock_set_forward_erases_nothing(world: RetentionWorld) -> None:
    world.record("gate", 1, START_US)
    world.sweep()
    before = world.names()
    world.clock.us += 400 * DAY_US
    with pytest.raises(ClockDoubtful, match="nothing is erased"):
        world.sweep()
    assert world.names() == before
    assert "nothing is erased" in last_sweep(world.engine).trouble


def test_entries_written_by_the_wrong_clock_are_no_evidence(world: RetentionWorld) -> None:
    world.record("gate", 1, START_US)
    world.sweep()
    world.clock.us += 400 * DAY_US
    for _ in range(5):
        world.tick()
    with pytest.raises(ClockDoubtful):
        world.sweep()
    world.clock.us = START_US + HOUR_US  # set right again
    world.tick()
    assert world.sweep().segments == 0


def test_a_folder_that_was_never_swept_is_not_fooled_either(world: RetentionWorld) -> None:
    world.record("gate", 1, START_US)
    world.clock.us += 400 * DAY_US
    world.tick()
    with pytest.raises(ClockDoubtful):
        world.sweep()


def test_after_weeks_without_power_a_person_says_that_it_is_right(world: RetentionWorld) -> None:
    world.record("gate", 1, START_US)
    world.sweep()
    world.clock.us += 40 * DAY_US
    with pytest.raises(ClockDoubtful, match="confirm-clock"):
        world.sweep()
    clock(world).confirm()
    assert world.entries(Act.CONFIGURED)[-1].reason == "clock-confirmed"
    assert world.sweep().segments == 6


def test_invariant_5_a_clock_is_not_believed_without_an_entry(world: RetentionWorld) -> None:
    size = world.ledger.size()
    clock(world).confirm()
    assert world.ledger.size() == size + 1


def test_what_the_ledger_has_followed_is_time(world: RetentionWorld) -> None:
    world.record("gate", 1, START_US)
    world.sweep()
    world.at(START_US + 40 * DAY_US)  # cameras went on, and only the sweep did not run
    assert world.sweep().segments == 6


def test_a_clock_that_went_back_erases_nothing_too_soon_and_says_so(
    world: RetentionWorld,
) -> None:
    world.record("gate", 1, START_US)
    world.at(START_US + 30 * DAY_US - HOUR_US)
    world.sweep()
    world.clock.us -= 5 * HOUR_US
    world.tick()
    swept = world.sweep()
    assert swept.segments == 0
    assert "went back 18000 s" in swept.warning
    assert "kept longer" in last_sweep(world.engine).trouble
    world.at(START_US + 30 * DAY_US + HOUR_US)
    swept = world.sweep()
    assert (swept.segments, swept.warning) == (6, "")


def test_entries_ahead_of_the_clock_are_no_evidence(world: RetentionWorld) -> None:
    # a camera whose stamps run ahead must not carry the time forward, day by day
    world.record("gate", 1, START_US)
    for days in range(1, 60):
        world.clock.us = START_US + days * 20 * HOUR_US
        world.tick()
    world.clock.us = START_US + HOUR_US
    assert world.sweep().segments == 0
    world.clock.us = START_US + 50 * DAY_US
    with pytest.raises(ClockDoubtful):
        world.sweep()


def test_a_clock_that_went_back_far_is_said(world: RetentionWorld) -> None:
    world.at(START_US + 10 * DAY_US)
    world.sweep()
    world.clock.us -= 3 * DAY_US
    with pytest.raises(ClockDoubtful, match="wrong times"):
        world.sweep()


def test_thirty_days_over_a_leap_day_are_thirty_days(world: RetentionWorld) -> None:
    # 2028 has a 29th of February: thirty days from the 1st end on the 2nd of March
    world.at(from_text("2028-02-01T12:00:00Z"))
    world.record("gate", 1, from_text("2028-02-01T12:00:00Z"), 1)
    world.at(from_text("2028-03-02T11:59:59Z"))
    assert world.sweep().segments == 0
    world.at(from_text("2028-03-02T12:00:00Z"))
    assert world.sweep().segments == 2


def test_the_interval_and_the_lateness_are_measured(world: RetentionWorld) -> None:
    world.record("gate", 1, START_US)
    world.at(START_US + HOUR_US)
    world.sweep()
    world.at(START_US + 30 * DAY_US + HOUR_US)
    world.sweep()
    known = last_sweep(world.engine)
    assert known.interval_us == 30 * DAY_US
    assert known.late_us == HOUR_US
    assert known.objects == 6
