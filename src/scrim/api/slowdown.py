"""Failed sign-ins take their time.

A token has 256 random bits and no signature is guessed either; this only keeps a
client that tries from using up the machine: each failure waits for its answer, and
only so many attempts are under way at once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar, TypeVarTuple

import anyio
from anyio.to_thread import run_sync

from scrim.api.refusals import TooManyAttempts
from scrim.errors import AccessDenied

_AT_ONCE: Final = 16
_T = TypeVar("_T")
_Arguments = TypeVarTuple("_Arguments")


class Slowdown:
    """Makes each failure wait, and turns away what comes on top.

    Args:
        seconds: how long a failed attempt waits for its answer.
    """

    def __init__(self, seconds: float = 1.0) -> None:
        self.seconds = seconds
        self._under_way = 0

    async def attempt(self, act: Callable[[*_Arguments], _T], *arguments: *_Arguments) -> _T:
        """``act(*arguments)`` in a thread.

        Raises:
            TooManyAttempts: too many are under way; come back later.
            AccessDenied: the attempt failed, some time ago.
        """
        if self._under_way >= _AT_ONCE:
            raise TooManyAttempts(
                "Too many sign-ins have failed just now.", "Wait a moment, then try again."
            )
        self._under_way += 1
        try:
            return await run_sync(act, *arguments)
        except AccessDenied:
            await anyio.sleep(self.seconds)
            raise
        finally:
            self._under_way -= 1
