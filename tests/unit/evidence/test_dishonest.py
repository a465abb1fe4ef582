"""An officer who changes a bundle and signs it again: the papers of others give it away."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.unit.evidence.conftest import Check
from tests.unit.evidence.world import (
    CREATED,
    SECOND,
    TODAY,
    UNTIL,
    Log,
    World,
    edit,
    make_world,
    refusal,
)

from scrim.evidence import layout
from scrim.evidence.authority import Authority
from scrim.evidence.verify import verify_bundle
from scrim.ledger import SigningKey
from scrim.vault.custodian import new_identity
from scrim.vault.request import Request
from scrim.vault.statement import Statement

GATE_1 = "original/gate/000001/000000/0000000001.mp4"
GATE_3 = "original/gate/000001/000001/0000000003.mp4"
YARD_1 = "original/yard/000001/000000/0000000001.mp4"
YARD_2 = "original/yard/000001/000000/0000000002.mp4"
VIEWING = "viewing/gate-1.mp4"
MANIFEST = "period/gate/000001/000000.json"

Change = Callable[[Path, World], None]


def found(check: Check, path: Path) -> set[tuple[str, str]]:
    return {(str(one.kind), one.subject) for one in check(path).problems}


def swap(one: str, other: str) -> Change:
    def change(bundle: Path, world: World) -> None:
        first, second = (bundle / one).read_bytes(), (bundle / other).read_bytes()
        (bundle / one).write_bytes(second)
        (bundle / other).write_bytes(first)

    return change


def cut(bundle: Path, world: World) -> None:
    data = (bundle / GATE_1).read_bytes()
    (bundle / GATE_1).write_bytes(data[: len(data) // 2])


def altered(bundle: Path, world: World) -> None:
    data = (bundle / GATE_1).read_bytes()
    (bundle / GATE_1).write_bytes(data[:-1] + bytes([data[-1] ^ 1]))


def removed(bundle: Path, world: World) -> None:
    (bundle / GATE_1).unlink()


def moved_in_time(bundle: Path, world: World) -> None:
    (bundle / GATE_1).rename(bundle / "original/gate/000001/000000/0000000000.mp4")


def outside(bundle: Path, world: World) -> None:
    (bundle / "original/gate/000001/000001/0000000004.mp4").write_bytes(world.plain["gate", 4])


def invented(bundle: Path, world: World) -> None:
    (bundle / "original/gate/000001/000001/0000000007.mp4").write_bytes(world.plain["gate", 4])


def lost_one(bundle: Path, world: World) -> None:
    (bundle / "original/gate/000001/000000/0000000002.mp4").write_bytes(world.plain["gate", 2])


def manifest(bundle: Path, world: World) -> None:
    edit(bundle / MANIFEST, lambda value: value.update(closed_us=value["closed_us"] + 1))


def chain(bundle: Path, world: World) -> None:
    def reorder(value: Any) -> None:
        value["records"][0], value["records"][2] = value["records"][2], value["records"][0]

    edit(bundle / MANIFEST, reorder)


def other_document(bundle: Path, world: World) -> None:
    shutil.copyfile(
        bundle / "period/yard/000001/000000.open.json",
        bundle / "period/gate/000001/000000.open.json",
    )


def extra_period(bundle: Path, world: World) -> None:
    shutil.copyfile(bundle / MANIFEST, bundle / "period/gate/000001/000009.json")


def custody_time(bundle: Path, world: World) -> None:
    def later(value: Any) -> None:
        value["acquisition"]["files"][0]["start_us"] += SECOND

    edit(bundle / layout.CUSTODY, later)


def custody_officer(bundle: Path, world: World) -> None:
    edit(bundle / layout.CUSTODY, lambda value: value["acquisition"]["by"].update(id="someone"))


def custody_no_json(bundle: Path, world: World) -> None:
    (bundle / layout.CUSTODY).write_bytes(b"[" * 100_000)


def receipt_gone(act: str) -> Change:
    def change(bundle: Path, world: World) -> None:
        def drop(value: Any) -> None:
            value["receipts"] = [
                one
                for one in value["receipts"]
                if f'"act":"{act}"'.encode() not in base64.b64decode(one["body"])
            ]

        edit(bundle / layout.RECEIPTS, drop)

    return change


def receipt_forged(bundle: Path, world: World) -> None:
    def forge(value: Any) -> None:
        last = value["receipts"][-1]
        body = base64.b64decode(last["body"]).replace(b'"kind":"bundle"', b'"kind":"nothing"')
        last["body"] = base64.b64encode(body).decode()

    edit(bundle / layout.RECEIPTS, forge)


def answer_gone(bundle: Path, world: World) -> None:
    (bundle / "answers/02-office-1.json").unlink()


def answer_twice(bundle: Path, world: World) -> None:
    shutil.copyfile(bundle / "answers/01-office-0.json", bundle / "answers/02-office-1.json")


def answer_forged(bundle: Path, world: World) -> None:
    forged = world.answer(1, world.request, signer=world.signer)
    (bundle / "answers/02-office-1.json").write_bytes(forged.to_bytes())


def answer_of_nobody(bundle: Path, world: World) -> None:
    forged = world.answer(2, world.request, custodian="office-9")
    (bundle / "answers/03-office-9.json").write_bytes(forged.to_bytes())


def refusal_of_nobody(bundle: Path, world: World) -> None:
    forged = refusal(world, 2, custodian="office-9")
    (bundle / "answers/03-office-9.json").write_bytes(forged.to_bytes())


def refusal_forged(bundle: Path, world: World) -> None:
    forged = refusal(world, 2, signer=world.signer)
    (bundle / "answers/03-office-2.json").write_bytes(forged.to_bytes())


def answer_to_another(bundle: Path, world: World) -> None:
    other = replace(world.request, reason=world.request.reason + " ")
    (bundle / "answers/02-office-1.json").write_bytes(world.answer(1, other).to_bytes())


def answer_unlogged(bundle: Path, world: World) -> None:
    late = world.answer(2, world.request)
    (bundle / "answers/03-office-2.json").write_bytes(late.to_bytes())


def request_altered(bundle: Path, world: World) -> None:
    changed = replace(world.request, until_us=UNTIL + 2 * SECOND)
    (bundle / layout.REQUEST).write_bytes(Statement.sign(changed.body(), world.signer).to_bytes())


def viewing_plain(bundle: Path, world: World) -> None:
    (bundle / VIEWING).write_bytes(world.plain["gate", 1])


def viewing_gone(bundle: Path, world: World) -> None:
    (bundle / VIEWING).unlink()


def certificate_swapped(bundle: Path, world: World) -> None:
    other = world.authority.certify(world.signer.verifier, "officer-7", CREATED)
    (bundle / layout.CERTIFICATE).write_bytes(other)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (cut, ("original-cut", GATE_1)),
        (altered, ("original-altered", GATE_1)),
        (removed, ("original-missing", GATE_1)),
        (swap(YARD_1, YARD_2), ("original-swapped", YARD_1)),
        (swap(GATE_1, YARD_1), ("original-swapped", GATE_1)),
        (swap(GATE_1, GATE_3), ("original-swapped", GATE_3)),
        (moved_in_time, ("interval-exceeded", "original/gate/000001/000000/0000000000.mp4")),
        (outside, ("interval-exceeded", "original/gate/000001/000001/0000000004.mp4")),
        (invented, ("original-added", "original/gate/000001/000001/0000000007.mp4")),
        (lost_one, ("original-added", "original/gate/000001/000000/0000000002.mp4")),
        (manifest, ("manifest-invalid", MANIFEST)),
        (chain, ("manifest-invalid", MANIFEST)),
        (other_document, ("document-invalid", "period/gate/000001/000000.open.json")),
        (extra_period, ("period-added", "period/gate/000001/000009.json")),
        (custody_time, ("custody-contradicts", layout.CUSTODY)),
        (custody_officer, ("custody-contradicts", layout.CUSTODY)),
        (custody_no_json, ("custody-contradicts", layout.CUSTODY)),
        (receipt_gone("period-closed"), ("entry-missing", "period gate/1/0")),
        (receipt_gone("period-opened"), ("entry-missing", "period yard/1/0")),
        (receipt_gone("case-requested"), ("entry-missing", "the case")),
        (receipt_gone("case-approved"), ("entry-missing", "the case")),
        (receipt_gone("case-opened"), ("entry-missing", "the case")),
        (receipt_gone("exported"), ("entry-missing", "the case")),
        (receipt_gone("case-answered"), ("entry-missing", "answers/01-office-0.json")),
        (receipt_forged, ("receipt-invalid", "entry 12")),
        (answer_gone, ("answers-too-few", "period gate/1/0")),
        (answer_twice, ("answer-repeated", "answers/02-office-1.json")),
        (answer_twice, ("answers-too-few", "period gate/1/1")),
        (answer_forged, ("answer-invalid", "answers/02-office-1.json")),
        (answer_forged, ("answers-too-few", "period yard/1/0")),
        (answer_of_nobody, ("answer-invalid", "answers/03-office-9.json")),
        (refusal_of_nobody, ("answer-invalid", "answers/03-office-9.json")),
        (refusal_forged, ("answer-invalid", "answers/03-office-2.json")),
        (answer_to_another, ("answer-invalid", "answers/02-office-1.json")),
        (answer_to_another, ("answers-too-few", "period gate/1/0")),
        (answer_unlogged, ("entry-missing", "answers/03-office-2.json")),
        (request_altered, ("answer-invalid", "answers/01-office-0.json")),
        (request_altered, ("original-missing", "original/gate/000001/000001/0000000004.mp4")),
        (viewing_plain, ("credentials-invalid", VIEWING)),
        (viewing_gone, ("file-missing", layout.VIEWING)),
        (certificate_swapped, ("credentials-contradict", layout.CERTIFICATE)),
    ],
)
def test_signing_it_again_does_not_help(
    bundle: Path, world: World, check: Check, change: Change, expected: tuple[str, str]
) -> None:
    change(bundle, world)
    request = Request.of(Statement.parse((bundle / layout.REQUEST).read_bytes()))
    world.resign(bundle, request_sha256=request.sha256)
    said = found(check, bundle)
    assert expected in said
    assert not {kind for kind, _ in said} & {"file-altered", "file-added", "index-invalid"}


def test_an_altered_viewing_copy_is_found(world: World, check: Check, tmp_path: Path) -> None:
    def alter(signed: bytes) -> bytes:
        at = signed.find(b"mdat") + 100
        return signed[:at] + bytes([signed[at] ^ 1]) + signed[at + 1 :]

    made = world.bundle(tmp_path / "bundle", viewing=alter, honest=False)
    (problem,) = check(made).problems
    assert problem.kind == "credentials-invalid"
    assert "assertion.bmffHash.mismatch" in problem.what


def test_another_authority_is_only_valid(world: World, check: Check, tmp_path: Path) -> None:
    other = Authority.new(world.request.deployment, TODAY)
    made = world.bundle(tmp_path / "bundle", authority=other, honest=False)
    (problem,) = check(made).problems
    assert problem.kind == "credentials-invalid"
    assert "are Valid, not Trusted: signingCredential.untrusted" in problem.what


def test_a_checkpoint_of_another_log(bundle: Path, world: World, check: Check) -> None:
    other = SigningKey.generate(world.request.deployment).verifier()
    (bundle / layout.LEDGER_KEY).write_text(other.to_text() + "\n")
    world.resign(bundle)
    assert ("key-differs", layout.LEDGER_KEY) in found(check, bundle)
    # and where nobody compares the key, the note is not that key's
    assert ("checkpoint-invalid", layout.CHECKPOINT) in found(verify_bundle, bundle)


def test_a_ledger_made_up_as_a_whole(world: World, check: Check, tmp_path: Path) -> None:
    log = Log()
    log.bodies = list(world.log.bodies)
    mine = replace(world, log=log)
    made = mine.bundle(tmp_path / "bundle")
    assert verify_bundle(made).holds  # it agrees with itself
    assert {kind for kind, _ in found(check, made)} >= {"key-differs", "checkpoint-invalid"}


def test_another_deployment_s_anchor(bundle: Path, world: World) -> None:
    other = Authority.new("scrim.elsewhere/ledger", TODAY)
    report = verify_bundle(bundle, key=world.log.key.verifier(), anchor=other.anchor_pem())
    assert {str(one.kind) for one in report.problems} == {"anchor-differs", "credentials-invalid"}


def test_a_bundle_signed_by_somebody_else(bundle: Path, world: World, check: Check) -> None:
    thief = replace(world, officer=new_identity())
    thief.resign(bundle)
    assert ("signer-differs", layout.INDEX) in found(check, bundle)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("case", "case-zzzzzzzz"),
        ("deployment", "scrim.elsewhere/ledger"),
        ("request_sha256", "0" * 64),
        ("made_by", ("officer-8", "traffic")),
    ],
)
def test_an_index_of_another_case(
    bundle: Path, world: World, check: Check, field: str, value: Any
) -> None:
    world.resign(bundle, **{field: value})
    assert ("index-invalid", layout.INDEX) in found(check, bundle)


def test_two_worlds_do_not_mix(
    world: World, check: Check, bundle: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = make_world(tmp_path_factory.mktemp("other"))
    elsewhere = other.bundle(tmp_path_factory.mktemp("elsewhere") / "bundle")
    for name in (layout.CHECKPOINT, layout.RECEIPTS):
        shutil.copyfile(elsewhere / name, bundle / name)
    world.resign(bundle)
    assert ("checkpoint-invalid", layout.CHECKPOINT) in found(check, bundle)


def test_a_summary_with_other_words_is_noted(bundle: Path, world: World, check: Check) -> None:
    (bundle / layout.SUMMARY_HTML).write_text("<p>All is well.</p>")
    world.resign(bundle)
    report = check(bundle)
    assert report.holds
    assert [str(one.kind) for one in report.notes] == ["summary-differs"]


def test_huge_and_deep_documents_are_no_documents(bundle: Path, world: World, check: Check) -> None:
    for name in (layout.INDEX, layout.REQUEST, layout.RECEIPTS):
        (bundle / name).write_bytes(b'{"a":' * 200_000)
    with (bundle / layout.CUSTODY).open("wb") as file:
        file.truncate(65 * 1024 * 1024)
    kinds = {kind for kind, _ in found(check, bundle)}
    assert {"index-invalid", "request-invalid", "receipt-invalid"} <= kinds
