"""What a check found, one line each, for people and for programs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

from scrim.canonical import Json


class Severity(StrEnum):
    """Whether something does not hold, or is only worth knowing."""

    PROBLEM = "problem"
    NOTE = "note"


class Kind(StrEnum):
    """What can be found; the words stand in reports and are meant for programs."""

    DATABASE_DAMAGED = "database-damaged"
    ENTRY_MISSING = "entry-missing"
    ENTRY_ALTERED = "entry-altered"
    ENTRY_UNREADABLE = "entry-unreadable"
    NODE_MISSING = "node-missing"
    NODE_ALTERED = "node-altered"
    NODE_EXTRA = "node-extra"
    KEY_MISSING = "key-missing"
    KEY_DIFFERS = "key-differs"
    KEY_NOT_PINNED = "key-not-pinned"
    CHECKPOINT_INVALID = "checkpoint-invalid"
    CHECKPOINT_MISSING = "checkpoint-missing"
    CHECKPOINT_OLD = "checkpoint-old"
    LEDGER_TRUNCATED = "ledger-truncated"
    LEDGER_REWRITTEN = "ledger-rewritten"
    LEDGER_UNSIGNED = "ledger-unsigned"
    PERIOD_UNLOGGED = "period-unlogged"
    PERIOD_ROW_MISSING = "period-row-missing"
    PERIOD_CONTRADICTS = "period-contradicts"
    PERIOD_OPEN = "period-open"
    DOCUMENT_INVALID = "document-invalid"
    MANIFEST_INVALID = "manifest-invalid"
    CHAIN_BROKEN = "chain-broken"
    HEADS_CONTRADICTED = "heads-contradicted"
    LIVE_UNLOGGED = "live-unlogged"
    SEAL_RECIPIENTS = "seal-recipients"
    SEGMENT_UNFINISHED = "segment-unfinished"
    GAP_MISSING = "gap-missing"
    GAP_UNLOGGED = "gap-unlogged"
    OBJECT_MISSING = "object-missing"
    OBJECT_TRUNCATED = "object-truncated"
    OBJECT_ALTERED = "object-altered"
    OBJECT_SWAPPED = "object-swapped"
    OBJECT_ORPHANED = "object-orphaned"
    OBJECT_UNREADABLE = "object-unreadable"
    STAGING_LEFT = "staging-left"
    ERASED_UNLOGGED = "erased-unlogged"
    ERASED_UNPROVEN = "erased-unproven"
    ERASED_FOUND = "erased-found"
    ERASING = "erasing"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found.

    Attributes:
        kind: what, a :class:`Kind` or the like of another check.
        subject: which object, entry or period.
        what: what was expected and what is there, one sentence.
        remedy: what to do, one sentence.
    """

    kind: StrEnum
    subject: str
    what: str
    remedy: str
    severity: Severity = Severity.PROBLEM

    def line(self) -> str:
        """One line for people."""
        return f"{self.kind.value}  {self.subject}: {self.what} {self.remedy}".rstrip()


class Report:
    """Everything that was found, and how much was looked at."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.checked: Counter[str] = Counter()

    def problem(self, kind: StrEnum, subject: str, what: str, remedy: str) -> None:
        """Something does not hold."""
        self.findings.append(Finding(kind, subject, what, remedy))

    def note(self, kind: StrEnum, subject: str, what: str, remedy: str = "") -> None:
        """Something is worth knowing, and nothing is wrong with it."""
        self.findings.append(Finding(kind, subject, what, remedy, Severity.NOTE))

    @property
    def problems(self) -> list[Finding]:
        """What does not hold."""
        return [found for found in self.findings if found.severity is Severity.PROBLEM]

    @property
    def notes(self) -> list[Finding]:
        """What is worth knowing."""
        return [found for found in self.findings if found.severity is Severity.NOTE]

    @property
    def holds(self) -> bool:
        """Whether nothing was found that does not hold."""
        return not self.problems

    def to_json(self) -> dict[str, Json]:
        """The report for a program."""
        return {
            "holds": self.holds,
            "checked": dict(sorted(self.checked.items())),
            "findings": [
                {
                    "severity": found.severity.value,
                    "kind": found.kind.value,
                    "subject": found.subject,
                    "what": found.what,
                    "remedy": found.remedy,
                }
                for found in self.findings
            ],
        }
