"""How much work a camera's pictures are: seconds of work for a second of pictures."""

from __future__ import annotations

from collections import deque

_WINDOW_US = 3_000_000
_FEWEST_US = 1_000_000
_LONGEST_US = 1_000_000  # a picture counts as no longer than that, whatever its stamp says


class Load:
    """Of the last three seconds of pictures."""

    def __init__(self) -> None:
        self._last: deque[tuple[float, int]] = deque()
        self._work_s = 0.0
        self._length_us = 0

    def add(self, work_s: float, length_us: int) -> None:
        """A picture that stands for ``length_us`` took ``work_s`` seconds to mask."""
        length_us = min(max(length_us, 1), _LONGEST_US)
        self._last.append((work_s, length_us))
        self._work_s += work_s
        self._length_us += length_us
        while self._length_us - self._last[0][1] >= _WINDOW_US:
            work_s, length_us = self._last.popleft()
            self._work_s -= work_s
            self._length_us -= length_us

    @property
    def value(self) -> float:
        """From 1.0 on the machine does not keep up; 0.0 until a second of pictures is known."""
        if self._length_us < _FEWEST_US:
            return 0.0
        return self._work_s * 1_000_000 / self._length_us
