"""Key periods: entry, document, rows, chain, manifest and objects say the same."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final

from scrim.audit.claims import Claims, Closed, name
from scrim.audit.erasures import Erasure
from scrim.audit.evidence import Evidence, PeriodKey, PeriodRow, SegmentRow, Snapshot
from scrim.audit.objects import ObjectCheck
from scrim.audit.remains import Remains
from scrim.audit.report import Kind, Report
from scrim.canonical import Json, canonical
from scrim.errors import SealBroken, StatementInvalid
from scrim.store import keys
from scrim.vault.ageheader import LARGEST_HEADER
from scrim.vault.chain import chain_next, chain_start
from scrim.vault.document import PeriodDocument
from scrim.vault.manifest import Manifest
from scrim.vault.manifest import parse as parse_manifest
from scrim.vault.reshare import Reshare

_TELL: Final = "Keep this folder as it is and tell the auditor."
_RESTORE: Final = "Restore scrim.db from a copy and compare; keep this one for the auditor."


class PeriodCheck:
    """Checks one period after the other.

    Args:
        progress: called with how many segments were looked at.
    """

    def __init__(
        self,
        evidence: Evidence,
        snapshot: Snapshot,
        claims: Claims,
        objects: ObjectCheck,
        report: Report,
        progress: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._evidence = evidence
        self._snapshot = snapshot
        self._claims = claims
        self._objects = objects
        self._report = report
        self._progress = progress
        self._remains = Remains(objects, report)

    def run(self) -> None:
        """Check every period that a row or an entry knows."""
        self._unlogged_reshares()
        for key in sorted(self._snapshot.periods.keys() | self._claims.opened.keys()):
            row = self._snapshot.periods.get(key)
            if key not in self._claims.opened:
                self._say(
                    Kind.PERIOD_UNLOGGED, key, "No ledger entry says that it was opened.", _TELL
                )
            if row is None:
                self._say(
                    Kind.PERIOD_ROW_MISSING,
                    key,
                    f"Entry {self._claims.opened[key].index} opened it, but its row is gone.",
                    _RESTORE,
                )
            self._check(key, row)
        self._remains.handed_on(self._claims, self._snapshot.size)

    def _check(self, key: PeriodKey, row: PeriodRow | None) -> None:
        self._report.checked["periods"] += 1
        segments = [] if row is None else self._evidence.segments(key)[: max(row.chain_length, 0)]
        # rows first: what is gone from them is in the ledger by now
        self._claims.erased.catch_up(self._evidence)
        erasure = self._claims.erased.of(key)
        if row is not None:
            row = self._evidence.period_now(key) or row
            self._remains.logged(row, erasure)
            self._progress(len(segments))
        self._document(key, row, erasure)
        self._reshared(key, row, erasure)
        closed = self._claims.closed.get(key)
        if closed is not None and erasure.manifest is not None:
            self._row_agrees(key, row, closed)
            # again: those read before may have been erased by that very entry
            self._remains.nothing(key, closed, erasure, self._evidence.segments(key))
        elif closed is not None and row is not None and self._is_thinned(row, segments, erasure):
            self._thinned(row, closed, segments, erasure)
        else:
            self._whole(key, row, closed, segments, erasure)

    def _is_thinned(self, row: PeriodRow, segments: Sequence[SegmentRow], erasure: Erasure) -> bool:
        return len(segments) < row.chain_length and bool(erasure.runs)

    def _thinned(
        self, row: PeriodRow, closed: Closed, segments: Sequence[SegmentRow], erasure: Erasure
    ) -> None:
        manifest = self._manifest(row.key, row, closed)
        if manifest is None:
            return
        self._remains.thinned(row, segments, manifest.records, erasure)
        self._remains.proofs(row.key, manifest.records, erasure)
        for segment in segments:
            record = _record(segment)
            if record is not None:  # else said already
                self._segment(segment, record, erasure)

    def _whole(
        self,
        key: PeriodKey,
        row: PeriodRow | None,
        closed: Closed | None,
        segments: Sequence[SegmentRow],
        erasure: Erasure,
    ) -> None:
        records: list[Mapping[str, Json]] = []
        lost: list[int] = []
        if row is not None:
            records = self._chain(row, segments)
            for segment, record in zip(segments, records, strict=False):
                self._segment(segment, record, erasure)
            if len(records) == row.chain_length:
                self._remains.proofs(key, records, erasure)
            lost = [index for index, segment in enumerate(segments) if segment.state == "lost"]
        if closed is not None:
            self._closed(key, row, closed, records, lost)
        elif row is not None and row.closed_us is not None:
            # it may have been closed since the snapshot
            if self._snapshot.periods[key].closed_us is not None:
                self._say(
                    Kind.PERIOD_UNLOGGED, key, "No ledger entry says that it was closed.", _TELL
                )
        elif row is not None:
            self._report.note(
                Kind.PERIOD_OPEN,
                f"period {name(key)}",
                f"It is open, with {row.chain_length} records: being recorded, or left so by a "
                "crash and closed when the camera starts again.",
            )

    def _unlogged_reshares(self) -> None:
        logged = {
            keys.reshare_key(*key, new_set)
            for key, by_set in self._claims.reshared.items()
            for new_set in by_set
        }
        for object_key in sorted(self._snapshot.reshares.keys() - logged):
            self._report.problem(
                Kind.PERIOD_UNLOGGED,
                object_key,
                "No ledger entry says that it was handed on.",
                _TELL,
            )

    def _document(self, key: PeriodKey, row: PeriodRow | None, erasure: Erasure) -> None:
        opened = self._claims.opened.get(key)
        if opened is None:
            return
        object_key = keys.document_key(*key)
        if row is not None and (
            row.document_key,
            row.document_sha256,
            row.recipient,
        ) != (object_key, opened.document, opened.recipient):
            self._say(
                Kind.PERIOD_CONTRADICTS,
                key,
                f"Its row names another document or recipient than entry {opened.index}.",
                _TELL,
            )
        if erasure.keys is not None:
            self._remains.buried(row, opened, key, erasure.keys)
            return
        if not self._objects.check(object_key, opened.document):
            return
        try:
            document = PeriodDocument.parse(self._objects.read(object_key) or b"")
        except SealBroken as error:
            self._report.problem(Kind.DOCUMENT_INVALID, object_key, error.message, _TELL)
            return
        found = (document.camera, document.epoch, document.period, document.recipient)
        if found != (*key, opened.recipient):
            self._report.problem(
                Kind.DOCUMENT_INVALID,
                object_key,
                f"It is not the document that entry {opened.index} speaks of.",
                _TELL,
            )

    def _reshared(self, key: PeriodKey, row: PeriodRow | None, erasure: Erasure) -> None:
        for new_set, claim in sorted(self._claims.reshared.get(key, {}).items()):
            object_key = keys.reshare_key(*key, new_set)
            if erasure.keys is not None:
                if row is None or row.parts_state == "erased":
                    self._remains.not_handed_on(object_key, self._evidence.reshares_now)
                continue
            if self._snapshot.reshares.get(object_key) != claim.reshare:
                self._say(
                    Kind.PERIOD_CONTRADICTS,
                    key,
                    f"Entry {claim.index} hands it on, and its row is gone or says otherwise.",
                    _RESTORE,
                )
            if not self._objects.check(object_key, claim.reshare):
                continue
            document = self._objects.read(keys.document_key(*key)) or b""
            try:
                Reshare.parse(self._objects.read(object_key) or b"", document)
            except (SealBroken, StatementInvalid) as error:
                self._report.problem(Kind.DOCUMENT_INVALID, object_key, error.message, _TELL)

    def _chain(self, row: PeriodRow, segments: Sequence[SegmentRow]) -> list[Mapping[str, Json]]:
        """The records of the rows; says where the chain does not hold, once."""
        records: list[Mapping[str, Json]] = []
        head = chain_start(row.document_sha256)
        for index, segment in enumerate(segments):
            record = _record(segment)
            if record is not None:
                head = chain_next(head, record)
            if record is None or segment.chain_index != index or segment.chain_head != head:
                self._say(
                    Kind.CHAIN_BROKEN,
                    row.key,
                    f"Record {index} (segment {segment.segment}, {segment.side}) is missing "
                    "or is not the one that was chained.",
                    _RESTORE,
                )
                return records
            records.append(record)
        if len(segments) < row.chain_length or head != row.chain_head:
            self._say(
                Kind.CHAIN_BROKEN,
                row.key,
                f"Its row says {row.chain_length} records; {len(segments)} are there and "
                "do not lead to its head.",
                _RESTORE,
            )
        return records

    def _segment(self, row: SegmentRow, record: Mapping[str, Json], erasure: Erasure) -> None:
        self._report.checked["segments"] += 1
        subject = row.object_key
        expected = (row.side, row.segment, row.start_us, row.end_us, row.object_key)
        if expected != tuple(
            record.get(field) for field in ("side", "segment", "start_us", "end_us", "key")
        ) or row.object_key != _object_key(row):
            self._report.problem(
                Kind.PERIOD_CONTRADICTS,
                subject,
                "Its row and its record do not say the same.",
                _RESTORE,
            )
            return
        if row.state in ("erasing", "erased"):
            self._remains.marked(row, erasure)
            return
        sha256, size = str(record.get("sha256")), record.get("size")
        if row.side == "sealed":
            self._claims.live.check_record(subject, row.camera, record)
        if row.state == "stored":
            gone = partial(self._erased_meanwhile, row)
            length = size if isinstance(size, int) else None
            if self._objects.check(subject, sha256, length, gone) and row.side == "sealed":
                head = self._objects.head(subject, LARGEST_HEADER, gone)
                if head is not None:
                    self._claims.live.check_header(subject, record, head)
        elif row.state == "lost":
            self._lost(row)
        elif not self._objects.whole(subject, sha256):
            self._report.note(
                Kind.SEGMENT_UNFINISHED,
                subject,
                "It was being written: under way, or cut off by a crash.",
                "The camera's next start settles it.",
            )

    def _erased_meanwhile(self, row: SegmentRow) -> bool:
        """Whether a sweep has been here since the rows were read."""
        self._claims.erased.catch_up(self._evidence)
        erasure = self._claims.erased.of((row.camera, row.epoch, row.period))
        return erasure.covers(row.side, row.segment)

    def _lost(self, row: SegmentRow) -> None:
        reached = row.start_us
        for gap in self._evidence.gaps_over(row.camera, row.side, row.start_us, row.end_us):
            if gap.since_us > reached:
                break
            reached = row.end_us if gap.until_us is None else max(reached, gap.until_us)
        if reached < row.end_us:
            self._report.problem(
                Kind.GAP_MISSING,
                row.object_key,
                "It is marked as lost, but no gap says so.",
                _TELL,
            )

    def _closed(
        self,
        key: PeriodKey,
        row: PeriodRow | None,
        closed: Closed,
        records: list[Mapping[str, Json]],
        lost: list[int],
    ) -> None:
        manifest = self._manifest(key, row, closed)
        if manifest is None or row is None:
            return
        if [canonical(record) for record in manifest.records] != [
            canonical(record) for record in records
        ]:
            self._say(
                Kind.PERIOD_CONTRADICTS, key, "Its rows are not the records of its manifest.", _TELL
            )
        elif not set(lost) <= set(manifest.lost) or self._erased_later(key, manifest, lost):
            self._say(
                Kind.PERIOD_CONTRADICTS,
                key,
                f"Its rows call records {lost} lost, its manifest {list(manifest.lost)}.",
                _TELL,
            )

    def _erased_later(self, key: PeriodKey, manifest: Manifest, lost: list[int]) -> bool:
        """Whether the manifest calls something lost that is neither lost nor erased now."""
        erasure = self._claims.erased.of(key)
        return not all(
            erasure.covers(
                str(manifest.records[index]["side"]), int(str(manifest.records[index]["segment"]))
            )
            for index in set(manifest.lost) - set(lost)
        )

    def _row_agrees(self, key: PeriodKey, row: PeriodRow | None, closed: Closed) -> None:
        if row is not None and (
            row.closed_us is None
            or (row.manifest_key, row.manifest_sha256) != (keys.manifest_key(*key), closed.manifest)
            or (row.document_sha256, row.chain_length, row.chain_head)
            != (closed.document, closed.segments, closed.chain)
        ):
            by = f"entry {closed.index}"
            self._say(Kind.PERIOD_CONTRADICTS, key, f"Its row does not say what {by} says.", _TELL)

    def _manifest(self, key: PeriodKey, row: PeriodRow | None, closed: Closed) -> Manifest | None:
        """The period's manifest, held against the entry that closed it."""
        object_key = keys.manifest_key(*key)
        self._row_agrees(key, row, closed)
        if not self._objects.check(object_key, closed.manifest):
            return None
        try:
            manifest = parse_manifest(self._objects.read(object_key) or b"")
        except SealBroken as error:
            self._report.problem(Kind.MANIFEST_INVALID, object_key, error.message, _TELL)
            return None
        if (
            (manifest.camera, manifest.epoch, manifest.period) != key
            or manifest.document_sha256 != closed.document
            or (len(manifest.records), manifest.chain_head) != (closed.segments, closed.chain)
        ):
            self._report.problem(
                Kind.MANIFEST_INVALID,
                object_key,
                f"It does not say what entry {closed.index} says.",
                _TELL,
            )
            return None
        return manifest

    def _say(self, kind: Kind, key: PeriodKey, what: str, remedy: str) -> None:
        self._report.problem(kind, f"period {name(key)}", what, remedy)


def _record(row: SegmentRow) -> Mapping[str, Json] | None:
    try:
        record = json.loads(row.record)
        if isinstance(record, dict) and canonical(record).decode() == row.record:
            return record
    except ValueError:
        pass
    return None


def _object_key(row: SegmentRow) -> str:
    make = keys.sealed_key if row.side == "sealed" else keys.masked_key
    return make(row.camera, row.epoch, row.period, row.segment)
