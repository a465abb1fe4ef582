"""Key periods of one camera and epoch: opened before use, closed when both sides have left.

The secret of a period never exists here: :class:`~scrim.vault.period.PeriodKey`
splits it and forgets it before it returns.
"""

from __future__ import annotations

import threading

from scrim.clock import Clock
from scrim.record.catalogue import Catalogue, PeriodId
from scrim.vault import CustodianSet
from scrim.vault.period import PeriodKey

_SIDES = frozenset({"sealed", "masked"})


class Periods:
    """The open periods of one camera.

    Args:
        catalogue: where they are written down.
        custodians: who gets the parts.
        clock: the time a period opens at.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        camera: str,
        epoch: int,
        custodians: CustodianSet,
        clock: Clock,
    ) -> None:
        self._catalogue = catalogue
        self._camera = camera
        self._epoch = epoch
        self._custodians = custodians
        self._clock = clock
        self._lock = threading.Lock()
        self._open: dict[int, PeriodKey] = {}
        self._at: dict[str, int] = dict.fromkeys(_SIDES, 0)
        self._pending: tuple[int, PeriodKey] | None = None

    def id(self, period: int) -> PeriodId:
        """The period's full name."""
        return PeriodId(self._camera, self._epoch, period)

    def ensure(self, period: int) -> None:
        """Open the period unless it is open: its document, row and ledger entry.

        Raises:
            LedgerUnavailable, StoreError: it is not open, nothing may be collected
                into it; try again later.
        """
        with self._lock:
            if period in self._open:
                return
            # a key whose entry could not be written is kept for the next try, since
            # its document may be stored already and is never overwritten
            if self._pending is None or self._pending[0] != period:
                key = PeriodKey.open(
                    camera=self._camera,
                    epoch=self._epoch,
                    period=period,
                    opened_us=self._clock.now_us(),
                    custodians=self._custodians,
                )
                self._pending = (period, key)
            key = self._pending[1]
            self._catalogue.open_period(self.id(period), key)
            self._open[period] = key
            self._pending = None

    def key(self, period: int) -> PeriodKey:
        """The public half to seal to; the period must be open."""
        with self._lock:
            return self._open[period]

    def arrived(self, side: str, period: int, ended_us: int) -> None:
        """A side begins to write a period's segments, so it left the ones before."""
        self._at[side] = max(self._at[side], period)
        self._close_before(min(self._at.values()), ended_us, "recorder")

    def finish(self, ended_us: int) -> None:
        """Both sides are done for good."""
        self._close_before(max(self._open, default=0) + 1, ended_us, "recorder")

    def _close_before(self, period: int, ended_us: int, by: str) -> None:
        for done in sorted(number for number in self._open if number < period):
            self._catalogue.close_period(self.id(done), ended_us, by)
            with self._lock:
                del self._open[done]
