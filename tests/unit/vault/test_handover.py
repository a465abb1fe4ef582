"""Parts on their way from custodians to one case's officer, and what is tried on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pyrage
import pytest
from tests.sim.case_world import World

from scrim.errors import (
    CaseRefused,
    CaseState,
    PartInvalid,
    PartsTooFew,
    SealBroken,
    StatementInvalid,
)
from scrim.vault import agekeys
from scrim.vault.answer import Answer, SealedPart
from scrim.vault.custodian import new_identity
from scrim.vault.handover import refuse
from scrim.vault.part import Part
from scrim.vault.receiving import OpenedPeriod, open_periods
from scrim.vault.request import Request
from scrim.vault.statement import Statement


@pytest.fixture(scope="module")
def world() -> World:
    made = World()
    for camera in ("gate", "yard"):
        made.record(camera, 1, range(2))
    made.record("gate", 2, range(2, 4))
    return made


@pytest.fixture(scope="module")
def request_(world: World) -> Request:
    return world.request()


def opened(world: World, request: Request, *answers: Statement) -> list[OpenedPeriod]:
    return list(open_periods(request, answers, world.documents, world.once.secret))


def resigned(
    world: World, answer: Statement, index: int, change: Callable[[list[SealedPart]], Any]
) -> Statement:
    """The answer with its parts changed and signed again by custodian ``index``."""
    body = Answer.of(answer)
    parts = list(body.parts)
    change(parts)
    changed = replace(body, parts=tuple(parts), custodian=f"office-{index}")
    return Statement.sign(changed.body(), world.signer(world.custodians[index]))


def test_k_custodians_open_each_period_of_the_request(world: World, request_: Request) -> None:
    found = opened(world, request_, world.approval(0, request_), world.approval(2, request_))
    assert [one.ref for one in found] == list(request_.periods)
    for one in found:
        document = {p.ref: p.parsed for p in world.periods}[one.ref]
        assert one.identity is not None
        assert agekeys.recipient_of(agekeys.secret_of(one.identity)) == document.recipient
        assert one.custodians == ("office-0", "office-2")
        assert one.faults == ()


def test_one_custodian_fewer_opens_nothing(world: World, request_: Request) -> None:
    for one in opened(world, request_, world.approval(0, request_)):
        assert one.identity is None
        assert (len(one.custodians), one.needed) == (1, 2)


def test_a_refusal_brings_nothing(world: World, request_: Request) -> None:
    answers = world.approval(0, request_), world.refusal(1, request_)
    assert all(one.identity is None for one in opened(world, request_, *answers))


def test_nobody_but_the_officer_opens_what_is_handed_over(world: World, request_: Request) -> None:
    answer = Answer.of(world.approval(0, request_))
    for other in (*world.custodians, world.officer, new_identity()):
        own = pyrage.x25519.Identity.from_str(other.secret)
        for part in answer.parts:
            with pytest.raises(pyrage.DecryptError):
                pyrage.decrypt(part.sealed, [own])


def test_a_bad_part_is_left_out_and_named_where_others_suffice(
    world: World, request_: Request
) -> None:
    def damage(parts: list[SealedPart]) -> None:
        sealed = parts[0].sealed
        parts[0] = replace(parts[0], sealed=sealed[:-1] + bytes([sealed[-1] ^ 1]))

    bad = resigned(world, world.approval(1, request_), 1, damage)
    found = opened(world, request_, world.approval(0, request_), bad, world.approval(2, request_))
    assert all(one.identity is not None for one in found)
    assert [len(one.faults) for one in found] == [1, 0, 0]
    assert "office-1" in found[0].faults[0]
    assert "damaged" in found[0].faults[0]
    assert found[0].custodians == ("office-0", "office-2")


def test_a_bad_part_is_never_used_where_it_is_needed(world: World, request_: Request) -> None:
    def cut(parts: list[SealedPart]) -> None:
        parts[2] = replace(parts[2], sealed=parts[2].sealed[:-20])

    bad = resigned(world, world.approval(1, request_), 1, cut)
    found = opened(world, request_, world.approval(0, request_), bad)
    assert [one.identity is None for one in found] == [False, False, True]
    assert "office-1" in found[2].faults[0]


def test_a_part_of_another_period_in_its_place_is_named(world: World, request_: Request) -> None:
    def replay(parts: list[SealedPart]) -> None:
        parts[1] = replace(parts[1], sealed=parts[0].sealed)

    found = opened(
        world,
        request_,
        world.approval(0, request_),
        resigned(world, world.approval(1, request_), 1, replay),
    )
    assert found[1].identity is None
    assert "made for period 1, not 2" in found[1].faults[0]


def test_a_part_of_another_camera_in_its_place_is_named(world: World, request_: Request) -> None:
    def swap(parts: list[SealedPart]) -> None:
        parts[0] = replace(parts[0], sealed=parts[2].sealed)

    found = opened(
        world,
        request_,
        world.approval(0, request_),
        resigned(world, world.approval(1, request_), 1, swap),
    )
    assert found[0].identity is None
    assert "made for camera yard, not gate" in found[0].faults[0]


def test_one_custodians_parts_under_anothers_name_count_for_nobody(
    world: World, request_: Request
) -> None:
    borrowed = resigned(world, world.approval(0, request_), 1, lambda parts: None)
    found = opened(world, request_, world.approval(0, request_), borrowed)
    for one in found:
        assert one.identity is None
        assert one.custodians == ("office-0",)
        assert "it is of custodian office-0" in one.faults[0]


def test_a_part_with_a_wrong_piece_is_named(world: World, request_: Request) -> None:
    document = {p.ref: p for p in world.periods}[request_.periods[0]]
    held = document.parsed.custodians.custodians[1].id
    forged = Part("gate", 1, 1, document.parsed.recipient, held, {0: bytes(32), 2: bytes(32)})
    once = pyrage.x25519.Recipient.from_str(world.once.recipient)

    def forge(parts: list[SealedPart]) -> None:
        parts[0] = replace(parts[0], sealed=pyrage.encrypt(forged.plaintext(), [once]))

    found = opened(
        world,
        request_,
        world.approval(0, request_),
        resigned(world, world.approval(1, request_), 1, forge),
    )
    assert found[0].identity is None
    assert "its piece 0 is not the one that was handed out" in found[0].faults[0]


def test_an_answer_signed_with_another_key_counts_for_nobody(
    world: World, request_: Request
) -> None:
    answer = world.approval(1, request_)
    forged = Statement.sign(answer.body, world.signer(new_identity()))
    for one in opened(world, request_, world.approval(0, request_), forged):
        assert one.identity is None
        assert "not signed with this custodian's key" in one.faults[0]


def test_periods_from_before_signing_keys_open_too() -> None:
    old = World(signed=False)
    old.record("gate", 1, range(2))
    request = old.request()
    (one,) = opened(old, request, old.approval(0, request), old.approval(1, request))
    assert one.identity is not None


def test_an_approval_of_a_request_altered_by_a_letter_is_no_answer_to_it(
    world: World, request_: Request
) -> None:
    altered = replace(request_, reason=request_.reason.replace("cyclist", "cyclisT"))
    answers = world.approval(0, altered), world.approval(1, request_)
    for one in opened(world, request_, *answers):
        assert one.identity is None
        assert "answers another request" in one.faults[0]


def test_the_parts_of_another_case_cannot_be_replayed(world: World, request_: Request) -> None:
    earlier = World(periods=world.periods)
    earlier.custodians = world.custodians
    replayed = Answer.of(earlier.approval(1, earlier.request())).parts

    def replay(parts: list[SealedPart]) -> None:
        parts[:] = replayed

    found = opened(
        world,
        request_,
        world.approval(0, request_),
        resigned(world, world.approval(1, request_), 1, replay),
    )
    for one in found:
        assert one.identity is None
        assert "sealed for another case" in one.faults[0]


def test_the_key_of_another_case_is_told_so(world: World, request_: Request) -> None:
    with pytest.raises(CaseRefused, match="not the one-time key"):
        next(open_periods(request_, [], world.documents, new_identity().secret))


def test_nobody_answers_an_expired_request(world: World, request_: Request) -> None:
    with pytest.raises(CaseState, match="expired"):
        world.approval(0, request_, now_us=request_.expires_us)


def test_a_clock_set_back_answers_nothing(world: World, request_: Request) -> None:
    with pytest.raises(CaseState, match="clock"):
        world.approval(0, request_, now_us=request_.created_us - 3_600_000_000)


def test_who_asks_does_not_answer(world: World, request_: Request) -> None:
    own = world.signer(world.custodians[0])
    asked = replace(request_, officer=replace(request_.officer, verifier=own.verifier))
    with pytest.raises(CaseRefused, match="asks does not answer"):
        world.approval(0, asked)


@pytest.mark.parametrize("what", ["id", "office"])
def test_who_is_called_as_who_asks_does_not_answer(
    world: World, request_: Request, what: str
) -> None:
    asked = replace(request_, officer=replace(request_.officer, **{what: "office-0"}))
    with pytest.raises(CaseRefused, match="asks does not answer"):
        world.approval(0, asked)
    world.approval(1, asked)


def test_nothing_is_sealed_to_a_custodian(world: World, request_: Request) -> None:
    asked = replace(request_, recipient=world.custodians[1].recipient)
    with pytest.raises(CaseRefused, match="sealed to a custodian"):
        world.approval(0, asked)


def test_a_request_with_another_periods_document_is_not_answered(
    world: World, request_: Request
) -> None:
    first, second, third = request_.periods
    wrong = replace(first, document_sha256=second.document_sha256)
    other = replace(second, document_sha256=first.document_sha256)
    with pytest.raises(SealBroken, match="another period's"):
        world.approval(0, replace(request_, periods=(wrong, other, third)))


def test_without_all_documents_nothing_is_answered(world: World, request_: Request) -> None:
    with pytest.raises(SealBroken, match="missing"):
        world.approval(0, request_, documents={})


def test_a_stranger_is_told_that_they_hold_nothing(world: World, request_: Request) -> None:
    stranger = new_identity()
    with pytest.raises(PartsTooFew, match="holds no part"):
        world.approval(0, request_, opener=stranger.opener(), signer=world.signer(stranger))


def test_a_damaged_part_keeps_the_whole_answer_back(world: World, request_: Request) -> None:
    class Worn:
        recipient = world.custodians[0].recipient

        def open(self, sealed: bytes) -> bytes:
            return world.custodians[0].opener().open(sealed[:-1])

    with pytest.raises(PartInvalid, match="office-0"):
        world.approval(0, request_, opener=Worn())


def test_a_refusal_without_a_reason_is_none(world: World, request_: Request) -> None:
    signer = world.signer(world.custodians[0])
    with pytest.raises(StatementInvalid, match="a reason"):
        refuse(request_, "office-0", signer, request_.created_us, "no")
