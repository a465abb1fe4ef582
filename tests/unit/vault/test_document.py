from __future__ import annotations

import dataclasses
import hashlib
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scrim.canonical import canonical
from scrim.errors import SealBroken
from scrim.vault import PeriodDocument, agekeys
from scrim.vault.custodian import new_identity
from scrim.vault.signing import card_fingerprint

OTHER = new_identity().recipient


def _edited(document: bytes, **changes: Any) -> bytes:
    return canonical({**json.loads(document), **changes})


def test_a_document_says_what_it_is_for(period: Any) -> None:
    found = PeriodDocument.parse(period.document)
    assert (found.camera, found.epoch, found.period) == ("gate", 2, 5)
    assert found.custodians.k == 2
    assert [custodian.id for custodian in found.custodians.custodians] == [
        "office-0",
        "office-1",
        "office-2",
    ]
    assert len(found.commitments) == 3
    assert found.to_bytes() == period.document


def test_its_custodians_stand_with_the_fingerprints_read_aloud(period: Any) -> None:
    for member in json.loads(period.document)["custodians"]:
        card = f"{member['recipient']}/{member['verifier']}"
        assert member["fingerprint"] == card_fingerprint(card)


def test_version_1_is_read_and_written_as_it_was(make_period: Any) -> None:
    old = make_period(signed=False).document
    assert json.loads(old)["format"] == "scrim-period-v1"
    found = PeriodDocument.parse(old)
    assert found.to_bytes() == old
    for member, custodian in zip(
        json.loads(old)["custodians"], found.custodians.custodians, strict=True
    ):
        assert "verifier" not in member
        assert custodian.verifier == ""
        assert member["fingerprint"] == agekeys.fingerprint(member["recipient"])


def test_a_document_has_one_spelling(make_period: Any, period: Any) -> None:
    old = json.loads(make_period(signed=False).document)
    for member in old["custodians"]:
        member["verifier"] = ""
    for document in (
        canonical({**old, "format": "scrim-period-v2"}),
        canonical(old),
        _edited(period.document, format="scrim-period-v1"),
    ):
        with pytest.raises(SealBroken, match="not a period document"):
            PeriodDocument.parse(document)


def test_a_changed_verifier_does_not_hold(make_period: Any, period: Any) -> None:
    members = json.loads(period.document)["custodians"]
    other = json.loads(make_period().document)["custodians"][0]["verifier"]
    for verifier in ("", other, members[1]["verifier"], "scrimsig1nonsense", None):
        changed = [{**members[0], "verifier": verifier}, *members[1:]]
        with pytest.raises(SealBroken):
            PeriodDocument.parse(_edited(period.document, custodians=changed))


def test_its_hash_is_checked_where_it_is_known(period: Any) -> None:
    right = hashlib.sha256(period.document).hexdigest()
    assert PeriodDocument.parse(period.document, sha256=right).camera == "gate"
    edited = _edited(period.document, opened_us=1)
    assert PeriodDocument.parse(edited).opened_us == 1
    with pytest.raises(SealBroken, match="not the one on record"):
        PeriodDocument.parse(edited, sha256=right)


@pytest.mark.parametrize(
    "changes",
    [
        {"format": "scrim-period-v1"},
        {"format": "scrim-period-v3"},
        {"camera": "Gate 1"},
        {"epoch": -1},
        {"period": True},
        {"opened_us": "now"},
        {"recipient": "age1nonsense"},
        {"k": 0},
        {"k": 3.0 and 1},
        {"k": 4},
        {"k": 3, "commitments": []},
        {"custodians": []},
        {"custodians": {}},
        {"demo": 0},
        {"commitments": []},
        {"commitments": [1, 2, 3]},
        {"commitments": ["00"] * 3},
        {"more": 1},
    ],
    ids=str,
)
def test_a_document_that_does_not_hold_in_itself_is_refused(
    period: Any, changes: dict[str, Any]
) -> None:
    with pytest.raises(SealBroken, match="not a period document"):
        PeriodDocument.parse(_edited(period.document, **changes))


@pytest.mark.parametrize(
    "change",
    [
        {"id": "office-1"},
        {"recipient": OTHER},
        {"fingerprint": "00000 00000 00000 00000 00000 00000"},
        {"part": "%%%%"},
        {"part": "QQ"},
        {"part": "QR=="},
        {"part": None},
        {"vote": 2},
    ],
    ids=lambda change: f"{min(change)}-{str(change[min(change)])[:4]}",
)
def test_a_custodian_that_does_not_hold_in_itself_is_refused(
    period: Any, change: dict[str, Any]
) -> None:
    members = json.loads(period.document)["custodians"]
    members[0] = {**members[0], **change}
    with pytest.raises(SealBroken):
        PeriodDocument.parse(_edited(period.document, custodians=members))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_changed_byte_is_refused_or_changes_the_hash(period: Any, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(period.document) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda byte: byte != period.document[at]))
    changed = period.document[:at] + bytes([byte]) + period.document[at + 1 :]
    with pytest.raises(SealBroken):
        PeriodDocument.parse(changed, sha256=hashlib.sha256(period.document).hexdigest())
    try:
        PeriodDocument.parse(changed)
    except SealBroken:
        pass


@given(st.binary())
def test_any_bytes_are_refused_cleanly(data: bytes) -> None:
    with pytest.raises(SealBroken):
        PeriodDocument.parse(data)


def test_a_part_is_held_against_everything_it_says(period: Any) -> None:
    document, part = period.parsed, period.part(1)
    assert document.fault_of(part) is None
    piece = dict(part.pieces)
    number = next(iter(piece))
    for changes, says in (
        ({"camera": "door"}, "camera door"),
        ({"epoch": 3}, "epoch 3"),
        ({"period": 6}, "period 6"),
        ({"recipient": OTHER}, "recipient"),
        ({"custodian": "nobody"}, "no custodian"),
        ({"custodian": "office-0"}, "handed"),
        ({"pieces": {}}, "handed"),
        ({"pieces": {**piece, number: bytes(32)}}, f"piece {number}"),
    ):
        fault = document.fault_of(dataclasses.replace(part, **changes))
        assert fault is not None
        assert says in fault
