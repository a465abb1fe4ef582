from __future__ import annotations

import dataclasses
import json
from itertools import combinations
from typing import Any

import pyrage
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scrim.canonical import canonical
from scrim.errors import PartInvalid, PartsTooFew, SealBroken
from scrim.vault import PeriodDocument, agekeys
from scrim.vault.custodian import new_identity
from scrim.vault.opening import combine, open_part, open_segment


def _seal(recipient: str, data: bytes) -> bytes:
    return bytes(pyrage.encrypt(data, [pyrage.x25519.Recipient.from_str(recipient)]))


@pytest.mark.parametrize(("n", "k"), [(1, 1), (2, 1), (2, 2), (3, 2), (4, 3), (5, 5), (9, 5)])
def test_any_k_open_and_any_fewer_do_not(make_period: Any, n: int, k: int) -> None:
    period = make_period(n, k)
    parts = [period.part(index) for index in range(n)]
    identities = {
        combine(period.document, [parts[at] for at in who]) for who in combinations(range(n), k)
    }
    assert len(identities) == 1
    (identity,) = identities
    assert agekeys.recipient_of(agekeys.secret_of(identity)) == period.parsed.recipient
    for who in combinations(range(n), k - 1):
        with pytest.raises(PartsTooFew, match=f"{k - 1} of the {k} parts"):
            combine(period.document, [parts[at] for at in who])


def test_the_same_part_twice_counts_once(period: Any) -> None:
    part = period.part(0)
    with pytest.raises(PartsTooFew, match="1 of the 2"):
        combine(period.document, [part, part, period.part(0)])


def test_more_parts_than_needed_do_no_harm(period: Any) -> None:
    parts = [period.part(index) for index in range(3)]
    assert combine(period.document, parts) == combine(period.document, parts[1:])


def test_a_corrupt_part_names_its_custodian(period: Any) -> None:
    sealed = period.sealed(1)
    for damaged in (sealed[:-1], sealed[:40], b"", sealed[:-1] + bytes([sealed[-1] ^ 1])):
        with pytest.raises(PartInvalid, match="custodian office-1") as caught:
            open_part(damaged, period.identities[1].secret, period.document)
        assert caught.value.custodian == "office-1"


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_changed_byte_of_a_part_is_found(period: Any, data: st.DataObject) -> None:
    sealed = period.sealed(1)
    at = data.draw(st.integers(0, len(sealed) - 1))
    bit = data.draw(st.integers(0, 7))
    changed = sealed[:at] + bytes([sealed[at] ^ (1 << bit)]) + sealed[at + 1 :]
    with pytest.raises(PartInvalid) as caught:
        open_part(changed, period.identities[1].secret, period.document)
    assert caught.value.custodian == "office-1"


def test_another_custodians_part_is_told_apart(period: Any) -> None:
    with pytest.raises(PartInvalid, match="this is the part of custodian office-2") as caught:
        open_part(period.sealed(2), period.identities[1].secret, period.document)
    assert caught.value.custodian == "office-1"


def test_an_identity_that_holds_no_part_is_told_so(period: Any) -> None:
    with pytest.raises(PartInvalid, match="holds no part"):
        open_part(period.sealed(0), new_identity().secret, period.document)


@pytest.mark.parametrize("identity", ["", "AGE-SECRET-KEY-1", "age1x", "AGE-SECRET-KEY-1" * 9])
def test_what_is_no_identity_is_told_so_and_not_repeated(period: Any, identity: str) -> None:
    with pytest.raises(PartInvalid, match="identity cannot be used"):
        open_part(period.sealed(0), identity, period.document)
    almost = period.identities[0].secret[:-1] + ("Q" if identity else "L")
    if almost != period.identities[0].secret:
        with pytest.raises(PartInvalid) as caught:
            open_part(period.sealed(0), almost, period.document)
        assert almost not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "says"),
    [({"camera": "door"}, "camera door"), ({"epoch": 3}, "epoch 3"), ({"period": 6}, "period 6")],
    ids=str,
)
def test_a_part_replayed_from_elsewhere_is_found(
    make_period: Any, period: Any, change: dict[str, Any], says: str
) -> None:
    """The same custodians, another camera, epoch or period."""
    other = make_period(identities=period.identities, **change)
    secret = period.identities[0].secret
    with pytest.raises(PartInvalid, match=says) as caught:
        open_part(other.sealed(0), secret, period.document)
    assert caught.value.custodian == "office-0"
    with pytest.raises(PartInvalid, match=says) as caught:
        combine(period.document, [period.part(1), other.part(0)])
    assert caught.value.custodian == "office-0"


