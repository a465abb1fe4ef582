"""Failed sign-ins take their time.

A token has 256 random bits, so nobody guesses one; this only keeps a client that
tries from using up the machine, and makes the trying visible in the log.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

import anyio
from anyio.to_thread import run_sync

from scrim.api.refusals import TooManyAttempts
from scrim.errors import AccessDenied

_WAITING: Final = 16
_T = TypeVar("_T")


class Slowdown:
    """Makes each failure wait, and refuses more when too many wait already.

    Args:
        seconds: how long a failed attempt waits for its answer.
    """

    def __init__(self, seconds: float = 1.0) -> None:
        self._seconds = seconds
        self._waiting = 0

    async def attempt(self, act: Callable[[str], _T], token: str) -> _T:
        """``act(token)`` in a thread.

        Raises:
            TooManyAttempts: too many failures are waiting; come back later.
            AccessDenied: the attempt failed, some time ago.
        """
        if self._waiting >= _WAITING:
            raise TooManyAttempts(
                "Too many sign-ins have failed just now.", "Wait a moment, then try again."
            )
        try:
            return await run_sync(act, token)
        except AccessDenied:
            self._waiting += 1
            try:
                await anyio.sleep(self._seconds)
            finally:
                self._waiting -= 1
            raise
