"""The receipts of a bundle: its entries of the ledger, each with its proof."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from scrim.canonical import Json, canonical
from scrim.errors import LedgerBroken
from scrim.ledger.receipt import Receipt
from scrim.vault.fields import Fields, load

FORMAT: Final = "scrim-receipts-v1"


def to_bytes(receipts: Sequence[Receipt]) -> bytes:
    """Canonical JSON, in the order of the ledger."""
    listed: list[Json] = [
        receipt.document() for receipt in sorted(receipts, key=lambda one: one.index)
    ]
    return canonical({"format": FORMAT, "receipts": listed})


def parse(data: bytes) -> list[Receipt]:
    """Read receipts; nothing is proved by that.

    Raises:
        LedgerBroken: not receipts, or not in the order of the ledger, each once.
    """
    try:
        fields = Fields(load(data), frozenset({"format", "receipts"}))
        fields.is_exactly("format", FORMAT)
        found = [Receipt.from_document(item) for item in fields.items("receipts")]
        indexes = [receipt.index for receipt in found]
        if indexes != sorted(set(indexes)):
            raise ValueError("not in order, each once")
    except ValueError as error:
        raise LedgerBroken(
            f"These are not receipts of a ledger: {error}.", "Ask for the bundle again."
        ) from None
    return found
