"""What must not work: replayed, relabelled and altered papers, wrong people, wrong times."""

from __future__ import annotations

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pyrage
import pytest
from sqlalchemy import select, text
from tests.unit.cases.world import (
    DAY_US,
    NOW_US,
    PERIOD_US,
    SEGMENT_US,
    Office,
    World,
    new_recipient,
)

from scrim.cases.case import State
from scrim.cases.exports import Recipient
from scrim.cases.file import CaseFile
from scrim.cases.people import Person
from scrim.cases.viewings import ViewingAct
from scrim.clock import SECOND
from scrim.errors import (
    AccessDenied,
    CaseRefused,
    CaseState,
    CaseUnknown,
    CustodianInvalid,
    LedgerUnavailable,
    ScrimError,
    StatementInvalid,
)
from scrim.ledger.commitment import holds
from scrim.store import schema
from scrim.store.database import reading, writing
from scrim.vault.statement import Statement

COURT = Recipient("The registrar", "Court", "Ordered.")


def give(world: World, office: Office, case: str, data: bytes) -> CaseFile:
    return world.cases.answer(world.person(office.id), case, data)


def unanswered(world: World, case: str) -> bool:
    file = world.cases.get(world.officer, case)
    return not file.answers and "case-answered" not in world.acts(file)


def test_k_less_one_open_nothing(world: World) -> None:
    file = world.ask()
    world.answer(0, file)
    with pytest.raises(CaseState, match="requested"):
        world.cases.view(
            world.officer, file.id, ViewingAct.VIEW, ["gate"], file.since_us, file.until_us
        )
    assert "original-viewed" not in world.acts(file)


def test_every_period_needs_its_own_k(world: World) -> None:
    """Two of three agree, and only one of them holds a part of the second period."""
    late = [world.offices[0], Office("court-8"), Office("court-9")]
    world.set_custodians(late, 2)
    world.seal(period=2, since_us=NOW_US - PERIOD_US, offices=late)
    file = world.ask(world.draft(until_us=NOW_US - PERIOD_US + SEGMENT_US))
    world.answer(0, file)
    assert world.answer(1, file).state is State.REQUESTED, "the second period has one approval"
    office = late[1]
    assert give(world, office, file.id, world.answer_of(office, file)).state is State.APPROVED


def test_refused_when_some_period_can_have_no_k_any_more(world: World) -> None:
    late = [world.offices[0], Office("court-8")]
    world.set_custodians(late, 2)
    world.seal(period=2, since_us=NOW_US - PERIOD_US, offices=late)
    file = world.ask(world.draft(until_us=NOW_US - PERIOD_US + SEGMENT_US))
    world.answer(1, file)
    file = give(world, late[1], file.id, world.answer_of(late[1], file, "refused"))
    assert file.state is State.REFUSED
    assert [one.id for one in world.cases.refusals()] == [file.id]
    assert world.acts(file)[-3:] == ["case-refused", "released", "case-erased"]
    assert all(answer.statement is None for answer in file.answers if answer.parts)


