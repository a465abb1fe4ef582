"""The ledger: what was done to pictures, in an order that cannot be changed afterwards.

For an auditor, in this order: :mod:`~scrim.ledger.merkle` (the tree, pure
functions), :mod:`~scrim.ledger.entry` (what a line says),
:mod:`~scrim.ledger.tree` and :mod:`~scrim.ledger.log` (two tables),
:mod:`~scrim.ledger.note` and :mod:`~scrim.ledger.checkpoint` (what is signed),
:mod:`~scrim.ledger.commitment` (how a name stays out).
"""

from __future__ import annotations

from scrim.ledger.checkpoint import Checkpoint, publish
from scrim.ledger.commitment import commit, holds
from scrim.ledger.entry import Act, Entry, Operation
from scrim.ledger.log import Ledger, Receipt, take_turn
from scrim.ledger.note import SigningKey, VerifierKey

__all__ = [
    "Act",
    "Checkpoint",
    "Entry",
    "Ledger",
    "Operation",
    "Receipt",
    "SigningKey",
    "VerifierKey",
    "commit",
    "holds",
    "publish",
    "take_turn",
]
