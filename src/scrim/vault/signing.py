r"""Signing keys: who asked and who agreed can be shown afterwards.

::

    32 secret bytes of an age identity ── HKDF ──► Ed25519 seed ──► signing key
                                                                        │
    card = recipient "/" verifier           scrimsig1…  ◄── Bech32 ─────┘

Rules:

1. One secret a person: the signing key follows from their age identity, so
   that one file and one paper backup are all there is to keep.  With a hardware
   token nothing follows; there a seed of its own is kept beside the token's identity.
2. The two uses cannot meet: HKDF (RFC 5869) with a label of its own stands
   between them, and Ed25519 (RFC 8032) never sees the age secret.
3. A verifier has one spelling, is a point of the curve, and is not of small
   order, so that no signature holds for every message.
4. The fingerprint that is read aloud covers both halves of a card.

docs/ref/formats/case.md describes the bytes.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from scrim.vault import agekeys

SIGNATURE_BYTES: Final = 64

_VERIFIER: Final = "scrimsig"
_SEED: Final = "scrim-signing-key-"
_FIELD: Final = 2**255 - 19
# The y of the points whose order divides 8: 1, -1, 0 and the two of order 8 (RFC 8032's curve).
_ORDER_8: Final = 2707385501144840649318225287225658788936804267575313519463743609750303402022
_SMALL: Final = frozenset({0, 1, _FIELD - 1, _ORDER_8, _FIELD - _ORDER_8})


@dataclass(frozen=True, slots=True)
class Signer:
    """A person's signing key.  Lives on their own machine only."""

    _key: Ed25519PrivateKey = field(repr=False)

    @classmethod
    def of_identity(cls, identity: str) -> Signer:
        """The key that follows from ``AGE-SECRET-KEY-1…``.

        Raises:
            ValueError: not an age X25519 identity.
        """
        secret = agekeys.secret_of(identity)
        seed = HKDF(hashes.SHA256(), 32, salt=None, info=b"scrim/signing/v1").derive(secret)
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    @classmethod
    def of_seed(cls, text: str) -> Signer:
        """The key of ``SCRIM-SIGNING-KEY-1…``.

        Raises:
            ValueError: not such a seed; the message holds none of it.
        """
        if not text.isascii() or text != text.upper():
            raise ValueError("a signing key is written in capitals")
        return cls(Ed25519PrivateKey.from_private_bytes(agekeys.decode(_SEED, text)))

    @property
    def verifier(self) -> str:
        """The public half, ``scrimsig1…``."""
        return agekeys.encode(_VERIFIER, self._key.public_key().public_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        """64 bytes (Ed25519)."""
        return self._key.sign(message)


def new_seed() -> str:
    """``SCRIM-SIGNING-KEY-1…`` from the system's random source, for a hardware token."""
    return agekeys.encode(_SEED, secrets.token_bytes(agekeys.KEY_BYTES)).upper()


def check_verifier(text: str) -> None:
    """Refuse what is not a verifier in its one spelling.

    Raises:
        ValueError: says what is wrong with it.
    """
    _public(text)


def holds(verifier: str, message: bytes, signature: bytes) -> bool:
    """Whether ``signature`` over ``message`` is that of ``verifier``."""
    try:
        _public(verifier).verify(signature, message)
    except (ValueError, InvalidSignature):
        return False
    return True


def sign_in_message(host: str, nonce: str) -> bytes:
    r"""What is signed to sign in: ``"scrim/sign-in/v1\n" + host + "\n" + nonce``.

    Args:
        host: the server's, as a request's ``Host`` has it, with the port where it is not
            the usual one; so that what is signed for one server signs in at no other.
        nonce: as the server gave it.
    """
    return f"scrim/sign-in/v1\n{host.lower()}\n{nonce}".encode()


def card_fingerprint(card: str) -> str:
    """Six groups of five digits over both halves of a card, to be read aloud (ADR 0033)."""
    return agekeys.digits(hashlib.sha256(b"scrim/card/v1\n" + card.encode()).digest())


def split_card(card: str) -> tuple[str, str]:
    """``(recipient, verifier)`` of ``age1…/scrimsig1…``; what they hold is not looked at.

    Raises:
        ValueError: not two halves.
    """
    recipient, slash, verifier = card.partition("/")
    if not slash or not recipient or not verifier:
        raise ValueError("a card is a recipient and a verifier: age1…/scrimsig1…")
    return recipient, verifier


@lru_cache(maxsize=4096)  # what is refused is not kept, so no secret pasted by mistake is
def _public(text: str) -> Ed25519PublicKey:
    if text.upper().startswith(_SEED.upper()):
        raise ValueError("this is a secret signing key; give the public verifier (scrimsig1…) only")
    if not text.isascii() or text != text.lower():
        raise ValueError("a verifier is written in lower-case letters and digits")
    raw = agekeys.decode(_VERIFIER, text)
    y = int.from_bytes(raw, "little") & (2**255 - 1)
    if y >= _FIELD:
        raise ValueError("not in the usual spelling of that key")
    if y in _SMALL:
        raise ValueError("any signature would hold under that key")
    return Ed25519PublicKey.from_public_bytes(raw)
