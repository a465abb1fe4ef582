"""CEL's text, time and duration literals, as far as rules need them."""

from __future__ import annotations

import re
from datetime import datetime

from scrim.clock import SECOND, from_text
from scrim.norms.cel_nodes import CelError

_DURATION = re.compile(r"(?:(\d{1,7})h)?(?:(\d{1,7})m)?(?:(\d{1,10})s)?")


def text_of(literal: str) -> str:
    """The text of a literal in quotes.

    Raises:
        CelError: it has a backslash, of which rules have no need.
    """
    if "\\" in literal or literal[0] in "rR":
        raise CelError("has text with a backslash")
    return literal[1:-1]


def time_of(text: str) -> int:
    """Microseconds of ``timestamp("2026-01-01T00:00:00Z")``.

    Raises:
        CelError: not a time with an offset.
    """
    try:
        if datetime.fromisoformat(text).tzinfo is None:
            raise ValueError
        return from_text(text)
    except (ValueError, OverflowError):
        raise CelError(f"has the time {text[:40]!r}, which is none") from None


def seconds_of(text: str) -> int:
    """Microseconds of ``duration("72h")``, of hours, minutes and seconds.

    Raises:
        CelError: not a length.
    """
    match = _DURATION.fullmatch(text)
    if match is None or not text:
        raise CelError(f'has the duration {text[:40]!r}, which is none; write "72h"')
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return (hours * 3600 + minutes * 60 + seconds) * SECOND
