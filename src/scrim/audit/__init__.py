"""Checking a data folder from outside, offline, without trusting who runs it.

:func:`verify_folder` is ``scrim verify``.  One module for each thing checked:

==================  ========================================================
:mod:`.tree`        entries and nodes of the ledger's tree
:mod:`.checkpoints` signatures, and what they signed
:mod:`.claims`      what entries say about periods and gaps
:mod:`.heads`       heads of chains that the ledger holds
:mod:`.periods`     documents, rows, chains, manifests
:mod:`.objects`     sealed and masked objects, orphans, leftovers
:mod:`.gaps`        gaps
==================  ========================================================

Nothing is written, and no clear picture or key that opens anything is needed:
what is checked is that everything sealed is there and unchanged.
``docs/guide/verify.md`` says what each finding means.
"""

from scrim.audit.report import Finding, Kind, Report, Severity
from scrim.audit.verify import verify_folder

__all__ = ["Finding", "Kind", "Report", "Severity", "verify_folder"]
