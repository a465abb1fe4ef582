"""Each rule refuses what it is there for, and the refusal is on record."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.cases.world import (
    DAY_US,
    HOUR_US,
    NOW_US,
    PAPER,
    Office,
    World,
    new_recipient,
)

from scrim.cases.case import State
from scrim.cases.draft import Draft
from scrim.cases.rules import RULES
from scrim.errors import CaseRefused, StatementInvalid
from scrim.vault.request import Authority


def test_every_rule_has_an_id_and_a_sentence_of_its_own() -> None:
    assert len({rule.id for rule in RULES}) == len({rule.sentence for rule in RULES}) == len(RULES)
    assert all(rule.sentence.endswith(".") for rule in RULES)


@pytest.mark.parametrize(
    ("rule", "changes"),
    [
        ("purpose-known", {"purpose": "curiosity"}),
        ("authority-has-paper", {"authority": Authority("warrant", "Court 12/34", "")}),
        ("cameras-known", {"cameras": ("gate", "nowhere")}),
        ("interval-past", {"until_us": NOW_US + 1}),
        ("interval-short", {"since_us": NOW_US - 24 * HOUR_US - 1, "until_us": NOW_US}),
        ("expiry-ahead", {"expires_us": NOW_US}),
        ("expiry-near", {"expires_us": NOW_US + 90 * DAY_US + 1}),
        ("something-sealed", {"since_us": NOW_US - 9 * HOUR_US, "until_us": NOW_US - 8 * HOUR_US}),
        ("something-sealed", {"cameras": ("gate", "yard")}),
    ],
)
def test_refused_and_on_record(world: World, rule: str, changes: dict[str, Any]) -> None:
    with pytest.raises(CaseRefused) as refused:
        world.cases.draft(world.officer, world.draft(**changes))
    assert refused.value.rule == rule
    assert refused.value.remedy
    (file,) = world.cases.refusals()
    assert (file.state, file.rule, file.reason) == (State.REFUSED, rule, refused.value.message)
    (entry,) = world.entries(file)
    assert (entry.act.value, entry.facts["rule"]) == ("case-refused", rule)
    assert b"curiosity" not in entry.body(), "a purpose nobody knows is free text"


@pytest.mark.parametrize(
    ("rule", "changes"),
    [
        ("live-emergency", {"authority": Authority("warrant", "Court 12/34", PAPER)}),
        ("live-window", {"until_us": NOW_US + HOUR_US + 1}),
        ("live-window", {"since_us": NOW_US - 60, "until_us": NOW_US}),
        ("live-window", {"since_us": NOW_US + DAY_US + 1, "until_us": NOW_US + DAY_US + 2}),
        ("cameras-known", {"cameras": ("nowhere",)}),
    ],
)
def test_a_live_request_is_refused(world: World, rule: str, changes: dict[str, Any]) -> None:
    with pytest.raises(CaseRefused) as refused:
        world.cases.draft(world.officer, world.live_draft(**changes))
    assert refused.value.rule == rule


def test_the_limits_themselves_are_allowed(world: World) -> None:
    world.cases.draft(
        world.officer,
        world.draft(
            since_us=NOW_US - 24 * HOUR_US, until_us=NOW_US, expires_us=NOW_US + 90 * DAY_US
        ),
    )
    live = world.live_draft(
        since_us=NOW_US + DAY_US, until_us=NOW_US + DAY_US + HOUR_US, recipient=new_recipient()
    )
    world.cases.draft(world.officer, live)
    assert world.cases.refusals() == ()


@pytest.mark.parametrize("whose", ["another case", "a custodian"])
def test_a_recipient_serves_one_case(world: World, whose: str) -> None:
    if whose == "another case":
        world.cases.draft(world.officer, world.draft())
        changes: dict[str, Any] = {}
    else:
        changes = {"recipient": world.offices[0].identity.recipient}
    with pytest.raises(CaseRefused) as refused:
        world.cases.draft(world.officer, world.draft(**changes))
    assert refused.value.rule == "recipient-fresh"


def test_nobody_is_asked_whose_answer_could_not_be_checked(world: World) -> None:
    """Custodians of before there were signing keys, until their keys are registered."""
    old = [Office("old-1"), Office("old-2")]
    for office in old:
        office.custodian = type(office.custodian)(office.id, office.identity.recipient)
    world.seal("yard", offices=old)
    with pytest.raises(CaseRefused) as refused:
        world.cases.draft(world.officer, world.draft(cameras=("yard",)))
    assert refused.value.rule == "custodians-can-answer"
    for office in old:  # the same recipients, now with their keys
        office.custodian = type(office.custodian)(
            office.id, office.identity.recipient, office.signer.verifier
        )
    world.set_custodians(old, 2)
    file = world.ask(world.draft(cameras=("yard",), recipient=new_recipient()))
    for office in old:
        data = world.answer_of(office, file)
        file = world.cases.answer(world.person(office.id), file.id, data)
    assert file.state is State.APPROVED


def test_a_live_request_asks_each_groups_custodians(world: World) -> None:
    north = [Office("north-1"), Office("north-2")]
    world.set_custodians(north, 2, "north")
    world.enrol("pier", "north")
    file = world.ask(world.live_draft(cameras=("gate", "pier")))
    world.answer(0, file)
    assert world.answer(1, file).state is State.REQUESTED, "the pier's have not been heard"
    for office in north:
        data = world.answer_of(office, file)
        file = world.cases.answer(world.person(office.id), file.id, data)
    assert file.state is State.APPROVED
    world.enrol("quay", "south")
    with pytest.raises(CaseRefused) as refused:
        world.ask(world.live_draft(cameras=("quay",), recipient=new_recipient()))
    assert refused.value.rule == "custodians-can-answer"


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "forever"},
        {"purpose": "No such thing"},
        {"cameras": []},
        {"cameras": ["a b"]},
        {"cameras": [f"c{number}" for number in range(101)]},
        {"cameras": "gate"},
        {"since_us": 5, "until_us": 5},
        {"since_us": -1},
        {"since_us": True},
        {"until_us": 2**60},
        {"reason": "short"},
        {"reason": "x" * 2001},
        {"reason": "lone \ud800 surrogate here"},
        {"recipient": "age1nonsense"},
        {"authority": {"kind": "hearsay", "reference": "x", "document_sha256": ""}},
        {"authority": {"kind": "warrant", "reference": "x", "document_sha256": "zz"}},
        {"authority": None},
        {"more": 1},
    ],
)
def test_what_is_no_draft_is_no_case(world: World, wrong: dict[str, Any]) -> None:
    good: dict[str, Any] = dict(world.draft().document())
    assert Draft.from_document(good) == world.draft()
    with pytest.raises(StatementInvalid):
        Draft.from_document(good | wrong)
    for name in good:
        with pytest.raises(StatementInvalid):
            Draft.from_document({key: value for key, value in good.items() if key != name})
    with pytest.raises(StatementInvalid):
        Draft.from_document([])
