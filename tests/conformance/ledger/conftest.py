from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from scrim.ledger import merkle, tree
from scrim.store.database import connect, migrate, reading, writing


class Tree:
    """A stored tree over any bytes, so that others' leaves can be put in."""

    def __init__(self, path: Path) -> None:
        self.engine = connect(path)
        migrate(self.engine)

    def extend(self, bodies: Sequence[bytes]) -> None:
        with writing(self.engine) as connection:
            start = tree.size(connection)
            for offset, body in enumerate(bodies):
                tree.add(connection, start + offset, body)

    def root(self, size: int) -> bytes:
        return self._spans([(0, size)])[0]

    def inclusion(self, index: int, size: int) -> list[bytes]:
        return self._spans(merkle.inclusion_spans(index, size))

    def consistency(self, old: int, new: int) -> list[bytes]:
        return self._spans(merkle.consistency_spans(old, new))

    def _spans(self, spans: list[merkle.Span]) -> list[bytes]:
        with reading(self.engine) as connection:
            return tree.span_hashes(connection, spans)


@pytest.fixture
def stored(tmp_path: Path) -> Iterator[Tree]:
    made = Tree(tmp_path / "tree.db")
    yield made
    made.engine.dispose()
