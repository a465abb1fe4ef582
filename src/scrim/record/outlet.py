"""The recorder's one way to the server: an outward connection for masked parts.

Takes :mod:`scrim.live.wire` messages only.  Without a server messages are dropped
(the recording goes on), and after a reconnect the server gets the initialisation
segment again and the next segment from its first part.
"""

from __future__ import annotations

import socket
import threading
from collections import deque
from pathlib import Path

from scrim.live.wire import Init, Message, Part, encode

_MOST_QUEUED = 256
_SEND_TIMEOUT_S = 5.0
_RETRY_S = 0.3


class Outlet(threading.Thread):
    """Sends messages in order; never blocks who calls :meth:`send`."""

    def __init__(self, path: Path) -> None:
        super().__init__(name="outlet", daemon=True)
        self._path = str(path)
        self._queue: deque[Message] = deque()
        self._wake = threading.Condition()
        self._stopping = False
        self._inits: dict[str, Init] = {}
        self._in_step: set[str] = set()  # cameras whose current segment began on this connection

    def send(self, message: Message) -> None:
        """Queue a message.

        When the server does not read, everything that waits is dropped but the
        initialisation segments, and each camera goes on at its next segment: a part
        without those before it would only show broken pictures.
        """
        with self._wake:
            if isinstance(message, Init):
                self._inits[message.camera] = message
            if len(self._queue) >= _MOST_QUEUED:
                self._queue = deque(one for one in self._queue if isinstance(one, Init))
                self._in_step.clear()
            self._queue.append(message)
            self._wake.notify()

    def stop(self) -> None:
        """Send what is queued, if the server takes it at once, and end."""
        with self._wake:
            self._stopping = True
            self._wake.notify()

    def run(self) -> None:
        while not self._stopped():
            try:
                with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
                    connection.settimeout(_SEND_TIMEOUT_S)
                    connection.connect(self._path)
                    self._serve(connection)
            except OSError:
                self._pause()

    def _serve(self, connection: socket.socket) -> None:
        with self._wake:
            self._in_step.clear()
            inits = [init for init in self._inits.values() if init not in self._queue]
        for init in inits:
            connection.sendall(encode(init))
        while (message := self._next()) is not None:
            connection.sendall(encode(message))

    def _next(self) -> Message | None:
        with self._wake:
            while True:
                while not self._queue:
                    if self._stopping:
                        return None
                    self._wake.wait()
                message = self._queue.popleft()
                if self._follows(message):
                    return message

    def _follows(self, message: Message) -> bool:
        """Whether the server has what a part builds on: its segment's first part."""
        if not isinstance(message, Part):
            return True
        if message.part == 0:
            self._in_step.add(message.camera)
        return message.camera in self._in_step

    def _stopped(self) -> bool:
        with self._wake:
            return self._stopping

    def _pause(self) -> None:
        with self._wake:
            if not self._stopping:
                self._wake.wait(_RETRY_S)
