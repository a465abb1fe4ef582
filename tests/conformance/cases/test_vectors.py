"""The vectors beside this file, against this implementation."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from scrim import errors
from scrim.canonical import canonical
from scrim.ledger.checkpoint import Checkpoint
from scrim.ledger.note import VerifierKey
from scrim.opening.package import Package
from scrim.vault import agekeys, manifest, recipients, signing
from scrim.vault.answer import Answer
from scrim.vault.opening import open_segment
from scrim.vault.receiving import open_periods
from scrim.vault.request import Request
from scrim.vault.signing import Signer
from scrim.vault.statement import Statement


def _load(name: str) -> Any:
    return json.loads((Path(__file__).parent / name).read_text())


def _named(case: dict[str, Any]) -> str:
    return str(case["name"])


PEOPLE = _load("people.json")
STATEMENTS = _load("statements.json")
CASE = _load("case.json")
KEY = VerifierKey.from_text(CASE["ledger_key"])


def _see(note: str) -> Checkpoint:
    return Checkpoint.from_note(note, KEY)


def _package(text: str, **changes: Any) -> Package:
    return Package.parse(canonical({**json.loads(text), **changes}), _see)


@pytest.mark.parametrize("person", PEOPLE["people"], ids=lambda person: person["recipient"])
def test_keys_follow_from_the_identity(person: dict[str, str]) -> None:
    recipient = agekeys.recipient_of(agekeys.secret_of(person["identity"]))
    verifier = Signer.of_identity(person["identity"]).verifier
    assert (recipient, verifier) == (person["recipient"], person["verifier"])
    assert signing.card_fingerprint(f"{recipient}/{verifier}") == person["card_fingerprint"]


@pytest.mark.parametrize("case", PEOPLE["refused_verifiers"], ids=_named)
def test_what_is_no_verifier_is_refused(case: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"."):
        signing.check_verifier(case["verifier"])


def test_recipients_of_tokens() -> None:
    for text in PEOPLE["token_recipients"]["good"]:
        recipients.check(text)
    for text in PEOPLE["token_recipients"]["refused"]:
        with pytest.raises(ValueError, match=r"."):
            recipients.check(text)


def test_a_statement_holds_and_is_signed_the_same_again() -> None:
    read = Statement.parse(STATEMENTS["statement"].encode())
    assert (read.sha256, read.verifier) == (STATEMENTS["sha256"], STATEMENTS["verifier"])
    again = Statement.sign(read.body, Signer.of_identity(CASE["officer"]))
    assert again.to_bytes() == STATEMENTS["statement"].encode()


@pytest.mark.parametrize("case", STATEMENTS["broken"], ids=_named)
def test_a_broken_statement_is_refused(case: dict[str, str]) -> None:
    with pytest.raises(errors.StatementInvalid):
        Statement.parse(case["statement"].encode())


def test_nobody_asks_in_anothers_name() -> None:
    with pytest.raises(errors.StatementInvalid):
        Request.of(Statement.parse(STATEMENTS["in_anothers_name"].encode()))


@pytest.mark.parametrize("case", _load("requests.json"), ids=_named)
def test_requests(case: dict[str, Any]) -> None:
    body = json.loads(case["body"])
    if case["good"]:
        assert Request.from_body(body).body() == body
    else:
        with pytest.raises(errors.StatementInvalid):
            Request.from_body(body)


@pytest.mark.parametrize("case", _load("answers.json"), ids=_named)
def test_answers(case: dict[str, Any]) -> None:
    signed = Statement.sign(json.loads(case["body"]), Signer.of_identity(CASE["stranger"]))
    request = _package(CASE["asked"]).request
    if not case["good"]:
        with pytest.raises(errors.StatementInvalid):
            Answer.of(signed)
    elif case["answers"]:
        Answer.of(signed).check_answers(request)
    else:
        with pytest.raises(errors.StatementInvalid):
            Answer.of(signed).check_answers(request)


def test_the_case_opens() -> None:
    package = _package(CASE["package"])
    assert package.request.sha256 == CASE["request_sha256"]
    opened = list(
        open_periods(package.request, package.statements, package.documents, CASE["once"])
    )
    found = {f"{one.ref.camera}/{one.ref.epoch}/{one.ref.period}": one.identity for one in opened}
    assert found == CASE["identities"]
    for segment in CASE["segments"]:
        listed = segment["listed"]
        identity = found[f"{listed['camera']}/{listed['epoch']}/{listed['period']}"]
        assert identity is not None
        clear = open_segment(base64.b64decode(segment["sealed"]), identity)
        assert clear == base64.b64decode(segment["plain"])
    ((name, sha256),) = package.manifests.items()
    assert name == ("gate", 2, 5)
    assert len(manifest.parse(CASE["manifest"].encode(), sha256=sha256).records) == 2


@pytest.mark.parametrize("case", CASE["altered"], ids=_named)
def test_an_altered_package_is_refused(case: dict[str, Any]) -> None:
    with pytest.raises((errors.PackageBroken, errors.LedgerBroken)):
        _package(CASE["asked"], **case["changes"])


@pytest.mark.parametrize("case", CASE["bad_parts"], ids=_named)
def test_a_wrong_part_is_named_and_never_used(case: dict[str, Any]) -> None:
    for which, identity in (("too_few", None), ("enough", CASE["identities"]["gate/2/5"])):
        package = _package(CASE["asked"], answers=case[which])
        first, second = open_periods(
            package.request, package.statements, package.documents, CASE["once"]
        )
        assert first.identity == identity
        assert any(case["custodian"] in fault for fault in first.faults)
        assert second.identity == CASE["identities"]["gate/2/6"]
        assert second.faults == ()
