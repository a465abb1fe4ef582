"""Whether the machine's clock may be believed, before anything is erased by it.

A clock that is set forward would make everything look old enough to erase.  The ledger
knows better: somebody has written into it every few seconds.

Rules:

1. Time is trusted as far as the ledger has followed it: each entry, and each sweep,
   may be later than what was known by no more than the limit (``retention.clock_hours``).
   An entry beyond that, or ahead of the clock itself, is no evidence.
2. A clock further ahead of trusted time than the limit erases nothing, until it is set
   right or a person says that it is right (after weeks without power, say).
3. A clock behind trusted time erases no sooner than it says, since what is erased too soon
   is gone for good; that things are kept longer meanwhile is said.  Further behind than the
   limit it erases nothing: what is recorded meanwhile bears wrong times.
4. Believing a clock is in the ledger before it takes effect.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, Engine, insert, select, update

from scrim.access.signin import in_ledger
from scrim.clock import SECOND, Clock, to_text
from scrim.errors import ClockDoubtful
from scrim.ledger import Act, Entry, Ledger
from scrim.store.database import reading, writing
from scrim.store.schema import retention_state as table

HOUR_US: Final = 3600 * SECOND
_TOLERANCE_US: Final = 60 * SECOND
_LOOK_BACK: Final = 1000  # entries, where nothing is known yet


class TrustedClock:
    """The time by which may be erased.

    Args:
        engine: the database.
        ledger: what is known of the time.
        clock: the machine's.
        hours: how far it may be from what is known.
    """

    def __init__(self, engine: Engine, ledger: Ledger, clock: Clock, hours: int) -> None:
        self._engine = engine
        self._ledger = ledger
        self._clock = clock
        self._limit_us = hours * HOUR_US
        self.warning = ""
        """What was wrong with the clock at the last look and is no reason to stop."""

    def now_us(self) -> int:
        """The time to erase by.

        Raises:
            ClockDoubtful: the machine's clock is too far from what the ledger knows.
            StoreError: the database cannot be read or written.
        """
        now_us = self._clock.now_us()
        known_us, entries = self._known(now_us)
        self.warning = ""
        if now_us > known_us + self._limit_us:
            raise ClockDoubtful(
                f"The clock says {to_text(now_us)}, but the ledger has only followed time until "
                f"{to_text(known_us)}: nothing is erased.",
                "Set the clock right; if it is right, say so with `scrim retention confirm-clock`.",
            )
        if now_us < known_us - self._limit_us:
            raise ClockDoubtful(
                f"The clock says {to_text(now_us)}, but the ledger has seen "
                f"{to_text(known_us)} already: nothing is erased, and recordings bear wrong times.",
                "Set the clock right; if it is right, say so with `scrim retention confirm-clock`.",
            )
        if now_us < known_us - _TOLERANCE_US:
            self.warning = (
                f"The clock went back {(known_us - now_us) // SECOND} s; so long everything is "
                "kept longer. Set the clock right."
            )
        with writing(self._engine) as connection:
            _remember(connection, max(now_us, known_us), entries)
        return now_us

    def confirm(self) -> int:
        """A person says that the machine's clock is right; returns its time.

        Raises:
            LedgerUnavailable: it could not be written down, so it is not believed.
        """
        now_us = self._clock.now_us()
        with in_ledger(self._engine) as connection:
            receipt = self._ledger.append_in(
                connection,
                Entry(
                    act=Act.CONFIGURED,
                    at_us=now_us,
                    who="operator",
                    authority="operator",
                    reason="clock-confirmed",
                    facts={"change": "clock-confirmed"},
                ),
            )
            _remember(connection, now_us, receipt.index + 1)
        return now_us

    def _known(self, now_us: int) -> tuple[int, int]:
        """What time it is known to be at least, and how much of the ledger says so."""
        size = self._ledger.size()
        with reading(self._engine) as connection:
            row = connection.execute(select(table)).first()
        start = max(0, size - _LOOK_BACK) if row is None else row.entries
        known_us = None if row is None else int(row.trusted_us)
        for _, body in self._ledger.entries(start, size):
            at_us = Entry.parse(body).at_us
            if at_us > now_us:
                continue
            if known_us is None or known_us < at_us <= known_us + self._limit_us:
                known_us = at_us
        return now_us if known_us is None else known_us, size


def _remember(connection: Connection, trusted_us: int, entries: int) -> None:
    values = {"trusted_us": trusted_us, "entries": entries}
    done = connection.execute(update(table).values(**values))
    if not done.rowcount:
        connection.execute(insert(table).values(id=1, **values))
