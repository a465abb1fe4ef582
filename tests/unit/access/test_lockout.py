"""Guessing gets slow, and nobody is locked out by somebody else's guessing."""

from __future__ import annotations

import pytest
from tests.unit.api.served import SetClock

from scrim.access.lockout import (
    FREE,
    LONGEST_AWAY,
    LONGEST_WAIT,
    PROXY,
    Lockout,
    is_here,
    source_of,
)
from scrim.clock import SECOND

ELSEWHERE = "192.0.2.7"


def fail(lockout: Lockout, times: int, source: str = ELSEWHERE, account: str = "link") -> None:
    for _ in range(times):
        lockout.failed(source, account)


def test_a_source_is_turned_away_for_twice_as_long_each_time() -> None:
    clock = SetClock()
    lockout = Lockout(clock)
    fail(lockout, FREE - 1)
    assert lockout.away(ELSEWHERE) == 0
    seen = []
    for _ in range(14):
        fail(lockout, 1)
        seen.append(lockout.away(ELSEWHERE))
        clock.us += seen[-1] * SECOND
        if seen[-1] < LONGEST_AWAY:
            assert lockout.away(ELSEWHERE) == 0, "the wait is over"
    assert seen[:5] == [1, 2, 4, 8, 16]
    assert max(seen) <= LONGEST_AWAY


def test_this_machine_and_a_proxy_on_it_are_never_turned_away() -> None:
    lockout = Lockout(SetClock())
    for source in ("127.0.0.1", "::1", "127.8.8.8", PROXY):
        fail(lockout, 1000, source)
        assert lockout.away(source) == 0
    assert lockout.away("192.0.2.8") == 0
    assert not is_here("example.org")


def test_an_account_waits_ten_seconds_at_most_whoever_tries() -> None:
    lockout = Lockout(SetClock())
    for number in range(5000):
        lockout.failed(f"198.51.100.{number % 250}", "somebody")
    assert lockout.wait("somebody") == LONGEST_WAIT
    assert lockout.wait("somebody-else") == 0
    assert lockout.away("192.0.2.9") == 0, "who has not failed is looked at"


def test_failures_are_forgotten_after_success_and_after_a_while() -> None:
    clock = SetClock()
    lockout = Lockout(clock)
    fail(lockout, 20)
    lockout.succeeded(ELSEWHERE, "link")
    assert (lockout.away(ELSEWHERE), lockout.wait("link")) == (0, 0)
    fail(lockout, 20)
    clock.us += LONGEST_AWAY * SECOND
    assert (lockout.away(ELSEWHERE), lockout.wait("link")) == (0, 0)


def test_what_is_remembered_is_bounded() -> None:
    lockout = Lockout(SetClock())
    fail(lockout, 20)
    for number in range(12_000):
        lockout.failed(f"2001:db8::{number:x}", "other")
    assert lockout.away(ELSEWHERE) == 0
    assert lockout.wait("other") == LONGEST_WAIT


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("::ffff:127.0.0.1", "127.0.0.1"),
        ("::1", "::1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("unix", "unix"),
    ],
)
def test_a_network_of_addresses_is_one_source(address: str, source: str) -> None:
    assert source_of(address) == source
