"""A port for a server that has to be told one, and to come back to it after a restart."""

from __future__ import annotations

import random
import socket

# Below what a system gives to outgoing connections and to whoever binds port 0.  Such a
# port may be somebody else's by the time the server binds it; and whoever tries to reach
# it before the server listens may be connected to himself.
_THESE = range(20_000, 32_000)


def quiet_port() -> int:
    """One that nobody listens on, and that nobody is given by chance."""
    for port in random.sample(_THESE, 100):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError("a hundred ports are taken")
