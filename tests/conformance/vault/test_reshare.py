"""A second reading of re-sharing: age, SHA-256, Ed25519 and XOR; only the last test is ours."""

from __future__ import annotations

import base64
import hashlib
import json
from functools import reduce
from itertools import combinations
from pathlib import Path
from typing import Any

import bech32
import pyrage
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from scrim.errors import ScrimError
from scrim.vault.reshare import Reshare

VECTOR: dict[str, Any] = json.loads((Path(__file__).parent / "reshare.json").read_text())
DOCUMENT = json.loads(VECTOR["document"])
RESHARE = json.loads(VECTOR["reshare"])
DEALS = [statement["body"] for statement in RESHARE["deals"]]


def plain(value: Any) -> bytes:
    """Canonical for what is in these files: ASCII, no floats."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def bytes_of(text: str) -> bytes:
    _, words = bech32.bech32_decode(text)
    assert words is not None
    raw = bech32.convertbits(words, 5, 8, False)
    assert raw is not None
    return bytes(raw)


def xor(pieces: list[bytes]) -> bytes:
    return reduce(lambda one, two: bytes(a ^ b for a, b in zip(one, two, strict=True)), pieces)


def held_by(name: str) -> dict[tuple[int, int], bytes]:
    """What a new custodian's identity opens, by old piece and sub-piece."""
    identity = pyrage.x25519.Identity.from_str(VECTOR["new"][name])
    found = {}
    for body in DEALS:
        (sealed,) = (part["sealed"] for part in body["parts"] if part["custodian"] == name)
        opened = json.loads(pyrage.decrypt(base64.b64decode(sealed), [identity]))
        for piece, subs in opened["pieces"].items():
            for sub, text in subs.items():
                found[int(piece), int(sub)] = bytes.fromhex(text)
    return found


def test_each_deal_is_signed_by_the_dealer_that_the_period_names() -> None:
    verifiers = {one["id"]: one["verifier"] for one in DOCUMENT["custodians"]}
    for statement in RESHARE["deals"]:
        assert statement["verifier"] == verifiers[statement["body"]["dealer"]]
        key = Ed25519PublicKey.from_public_bytes(bytes_of(statement["verifier"]))
        message = b"scrim/statement/v1\n" + plain(statement["body"])
        key.verify(base64.b64decode(statement["signature"]), message)
        body = statement["body"]
        assert body["document_sha256"] == hashlib.sha256(VECTOR["document"].encode()).hexdigest()
        assert body["custodians_sha256"] == hashlib.sha256(plain(RESHARE["custodians"])).hexdigest()


def test_the_first_participant_who_holds_a_piece_deals_it() -> None:
    subsets = list(combinations(range(3), DOCUMENT["k"] - 1))
    ids = [one["id"] for one in DOCUMENT["custodians"]]
    for number, subset in enumerate(subsets):
        holders = [one for one in DEALS[0]["participants"] if ids.index(one) not in subset]
        dealers = [
            body["dealer"] for body in DEALS for one in body["pieces"] if one["piece"] == number
        ]
        assert dealers == holders[:1]


def test_any_three_of_the_new_four_make_the_periods_identity() -> None:
    subsets = list(combinations(range(4), RESHARE["custodians"]["k"] - 1))
    names = [one["id"] for one in RESHARE["custodians"]["custodians"]]
    commitments = {one["piece"]: one["commitments"] for body in DEALS for one in body["pieces"]}
    for at, name in enumerate(names):
        wanted = {
            (piece, sub)
            for piece in commitments
            for sub, subset in enumerate(subsets)
            if at not in subset
        }
        held = held_by(name)
        assert set(held) == wanted
        for (piece, sub), data in held.items():
            assert (
                hashlib.sha256(b"scrim/sub-piece/v1\n" + data).hexdigest()
                == (commitments[piece][sub])
            )
    for three in combinations(names, 3):
        together = {place: data for name in three for place, data in held_by(name).items()}
        pieces = [
            xor([together[number, sub] for sub in range(len(subsets))])
            for number in sorted(commitments)
        ]
        assert [hashlib.sha256(b"scrim/piece/v1\n" + one).hexdigest() for one in pieces] == (
            DOCUMENT["commitments"]
        )
        assert xor(pieces) == bytes_of(VECTOR["identity"].lower())
    identity = pyrage.x25519.Identity.from_str(VECTOR["identity"])
    assert str(identity.to_public()) == DOCUMENT["recipient"]


def test_two_of_the_new_four_miss_a_sub_piece_of_every_piece() -> None:
    for two in combinations(VECTOR["new"], 2):
        together = {place for name in two for place in held_by(name)}
        assert {piece: sum(1 for one, _ in together if one == piece) for piece in range(3)} == {
            0: 5,
            1: 5,
            2: 5,
        }


@pytest.mark.parametrize("broken", VECTOR["broken"], ids=lambda case: case["name"])
def test_broken_ones_are_refused(broken: dict[str, str]) -> None:
    document = VECTOR["document"].encode()
    assert (
        Reshare.parse(VECTOR["reshare"].encode(), document).to_bytes().decode() == VECTOR["reshare"]
    )
    with pytest.raises(ScrimError):
        Reshare.parse(broken["reshare"].encode(), document)
