"""What the ledger says was erased, and whether that accounts for what is not there.

Rules:

1. What is missing and was logged as erased is no fault; what is missing and was not is one.
2. Where a period's manifest is still there, each run's proof is held against it; where
   it is gone too, the runs must account for as many records as the period had.
3. A sweep may be under way: entries that came after the snapshot are read when something is
   missing, because the entry is there before anything goes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from scrim.audit.evidence import Evidence, PeriodKey
from scrim.audit.report import Kind, Report
from scrim.canonical import Json
from scrim.errors import LedgerBroken
from scrim.ledger import Act, Entry
from scrim.ledger.erasure import Run, period_of, proof
from scrim.store import keys

_TELL: Final = "Keep this folder as it is and tell the auditor."


@dataclass(slots=True)
class Erasure:
    """What was erased of one period.

    Attributes:
        runs: by side, each with the index of its entry.
        keys, manifest: index of the entry that says that they went.
    """

    runs: dict[str, list[tuple[int, Run]]] = field(default_factory=dict)
    keys: int | None = None
    manifest: int | None = None

    def covers(self, side: str, segment: int) -> bool:
        """Whether an entry says that this segment was erased."""
        return any(run.first <= segment <= run.last for _, run in self.runs.get(side, ()))

    @property
    def records(self) -> int:
        """How many records the entries account for."""
        return sum(run.count for runs in self.runs.values() for _, run in runs)

    def unproven(self, records: Sequence[Mapping[str, Json]]) -> list[int]:
        """Entries with a run that is not what these records say."""
        wrong = []
        for side, runs in self.runs.items():
            mine = {
                record.get("segment"): str(record.get("sha256"))
                for record in records
                if record.get("side") == side
            }
            for index, run in runs:
                there = [
                    mine[number] for number in range(run.first, run.last + 1) if number in mine
                ]
                if len(there) != run.count or proof(there) != run.sha256:
                    wrong.append(index)
        return wrong


@dataclass(slots=True)
class KeysGone:
    """What one entry says of the key parts that it destroys.

    Attributes:
        periods: of which.
        count, sha256: how many re-sharings went with them, and their proof.
    """

    periods: tuple[PeriodKey, ...]
    count: int
    sha256: str


class ErasureClaims:
    """Gathers ``erased`` entries."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._of: dict[PeriodKey, Erasure] = {}
        self.keys_gone: dict[int, KeysGone] = {}
        self._seen = 0

    def see(self, index: int, entry: Entry) -> None:
        """Take one entry."""
        try:
            self._take(index, entry)
        except (KeyError, TypeError, ValueError):
            self._report.problem(
                Kind.ENTRY_UNREADABLE,
                f"entry {index}",
                "An entry 'erased' lacks a fact it must have, or has one that is none.",
                _TELL,
            )

    def of(self, key: PeriodKey) -> Erasure:
        """What was erased of a period, as far as is known."""
        return self._of.get(key, Erasure())

    def up_to(self, size: int) -> None:
        """All entries below ``size`` were seen."""
        self._seen = max(self._seen, size)

    def catch_up(self, evidence: Evidence) -> None:
        """Take what was erased since the snapshot."""
        while bodies := evidence.entries(self._seen, self._seen + 1000):
            for index in sorted(bodies):
                try:
                    entry = Entry.parse(bodies[index])
                except LedgerBroken:
                    continue  # the next verify looks at it as an entry
                if entry.act is Act.ERASED:
                    self.see(index, entry)
            self._seen = max(bodies) + 1

    def explain(self, evidence: Evidence, since: int) -> None:
        """Take back what was said of objects that a sweep erased meanwhile.

        Args:
            evidence: the folder.
            since: entries from here on came while it was looked at.
        """
        self.catch_up(evidence)
        self._report.findings[:] = [
            found
            for found in self._report.findings
            if found.kind not in (Kind.OBJECT_MISSING, Kind.OBJECT_UNREADABLE)
            or not self._gone(found.subject, since)
        ]

    def _gone(self, object_key: str, since: int) -> bool:
        name = keys.parse(object_key)
        if name is None:
            return False
        erasure = self.of((name.camera, name.epoch, name.period))
        if name.segment is not None:
            runs = erasure.runs.get(name.kind, ())
            return any(at >= since and run.first <= name.segment <= run.last for at, run in runs)
        at = erasure.manifest if name.kind == "manifest" else erasure.keys
        return at is not None and at >= since

    def _take(self, index: int, entry: Entry) -> None:
        if entry.camera is None:
            raise KeyError("camera")
        facts = entry.facts
        side = facts["side"]
        if side not in ("sealed", "masked"):
            raise ValueError("side")
        for word in _words(facts, "runs"):
            run = Run.parse(word)
            erasure = self._at(entry.camera, run.epoch, run.period)
            if any(
                run.first <= other.last and other.first <= run.last
                for _, other in erasure.runs.get(str(side), ())
            ):
                self._twice(index, entry.camera, run)
            erasure.runs.setdefault(str(side), []).append((index, run))
        gone = [(entry.camera, *period_of(word)) for word in _words(facts, "keys")]
        for key in gone:
            self._at(*key).keys = index
        if gone:
            self.keys_gone[index] = KeysGone(
                tuple(gone), int(str(facts["reshares"])), str(facts["reshares_sha256"])
            )
        for word in _words(facts, "manifests"):
            self._at(entry.camera, *period_of(word)).manifest = index

    def _twice(self, index: int, camera: str, run: Run) -> None:
        self._report.problem(
            Kind.ERASED_UNPROVEN,
            f"entry {index}",
            f"It erases segments of {camera}/{run.epoch}/{run.period} that were erased before.",
            _TELL,
        )

    def _at(self, camera: str, epoch: int, period: int) -> Erasure:
        return self._of.setdefault((camera, epoch, period), Erasure())


def _words(facts: Mapping[str, Json], name: str) -> list[str]:
    found = facts[name]
    if not isinstance(found, list) or not all(isinstance(word, str) for word in found):
        raise TypeError(name)
    return [str(word) for word in found]
