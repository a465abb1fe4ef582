"""Filings: their clocks, their documents, and the number of people that opens one."""

from __future__ import annotations

import pytest
from tests.unit.retention.world import START_US
from tests.unit.subjects.world import DAY_US, SubjectWorld

from scrim.clock import from_text, to_text
from scrim.duties.filings import Filings
from scrim.errors import CameraUnknown, DutyRefused, DutyState, DutyUnknown, PaperRefused
from scrim.ledger import Act, Entry
from scrim.norms.deadlines import calendar_of
from scrim.norms.load import load_all
from scrim.papers.gate import InForce, judge
from scrim.papers.register import papers_in
from scrim.papers.standing import standings
from scrim.store import people_counted
from scrim.store.database import reading, writing

HASH = "a" * 64


@pytest.fixture
def filings(world: SubjectWorld) -> Filings:
    world.apply("cn")
    return Filings(world.engine, world.ledger, world.clock, world.packs)


def count(world: SubjectWorld, tracks: int, *, blind: bool = False) -> None:
    with writing(world.engine) as connection:
        people_counted.add(connection, "gate", START_US, tracks, blind=blind)


@pytest.mark.parametrize(
    ("kind", "change", "required", "due"),
    [
        # 30 days over the end of a month, of a year, and over 29 February
        ("public-security", False, "2026-01-31T02:00:00Z", "2026-03-02T16:00:00Z"),
        ("public-security", False, "2028-01-31T02:00:00Z", "2028-03-01T16:00:00Z"),
        ("public-security", True, "2026-12-15T02:00:00Z", "2027-01-14T16:00:00Z"),
        # 30 working days over the National Day's week, with days made up on weekends
        ("facial-information", False, "2026-09-18T02:00:00Z", "2026-11-05T16:00:00Z"),
        ("facial-information", True, "2026-02-10T02:00:00Z", "2026-03-30T16:00:00Z"),
    ],
)
def test_it_is_due_when_the_rule_says(
    world: SubjectWorld, filings: Filings, kind: str, change: bool, required: str, due: str
) -> None:
    world.set("2028-06-01T00:00:00Z")
    made = filings.open(kind, from_text(required), change=change)
    assert to_text(made.due_us) == to_text(from_text(due))
    assert made.counted == "as-said"


def test_where_holidays_are_not_known_it_is_due_early_and_says_so(
    world: SubjectWorld, filings: Filings
) -> None:
    world.set("2027-01-04T02:00:00Z")
    made = filings.open("facial-information", world.clock.us)
    assert made.counted == "calendar-days"
    assert to_text(made.due_us) == "2027-02-03T16:00:00.000000Z"


def test_a_camera_that_records_opens_its_filing_once(world: SubjectWorld, filings: Filings) -> None:
    world.record("gate", 1, START_US)
    world.record("yard", 1, START_US)  # under no pack that asks
    (opened,) = filings.tend().opened
    made = filings.get(opened)
    assert (made.camera, made.kind, made.required_us) == ("gate", "public-security", START_US)
    assert filings.tend().opened == ()


def test_a_change_stands_in_for_no_filing(world: SubjectWorld, filings: Filings) -> None:
    world.record("gate", 1, START_US)
    filings.open("public-security", START_US, camera="gate", change=True)
    (opened,) = filings.tend().opened
    assert filings.get(opened).change is False
    assert filings.tend().opened == ()


def test_one_that_is_on_record_is_not_opened(world: SubjectWorld, filings: Filings) -> None:
    from scrim.norms.pack import Paper
    from scrim.papers.register import Draft, PaperRegister

    world.record("gate", 1, START_US)
    world.clock.us += DAY_US
    PaperRegister(world.engine, world.ledger, world.clock).add(
        Draft(
            kind=Paper.FILING,
            camera="gate",
            filing="public-security",
            reference="2026-17",
            issued="2026-11-22",
            by="privacy-officer",
        )
    )
    assert filings.tend().opened == ()


def test_drafted_filed_acknowledged(world: SubjectWorld, filings: Filings) -> None:
    made = filings.open("public-security", world.clock.us, camera="gate")
    assert filings.draft(made.id, "the draft").state == "drafted"
    assert filings.draft(made.id, "a better draft").draft == "a better draft"
    with pytest.raises(DutyState, match="drafted, so it cannot be acknowledged"):
        filings.acknowledged(made.id, HASH, "receipt 17")
    filings.filed(made.id, HASH, "handed in at the counter")
    with pytest.raises(DutyState, match="is filed"):
        filings.draft(made.id, "too late")
    done = filings.acknowledged(made.id, "b" * 64, "receipt 17")
    assert (done.state, done.document_sha256) == ("acknowledged", "b" * 64)
    world.clock.us += 100 * DAY_US
    assert filings.tend().late == ()
    text = b"".join(body for _, body in world.ledger.entries(0, world.ledger.size()))
    assert b"counter" not in text
    assert b"receipt" not in text
    assert HASH.encode() in text


