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
_FIRST: Final = 15_000
_EACH: Final = 256
_WORKERS: Final = 64


def free_port() -> int:
    """A port of this machine that nobody listens on now.

    Each of the processes that share a run has ports of its own, and gives each out once
    before it gives one out again.
    """
    for port in islice(_TURNS, _EACH):
        with socket.socket() as trial:
            try:
                trial.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no port is free")


def _turns() -> Iterator[int]:
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    first = _FIRST + int(worker) % _WORKERS * _EACH
    return cycle(random.SystemRandom().sample(range(first, first + _EACH), _EACH))


_TURNS: Final = _turns()
