"""A real ``scrim up`` with its children, to be killed and looked at."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import select
from tests.sim.ports import free_port
from tests.sim.recorder import PATIENCE_S

from scrim.store import schema
from scrim.store.database import connect, reading


@dataclass
class Scrim:
    """``scrim up`` on one data folder, started again as often as wanted."""

    data: Path
    settings: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    said: list[str] = field(default_factory=list)
    process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start it, and read along in a thread."""
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "scrim.cli.main", "up"),
                *("--data", str(self.data), "--port", str(self.port), "--verbose"),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment(self.settings),
        )
        threading.Thread(target=self._listen, args=(self.process,), daemon=True).start()

    def child(self, module: str) -> int | None:
        """The process id of ``scrim.record`` or ``scrim.api``, while there is one."""
        for one in self._children():
            with suppress(psutil.Error):
                if module in one.cmdline():
                    return one.pid
        return None

    def listens(self) -> bool:
        """Whether the server takes connections."""
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def kill(self, module: str) -> bool:
        """``kill -9`` a child; false when it does not run at the moment."""
        pid = self.child(module)
        if pid is None:
            return False
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        return True

    def kill_itself(self) -> list[psutil.Process]:
        """``kill -9`` the supervisor; returns the children it leaves behind."""
        assert self.process is not None
        left = self._children()
        self.process.kill()
        self.process.wait()
        return left

    def stop(self) -> int:
        """Stop in good order; returns the exit code."""
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(PATIENCE_S)

    def wait(self, done: Callable[[], bool], what: str) -> None:
        """Wait until ``done()``; a supervisor that ends meanwhile is a failure."""
        deadline = time.monotonic() + PATIENCE_S
        while not done():
            assert self.process is not None
            code = self.process.poll()
            told = "\n".join(self.said[-30:])
            assert code is None, f"scrim up ended with {code}:\n{told}"
            assert time.monotonic() < deadline, f"{what} did not come in {PATIENCE_S} s:\n{told}"
            time.sleep(0.2)  # a look reads the database, which the recorder writes

    def _children(self) -> list[psutil.Process]:
        assert self.process is not None
        try:
            return psutil.Process(self.process.pid).children()
        except psutil.NoSuchProcess:
            return []

    def _listen(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        with process.stdout:
            self.said.extend(line.rstrip() for line in process.stdout)


def environment(settings: dict[str, str] | None = None) -> dict[str, str]:
    """This process's environment with settings; Scrim's own left out."""
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("SCRIM_") and name != "CI"
    }
    return clean | (settings or {})


@contextmanager
def supervised(data: Path, settings: dict[str, str]) -> Iterator[Scrim]:
    """A :class:`Scrim` that is started, and gone when the block ends."""
    scrim = Scrim(data, settings)
    scrim.start()
    try:
        yield scrim
    finally:
        if scrim.process is not None and scrim.process.poll() is None:
            left = scrim.kill_itself()
            for one in left:
                with suppress(psutil.Error):
                    one.kill()
            psutil.wait_procs(left, timeout=PATIENCE_S)


def rows(data: Path, table: str) -> list[Any]:
    """All rows of a table."""
    wanted = schema.metadata.tables[table]
    engine = connect(data / "scrim.db", read_only=True)
    try:
        with reading(engine) as connection:
            return list(connection.execute(select(wanted)).all())
    finally:
        engine.dispose()


def entries(data: Path) -> list[dict[str, Any]]:
    """The ledger's entries."""
    found = sorted(rows(data, "entry"), key=lambda row: int(row.index))
    return [json.loads(row.body) for row in found]


def verify(data: Path) -> tuple[int, str]:
    """Exit code and words of ``scrim verify``."""
    done = subprocess.run(
        [sys.executable, "-m", "scrim.cli.main", "verify", str(data)],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        env=environment(),
    )
    return done.returncode, done.stdout + done.stderr


def holes(data: Path, camera: str, side: str, *, longest_us: int) -> list[tuple[int, int]]:
    """Times that neither a stored segment nor a gap of a side accounts for.

    Args:
        longest_us: holes that are not longer are none.
    """
    spans = [
        (row.start_us, row.end_us)
        for row in rows(data, "segment")
        if (row.camera, row.side, row.state) == (camera, side, "stored")
    ]
    spans += [
        (row.since_us, row.until_us or time.time_ns() // 1000)
        for row in rows(data, "gap")
        if row.camera == camera and row.side in (side, "both")
    ]
    found = []
    reached = min(spans)[0]
    for since_us, until_us in sorted(spans):
        if since_us - reached > longest_us:
            found.append((reached, since_us))
        reached = max(reached, until_us)
    return found
