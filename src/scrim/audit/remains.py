"""What is left of a period after an erasure: held against what the ledger says went.

Rules:

1. Parts of a key that the ledger calls destroyed are gone, dealt on or not, and a tombstone
   names the document they were in; what the database calls destroyed, the ledger must too.
2. Rows that are missing are those that the ledger calls erased, no more and no fewer.
3. While a sweep is at work, what is marked may be there or not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from scrim.audit.claims import Claims, Closed, Opened, name
from scrim.audit.erasures import Erasure
from scrim.audit.evidence import PeriodKey, PeriodRow, SegmentRow
from scrim.audit.objects import ObjectCheck
from scrim.audit.report import Kind, Report
from scrim.canonical import Json, canonical
from scrim.errors import SealBroken
from scrim.ledger.erasure import proof
from scrim.store import keys
from scrim.vault.chain import chain_next, chain_start
from scrim.vault.tombstone import Tombstone

_TELL: Final = "Keep this folder as it is and tell the auditor."
_RESTORE: Final = "Restore scrim.db from a copy and compare; keep this one for the auditor."


class Remains:
    """Checks what erasures have left."""

    def __init__(self, objects: ObjectCheck, report: Report) -> None:
        self._objects = objects
        self._report = report

    def logged(self, row: PeriodRow, erasure: Erasure) -> None:
        """What the period's row calls erased must be in the ledger as such."""
        if row.parts_state != "kept" and erasure.keys is None:
            self._unlogged(f"period {name(row.key)}", "Its key parts")
        if row.rest_state != "kept" and erasure.manifest is None:
            self._unlogged(f"period {name(row.key)}", "Its manifest and records")

    def buried(self, row: PeriodRow | None, opened: Opened, key: PeriodKey, entry: int) -> None:
        """A period whose key parts an entry calls destroyed."""
        if row is not None and row.parts_state == "erasing":
            self._report.note(
                Kind.ERASING,
                f"period {name(key)}",
                f"Entry {entry} destroys its key parts: under way, or cut off by a crash.",
                "The next sweep goes on with it.",
            )
            return
        stone_key = keys.tombstone_key(*key)
        if not self._objects.there(stone_key):
            self._report.problem(
                Kind.OBJECT_MISSING, stone_key, "The tombstone is not there.", _TELL
            )
            return
        try:
            stone = Tombstone.parse(self._objects.read(stone_key) or b"")
        except SealBroken as error:
            self._report.problem(Kind.DOCUMENT_INVALID, stone_key, error.message, _TELL)
            return
        found = (stone.camera, stone.epoch, stone.period, stone.document_sha256, stone.entry)
        if found != (*key, opened.document, entry):
            self._report.problem(
                Kind.DOCUMENT_INVALID,
                stone_key,
                f"It is not the tombstone of what entry {opened.index} opened and "
                f"entry {entry} destroyed.",
                _TELL,
            )

    def not_handed_on(self, object_key: str, rows: Callable[[], Mapping[str, str]]) -> None:
        """A re-sharing of a period whose key parts are destroyed: neither object nor row."""
        if self._objects.there(object_key):
            self._found(object_key)
        elif object_key in rows():
            self._report.problem(
                Kind.ERASED_FOUND,
                object_key,
                "The ledger says that its period's key parts are destroyed, and its row is there.",
                _TELL,
            )

    def handed_on(self, claims: Claims, size: int) -> None:
        """Each destruction of key parts before ``size`` names all re-sharings there were."""
        for index, gone in sorted(claims.erased.keys_gone.items()):
            if index >= size:  # entries from before it may not have been read either
                continue
            there = [
                one.reshare
                for key in gone.periods
                for one in claims.reshared.get(key, {}).values()
                if one.index < index
            ]
            if (len(there), proof(there)) != (gone.count, gone.sha256):
                self._report.problem(
                    Kind.ERASED_UNPROVEN,
                    f"entry {index}",
                    f"It destroys {gone.count} re-sharings; the ledger has {len(there)} of "
                    "those periods, or others.",
                    _TELL,
                )

    def nothing(
        self, key: PeriodKey, closed: Closed, erasure: Erasure, segments: Sequence[SegmentRow]
    ) -> None:
        """A period of which an entry says that nothing is left."""
        kept = [row for row in segments if row.state != "erasing"]
        if erasure.records != closed.segments or kept:
            self._report.problem(
                Kind.ERASED_UNPROVEN,
                f"period {name(key)}",
                f"It had {closed.segments} records; entries account for the erasing of "
                f"{erasure.records}, and {len(kept)} are still there.",
                _TELL,
            )

    def thinned(
        self,
        row: PeriodRow,
        segments: Sequence[SegmentRow],
        records: Sequence[Mapping[str, Json]],
        erasure: Erasure,
    ) -> None:
        """A closed period with fewer rows than records: its manifest has them all."""
        heads = [chain_start(row.document_sha256)]
        for record in records:
            heads.append(chain_next(heads[-1], record))
        there = set()
        for segment in segments:
            index = segment.chain_index
            there.add(index)
            whole = 0 <= index < len(records) and (
                canonical(records[index]).decode(),
                heads[index + 1],
            ) == (segment.record, segment.chain_head)
            if not whole:
                self._broken(row, f"Record {index} is not the one that was chained.")
                return
        missing = [
            index
            for index, record in enumerate(records)
            if index not in there
            and not erasure.covers(str(record.get("side")), int(str(record.get("segment"))))
        ]
        if missing:
            self._broken(
                row,
                f"Record {missing[0]} and {len(missing) - 1} more are missing, "
                "and no entry says that they were erased.",
            )

    def proofs(
        self, key: PeriodKey, records: Sequence[Mapping[str, Json]], erasure: Erasure
    ) -> None:
        """Each run's proof against the period's records."""
        for index in erasure.unproven(records):
            self._report.problem(
                Kind.ERASED_UNPROVEN,
                f"entry {index}",
                f"What it says was erased of period {name(key)} is not what the period held.",
                _TELL,
            )

    def marked(self, row: SegmentRow, erasure: Erasure) -> None:
        """A row that is to go, or that an open period keeps without its object."""
        if not erasure.covers(row.side, row.segment):
            self._unlogged(row.object_key, "It")
        elif row.state == "erasing":
            self._report.note(
                Kind.ERASING,
                row.object_key,
                "It is being erased: under way, or cut off by a crash.",
                "The next sweep goes on with it.",
            )
        elif self._objects.there(row.object_key):
            self._found(row.object_key)

    def _found(self, object_key: str) -> None:
        self._report.problem(
            Kind.ERASED_FOUND,
            object_key,
            "The ledger says that it was erased, and it is there.",
            "Somebody brought it back, from a copy perhaps; keep it and tell the auditor.",
        )

    def _unlogged(self, subject: str, what: str) -> None:
        self._report.problem(
            Kind.ERASED_UNLOGGED,
            subject,
            f"{what} counts as erased, and no ledger entry says so.",
            _TELL,
        )

    def _broken(self, row: PeriodRow, what: str) -> None:
        self._report.problem(Kind.CHAIN_BROKEN, f"period {name(row.key)}", what, _RESTORE)
