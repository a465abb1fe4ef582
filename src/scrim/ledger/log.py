"""The ledger: what was done, in order, for good.

Rules (invariant 5):

- :meth:`Ledger.append` returns when the entry is on the disk, and not before.
- :meth:`Ledger.append_in` adds to the caller's transaction: what is done and
  the entry that says so stand or fall together.
- Any failure is :class:`~scrim.errors.LedgerUnavailable`, and then the act must
  not happen.
- Nothing here changes or removes an entry.
- Where a policy allowed the act, its entry says which (:mod:`scrim.ledger.permitted`).

Several processes may append to one database: the next index is read under the
write lock.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from scrim.errors import (
    DataFolderError,
    LedgerBroken,
    LedgerUnavailable,
    ScrimError,
    StoreError,
)
from scrim.ledger import merkle, tree
from scrim.ledger.entry import Entry
from scrim.ledger.permitted import with_permit
from scrim.store.database import reading, translated, writing

_BATCH: Final = 1000
# any number does, as long as nothing else in the database locks it ("scrim" in ASCII)
_POSTGRESQL_LOCK: Final = text("SELECT pg_advisory_xact_lock(495823874413)")


@dataclass(frozen=True, slots=True)
class Receipt:
    """Where an entry stands.

    Attributes:
        index: 0 for the first entry.
        leaf: its leaf hash, 32 bytes.
    """

    index: int
    leaf: bytes


class Ledger:
    """The entries and their tree in one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def append(self, entry: Entry) -> Receipt:
        """Append an entry; when this returns it is on the disk.

        Raises:
            LedgerUnavailable: it could not be written; the act must not happen.
        """
        with _unavailable(), writing(self._engine) as connection:
            return _append(connection, entry)

    def append_in(self, connection: Connection, entry: Entry) -> Receipt:
        """Append an entry within a :func:`~scrim.store.database.writing` transaction.

        The entry is in the ledger once that transaction is committed.

        Raises:
            LedgerUnavailable: it could not be written.  The transaction is rolled back
                here already, so that the act cannot happen even where a caller
                catches this and goes on.
        """
        try:
            with _unavailable(), translated():
                return _append(connection, entry)
        except LedgerUnavailable:
            transaction = connection.get_transaction()
            if transaction is not None:
                transaction.rollback()
            raise

    def size(self) -> int:
        """How many entries there are.

        Raises:
            StoreError: the database cannot be read (as in all that follow).
        """
        with reading(self._engine) as connection:
            return tree.size(connection)

    def root(self, size: int | None = None) -> bytes:
        """Root hash of the tree of the first ``size`` entries; of all without it.

        Raises:
            ValueError: there are fewer entries.
            LedgerBroken: a node is missing (also in the proofs).
        """
        with reading(self._engine) as connection:
            size = _known(connection, size)
            return tree.span_hashes(connection, [(0, size)])[0]

    def head(self) -> tuple[int, bytes]:
        """Size and root of one moment."""
        with reading(self._engine) as connection:
            size = tree.size(connection)
            return size, tree.span_hashes(connection, [(0, size)])[0]

    def entries(self, start: int, stop: int) -> Iterator[tuple[int, bytes]]:
        """``(index, body)`` of the entries from ``start`` up to, without, ``stop``.

        Ends where the ledger does.  Reads in batches, so that nothing is locked
        while the caller takes its time.
        """
        while start < stop:
            with reading(self._engine) as connection:
                batch = list(tree.bodies(connection, start, min(stop, start + _BATCH)))
            if not batch:
                return
            yield from batch
            start = batch[-1][0] + 1

    def inclusion_proof(self, index: int, size: int) -> list[bytes]:
        """Proof that entry ``index`` is in the tree of the first ``size`` entries.

        Checked by :func:`scrim.ledger.merkle.verify_inclusion`.

        Raises:
            ValueError: no such entry, or fewer entries than ``size``.
        """
        with reading(self._engine) as connection:
            size = _known(connection, size)
            return tree.span_hashes(connection, merkle.inclusion_spans(index, size))

    def consistency_proof(self, old: int, new: int) -> list[bytes]:
        """Proof that the tree of ``old`` entries begins the tree of ``new``.

        Checked by :func:`scrim.ledger.merkle.verify_consistency`.

        Raises:
            ValueError: ``old`` is beyond ``new``, or fewer entries than ``new``.
        """
        with reading(self._engine) as connection:
            new = _known(connection, new)
            return tree.span_hashes(connection, merkle.consistency_spans(old, new))


def take_turn(connection: Connection) -> None:
    """Wait until no other transaction that writes to the ledger is under way.

    Taken before an act reads what it depends on, so that it is still true when its entry is
    written.  It lasts until the transaction ends, and taking it again costs nothing.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(_POSTGRESQL_LOCK)  # SQLite's transaction holds its lock already


def _append(connection: Connection, entry: Entry) -> Receipt:
    if not connection.in_transaction():  # each statement would stand alone
        raise LedgerUnavailable(
            "An entry was to be written outside a transaction, so the act is refused.",
            "This is a fault in Scrim; please report it.",
        )
    take_turn(connection)
    index = tree.size(connection)
    return Receipt(index, tree.add(connection, index, with_permit(entry).body()))


def _known(connection: Connection, size: int | None) -> int:
    found = tree.size(connection)
    if size is None:
        return found
    if not 0 <= size <= found:
        raise ValueError(f"the ledger has {found} entries, not {size}")
    return size


@contextmanager
def _unavailable() -> Iterator[None]:
    try:
        yield
    except LedgerUnavailable:
        raise
    except (StoreError, DataFolderError, LedgerBroken) as error:
        raise _refusal(error) from error
    except SQLAlchemyError as error:
        raise LedgerUnavailable(
            "The ledger cannot be written, so the act is refused.", "Look at the log."
        ) from error


def _refusal(error: ScrimError) -> LedgerUnavailable:
    return LedgerUnavailable(
        f"The ledger cannot be written, so the act is refused: {error.message}", error.remedy
    )
