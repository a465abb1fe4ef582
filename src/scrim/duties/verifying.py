"""Computing the ledger's tree again from its entries, and writing down whether it held.

The short form of ``scrim verify``: entries, tree and newest checkpoint; no recording is
looked at.  What does not hold is for ``scrim verify`` to name.
"""

from __future__ import annotations

from sqlalchemy import Engine, select

from scrim.clock import Clock
from scrim.duties import marks
from scrim.errors import LedgerError
from scrim.ledger import Ledger
from scrim.ledger.checkpoint import Checkpoint
from scrim.ledger.merkle import fold, leaf_hash, node_hash
from scrim.store.database import reading, writing
from scrim.store.schema import checkpoint as table


def verify(engine: Engine, ledger: Ledger, clock: Clock) -> bool:
    """Whether the whole ledger holds; written down with the time.

    Raises:
        StoreError: the database cannot be read or written.
    """
    with reading(engine) as connection:
        note = connection.execute(select(table.c.note).order_by(table.c.size.desc())).scalar()
    held = _holds(ledger, note)
    with writing(engine) as connection:
        marks.put(connection, marks.LEDGER_VERIFIED, int(held), clock.now_us())
    return held


def _holds(ledger: Ledger, note: str | None) -> bool:
    size, root = ledger.head()
    try:
        signed = None if note is None else Checkpoint.parse(note.split("\n\n", 1)[0] + "\n")
    except LedgerError:
        return False
    tree: list[tuple[int, bytes]] = []  # complete subtrees, largest first
    expected = 0
    for index, body in ledger.entries(0, size):
        if index != expected:
            return False
        expected += 1
        level, value = 0, leaf_hash(body)
        while tree and tree[-1][0] == level:
            value = node_hash(tree.pop()[1], value)
            level += 1
        tree.append((level, value))
        if signed is not None and signed.size == expected and _root(tree) != signed.root:
            return False
    whole = expected == size and _root(tree) == root
    return whole and (signed is None or signed.size <= size)


def _root(tree: list[tuple[int, bytes]]) -> bytes:
    return fold([value for _, value in tree])
