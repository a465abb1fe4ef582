"""A camera that does not give pictures, as gaps with the right cause."""

from __future__ import annotations

from collections.abc import Iterator

from scrim.camera._failures import Failure
from scrim.camera.packet import Gap, GapCause


class Outage:
    """One outage, from the last picture to the next.

    A cause that tells more ends the gap so far and begins another: from a lost
    connection to a wrong password, say.  That the camera then cannot be reached
    tells nothing new after it hung up or stalled.
    """

    def __init__(self) -> None:
        self._open: Gap | None = None
        self.held: list[Gap] = []  # ends of other gaps, told with the next event

    def failed(self, failure: Failure, end_us: int, now_us: int) -> Iterator[Gap]:
        """An attempt failed or a connection ended.

        Args:
            failure: why.
            end_us: where the last picture ends, or when the source started.
            now_us: UTC now.
        """
        yield from self.release()
        if self._open is None:
            since_us = end_us
        elif failure.cause in (self._open.cause, GapCause.UNREACHABLE):
            return
        else:
            since_us = max(now_us, self._open.since_us)
            yield Gap(self._open.since_us, since_us, self._open.cause, self._open.detail)
        self._open = Gap(since_us, None, failure.cause, failure.detail)
        yield self._open

    def over(self, captured_us: int) -> Iterator[Gap]:
        """Pictures are back, the first taken at ``captured_us``."""
        yield from self.release()
        if self._open is not None:
            gap, self._open = self._open, None
            yield Gap(gap.since_us, max(captured_us, gap.since_us), gap.cause, gap.detail)

    def release(self) -> Iterator[Gap]:
        """The ends of other gaps that could not be told when they came."""
        while self.held:
            yield self.held.pop(0)
