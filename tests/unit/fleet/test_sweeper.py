"""The supervisor looks after the sweeper like after any other child."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from tests.unit.retention.world import DAY_US, RetentionWorld

from scrim.clock import SystemClock
from scrim.fleet import Deployment, Supervisor
from scrim.fleet.commands import ScrimCommands
from scrim.store import keys

WAITS = "import time; print('up', flush=True); time.sleep(600)"


class Fakes:
    def server(self) -> list[str]:
        return [sys.executable, "-c", WAITS]

    def recorder(self, cameras: Sequence[str], sound: Sequence[str] = ()) -> list[str]:
        return [sys.executable, "-c", WAITS]


def until(holds: Callable[[], bool], said: list[str]) -> None:
    deadline = time.monotonic() + 120
    while not holds():
        assert time.monotonic() < deadline, said
        time.sleep(0.05)


@pytest.mark.filterwarnings("error")
def test_invariant_7_a_running_scrim_erases_by_itself_and_after_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "data"
    now_us = SystemClock().now_us()
    world = RetentionWorld(path, begun_us=now_us - 60 * DAY_US)
    world.record("gate", 1, world.clock.us, 2)
    world.at(now_us)
    world.cameras.remove("gate")
    world.cameras.remove("yard")
    deployment = Deployment.open(path)
    said: list[str] = []
    command = ScrimCommands(path, tmp_path / "live", "127.0.0.1", 0).sweeper()
    supervisor = Supervisor(deployment, Fakes(), say=said.append, sweeper=command)
    thread = threading.Thread(target=supervisor.run)
    thread.start()
    try:
        stone = keys.tombstone_key("gate", 1, 1)
        until(lambda: world.names() == {stone}, said)
        world.record("gate", 2, now_us - 50 * DAY_US, 2)  # it comes in late
        pid = supervisor.children()["retention"]
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        until(lambda: not any(name.endswith(".age") for name in world.names()), said)
        # it may have swept once more before it was killed, and its end not been seen yet
        again = "retention: ended with SIGKILL, starting again"
        until(lambda: any(again in line for line in said), said)
    finally:
        supervisor.stop()
        thread.join(120)
        deployment.close()
        world.close()
    assert not thread.is_alive()
