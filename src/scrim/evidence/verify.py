"""Verify a bundle, offline, with nothing from the deployment but its public keys.

Writes nothing and unpacks nothing.  The whole list of problems is made; one that is
found ends nothing but what depends on it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from scrim.audit.report import Report
from scrim.errors import BundleBroken
from scrim.evidence.archive import Source, open_bundle
from scrim.evidence.checks.answers import AnswersCheck
from scrim.evidence.checks.course import CourseCheck
from scrim.evidence.checks.credentials import CredentialsCheck
from scrim.evidence.checks.custody import CustodyCheck
from scrim.evidence.checks.files import FilesCheck
from scrim.evidence.checks.found import Found
from scrim.evidence.checks.ledger import LedgerCheck
from scrim.evidence.checks.live import LiveCheck
from scrim.evidence.checks.originals import OriginalsCheck
from scrim.evidence.checks.periods import PeriodsCheck
from scrim.evidence.checks.request import RequestCheck
from scrim.evidence.checks.summary import SummaryCheck
from scrim.evidence.layout import MARKS
from scrim.ledger import VerifierKey


def verify_bundle(
    path: Path,
    *,
    key: VerifierKey | None = None,
    anchor: bytes | None = None,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Report:
    """Check the bundle at ``path``, a folder or a ZIP.

    Args:
        path: where it is.
        key: the ledger's key as the deployment published it.
        anchor: PEM; the anchor of its content credentials as it published that.
        progress: called with bytes read so far, and all there are.

    Raises:
        BundleBroken: not a bundle, or one that is not safe to read.
    """
    return verify_source(open_bundle(path), key=key, anchor=anchor, progress=progress)


def verify_source(
    source: Source,
    *,
    key: VerifierKey | None,
    anchor: bytes | None,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Report:
    """Check an opened bundle; see :func:`verify_bundle`."""
    report, done = Report(), 0
    total = sum(source.sizes().values())

    def advance(size: int) -> None:
        nonlocal done
        done += size
        progress(done, total)

    found = Found(source, report)
    FilesCheck(found, advance).verify()
    RequestCheck(found).verify()
    LedgerCheck(found, key).verify()
    PeriodsCheck(found).verify()
    AnswersCheck(found).verify()
    CourseCheck(found).verify()
    LiveCheck(found).verify()
    OriginalsCheck(found).verify()
    CustodyCheck(found).verify()
    CredentialsCheck(found, anchor).verify()
    SummaryCheck(found).verify()
    return report


def is_bundle(path: Path) -> bool:
    """Whether ``path`` is a bundle or the remains of one, and no data folder.

    Raises:
        BundleBroken: the disk does not say.
    """
    try:
        if path.is_file():
            return True
        return not (path / "scrim.db").exists() and any((path / mark).exists() for mark in MARKS)
    except OSError as error:
        raise BundleBroken(f"{path} cannot be read: {error.strerror}.", "Check the path.") from None
