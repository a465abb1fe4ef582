"""Failed sign-ins take their time, and longer the more of them there are.

A token has 256 random bits and no signature is guessed either; this keeps a client that
tries from using up the machine: each failure waits for its answer, only so many attempts
are under way at once, fewer from one source than in all, and who has failed often is
turned away for a while (:mod:`scrim.access.lockout` has the rules, and why nobody can
lock everybody out).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Final, TypeVar, TypeVarTuple

import anyio
from anyio.to_thread import run_sync

from scrim.access.lockout import Lockout, is_here
from scrim.api.refusals import TooManyAttempts
from scrim.errors import AccessDenied

_AT_ONCE: Final = 64
_AT_ONCE_FROM_ONE: Final = 16
_T = TypeVar("_T")
_Arguments = TypeVarTuple("_Arguments")


class Slowdown:
    """Makes each failure wait, and turns away what comes on top.

    Args:
        lockout: who has failed how often.
        seconds: how long a failed attempt waits for its answer, and by how much a longer
            wait is scaled.
    """

    def __init__(self, lockout: Lockout, seconds: float = 1.0) -> None:
        self.seconds = seconds
        self._lockout = lockout
        self._under_way: Counter[str] = Counter()

    async def attempt(
        self,
        source: str,
        account: str,
        act: Callable[[*_Arguments], _T],
        *arguments: *_Arguments,
    ) -> _T:
        """``act(*arguments)`` in a thread.

        Args:
            source: where it comes from, an address.
            account: whom it is meant for: a verifier, a credential, or the way itself.
            act: what signs in.
            arguments: of ``act``.

        Raises:
            TooManyAttempts: too many are under way, or have failed; come back later.
            AccessDenied: the attempt failed, some time ago.
        """
        away = self._lockout.away(source)
        if away:
            raise TooManyAttempts(
                f"Too many sign-ins have failed from here: for {away} s more none is looked at.",
                "Wait, or sign in with a link at the machine itself: `scrim link`.",
            )
        full = self._under_way.total() >= _AT_ONCE and not is_here(source)
        if full or self._under_way[source] >= _AT_ONCE_FROM_ONE:
            raise TooManyAttempts(
                "Too many sign-ins have failed just now.", "Wait a moment, then try again."
            )
        self._under_way[source] += 1
        try:
            await anyio.sleep(self._lockout.wait(account) * self.seconds)
            signed_in = await run_sync(act, *arguments)
        except AccessDenied:
            self._lockout.failed(source, account)
            await anyio.sleep(self.seconds)
            raise
        finally:
            self._under_way[source] -= 1
            if not self._under_way[source]:
                del self._under_way[source]
        self._lockout.succeeded(source, account)
        return signed_in
