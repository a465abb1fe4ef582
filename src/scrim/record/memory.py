"""Freed pictures are kept for the next ones.

A picture is a megabyte and more.  The C library gives memory of that size back to the system
at once and asks for it anew, page by page, for each picture: half a millisecond of a 720p
frame.  Kept, it costs no more memory than the recorder had at its busiest anyway.
"""

from __future__ import annotations

import contextlib
import ctypes

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
_BYTES = 512 * 1024 * 1024


def keep_freed_memory() -> None:
    """Tell glibc; elsewhere nothing happens."""
    with contextlib.suppress(AttributeError, OSError):
        libc = ctypes.CDLL(None)
        libc.mallopt(_TRIM_THRESHOLD, _BYTES)
        libc.mallopt(_MMAP_THRESHOLD, 32 * 1024 * 1024)
