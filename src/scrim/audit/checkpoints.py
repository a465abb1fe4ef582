"""Signed checkpoints held against the tree that the entries make.

A checkpoint says "this many entries, this root".  One that its key signed and
whose root is not that of the first so many entries proves that the ledger was
rewritten; one of more entries than there are proves that its end was cut off.
The folder alone cannot prove its own age: give a checkpoint you kept elsewhere
with ``--checkpoint``, and the key with ``--key``.
"""

from __future__ import annotations

from typing import Final

from scrim.audit.report import Kind, Report
from scrim.errors import LedgerBroken
from scrim.ledger.checkpoint import Checkpoint
from scrim.ledger.note import VerifierKey

_REPORT: Final = "Keep this folder as it is and tell the auditor."


class CheckpointCheck:
    """Checks signatures now, and roots once the tree is there.

    Args:
        key: whose signature counts; ``None`` where there is none to check with.
    """

    def __init__(self, key: VerifierKey | None, report: Report) -> None:
        self._key = key
        self._report = report
        self._pending: dict[int, list[tuple[str, bytes]]] = {}

    def sign_of(self, label: str, note: str, size: int | None = None) -> Checkpoint | None:
        """Check a note's signature and remember its root.

        Args:
            label: what to call it in a finding.
            note: the signed note.
            size: the size it is stored under, if it is.
        """
        if self._key is None:
            return None
        self._report.checked["checkpoints"] += 1
        try:
            found = Checkpoint.from_note(note, self._key)
        except LedgerBroken as error:
            self._report.problem(Kind.CHECKPOINT_INVALID, label, error.message, _REPORT)
            return None
        if size is not None and found.size != size:
            self._report.problem(
                Kind.CHECKPOINT_INVALID,
                label,
                f"It is signed for {found.size} entries but stored for {size}.",
                _REPORT,
            )
            return None
        self._pending.setdefault(found.size, []).append((label, found.root))
        return found

    def wanted(self, start: int, stop: int) -> set[int]:
        """Sizes above ``start``, up to ``stop``, whose root must be known."""
        return {size for size in self._pending if start < size <= stop}

    def settle(self, roots: dict[int, bytes]) -> None:
        """Compare what was signed with the roots now known, and forget both."""
        for size in sorted(roots):
            for label, root in self._pending.pop(size, []):
                if root != roots[size]:
                    self._report.problem(
                        Kind.LEDGER_REWRITTEN,
                        label,
                        f"The root signed for {size} entries is not that of the first "
                        f"{size} entries.",
                        _REPORT,
                    )
        roots.clear()

    def finish(self, size: int) -> None:
        """Say of what is signed and not there that it was cut off."""
        for signed in sorted(self._pending):
            for label, _ in self._pending[signed]:
                self._report.problem(
                    Kind.LEDGER_TRUNCATED,
                    label,
                    f"It signs {signed} entries, but the ledger has {size}.",
                    _REPORT,
                )
        self._pending.clear()