def test_an_altered_letter_is_no_answer(world: World) -> None:
    file = world.ask()
    data = world.answer_of(world.offices[0], file)
    for at in range(40, len(data), len(data) // 40):
        letter = b"A" if data[at : at + 1] != b"A" else b"B"
        with pytest.raises(StatementInvalid):
            give(world, world.offices[0], file.id, data[:at] + letter + data[at + 1 :])
    assert unanswered(world, file.id)


def test_an_answer_to_a_request_altered_by_one_letter_is_refused(world: World) -> None:
    file = world.ask()
    body = dict(file.body) | {"reason": file.body["reason"].replace("child", "chile")}
    other = Statement.sign(body, world.signer)
    data = world.answer_of(world.offices[0], file, request_sha256=other.sha256)
    with pytest.raises(StatementInvalid, match="another request"):
        give(world, world.offices[0], file.id, data)
    assert unanswered(world, file.id)


def test_an_answer_is_not_replayed_in_another_case(world: World) -> None:
    first = world.ask()
    world.cases.close(world.officer, first.id, "Another one follows.")
    second = world.ask(world.draft(recipient=new_recipient()))
    with pytest.raises(StatementInvalid):
        give(world, world.offices[0], second.id, world.answer_of(world.offices[0], first))
    relabelled = world.answer_of(world.offices[0], first, case=second.id)
    with pytest.raises(StatementInvalid):
        give(world, world.offices[0], second.id, relabelled)
    assert unanswered(world, second.id)


def test_nobody_answers_in_anothers_name(world: World) -> None:
    file = world.ask()
    first, second = world.offices[0], world.offices[1]
    as_second = world.answer_of(first, file, custodian=second.id)
    for office in (first, second):
        with pytest.raises(StatementInvalid):
            give(world, office, file.id, as_second)
    with pytest.raises(StatementInvalid):
        give(world, second, file.id, world.answer_of(first, file))
    stranger = Office("court-1")
    with pytest.raises(StatementInvalid):
        give(world, first, file.id, world.answer_of(stranger, file, "refused"))
    assert unanswered(world, file.id)


def test_a_custodian_without_a_part_is_not_asked(world: World) -> None:
    file = world.ask()
    late = [Office("court-8")]
    world.set_custodians(late, 1)
    with pytest.raises(CaseUnknown):
        give(world, late[0], file.id, world.answer_of(late[0], file, "refused"))


def test_parts_are_exactly_those_held(world: World) -> None:
    world.seal(period=2, since_us=NOW_US - PERIOD_US)
    file = world.ask(world.draft(until_us=NOW_US - PERIOD_US + SEGMENT_US))
    body = world.answer_body(world.offices[0], file)
    parts: Any = body["parts"]
    assert len(parts) == 2
    swapped = [
        {"document_sha256": parts[0]["document_sha256"], "sealed": parts[1]["sealed"]},
        parts[1],
    ]
    for wrong in ([], parts[:1], parts[::-1], [parts[0], parts[0]]):
        data = Statement.sign(body | {"parts": wrong}, world.offices[0].signer).to_bytes()
        with pytest.raises(StatementInvalid):
            give(world, world.offices[0], file.id, data)
    assert unanswered(world, file.id)
    # what is inside a seal only the officer's machine sees; here it is kept and named there
    data = Statement.sign(body | {"parts": swapped}, world.offices[0].signer).to_bytes()
    assert len(give(world, world.offices[0], file.id, data).answers) == 1


def test_invariant_3_a_part_in_the_clear_is_never_kept(world: World) -> None:
    file = world.ask()
    body = world.answer_body(world.offices[0], file)
    parts: Any = body["parts"]
    document = parts[0]["document_sha256"]
    recipients = [
        pyrage.x25519.Recipient.from_str(text) for text in (file.body["recipient"], new_recipient())
    ]
    clear = b'{"format":"scrim-part-v1","pieces":{"0":"' + b"00" * 32 + b'"}}'
    for sealed in (clear, pyrage.encrypt(clear, recipients), b""):
        wrong = {"document_sha256": document, "sealed": base64.b64encode(sealed).decode()}
        data = Statement.sign(body | {"parts": [wrong]}, world.offices[0].signer).to_bytes()
        with pytest.raises(StatementInvalid, match="sealed to one recipient"):
            give(world, world.offices[0], file.id, data)
    assert unanswered(world, file.id)


def test_one_answer_each(world: World) -> None:
    file = world.ask()
    world.answer(0, file, "refused")
    with pytest.raises(CaseState, match="answered already"):
        world.answer(0, file)
    assert [answer.decision for answer in world.cases.get(world.officer, file.id).answers] == [
        "refused"
    ]


def test_two_answers_at_once_are_both_kept_and_approve_once(world: World) -> None:
    file = world.ask()
    answers = [world.answer_of(office, file) for office in world.offices]
    people = [world.person(office.id) for office in world.offices]
    jobs = list(zip(people, answers, strict=True)) * 2

    def send(job: tuple[Person, bytes]) -> State:
        return world.cases.answer(job[0], file.id, job[1]).state

    with ThreadPoolExecutor(6) as pool:
        states = list(pool.map(send, jobs))
    assert State.APPROVED in states
    acts = world.acts(file)
    assert (acts.count("case-answered"), acts.count("case-approved")) == (3, 1)


def test_two_different_answers_of_one_custodian_at_once(world: World) -> None:
    file = world.ask()
    both = [world.answer_of(world.offices[0], file, word) for word in ("approved", "refused")]
    court = world.person("court-1")

    def send(data: bytes) -> bool:
        try:
            world.cases.answer(court, file.id, data)
        except CaseState:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(send, both)) == 1
    assert len(world.cases.get(world.officer, file.id).answers) == 1


