"""Taking a port: on this machine only unless told otherwise, and clear when it cannot be had."""

from __future__ import annotations

import socket

import pytest

from scrim.errors import PortTaken, SettingsError
from scrim.listening import is_loopback, listen


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.0.2.7", False),
        ("", False),
    ],
)
def test_what_other_machines_reach(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback
    if not loopback:
        with pytest.raises(SettingsError, match="--allow-remote"):
            listen(host, 0, allow_remote=False)


def test_no_host_at_all_is_every_address() -> None:
    with pytest.raises(SettingsError, match=r"^Every address of this machine can be reached"):
        listen("", 0, allow_remote=False)


def test_a_port_in_use_is_named() -> None:
    with (
        listen("127.0.0.1", 0, allow_remote=False) as first,
        pytest.raises(PortTaken, match=str(first.getsockname()[1])),
    ):
        listen("127.0.0.1", first.getsockname()[1], allow_remote=False)


def test_a_host_that_is_not_ours_is_named() -> None:
    with pytest.raises(SettingsError, match=r"192\.0\.2\.7"):
        listen("192.0.2.7", 0, allow_remote=True)


def test_it_takes_connections() -> None:
    with (
        listen("127.0.0.1", 0, allow_remote=False) as listener,
        socket.create_connection(listener.getsockname()),
    ):
        listener.accept()[0].close()
