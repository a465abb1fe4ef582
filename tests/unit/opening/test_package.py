"""A package is used whole or not at all."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import Any

import pytest
from tests.sim.case_world import ORIGIN, SECOND_US, START_US, Log, World

from scrim.canonical import canonical
from scrim.errors import LedgerBroken, PackageBroken
from scrim.ledger.checkpoint import Checkpoint
from scrim.ledger.entry import Act
from scrim.ledger.note import SigningKey, sign
from scrim.opening.package import CLOCKS_US, Package
from scrim.vault.custodian import new_identity
from scrim.vault.request import Request
from scrim.vault.statement import Statement


@pytest.fixture
def world() -> World:
    made = World()
    made.record("gate", 1, range(2))
    made.record("yard", 1, range(2), is_open=True)
    return made


@pytest.fixture
def request_(world: World) -> Request:
    return world.request()


def parse(world: World, package: dict[str, Any]) -> Package:
    def see(note: str) -> Checkpoint:
        return Checkpoint.from_note(note, world.log.key.verifier())

    return Package.parse(canonical(package), see)


def refused(world: World, package: dict[str, Any], match: str) -> None:
    with pytest.raises(PackageBroken, match=match):
        parse(world, package)


def test_a_good_one_says_what_is_asked_and_answered(world: World, request_: Request) -> None:
    answers = world.approval(0, request_), world.refusal(1, request_)
    found = parse(world, world.package(request_, answers))
    assert found.request == request_
    assert [answer.custodian for _, answer in found.answers] == ["office-0", "office-1"]
    assert found.statements == answers
    assert set(found.manifests) == {("gate", 1, 1)}
    assert found.documents == world.documents
    assert found.requested_us == request_.created_us
    assert found.unregistered == ()


def test_a_request_altered_by_one_character_is_refused(world: World, request_: Request) -> None:
    package = world.package(request_)
    package["request"]["body"]["reason"] = request_.reason.replace("cyclist", "cyclisT")
    refused(world, package, "signature is not over these words")


def test_another_request_of_the_same_officer_is_not_the_one_in_the_ledger(
    world: World, request_: Request
) -> None:
    other = replace(request_, reason="Something else altogether.")
    package = world.package(request_)
    package["request"] = Statement.sign(other.body(), world.signer(world.officer)).document()
    refused(world, package, "another request")


def test_a_request_for_another_deployment_is_refused(world: World, request_: Request) -> None:
    refused(
        world, world.package(replace(request_, deployment="other.example/ledger")), "another de"
    )


@pytest.mark.parametrize("field", ["answers", "closed", "requested", "checkpoint", "documents"])
def test_nothing_may_be_missing_or_over(world: World, request_: Request, field: str) -> None:
    package = world.package(request_)
    refused(world, {**package, "note": ""}, "unknown field")
    del package[field]
    refused(world, package, f"'{field}' is missing")


def test_each_period_has_its_document_and_no_other(world: World, request_: Request) -> None:
    package = world.package(request_)
    first, second = request_.periods
    documents = package["documents"]
    refused(
        world,
        {**package, "documents": {first.document_sha256: documents[first.document_sha256]}},
        "not those of the request",
    )
    more = {**documents, "0" * 64: documents[first.document_sha256]}
    refused(world, {**package, "documents": more}, "not those of the request")
    swapped = {
        first.document_sha256: documents[second.document_sha256],
        second.document_sha256: documents[first.document_sha256],
    }
    refused(world, {**package, "documents": swapped}, "SHA-256 is not the one on record")


def test_a_period_document_changed_in_one_bit_is_refused(world: World, request_: Request) -> None:
    package = world.package(request_)
    name = request_.periods[0].document_sha256
    data = bytearray(base64.b64decode(package["documents"][name]))
    data[len(data) // 2] ^= 1
    package["documents"][name] = base64.b64encode(data).decode()
    refused(world, package, "not the one on record")


def test_receipts_are_those_of_the_periods(world: World, request_: Request) -> None:
    package = world.package(request_)
    opened = package["opened"]
    swapped = {"gate/1/1": opened["yard/1/1"], "yard/1/1": opened["gate/1/1"]}
    refused(world, {**package, "opened": swapped}, "is of another period")
    refused(world, {**package, "opened": {"gate/1/1": opened["gate/1/1"]}}, "not those of the")
    extra = {**package["closed"], "yard/1/2": package["closed"]["gate/1/1"]}
    refused(world, {**package, "closed": extra}, "does not name")
    as_closed = {"gate/1/1": opened["gate/1/1"]}
    refused(world, {**package, "closed": as_closed}, "is of period-opened")


def test_a_receipt_that_is_not_in_the_tree_is_refused(world: World, request_: Request) -> None:
    package = world.package(request_)
    receipt = package["closed"]["gate/1/1"]
    body = json.loads(base64.b64decode(receipt["body"]))
    body["facts"]["manifest"] = "0" * 64
    receipt["body"] = base64.b64encode(canonical(body)).decode()
    refused(world, package, "does not lead to the root")


def test_a_checkpoint_of_another_log_is_refused(world: World, request_: Request) -> None:
    other = Log(SigningKey.generate(ORIGIN))
    other.bodies = list(world.log.bodies)
    package = world.package(request_)
    with pytest.raises(LedgerBroken):
        parse(world, {**package, "checkpoint": other.note()})
    with pytest.raises(LedgerBroken):
        parse(world, {**package, "checkpoint": package["checkpoint"].replace("scrim.", "other.")})


def test_a_checkpoint_of_another_state_does_not_hold_the_receipts(
    world: World, request_: Request
) -> None:
    package = world.package(request_)
    forked = Log(world.log.key)
    forked.bodies = [*world.log.bodies[:-1], world.log.bodies[0]]
    refused(world, {**package, "checkpoint": forked.note()}, "does not lead to the root")
    small = sign(world.log.checkpoint(1).text(), world.log.key)
    refused(world, {**package, "checkpoint": small}, "receipt")


def test_a_period_outside_the_interval_is_refused(world: World) -> None:
    world.record("gate", 9, range(1000, 1002))
    end = START_US + 8 * SECOND_US
    refused(world, world.package(world.request(until_us=end)), "opened after the interval's end")
    late = START_US + 8 * SECOND_US + CLOCKS_US
    refused(
        world,
        world.package(world.request(since_us=late, until_us=late + 9000 * SECOND_US)),
        "closed before the interval's beginning",
    )


def test_a_minute_between_clocks_is_allowed(world: World) -> None:
    end = START_US - CLOCKS_US + SECOND_US
    request = world.request(since_us=end - SECOND_US, until_us=end)
    assert parse(world, world.package(request)).request == request


def test_answers_are_to_this_request_and_one_a_custodian(world: World, request_: Request) -> None:
    other = replace(request_, reason="Something else altogether.")
    refused(world, world.package(request_, [world.approval(0, other)]), "to another request")
    twice = [world.approval(0, request_), world.refusal(0, request_)]
    refused(world, world.package(request_, twice), "answers twice")


def test_answers_are_signed_with_the_custodians_own_keys(world: World, request_: Request) -> None:
    answer = world.approval(0, request_)
    forged = Statement.sign(answer.body, world.signer(new_identity()))
    refused(world, world.package(request_, [forged]), "not signed with this custodian's key")
    stranger = {**answer.body, "custodian": "nobody"}
    unknown = Statement.sign(stranger, world.signer(world.custodians[0]))
    refused(world, world.package(request_, [unknown]), "nobody is no custodian")


def test_keys_that_no_document_names_are_said(request_: Request) -> None:
    old = World(signed=False)
    old.record("gate", 1, range(2))
    request = old.request()
    found = parse(old, old.package(request, [old.approval(0, request)]))
    assert found.unregistered == ("office-0",)


def test_other_bytes_for_the_same_values_are_refused(world: World, request_: Request) -> None:
    data = json.dumps(world.package(request_), sort_keys=True).encode()
    for bad in (data, b"", b"[]", b"\xff", b"{}", canonical({"format": "scrim-package-v1"})):
        with pytest.raises(PackageBroken):
            Package.parse(bad, lambda note: world.log.checkpoint())


def test_a_receipt_of_the_request_is_of_a_request(world: World, request_: Request) -> None:
    at = world.log.add(Act.CASE_DRAFTED, request_.created_us, {"request": request_.sha256})
    package = world.package(request_)
    refused(world, {**package, "requested": world.log.receipt(at)}, "is of case-drafted")
