"""What a process does first so that clear bytes stay in it.

Core dumps are off, other processes of the same user may not read its memory
(``PR_SET_DUMPABLE``), and it dies with its parent, so that no recorder is left
behind that nobody watches.  Linux only; elsewhere what cannot be had is skipped.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import sys

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4


def harden(*, die_with_parent: bool) -> None:
    """Apply all of it.

    Args:
        die_with_parent: be terminated (SIGTERM) as soon as the parent process ends.
    """
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if not sys.platform.startswith("linux"):
        return
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    if die_with_parent:
        parent = os.getppid()
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        if os.getppid() != parent:  # it died between the two lines
            sys.exit(128 + signal.SIGTERM)
