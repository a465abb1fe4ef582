"""Invariant 7 over a year: not a day too long, not a day too soon.

Five cameras under different limits record for a year by a simulated clock, while cases and
requests hold this and that, a limit is changed, and a camera is removed.  For every
object the time at which it went is held against an account that the test keeps by itself.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Iterator

import pytest
from tests.sim.year_world import (
    DAY_US,
    HOUR_US,
    PERIOD_DAYS,
    SEGMENTS,
    SWEEP_US,
    HoldOf,
    Thing,
    Year,
)

from scrim.audit import verify_folder
from scrim.ledger import Act
from scrim.ledger.erasure import Run

DAYS = 365
CAMERAS = ("plain", "short", "exact", "strict", "long")
SHORTER_ON, REMOVED_ON = 150, 240
PERIODS = 4 * (DAYS // PERIOD_DAYS) + REMOVED_ON // PERIOD_DAYS


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Year]:
    made = Year(tmp_path_factory.mktemp("year") / "data")
    random_ = random.Random(7)
    open_: list[tuple[int, HoldOf]] = []
    for day in range(DAYS):
        if day == SHORTER_ON:
            made.say("short", "sealed", 3)
        if day == REMOVED_ON:
            made.world.cameras.remove("long")
        if day % 3 == 1:
            since_us = made.clock_us - random_.randrange(25 * DAY_US)
            until_us = since_us + random_.randrange(HOUR_US, 3 * DAY_US)
            hold = made.hold(random_.choice(CAMERAS), since_us, until_us)
            open_.append((day + random_.randrange(3, 70), hold))
        for _, hold in [one for one in open_ if one[0] == day]:
            made.lift(hold)
        for _ in range(DAY_US // SWEEP_US):
            made.world.clock.us += SWEEP_US
            made.sweep()
        if day % PERIOD_DAYS == PERIOD_DAYS - 1:
            made.record(CAMERAS if day < REMOVED_ON else CAMERAS[:-1], day)
    yield made
    made.world.close()


def test_invariant_7_a_year_in_which_everything_goes_when_it_should(year: Year) -> None:
    wrong = []
    for key, thing in year.things.items():
        first = bisect_right(year.sweeps, thing.put_us)
        should = next((at for at in year.sweeps[first:] if year.may_go(thing, at)), None)
        if thing.gone_us != should:
            wrong.append((key, thing.gone_us, should))
    assert wrong[:5] == []


def test_invariant_7_not_a_day_too_long(year: Year) -> None:
    for key, thing in year.things.items():
        until_us = year.clock_us if thing.gone_us is None else thing.gone_us
        floor_us = year.rule(thing, until_us).floor_days * DAY_US
        due_us = max(thing.start_us + _longest(year, thing) * DAY_US, thing.end_us + floor_us)
        free_us = [
            year.clock_us if hold.lifted_us is None else hold.lifted_us
            for hold in year.placed
            if hold.holds(thing, hold.placed_us + 1) and hold.placed_us < until_us
        ]
        assert until_us - max([due_us, thing.put_us, *free_us]) <= DAY_US, key


def test_invariant_7_not_a_day_too_soon(year: Year) -> None:
    for key, thing in year.things.items():
        if thing.gone_us is None:
            continue
        rule = year.rule(thing, thing.gone_us)
        assert thing.gone_us - thing.end_us >= rule.floor_days * DAY_US, key
        assert thing.gone_us - thing.start_us >= rule.ceiling_days * DAY_US, key
        assert not any(hold.holds(thing, thing.gone_us) for hold in year.placed), key


def test_the_year_had_everything_in_it(year: Year) -> None:
    assert len(year.things) == PERIODS * SEGMENTS * 2
    held_late = [
        thing
        for thing in year.things.values()
        if thing.gone_us is not None
        and thing.gone_us - thing.start_us
        > year.rule(thing, thing.gone_us).ceiling_days * DAY_US + DAY_US
    ]
    assert len(held_late) > 100  # kept by a hold, and gone after it
    assert any(hold.lifted_us is None for hold in year.placed)
    removed = [thing for thing in year.things.values() if thing.camera == "long"]
    kept = {thing.side for thing in removed if thing.gone_us is None}
    held = {hold.camera for hold in year.placed if hold.lifted_us is None}
    assert "long" in held or kept == set(), "a removed camera is swept to its end"


def test_invariant_5_every_object_that_went_is_in_the_ledger(year: Year) -> None:
    logged = 0
    for entry in year.world.entries(Act.ERASED):
        words = entry.facts["runs"]
        assert isinstance(words, list)
        logged += sum(Run.parse(str(word)).count for word in words)
    assert logged == sum(thing.gone_us is not None for thing in year.things.values())


def test_the_year_verifies(year: Year) -> None:
    year.world.publish()
    report = verify_folder(year.path)
    # what is sealed here is no age file: the simulation seals nothing
    problems = [one.line() for one in report.problems if one.kind != "seal-recipients"]
    assert problems == []
    assert report.checked["periods"] == PERIODS


def _longest(year: Year, thing: Thing) -> int:
    """Days of the longest ceiling that was in force while it was there."""
    said = year.rules[thing.camera, thing.side]
    since = max(rule.since_us for rule in said if rule.since_us <= thing.start_us)
    return max(rule.ceiling_days for rule in said if rule.since_us >= since)
