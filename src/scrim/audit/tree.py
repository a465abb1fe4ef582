"""The ledger's tree, computed again from its entries and held against what is stored.

What is wrong is named where it is: an altered entry is reported as that entry,
and the tree above goes on from the stored leaf, so that one fault is one line and
not a thousand.
"""

from __future__ import annotations

from typing import Final

from scrim.audit.evidence import Evidence, Snapshot
from scrim.audit.report import Kind, Report
from scrim.ledger.merkle import fold, leaf_hash, node_hash

_RESTORE: Final = "Restore scrim.db from a copy and compare; keep this one for the auditor."


class TreeCheck:
    """Takes the entries in order, a chunk at a time.

    Attributes:
        size: how many entries were taken.
    """

    def __init__(self, evidence: Evidence, report: Report) -> None:
        self._evidence = evidence
        self._report = report
        self._frontier: list[tuple[int, bytes]] = []  # complete subtrees, largest first
        self.size = 0
        self.roots: dict[int, bytes] = {}

    def add(self, start: int, stop: int, bodies: dict[int, bytes], roots_at: set[int]) -> None:
        """Take entries ``start`` to ``stop``; keep the roots of the sizes in ``roots_at``."""
        stored = {
            level: self._evidence.nodes(level, start >> level, stop >> level)
            for level in range(stop.bit_length())
            if stop >> level > start >> level
        }
        for index in range(start, stop):
            leaf = self._leaf(index, bodies.get(index), stored[0].get(index))
            self._push(index, leaf, stored)
            self.size = index + 1
            if self.size in roots_at:
                self.roots[self.size] = self.root()
        self._report.checked["entries"] += stop - start

    def root(self) -> bytes:
        """The root of all entries taken so far."""
        return fold([value for _, value in self._frontier])

    def _leaf(self, index: int, body: bytes | None, stored: bytes | None) -> bytes:
        subject = f"entry {index}"
        if body is None:
            self._report.problem(Kind.ENTRY_MISSING, subject, "It is not in the ledger.", _RESTORE)
            return stored or b""
        leaf = leaf_hash(body)
        if stored is None:
            self._node_missing(0, index)
            return leaf
        if leaf != stored:
            self._report.problem(
                Kind.ENTRY_ALTERED, subject, "Its bytes are not those the tree holds.", _RESTORE
            )
        return stored

    def _push(self, index: int, leaf: bytes, stored: dict[int, dict[int, bytes]]) -> None:
        level, value, number = 0, leaf, index
        while self._frontier and self._frontier[-1][0] == level:
            value = node_hash(self._frontier.pop()[1], value)
            level, number = level + 1, number >> 1
            found = stored[level].get(number)
            if found is None:
                self._node_missing(level, number)
            elif found != value:
                self._report.problem(
                    Kind.NODE_ALTERED,
                    f"node {number} of level {level}",
                    "It is not the hash of the two below it.",
                    _RESTORE,
                )
        self._frontier.append((level, value))

    def _node_missing(self, level: int, number: int) -> None:
        self._report.problem(
            Kind.NODE_MISSING,
            f"node {number} of level {level}",
            "It is not in the ledger's tree.",
            _RESTORE,
        )


def check_extra_nodes(snapshot: Snapshot, report: Report) -> None:
    """Nodes above what the entries make: entries were cut off at the end."""
    for level, top in snapshot.node_tops.items():
        if top >= snapshot.size >> level:
            report.problem(
                Kind.NODE_EXTRA,
                f"node {top} of level {level}",
                f"The tree has it, but the ledger's {snapshot.size} entries do not reach it: "
                "entries were removed at the end.",
                _RESTORE,
            )
            return
