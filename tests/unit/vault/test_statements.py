"""Statements, requests and answers: what holds, and what is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from tests.unit.vault.papers import HOUR_US, OFFICER, request, signer

from scrim.canonical import canonical
from scrim.errors import StatementInvalid
from scrim.vault.answer import Answer, SealedPart
from scrim.vault.custodian import new_identity
from scrim.vault.request import Authority, PeriodRef, Request, is_case_id, new_case_id
from scrim.vault.statement import Statement

ONE = PeriodRef("gate", 1, 0, "b" * 64)


def answer(to: Request, **changes: Any) -> Answer:
    parts = tuple(SealedPart(period.document_sha256, b"sealed") for period in to.periods)
    return replace(
        Answer(to.sha256, to.case, "court", "approved", "", 4 * HOUR_US, parts, "e" * 64), **changes
    )


def test_a_statement_comes_back_as_it_was_signed() -> None:
    made = Statement.sign(request().body(), signer(OFFICER))
    read = Statement.parse(made.to_bytes())
    assert read == made
    assert Request.of(read) == request()
    assert read.sha256 == request().sha256


def test_one_character_changed_in_a_statement_is_found() -> None:
    good = Statement.sign(request().body(), signer(OFFICER)).to_bytes()
    changed = 0
    for at in range(len(good)):
        bad = bytearray(good)
        bad[at] ^= 1
        with pytest.raises(StatementInvalid):
            Statement.parse(bytes(bad))
        changed += 1
    assert changed > 1000


def test_a_statement_of_another_key_does_not_hold() -> None:
    made = Statement.sign(request().body(), signer(OFFICER)).document()
    made["verifier"] = signer(new_identity()).verifier
    with pytest.raises(StatementInvalid, match="not by this key"):
        Statement.from_document(made)


def test_signing_again_is_the_same_statement() -> None:
    one = Statement.sign(request().body(), signer(OFFICER))
    assert one.sha256 == Statement.sign(json.loads(canonical(one.body)), signer(OFFICER)).sha256


def test_a_request_in_anothers_name_is_refused() -> None:
    made = Statement.sign(request().body(), signer(new_identity()))
    with pytest.raises(StatementInvalid, match="not signed by the officer"):
        Request.of(made)


def test_an_answer_does_not_pass_for_a_request() -> None:
    made = Statement.sign(answer(request()).body(), signer(OFFICER))
    with pytest.raises(StatementInvalid):
        Request.of(made)
    with pytest.raises(StatementInvalid):
        Answer.of(Statement.sign(request().body(), signer(OFFICER)))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"deployment": ""}, "deployment"),
        ({"case": "case-ABCD2345"}, "case"),
        ({"case": "the-smith-case"}, "case"),
        ({"kind": "all"}, "kind"),
        ({"purpose": "Ermittlung!"}, "purpose"),
        ({"authority": Authority("hunch", "x", "a" * 64)}, "kind"),
        ({"authority": Authority("warrant", "  ", "a" * 64)}, "reference"),
        ({"authority": Authority("warrant", "x", "")}, "document"),
        ({"cameras": ()}, "cameras"),
        ({"cameras": ("gate", "bridge")}, "ascending"),
        ({"cameras": ("gate", "gate")}, "each once"),
        ({"until_us": HOUR_US}, "interval"),
        ({"reason": "because"}, "reason"),
        ({"reason": " " * 50}, "reason"),
        ({"reason": "x" * 2001}, "reason"),
        ({"recipient": OFFICER.secret}, "secret"),
        ({"expires_us": 3 * HOUR_US}, "expires"),
        ({"periods": ()}, "periods"),
        ({"periods": (PeriodRef("gate", 1, 1, "b" * 64), ONE)}, "in order"),
        ({"periods": (ONE,) * 2}, "each once"),
        ({"periods": (PeriodRef("bridge", 1, 0, "b" * 64),)}, "bridge"),
        ({"periods": (ONE, PeriodRef("gate", 1, 1, "b" * 64))}, "twice"),
        ({"kind": "live", "periods": ()}, None),
        ({"kind": "live"}, "no periods"),
        ({"kind": "live", "periods": (), "until_us": 2 * HOUR_US + 1}, "an hour"),
        ({"authority": Authority("emergency", "call 4711", "")}, None),
    ],
)  # fmt: skip
def test_what_breaks_a_rule_is_no_request(changes: dict[str, Any], says: str | None) -> None:
    if says is None:
        assert Request.from_body(request(**changes).body()) == request(**changes)
        return
    with pytest.raises(StatementInvalid, match=says) as caught:
        request(**changes)
    assert "AGE-SECRET" not in str(caught.value)


def test_a_request_has_exactly_its_fields() -> None:
    body = dict(request().body())
    with pytest.raises(StatementInvalid, match="unknown field 'note'"):
        Request.from_body({**body, "note": "x"})
    del body["salt"]
    with pytest.raises(StatementInvalid, match="'salt' is missing"):
        Request.from_body(body)
    odds: tuple[object, ...] = (None, 3, [], "x", {"format": "scrim-request-v1"})
    for odd in odds:
        with pytest.raises(StatementInvalid):
            Request.from_body(odd)


def test_an_answer_is_to_one_request_only() -> None:
    asked = request()
    answer(asked).check_answers(asked)
    for other in (
        request(reason="A cyclist was knocked down at the gate!"),
        request(salt="0" * 64),
    ):
        with pytest.raises(StatementInvalid, match="another request"):
            answer(asked).check_answers(other)


def test_parts_are_of_the_requests_periods_and_in_their_order() -> None:
    asked = request()
    whole = answer(asked)
    answer(asked, parts=whole.parts[1:]).check_answers(asked)
    for parts in (whole.parts[::-1], whole.parts * 2, (SealedPart("f" * 64, b"x"),), ()):
        with pytest.raises(StatementInvalid):
            answer(asked, parts=parts).check_answers(asked)


def test_a_live_request_is_answered_without_parts() -> None:
    asked = request(kind="live", periods=())
    answer(asked, parts=()).check_answers(asked)
    with pytest.raises(StatementInvalid, match="not of the request's periods"):
        answer(asked, parts=(SealedPart("f" * 64, b"x"),)).check_answers(asked)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"decision": "perhaps"}, "decision"),
        ({"decision": "refused"}, "reason"),
        ({"decision": "refused", "reason": "Not what the warrant says."}, "carries parts"),
        ({"custodian": "The Court"}, "custodian"),
        ({"request_sha256": "x"}, "hash"),
        ({"nonce": "E" * 64}, "hash"),
        ({"case": "x"}, "case"),
        ({"reason": "x" * 2001}, "at most"),
    ],
)
def test_what_breaks_a_rule_is_no_answer(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(StatementInvalid, match=says):
        answer(request(), **changes)


def test_case_ids_are_drawn_and_known() -> None:
    drawn = {new_case_id() for _ in range(100)}
    assert len(drawn) == 100
    assert all(is_case_id(text) for text in drawn)
    assert not is_case_id("case-abcd2345\n")
