"""What was refused, counted for the ledger.

Rules:

1. The first refusal after a quiet hour is in the ledger at once, as a ``denied`` entry;
   what follows within the hour is counted, and written as one entry at its end or when
   the server stops.  So somebody who tries all day writes 24 entries and no more.
2. An entry has numbers by action and role, and nothing else: not who, not from where.
3. What cannot be written is kept and tried again.  A server that is killed loses the
   counts of an hour at most.
"""

from __future__ import annotations

import threading
from collections import Counter
from typing import Final

from scrim.access.signin import Session
from scrim.canonical import Json
from scrim.clock import SECOND, Clock
from scrim.errors import LedgerUnavailable
from scrim.ledger import Act, Entry, Ledger

EVERY_US: Final = 3600 * SECOND
NOBODY: Final = "nobody"


class Refused:
    """Counts the refusals of one server; may be used from several threads."""

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock
        self._lock = threading.Lock()
        self._counts: Counter[tuple[str, str]] = Counter()
        self._since_us = 0
        self._written_us: int | None = None

    def count(self, action: str, session: Session | None) -> None:
        """One refusal more."""
        role = NOBODY if session is None else session.role.value
        with self._lock:
            if not self._counts:
                self._since_us = self._clock.now_us()
            self._counts[action, role] += 1
        self.write(only_if_due=True)

    def write(self, *, only_if_due: bool = False) -> None:
        """Write down what was counted.

        Args:
            only_if_due: not within an hour of the entry before.
        """
        with self._lock:
            now = self._clock.now_us()
            recent = self._written_us is not None and now - self._written_us < EVERY_US
            if not self._counts or (only_if_due and recent):
                return
            try:
                self._ledger.append(self._entry(now))
            except LedgerUnavailable:
                return  # the refusal stands without its entry; the count is kept
            self._counts.clear()
            self._written_us = now

    def _entry(self, now: int) -> Entry:
        denied: dict[str, dict[str, Json]] = {}
        for (action, role), number in sorted(self._counts.items()):
            denied.setdefault(action, {})[role] = number
        return Entry(
            act=Act.DENIED,
            at_us=now,
            who="server",
            authority="access-policy",
            reason="not-permitted",
            since_us=self._since_us,
            until_us=now,
            facts={"denied": denied},
        )