def test_a_part_replayed_from_the_same_period_made_twice_is_found(
    make_period: Any, period: Any
) -> None:
    again = make_period(identities=period.identities)
    with pytest.raises(PartInvalid, match="made for recipient"):
        open_part(again.sealed(0), period.identities[0].secret, period.document)


def test_a_relabelled_part_is_found(period: Any) -> None:
    """Custodian 0's part, sealed anew to custodian 1 and put in their place."""
    stolen = _seal(period.identities[1].recipient, period.part(0).plaintext())
    document = json.loads(period.document)
    parts = {**period.parsed.parts, "office-1": stolen}
    relabelled = dataclasses.replace(period.parsed, parts=parts).to_bytes()
    assert document["custodians"][1]["id"] == "office-1"
    with pytest.raises(PartInvalid, match="it is for custodian office-0") as caught:
        open_part(stolen, period.identities[1].secret, relabelled)
    assert caught.value.custodian == "office-1"


def test_a_part_that_lies_about_its_pieces_is_found(period: Any) -> None:
    part = period.part(0)
    number = min(part.pieces)
    forged = dataclasses.replace(part, pieces={**part.pieces, number: b"\x07" * 32})
    sealed = _seal(period.identities[0].recipient, forged.plaintext())
    with pytest.raises(PartInvalid, match=f"piece {number}") as caught:
        open_part(sealed, period.identities[0].secret, period.document)
    assert caught.value.custodian == "office-0"
    with pytest.raises(PartInvalid, match=f"piece {number}") as caught:
        combine(period.document, [forged, period.part(1)])
    assert caught.value.custodian == "office-0"


@pytest.mark.parametrize("inside", [b"", b"{}", b"not json", canonical({"format": "x"})])
def test_a_part_that_is_something_else_inside_is_found(period: Any, inside: bytes) -> None:
    sealed = _seal(period.identities[2].recipient, inside)
    with pytest.raises(PartInvalid) as caught:
        open_part(sealed, period.identities[2].secret, period.document)
    assert caught.value.custodian == "office-2"


def test_parts_of_an_edited_document_do_not_open_it(period: Any) -> None:
    """Somebody lowers k, renames the camera or puts their own recipient in."""
    parts = [period.part(0), period.part(1)]
    mine = new_identity()
    renamed = canonical({**json.loads(period.document), "camera": "door"})
    with pytest.raises(PartInvalid, match="camera gate, not door"):
        combine(renamed, parts)
    theirs = canonical({**json.loads(period.document), "recipient": mine.recipient})
    with pytest.raises(PartInvalid, match="made for recipient"):
        combine(theirs, parts)
    one = {**json.loads(period.document), "k": 1}
    one["commitments"] = one["commitments"][:1]
    with pytest.raises(PartInvalid, match="handed"):
        combine(canonical(one), parts[:1])
    with pytest.raises(SealBroken, match="not a period document"):
        combine(period.document[:-1], parts)


def test_a_recipient_that_the_pieces_do_not_make_is_found(period: Any) -> None:
    """A document and parts that agree with each other, and still are not the key's."""
    mine = new_identity().recipient
    document = dataclasses.replace(period.parsed, recipient=mine).to_bytes()
    parts = [dataclasses.replace(period.part(at), recipient=mine) for at in (0, 1)]
    with pytest.raises(SealBroken, match="another secret"):
        combine(document, parts)


def test_a_segment_of_another_period_or_a_damaged_one_does_not_open(
    make_period: Any, period: Any
) -> None:
    identity = combine(period.document, [period.part(0), period.part(2)])
    sealed = _seal(period.parsed.recipient, b"\x01" * 200_000)
    assert open_segment(sealed, identity) == b"\x01" * 200_000
    other = _seal(make_period().parsed.recipient, b"x")
    flipped = sealed[:100_000] + bytes([sealed[100_000] ^ 4]) + sealed[100_001:]
    # Cut at a chunk's end too: age marks its last chunk, so that is found as well.
    cut = sealed[: len(sealed) - (200_000 % 65536) - 16]
    for wrong in (other, flipped, sealed[:-1], cut, b"", b"\x00" * 500):
        with pytest.raises(SealBroken, match="does not open"):
            open_segment(wrong, identity)
    with pytest.raises(SealBroken, match="does not open"):
        open_segment(sealed, "AGE-SECRET-KEY-1NONSENSE")


def test_a_document_is_enough_to_open_its_parts(period: Any) -> None:
    assert PeriodDocument.parse(period.document).fault_of(period.part(0)) is None
