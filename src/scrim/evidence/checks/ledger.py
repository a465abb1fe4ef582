"""Is what the bundle says of the ledger in a tree that the ledger's key signed?"""

from __future__ import annotations

from scrim.errors import BundleBroken, LedgerBroken
from scrim.evidence import layout, receipts
from scrim.evidence.checks.found import TELL, Found
from scrim.evidence.kinds import Kind
from scrim.ledger import Checkpoint, VerifierKey


class LedgerCheck:
    """The checkpoint under the key, and every receipt under the checkpoint.

    Args:
        pinned: the ledger's key as the deployment published it; without it the one
            in the bundle is used, and a note says what that is worth.
    """

    def __init__(self, found: Found, pinned: VerifierKey | None) -> None:
        self._found = found
        self._pinned = pinned

    def verify(self) -> None:
        key = self._key()
        checkpoint = None if key is None else self._checkpoint(key)
        if checkpoint is not None:
            self._receipts(checkpoint)

    def _key(self) -> VerifierKey | None:
        found = self._found
        try:
            own = VerifierKey.from_text(found.source.read(layout.LEDGER_KEY).decode())
        except (BundleBroken, LedgerBroken, UnicodeDecodeError):
            found.problem(Kind.KEY_MISSING, layout.LEDGER_KEY, "It is gone, or is no ledger's key.")
            return self._pinned
        if self._pinned is None:
            found.report.note(
                Kind.KEY_NOT_PINNED,
                layout.LEDGER_KEY,
                "The ledger was checked with the key that lies in the bundle, which whoever "
                "made the bundle could have made too.",
                "Give the key that the deployment published with --key.",
            )
            return own
        if own != self._pinned:
            found.problem(
                Kind.KEY_DIFFERS, layout.LEDGER_KEY, "It is not the key given with --key."
            )
        return self._pinned

    def _checkpoint(self, key: VerifierKey) -> Checkpoint | None:
        found = self._found
        try:
            note = found.source.read(layout.CHECKPOINT).decode()
            checkpoint = Checkpoint.from_note(note, key)
        except UnicodeDecodeError:
            found.problem(Kind.CHECKPOINT_INVALID, layout.CHECKPOINT, "It is no text.")
            return None
        except (LedgerBroken, BundleBroken) as error:
            found.failed(Kind.CHECKPOINT_INVALID, layout.CHECKPOINT, error)
            return None
        request = found.request
        if request is not None and request.deployment != checkpoint.origin:
            found.problem(
                Kind.CHECKPOINT_INVALID,
                layout.CHECKPOINT,
                f"It is of {checkpoint.origin}, and the request is to {request.deployment}.",
            )
        return checkpoint

    def _receipts(self, checkpoint: Checkpoint) -> None:
        found = self._found
        try:
            listed = receipts.parse(found.source.read(layout.RECEIPTS))
        except (LedgerBroken, BundleBroken) as error:
            found.failed(Kind.RECEIPT_INVALID, layout.RECEIPTS, error)
            return
        for receipt in listed:
            found.report.checked["entries"] += 1
            try:
                found.entries[receipt.index] = receipt.check(checkpoint.size, checkpoint.root)
            except LedgerBroken as error:
                found.report.problem(
                    Kind.RECEIPT_INVALID, f"entry {receipt.index}", error.message, TELL
                )
