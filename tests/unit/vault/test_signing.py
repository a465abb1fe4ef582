from __future__ import annotations

import hashlib
import hmac

import bech32
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from scrim.vault import agekeys, signing
from scrim.vault.custodian import new_identity
from scrim.vault.signing import Signer, card_fingerprint, check_verifier, holds, split_card

_FIELD = 2**255 - 19

# RFC 8032, section 7.1: seed, public key, message, signature.
_RFC_8032 = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
            "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
]


def _text(prefix: str, raw: bytes) -> str:
    words = bech32.convertbits(raw, 8, 5)
    assert words is not None
    return str(bech32.bech32_encode(prefix, words))


def _hkdf(secret: bytes, info: bytes) -> bytes:
    """RFC 5869 with SHA-256, no salt, 32 bytes: written from its text."""
    extracted = hmac.digest(bytes(32), secret, "sha256")
    return hmac.digest(extracted, info + b"\x01", "sha256")


@pytest.mark.parametrize(("seed", "public", "message", "signature"), _RFC_8032)
def test_signatures_are_those_of_rfc_8032(
    seed: str, public: str, message: str, signature: str
) -> None:
    signer = Signer.of_seed(_text("scrim-signing-key-", bytes.fromhex(seed)).upper())
    assert signer.verifier == _text("scrimsig", bytes.fromhex(public))
    assert signer.sign(bytes.fromhex(message)).hex() == signature
    assert holds(signer.verifier, bytes.fromhex(message), bytes.fromhex(signature))


@given(st.binary(min_size=32, max_size=32))
def test_the_key_follows_from_the_age_secret_by_hkdf(secret: bytes) -> None:
    signer = Signer.of_identity(agekeys.identity_text(secret))
    seed = _hkdf(secret, b"scrim/signing/v1")
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    assert signer.verifier == _text("scrimsig", public)
    assert seed != secret


def test_a_vector_for_other_implementations() -> None:
    """The same that the conformance vectors hold; here so that a change is seen at once."""
    raw = hashlib.sha256(b"scrim/vector/office-0").digest()
    verifier = Signer.of_identity(agekeys.identity_text(raw)).verifier
    assert verifier == "scrimsig1gugjz8tz0ft72kvd382g2z6a6e02pyn62ydtevj08yjrgch5e9esw0xjcj"
    card = f"{agekeys.recipient_of(raw)}/{verifier}"
    assert card_fingerprint(card) == "10496 06863 05072 40322 59407 83763"


