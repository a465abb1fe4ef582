"""age's X25519 keys as text, and the digits that are read aloud.

::

    32 secret bytes ── X25519 ──► 32 public bytes
          │                             │
          ▼ Bech32                      ▼ Bech32
    AGE-SECRET-KEY-1…             age1…  ── SHA-256 ──► 12345 67890 …

Format: https://age-encryption.org/v1, "X25519 recipient type".  A recipient
is taken only in its one usual spelling: lower case, the number reduced, not a
point of small order.  So two recipients are the same key if and only if their
texts are the same, and a recipient under which nothing would be secret (the
shared secret is then zero whatever the sender does) never gets in.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

import bech32
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

KEY_BYTES = 32

_RECIPIENT = "age"
_IDENTITY = "age-secret-key-"
_FIELD = 2**255 - 19
# Any secret shows a point of small order: clamping makes it a multiple of 8.
_ANY_SECRET = X25519PrivateKey.from_private_bytes(bytes(range(KEY_BYTES)))


def encode(prefix: str, raw: bytes | bytearray) -> str:
    """``raw`` in Bech32 (BIP 173) without its limit of length, as age uses it."""
    words = bech32.convertbits(raw, 8, 5)
    if words is None:
        raise ValueError("not bytes")
    return str(bech32.bech32_encode(prefix, words))


def decode(prefix: str, text: str, size: int = KEY_BYTES) -> bytes:
    """The ``size`` bytes behind ``prefix``.

    Raises:
        ValueError: not Bech32, another prefix, or not that many bytes.
    """
    found, words = bech32.bech32_decode(text)
    if found != prefix or words is None:
        raise ValueError("not Bech32, or a character is wrong")
    raw = bech32.convertbits(words, 5, 8, False)
    if raw is None or len(raw) != size:
        raise ValueError(f"not {size} bytes")
    return bytes(raw)


def recipient_of(secret: bytes | bytearray) -> str:
    """The recipient (``age1…``, 62 characters) of 32 secret bytes.

    The secret is read in place and no text is made of it.
    """
    public = X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()
    return encode(_RECIPIENT, public)


@lru_cache(maxsize=4096)  # a case of 360 periods names the same custodians 360 times
def check_recipient(text: str) -> None:
    """Refuse what is not an age X25519 recipient in its usual spelling.

    Raises:
        ValueError: says what is wrong with it.
    """
    if text.lower().startswith(_IDENTITY + "1"):
        raise ValueError("this is a secret identity; give the public recipient (age1…) only")
    if text.startswith("age1") and "1" in text[4:]:  # age1tag1…, age1pq1…, age1yubikey1…
        raise ValueError("of age's recipients only X25519 ones (age1…) are taken here")
    if not text.isascii() or text != text.lower():
        raise ValueError("an age recipient is written in lower-case letters and digits")
    public = decode(_RECIPIENT, text)
    if int.from_bytes(public, "little") >= _FIELD:
        raise ValueError("not in the usual spelling of that key")
    try:
        _ANY_SECRET.exchange(X25519PublicKey.from_public_bytes(public))
    except ValueError:
        raise ValueError("nothing sealed to that key would be secret") from None


def identity_text(secret: bytes | bytearray) -> str:
    """``AGE-SECRET-KEY-1…`` (74 characters) of 32 secret bytes."""
    return encode(_IDENTITY, secret).upper()


def secret_of(identity: str) -> bytes:
    """The 32 secret bytes of ``AGE-SECRET-KEY-1…``.

    Raises:
        ValueError: not an age X25519 identity; the message holds none of it.
    """
    if not identity.isascii() or identity != identity.upper():
        raise ValueError("an age identity is written in capitals")
    return decode(_IDENTITY, identity)


def fingerprint(recipient: str) -> str:
    r"""Six groups of five digits, to be read aloud over a telephone.

    Of SHA-256 over ``"scrim/custodian/v1\n"`` and the recipient's text, each
    five bytes in turn (big-endian) modulo 100,000: 99 bits.  Digits and not
    words, because every language can read them aloud (ADR 0033).
    """
    return digits(hashlib.sha256(b"scrim/custodian/v1\n" + recipient.encode()).digest())


def digits(digest: bytes) -> str:
    """The first thirty bytes of a hash as six groups of five digits."""
    groups = (int.from_bytes(digest[at : at + 5], "big") % 100_000 for at in range(0, 30, 5))
    return " ".join(f"{group:05d}" for group in groups)