def test_invariant_8_who_asks_never_approves(world: World) -> None:
    court = world.offices[0]
    for person, office, verifier in (
        ("officer-1", "police", court.signer.verifier),
        ("officer-1", "court-1", world.signer.verifier),
        ("court-1", "police", world.signer.verifier),
    ):
        with pytest.raises(CaseRefused):
            world.people.register(person, office, verifier)
    for name in ("officer-7", "police-north"):
        with pytest.raises(CustodianInvalid):
            world.set_custodians([Office(name)], 1)
    twin = Office("court-5")
    twin.custodian = type(twin.custodian)("court-5", twin.identity.recipient, world.signer.verifier)
    with pytest.raises(CustodianInvalid):
        world.set_custodians([twin], 1)


def test_an_officer_who_holds_parts_of_an_old_period_may_not_ask(world: World) -> None:
    """The period's own document says so, whatever the register holds."""
    old = Office("court-1")
    old.custodian = type(old.custodian)("court-1", old.identity.recipient, world.signer.verifier)
    world.seal(period=2, since_us=NOW_US - PERIOD_US, offices=[old, *world.offices[1:]])
    with pytest.raises(CaseRefused) as refused:
        world.ask(world.draft(since_us=NOW_US - PERIOD_US, until_us=NOW_US - PERIOD_US + 1))
    assert refused.value.rule == "officer-no-custodian"


def test_neither_officers_answer_nor_custodians_ask(world: World) -> None:
    file = world.ask()
    with pytest.raises(AccessDenied):
        world.cases.answer(world.officer, file.id, world.answer_of(world.offices[0], file))
    with pytest.raises(AccessDenied):
        world.cases.draft(world.person("court-1"), world.draft())


def test_who_is_retired_neither_asks_nor_answers(world: World) -> None:
    file = world.ask()
    court = world.person("court-1")
    data = world.answer_of(world.offices[0], file)
    world.people.retire("court-1")
    with pytest.raises(AccessDenied):
        world.cases.answer(court, file.id, data)
    officer = world.officer
    world.people.retire("officer-7")
    with pytest.raises(AccessDenied):
        world.cases.draft(officer, world.draft(recipient=new_recipient()))


def test_after_the_expiry_nothing_is_answered_or_looked_at(world: World) -> None:
    file = world.ask()
    data = world.answer_of(world.offices[0], file)
    world.clock.us = file.expires_us
    with pytest.raises(CaseState):
        give(world, world.offices[0], file.id, data)
    assert world.cases.get(world.officer, file.id).state is State.EXPIRED
    assert "case-answered" not in world.acts(file)
    late = world.answer_of(world.offices[0], file, decided_us=file.expires_us + 1)
    with pytest.raises(CaseState):
        give(world, world.offices[0], file.id, late)


def test_an_answer_dated_after_the_expiry_is_refused(world: World) -> None:
    file = world.ask()
    late = world.answer_of(world.offices[0], file, decided_us=file.expires_us + 1)
    with pytest.raises(StatementInvalid, match="expiry"):
        give(world, world.offices[0], file.id, late)


def test_one_custodian_dating_ahead_cannot_keep_the_others_from_opening(world: World) -> None:
    """An officer's machine takes a paper from its future for a clock that was set back."""
    file = world.ask()
    ahead = world.answer_of(world.offices[0], file, decided_us=file.expires_us - 1)
    with pytest.raises(StatementInvalid, match="clock"):
        give(world, world.offices[0], file.id, ahead)
    assert unanswered(world, file.id)
    a_little = NOW_US + 60 * SECOND
    late = world.answer_of(world.offices[0], file, decided_us=a_little)
    assert give(world, world.offices[0], file.id, late).answers[0].decided_us == a_little


