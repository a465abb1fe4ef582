"""Byte ranges of stored objects (RFC 9110, section 14)."""

from __future__ import annotations

import re
from typing import Final

from scrim.api.refusals import RangeRefused

_RANGE: Final = re.compile(r"bytes=(\d*)-(\d*)")


def byte_range(wanted: str | None, size: int) -> tuple[int, int] | None:
    """``(start, end)``, end exclusive, of a ``Range`` header; ``None``: send the whole.

    A header that is not understood, or names several ranges, is ignored, as RFC 9110
    allows.

    Raises:
        RangeRefused: no byte of it lies inside.
    """
    match = _RANGE.fullmatch(wanted.strip()) if wanted and len(wanted) < 64 else None
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:  # the last n bytes
        start, end = max(size - int(last), 0), size
    else:
        start, end = int(first), min(int(last) + 1, size) if last else size
        if last and int(last) < int(first):
            return None
    if start >= end:
        raise RangeRefused(f"The object has {size} bytes.", "Ask for bytes inside it.")
    return start, end
