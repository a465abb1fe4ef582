"""Purposes and questions of the packs over a case's cameras."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from tests.unit.cases.world import World

from scrim.cases.case import State
from scrim.cases.desk import Cases
from scrim.errors import CaseRefused
from scrim.norms.load import load_all
from scrim.norms.pack import Pack
from scrim.opening.words import _asked
from scrim.vault.custodian import new_identity
from scrim.vault.request import Request

PACKS: Mapping[str, Pack] = load_all(None)
FIVE = ("purpose", "relevance", "consent", "other-source", "prejudice")
ANSWERS = tuple(sorted((question, f"About {question}.") for question in FIVE))


class Under:
    """Packs over cameras, as a test wants them."""

    def __init__(self, world: World) -> None:
        self.over: dict[str, tuple[Pack, ...]] = {"gate": (), "yard": ()}
        world.cases = Cases(
            world.engine,
            world.ledger,
            world.objects,
            world.clock,
            world.settings,
            lambda _connection, cameras: {camera: self.over[camera] for camera in cameras},
        )

    def put(self, camera: str, *packs: str) -> None:
        self.over[camera] = tuple(PACKS[pack] for pack in packs)


@pytest.fixture
def under(world: World) -> Under:
    return Under(world)


def test_a_pack_s_questions_come_before_a_case(world: World, under: Under) -> None:
    under.put("gate", "hk")
    with pytest.raises(CaseRefused) as refused:
        world.cases.draft(world.officer, world.draft())
    assert refused.value.rule == "questions-answered"
    assert "hk-04, PDPO (Cap. 486) s.58(2)" in refused.value.message
    for question in FIVE:
        assert f"{question} (" in refused.value.message
        assert f"--answer {question}=TEXT" in refused.value.remedy
    (kept,) = world.cases.refusals()
    assert kept.rule == "questions-answered"
    with pytest.raises(CaseRefused) as refused:
        world.cases.draft(world.officer, world.draft(answers=ANSWERS[1:]))
    assert "consent (" in refused.value.message
    assert "prejudice (" not in refused.value.message


def test_what_was_answered_is_signed_and_read_by_the_custodians(world: World, under: Under) -> None:
    under.put("gate", "hk")
    file = world.ask(world.draft(answers=ANSWERS))
    assert file.body["answers"] == dict(ANSWERS)
    request = Request.from_body(file.body)
    assert request.answers == ANSWERS
    said = "\n".join(_asked(request))
    for question, answer in ANSWERS:
        assert f"Answer to {question}\n    | {answer}" in said


def test_a_request_that_a_new_pack_asks_more_of_is_drafted_anew(world: World, under: Under) -> None:
    file = world.cases.draft(world.officer, world.draft())
    assert "answers" not in file.body
    under.put("gate", "hk")
    with pytest.raises(CaseRefused) as refused:
        world.cases.request(world.officer, file.id, world.sign(file))
    assert refused.value.rule == "questions-answered"


@pytest.mark.parametrize(
    ("packs", "purpose", "rule"),
    [
        (("hk",), "misconduct", "purpose-known"),  # of the setting, of no pack
        (("hk",), "traffic", "purpose-known"),  # a pack names it as none to release for
        (("hk", "cn"), "accident", "questions-answered"),
        (("uk",), "public-safety", "questions-answered"),
        ((), "public-safety", "purpose-known"),
        ((), "misconduct", None),
    ],
)
def test_purposes_are_those_of_the_packs(
    world: World, under: Under, packs: tuple[str, ...], purpose: str, rule: str | None
) -> None:
    under.put("gate", *packs)
    if rule is None:
        world.cases.draft(world.officer, world.draft(purpose=purpose))
        return
    with pytest.raises(CaseRefused) as refused:
        world.cases.draft(world.officer, world.draft(purpose=purpose))
    assert refused.value.rule == rule


def test_a_purpose_is_good_for_all_cameras_or_for_none(world: World, under: Under) -> None:
    world.seal("yard")
    under.put("gate", "hk")
    with pytest.raises(CaseRefused) as refused:
        world.cases.draft(world.officer, world.draft(cameras=("gate", "yard"), purpose="property"))
    assert refused.value.rule == "purpose-known"
    assert "missing-person" in refused.value.remedy  # of the pack and of the setting


def test_a_purpose_of_a_pack_stands_in_the_ledger_and_free_text_does_not(
    world: World, under: Under
) -> None:
    under.put("gate", "hk")
    file = world.ask(world.draft(purpose="public-safety", answers=ANSWERS))
    assert {entry.reason for entry in world.entries(file)} == {"public-safety"}
    with pytest.raises(CaseRefused):
        world.cases.draft(world.officer, world.draft(purpose="john-smith"))
    assert b"john-smith" not in b"".join(entry.body() for entry in world.entries())
    assert b"About" not in b"".join(entry.body() for entry in world.entries())


def test_what_may_be_asked_for_is_said_beforehand(world: World, under: Under) -> None:
    assert [one.purpose for one in world.cases.offers(["gate"])] == list(
        world.settings.cases.purposes
    )
    under.put("gate", "hk")
    offered = {one.purpose: one for one in world.cases.offers(["gate", "yard"])}
    assert set(offered) < set(world.settings.cases.purposes)  # of both: the yard is under no pack
    for purpose, offer in offered.items():
        assert offer.title != purpose
        questions = {wanted.question.id for wanted in offer.questions}
        answers = tuple(sorted((question, f"About {question}.") for question in questions))
        fresh = new_identity().recipient
        asked = world.draft(purpose=purpose, recipient=fresh, answers=answers)
        drafted = world.cases.draft(world.officer, asked)
        assert drafted.state is State.DRAFTED  # what is offered is taken, with what it asks
    (wanted, *_) = offered["accident"].questions
    assert wanted.by() in wanted.text()
