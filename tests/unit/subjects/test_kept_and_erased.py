"""What is asked for outlives its ceiling, and nothing else does: the sweep and the register."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import insert, select
from tests.unit.cases.world import SEGMENT_US
from tests.unit.retention.world import START_US
from tests.unit.subjects.world import DAY_US, SubjectWorld

from scrim.canonical import Json, digest
from scrim.clock import from_text, to_text
from scrim.errors import ClockDoubtful, DutyRefused, DutyUnknown
from scrim.ledger import Act, commit
from scrim.retention.clock import TrustedClock
from scrim.settings import SubjectSettings
from scrim.store import schema
from scrim.store.database import reading, writing
from scrim.subjects.desk import Subjects


def stored(world: SubjectWorld, camera: str) -> int:
    with reading(world.engine) as connection:
        rows = connection.execute(
            select(schema.segment.c.segment).where(
                schema.segment.c.camera == camera, schema.segment.c.state == "stored"
            )
        ).all()
    return len(rows)


def asked(world: SubjectWorld, camera: str = "gate") -> str:
    """A request for the first period of a camera."""
    return world.ask(cameras=(camera,), since_us=START_US, until_us=START_US + 3 * SEGMENT_US)


def test_forty_days_to_answer_against_thirty_to_keep(world: SubjectWorld) -> None:
    world.apply("hk")
    world.record("gate", 1, START_US)
    world.record("yard", 1, START_US)
    world.at(START_US + 29 * DAY_US)
    request = asked(world)
    world.at(START_US + 68 * DAY_US)  # day 39 of the request
    world.sweep()
    assert (stored(world, "gate"), stored(world, "yard")) == (6, 0)
    assert world.subjects.tend().late == ()
    world.subjects.identify(request, "passport seen")
    world.subjects.answer(request, "nothing-held", "you are not in it")
    world.sweep()
    assert stored(world, "gate") == 0


def test_what_is_late_is_still_held(world: SubjectWorld) -> None:
    world.apply("hk")
    world.record("gate", 1, START_US)
    world.at(START_US + DAY_US)
    request = asked(world)
    world.at(START_US + 90 * DAY_US)
    assert world.subjects.tend().late == (request,)
    world.sweep()
    assert stored(world, "gate") == 6
    (listed,) = world.holding.list()
    assert listed.is_due
    assert listed.hold.request == request


def test_a_time_already_erased_is_told_from_the_ledger(world: SubjectWorld) -> None:
    world.apply("hk")
    world.record("gate", 1, START_US)
    world.record("yard", 1, START_US)
    world.at(START_US + 40 * DAY_US)
    world.sweep()
    request = asked(world)
    (found,) = world.subjects.footage(request)
    assert found.kept == ()
    assert found.erased == ((START_US, START_US + 3 * SEGMENT_US),)
    said = [
        index
        for index, entry in enumerate(_all(world))
        if entry["act"] == "erased" and entry["camera"] == "gate" and entry["since"] is not None
    ]
    assert len(said) == 2  # one a side
    assert list(found.entries) == said
    with pytest.raises(DutyRefused, match="Answer already-erased"):
        world.subjects.answer(request, "nothing-held", "nothing is there")
    done = world.subjects.answer(request, "already-erased", "it was erased after 30 days")
    assert (done.answer, done.state) == ("already-erased", "answered")


def test_what_is_there_is_not_said_to_be_erased(world: SubjectWorld) -> None:
    world.record("gate", 1, START_US)
    world.at(START_US + DAY_US)
    request = asked(world)
    with pytest.raises(DutyRefused, match="still something"):
        world.subjects.answer(request, "already-erased", "gone")
    with pytest.raises(DutyRefused, match="nobody has looked"):
        world.subjects.answer(request, "nothing-held", "nothing")
    never = asked(world, "yard")
    with pytest.raises(DutyRefused, match="knows of nothing"):
        world.subjects.answer(never, "already-erased", "gone")
    assert world.subjects.answer(never, "nothing-held", "it did not record").answer
    assert world.subjects.footage(never)[0].erased == ()


def test_overlapping_gaps_are_told(world: SubjectWorld) -> None:
    world.at(START_US + DAY_US)
    with writing(world.engine) as connection:
        for since_us, until_us, cause in (
            (START_US - 1, START_US + 1, "source-lost"),
            (START_US, None, "recorder-stopped"),
            (START_US - 9, START_US, "store-failed"),  # ends where the interval begins
        ):
            connection.execute(
                insert(schema.gap).values(
                    camera="gate",
                    side="both",
                    since_us=since_us,
                    until_us=until_us,
                    cause=cause,
                    detail="",
                )
            )
    (found,) = world.subjects.footage(asked(world))
    assert found.gaps == ("recorder-stopped", "source-lost")


def test_the_register_is_kept_four_years_and_not_a_day_longer(world: SubjectWorld) -> None:
    world.set("2027-01-15T02:00:00Z")
    refused, given = world.ask(), world.ask()
    world.subjects.refuse(refused, "not-identified", "nobody said who asks")
    world.subjects.withdraw(given)
    assert to_text(world.subjects.get(refused).keep_until_us or 0) == "2031-01-16T00:00:00.000000Z"
    whom = world.subjects.person(refused)
    world.clock.us = from_text("2028-01-17T00:00:00Z")
    assert world.subjects.tend().forgotten == (given,)
    with pytest.raises(DutyUnknown, match="name"):
        world.subjects.person(given)
    world.clock.us = from_text("2031-01-15T23:59:59Z")
    assert world.subjects.tend().forgotten == ()
    assert len(world.subjects.refusals()) == 1
    world.clock.us = from_text("2031-01-16T00:00:00Z")
    assert world.subjects.tend().forgotten == (refused,)
    assert world.subjects.refusals() == ()
    left = world.subjects.get(refused)
    assert (left.state, left.cameras, left.since_us) == ("refused", (), 0)
    # the proof opens with what was erased, by whoever still has it
    pieces = sorted(
        commit(text, whom.salt)[0]
        for text in (whom.contact, whom.description, "nobody said who asks")
    )
    entry = world.entries(Act.SUBJECT_ERASED)[-1]
    assert entry.facts["sha256"] == digest(list[Json](pieces))
    assert entry.facts["pieces"] == 3
    assert world.subjects.tend().forgotten == ()  # once


def test_nothing_of_the_person_is_left_in_the_database(world: SubjectWorld) -> None:
    request = world.ask(description="an unmistakable-sentence of the person")
    world.subjects.withdraw(request)
    world.clock.us += 400 * DAY_US
    assert world.subjects.tend().forgotten == (request,)
    database = world.folder.database
    left = b"".join(path.read_bytes() for path in database.parent.glob("scrim.db*"))
    assert b"unmistakable-sentence" not in left


def test_a_clock_that_may_be_wrong_forgets_nobody_and_still_says_what_is_late(
    world: SubjectWorld,
) -> None:
    trusted = TrustedClock(world.engine, world.ledger, world.clock, 24)
    subjects = Subjects(
        world.engine, world.ledger, world.clock, SubjectSettings(), world.packs, trusted
    )
    over, waiting = world.ask(), world.ask()
    subjects.withdraw(over)
    world.clock.us += 400 * DAY_US  # nothing has followed it there
    with pytest.raises(ClockDoubtful):
        subjects.tend()
    assert subjects.person(over).contact
    assert subjects.get(waiting).overdue_us is not None


def test_a_request_that_is_open_is_never_forgotten(world: SubjectWorld) -> None:
    request = world.ask()
    world.clock.us += 5000 * DAY_US
    tended = world.subjects.tend()
    assert (tended.late, tended.forgotten) == ((request,), ())
    assert world.subjects.person(request).contact


def _all(world: SubjectWorld) -> list[dict[str, object]]:
    return [json.loads(body) for _, body in world.ledger.entries(0, world.ledger.size())]
