"""Taking a port, for whoever listens: on this machine only unless told otherwise."""

from __future__ import annotations

import errno
import socket
from ipaddress import ip_address
from typing import Final

from scrim.errors import PortTaken, SettingsError

_BACKLOG: Final = 256


def is_loopback(host: str) -> bool:
    """Only this machine can reach it."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def listen(host: str, port: int, *, allow_remote: bool) -> socket.socket:
    """A listening TCP socket; port 0 picks a free one.

    Raises:
        SettingsError: it would be open to other machines without leave, or the host is
            not this machine's.
        PortTaken: something else listens there.
    """
    if not allow_remote and not is_loopback(host):
        where = host or "Every address of this machine"
        raise SettingsError(
            f"{where} can be reached from other machines, and what is shown there is "
            "protected by the sign-in link alone, without encryption.",
            "Use 127.0.0.1 behind a proxy that encrypts, or say --allow-remote.",
        )
    listener: socket.socket | None = None
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(place)
        listener.listen(_BACKLOG)
    except OSError as error:
        if listener is not None:
            listener.close()
        raise _refusal(host, port, error) from error
    return listener


def _refusal(host: str, port: int, error: OSError) -> PortTaken | SettingsError:
    if error.errno == errno.EADDRINUSE:
        return PortTaken(
            f"Something else listens on port {port} of {host}.",
            "Stop it, or choose another port with --port (--port 0 finds a free one).",
        )
    if error.errno == errno.EACCES:
        return PortTaken(
            f"This user may not listen on port {port}.", "Choose one above 1023 with --port."
        )
    if isinstance(error, socket.gaierror):
        return SettingsError(
            f"The host {host!r} is not known: {error.strerror}.", "Try --host 127.0.0.1."
        )
    return SettingsError(
        f"Cannot listen on {host or 'any address'} port {port}: {error.strerror or error}.",
        "Try --host 127.0.0.1.",
    )
