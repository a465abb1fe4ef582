"""Ports of loopback for what a test starts, kills and starts again."""

from __future__ import annotations

import random
import socket
from typing import Final

# below what systems give to whoever asks for any port: a neighbour's connection cannot take
# one of these while its owner is down, nor can a caller be given the port that it calls
_PORTS: Final = range(15_000, 32_000)


def free_port() -> int:
    """A port of this machine that nobody listens on now."""
    for _ in range(1000):
        port = random.SystemRandom().choice(_PORTS)
        with socket.socket() as trial:
            try:
                trial.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no port is free")
