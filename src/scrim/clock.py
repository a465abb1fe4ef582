"""Time as Scrim keeps it: whole microseconds of UTC since 1970.

Integers compare, subtract and serialise the same everywhere; text is for
people.  Code that decides by time takes a :class:`Clock`, so that a test can
live through a year in a second.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol

SECOND = 1_000_000


class Clock(Protocol):
    """Where the time comes from."""

    def now_us(self) -> int:
        """UTC now, microseconds since 1970."""


class SystemClock:
    """The machine's own clock."""

    def now_us(self) -> int:
        return time.time_ns() // 1000


def to_text(us: int) -> str:
    """``2026-11-22T07:13:00.000000Z``: ISO 8601, UTC, microseconds."""
    moment = datetime.fromtimestamp(us // SECOND, tz=UTC).replace(microsecond=us % SECOND)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def from_text(text: str) -> int:
    """Microseconds for an ISO 8601 time; one without an offset is taken as UTC.

    Raises:
        ValueError: not an ISO 8601 time.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    whole = int(moment.replace(microsecond=0).timestamp())
    return whole * SECOND + moment.microsecond
