"""Breaches: 72 hours from when it was known, who was told when, and what is in the draft."""

from __future__ import annotations

import pytest
from tests.unit.retention.world import START_US
from tests.unit.subjects.world import DAY_US, SubjectWorld

from scrim.clock import SECOND, from_text, to_text
from scrim.duties.breaches import Breaches
from scrim.duties.notification import Said
from scrim.errors import CameraUnknown, DutyRefused, DutyState, DutyUnknown, NormsError
from scrim.ledger import Act

SAID = Said("The City", "privacy@example.org", "the authority")
HOUR_US = 3600 * SECOND


@pytest.fixture
def breaches(world: SubjectWorld) -> Breaches:
    world.apply("eu")
    return Breaches(world.engine, world.ledger, world.clock, world.packs)


def assess(breaches: Breaches, breach: str, risk: str = "risk") -> None:
    breaches.assess(
        breach, risk=risk, people=12, effects="they can be known", measures="the stick was found"
    )


@pytest.mark.parametrize(
    ("known", "due"),
    [
        ("2028-02-27T10:15:00Z", "2028-03-01T10:15:00Z"),  # 29 February
        ("2027-02-27T10:15:00Z", "2027-03-02T10:15:00Z"),
        ("2026-12-30T23:59:59Z", "2027-01-02T23:59:59Z"),  # holidays do not count
        ("2027-03-27T12:00:00Z", "2027-03-30T12:00:00Z"),  # nor does summer time
    ],
)
def test_seventy_two_hours_to_the_second(
    world: SubjectWorld, breaches: Breaches, known: str, due: str
) -> None:
    world.set("2028-06-01T00:00:00Z")
    made = breaches.open("a stick was lost", known_us=from_text(known), cameras=["gate"])
    assert to_text(made.due_us) == to_text(from_text(due))
    assert made.term.rule == "eu-07"


def test_the_whole_way(world: SubjectWorld, breaches: Breaches) -> None:
    made = breaches.open("a stick was lost", cameras=["gate"])
    with pytest.raises(DutyState, match="not assessed"):
        breaches.close(made.id, "done")
    assess(breaches, made.id, "high")
    with pytest.raises(DutyState, match="authority was not told"):
        breaches.close(made.id, "done")
    world.clock.us = made.due_us - 1
    breaches.notify(made.id, "authority", "Ms Mustermann of the authority")
    with pytest.raises(DutyState, match="people concerned"):
        breaches.close(made.id, "done")
    breaches.notify(made.id, "people", "notice at the station")
    done = breaches.close(made.id, "the stick came back")
    assert (done.state, done.overdue_us) == ("closed", None)
    assert [one.whom for one in done.told] == ["authority", "people"]
    world.clock.us += 100 * DAY_US
    assert breaches.tend() == ()
    with pytest.raises(DutyState, match="closed"):
        breaches.notify(made.id, "other", "the press")
    text = b"".join(body for _, body in world.ledger.entries(0, world.ledger.size()))
    for word in (b"stick", b"Mustermann", b"station"):
        assert word not in text


@pytest.mark.parametrize("risk", [None, "risk", "high"])
def test_what_is_not_told_in_time_is_breached(
    world: SubjectWorld, breaches: Breaches, risk: str | None
) -> None:
    made = breaches.open("a stick was lost")
    if risk is not None:
        assess(breaches, made.id, risk)
    world.clock.us = made.due_us - 1
    assert breaches.tend() == ()
    world.clock.us = made.due_us
    assert breaches.tend() == (made.id,)
    assert breaches.tend() == ()
    assert len(world.entries(Act.BREACH_OVERDUE)) == 1


def test_where_there_is_no_risk_nobody_need_be_told(
    world: SubjectWorld, breaches: Breaches
) -> None:
    made = breaches.open("a stick was lost")
    assess(breaches, made.id, "none")
    world.clock.us = made.due_us
    assert breaches.tend() == ()
    assert breaches.close(made.id, "it was sealed, and no part of the key was on it").closed_us


def test_told_late_says_why_and_is_late_all_the_same(
    world: SubjectWorld, breaches: Breaches
) -> None:
    made = breaches.open("a stick was lost")
    assess(breaches, made.id)
    world.clock.us = made.due_us
    with pytest.raises(DutyRefused, match="says why"):
        breaches.notify(made.id, "authority", "the authority")
    told = breaches.notify(
        made.id, "authority", "the authority", delay_reasons="nobody was there over the holidays"
    )
    assert told.overdue_us == made.due_us
    assert [one.delay_reasons for one in told.told] == ["nobody was there over the holidays"]
    assert world.entries(Act.BREACH_NOTIFIED)[0].facts["late"] is True


