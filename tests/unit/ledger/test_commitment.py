from __future__ import annotations

import hashlib

import pytest

from scrim.ledger.commitment import commit, holds, is_commitment


def test_a_commitment_opens_with_its_text_and_salt_only() -> None:
    commitment, salt = commit("Alice Smith, case 12/2026")
    assert holds(commitment, "Alice Smith, case 12/2026", salt)
    assert not holds(commitment, "Alice Smith, case 13/2026", salt)
    assert not holds(commitment, "Alice Smith, case 12/2026", bytes(16))
    assert not holds(commitment, "Alice Smith, case 12/2026", salt[:-1])
    assert not holds("sha256:" + "0" * 64, "Alice Smith, case 12/2026", salt)
    assert not holds(commitment.upper(), "Alice Smith, case 12/2026", salt)


def test_the_same_text_never_looks_the_same() -> None:
    assert commit("same")[0] != commit("same")[0]


def test_the_formula_is_the_documented_one() -> None:
    salt = bytes(range(16))
    expected = "sha256:" + hashlib.sha256(salt + "Müller".encode()).hexdigest()
    assert commit("Müller", salt) == (expected, salt)


def test_a_salt_has_sixteen_bytes() -> None:
    with pytest.raises(ValueError, match="16"):
        commit("x", b"short")


def test_the_form_of_a_commitment() -> None:
    assert is_commitment(commit("x")[0])
    assert not is_commitment("sha256:" + "g" * 64)
    assert not is_commitment("Alice")
