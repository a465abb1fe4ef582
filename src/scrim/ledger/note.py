"""Signed notes: a text and under it the lines of those who signed it.

::

    scrim.local/ledger
    1234
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

    — scrim.local/ledger U454YkRC+naYYcmb9wwQhJ+p8qimYvjr8cGFbPTjySOn2sUUY/02cpipNKap…

Format: C2SP ``signed-note`` (c2sp.org/signed-note), Ed25519 only, as Go's
``golang.org/x/mod/sumdb/note`` reads and writes it, keys' text forms included.
A signature by a key that nobody asked about is passed over; a wrong signature
by a key that was asked about breaks the note.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from scrim.errors import LedgerBroken, LedgerUnavailable
from scrim.store.files import write_once

_ED25519: Final = b"\x01"
_ID_SIZE: Final = 4
_LARGEST: Final = 1_000_000  # characters of a note; the rest are Go's limits too
_MOST_SIGNATURES: Final = 100
_LINE: Final = re.compile(r"\u2014 (?P<name>[^\s+]+) (?P<blob>[A-Za-z0-9+/]+={0,2})")


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key and the name it signs under.

    Attributes:
        name: no white space, no ``+``; the ledger's origin.
        public: 32 bytes.
    """

    name: str
    public: bytes

    def __post_init__(self) -> None:
        _check_name(self.name)
        if len(self.public) != 32:
            raise ValueError("an Ed25519 public key has 32 bytes")

    @property
    def id(self) -> bytes:
        """Four bytes before each signature: ``SHA256(name LF 0x01 public)[:4]``."""
        named = self.name.encode() + b"\n" + _ED25519 + self.public
        return hashlib.sha256(named).digest()[:_ID_SIZE]

    def to_text(self) -> str:
        """``name+hex id+base64(0x01 public)``, what Go calls a verifier key."""
        return f"{self.name}+{self.id.hex()}+{_base64(_ED25519 + self.public)}"

    @classmethod
    def from_text(cls, text: str) -> VerifierKey:
        """Read :meth:`to_text`'s line.

        Raises:
            LedgerBroken: not such a line, or its id is not its key's.
        """
        parts = text.strip().split("+", 2)
        try:
            name, key_id, encoded = parts
            raw = _unbase64(encoded)
            if raw[:1] != _ED25519:
                raise ValueError("not an Ed25519 key")
            key = cls(name, raw[1:])
            if key.id.hex() != key_id:
                raise ValueError("id of another key")
        except ValueError as error:
            raise _broken("this is not a ledger's public key") from error
        return key

    def holds(self, text: str, signature: bytes) -> bool:
        """Whether the signature is this key's over the text."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text.encode())
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key and the name it signs under; the supervisor alone holds the ledger's.

    Attributes:
        seed: 32 bytes, the private key of RFC 8032.
    """

    name: str
    seed: bytes = field(repr=False)

    def __post_init__(self) -> None:
        _check_name(self.name)
        if len(self.seed) != 32:
            raise ValueError("an Ed25519 private key has 32 bytes")

    @classmethod
    def generate(cls, name: str) -> SigningKey:
        """A new key.

        Raises:
            ValueError: a name that is empty, or has white space or a ``+`` in it.
        """
        return cls(name, Ed25519PrivateKey.generate().private_bytes_raw())

    @classmethod
    def from_text(cls, text: str) -> SigningKey:
        """Read :meth:`to_text`'s line.

        Raises:
            LedgerBroken: not such a line; nothing of it is in the message.
        """
        parts = text.strip().split("+", 4)
        try:
            private, word, name, key_id, encoded = parts
            raw = _unbase64(encoded)
            if (private, word, raw[:1]) != ("PRIVATE", "KEY", _ED25519):
                raise ValueError("not an Ed25519 key")
            key = cls(name, raw[1:])
            if key.verifier().id.hex() != key_id:
                raise ValueError("id of another key")
        except ValueError:
            raise _broken("this is not a ledger's signing key") from None
        return key

    def to_text(self) -> str:
        """``PRIVATE+KEY+name+hex id+base64(0x01 seed)``, what Go calls a signer key."""
        key_id = self.verifier().id.hex()
        return f"PRIVATE+KEY+{self.name}+{key_id}+{_base64(_ED25519 + self.seed)}"

    def verifier(self) -> VerifierKey:
        """The public half."""
        private = Ed25519PrivateKey.from_private_bytes(self.seed)
        return VerifierKey(self.name, private.public_key().public_bytes_raw())

    def write(self, path: Path) -> None:
        """Keep the key in a new file, mode 0600, and its public half beside it (``.pub``).

        Raises:
            LedgerUnavailable: it cannot be written, or the file exists.
        """
        public = path.with_suffix(".pub")
        try:
            write_once(path, (self.to_text() + "\n").encode(), 0o600)
            public.unlink(missing_ok=True)  # of a key that is gone
            write_once(public, (self.verifier().to_text() + "\n").encode(), 0o644)
        except OSError as error:
            raise LedgerUnavailable(
                f"The ledger's key {path} cannot be written: {error.strerror}.",
                "An existing key is never replaced; else check the folder's permissions.",
            ) from error

    @classmethod
    def read(cls, path: Path) -> SigningKey:
        """The key that :meth:`write` kept.

        Raises:
            LedgerUnavailable: it cannot be read.
            LedgerBroken: the file does not hold a key.
        """
        try:
            return cls.from_text(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise LedgerUnavailable(
                f"The ledger's key {path} cannot be read.",
                "Restore it from a copy; without it no checkpoint can be signed.",
            ) from error
        except LedgerBroken as error:
            raise LedgerBroken(
                f"The file {path} does not hold a ledger's signing key.",
                "Restore it from a copy; without it no checkpoint can be signed.",
            ) from error


def sign(text: str, key: SigningKey) -> str:
    """The note of a text with one signature.

    Raises:
        ValueError: the text does not end in a new line, or has control characters.
    """
    _check_text(text)
    signature = Ed25519PrivateKey.from_private_bytes(key.seed).sign(text.encode())
    return f"{text}\n\u2014 {key.name} {_base64(key.verifier().id + signature)}\n"


def open_note(note: str, verifiers: Iterable[VerifierKey]) -> str:
    """The text of a note that at least one of the keys signed.

    Raises:
        LedgerBroken: not a note, a known key's signature is wrong, or none is known.
    """
    head, blank, tail = note.rpartition("\n\n")
    if not blank or not tail.endswith("\n") or len(note) > _LARGEST:
        raise _broken("this is not a signed note")
    text = head + "\n"
    try:
        _check_text(text)
    except ValueError as error:
        raise _broken("this is not a signed note") from error
    known: dict[tuple[str, bytes], VerifierKey] = {}
    for key in verifiers:
        if known.setdefault((key.name, key.id), key) != key:
            raise _broken("two keys have one name and one id")
    lines = tail[:-1].split("\n")
    if len(lines) > _MOST_SIGNATURES:
        raise _broken("it has too many signatures")
    signed = False
    for line in lines:
        name, key_id, signature = _signature(line)
        known_key = known.get((name, key_id))
        if known_key is None:
            continue
        if not known_key.holds(text, signature):
            raise _broken(f"the signature of {name} is wrong")
        signed = True
    if not signed:
        raise _broken("no known key has signed it")
    return text


def _signature(line: str) -> tuple[str, bytes, bytes]:
    found = _LINE.fullmatch(line)
    if found is None:
        raise _broken("a signature line is malformed")
    try:
        blob = _unbase64(found["blob"])
    except ValueError as error:
        raise _broken("a signature line is malformed") from error
    if len(blob) <= _ID_SIZE:
        raise _broken("a signature line is malformed")
    return found["name"], blob[:_ID_SIZE], blob[_ID_SIZE:]


def _check_name(name: str) -> None:
    if not name or "+" in name or any(c.isspace() or not c.isprintable() for c in name):
        raise ValueError("a key's name is not empty and has no white space and no '+'")


def _check_text(text: str) -> None:
    if not text.endswith("\n"):
        raise ValueError("a note's text ends in a new line")
    if any(c < " " and c != "\n" for c in text):
        raise ValueError("a note's text has no control characters")


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _unbase64(text: str) -> bytes:
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise ValueError("not base64") from error
    if not hmac.compare_digest(_base64(data), text):  # bits that nobody reads must be zero
        raise ValueError("not canonical base64")
    return data


def _broken(what: str) -> LedgerBroken:
    return LedgerBroken(
        f"The ledger does not hold: {what}.", "Keep the file and report it to the auditor."
    )
