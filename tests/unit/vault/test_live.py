"""A live opening: what a recorder takes, and each paper that it does not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.unit.vault.live_papers import (
    NAMES,
    NOW_US,
    PEOPLE,
    SET,
    SINCE_US,
    UNTIL_US,
    approval,
    custodian,
    live,
    signed,
)
from tests.unit.vault.papers import HOUR_US, OFFICER, ONCE, request, signer

from scrim.errors import StatementInvalid
from scrim.vault import Custodian, CustodianSet
from scrim.vault.custodian import new_identity
from scrim.vault.live import LiveOpening
from scrim.vault.request import Request
from scrim.vault.statement import Statement


def check(asked: Request | bytes, answers: list[bytes], **changes: Any) -> LiveOpening:
    how: dict[str, Any] = {
        "camera": "gate",
        "deployment": "scrim.example/ledger",
        "custodians": SET,
        "now_us": NOW_US,
    }
    return LiveOpening.check(
        asked if isinstance(asked, bytes) else signed(asked), answers, **(how | changes)
    )


def both(asked: Request) -> list[bytes]:
    return [approval("court", asked), approval("audit", asked)]


def test_k_approvals_say_to_whom_and_until_when() -> None:
    asked = live()
    found = check(asked, both(asked))
    assert (found.recipient, found.camera) == (ONCE.recipient, "gate")
    assert (found.since_us, found.until_us) == (SINCE_US, UNTIL_US)
    assert found.request_sha256 == asked.sha256
    assert list(found.answers) == sorted(Statement.parse(one).sha256 for one in both(asked))


def test_the_window_ends_with_the_request_at_the_latest() -> None:
    asked = live(expires_us=SINCE_US + 60)
    assert check(asked, both(asked)).until_us == SINCE_US + 60
    with pytest.raises(StatementInvalid, match="its window is over"):
        check(asked, both(asked), now_us=SINCE_US + 60)


def test_one_approval_too_few_opens_nothing() -> None:
    asked = live()
    with pytest.raises(StatementInvalid, match="1 of the 2 approvals"):
        check(asked, [approval("court", asked)])
    with pytest.raises(StatementInvalid, match="0 of the 2 approvals"):
        check(asked, [])


def test_the_same_custodian_twice_counts_once() -> None:
    asked = live()
    again = [approval("court", asked), approval("court", asked, nonce="f" * 64)]
    with pytest.raises(StatementInvalid, match="1 of the 2 approvals"):
        check(asked, again)


def test_an_answer_in_anothers_name_counts_nothing() -> None:
    asked = live()
    forged = approval("audit", asked, by=PEOPLE["court"])
    with pytest.raises(StatementInvalid, match=r"1 of the 2 .* not signed by custodian audit"):
        check(asked, [approval("court", asked), forged])


def test_the_officer_cannot_answer_for_a_custodian() -> None:
    asked = live()
    forged = [approval(name, asked, by=OFFICER) for name in NAMES]
    with pytest.raises(StatementInvalid, match="0 of the 2"):
        check(asked, forged)


def test_a_custodian_who_also_refuses_does_not_approve() -> None:
    asked = live()
    no = approval("court", asked, decision="refused", reason="Nobody is in danger.")
    for papers in ([no, *both(asked)], [*both(asked), no]):
        with pytest.raises(StatementInvalid, match="1 of the 2"):
            check(asked, papers)
    assert len(check(asked, [*both(asked), approval("privacy", asked), no]).answers) == 2


def test_a_refusal_is_no_approval() -> None:
    asked = live()
    no = approval("court", asked, decision="refused", reason="Nobody is in danger.")
    with pytest.raises(StatementInvalid, match="1 of the 2"):
        check(asked, [no, approval("audit", asked)])


def test_approvals_of_another_request_count_nothing() -> None:
    """The window made longer, the officer's recipient changed: other words, another hash."""
    approved = live(until_us=SINCE_US + 60_000_000)
    for altered in (
        live(),
        replace(approved, recipient=new_identity().recipient),
        replace(approved, cameras=("door", "gate")),
        replace(approved, reason=approved.reason + " "),
    ):
        with pytest.raises(StatementInvalid, match=r"0 of the 2 .* answers another request"):
            check(altered, both(approved))