def test_what_is_handed_in_is_the_paper_that_the_gate_asks_for(
    world: SubjectWorld, filings: Filings
) -> None:
    def waits() -> set[str | None]:
        with reading(world.engine) as connection:
            packs = [InForce(pack, calendar_of(pack)) for pack in load_all(None, ["cn"]).values()]
            (standing,) = standings(connection, only="gate")
            verdict = judge(standing, packs, papers_in(connection), world.clock.us)
        return {one.filing for one in verdict.waits}

    made = filings.open("public-security", world.clock.us, camera="gate")
    size = world.ledger.size()
    with pytest.raises(PaperRefused):
        filings.filed(made.id, HASH, "17", expires="2020-01-01")
    assert world.ledger.size() == size, "both or neither"
    assert filings.get(made.id).state == "open"
    world.clock.us += 40 * DAY_US
    before = waits()
    filings.filed(made.id, HASH, "handed in at the counter")
    assert (before - waits(), "public-security" in waits()) == ({"public-security"}, False)
    entries = [Entry.parse(body) for _, body in world.ledger.entries(size, world.ledger.size())]
    (recorded,) = [one for one in entries if one.reason == "paper-recorded"]
    assert (recorded.camera, recorded.facts["document"]) == ("gate", HASH)
    assert Act.FILING_FILED in [one.act for one in entries]
    change = filings.open("public-security", world.clock.us, camera="gate", change=True)
    filings.filed(change.id, "b" * 64, "18")
    with reading(world.engine) as connection:
        assert len(papers_in(connection)) == 1, "a change is no paper to record on"


def test_late_is_written_down_once_and_can_still_be_handed_in(
    world: SubjectWorld, filings: Filings
) -> None:
    made = filings.open("public-security", world.clock.us)
    world.clock.us = made.due_us - 1
    assert filings.tend().late == ()
    world.clock.us = made.due_us
    assert filings.tend().late == (made.id,)
    assert filings.tend().late == ()
    world.clock.us = made.due_us - 10 * DAY_US  # set back
    done = filings.filed(made.id, HASH, "late")
    assert done.filed_us == made.due_us
    assert len(world.entries(Act.FILING_OVERDUE)) == 1


def test_handed_in_late_before_anybody_looked(world: SubjectWorld, filings: Filings) -> None:
    made = filings.open("public-security", world.clock.us)
    world.clock.us = made.due_us
    assert filings.filed(made.id, HASH, "late").overdue_us == made.due_us


def test_what_cannot_be_filed(world: SubjectWorld, filings: Filings) -> None:
    now = world.clock.us
    with pytest.raises(DutyRefused, match="No rule"):
        filings.open("dogs", now)
    with pytest.raises(DutyRefused, match="a word"):
        filings.open("Dogs of the street", now)
    with pytest.raises(DutyRefused, match="what has happened"):
        filings.open("public-security", now + 1)
    with pytest.raises(CameraUnknown):
        filings.open("public-security", now, camera="roof")
    with pytest.raises(DutyRefused, match="No rule"):
        filings.open("public-security", now, camera="yard")
    with pytest.raises(DutyUnknown):
        filings.filed("filing-nothere1", HASH, "x")
    made = filings.open("public-security", now)
    with pytest.raises(DutyRefused, match="SHA-256"):
        filings.filed(made.id, "A" * 64, "x")
    with pytest.raises(DutyRefused, match="reference"):
        filings.filed(made.id, HASH, " ")
    with pytest.raises(DutyRefused, match="draft"):
        filings.draft(made.id, "")
    assert len(filings.list()) == 1


def test_a_warning_at_eighty_percent_and_the_clock_at_the_threshold(
    world: SubjectWorld, filings: Filings
) -> None:
    world.record("gate", 1, START_US)
    filings.tend()
    count(world, 79_999)
    assert filings.tend().near == ()
    count(world, 1)
    assert filings.tend().near == ("facial-information",)
    assert filings.tend().near == ()  # once
    count(world, 19_999)
    assert filings.tend().reached == ()
    count(world, 1)
    tended = filings.tend()
    assert tended.reached == ("facial-information",)
    (opened,) = tended.opened
    assert filings.get(opened).rule == "cn-09"
    assert filings.reached_us() == world.clock.us
    assert filings.people().tracks == 100_000
    assert filings.tend().opened == ()


def test_a_number_that_falls_stops_no_clock(world: SubjectWorld, filings: Filings) -> None:
    world.record("gate", 1, START_US)
    count(world, 100_000)
    filings.tend()
    world.at(START_US + 60 * DAY_US)
    world.packs.of.pop("gate")
    world.sweep()
    assert filings.people().tracks == 0
    world.apply("cn")
    assert filings.tend().reached == ()
    assert any(one.kind == "facial-information" for one in filings.list())
    assert filings.reached_us() is not None


def test_cameras_of_another_law_are_not_counted_to_it(
    world: SubjectWorld, filings: Filings
) -> None:
    world.packs.of.clear()
    world.apply("cn", camera="yard")
    world.record("gate", 1, START_US)
    world.record("yard", 1, START_US)
    count(world, 200_000)
    assert filings.tend().near == ()
    assert filings.people().tracks == 200_000


def test_what_could_not_be_counted_is_not_nothing(world: SubjectWorld, filings: Filings) -> None:
    world.record("gate", 1, START_US)
    count(world, 0, blind=True)
    count(world, 3)
    with reading(world.engine) as connection:
        found = people_counted.counted(connection, ["gate"])
    assert (found.tracks, found.uncounted) == (3, 1)
