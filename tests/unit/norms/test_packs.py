"""The packs that are shipped: every fact of the norms that were looked up is in them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from scrim.clock import from_text
from scrim.norms.check import Checker, Subject, asked
from scrim.norms.facts import Facts, Group
from scrim.norms.load import load_all, shipped
from scrim.norms.pack import Pack, Paper, Status
from scrim.norms.trial import Trial, tried, untried

PACKS = load_all()
NOW = from_text("2026-03-01T00:00:00Z")


def _trials() -> Iterator[Trial]:
    for pack in PACKS.values():
        yield from tried(pack)


@pytest.mark.parametrize(
    "trial", list(_trials()), ids=lambda trial: f"{trial.case.rule}-{trial.number}"
)
def test_a_case_of_a_pack_holds(trial: Trial) -> None:
    assert trial.wrong == ""


@pytest.mark.parametrize("pack", PACKS.values(), ids=PACKS)
def test_every_rule_has_a_case_for_every_outcome(pack: Pack) -> None:
    assert list(untried(pack)) == []


def test_every_rule_that_was_looked_up_is_there() -> None:
    assert set(shipped()) == {"hk", "cn", "uk", "eu", "baseline"}
    numbers = {
        id_: sorted({int(rule.id.split("-")[1]) for rule in PACKS[id_].rules}) for id_ in PACKS
    }
    assert numbers["hk"] == list(range(1, 10))
    assert numbers["cn"] == list(range(1, 13))
    assert set(range(1, 10)) <= set(numbers["uk"])
    assert numbers["eu"] == list(range(1, 11))


def test_what_was_remembered_or_conflicts_is_unverified() -> None:
    unverified = {rule.id for pack in PACKS.values() for rule in pack.rules if rule.unverified}
    assert unverified == {
        *("hk-07", "hk-07-link", "hk-07-retention", "hk-08"),
        *("cn-06", "cn-11", "uk-03", "uk-05", "uk-09", "uk-10", "eu-08", "eu-09"),
    }


@pytest.mark.parametrize("pack", PACKS.values(), ids=PACKS)
def test_a_pack_has_what_a_deployment_needs(pack: Pack) -> None:
    assert {"en", "zh-Hant", "zh-Hans"} <= set(pack.signs)
    assert {"acknowledgement", "answer", "refusal"} <= set(pack.letters)
    assert all(pack.language in languages for languages in pack.letters.values())
    assert "assessment" in pack.documents
    assert {Paper.PURPOSE, Paper.SIGN} <= {required.paper for required in pack.requires}
    # what a camera may be for is said in the same words everywhere
    assert pack.purpose("public-safety") is not None
    for purpose in pack.purposes:
        assert purpose.questions or not purpose.release, purpose.id


def test_a_release_in_hong_kong_answers_five_questions() -> None:
    purpose = PACKS["hk"].purpose("public-safety")
    assert purpose is not None
    asked_for_release = [q for q in purpose.questions if q.for_ == "release"]
    assert len(asked_for_release) == 5
    assert {question.rule for question in asked_for_release} == {"hk-04"}


def test_no_citation_holds_an_address_and_no_text_a_hole_nobody_fills() -> None:
    for pack in PACKS.values():
        for rule in pack.rules:
            assert not re.search(r"https?:", rule.citation), rule.id


def test_a_deployment_that_gives_no_facts_passes_no_rule() -> None:
    """What is not known is never taken to be well."""
    subjects = [Subject(scope, "x", frozenset(PACKS), Facts({})) for scope in Group]
    outcomes = list(Checker(PACKS.values()).check(subjects, NOW))
    assert len(outcomes) == sum(len(pack.rules) for pack in PACKS.values())
    for outcome in outcomes:
        assert outcome.verdict.status is Status.BREACHED, outcome.rule.id
        assert "is not known" in outcome.verdict.why


def test_every_fact_that_a_rule_asks_for_is_named() -> None:
    assert asked(PACKS["hk"].rule("hk-01")) == (
        "request.kind",
        "request.answered",
        "request.partly_answered",
        "request.received",
    )