def test_told_in_time_and_entered_afterwards(world: SubjectWorld, breaches: Breaches) -> None:
    made = breaches.open("a stick was lost")
    assess(breaches, made.id)
    world.clock.us = made.due_us + HOUR_US
    told = breaches.notify(made.id, "authority", "by telephone", told_us=made.due_us - HOUR_US)
    assert told.overdue_us is None
    with pytest.raises(DutyRefused, match="in the future"):
        breaches.notify(made.id, "people", "x", told_us=world.clock.us + 1)
    with pytest.raises(DutyRefused, match="after it was known"):
        breaches.notify(made.id, "people", "x", told_us=made.known_us - 1)


def test_told_in_time_is_not_late_though_the_clock_said_so(
    world: SubjectWorld, breaches: Breaches
) -> None:
    known = world.clock.us - 100 * HOUR_US  # entered only now
    made = breaches.open("a stick was lost", known_us=known)
    assert made.due_us == known + 72 * HOUR_US < world.clock.us
    assert breaches.tend() == (made.id,)
    assert breaches.get(made.id).overdue_us is not None
    told = breaches.notify(made.id, "authority", "by telephone", told_us=known + HOUR_US)
    assert told.overdue_us is None
    assert breaches.tend() == ()
    assert len(world.entries(Act.BREACH_OVERDUE)) == 1
    assess(breaches, made.id)
    assert breaches.draft(made.id, SAID), "more may follow, and that is not late"
    assert breaches.notify(made.id, "authority", "more of it").overdue_us is None


def test_a_clock_that_is_set_back_gives_no_more_time(
    world: SubjectWorld, breaches: Breaches
) -> None:
    made = breaches.open("a stick was lost")
    world.clock.us = made.due_us
    assert breaches.tend() == (made.id,)
    world.clock.us = made.due_us - 30 * DAY_US
    assess(breaches, made.id)
    with pytest.raises(DutyRefused, match="says why"):
        breaches.notify(made.id, "authority", "the authority")


def test_the_draft_has_what_the_system_knows(world: SubjectWorld, breaches: Breaches) -> None:
    world.record("gate", 1, START_US)
    world.publish()
    made = breaches.open("a stick was lost", cameras=["gate"], since_us=START_US)
    with pytest.raises(DutyRefused, match="not assessed"):
        breaches.draft(made.id, SAID)
    assess(breaches, made.id)
    text = breaches.draft(made.id, SAID)
    for words in (made.id, "a stick was lost", "3 segments", "at most", "newest checkpoint", "12"):
        assert words in text
    assert to_text(made.due_us) in text
    assert "Not legal advice" in text
    with pytest.raises(NormsError, match="controller"):
        breaches.draft(made.id, Said("", "x", "y"))
    with pytest.raises(DutyRefused, match="in zh-Hans"):
        breaches.draft(made.id, SAID, language="zh-Hans")
    world.clock.us = made.due_us
    with pytest.raises(DutyRefused, match="late"):
        breaches.draft(made.id, SAID)


def test_what_cannot_be_so(world: SubjectWorld, breaches: Breaches) -> None:
    now = world.clock.us
    with pytest.raises(DutyRefused, match="what happened"):
        breaches.open(" ")
    with pytest.raises(DutyRefused, match="future"):
        breaches.open("x", known_us=now + 1)
    with pytest.raises(DutyRefused, match="empty"):
        breaches.open("x", since_us=5, until_us=5)
    with pytest.raises(CameraUnknown):
        breaches.open("x", cameras=["roof"])
    with pytest.raises(DutyUnknown):
        breaches.close("breach-nothere1", "x")
    assert breaches.list() == ()
    made = breaches.open("x")
    with pytest.raises(DutyRefused, match="risk"):
        assess(breaches, made.id, "terrible")
    with pytest.raises(DutyRefused, match="number"):
        breaches.assess(made.id, risk="none", people=-1, effects="x", measures="x")
    with pytest.raises(DutyRefused, match="nobody"):
        breaches.notify(made.id, "mother", "x")
