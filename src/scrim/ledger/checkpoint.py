"""Checkpoints: a signed "the ledger has this many entries and this root".

Format: C2SP ``tlog-checkpoint`` (c2sp.org/tlog-checkpoint): origin, size, base64
root, each on a line, in a signed note.

Rules for signing (:func:`publish`):

- never a smaller size than was signed before;
- never a root that the last signed tree is not the beginning of.

Both the database and the checkpoint file are asked what was signed last, so that
an old copy of the one put back beside the other is noticed.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import Engine, insert, select

from scrim.clock import Clock, SystemClock
from scrim.errors import LedgerBroken, LedgerUnavailable
from scrim.ledger import merkle
from scrim.ledger.log import Ledger
from scrim.ledger.note import SigningKey, VerifierKey, open_note, sign
from scrim.store.database import reading, writing
from scrim.store.files import write_atomically
from scrim.store.schema import checkpoint as checkpoint_table

_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,18}")
_NEWEST: Final = select(checkpoint_table.c.note).order_by(checkpoint_table.c.size.desc()).limit(1)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A tree's size and root, and whose it is.

    Attributes:
        origin: the ledger's name, unique in the world; also its key's name.
        root: 32 bytes.
    """

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        if not self.origin or any(c < " " for c in self.origin):
            raise ValueError("an origin is one line that is not empty")
        if self.size < 0 or len(self.root) != merkle.HASH_SIZE:
            raise ValueError("a size is not negative, and a root has 32 bytes")

    def text(self) -> str:
        """The three lines that are signed."""
        root = base64.b64encode(self.root).decode("ascii")
        return f"{self.origin}\n{self.size}\n{root}\n"

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """Read a checkpoint's text; extension lines are allowed and passed over.

        Raises:
            LedgerBroken: not a checkpoint.
        """
        lines = text.split("\n")
        try:
            if len(lines) < 4 or lines[-1] or not all(lines[:-1]):
                raise ValueError("three lines or more, each ended, none empty")
            if _SIZE.fullmatch(lines[1]) is None:
                raise ValueError("not a size")
            root = base64.b64decode(lines[2].encode("ascii"), validate=True)
            if base64.b64encode(root).decode("ascii") != lines[2]:
                raise ValueError("not canonical base64")
            return cls(lines[0], int(lines[1]), root)
        except (ValueError, binascii.Error, UnicodeEncodeError) as error:
            raise _broken("this is not a checkpoint") from error

    @classmethod
    def from_note(cls, note: str, key: VerifierKey) -> Checkpoint:
        """The checkpoint in a note, its signature and its origin checked.

        Raises:
            LedgerBroken: the key did not sign it, or it is another ledger's.
        """
        found = cls.parse(open_note(note, [key]))
        if found.origin != key.name:
            raise _broken(f"the checkpoint is of another ledger ({found.origin})")
        return found


def publish(
    ledger: Ledger, key: SigningKey, engine: Engine, folder_file: Path, clock: Clock | None = None
) -> Checkpoint:
    """Sign the ledger as it is now, store the note and write it to ``folder_file``.

    Where nothing was appended since, nothing is signed; the file is put right if it
    is not what was signed last.  One process at a time publishes.

    Args:
        ledger: what is signed for.
        key: its name becomes the checkpoint's origin.
        engine: where the notes are stored; the ledger's database.
        folder_file: the file that holds the newest note.
        clock: says when it was signed, in the row; not part of the note.

    Raises:
        LedgerBroken: the ledger is shorter than, or does not continue, what was
            signed before; nothing is signed.
        LedgerUnavailable: the file or the database cannot be written.
        StoreError: the database cannot be read.
    """
    with reading(engine) as connection:
        stored = connection.execute(_NEWEST).scalar()
    written = _read(folder_file)
    size, root = ledger.head()
    now = Checkpoint(key.name, size, root)
    for note in (stored, written):
        if note is not None:
            _check_continues(ledger, Checkpoint.from_note(note, key.verifier()), now)
    note = sign(now.text(), key)  # Ed25519: the same text gives the same note
    if note != stored:
        row = {"size": size, "note": note, "signed_us": (clock or SystemClock()).now_us()}
        with writing(engine) as connection:
            connection.execute(insert(checkpoint_table), row)
    if note != written:
        try:
            write_atomically(folder_file, note.encode())
        except OSError as error:
            raise LedgerUnavailable(
                f"The checkpoint {folder_file} cannot be written: {error.strerror}.",
                "Free some space, or give the user that runs Scrim the right to write there.",
            ) from error
    return now


def _check_continues(ledger: Ledger, earlier: Checkpoint, now: Checkpoint) -> None:
    if earlier.size > now.size:
        raise _broken(f"{earlier.size} entries were signed for before, and there are {now.size}")
    proof = ledger.consistency_proof(earlier.size, now.size)
    merkle.verify_consistency(earlier.size, now.size, proof, earlier.root, now.root)


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise LedgerUnavailable(
            f"The checkpoint {path} cannot be read.", "Restore it from a copy."
        ) from error


def _broken(what: str) -> LedgerBroken:
    return LedgerBroken(
        f"The ledger does not hold: {what}.", "Keep the data folder and report it to the auditor."
    )
