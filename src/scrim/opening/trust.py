"""Whose ledger this is: given by hand once, and remembered on this machine from then on.

One small file for each deployment, ``scrim-trust-v1``: its ledger's public key and the
newest checkpoint seen.  Rules:

1. The first time the key comes from a person, who has it from the operator and not
   from the server (ADR 0110).  It is kept, and another key later is refused.
2. A checkpoint is signed by that key and of that origin, or refused.
3. Two checkpoints of one size have one root.  Where sizes differ and a consistency
   proof can be had, the smaller must be the beginning of the larger; where none can be
   had, that is said, and the older one stays remembered until it is proved.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from scrim.canonical import canonical
from scrim.errors import LedgerBroken, StoreError
from scrim.ledger.checkpoint import Checkpoint
from scrim.ledger.merkle import verify_consistency
from scrim.ledger.note import VerifierKey
from scrim.store.files import write_atomically
from scrim.vault.fields import Fields, load

FORMAT: Final = "scrim-trust-v1"

Consistency: TypeAlias = Callable[[int, int], Sequence[bytes]]
"""Old and new size to the proof (32 bytes each) that the old tree begins the new one."""

_LARGEST: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found out about a checkpoint.

    Args:
        checkpoint: its content.
        first: the deployment was not known on this machine; its key is now.
        continued: it was shown to continue what was seen before (or is the same, or the first).
    """

    checkpoint: Checkpoint
    first: bool
    continued: bool


class Trust:
    """The deployments that this machine knows.

    Args:
        folder: made when something is first written (0700).
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, origin: str) -> Path:
        """The deployment's file; an origin may hold what no file name can."""
        return self._folder / f"{hashlib.sha256(origin.encode()).hexdigest()[:16]}.json"

    def key(self, origin: str) -> VerifierKey | None:
        """The key remembered for a deployment.

        Raises:
            StoreError: the file is there and cannot be used.
        """
        known = self._read(origin)
        return None if known is None else known[0]

    def see(
        self, note: str, key: VerifierKey | None, consistency: Consistency | None = None
    ) -> Seen:
        """Check a checkpoint, and remember it.

        Args:
            note: the signed note.
            key: the ledger's, as it was given by hand; ``None``: the one remembered.
            consistency: gets a proof from the server, if that can be asked.

        Raises:
            LedgerBroken: another key than the first time, not signed by it, of another
                ledger, or not a continuation of what was seen.
            StoreError: the memory cannot be read or written.
        """
        origin = Checkpoint.parse(note.partition("\n\n")[0] + "\n").origin
        known = self._read(origin)
        if known is None:
            if key is None:
                raise LedgerBroken(
                    f"The ledger {origin} is not known on this machine.",
                    "Give its key with --ledger-key, as `scrim init` printed it.",
                )
            found = Checkpoint.from_note(note, key)
            self._write(origin, key, note)
            return Seen(found, first=True, continued=True)
        pinned, remembered = known
        if key is not None and key != pinned:
            raise LedgerBroken(
                f"The ledger {origin} shows another key than the first time.",
                "Ask the operator and the auditor before anything is answered or opened; "
                f"the first key is kept in {self.path(origin)}.",
            )
        found = Checkpoint.from_note(note, pinned)
        before = Checkpoint.from_note(remembered, pinned)
        continued = _continues(before, found, consistency)
        if continued and found.size > before.size:
            self._write(origin, pinned, note)
        return Seen(found, first=False, continued=continued)

    def _read(self, origin: str) -> tuple[VerifierKey, str] | None:
        path = self.path(origin)
        try:
            with path.open("rb") as file:
                data = file.read(_LARGEST)
            fields = Fields(load(data), frozenset({"format", "origin", "key", "checkpoint"}))
            fields.is_exactly("format", FORMAT)
            fields.is_exactly("origin", origin)
            return VerifierKey.from_text(fields.text("key")), fields.text("checkpoint")
        except FileNotFoundError:
            return None
        except (OSError, ValueError, LedgerBroken):
            raise StoreError(
                f"{path}, which remembers the ledger's key, cannot be used.",
                "Put it back from a copy; or remove it and compare the key with the operator's.",
            ) from None

    def _write(self, origin: str, key: VerifierKey, note: str) -> None:
        value = {"format": FORMAT, "origin": origin, "key": key.to_text(), "checkpoint": note}
        path = self.path(origin)
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_atomically(path, canonical(value), 0o600)
        except OSError as error:
            raise StoreError(
                f"{path} cannot be written: {error.strerror}.", "Make that folder writable."
            ) from error


def _continues(before: Checkpoint, now: Checkpoint, consistency: Consistency | None) -> bool:
    old, new = sorted((before, now), key=lambda checkpoint: checkpoint.size)
    if old.size == new.size:
        verify_consistency(old.size, new.size, (), old.root, new.root)
        return True
    if consistency is None:
        return False
    proof = consistency(old.size, new.size)
    verify_consistency(old.size, new.size, proof, old.root, new.root)
    return True
