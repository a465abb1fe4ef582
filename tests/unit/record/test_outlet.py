"""The recorder's connection to the server: outward, and it survives the server."""

from __future__ import annotations

import contextlib
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from scrim.live import wire
from scrim.record.outlet import Outlet


@pytest.fixture
def path() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="scrim-") as folder:  # short: 107 bytes at most
        yield Path(folder) / "live"


class Server:
    """Accepts one connection at a time and keeps what it reads."""

    def __init__(self, path: Path) -> None:
        self.messages: list[wire.Message] = []
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(str(path))
        self._socket.listen(1)
        self._connection: socket.socket | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._connection, _ = self._socket.accept()
            with self._connection.makefile("rb") as stream:
                while prefix := stream.read(4):
                    header = stream.read(wire.header_length(prefix))
                    payload = stream.read(wire.payload_length(header))
                    self.messages.append(wire.decode(header, payload))
        except OSError:
            pass

    def wait(self, count: int) -> list[wire.Message]:
        deadline = time.monotonic() + 60
        while len(self.messages) < count and time.monotonic() < deadline:
            time.sleep(0.01)
        return self.messages

    def kill(self, path: Path) -> None:
        if self._connection is not None:
            with contextlib.suppress(OSError):
                self._connection.shutdown(socket.SHUT_RDWR)
            self._connection.close()
        self._socket.close()
        self._thread.join(60)
        path.unlink()


INIT = wire.Init("street", 1, 1, "avc1.64001f", 320, 192, 0, b"init")


def part(segment: int, number: int) -> wire.Part:
    return wire.Part("street", segment, number, 1, 0, 400_000, number == 0, b"part")


def test_messages_arrive_in_order(path: Path) -> None:
    server = Server(path)
    outlet = Outlet(path)
    outlet.start()
    messages: list[wire.Message] = [
        INIT,
        part(0, 0),
        part(0, 1),
        wire.SegmentDone("street", 0, 0, 800_000),
    ]
    for message in messages:
        outlet.send(message)
    assert server.wait(4) == messages
    outlet.stop()
    server.kill(path)


def test_after_a_restart_the_server_gets_the_init_and_whole_segments_only(path: Path) -> None:
    server = Server(path)
    outlet = Outlet(path)
    outlet.start()
    outlet.send(INIT)
    outlet.send(part(0, 0))
    server.wait(2)
    server.kill(path)
    second = Server(path)
    deadline = time.monotonic() + 60
    number = 0
    while not second.messages:  # the first of these are lost in the broken connection
        assert time.monotonic() < deadline
        number += 1
        outlet.send(part(0, number))
        time.sleep(0.02)
    outlet.send(part(1, 0))
    outlet.send(part(1, 1))
    got = second.wait(3)
    assert [(type(m).__name__, getattr(m, "segment", None)) for m in got] == [
        ("Init", None),
        ("Part", 1),
        ("Part", 1),
    ]
    outlet.stop()
    second.kill(path)


def test_without_a_server_sending_never_blocks_and_memory_is_bounded(path: Path) -> None:
    outlet = Outlet(path)
    outlet.start()
    began = time.monotonic()
    for number in range(5000):
        outlet.send(part(0, number))
    assert time.monotonic() - began < 60  # were it to wait for a server, it would be 1,500 s
    assert len(outlet._queue) <= 256
    outlet.stop()
    outlet.join(60)
    assert not outlet.is_alive()


def test_an_init_is_never_dropped(path: Path) -> None:
    outlet = Outlet(path)
    outlet.send(INIT)
    for number in range(2000):
        outlet.send(part(0, number))
    server = Server(path)
    outlet.start()
    outlet.send(part(1, 0))
    assert server.wait(2) == [INIT, part(1, 0)]
    outlet.stop()
    server.kill(path)
