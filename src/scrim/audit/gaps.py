"""Gaps: each is in the ledger, as it is, and each that the ledger knows is there."""

from __future__ import annotations

from typing import Final

from scrim.audit.claims import Claims, GapKey
from scrim.audit.evidence import Snapshot
from scrim.audit.report import Kind, Report
from scrim.clock import to_text

_TELL: Final = "Keep this folder as it is and tell the auditor."


def check_gaps(snapshot: Snapshot, claims: Claims, report: Report) -> None:
    """Compare the rows with what the entries said."""
    rows: dict[GapKey, set[int | None]] = {}
    for row in snapshot.gaps:
        key = (row.camera, row.since_us, row.side, row.cause)
        rows.setdefault(key, set()).add(row.until_us)
    report.checked["gaps"] += len(rows)
    for key in sorted(rows):
        wrong = _contradiction(rows[key], claims.gaps.get(key))
        if wrong:
            report.problem(Kind.GAP_UNLOGGED, _name(key), wrong, _TELL)
    for key in sorted(claims.gaps.keys() - rows.keys()):
        report.problem(
            Kind.GAP_MISSING, _name(key), "The ledger speaks of this gap; its row is gone.", _TELL
        )


def _contradiction(ends: set[int | None], logged: set[int] | None) -> str:
    """How the ends of a gap's row differ from those in the ledger; "" where they do not.

    More than one where a crash has left a gap written down twice.
    """
    if logged is None:
        return "No ledger entry speaks of this gap."
    if ends - {None} - logged:
        return "No ledger entry says that it ended when its row says."
    if ends == {None} and logged:
        return "Its row says that it lasts; the ledger says that it ended."
    return ""


def _name(key: GapKey) -> str:
    camera, since_us, side, cause = key
    return f"gap of {camera} ({side}, {cause}) since {to_text(since_us)}"