def test_a_request_altered_by_one_character_is_none() -> None:
    asked = live()
    text = signed(asked)
    altered = text.replace(b"A cyclist", b"a cyclist")
    assert altered != text
    with pytest.raises(StatementInvalid, match="signature"):
        check(altered, both(asked))


def test_bytes_that_are_no_papers_are_refused() -> None:
    asked = live()
    for junk in (b"", b"{}", b"\xff", both(asked)[0]):
        with pytest.raises(StatementInvalid):
            check(junk, both(asked))
        assert (
            len(check(asked, [junk, *both(asked)]).answers) == 2
        )  # junk among answers spoils none of the others


def test_another_camera_or_deployment_is_refused() -> None:
    asked = live()
    with pytest.raises(StatementInvalid, match="not for camera door"):
        check(asked, both(asked), camera="door")
    with pytest.raises(StatementInvalid, match="another deployment"):
        check(asked, both(asked), deployment="elsewhere.example/ledger")


def test_a_request_for_recorded_pictures_opens_nothing_live() -> None:
    asked = request(since_us=SINCE_US, until_us=UNTIL_US)
    with pytest.raises(StatementInvalid, match="not for a live opening"):
        check(asked, both(live()))


def test_a_window_of_more_than_an_hour_is_no_request() -> None:
    asked = live()
    body = dict(asked.body()) | {"until_us": UNTIL_US + 1}
    text = Statement.sign(body, signer(OFFICER)).to_bytes()
    with pytest.raises(StatementInvalid, match="an hour at most"):
        check(text, both(asked))


def test_papers_shown_again_after_the_end_open_nothing() -> None:
    asked = live()
    assert check(asked, both(asked), now_us=UNTIL_US - 1).until_us == UNTIL_US
    with pytest.raises(StatementInvalid, match="its window is over"):
        check(asked, both(asked), now_us=UNTIL_US)


def test_approvals_of_a_retired_set_count_nothing() -> None:
    asked = live()
    people = {"court": PEOPLE["court"], "council": new_identity(), "ombud": new_identity()}
    newer = CustodianSet(2, tuple(custodian(name, one) for name, one in people.items()))
    with pytest.raises(
        StatementInvalid, match=r"1 of the 2 .* no custodian of this recorder's set"
    ):
        check(asked, both(asked), custodians=newer)
    # the same offices with new keys: what the old keys signed is worth nothing
    renewed = CustodianSet(2, tuple(custodian(name, new_identity()) for name in NAMES))
    with pytest.raises(StatementInvalid, match="0 of the 2"):
        check(asked, both(asked), custodians=renewed)


def test_custodians_without_a_signing_key_cannot_approve() -> None:
    asked = live()
    bare = CustodianSet(2, tuple(Custodian(name, PEOPLE[name].recipient) for name in NAMES))
    with pytest.raises(StatementInvalid, match="never registered"):
        check(asked, both(asked), custodians=bare)


def test_an_officer_who_is_a_custodian_is_refused() -> None:
    court = PEOPLE["court"]
    asked = live()
    own = replace(asked, officer=replace(asked.officer, verifier=signer(court).verifier))
    with pytest.raises(StatementInvalid, match="officer is custodian court"):
        check(signed(own, by=court), [approval(name, own) for name in NAMES])
    for asker in ({"id": "court"}, {"office": "court"}):  # whatever key they sign with
        same = replace(asked, officer=replace(asked.officer, **asker))
        with pytest.raises(StatementInvalid, match="officer is custodian court"):
            check(signed(same), [approval(name, same) for name in NAMES])
    to_court = live(recipient=court.recipient)
    with pytest.raises(StatementInvalid, match="officer is custodian court"):
        check(to_court, both(to_court))


def test_a_heap_of_answers_is_not_even_looked_at() -> None:
    asked = live()
    with pytest.raises(StatementInvalid, match="65 answers"):
        check(asked, [approval("court", asked)] * 65)


def test_a_window_that_begins_later_is_said_so() -> None:
    asked = live()
    assert check(asked, both(asked), now_us=SINCE_US - HOUR_US).since_us == SINCE_US


def test_a_segment_lies_inside_or_it_does_not() -> None:
    asked = live()
    found = check(asked, both(asked))
    assert found.spans(SINCE_US, UNTIL_US)
    assert not found.spans(SINCE_US - 1, UNTIL_US)
    assert not found.spans(SINCE_US, UNTIL_US + 1)
