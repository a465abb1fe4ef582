"""Words about holds, papers, changes and limits go once what they are about is over."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update
from tests.unit.retention.world import START_US
from tests.unit.subjects.world import DAY_US, MINUTE_US, SubjectWorld

from scrim.access.proposals import Proposals
from scrim.access.signin import Session
from scrim.canonical import Json, digest
from scrim.changes.retention import retention_change
from scrim.clock import SECOND
from scrim.errors import CaseState, ClockDoubtful, LedgerUnavailable, PaperRefused
from scrim.ledger import Act, Entry, commit
from scrim.norms.pack import Paper as Kind
from scrim.papers.register import Draft, PaperRegister
from scrim.retention.clock import TrustedClock
from scrim.retention.own import OwnLimit
from scrim.settings import SubjectSettings
from scrim.store import holds, schema
from scrim.store.database import reading, writing
from scrim.subjects.desk import Subjects

KEPT_US = SubjectSettings().words_days * DAY_US
NAMED = "an unmistakable-sentence about somebody"


def hold(world: SubjectWorld) -> int:
    now = world.clock.us
    (made,) = world.holding.add(
        ["gate"], now - MINUTE_US, now, reason=NAMED, review_us=now + DAY_US
    )
    return made.id


def change(world: SubjectWorld, hours: int = 72) -> tuple[Proposals, str]:
    proposals = Proposals(world.engine, world.ledger, world.clock, hours)
    said = retention_change("gate", {"sealed": OwnLimit(86_400, 0, NAMED)})
    return proposals, proposals.propose("retention", said, "retention-set").id


def paper(world: SubjectWorld, expires: str | None = None) -> tuple[PaperRegister, str]:
    register = PaperRegister(world.engine, world.ledger, world.clock)
    draft = Draft(Kind.SIGN, NAMED, "2026-01-01", expires, camera="gate", by="Ms Chan")
    return register, register.add(draft).id


def said(world: SubjectWorld) -> list[tuple[str, int, int]]:
    found = world.entries(Act.WORDS_FORGOTTEN)
    return [(str(one.facts["of"]), int(str(one.facts["rows"])), _pieces(one)) for one in found]


def _pieces(entry: Entry) -> int:
    pieces = entry.facts["pieces"]
    assert isinstance(pieces, int)
    return pieces


def left(world: SubjectWorld) -> bool:
    database = world.folder.database
    files = b"".join(path.read_bytes() for path in database.parent.glob("scrim.db*"))
    return b"unmistakable-sentence" in files or b"Ms Chan" in files


def test_why_something_was_held_goes_and_that_it_was_stays(world: SubjectWorld) -> None:
    number = hold(world)
    world.clock.us += 9000 * DAY_US
    assert world.subjects.tend().words == 0, "it holds"
    world.holding.lift(number, reason="it is over")
    with reading(world.engine) as connection:
        was = holds.by_id(connection, number)
    assert was is not None
    world.clock.us += KEPT_US - 1
    assert world.subjects.tend().words == 0
    world.clock.us += 1
    assert world.subjects.tend().words == 1
    with reading(world.engine) as connection:
        found = holds.by_id(connection, number)
    assert found is not None
    assert (found.words, found.salt, found.lifted_us) == (None, None, was.lifted_us)
    assert not left(world)
    (entry,) = world.entries(Act.WORDS_FORGOTTEN)
    because = world.entries(Act.HELD)[0].facts["because"]
    assert because == commit(NAMED, was.salt)[0]
    assert entry.facts == {
        "of": "holds",
        "rows": 1,
        "pieces": 1,
        "sha256": digest(list[Json]([because])),
    }
    assert world.subjects.tend().words == 0  # once


def test_a_change_that_was_refused_or_has_ended_is_forgotten(world: SubjectWorld) -> None:
    proposals, ended = change(world)
    _, refused = change(world, hours=2 * 24 * SubjectSettings().words_days)
    session = Session(
        id="1", created_us=0, expires_us=2**60, salt=b"s" * 16, way="key", person="court"
    )
    world.clock.us += DAY_US
    proposals.refuse(refused, session)
    changes = [one.facts["change"] for one in world.entries(Act.CHANGE_PROPOSED)]
    world.clock.us += KEPT_US
    assert world.subjects.tend().words == 1, "the other ended two days later"
    world.clock.us += 2 * DAY_US
    assert world.subjects.tend().words == 1
    assert {one.id: one.change for one in proposals.list()} == {ended: {}, refused: {}}
    assert [one.decision for one in proposals.list() if one.id == refused] == ["refused"]
    assert not left(world)
    assert said(world) == [("changes", 1, 1), ("changes", 1, 1)]
    proofs = [one.facts["sha256"] for one in world.entries(Act.WORDS_FORGOTTEN)]
    assert proofs == [digest([one]) for one in reversed(changes)]


def test_a_change_whose_words_are_gone_is_agreed_to_by_no_clock(world: SubjectWorld) -> None:
    proposals, made = change(world)
    begun = world.clock.us
    world.clock.us += 4 * DAY_US + KEPT_US
    assert world.subjects.tend().words == 1
    world.clock.us = begun
    session = Session(
        id="1", created_us=0, expires_us=2**60, salt=b"s" * 16, way="key", person="court"
    )
    with pytest.raises(CaseState):
        proposals.agree(made, session, lambda *_: None)


def test_a_change_that_waits_keeps_its_words(world: SubjectWorld) -> None:
    proposals, _ = change(world, hours=3 * 24 * SubjectSettings().words_days)
    world.clock.us += 2 * KEPT_US
    assert world.subjects.tend().words == 0
    assert proposals.waiting()[0].change["camera"] == "gate"


def test_papers_that_are_over_are_forgotten_and_those_in_force_are_not(
    world: SubjectWorld,
) -> None:
    register, kept = paper(world)
    _, over = paper(world, expires="2026-12-31")
    _, revoked = paper(world)
    register.revoke(revoked, NAMED)
    world.clock.us += KEPT_US + 60 * DAY_US
    assert world.subjects.tend().words == 2
    found = {one.id: one for one in register.list()}
    for gone in (over, revoked):
        row = found[gone]
        assert (row.reference, row.recorded_by, row.revoked_why) == ("", "", None)
    assert found[revoked].revoked_us is not None
    assert found[kept].reference == NAMED
    assert said(world) == [("papers", 2, 5)]
    with pytest.raises(PaperRefused, match="over long ago"):
        register.revoke(over, "again")


def test_what_is_said_of_a_removed_camera_goes_when_its_recordings_have(
    world: SubjectWorld,
) -> None:
    world.record("gate", 1, START_US)
    own = OwnLimit(DAY_US // SECOND, 0, NAMED)
    world.say(world.packs, "sealed", own)
    world.say(world.packs, "masked", own)
    world.say(world.packs, "sealed", own, "yard")
    world.cameras.remove("gate")
    world.clock.us += KEPT_US
    assert world.subjects.tend().words == 0, "it says how long its recordings are kept"
    with writing(world.engine) as connection:
        connection.execute(update(schema.segment).values(state="erased"))
    assert world.subjects.tend().words == 2
    with reading(world.engine) as connection:
        cameras = connection.execute(select(schema.retention_limit.c.camera)).scalars().all()
    assert cameras == ["yard"]
    assert said(world) == [("limits", 2, 2)]


def test_papers_of_a_camera_that_was_forgotten_are_none_of_one_that_comes_under_its_id(
    world: SubjectWorld,
) -> None:
    register, made = paper(world)
    world.cameras.remove("gate")
    world.clock.us += KEPT_US
    assert world.subjects.tend().words == 1
    world.cameras.add("gate", "file", "/elsewhere.mp4")
    (row,) = register.list()
    assert (row.id, row.reference, row.revoked_us) == (made, "", world.clock.us)


def test_many_go_in_several_entries(world: SubjectWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scrim.subjects.words._BATCH", 2)
    for _ in range(3):
        world.holding.lift(hold(world), reason="it is over")
    world.clock.us += KEPT_US
    assert world.subjects.tend().words == 3
    assert said(world) == [("holds", 2, 2), ("holds", 1, 1)]


def test_invariant_5_without_an_entry_nothing_is_forgotten(world: SubjectWorld) -> None:
    number = hold(world)
    world.holding.lift(number, reason="it is over")
    world.clock.us += KEPT_US
    with writing(world.engine) as connection:
        connection.exec_driver_sql("DROP TABLE node")
    with pytest.raises(LedgerUnavailable):
        world.subjects.tend()
    with reading(world.engine) as connection:
        found = holds.by_id(connection, number)
    assert found is not None
    assert found.words == NAMED


def test_by_a_clock_that_may_be_wrong_no_word_is_forgotten(world: SubjectWorld) -> None:
    trusted = TrustedClock(world.engine, world.ledger, world.clock, 24)
    settings = SubjectSettings()
    subjects = Subjects(world.engine, world.ledger, world.clock, settings, world.packs, trusted)
    world.holding.lift(hold(world), reason="it is over")
    world.clock.us += KEPT_US  # nothing has followed it there
    with pytest.raises(ClockDoubtful):
        subjects.tend()
    assert left(world)


def test_files_that_could_not_be_emptied_are_emptied_the_next_time(
    world: SubjectWorld,
) -> None:
    world.holding.lift(hold(world), reason="it is over")
    world.clock.us += KEPT_US
    with reading(world.engine) as connection:
        connection.execute(select(schema.hold)).all()  # somebody reads what was before
        assert world.subjects.tend().words == 1
    with reading(world.engine) as connection:
        assert connection.execute(select(schema.unscrubbed)).all()
    assert world.subjects.tend().words == 0
    with reading(world.engine) as connection:
        assert connection.execute(select(schema.unscrubbed)).all() == []
    assert not left(world)
