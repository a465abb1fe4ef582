"""How long to wait before the next try.

Exponential with a cap and full jitter: each wait is drawn evenly between zero
and the current limit, so that a thousand cameras that lost the same switch do
not come back in the same instant.  See ADR 0013.
"""

from __future__ import annotations

import random


class Backoff:
    """Waits that grow while nothing works.

    Args:
        first_s: limit of the first wait, seconds.
        most_s: limit that no wait goes beyond, seconds.
        draw: gives a number in [0, 1); a test passes its own.
    """

    def __init__(self, first_s: float, most_s: float, draw: random.Random | None = None) -> None:
        if not 0 < first_s <= most_s:
            raise ValueError(f"back-off needs 0 < first ({first_s}) <= most ({most_s})")
        self._first_s = first_s
        self._most_s = most_s
        self._limit_s = first_s
        self._random = draw if draw is not None else random.Random()  # noqa: S311 - no secret

    def next_s(self) -> float:
        """Seconds to wait now; the next limit is twice as high."""
        wait = self._random.random() * self._limit_s
        self._limit_s = min(self._limit_s * 2, self._most_s)
        return wait

    def slow_s(self) -> float:
        """Seconds to wait where trying again soon does harm: half the cap to the cap.

        A camera may lock an account after a few wrong passwords.
        """
        self._limit_s = self._most_s
        return self._most_s * (0.5 + self._random.random() / 2)

    def worked(self) -> None:
        """It works again: start from the first wait."""
        self._limit_s = self._first_s
