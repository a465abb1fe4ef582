"""Who may ask, who agreed, in which order and until when: a case that took another course."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.unit.evidence.conftest import Check
from tests.unit.evidence.test_dishonest import found
from tests.unit.evidence.world import (
    COMMITMENT,
    CREATED,
    EXPIRES,
    NOW,
    SECOND,
    SINCE,
    UNTIL,
    Entries,
    Log,
    World,
    edit,
    make_world,
    refusal,
)

from scrim.audit.report import Report
from scrim.evidence import layout
from scrim.evidence.verify import verify_bundle
from scrim.ledger import Act
from scrim.vault.custodian import new_identity
from scrim.vault.signing import Signer


@pytest.mark.parametrize(
    ("entries", "kind"),
    [
        (Entries(requested=None), "entry-missing"),
        (Entries(approved=None), "entry-missing"),
        (Entries(opened=None), "entry-missing"),
        (Entries(exported=None), "entry-missing"),
        (Entries(opened=EXPIRES), "case-expired"),
        (Entries(exported=EXPIRES + SECOND), "case-expired"),
        (Entries(closed_before_export=True), "case-expired"),
        (Entries(opened_before_answers=True), "answers-too-few"),
        (Entries(answered=CREATED - 60 * SECOND), "clock-set-back"),
        (Entries(opened=CREATED - 60 * SECOND), "clock-set-back"),
        (Entries(viewed=("gate", SINCE, UNTIL + 1)), "interval-exceeded"),
        (Entries(viewed=("gate", SINCE - 1, UNTIL)), "interval-exceeded"),
        (Entries(viewed=("pier", SINCE, UNTIL)), "interval-exceeded"),
    ],
)
def test_a_case_that_took_another_course(
    world: World, check: Check, tmp_path: Path, entries: Entries, kind: str
) -> None:
    made = world.bundle(tmp_path / "bundle", entries=entries, honest=False)
    assert kind in {str(one.kind) for one in check(made).problems}


def test_an_entry_that_says_otherwise(world: World, check: Check, tmp_path: Path) -> None:
    entries = Entries(facts={"cameras": 1})
    made = world.bundle(tmp_path / "bundle", entries=entries, honest=False)
    assert "entry-contradicts" in {str(one.kind) for one in check(made).problems}


@pytest.mark.parametrize("how", ["id", "office", "recipient", "verifier"])
def test_an_officer_who_is_a_custodian(
    world: World, check: Check, tmp_path: Path, how: str
) -> None:
    request, acting = world.request, world
    if how == "id":
        request = replace(request, officer=replace(request.officer, id="office-2"))
    elif how == "office":
        request = replace(request, officer=replace(request.officer, office="office-2"))
    elif how == "recipient":
        request = replace(request, recipient=world.custodians[2].recipient)
    else:
        acting = replace(world, officer=world.custodians[2])
        verifier = Signer.of_identity(world.custodians[2].secret).verifier
        request = replace(request, officer=replace(request.officer, verifier=verifier))
    made = acting.bundle(tmp_path / "bundle", request=request, honest=False)
    assert "officer-is-custodian" in {str(one.kind) for one in check(made).problems}


def test_a_refusal_is_kept_and_does_not_count(world: World, check: Check, tmp_path: Path) -> None:
    answers = [world.answer(0, world.request), refusal(world, 1), world.answer(2, world.request)]
    made = world.bundle(tmp_path / "bundle", answers=answers)
    assert check(made).holds
    assert "The interval is too long." in (made / layout.SUMMARY_HTML).read_text("utf-8")
    made = world.bundle(tmp_path / "few", answers=answers[:2], honest=False)
    assert "answers-too-few" in {str(one.kind) for one in check(made).problems}


def test_what_stands_in_the_wrong_order(
    world: World, check: Check, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = World.log_case

    def turned(self: World, into: Log, *rest: Any) -> None:
        first = len(into.bodies)
        log(self, into, *rest)
        into.bodies[first:] = reversed(into.bodies[first:])

    monkeypatch.setattr(World, "log_case", turned)
    made = world.bundle(tmp_path / "bundle", honest=False)
    assert "order-broken" in {str(one.kind) for one in check(made).problems}


def test_a_late_answer_is_noted_and_harms_nobody(
    world: World, check: Check, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = world.answer(2, world.request)
    log = World.log_case

    def one_more(self: World, into: Log, request: Any, answers: Any, *rest: Any) -> None:
        log(self, into, request, answers[:2], *rest)
        facts = {"request": request.sha256, "case": COMMITMENT}
        facts |= {"answer": late.sha256, "decision": "approved"}
        into.add(Act.CASE_ANSWERED, NOW, facts=facts)

    monkeypatch.setattr(World, "log_case", one_more)
    answers = [world.answer(0, world.request), world.answer(1, world.request), late]
    report = check(world.bundle(tmp_path / "bundle", answers=answers))
    assert report.holds
    assert [(str(one.kind), one.subject) for one in report.notes] == [
        ("answer-late", "answers/03-office-2.json")
    ]


def test_an_approval_after_its_expiry_is_no_use(world: World, check: Check, tmp_path: Path) -> None:
    entries = Entries(opened=EXPIRES - SECOND, answered=EXPIRES + SECOND)
    made = world.bundle(tmp_path / "bundle", entries=entries, honest=False)
    assert {str(one.kind) for one in check(made).problems} >= {"case-expired"}


@pytest.fixture(scope="module")
def older(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Periods from before custodians had signing keys; a set in the ledger has them."""
    return make_world(tmp_path_factory.mktemp("older"), signed=False)


def test_older_periods_need_the_set(older: World, tmp_path: Path) -> None:
    key, anchor = older.log.key.verifier(), older.authority.anchor_pem()

    def check(path: Path) -> Report:
        return verify_bundle(path, key=key, anchor=anchor)

    made = older.bundle(tmp_path / "bundle")
    assert check(made).holds
    (made / "custodians/01.json").unlink()
    older.resign(made)
    said = found(check, made)
    assert ("custodian-unknown", "custodian office-0") in said
    assert ("answers-too-few", "period gate/1/0") in said


def test_a_set_that_the_ledger_does_not_know(older: World, tmp_path: Path) -> None:
    made = older.bundle(tmp_path / "bundle")
    thief = Signer.of_identity(new_identity().secret)

    def replace_keys(value: Any) -> None:
        value["custodians"][0]["verifier"] = thief.verifier

    edit(made / "custodians/01.json", replace_keys)
    forged = older.answer(0, older.request, signer=thief)
    (made / "answers/01-office-0.json").write_bytes(forged.to_bytes())
    older.resign(made)
    said = {(str(one.kind), one.subject) for one in verify_bundle(made).problems}
    assert ("entry-missing", "custodians/01.json") in said
    assert ("answers-too-few", "period gate/1/0") in said
