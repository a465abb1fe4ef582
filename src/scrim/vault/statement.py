r"""A statement: a document and the signature of who says it.

Rules:

1. The signature is over ``"scrim/statement/v1\n"`` and the body's canonical
   JSON; the body names its own format, so that a statement of one kind never
   passes for one of another.
2. A statement that was read has a signature that holds.  Whose verifier it is,
   and whether that person may say this, is asked by whoever uses it.
3. What is referred to is the body: its SHA-256 is the statement's.

docs/ref/formats/case.md describes the bytes.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from scrim.canonical import Json, canonical
from scrim.errors import StatementInvalid
from scrim.vault import signing
from scrim.vault.fields import Fields, load
from scrim.vault.signing import Signer

FORMAT: Final = "scrim-statement-v1"

_DOMAIN: Final = b"scrim/statement/v1\n"
_FIELDS: Final = frozenset({"format", "body", "verifier", "signature"})


@dataclass(frozen=True, slots=True)
class Statement:
    """A body and its signature, which holds.

    Args:
        body: a JSON object with a ``format``.
        verifier: ``scrimsig1…`` of who signed.
        signature: 64 bytes (Ed25519).

    Raises:
        StatementInvalid: the body has no canonical form or no format, or the
            signature is not that of the verifier.
    """

    body: Mapping[str, Json]
    verifier: str
    signature: bytes = field(repr=False)

    def __post_init__(self) -> None:
        try:
            if not isinstance(self.body.get("format"), str):
                raise ValueError("its body does not say what it is")
            signing.check_verifier(self.verifier)
            message = _DOMAIN + canonical(self.body)
        except ValueError as error:
            raise _invalid(str(error)) from None
        if not signing.holds(self.verifier, message, self.signature):
            raise _invalid("the signature is not over these words, or not by this key")

    @classmethod
    def sign(cls, body: Mapping[str, Json], signer: Signer) -> Statement:
        """``body`` as ``signer`` says it.

        Raises:
            StatementInvalid: the body has no canonical form or no format.
        """
        try:
            message = _DOMAIN + canonical(body)
        except ValueError as error:
            raise _invalid(str(error)) from None
        return cls(body, signer.verifier, signer.sign(message))

    @property
    def format(self) -> str:
        """What the body says it is, ``scrim-…-v1``."""
        return str(self.body["format"])

    @property
    def sha256(self) -> str:
        """SHA-256 of the body's canonical JSON, in lower-case hexadecimal."""
        return hashlib.sha256(canonical(self.body)).hexdigest()

    def document(self) -> dict[str, Json]:
        """The statement as a JSON object."""
        return {
            "format": FORMAT,
            "body": self.body,
            "verifier": self.verifier,
            "signature": base64.b64encode(self.signature).decode(),
        }

    def to_bytes(self) -> bytes:
        """The canonical JSON."""
        return canonical(self.document())

    @classmethod
    def parse(cls, data: bytes) -> Statement:
        """Read a statement and check its signature.

        Raises:
            StatementInvalid: not one, or the signature does not hold.
        """
        try:
            value = load(data)
        except ValueError as error:
            raise _invalid(str(error)) from None
        return cls.from_document(value)

    @classmethod
    def from_document(cls, value: object) -> Statement:
        """The statement of a JSON object, its signature checked.

        Raises:
            StatementInvalid: not one, or the signature does not hold.
        """
        try:
            fields = Fields(value, _FIELDS)
            fields.is_exactly("format", FORMAT)
            text = fields.text("signature")
            signature = base64.b64decode(text, validate=True)
            if base64.b64encode(signature).decode() != text:
                raise ValueError("signature is not in base64's usual spelling")
            return cls(fields.mapping("body"), fields.text("verifier"), signature)
        except (ValueError, binascii.Error) as error:
            raise _invalid(str(error)) from None


def _invalid(reason: str) -> StatementInvalid:
    return StatementInvalid(
        f"This is not a statement as it was signed: {reason.rstrip('.')}.",
        "Get it again from who signed it; do not use this one.",
    )