def test_a_step_judged_by_an_older_state_is_not_taken(world: World) -> None:
    """Two at once, where the database lets both read before either writes."""
    file = world.ask()
    room = world.cases._room
    world.cases.close(world.officer, file.id, "Found.")
    with pytest.raises(CaseState, match="closed"), writing(world.engine) as connection:
        room.move(connection, file, State.APPROVED, NOW_US, who="supervisor", decided_us=NOW_US)
    assert world.cases.get(world.officer, file.id).state is State.CLOSED
    assert world.acts(file)[-1] != "case-approved"


def test_an_open_viewing_ends_with_the_case(world: World) -> None:
    file = world.approved()
    viewing = world.cases.view(
        world.officer, file.id, ViewingAct.VIEW, ["gate"], file.since_us, file.until_us
    )
    assert world.cases.sealed(world.officer, viewing.id, "gate", 100)
    world.clock.us = file.expires_us
    with pytest.raises(CaseState, match="expired"):
        world.cases.sealed(world.officer, viewing.id, "gate", 100)


@pytest.mark.parametrize("asked", ["expire", "get", "sealed"])
def test_a_clock_set_back_revives_nothing(world: World, asked: str) -> None:
    file = world.approved()
    viewing = world.cases.view(
        world.officer, file.id, ViewingAct.VIEW, ["gate"], file.since_us, file.until_us
    )
    world.clock.us = file.expires_us - 1
    world.cases.expire()  # alive, and this is how late it is known to be
    assert world.cases.sealed(world.officer, viewing.id, "gate", 100)
    world.clock.us = file.expires_us
    if asked == "expire":
        assert world.cases.expire() == (file.id,)
    else:
        with pytest.raises(ScrimError):
            world.cases.sealed(world.officer, viewing.id, "gate", 100)
    world.clock.us = NOW_US
    assert world.cases.get(world.officer, file.id).state is State.EXPIRED
    assert world.cases.expire() == ()
    with pytest.raises(ScrimError):
        world.cases.sealed(world.officer, viewing.id, "gate", 100)


def test_a_case_does_not_go_back_behind_what_it_has_seen(world: World) -> None:
    """The clock stood past the expiry while the entry could not be written, and goes back."""
    file = world.approved()
    world.clock.us = file.expires_us + 5
    with writing(world.engine) as connection:
        connection.execute(
            text("CREATE TRIGGER full BEFORE INSERT ON entry BEGIN SELECT RAISE(ABORT, 'no'); END")
        )
    with pytest.raises(LedgerUnavailable):
        world.cases.expire()
    with writing(world.engine) as connection:
        connection.execute(text("DROP TRIGGER full"))
    world.clock.us = NOW_US
    with pytest.raises(CaseState, match="expired"):
        world.cases.view(
            world.officer, file.id, ViewingAct.VIEW, ["gate"], file.since_us, file.until_us
        )


@pytest.mark.parametrize(
    ("cameras", "before", "after"),
    [
        (["yard"], 0, 0),
        (["gate", "yard"], 0, 0),
        ([], 0, 0),
        (["gate"], -1, 0),
        (["gate"], 0, 1),
        (["gate"], 2 * SEGMENT_US, 0),
    ],
)
def test_nothing_outside_the_case_is_looked_at(
    world: World, cameras: list[str], before: int, after: int
) -> None:
    world.seal("yard")
    file = world.approved()
    with pytest.raises(CaseRefused) as refused:
        world.cases.view(
            world.officer,
            file.id,
            ViewingAct.VIEW,
            cameras,
            file.since_us + before,
            file.until_us + after,
        )
    assert refused.value.rule == "inside-the-case"
    assert "original-viewed" not in world.acts(file)