@given(st.binary(), st.binary(min_size=1), st.integers(0, 511))
def test_a_signature_holds_for_its_message_and_no_other(
    message: bytes, more: bytes, bit: int
) -> None:
    one, other = Signer.of_seed(signing.new_seed()), Signer.of_seed(signing.new_seed())
    signature = one.sign(message)
    assert holds(one.verifier, message, signature)
    assert not holds(one.verifier, message + more, signature)
    assert not holds(other.verifier, message, signature)
    flipped = bytearray(signature)
    flipped[bit // 8] ^= 1 << bit % 8
    assert not holds(one.verifier, message, bytes(flipped))


@pytest.mark.parametrize("size", [0, 63, 65, 128])
def test_a_signature_of_another_size_does_not_hold(size: int) -> None:
    assert not holds(Signer.of_seed(signing.new_seed()).verifier, b"", bytes(size))


def test_a_signature_that_was_added_to_does_not_hold() -> None:
    """Ed25519's S + L verifies where a library does not look (RFC 8032, section 8.4)."""
    order = 2**252 + 27742317777372353535851937790883648493
    signer = Signer.of_seed(signing.new_seed())
    signature = signer.sign(b"approved")
    grown = int.from_bytes(signature[32:], "little") + order
    assert not holds(signer.verifier, b"approved", signature[:32] + grown.to_bytes(32, "little"))


# Points whose order divides 8, as y with either sign of x: under them one signature
# holds for many messages.
_ORDER_8 = int.from_bytes(
    bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"
)
_SMALL = [0, 1, _FIELD - 1, _ORDER_8, _FIELD - _ORDER_8]


@pytest.mark.parametrize("sign", [0, 1])
@pytest.mark.parametrize("y", _SMALL, ids=lambda y: hex(y)[:8])
def test_a_verifier_under_which_anything_holds_is_refused(y: int, sign: int) -> None:
    verifier = _text("scrimsig", (y | sign << 255).to_bytes(32, "little"))
    with pytest.raises(ValueError, match="any signature would hold"):
        check_verifier(verifier)
    # R = A and S = 0 is a signature of many messages under such a key
    forged = y.to_bytes(32, "little") + bytes(32)
    assert not any(holds(verifier, bytes([at]), forged) for at in range(16))


@pytest.mark.parametrize("y", [_FIELD, _FIELD + 1, _FIELD + 3, 2**255 - 1], ids=hex)
def test_another_spelling_of_a_point_is_refused(y: int) -> None:
    for sign in (0, 1):
        verifier = _text("scrimsig", (y | sign << 255).to_bytes(32, "little"))
        with pytest.raises(ValueError, match="usual spelling"):
            check_verifier(verifier)


_GOOD = Signer.of_seed(signing.new_seed()).verifier


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "Bech32"),
        ("scrimsig1", "Bech32"),
        (_GOOD[:-1] + ("q" if _GOOD[-1] != "q" else "p"), "character is wrong"),
        (_GOOD.upper(), "lower-case"),
        (_GOOD[:-1] + _GOOD[-1].upper() + "é", "lower-case"),
        (_text("scrimsig", bytes(31)), "32 bytes"),
        (_text("age", bytes([9]) + bytes(31)), "Bech32"),
        (_GOOD + "\n", "Bech32"),
    ],
    ids=[
        "nothing",
        "prefix",
        "changed",
        "capitals",
        "mixed",
        "short",
        "age",
        "line-feed",
    ],
)
def test_what_is_no_verifier_is_refused_with_its_reason(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        check_verifier(text)
    assert not holds(text, b"", bytes(64))


@pytest.mark.parametrize("change", [str, str.lower])
def test_a_secret_pasted_for_a_verifier_is_named_and_not_repeated(
    change: type[str],
) -> None:
    secret = change(signing.new_seed())
    with pytest.raises(ValueError, match="secret signing key") as caught:
        check_verifier(secret)
    assert secret not in str(caught.value)


@given(st.text())
def test_any_text_is_refused_cleanly(text: str) -> None:
    for read in (check_verifier, Signer.of_seed, Signer.of_identity):
        with pytest.raises(ValueError):  # noqa: PT011 -- any reason will do
            read(text)
    assert not holds(text, b"", bytes(64))


def test_a_seed_is_read_in_its_one_spelling_and_never_repeated() -> None:
    seed = signing.new_seed()
    for wrong in (seed.lower(), seed[:-1], seed + " ", new_identity().secret):
        with pytest.raises(ValueError, match=r"capitals|Bech32") as caught:
            Signer.of_seed(wrong)
        assert wrong not in str(caught.value)
    assert "SCRIM" not in repr(Signer.of_seed(seed)).upper()


def test_a_card_has_two_halves_and_a_fingerprint_of_both() -> None:
    one, two = new_identity(), new_identity()
    assert split_card(one.card) == (one.recipient, one.verifier)
    swapped = {f"{a.recipient}/{b.verifier}" for a in (one, two) for b in (one, two)}
    assert len({card_fingerprint(card) for card in swapped}) == 4
    assert card_fingerprint(one.card) != agekeys.fingerprint(one.recipient)
    for half in ("", "/", one.recipient, f"{one.recipient}/", f"/{one.verifier}"):
        with pytest.raises(ValueError, match="a card is"):
            split_card(half)
