"""Heads of chains that the ledger holds, against the chains as they are now.

A ``heads`` entry says how long a period's chain was at that moment and what it
hashed to.  A record that was dropped or changed later stands against it.  Where rows were
erased because their time was over, the period's manifest has the records.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from scrim.audit.claims import name
from scrim.audit.evidence import Evidence, PeriodKey, PeriodRow
from scrim.audit.report import Kind, Report
from scrim.canonical import digest
from scrim.errors import SealBroken
from scrim.ledger import Act, Entry
from scrim.store import keys
from scrim.vault.chain import chain_next, chain_start
from scrim.vault.manifest import parse as parse_manifest

_KEPT: Final = 1024  # periods whose heads are held; entries come in the order of time
_TELL: Final = "Recordings were dropped or changed; keep this folder and tell the auditor."


class HeadsCheck:
    """Takes entries one by one and checks those that hold heads."""

    def __init__(self, evidence: Evidence, report: Report) -> None:
        self._evidence = evidence
        self._report = report
        self._heads: OrderedDict[PeriodKey, list[str] | None] = OrderedDict()
        self._named: set[PeriodKey] = set()

    def see(self, index: int, entry: Entry) -> None:
        """Take one entry."""
        if entry.act is not Act.HEADS:
            return
        heads = entry.facts.get("heads")
        if not isinstance(heads, list) or (
            entry.facts.get("count") != len(heads) or entry.facts.get("sha256") != digest(heads)
        ):
            self._report.problem(
                Kind.ENTRY_UNREADABLE,
                f"entry {index}",
                "Its list of heads is not the one its count and SHA-256 say.",
                _TELL,
            )
            return
        for text in heads:
            self._check(index, str(text))

    def _check(self, index: int, text: str) -> None:
        try:
            camera, epoch, number, length, head = text.split(":")
            key, records = (camera, int(epoch), int(number)), int(length)
        except ValueError:
            self._report.problem(
                Kind.ENTRY_UNREADABLE, f"entry {index}", "It holds a head that is none.", _TELL
            )
            return
        self._report.checked["heads"] += 1
        if key in self._named:  # one finding a period says enough
            return
        known = self._known(key)
        if known is None:
            return
        if records > len(known):
            self._contradicted(
                key, f"Entry {index} says it had {records} records; now it has {len(known)}."
            )
        elif records < 1 or known[records - 1] != head:
            self._contradicted(
                key, f"Entry {index} has another head for its first {records} records."
            )

    def _contradicted(self, key: PeriodKey, what: str) -> None:
        self._named.add(key)
        self._report.problem(Kind.HEADS_CONTRADICTED, f"period {name(key)}", what, _TELL)

    def _known(self, key: PeriodKey) -> list[str] | None:
        """The heads of a period; ``None`` where its records are erased, manifest and all.

        Whether they may be is for :mod:`scrim.audit.periods` to say.
        """
        if key in self._heads:
            self._heads.move_to_end(key)
        else:
            heads = self._evidence.chain_heads(key)
            row = self._evidence.period_now(key)
            short = (
                row is not None
                and len(heads) < row.chain_length
                and self._evidence.something_erased(row)
            )
            self._heads[key] = self._more(row, heads) if short and row is not None else heads
            if len(self._heads) > _KEPT:
                self._heads.popitem(last=False)
        return self._heads[key]

    def _more(self, row: PeriodRow, heads: list[str]) -> list[str] | None:
        try:
            data = (self._evidence.folder.objects / keys.manifest_key(*row.key)).read_bytes()
            records = parse_manifest(data).records
        except (OSError, SealBroken):
            return heads if row.rest_state == "kept" else None
        head = chain_start(row.document_sha256)
        return [head := chain_next(head, record) for record in records]
