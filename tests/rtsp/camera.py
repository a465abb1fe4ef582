"""A camera for tests: the RTSP server as a process that can be killed and stopped."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from tests.sim.ports import free_port

from scrim.camera import open_source
from scrim.camera.packet import ClearPacket, ClearSound, Gap, SourceEvent

SYSTEM_PYTHON = "/usr/bin/python3"
SERVER = Path(__file__).with_name("server.py")
NEEDED = (
    "needs GStreamer's RTSP server: apt-get install python3-gi gir1.2-gst-rtsp-server-1.0 "
    "gstreamer1.0-plugins-good gstreamer1.0-plugins-bad"
)
PATIENCE = {  # on a busy machine the server pauses too; a test of stalls asks for less
    "open_timeout_s": "60",
    "stall_s": "60",
    "backoff_first_s": "0.1",
    "backoff_most_s": "0.4",
}


def require_server() -> None:
    """Skip where GStreamer's RTSP server is not installed."""
    check = "import gi; gi.require_version('GstRtspServer', '1.0')"
    if (
        shutil.which(SYSTEM_PYTHON) is None
        or subprocess.run([SYSTEM_PYTHON, "-c", check], capture_output=True).returncode
    ):
        pytest.skip(NEEDED)


class RtspCamera:
    """The server process, on a port that it keeps over restarts."""

    def __init__(self, *arguments: str) -> None:
        self.port = free_port()
        self._arguments = arguments
        self._process: subprocess.Popen[str] | None = None

    def start(self, *arguments: str) -> RtspCamera:
        """Start it, or start it again, if asked with other arguments than before."""
        self._arguments = arguments or self._arguments
        self._process = subprocess.Popen(
            [SYSTEM_PYTHON, str(SERVER), "--port", str(self.port), *self._arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line == f"port {self.port}\n", f"the RTSP server did not start: {line!r}"
        return self

    def address(self, name: str, user: str = "") -> str:
        return f"rtsp://{user}{'@' * bool(user)}127.0.0.1:{self.port}/{name}"

    def stall(self) -> None:
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        if self._process is None:
            return
        self._signal(signal.SIGKILL)
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._process = None

    def _signal(self, number: int) -> None:
        assert self._process is not None
        os.kill(self._process.pid, number)


class Watcher:
    """Reads a source in a thread and keeps what it said."""

    def __init__(self, kind: str, source: str, *, sound: bool = False, **options: Any) -> None:
        self.events: list[SourceEvent] = []
        self.error: BaseException | None = None
        self._stop = Event()
        self._source = open_source(kind, source, {**PATIENCE, **options}, sound=sound)
        self._thread = Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            for event in self._source.events(self._stop):
                self.events.append(event)
        except BaseException as error:  # noqa: BLE001 - handed to the test
            self.error = error

    def packets(self) -> list[ClearPacket]:
        return [event for event in list(self.events) if isinstance(event, ClearPacket)]

    def sounds(self) -> list[ClearSound]:
        return [event for event in list(self.events) if isinstance(event, ClearSound)]

    def gaps(self) -> list[Gap]:
        return [event for event in list(self.events) if isinstance(event, Gap)]

    def wait(self, until: Callable[[Watcher], object], within_s: float = 150.0) -> None:
        """Wait for a condition, or fail with what came."""
        end = time.monotonic() + within_s
        while not until(self):
            assert self.error is None, self.error
            others = [event for event in self.events if not isinstance(event, ClearPacket)]
            assert time.monotonic() < end, f"{len(self.packets())} packets and {others}"
            time.sleep(0.02)

    def wait_packets(self, more: int) -> None:
        """Wait for so many packets more than there are now."""
        wanted = len(self.packets()) + more
        self.wait(lambda it: len(it.packets()) >= wanted)

    def wait_gaps(self, count: int) -> None:
        """Wait until so many gap events came in all."""
        self.wait(lambda it: len(it.gaps()) >= count)

    def close(self) -> None:
        """Stop; a minute is much more than that takes."""
        self._stop.set()
        self._thread.join(60)
        assert not self._thread.is_alive()
        assert self.error is None, self.error
