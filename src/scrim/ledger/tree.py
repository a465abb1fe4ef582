"""The tree in two tables: ``entry`` holds the bodies, ``node`` every complete subtree.

An append writes the leaf and each subtree that the leaf completes, one on the
average, and reads their left halves.  The root and the proofs need only stored
nodes, a number of them that grows with the logarithm of the size, read in one
statement.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from sqlalchemy import Connection, bindparam, func, insert, select, tuple_

from scrim.errors import LedgerBroken
from scrim.ledger import merkle
from scrim.ledger.merkle import Span, Subtree
from scrim.store.schema import entry, node

_LAST: Final = select(func.max(entry.c.index))
_BODIES: Final = (
    select(entry.c.index, entry.c.body)
    .where(entry.c.index >= bindparam("start"), entry.c.index < bindparam("stop"))
    .order_by(entry.c.index)
)
_ADD_ENTRY: Final = insert(entry)
_ADD_NODES: Final = insert(node)
_NODES: Final = select(node.c.level, node.c.index, node.c.hash).where(
    tuple_(node.c.level, node.c.index).in_(bindparam("wanted", expanding=True))
)


def size(connection: Connection) -> int:
    """How many entries there are."""
    last = connection.execute(_LAST).scalar()
    return 0 if last is None else int(last) + 1


def add(connection: Connection, index: int, body: bytes) -> bytes:
    """Append a body as leaf ``index``, which must be the tree's size; gives its leaf hash."""
    leaf = merkle.leaf_hash(body)
    lefts = nodes(connection, [(level, (index >> level) - 1) for level in _completed(index)])
    rows = [{"level": 0, "index": index, "hash": leaf}]
    above = leaf
    for level, left in enumerate(lefts):
        above = merkle.node_hash(left, above)
        rows.append({"level": level + 1, "index": index >> (level + 1), "hash": above})
    connection.execute(_ADD_ENTRY, {"index": index, "body": body})
    connection.execute(_ADD_NODES, rows)
    return leaf


def span_hashes(connection: Connection, spans: Sequence[Span]) -> list[bytes]:
    """The hash of each span.

    Raises:
        LedgerBroken: a node is missing.
    """
    parts = [merkle.subtrees(span) for span in spans]
    found = iter(nodes(connection, [subtree for part in parts for subtree in part]))
    return [merkle.fold([next(found) for _ in part]) for part in parts]


def nodes(connection: Connection, wanted: Sequence[Subtree]) -> list[bytes]:
    """The stored hashes of complete subtrees, in the order asked for.

    Raises:
        LedgerBroken: one is missing or no hash.
    """
    if not wanted:
        return []
    rows = connection.execute(_NODES, {"wanted": list(wanted)})
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
    for index, body in connection.execute(_BODIES, {"start": start, "stop": stop}):
        yield int(index), bytes(body)


def _completed(index: int) -> range:
    """Levels whose subtree under way becomes complete with leaf ``index``."""
    # as many as the index has 1 bits at its end
    return range(((index + 1) & -(index + 1)).bit_length() - 1)
