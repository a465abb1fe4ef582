"""Hosts that take a connection and then say nothing, or nothing of RTSP."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from scrim.camera.rtsp import rtsp_source
from scrim.clock import SystemClock
from scrim.errors import SourceNotVideo, SourceUnreachable


@contextmanager
def host(says: bytes) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(120)  # nobody comes: an error, and no test that hangs

        def speak() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(4096)
                if says:
                    connection.sendall(says)
                done.wait(600)

        done = threading.Event()
        thread = threading.Thread(target=speak)
        thread.start()
        try:
            yield f"rtsp://127.0.0.1:{listener.getsockname()[1]}/1"
        finally:
            done.set()
            thread.join()


def test_a_host_that_never_replies_does_not_answer() -> None:
    """FFmpeg itself calls this invalid data, which would send people to the codec."""
    with host(b"") as address:
        source = rtsp_source(address, {"open_timeout_s": "0.5"}, SystemClock())
        with pytest.raises(SourceUnreachable, match="does not answer"):
            source.probe(120)


def test_a_host_that_speaks_something_else_sends_no_video() -> None:
    nonsense = b"RTSP/1.0 200 OK\r\nCSeq: 9\r\nContent-Length: 0\r\n\r\n" * 8
    with host(nonsense) as address:
        source = rtsp_source(address, {"open_timeout_s": "120"}, SystemClock())
        with pytest.raises(SourceNotVideo):
            source.probe(120)
