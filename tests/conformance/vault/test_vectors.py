"""The vectors beside this file, against this implementation."""

from __future__ import annotations

import base64
import hashlib
import json
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from tests.sim.soft_token import install, make_token

from scrim import errors
from scrim.vault import PeriodDocument, agekeys, chain_next, chain_start, manifest, sharing
from scrim.vault.custodian import Identity
from scrim.vault.opening import combine, open_part, open_segment


def _load(name: str) -> Any:
    return json.loads((Path(__file__).parent / name).read_text())


PERIOD = _load("period.json")
PERIOD_2 = _load("period-2.json")
CHAIN = _load("chain.json")
DOCUMENT = PERIOD["document"].encode()


@pytest.mark.parametrize("case", _load("sharing.json"), ids=lambda c: f"{c['k']} of {c['n']}")
def test_sharing(case: dict[str, Any]) -> None:
    n, k = case["n"], case["k"]
    assert [list(sharing.pieces_held(n, k, at)) for at in range(n)] == case["held"]
    pieces = {at: bytes.fromhex(text) for at, text in enumerate(case["pieces"])}
    assert sharing.join(n, k, pieces).hex() == case["secret"]


def test_fingerprints() -> None:
    for case in _load("fingerprints.json"):
        assert agekeys.fingerprint(case["recipient"]) == case["fingerprint"]


def test_period_opens_for_every_pair() -> None:
    document = PeriodDocument.parse(DOCUMENT, sha256=PERIOD["document_sha256"])
    parts = [
        open_part(document.parts[name], identity, DOCUMENT)
        for name, identity in PERIOD["custodians"].items()
    ]
    for pair in combinations(parts, 2):
        assert combine(DOCUMENT, pair) == PERIOD["identity"]
    plain = open_segment(base64.b64decode(PERIOD["segment"]), PERIOD["identity"])
    assert hashlib.sha256(plain).hexdigest() == PERIOD["segment_plain_sha256"]


@pytest.mark.parametrize("case", PERIOD["faults"], ids=lambda case: case["name"])
def test_faults_are_found_and_named(case: dict[str, str]) -> None:
    with pytest.raises(getattr(errors, case["error"])) as caught:
        open_part(base64.b64decode(case["sealed"]), case["identity"], DOCUMENT)
    assert caught.value.custodian == case["custodian"]


def _holder(name: str, recipient: str) -> Identity:
    held = PERIOD_2["custodians"][name]
    return Identity(recipient, held["identity"], held.get("seed", ""))


def test_period_of_version_2_opens_for_every_pair(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", install(tmp_path))
    data = PERIOD_2["document"].encode()
    document = PeriodDocument.parse(data, sha256=PERIOD_2["document_sha256"])
    assert document.to_bytes() == data
    holders = [_holder(one.id, one.recipient) for one in document.custodians.custodians]
    for custodian, holder in zip(document.custodians.custodians, holders, strict=True):
        assert custodian.verifier in ("", holder.verifier)
        if custodian.verifier:
            assert custodian.fingerprint == holder.fingerprint
    token = make_token(bytes.fromhex(PERIOD_2["custodians"]["office-2"]["p256_secret"]))
    assert (token.identity, token.recipient) == (holders[2].secret, holders[2].recipient)
    parts = [
        open_part(document.parts[f"office-{at}"], holder.opener(), data)
        for at, holder in enumerate(holders)
    ]
    for pair in combinations(parts, 2):
        assert combine(data, pair) == PERIOD_2["identity"]
    plain = open_segment(base64.b64decode(PERIOD_2["segment"]), PERIOD_2["identity"])
    assert hashlib.sha256(plain).hexdigest() == PERIOD_2["segment_plain_sha256"]


@pytest.mark.parametrize("case", PERIOD_2["broken"], ids=lambda case: case["name"])
def test_broken_documents_of_version_2_are_refused(case: dict[str, str]) -> None:
    with pytest.raises(errors.SealBroken):
        PeriodDocument.parse(case["document"].encode())


def test_chain_and_manifest() -> None:
    heads = [chain_start(CHAIN["document_sha256"])]
    for record in CHAIN["records"]:
        heads.append(chain_next(heads[-1], record))
    assert heads == CHAIN["heads"]
    found = manifest.parse(CHAIN["manifest"].encode(), sha256=CHAIN["manifest_sha256"])
    assert list(found.records) == CHAIN["records"]
    assert found.lost == (3,)
    assert found.check_belongs_to(DOCUMENT).camera == "gate"


@pytest.mark.parametrize("case", CHAIN["broken"], ids=lambda case: case["name"])
def test_broken_manifests_are_refused(case: dict[str, str]) -> None:
    with pytest.raises(errors.SealBroken):
        manifest.parse(case["manifest"].encode())
