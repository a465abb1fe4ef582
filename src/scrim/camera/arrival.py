"""UTC capture times for pictures that come live.

A camera's time stamps run at an even pace but say nothing about UTC; arrival
times are UTC but jitter, and are always late, never early.  So the smallest
difference seen lately between the two is the best guess of their offset (the
idea behind NTP's clock filter), and following it slowly takes out the drift of
the camera's oscillator.  See ADR 0011.

Rules kept here:

- A picture is never said to be taken after it arrived.
- The offset moves up by at most :data:`SLEW` of the time that passes, so time
  never runs backward nor stutters.
"""

from __future__ import annotations

from collections import deque

SECOND = 1_000_000
SLEW = 0.01  # 10 ms a second; oscillators drift by a hundredth of that
_WINDOW_US = 30 * SECOND
_CATCH_UP = 0.05


class ArrivalClock:
    """Learns the offset between media time and UTC from arrivals.

    Args:
        window_us: how far back arrivals count.
    """

    def __init__(self, window_us: int = _WINDOW_US) -> None:
        self._window_us = window_us
        # (arrival, difference) with rising differences: the first is the smallest
        self._lowest: deque[tuple[int, int]] = deque()
        self._offset_us: int | None = None
        self._last_arrival_us = 0

    def learn(self, media_us: int, arrived_us: int) -> None:
        """Take note of an arrival, without moving the offset yet (used before the first)."""
        difference = arrived_us - media_us
        while self._lowest and self._lowest[-1][1] >= difference:
            self._lowest.pop()
        self._lowest.append((arrived_us, difference))
        while arrived_us - self._lowest[0][0] > self._window_us:
            self._lowest.popleft()

    def offset(self, media_us: int, arrived_us: int) -> int:
        """UTC minus media time, for the picture that arrived now."""
        self.learn(media_us, arrived_us)
        smallest = self._lowest[0][1]
        if self._offset_us is None or smallest < self._offset_us:
            # an earlier arrival than thought possible proves the offset too large
            self._offset_us = smallest
        else:
            passed = max(arrived_us - self._last_arrival_us, 0)
            self._offset_us = min(smallest, self._offset_us + int(passed * SLEW))
        self._last_arrival_us = arrived_us
        return self._offset_us

    def forget(self) -> None:
        """Start over: the media clock jumped, or this is another connection."""
        self._lowest.clear()
        self._offset_us = None


class SteadyUtc:
    """UTC that never runs backward while a connection lasts.

    The machine's clock may be set while pictures come.  Forward it is followed
    at once; backward by going slower (:data:`_CATCH_UP` of the time that
    passes), because a picture taken later must not be stamped earlier.

    Args:
        utc_us, monotonic_us: both clocks now, microseconds.
    """

    def __init__(self, utc_us: int, monotonic_us: int) -> None:
        self._steady_us = utc_us
        self._monotonic_us = monotonic_us

    def read(self, utc_us: int, monotonic_us: int) -> int:
        """Steady UTC now, from both clocks now."""
        passed = max(monotonic_us - self._monotonic_us, 0)
        self._monotonic_us = monotonic_us
        self._steady_us += passed
        ahead = self._steady_us - utc_us
        if ahead < 0:
            self._steady_us = utc_us
        else:
            self._steady_us -= min(ahead, int(passed * _CATCH_UP))
        return self._steady_us
