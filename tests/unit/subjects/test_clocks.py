"""Every deadline, across month ends, leap days, holidays and a clock that is set back."""

from __future__ import annotations

import pytest
from tests.unit.norms_texts import own_pack
from tests.unit.subjects.world import DAY_US, SubjectWorld

from scrim.clock import from_text, to_text
from scrim.errors import DutyRefused, DutyState
from scrim.ledger import Act
from scrim.norms.limits import Situation
from scrim.norms.load import pack_from


@pytest.mark.parametrize(
    ("packs", "received", "due"),
    [
        # 40 days there, over the end of a year, and over 29 February or none
        (["hk"], "2026-11-25T15:59:59Z", "2027-01-04T16:00:00Z"),
        (["hk"], "2026-11-25T16:00:00Z", "2027-01-05T16:00:00Z"),
        (["hk"], "2028-01-31T02:00:00Z", "2028-03-11T16:00:00Z"),
        (["hk"], "2027-01-31T02:00:00Z", "2027-03-12T16:00:00Z"),
        # a month ends on the day of the same number, or the last; summer time there
        (["eu"], "2027-01-31T10:00:00Z", "2027-02-28T23:00:00Z"),
        (["eu"], "2028-01-31T10:00:00Z", "2028-02-29T23:00:00Z"),
        (["eu"], "2027-02-28T10:00:00Z", "2027-03-28T22:00:00Z"),
        (["uk"], "2026-12-24T10:00:00Z", "2027-01-25T00:00:00Z"),
        # the first of several
        (["hk", "eu"], "2027-01-31T10:00:00Z", "2027-02-28T23:00:00Z"),
        # no pack: the sector-neutral one
        ([], "2027-01-31T10:00:00Z", "2027-03-01T00:00:00Z"),
    ],
)
def test_it_is_due_when_the_packs_say(
    world: SubjectWorld, packs: list[str], received: str, due: str
) -> None:
    if packs:
        world.apply(*packs)
    world.set(received)
    file = world.subjects.get(world.ask())
    assert to_text(file.due_us) == to_text(from_text(due))
    world.clock.us = file.due_us - 1
    assert world.subjects.tend().late == ()
    world.clock.us = file.due_us
    assert world.subjects.tend().late == (file.id,)
    assert world.subjects.tend().late == ()  # once


def test_the_clock_of_a_request_runs_from_when_it_came(world: SubjectWorld) -> None:
    world.apply("hk")
    now = world.set("2026-11-25T02:00:00Z")
    came = from_text("2026-11-20T02:00:00Z")
    asked = {"since_us": came - 2 * DAY_US, "until_us": came - DAY_US}
    request = world.ask(received_us=came, **asked)
    assert to_text(world.subjects.get(request).due_us) == "2026-12-30T16:00:00.000000Z"
    with pytest.raises(DutyRefused, match="future"):
        world.ask(received_us=now + 1)


def test_working_days_are_counted_on_the_calendar(world: SubjectWorld) -> None:
    world.packs.of["gate"] = ((pack_from(own_pack(working_days=5), "own.yaml"),), Situation())
    world.set("2026-12-23T02:00:00Z")  # Wednesday; then Christmas and a weekend
    request = world.subjects.get(world.ask())
    assert request.term.counted == "as-said"
    assert to_text(request.due_us) == "2026-12-31T16:00:00.000000Z"


def test_where_holidays_are_not_known_it_is_due_early_and_says_so(world: SubjectWorld) -> None:
    world.packs.of["gate"] = ((pack_from(own_pack(working_days=5), "own.yaml"),), Situation())
    world.set("2039-12-23T02:00:00Z")
    request = world.subjects.get(world.ask())
    assert request.term.counted == "calendar-days"
    assert to_text(request.due_us) == "2039-12-28T16:00:00.000000Z"


def test_extended_by_two_months_from_the_same_start(world: SubjectWorld) -> None:
    world.apply("eu")
    world.set("2027-11-30T10:00:00Z")
    request = world.ask()
    world.clock.us = world.subjects.get(request).due_us - 1
    extended = world.subjects.extend(request, "many people are in it")
    assert to_text(extended.due_us) == "2028-02-29T23:00:00.000000Z"
    assert world.subjects.tend().late == ()
    with pytest.raises(DutyState, match="already"):
        world.subjects.extend(request, "more")
    assert all(one.hold.review_us == extended.due_us for one in world.holding.list())
    world.clock.us = extended.due_us
    assert world.subjects.tend().late == (request,)


def test_what_is_late_is_not_extended(world: SubjectWorld) -> None:
    world.apply("eu")
    request = world.ask()
    world.clock.us = world.subjects.get(request).due_us
    with pytest.raises(DutyState, match="late is not extended"):
        world.subjects.extend(request, "many people are in it")


@pytest.mark.parametrize("packs", [["hk"], ["hk", "eu"]])
def test_one_rule_without_an_extension_is_enough(world: SubjectWorld, packs: list[str]) -> None:
    world.apply(*packs)
    world.set("2026-11-01T02:00:00Z")
    request = world.ask()
    if packs == ["hk"]:
        with pytest.raises(DutyState, match="hk-01 knows no extension"):
            world.subjects.extend(request, "many people are in it")
    else:  # the European month is first, and can be extended as far as the 40 days
        extended = world.subjects.extend(request, "many people are in it")
        assert extended.term.rule == "hk-01"


def test_a_clock_that_is_set_back_gives_nobody_more_time(world: SubjectWorld) -> None:
    world.apply("eu")
    request = world.ask()
    due_us = world.subjects.get(request).due_us
    world.clock.us = due_us
    world.subjects.tend()
    world.clock.us = due_us - 20 * DAY_US
    with pytest.raises(DutyState, match="late is not extended"):
        world.subjects.extend(request, "many people are in it")
    file = world.subjects.refuse(request, "not-identified", "nobody said who asks")
    assert file.is_late(world.clock.us)
    assert file.ended_us == due_us


def test_what_is_answered_late_is_written_down_as_late(world: SubjectWorld) -> None:
    world.apply("hk")
    request = world.ask()
    world.clock.us = world.subjects.get(request).due_us
    world.subjects.refuse(request, "not-identified", "nobody said who asks")
    acts = world.acts(request)
    assert acts[-3:] == ["subject-overdue", "subject-refused", "released"]
    assert world.subjects.tend().late == ()
    assert len(world.entries(Act.SUBJECT_OVERDUE)) == 1


def test_hong_kongs_rule_is_about_access_alone(world: SubjectWorld) -> None:
    world.apply("hk")
    request = world.ask(kind="objection")
    assert world.subjects.get(request).term.pack == "baseline"
