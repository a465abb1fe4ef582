"""One child process: its output, its end, and when it starts again.

Rules:

- A child is in a process group of its own: Ctrl-C at the terminal reaches the
  supervisor only, which then ends children in good order.
- A child gets SIGTERM when its parent dies, however it dies.  The kernel ties
  this to the *thread* that started it, so children are started from the main thread.
- Its output is read by the supervisor, never left to fill a pipe.
- Exit code 0 without having been asked means it had nothing left to do; it is
  not started again.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import IO, Final

from scrim.fleet.backoff import BackOff

_PR_SET_PDEATHSIG: Final = 1
_READ: Final = 65_536
_LONGEST_LINE: Final = 16_384


class Child:
    """A command that is kept running.

    Args:
        name: for people: ``server`` or ``camera north``.
        command: program and arguments.
        monotonic: a clock that only goes forward, seconds.
        backoff: when to start again.
        keeps_open: descriptors that stay open in the process, with the locks on them.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        monotonic: Callable[[], float],
        backoff: BackOff | None = None,
        keeps_open: Sequence[int] = (),
    ) -> None:
        self.name = name
        self.command = tuple(command)
        self.last_line = ""
        self.due: float | None = None  # when to start again; None: not waiting to
        self.at_end = False  # it has closed its output
        self._keeps_open = tuple(keeps_open)
        self._monotonic = monotonic
        self._backoff = backoff or BackOff()
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._unread = b""

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._process.pid if self._process is not None else None

    @property
    def output(self) -> IO[bytes] | None:
        """What it prints, while it runs; ready to be selected on."""
        return self._process.stdout if self._process is not None else None

    def start(self) -> None:
        """Start the process.

        Raises:
            OSError: it cannot be started.
        """
        self.due = None
        self.last_line = ""
        self._unread = b""
        self.at_end = False
        self._started = self._monotonic()
        parent = os.getpid()
        self._process = subprocess.Popen(
            self.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            process_group=0,
            pass_fds=self._keeps_open,
            preexec_fn=lambda: _dies_with(parent),  # noqa: PLW1509 - see below
        )
        assert self._process.stdout is not None
        os.set_blocking(self._process.stdout.fileno(), False)

    def read_lines(self) -> list[str]:
        """Whole lines printed since the last call; never blocks."""
        if self._process is None or self._process.stdout is None or self.at_end:
            return []
        while True:
            try:
                data = os.read(self._process.stdout.fileno(), _READ)
            except BlockingIOError:
                break
            if not data:
                self.at_end = True
                break
            self._unread += data
            if len(self._unread) > _LONGEST_LINE and b"\n" not in self._unread:
                self._unread += b"\n"  # a line without an end is not kept for ever
        *whole, self._unread = self._unread.split(b"\n")
        lines = [line.decode(errors="replace").rstrip() for line in whole]
        for line in lines:
            if line:
                self.last_line = _said(line)
        return [line for line in lines if line]

    def ended(self) -> int | None:
        """The exit code once the process has ended, as the shell counts it.

        A process ended by signal ``n`` has code ``128 + n``.
        """
        code = self._process.poll() if self._process is not None else None
        return 128 - code if code is not None and code < 0 else code

    def close(self) -> None:
        """Let go of a process that has ended; read its last lines first."""
        if self._unread:  # a last line without its newline
            self.last_line = _said(self._unread.decode(errors="replace").rstrip())
        if self._process is not None and self._process.stdout is not None:
            self._process.stdout.close()
        self._process = None

    def start_later(self) -> float:
        """Plan the next start; returns the seconds until then."""
        now = self._monotonic()
        wait = self._backoff.wait_after(now - self._started)
        self.due = now + wait
        return wait

    def send(self, number: signal.Signals) -> None:
        """Send a signal, if it still runs."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)


def _said(line: str) -> str:
    """What a line of output says: a JSON log line's event, or the line itself."""
    if line.startswith("{"):
        with suppress(ValueError):
            fields = json.loads(line)
            if isinstance(fields, dict) and isinstance(fields.get("event"), str):
                return str(fields["event"])
    return line


# Looked up before any fork: after it only the call itself is made, which takes no
# lock that another thread of the parent could have held.
_prctl = ctypes.CDLL(None).prctl if sys.platform.startswith("linux") else None


def _dies_with(parent: int) -> None:
    if _prctl is None:
        return
    _prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
    if os.getppid() != parent:
        os._exit(143)
