"""The rung of the newest frame: kept for the status, its changes counted and told.

Each change is a line in the log; of a camera that swings all day a few a minute are, and
how many more there were.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from scrim.redact import Rung

WORDS = {
    Rung.NORMAL: "normal",
    Rung.SPARSE: "fewer looks",
    Rung.WIDE: "wide masks",
    Rung.FIGURES: "moving figures",
    Rung.WHOLE: "whole frame",
}
_MOST_LINES = 10
_WINDOW_S = 60.0


class RungLog:
    """One camera's rung.

    Args:
        report: one line for the log.
        seconds: a clock that never jumps.

    Attributes:
        rung: of the newest frame; ``None`` before the first.
        reason: why it is not normal; "" if it is.
        changes: how often the rung changed since start.
    """

    def __init__(
        self, report: Callable[[str], None], seconds: Callable[[], float] = time.monotonic
    ) -> None:
        self._report = report
        self._seconds = seconds
        self._window_at = seconds()
        self._told = 0
        self._untold = 0
        self.rung: Rung | None = None
        self.reason = ""
        self.changes = 0

    def note(self, rung: Rung, reason: str) -> None:
        """The newest frame was masked on ``rung``, for ``reason``."""
        old, self.rung, self.reason = self.rung, rung, reason
        if old is rung or (old is None and rung is Rung.NORMAL):
            return
        self.changes += 1
        way = f"went from {WORDS[old]} to" if old is not None else "begins with"
        because = f": {reason}" if reason else ""
        self._tell(f"masking {way} {WORDS[rung]}{because}")

    def _tell(self, line: str) -> None:
        now = self._seconds()
        if now - self._window_at >= _WINDOW_S:
            if self._untold:
                self._report(f"masking changed its rung {self._untold} more times")
            self._window_at, self._told, self._untold = now, 0, 0
        if self._told < _MOST_LINES:
            self._told += 1
            self._report(line)
        else:
            self._untold += 1
