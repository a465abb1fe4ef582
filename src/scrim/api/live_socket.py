"""The Unix socket that recorders connect to: made, cleaned up, and its peers checked."""

from __future__ import annotations

import os
import socket
import struct
import sys
from pathlib import Path

from scrim.errors import DataFolderBusy, SettingsError


def bind(path: Path) -> socket.socket:
    """A socket at ``path`` that only this user can reach, not listening yet.

    One that a killed server left behind is replaced.

    Raises:
        DataFolderBusy: somebody listens there already.
        SettingsError: there cannot be a socket at that path.
    """
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        _remove_stale(path)
        before = os.umask(0o177)  # the socket is mode 0600 from its first moment
        try:
            listener.bind(str(path))
        finally:
            os.umask(before)
    except OSError as error:
        listener.close()
        raise SettingsError(
            f"There can be no live socket at {path}: {error.strerror or error}.",
            "Choose a shorter path in a folder that can be written.",
        ) from error
    except DataFolderBusy:
        listener.close()
        raise
    return listener


def _remove_stale(path: Path) -> None:
    if not path.is_socket():
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink()  # left behind by a server that was killed
            return
    raise DataFolderBusy(
        f"Another Scrim listens at {path}.", "Stop it, or use another data folder."
    )


def same_user(connection: socket.socket) -> bool:
    """Whether the process at the other end runs as this user."""
    if not sys.platform.startswith("linux"):
        return True  # the socket's mode is what there is
    size = struct.calcsize("3i")
    _, uid, _ = struct.unpack(
        "3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size)
    )
    return bool(uid == os.getuid())
