"""Times as people type them: with their zone, because a case is about one moment."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from scrim.clock import SECOND, from_text
from scrim.errors import CaseError

_SPAN: Final = re.compile(r"([0-9]{1,4})([mhd])")
_UNITS: Final = {"m": 60, "h": 3600, "d": 24 * 3600}


def moment(option: str, text: str) -> int:
    """UTC microseconds of ``2026-11-25T14:00+08:00``.

    Raises:
        CaseError: no such time, or it does not say of which zone.
    """
    try:
        said = datetime.fromisoformat(text)
        when = from_text(text)
    except (ValueError, OverflowError):
        raise CaseError(
            f"{option} {text!r} is not a time.", "Write it as 2026-11-25T14:00+08:00."
        ) from None
    if said.tzinfo is None:
        exact = bool(said.second or said.microsecond)
        whole = said.isoformat(timespec="auto" if exact else "minutes")  # a day alone has no zone
        raise CaseError(
            f"{option} {text!r} does not say of which time zone.",
            f"Write {whole}+08:00 for Hong Kong, {whole}Z for UTC.",
        )
    return when


def moment_or_span(option: str, text: str, now_us: int) -> int:
    """The same, or ``30d``, ``12h``, ``45m`` from now on.

    Raises:
        CaseError: neither.
    """
    span = _SPAN.fullmatch(text)
    if span is None:
        return moment(option, text)
    return now_us + int(span[1]) * _UNITS[span[2]] * SECOND


def shown(us: int) -> str:
    """A time for people: this machine's zone, to the second; a number where it is no time."""
    try:
        return datetime.fromtimestamp(us // SECOND).astimezone().isoformat(timespec="seconds")
    except (ValueError, OverflowError, OSError):
        return f"{us} (no time)"