def test_a_viewing_reaches_its_own_segments_only(world: World) -> None:
    world.seal("yard")
    world.seal(period=2, since_us=NOW_US - PERIOD_US)
    file = world.approved()
    viewing = world.cases.view(
        world.officer, file.id, ViewingAct.VIEW, ["gate"], file.since_us, file.since_us + 1
    )
    assert [one.segment for one in viewing.segments] == [100]
    manifest = world.cases.manifest(world.officer, viewing.id, "gate", 1, 1)
    assert manifest == "period/gate/000001/000001.json"
    for camera, segment in (("gate", 101), ("gate", 200), ("yard", 100), ("gate", 9)):
        with pytest.raises(CaseUnknown):
            world.cases.sealed(world.officer, viewing.id, camera, segment)
    for camera, period in (("gate", 2), ("yard", 1), ("gate", 7)):
        with pytest.raises(CaseUnknown):
            world.cases.manifest(world.officer, viewing.id, camera, 1, period)
    other = world.people.register("officer-8", "police-south", Office("x").signer.verifier)
    with pytest.raises(CaseUnknown):
        world.cases.sealed(other, viewing.id, "gate", 100)
    with pytest.raises(CaseUnknown):
        world.cases.viewing(other, viewing.id)


def test_what_changed_since_the_draft_is_drafted_anew(world: World) -> None:
    """A period that was recorded late lies in the interval and not in the draft."""
    file = world.cases.draft(world.officer, world.draft())
    world.seal(period=2, since_us=NOW_US - 3600_000_000 + SEGMENT_US)
    with pytest.raises(CaseRefused) as refused:
        world.cases.request(world.officer, file.id, world.sign(file))
    assert refused.value.rule == "as-drafted"
    file = world.cases.get(world.officer, file.id)
    assert (file.state, file.rule) == (State.REFUSED, "as-drafted")
    assert world.entries(file)[-1].facts["rule"] == "as-drafted"


def test_an_export_is_described_and_only_from_an_open_case(world: World) -> None:
    file = world.approved()
    with pytest.raises(CaseState):
        world.cases.export(world.officer, file.id, "evidence", "b" * 64, 1, COURT)
    world.cases.view(
        world.officer, file.id, ViewingAct.EXPORT, ["gate"], file.since_us, file.until_us
    )
    for kind, sha256, size in (
        ("Evidence!", "b" * 64, 1),
        ("evidence", "zz", 1),
        ("evidence", "b" * 64, -1),
    ):
        with pytest.raises(CaseRefused):
            world.cases.export(world.officer, file.id, kind, sha256, size, COURT)
    for name, organisation, why in (
        ("  ", "Court", "Ordered."),
        ("The registrar", "", "Ordered."),
        ("The registrar", "Court", " "),
        ("The registrar", "Court", "x" * 501),
    ):
        with pytest.raises(CaseRefused) as refused:
            Recipient(name, organisation, why)
        assert refused.value.rule == "export-described"
    made = world.cases.export(world.officer, file.id, "evidence", "b" * 64, 1, COURT)
    assert world.cases.register_of_exports() == (made,)
    entry = json.loads(next(world.ledger.entries(made.entry, made.entry + 1))[1])
    assert entry["facts"]["sha256"] == "b" * 64
    assert world.acts(file).count("exported") == 1
    (kept,) = world.cases.register_of_exports()
    assert (kept.name, kept.organisation, kept.why) == (COURT.name, "Court", "Ordered.")
    assert (kept.officer, kept.case) == (world.officer.id, file.id)
    assert not any(word in str(entry) for word in ("Court", "Ordered", "registrar"))
    with reading(world.engine) as connection:
        salt = connection.execute(select(schema.case_export.c.salt)).scalar_one()
    assert holds(entry["facts"]["recipient"], COURT.text(), salt)


def test_no_reason_no_closing(world: World) -> None:
    file = world.ask()
    for reason in ("", "   ", "x" * 2001):
        with pytest.raises(CaseRefused):
            world.cases.close(world.officer, file.id, reason)
    world.clock.us = NOW_US + 7 * DAY_US
    with pytest.raises(CaseState):
        world.cases.close(world.officer, file.id, "Too late.")
