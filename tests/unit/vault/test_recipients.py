from __future__ import annotations

import bech32
import pyrage
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from scrim.vault import agekeys, recipients
from scrim.vault.custodian import new_identity

# Of the C2SP age specification.
TOKEN = "age1tag1qt8lw0ual6avlwmwatk888yqnmdamm7xfd0wak53ut6elz5c4swx2yqdj4e"


def _token(point: bytes) -> str:
    words = bech32.convertbits(point, 8, 5)
    assert words is not None
    return str(bech32.bech32_encode("age1tag", words))


def _point(number: int, form: PublicFormat = PublicFormat.CompressedPoint) -> bytes:
    return (
        ec.derive_private_key(number, ec.SECP256R1()).public_key().public_bytes(Encoding.X962, form)
    )


@given(st.integers(1, 2**250))
def test_every_point_of_the_curve_is_taken_as_pyrage_takes_it(number: int) -> None:
    text = _token(_point(number))
    recipients.check(text)
    assert str(pyrage.tag.Recipient.from_str(text)) == text
    assert recipients.is_token(text)


def test_both_kinds_are_taken_and_sealed_to() -> None:
    one = new_identity()
    assert not recipients.is_token(one.recipient)
    sealed = recipients.seal(b"part", one.recipient)
    assert pyrage.decrypt(sealed, [pyrage.x25519.Identity.from_str(one.secret)]) == b"part"
    assert recipients.seal(b"part", TOKEN).splitlines()[1].startswith(b"-> p256tag ")


_RIGHT = _point(7)
_NOT_ON_THE_CURVE = _token(b"\x02" + (7).to_bytes(32, "big"))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (TOKEN[:-1] + "q", "a character is wrong"),
        ("age1tag1" + TOKEN[8:].upper(), "lower-case"),
        (TOKEN.upper(), "lower-case"),
        ("age1tag1", "Bech32"),
        (_token(_point(7, PublicFormat.UncompressedPoint)), "not 33 bytes"),
        (_token(_RIGHT[:-1]), "not 33 bytes"),
        (_token(b"\x00"), "not 33 bytes"),
        (_token(b"\x00" * 33), "usual spelling"),
        (_token(b"\x04" + _RIGHT[1:]), "usual spelling"),
        (_token(b"\x02" + b"\xff" * 32), "not a point"),
        (_NOT_ON_THE_CURVE, "not a point"),
        ("age1tagpq1qqqq", "only X25519"),
        ("age1yubikey1qqqq", "only X25519"),
        ("AGE-PLUGIN-YUBIKEY-1QQPQQQQ", "identity of a token"),
        (agekeys.identity_text(bytes(32)), "secret identity"),
    ],
)
def test_what_is_neither_is_refused_with_its_reason(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says) as caught:
        recipients.check(text)
    assert text not in str(caught.value)
    with pytest.raises(ValueError, match=says):
        recipients.seal(b"part", text)


@given(st.text() | st.text().map("age1tag1".__add__))
def test_any_text_is_refused_cleanly(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 -- any reason will do
        recipients.check(text)


def test_a_key_of_a_period_is_never_one_of_a_token() -> None:
    with pytest.raises(ValueError, match="only X25519"):
        agekeys.check_recipient(TOKEN)
