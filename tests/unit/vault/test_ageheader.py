"""How many can open an age file, seen from outside."""

from __future__ import annotations

import pyrage
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrim.vault.ageheader import stanza_types


def sealed(count: int, data: bytes = b"x") -> bytes:
    people = [pyrage.x25519.Identity.generate().to_public() for _ in range(count)]
    return bytes(pyrage.encrypt(data, people))


@pytest.mark.parametrize("count", [1, 2, 5])
def test_every_recipient_is_counted_and_grease_is_not(count: int) -> None:
    for _ in range(20):  # whether there is grease, and how much, is drawn at random
        assert stanza_types(sealed(count)) == ("X25519",) * count


def test_a_passphrase_is_told_apart() -> None:
    assert stanza_types(bytes(pyrage.passphrase.encrypt(b"x", "words"))) == ("scrypt",)


def test_grease_is_left_out_and_what_is_unknown_is_not() -> None:
    head = (
        b"age-encryption.org/v1\n-> X25519 abc\ndef\n-> k3-grease x\nyz\n-> strange\nq\n--- mac\n"
    )
    assert stanza_types(head + b"\x00\xff") == ("X25519", "strange")


@pytest.mark.parametrize("data", [b"", b"age-encryption.org/v1\n", b"age-encryption.org/v2\n--- x"])
def test_what_is_no_age_file_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="not the header"):
        stanza_types(data)


@given(st.binary(max_size=300))
def test_no_input_makes_it_fail_in_another_way(data: bytes) -> None:
    for text in (data, b"age-encryption.org/v1\n" + data + b"\n--- "):
        try:
            assert isinstance(stanza_types(text), tuple)
        except ValueError:
            pass
