"""A package with periods that were handed on: each re-sharing checked, each in the ledger."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from tests.sim.case_world import START_US, World, checked
from tests.sim.handing_on import hand_on

from scrim.canonical import digest
from scrim.errors import PackageBroken
from scrim.ledger import Act
from scrim.opening.answering import name_of, say_yes
from scrim.opening.words import describe
from scrim.vault import Custodian, CustodianSet
from scrim.vault.answer import Answer
from scrim.vault.custodian import Identity, new_identity
from scrim.vault.fields import load
from scrim.vault.reshare import Reshare

NEW = {"new-1": new_identity(), "new-2": new_identity()}
SET = CustodianSet(
    2, tuple(Custodian(name, one.recipient, one.verifier) for name, one in NEW.items())
)


@pytest.fixture
def world() -> World:
    made = World()
    made.record("gate", 1, range(2))
    made.record("gate", 2, range(2, 4))
    return made


def handed_on(world: World, at: int) -> tuple[Reshare, int]:
    """The re-sharing of a period, and where its entry is."""
    period = world.periods[at]
    old: dict[str, Identity] = {f"office-{n}": world.custodians[n] for n in (0, 2)}
    made = hand_on(period.document, old, SET)
    index = world.log.add(
        Act.PERIOD_RESHARED,
        START_US,
        {
            "period": period.name[2],
            "document": period.ref.document_sha256,
            "reshare": made.sha256,
            "set": digest(SET.document()),
        },
        camera="gate",
        epoch=1,
    )
    return made, index


def text(made: Reshare) -> str:
    return base64.b64encode(made.to_bytes()).decode()


def package(world: World, **changes: Any) -> dict[str, Any]:
    """Period 1 handed on, and everything about it right but for the changes."""
    made, index = handed_on(world, 0)
    request = world.request()
    answers = changes.pop("answers", ())
    found = world.package(request, answers)  # what was added before has its receipts
    return {
        **found,
        "reshares": {world.periods[0].ref.document_sha256: [text(made)]},
        "reshared": {made.sha256: world.log.receipt(index)},
        "checkpoint": world.log.note(),
        **changes,
    }


def test_a_new_custodian_reads_and_answers_it(world: World) -> None:
    found = checked(world, package(world))
    assert name_of(found, NEW["new-2"]) == "new-2"
    said = "\n".join(describe(found))
    assert "or 2 of new-1, new-2, to whom office-0, office-2 handed it on" in said
    answer = Answer.of(say_yes(found, NEW["new-2"], found.request.created_us + 1))
    assert [bool(part.reshare_sha256) for part in answer.parts] == [True]


def test_answers_of_new_custodians_are_signed_with_their_own_keys(world: World) -> None:
    found = checked(world, package(world))
    good = say_yes(found, NEW["new-1"], found.request.created_us + 1)
    assert checked(world, package_again(world, found.data, good)).unregistered == ()
    forged = type(good).sign(dict(good.body), NEW["new-2"].signer)
    with pytest.raises(PackageBroken, match="not signed with this custodian's key"):
        checked(world, package_again(world, found.data, forged))


def package_again(world: World, data: bytes, answer: Any) -> dict[str, Any]:
    value: Any = load(data)
    return {**value, "answers": [answer.document()]}


@pytest.mark.parametrize(
    "what",
    [
        "no receipt",
        "receipt of another act",
        "receipt of another re-sharing",
        "a receipt over",
        "of a period nobody asked for",
        "another period's",
        "one deal altered",
        "twice",
        "none in the list",
        "only half of it",
        "no base64",
    ],
)
def test_what_does_not_hold_is_refused_whole(world: World, what: str) -> None:
    second, at = handed_on(world, 1)
    good = package(world)
    sha256, (first,) = next(iter(good["reshares"].items()))
    name, receipt = next(iter(good["reshared"].items()))
    change: dict[str, Any] = {
        "no receipt": {"reshared": {}},
        "receipt of another act": {"reshared": {name: good["requested"]}},
        "receipt of another re-sharing": {"reshared": {name: world.log.receipt(at)}},
        "a receipt over": {"reshared": {name: receipt, second.sha256: world.log.receipt(at)}},
        "of a period nobody asked for": {"reshares": {"e" * 64: [first]}},
        "another period's": {"reshares": {sha256: [text(second)]}},
        "one deal altered": {"reshares": {sha256: [first.replace("A", "B", 1)]}},
        "twice": {"reshares": {sha256: [first, first]}},
        "none in the list": {"reshares": {sha256: []}, "reshared": {}},
        "only half of it": {"reshares": {}},
        "no base64": {"reshares": {sha256: ["!"]}},
    }[what]
    with pytest.raises(PackageBroken):
        checked(world, {**good, **change})


def test_the_same_package_without_the_changes_holds(world: World) -> None:
    handed_on(world, 1)
    assert checked(world, package(world)).reshares
