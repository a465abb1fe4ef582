"""All checks of a data folder, in an order that needs each thing once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from scrim.audit.checkpoints import CheckpointCheck
from scrim.audit.claims import Claims
from scrim.audit.evidence import Evidence, Snapshot, open_evidence
from scrim.audit.gaps import check_gaps
from scrim.audit.heads import HeadsCheck
from scrim.audit.objects import ObjectCheck, check_orphans
from scrim.audit.periods import PeriodCheck
from scrim.audit.report import Kind, Report
from scrim.audit.tree import TreeCheck, check_extra_nodes
from scrim.errors import LedgerBroken, StoreError
from scrim.ledger import Entry, VerifierKey
from scrim.ledger.merkle import EMPTY_ROOT

Progress = Callable[[str, int, int], None]

_CHUNK: Final = 4096
_TRIES: Final = 5  # while a sweep erases what is looked at
_TELL: Final = "Keep this folder as it is and tell the auditor."


def verify_folder(
    path: Path,
    *,
    key: VerifierKey | None = None,
    remembered: Sequence[tuple[str, str]] = (),
    quick: bool = False,
    progress: Progress = lambda _what, _done, _total: None,
) -> Report:
    """Check a data folder against its manifests and its ledger; nothing is written.

    Where something does not hold and a sweep erased meanwhile, all is looked at again: what was
    there when the rows were read may rightly be gone when its turn comes.

    Args:
        path: the folder.
        key: the ledger's key as it was written down elsewhere; without it the
            folder's own is used, and that is said.
        remembered: (name, note) of checkpoints that were kept elsewhere.
        quick: sizes of objects only, not their hashes.
        progress: called with (what, done, total).

    Raises:
        DataFolderMissing: no data folder.
        DataFolderNewer: a newer Scrim wrote it.
    """
    report = Report()
    with open_evidence(path) as evidence:
        for _ in range(_TRIES):
            report = Report()
            try:
                erased = evidence.erasings()
                _verify(evidence, report, key, remembered, quick, progress)
                if not report.problems or evidence.erasings() == erased:
                    break
            except StoreError as error:
                report.problem(
                    Kind.DATABASE_DAMAGED, "scrim.db", error.message, "Restore it from a copy."
                )
                break
    return report


def _verify(
    evidence: Evidence,
    report: Report,
    key: VerifierKey | None,
    remembered: Sequence[tuple[str, str]],
    quick: bool,
    progress: Progress,
) -> None:
    for fault in () if quick else evidence.database_faults():
        report.problem(Kind.DATABASE_DAMAGED, "scrim.db", fault, "Restore it from a copy.")
    snapshot = evidence.snapshot()
    check_extra_nodes(snapshot, report)
    claims = Claims(report)
    _ledger(evidence, snapshot, claims, report, _key(evidence, report, key), remembered, progress)

    objects = ObjectCheck(evidence, report, quick=quick)
    total = sum(row.chain_length for row in snapshot.periods.values())
    done = 0

    def advance(count: int) -> None:
        nonlocal done
        done += count
        progress("Recordings", done, total)

    PeriodCheck(evidence, snapshot, claims, objects, report, advance).run()
    objects.finish(claims)
    check_gaps(snapshot, claims, report)
    check_orphans(evidence, report, claims)
    claims.erased.explain(evidence, snapshot.size)


def _ledger(
    evidence: Evidence,
    snapshot: Snapshot,
    claims: Claims,
    report: Report,
    key: VerifierKey | None,
    remembered: Sequence[tuple[str, str]],
    progress: Progress,
) -> None:
    checkpoints = CheckpointCheck(key, report)
    heads = HeadsCheck(evidence, report)
    tree = TreeCheck(evidence, report)
    for label, note in remembered:
        checkpoints.sign_of(label, note)
    newest = _checkpoint_file(snapshot, checkpoints, report)
    checkpoints.settle({0: EMPTY_ROOT})
    for start in range(0, snapshot.size, _CHUNK):
        stop = min(start + _CHUNK, snapshot.size)
        for size, note in evidence.checkpoints(start, stop):
            if checkpoints.sign_of(f"checkpoint of {size} entries", note, size) is not None:
                newest = max(newest, size)
        bodies = evidence.entries(start, stop)
        tree.add(start, stop, bodies, checkpoints.wanted(start, stop))
        checkpoints.settle(tree.roots)
        for index in sorted(bodies):
            entry = _parsed(index, bodies[index], report)
            if entry is not None:
                claims.see(index, entry)
                heads.see(index, entry)
        progress("Ledger", stop, snapshot.size)
    if snapshot.newest_checkpoint is not None:
        for size, note in evidence.checkpoints(snapshot.size, snapshot.newest_checkpoint):
            checkpoints.sign_of(f"checkpoint of {size} entries", note, size)
    checkpoints.finish(snapshot.size)
    if newest < snapshot.size:
        report.note(
            Kind.LEDGER_UNSIGNED,
            f"entries {newest} to {snapshot.size - 1}",
            "No checkpoint has signed them yet; a running Scrim does so every few seconds.",
        )


def _checkpoint_file(snapshot: Snapshot, checkpoints: CheckpointCheck, report: Report) -> int:
    if snapshot.checkpoint_file is None:
        if snapshot.newest_checkpoint is not None:
            report.problem(
                Kind.CHECKPOINT_MISSING,
                "checkpoint",
                "The file is gone or unreadable, though checkpoints were signed.",
                "Scrim writes it again when it starts; ask who removed it.",
            )
        return 0
    found = checkpoints.sign_of("the file checkpoint", snapshot.checkpoint_file)
    if found is None:
        return 0
    if snapshot.newest_checkpoint is not None and found.size < snapshot.newest_checkpoint:
        report.note(
            Kind.CHECKPOINT_OLD,
            "checkpoint",
            f"The file signs {found.size} entries, the database's newest "
            f"{snapshot.newest_checkpoint}; a crash can do that.",
        )
    return min(found.size, snapshot.size)


def _key(evidence: Evidence, report: Report, pinned: VerifierKey | None) -> VerifierKey | None:
    file = evidence.folder.keys / "ledger.pub"
    try:
        own = VerifierKey.from_text(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, LedgerBroken):
        report.problem(
            Kind.KEY_MISSING,
            "keys/ledger.pub",
            "The ledger's key is gone or is no key"
            + ("." if pinned is not None else ", so no signature can be checked."),
            "Restore it, or give the key you wrote down with --key.",
        )
        return pinned
    if pinned is None:
        report.note(
            Kind.KEY_NOT_PINNED,
            "keys/ledger.pub",
            "Signatures were checked with the folder's own key, which whoever changed the "
            "folder could have changed too.",
            "Give the key you wrote down at the beginning with --key.",
        )
        return own
    if own != pinned:
        report.problem(
            Kind.KEY_DIFFERS, "keys/ledger.pub", "It is not the key given with --key.", _TELL
        )
    return pinned


def _parsed(index: int, body: bytes, report: Report) -> Entry | None:
    try:
        return Entry.parse(body)
    except LedgerBroken as error:
        report.problem(Kind.ENTRY_UNREADABLE, f"entry {index}", error.message, error.remedy)
        return None
