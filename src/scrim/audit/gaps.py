"""Gaps: each is in the ledger, and each that the ledger knows is there."""

from __future__ import annotations

from typing import Final

from scrim.audit.claims import Claims
from scrim.audit.evidence import Evidence, Snapshot
from scrim.audit.report import Kind, Report
from scrim.clock import to_text

_TELL: Final = "Keep this folder as it is and tell the auditor."


def check_gaps(evidence: Evidence, snapshot: Snapshot, claims: Claims, report: Report) -> None:
    """Compare the rows with what the entries said."""
    rows = {
        (row.camera, row.since_us, row.side, row.cause) for row in evidence.gaps(snapshot.last_gap)
    }
    report.checked["gaps"] += len(rows)
    for key in sorted(rows - claims.gaps):
        report.problem(Kind.GAP_UNLOGGED, _name(key), "No ledger entry speaks of this gap.", _TELL)
    for key in sorted(claims.gaps - rows):
        report.problem(
            Kind.GAP_MISSING, _name(key), "The ledger speaks of this gap; its row is gone.", _TELL
        )


def _name(key: tuple[str, int, str, str]) -> str:
    camera, since_us, side, cause = key
    return f"gap of {camera} ({side}, {cause}) since {to_text(since_us)}"
