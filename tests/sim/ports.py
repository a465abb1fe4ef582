"""Ports of loopback for what a test starts, kills and starts again."""

from __future__ import annotations

import os
import random
import socket
from collections.abc import Iterator
from itertools import cycle, islice
from typing import Final

# below what systems give to whoever asks for any port: a neighbour's connection cannot take
# one of these while its owner is down, nor can a caller be given the port that it calls
_PORTS: Final = range(15_000, 32_000)
_TRIES: Final = 1000


def free_port() -> int:
    """A port of this machine that nobody listens on now.

    Each of the processes that share a run has ports of its own, and gives each out once
    before it gives one out again.
    """
    for port in islice(_TURNS, _TRIES):
        with socket.socket() as trial:
            try:
                trial.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no port is free")


def _turns() -> Iterator[int]:
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    mine = _PORTS[worker % workers :: workers]
    return cycle(random.SystemRandom().sample(mine, len(mine)))


_TURNS: Final = _turns()
