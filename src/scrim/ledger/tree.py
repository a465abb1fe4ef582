"""The tree in two tables: ``entry`` holds the bodies, ``node`` every complete subtree.

An append writes the leaf and each subtree that the leaf completes, one on the
average, and reads their left halves.  The root and the proofs need only stored
nodes, a number of them that grows with the logarithm of the size, read in one
statement.

The statements are text, since an append is to cost little more than its commit
(``docs/adr/0041-the-tree-in-two-tables.md`` has the figures).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import chain
from typing import Any, Final

from sqlalchemy import Connection

from scrim.errors import LedgerBroken
from scrim.ledger import merkle
from scrim.ledger.merkle import Span, Subtree

_LAST: Final = 'SELECT max("index") FROM entry'
_BODIES: Final = (
    'SELECT "index", body FROM entry WHERE "index" >= ? AND "index" < ? ORDER BY "index"'
)
_ADD_ENTRY: Final = 'INSERT INTO entry ("index", body) VALUES (?, ?)'
_ADD_NODES: Final = 'INSERT INTO node (level, "index", hash) VALUES '
# joined, not "(level, index) IN (VALUES ...)": for that SQLite reads the whole table
_NODES: Final = (
    'WITH wanted (level, "index") AS (VALUES {}) '
    'SELECT node.level, node."index", node.hash FROM wanted '
    'JOIN node ON node.level = wanted.level AND node."index" = wanted."index"'
)


def size(connection: Connection) -> int:
    """How many entries there are."""
    [(last,)] = _run(connection, _LAST)
    return 0 if last is None else int(last) + 1


def add(connection: Connection, index: int, body: bytes) -> bytes:
    """Append a body as leaf ``index``, which must be the tree's size; gives its leaf hash.

    Raises:
        LedgerBroken: a node is missing.
    """
    leaf = merkle.leaf_hash(body)
    lefts = nodes(connection, [(level, (index >> level) - 1) for level in _completed(index)])
    above = leaf
    row: list[Any] = [0, index, leaf]
    for level, left in enumerate(lefts, start=1):
        above = merkle.node_hash(left, above)
        row += [level, index >> level, above]
    _run(connection, _ADD_ENTRY, (index, body))
    _run(connection, _ADD_NODES + _marks(len(lefts) + 1, 3), tuple(row))
    return leaf


def span_hashes(connection: Connection, spans: Sequence[Span]) -> list[bytes]:
    """The hash of each span.

    Raises:
        LedgerBroken: a node is missing.
    """
    parts = [merkle.subtrees(span) for span in spans]
    found = iter(nodes(connection, list(chain.from_iterable(parts))))
    return [merkle.fold([next(found) for _ in part]) for part in parts]


def nodes(connection: Connection, wanted: Sequence[Subtree]) -> list[bytes]:
    """The stored hashes of complete subtrees, in the order asked for.

    Raises:
        LedgerBroken: one is missing or is no hash.
    """
    if not wanted:
        return []
    rows = _run(
        connection, _NODES.format(_marks(len(wanted), 2)), tuple(chain.from_iterable(wanted))
    )
    found: dict[Subtree, bytes] = {(level, index): bytes(value) for level, index, value in rows}
    hashes = [found.get(subtree, b"") for subtree in wanted]
    for (level, index), value in zip(wanted, hashes, strict=True):
        if len(value) != merkle.HASH_SIZE:
            raise LedgerBroken(
                f"Node {index} of level {level} is missing from the ledger's tree.",
                "Restore the data folder from a copy; `scrim verify` says what still holds.",
            )
    return hashes


def bodies(connection: Connection, start: int, stop: int) -> Iterator[tuple[int, bytes]]:
    """``(index, body)`` of the entries from ``start`` up to but not including ``stop``."""
    for index, body in _run(connection, _BODIES, (start, stop)):
        yield int(index), bytes(body)


def _completed(index: int) -> range:
    """Levels below those whose subtree becomes complete with leaf ``index``."""
    # as many as the index has 1 bits at its end
    return range(((index + 1) & -(index + 1)).bit_length() - 1)


def _run(connection: Connection, sql: str, values: tuple[Any, ...] = ()) -> list[Any]:
    driver = connection.connection.driver_connection
    if isinstance(driver, sqlite3.Connection):
        # past SQLAlchemy's own work, which is dearer than the statement; same transaction
        return driver.execute(sql, values).fetchall()
    result = connection.exec_driver_sql(sql.replace("?", "%s"), values)
    return list(result) if result.returns_rows else []


@cache
def _marks(rows: int, columns: int) -> str:
    row = "(" + ", ".join("?" * columns) + ")"
    return ", ".join([row] * rows)
