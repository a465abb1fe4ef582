"""One gap for a run of damage, rather than one for every damaged picture."""

from __future__ import annotations

from scrim.camera.packet import Gap, GapCause

_QUIET_US = 1_000_000  # this long without damage, and the run is over


class Losses:
    """Begins a gap at the first damage and ends it after a second without.

    Args:
        cause: as it stands in the gaps.
    """

    def __init__(self, cause: GapCause) -> None:
        self._cause = cause
        self._since_us: int | None = None
        self._until_us = 0
        self._detail = ""

    def damaged(self, since_us: int, until_us: int, detail: str) -> list[Gap]:
        """Pictures are missing or damaged between these times."""
        if self._since_us is not None:
            self._until_us = max(self._until_us, until_us)
            return []
        self._since_us, self._until_us, self._detail = since_us, max(since_us, until_us), detail
        return [Gap(since_us, None, self._cause, detail)]

    def clean(self, captured_us: int) -> list[Gap]:
        """A whole picture came."""
        if self._since_us is None or captured_us < self._until_us + _QUIET_US:
            return []
        return self.end()

    def end(self) -> list[Gap]:
        """The stream is over; end the gap, if there is one."""
        if self._since_us is None:
            return []
        gap = Gap(self._since_us, self._until_us, self._cause, self._detail)
        self._since_us = None
        return [gap]
