"""How long to wait before a dead child is started again."""

from __future__ import annotations

from typing import Final

FIRST_WAIT: Final = 1.0
LONGEST_WAIT: Final = 30.0
STEADY_AFTER: Final = 60.0


class BackOff:
    """At once, then 1, 2, 4, ... 30 seconds.

    A child that ran for a minute counts as well again, so that a fault now and
    then never leads to a long wait.

    Args:
        first, longest: seconds.
        steady_after: seconds of running after which waits start over.
    """

    def __init__(
        self,
        first: float = FIRST_WAIT,
        longest: float = LONGEST_WAIT,
        steady_after: float = STEADY_AFTER,
    ) -> None:
        self._first = first
        self._longest = longest
        self._steady_after = steady_after
        self._deaths = 0

    def wait_after(self, ran_seconds: float) -> float:
        """Seconds to wait after a child that ran for ``ran_seconds`` died."""
        if ran_seconds >= self._steady_after:
            self._deaths = 0
        self._deaths += 1
        if self._deaths == 1:
            return 0.0
        # the exponent is bounded, so that no count of deaths can overflow it
        return float(min(self._longest, self._first * 2.0 ** min(self._deaths - 2, 20)))
