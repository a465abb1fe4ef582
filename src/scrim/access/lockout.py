"""How long a failed sign-in waits, so that guessing is slow and nobody is locked out.

Rules:

1. Failures are counted for where they come from and for whom they were meant, apart, and
   are forgotten after a quarter of an hour without one.
2. Whom they were meant for only ever waits: ten seconds at most, and then the attempt is
   looked at.  So whoever has the right key gets in, however many others try meanwhile.
3. Where they come from is turned away after :data:`FREE` of them, for twice as long each
   time, a quarter of an hour at most.
4. This machine itself is never turned away: the link that is printed here always signs
   in.  Neither is a proxy on it, behind which everybody is: what comes through one waits.
5. What is remembered is bounded; the oldest is forgotten first.
6. Addresses of IPv6 that share their first 64 bits are one source: whoever has one of them
   has them all.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

from scrim.clock import SECOND, Clock

FREE: Final = 5
LONGEST_WAIT: Final = 10
LONGEST_AWAY: Final = 900
PROXY: Final = "proxy"
"""Where what comes from this machine under another name comes from."""

_FORGET_US: Final = 900 * SECOND
_MOST: Final = 10_000


@dataclass(slots=True)
class _Failures:
    number: int
    last_us: int


class Lockout:
    """Counts failures; may be used from several threads."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failures: OrderedDict[str, _Failures] = OrderedDict()

    def away(self, source: str) -> int:
        """For how many whole seconds more that source is turned away; 0: it is not."""
        if source == PROXY or is_here(source):
            return 0
        with self._lock:
            number, since_us = self._of(f"source {source}")
        if number < FREE:
            return 0
        away_us = _doubled(number, LONGEST_AWAY) * SECOND
        return max(0, -(-(away_us - since_us) // SECOND))

    def wait(self, account: str) -> float:
        """How many seconds an attempt for that account waits before it is looked at."""
        with self._lock:
            number, _ = self._of(f"account {account}")
        return 0.0 if number < FREE else float(_doubled(number, LONGEST_WAIT))

    def failed(self, source: str, account: str) -> None:
        """An attempt has failed."""
        with self._lock:
            for key in (f"source {source}", f"account {account}"):
                number, _ = self._of(key)
                self._failures[key] = _Failures(number + 1, self._clock.now_us())
                self._failures.move_to_end(key)
            while len(self._failures) > _MOST:
                self._failures.popitem(last=False)

    def succeeded(self, source: str, account: str) -> None:
        """An attempt has signed in: what failed before was a mistake."""
        with self._lock:
            self._failures.pop(f"source {source}", None)
            self._failures.pop(f"account {account}", None)

    def _of(self, key: str) -> tuple[int, int]:
        """How many failures, and how long ago the last one was."""
        found = self._failures.get(key)
        if found is None:
            return 0, 0
        since_us = self._clock.now_us() - found.last_us
        if since_us >= _FORGET_US:
            del self._failures[key]
            return 0, 0
        return found.number, max(0, since_us)


def _doubled(failures: int, most: int) -> int:
    return min(most, 1 << min(failures - FREE, 20))


def source_of(address: str) -> str:
    """What an address counts as: rule 6; one of IPv4 in the clothes of IPv6 is itself."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return address
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return address if found.is_loopback else str(ip_network((found, 64), strict=False))


def is_here(source: str) -> bool:
    """Whether an address is this machine's own."""
    try:
        return ip_address(source).is_loopback
    except ValueError:
        return False  # no address is nobody we know
