"""A receipt: an entry of the ledger, and the proof that it is in a tree.

Whoever holds the receipt and a checkpoint that they trust needs nothing else
from the deployment.  docs/ref/formats/case.md describes the JSON.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from scrim.canonical import Json
from scrim.errors import LedgerBroken
from scrim.ledger.entry import Entry
from scrim.ledger.merkle import leaf_hash, verify_inclusion

_FIELDS: Final = {"index", "body", "proof"}


@dataclass(frozen=True, slots=True)
class Receipt:
    """Entry ``index``, its bytes, and RFC 6962's audit path (32 bytes each, leaf upwards)."""

    index: int
    body: bytes = field(repr=False)
    proof: tuple[bytes, ...] = field(repr=False)

    def check(self, size: int, root: bytes) -> Entry:
        """The entry, once it is shown to be in the tree of ``size`` entries with ``root``.

        Raises:
            LedgerBroken: it is not, or it is no entry.
        """
        if not 0 <= self.index < size:
            raise _broken()
        verify_inclusion(self.index, size, leaf_hash(self.body), self.proof, root)
        return Entry.parse(self.body)

    def document(self) -> dict[str, Json]:
        """The receipt as a JSON object."""
        return {
            "index": self.index,
            "body": base64.b64encode(self.body).decode(),
            "proof": [base64.b64encode(step).decode() for step in self.proof],
        }

    @classmethod
    def from_document(cls, value: object) -> Receipt:
        """The receipt of a JSON object; nothing is proved by reading it.

        Raises:
            LedgerBroken: not one.
        """
        if not isinstance(value, Mapping) or set(value) != _FIELDS:
            raise _broken()
        index, proof = value["index"], value["proof"]
        if not isinstance(index, int) or isinstance(index, bool) or not isinstance(proof, list):
            raise _broken()
        try:
            steps = tuple(base64.b64decode(step, validate=True) for step in proof)
            body = base64.b64decode(value["body"], validate=True)
        except (TypeError, ValueError, binascii.Error):
            raise _broken() from None
        if any(len(step) != 32 for step in steps):
            raise _broken()
        return cls(index, body, steps)


def _broken() -> LedgerBroken:
    return LedgerBroken(
        "A receipt of the ledger is not one.", "Get it again, and report it to the auditor."
    )
