"""The way of a case from its draft to its end, and what stands in the ledger of it."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import func, select, text
from tests.unit.cases.world import (
    DAY_US,
    NOW_US,
    PERIOD_US,
    SEGMENT_US,
    World,
    new_recipient,
    new_verifier,
)

from scrim.canonical import digest
from scrim.cases.case import FOLLOWS, State
from scrim.cases.exports import Recipient
from scrim.cases.viewings import ViewingAct
from scrim.errors import CaseState, CaseUnknown, LedgerUnavailable, StatementInvalid
from scrim.ledger import holds as opens
from scrim.ledger.checkpoint import Checkpoint
from scrim.ledger.receipt import Receipt
from scrim.store import holds, schema
from scrim.store.database import reading, writing
from scrim.vault.request import Request
from scrim.vault.statement import Statement

COURT = Recipient("The registrar", "Court", "Ordered.")


def look(world: World, case: str) -> str:
    """A viewing of all there is."""
    draft = world.draft()
    return world.cases.view(
        world.officer, case, ViewingAct.VIEW, ["gate"], draft.since_us, draft.until_us
    ).id


def test_from_draft_to_closed(world: World) -> None:
    file = world.cases.draft(world.officer, world.draft())
    assert file.state is State.DRAFTED
    assert Request.from_body(file.body).periods, "the server filled the periods in"
    file = world.cases.request(world.officer, file.id, world.sign(file))
    assert file.state is State.REQUESTED
    assert world.answer(0, file).state is State.REQUESTED, "k-1 approvals open nothing"
    file = world.answer(1, file)
    assert file.state is State.APPROVED
    viewing = look(world, file.id)
    assert world.cases.get(world.officer, file.id).state is State.OPEN
    key = world.cases.sealed(world.officer, viewing, "gate", 100)
    assert key == "sealed/gate/000001/000001/0000000100.age"
    world.cases.export(world.officer, file.id, "evidence", "b" * 64, 9, COURT)
    file = world.cases.close(world.officer, file.id, "The child was found.")
    assert file.state is State.CLOSED
    assert world.acts(file) == [
        "case-drafted",
        "case-requested",
        "held",
        "case-answered",
        "case-answered",
        "case-approved",
        "case-opened",
        "original-viewed",
        "exported",
        "case-closed",
        "released",
        "case-erased",
    ]


def test_entries_say_what_was_done_and_open_only_with_the_salt(world: World) -> None:
    file = world.approved()
    look(world, file.id)
    world.cases.export(world.officer, file.id, "evidence", "b" * 64, 9, COURT)
    world.cases.close(world.officer, file.id, "Done with it.")
    entries = world.entries(file)
    assert all(opens(str(entry.facts["case"]), file.id, file.salt) for entry in entries)
    assert all(entry.facts["request"] == file.request_sha256 for entry in entries[1:])
    assert "request" not in entries[0].facts
    assert all(entry.authority == "warrant" for entry in entries)
    by_officer = [entry for entry in entries if opens(entry.who, "officer-7", file.salt)]
    assert {entry.act.value for entry in by_officer} >= {"case-requested", "original-viewed"}
    by_custodian = [entry for entry in entries if entry.act.value == "case-answered"]
    assert [opens(entry.who, f"court-{n}", file.salt) for n, entry in enumerate(by_custodian, 1)]
    (approved,) = (entry for entry in entries if entry.act.value == "case-approved")
    assert approved.who == "supervisor"
    assert approved.facts["periods"] == approved.facts["cameras"] == 1
    (viewed,) = (entry for entry in entries if entry.act.value == "original-viewed")
    assert (viewed.camera, viewed.until_us) == ("gate", world.draft().until_us)
    bodies = b"".join(body for _, body in world.ledger.entries(0, 99))
    for secret in (file.id, "officer-7", "court-1", "Court of the North", "child", "12/34"):
        assert secret.encode() not in bodies
    assert file.salt.hex().encode() not in bodies


def test_only_the_steps_of_the_table_can_be_taken() -> None:
    ended = {State.CLOSED, State.EXPIRED, State.REFUSED}
    assert {state for state in State if not FOLLOWS[state]} == ended
    for then in FOLLOWS.values():
        assert State.DRAFTED not in then
    assert State.OPEN not in FOLLOWS[State.REQUESTED], "nothing opens unapproved"


def test_each_act_done_twice_is_done_once(world: World) -> None:
    file = world.cases.draft(world.officer, world.draft())
    signed = world.sign(file)
    world.cases.request(world.officer, file.id, signed)
    file = world.cases.request(world.officer, file.id, signed)
    office = world.offices[0]
    answer = world.answer_of(office, file)
    world.cases.answer(world.person(office.id), file.id, answer)
    file = world.cases.answer(world.person(office.id), file.id, answer)
    assert len(file.answers) == 1
    world.cases.close(world.officer, file.id, "Not needed.")
    world.cases.close(world.officer, file.id, "Not needed.")
    assert [world.acts(file).count(act) for act in ("held", "case-answered", "case-closed")] == [
        1,
        1,
        1,
    ]


@pytest.mark.parametrize(
    "act", ["case-requested", "held", "case-answered", "case-approved", "original-viewed"]
)
def test_nothing_happens_that_the_ledger_cannot_hold_and_it_is_resumed(
    world: World, act: str
) -> None:
    """The server stops half-way through each step: neither act nor entry, then both."""
    file = world.cases.draft(world.officer, world.draft())
    signed = world.sign(file)

    def steps() -> None:
        done = world.cases.request(world.officer, file.id, signed)
        answers = [world.answer_of(office, done) for office in world.offices[:2]]
        for office, data in zip(world.offices, answers, strict=False):
            kept = {one.custodian for one in world.cases.get(world.officer, file.id).answers}
            if office.id not in kept:
                world.cases.answer(world.person(office.id), file.id, data)
        look(world, file.id)

    with writing(world.engine) as connection:
        connection.execute(
            text(
                "CREATE TRIGGER stop BEFORE INSERT ON entry "
                f'WHEN instr(NEW.body, \'"act":"{act}"\') '
                "BEGIN SELECT RAISE(ABORT, 'no'); END"
            )
        )
    before = world.ledger.size()
    with pytest.raises(LedgerUnavailable):
        steps()
    broken = world.cases.get(world.officer, file.id)
    assert act not in world.acts(file)
    assert world.ledger.size() == before + len(world.acts(file)) - 1
    if act in ("case-requested", "held"):
        assert broken.state is State.DRAFTED
        assert broken.statement is None
        with reading(world.engine) as connection:
            assert holds.of_case(connection, file.id) == []
    with reading(world.engine) as connection:
        assert connection.execute(select(func.count()).select_from(schema.viewing)).scalar() == 0
    with writing(world.engine) as connection:
        connection.execute(text("DROP TRIGGER stop"))
    steps()
    assert world.cases.get(world.officer, file.id).state is State.OPEN
    assert world.acts(file).count("case-requested") == world.acts(file).count("held") == 1
    assert world.acts(file).count("case-answered") == 2


def test_only_what_was_drafted_can_be_handed_in_and_only_by_its_officer(world: World) -> None:
    file = world.cases.draft(world.officer, world.draft())
    longer = dict(file.body) | {"until_us": file.until_us + 1}
    with pytest.raises(StatementInvalid, match="not what was drafted"):
        world.cases.request(world.officer, file.id, Statement.sign(longer, world.signer).to_bytes())
    with pytest.raises(StatementInvalid):
        world.cases.request(
            world.officer, file.id, Statement.sign(file.body, world.offices[0].signer).to_bytes()
        )
    other = world.offices[1].signer  # any other key
    stolen = dict(file.body) | {"officer": {**file.body["officer"], "verifier": other.verifier}}
    with pytest.raises(StatementInvalid):
        world.cases.request(world.officer, file.id, Statement.sign(stolen, other).to_bytes())
    assert world.cases.get(world.officer, file.id).state is State.DRAFTED


def test_a_case_is_seen_by_its_officer_and_by_the_custodians_it_asks(world: World) -> None:
    file = world.cases.draft(world.officer, world.draft())
    other = world.people.register("officer-8", "police-south", new_verifier())
    court = world.person("court-1")
    for person in (other, court):
        with pytest.raises(CaseUnknown):
            world.cases.get(person, file.id)
        assert world.cases.list(person) == ()
    world.cases.request(world.officer, file.id, world.sign(file))
    assert [one.id for one in world.cases.list(court)] == [file.id]
    assert [one.id for one in world.cases.list(world.officer, State.REQUESTED)] == [file.id]
    assert world.cases.list(world.officer, State.OPEN) == ()
    for act in (
        lambda: world.cases.get(other, file.id),
        lambda: world.cases.package(other, file.id),
        lambda: world.cases.record(other, file.id),
        lambda: world.cases.close(other, file.id, "Because I can."),
        lambda: world.cases.export(other, file.id, "evidence", "b" * 64, 1, COURT),
        lambda: world.cases.get(other, "case-aaaaaaaa"),
    ):
        with pytest.raises(CaseUnknown):
            act()


def test_receipts_of_package_and_record_hold_against_the_checkpoint(world: World) -> None:
    world.seal(period=2, since_us=NOW_US - PERIOD_US, closed=False, entries_known=False)
    file = world.approved(world.draft(until_us=NOW_US - PERIOD_US + SEGMENT_US))
    with pytest.raises(CaseState, match="checkpoint"):
        world.cases.package(world.officer, file.id)
    world.checkpoint()
    package = json.loads(world.cases.package(world.officer, file.id))
    point = Checkpoint.from_note(package["checkpoint"], world.key.verifier())

    def act(receipt: object) -> str:
        return Receipt.from_document(receipt).check(point.size, point.root).act.value

    assert {key: act(one) for key, one in package["opened"].items()} == {
        "gate/1/1": "period-opened",
        "gate/1/2": "period-opened",
    }
    assert {key: act(one) for key, one in package["closed"].items()} == {
        "gate/1/1": "period-closed"
    }, "one is still open"
    assert act(package["requested"]) == "case-requested"
    assert len(package["answers"]) == 2
    assert set(package["documents"]) == {
        one["document_sha256"] for one in package["request"]["body"]["periods"]
    }
    record = json.loads(world.cases.record(world.officer, file.id))
    assert [act(one) for one in record["entries"]] == world.acts(file)
    look(world, file.id)
    with pytest.raises(CaseState, match="checkpoint"):
        world.cases.record(world.officer, file.id)


def test_a_custodian_gets_no_parts_of_others(world: World) -> None:
    file = world.ask()
    world.answer(0, file)
    world.answer(1, file, "refused")
    world.checkpoint()
    theirs = json.loads(world.cases.package(world.person("court-3"), file.id))
    assert [one["body"]["decision"] for one in theirs["answers"]] == ["refused"]
    officers = json.loads(world.cases.package(world.officer, file.id))
    assert len(officers["answers"]) == 2


def test_the_interval_is_held_from_request_to_end(world: World) -> None:
    file = world.cases.draft(world.officer, world.draft())

    def is_held(start_us: int, end_us: int, camera: str = "gate") -> bool:
        with reading(world.engine) as connection:
            return holds.held(connection, camera, start_us, end_us)

    since, until = file.since_us, file.until_us
    assert not is_held(since, until)
    world.cases.request(world.officer, file.id, world.sign(file))
    assert is_held(since - 5, since + 1)
    assert is_held(until - 1, until + 5)
    assert not is_held(until, until + 5)
    assert not is_held(since - 5, since)
    assert not is_held(since, until, "yard")
    world.clock.us = file.expires_us
    world.cases.expire()
    assert not is_held(since, until)
    released = next(entry for entry in world.entries(file) if entry.act.value == "released")
    assert (released.who, released.facts["cameras"]) == ("supervisor", 1)


def test_what_is_erased_can_be_checked_by_its_hashes(world: World) -> None:
    file = world.approved()
    parts = sorted(sha256 for answer in file.answers for sha256 in answer.parts.values())
    assert len(parts) == 2
    closed = world.cases.close(world.officer, file.id, "Done with it.")
    erased = world.entries(file)[-1]
    assert erased.facts["parts"] == 2
    assert erased.facts["sha256"] == digest(parts)
    assert all(answer.statement is None for answer in closed.answers)
    assert (closed.erased_us, closed.scrubbed_us) == (NOW_US, NOW_US)


def test_two_cases_do_not_know_each_other(world: World) -> None:
    first = world.approved()
    second = world.ask(world.draft(recipient=new_recipient()))
    assert first.commitment != second.commitment
    assert first.committed("officer-7") != second.committed("officer-7")
    office = world.offices[2]
    with pytest.raises(StatementInvalid, match="another request"):
        world.cases.answer(world.person(office.id), second.id, world.answer_of(office, first))


def test_draft_lives_until_its_expiry_only(world: World) -> None:
    file = world.cases.draft(world.officer, world.draft(expires_us=NOW_US + DAY_US))
    world.clock.us += DAY_US
    with pytest.raises(CaseState, match="expired"):
        world.cases.request(world.officer, file.id, world.sign(file))
    assert world.cases.get(world.officer, file.id).state is State.EXPIRED
