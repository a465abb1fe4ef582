"""Views that were ended by whoever had opened them, remembered while a request may be on its way.

A page that ends a view has requests under way for its pictures.  They get none; but nobody
denied them anything, and the ledger must not say so.

Rules:

1. Remembered is what its own session ended, and nothing else: not a view that never was, nor one
   that the policies, a case or another session had a say in.  These stay denials.
2. Only for :data:`ON_ITS_WAY_US`.  Who asks for it later is not under way and is denied.
3. It is kept in memory: a server that starts again has no request of before.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Final

from scrim.clock import SECOND, Clock

ON_ITS_WAY_US: Final = 30 * SECOND
"""Longer than a request takes from a page to the place where its view is looked up."""

_MOST: Final = 10_000  # each was opened with an entry in the ledger, so they are few


class EndedViews:
    """Those of one server; may be used from several threads."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._ended: OrderedDict[tuple[str, str], int] = OrderedDict()

    def add(self, view: str, session: str) -> None:
        """The session that had opened the view ends it now."""
        with self._lock:
            now = self._clock.now_us()
            self._ended[view, session] = now
            while self._ended:
                oldest = next(iter(self._ended.values()))
                if len(self._ended) <= _MOST and 0 <= now - oldest <= ON_ITS_WAY_US:
                    return
                self._ended.popitem(last=False)

    def has(self, view: str, session: str) -> bool:
        """Whether that session has just ended that view."""
        with self._lock:
            ended_us = self._ended.get((view, session))
        # a clock that was set back makes no memory last longer
        return ended_us is not None and 0 <= self._clock.now_us() - ended_us <= ON_ITS_WAY_US
