from __future__ import annotations

import bech32
import pyrage
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrim.vault import agekeys


def _recipient(public: bytes) -> str:
    words = bech32.convertbits(public, 8, 5)
    assert words is not None
    return str(bech32.bech32_encode("age", words))


@given(st.binary(min_size=32, max_size=32))
def test_texts_agree_with_pyrage(secret: bytes) -> None:
    text = agekeys.identity_text(secret)
    other = pyrage.x25519.Identity.from_str(text)
    assert str(other) == text
    assert str(other.to_public()) == agekeys.recipient_of(bytearray(secret))
    assert agekeys.secret_of(text) == secret


def test_a_usual_recipient_is_taken() -> None:
    agekeys.check_recipient(str(pyrage.x25519.Identity.generate().to_public()))


# The points of small order (RFC 7748 section 7 and https://cr.yp.to/ecdh.html): whatever the
# sender's secret, the shared secret is zero, and anybody could open what is sealed to them.
_SMALL_ORDER = [
    (0).to_bytes(32, "little"),
    (1).to_bytes(32, "little"),
    (2**255 - 20).to_bytes(32, "little"),
    bytes.fromhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
    bytes.fromhex("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
]


@pytest.mark.parametrize("public", _SMALL_ORDER, ids=lambda public: public.hex()[:8])
def test_a_key_that_keeps_nothing_secret_is_refused(public: bytes) -> None:
    with pytest.raises(ValueError, match="nothing sealed to that key"):
        agekeys.check_recipient(_recipient(public))


def test_another_spelling_of_a_key_is_refused() -> None:
    public = (9).to_bytes(32, "little")
    agekeys.check_recipient(_recipient(public))
    high_bit = public[:31] + bytes([public[31] | 0x80])
    not_reduced = (9 + 2**255 - 19).to_bytes(32, "little")
    for again in (high_bit, not_reduced):
        with pytest.raises(ValueError, match="usual spelling"):
            agekeys.check_recipient(_recipient(again))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "Bech32"),
        ("age1", "Bech32"),
        ("age1qqqq", "Bech32"),
        (_recipient(bytes([9]) + bytes(31))[:-1] + "q", "character is wrong"),
        (_recipient(bytes([9]) + bytes(31)).upper(), "lower-case"),
        ("age1é", "lower-case"),
        ("age1tag1qt8lw0ual6avlwmwatk888yqnmdamm7xfd0wak53ut6elz5c4swx2yqdj4e", "only X25519"),
        (_recipient(bytes([9]) + bytes(30)), "32 bytes"),
        ("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI", "lower-case"),
    ],
)
def test_what_is_no_recipient_is_refused_with_its_reason(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        agekeys.check_recipient(text)


def test_a_secret_given_for_a_recipient_is_named_and_not_repeated() -> None:
    secret = agekeys.identity_text(bytes(range(32)))
    with pytest.raises(ValueError, match="secret identity") as caught:
        agekeys.check_recipient(secret)
    assert secret not in str(caught.value)


@given(st.text())
def test_any_text_is_a_recipient_or_a_value_error(text: str) -> None:
    for read in (agekeys.check_recipient, agekeys.secret_of):
        with pytest.raises(ValueError):  # noqa: PT011 -- any reason will do
            read(text)


def test_a_fingerprint_is_thirty_digits_and_changes_with_every_bit() -> None:
    first = agekeys.fingerprint(_recipient((9).to_bytes(32, "little")))
    # Worked out with sha256sum and a shell's arithmetic.
    assert first == "69682 74609 89933 20158 33733 53976"
    others = {
        agekeys.fingerprint(_recipient((9 ^ (1 << bit)).to_bytes(32, "little")))
        for bit in range(255)
    }
    assert len(others) == 255
    assert first not in others
