"""Salted commitments: a text stands in the ledger without being readable there.

``"sha256:" + hex(SHA256(salt || UTF-8 text))`` with 16 random bytes of salt.
Whoever holds text and salt can show that this text was meant; from the
commitment alone not even a guess can be checked.  Forget the salt, and the
entry says nothing any more.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from typing import Final

SALT_SIZE: Final = 16

_FORM: Final = re.compile(r"sha256:[0-9a-f]{64}")


def commit(text: str, salt: bytes | None = None) -> tuple[str, bytes]:
    """The commitment to a text and the salt that opens it.

    Args:
        text: what is committed to.
        salt: 16 bytes; drawn afresh where none is given.

    Raises:
        ValueError: a salt of another size.
    """
    if salt is None:
        salt = secrets.token_bytes(SALT_SIZE)
    if len(salt) != SALT_SIZE:
        raise ValueError(f"a salt has {SALT_SIZE} bytes")
    return "sha256:" + hashlib.sha256(salt + text.encode()).hexdigest(), salt


def holds(commitment: str, text: str, salt: bytes) -> bool:
    """Whether the commitment was made to this text with this salt."""
    if len(salt) != SALT_SIZE or not is_commitment(commitment):
        return False
    return hmac.compare_digest(commit(text, salt)[0], commitment)


def is_commitment(text: str) -> bool:
    """Whether the text has the form of a commitment."""
    return _FORM.fullmatch(text) is not None
