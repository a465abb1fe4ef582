"""Time as Scrim keeps it: whole microseconds of UTC since 1970.

Integers compare, subtract and serialise the same everywhere; text is for
people.  Code that decides by time takes a :class:`Clock`, so that a test can
live through a year in a second.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
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


class OnwardClock:
    """A clock that never goes back, whoever sets the machine's.

    It shows the other clock's time, or what it showed before and how long that is ago
    by a clock that cannot be set, whichever is later.  For what must end when it was
    said to.

    Args:
        clock: the clock to follow.
        monotonic_ns: nanoseconds of a clock that cannot be set.
    """

    def __init__(
        self, clock: Clock, *, monotonic_ns: Callable[[], int] = time.monotonic_ns
    ) -> None:
        self._clock = clock
        self._monotonic_ns = monotonic_ns
        self._lock = threading.Lock()
        self._shown_us = 0
        self._shown_ns = monotonic_ns()

    def now_us(self) -> int:
        with self._lock:
            return self._advance(self._clock.now_us())

    def not_before(self, us: int) -> None:
        """It is known to be ``us`` already, at least."""
        with self._lock:
            self._advance(us)

    def _advance(self, at_least_us: int) -> int:
        now_ns = self._monotonic_ns()
        passed_us = (now_ns - self._shown_ns) // 1000
        # by whole microseconds, so that none is lost between two calls
        self._shown_ns += passed_us * 1000
        self._shown_us = max(at_least_us, self._shown_us + passed_us)
        return self._shown_us


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
