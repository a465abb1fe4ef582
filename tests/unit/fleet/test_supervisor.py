"""The supervisor with children of our own that are small and quick to start."""

import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text

from scrim.fleet import Cameras, Deployment, Supervisor
from scrim.ledger import Act, Checkpoint, Entry, VerifierKey
from scrim.store.database import reading, writing
from scrim.store.schema import case_file

PATIENCE_S = 120.0
"""How long anything is waited for here.  Children take longer to end by themselves."""

WAITS = "import time\nprint('up', flush=True)\ntime.sleep(600)"
STUBBORN = (
    "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "print('up', flush=True)\ntime.sleep(600)"
)
EXPIRED_BODY = (
    '{"authority":{"document_sha256":"","kind":"emergency","reference":"x"},'
    '"cameras":["gate"],"purpose":"accident","since_us":0,"until_us":1}'
)
GOOD_ORDER = (
    "import signal, sys, time\n"
    "def end(*_): print('stored all', flush=True); sys.exit(0)\n"
    "signal.signal(signal.SIGTERM, end)\nprint('up', flush=True)\ntime.sleep(600)"
)


@dataclass
class Fakes:
    """Command lines that run a line of Python."""

    server_code: str = WAITS
    recorder_code: str = WAITS
    recorders: list[tuple[str, ...]] = field(default_factory=list)
    heard: list[tuple[str, ...]] = field(default_factory=list)

    def server(self) -> list[str]:
        return [sys.executable, "-c", self.server_code]

    def recorder(self, cameras: Sequence[str], sound: Sequence[str] = ()) -> list[str]:
        self.recorders.append(tuple(cameras))
        self.heard.append(tuple(sound))
        return [sys.executable, "-c", self.recorder_code]


class Running:
    """A supervisor in a thread, and what it said."""

    def __init__(self, deployment: Deployment, fakes: Fakes, stop_seconds: float) -> None:
        self.said: list[str] = []
        self.logged: list[tuple[str, str]] = []
        self.supervisor = Supervisor(
            deployment,
            fakes,
            say=self.said.append,
            log=lambda child, line: self.logged.append((child, line)),
            stop_seconds=stop_seconds,
        )
        self.thread = threading.Thread(target=self.supervisor.run)

    def until(self, holds: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not holds():
            assert time.monotonic() < deadline, f"{what}; said: {self.said}"
            assert self.thread.is_alive()
            time.sleep(0.02)

    def until_up(self, *names: str) -> None:
        self.until(lambda: all((name, "up") in self.logged for name in names), f"{names} up")

    def pid(self, name: str) -> int | None:
        return self.supervisor.children().get(name)


@contextmanager
def running(
    deployment: Deployment, fakes: Fakes, *, stop_seconds: float = PATIENCE_S
) -> Iterator[Running]:
    found = Running(deployment, fakes, stop_seconds)
    found.thread.start()
    try:
        yield found
    finally:
        found.supervisor.stop()
        found.thread.join(2 * PATIENCE_S)
        assert not found.thread.is_alive()


def test_invariant_5_settings_are_said_before_a_child_goes_by_them(
    deployment: Deployment,
) -> None:
    toml = deployment.folder.path / "scrim.toml"
    toml.write_text("[retention]\nmasked_days = 7\n")

    def said() -> list[object]:
        bodies = [Entry.parse(body) for _, body in deployment.ledger.entries(0, 100)]
        return [one.facts["values"] for one in bodies if one.reason == "settings-changed"]

    with running(deployment, Fakes()) as it:
        it.until_up("server")
        assert len(said()) == 1
        toml.unlink()
        server = it.pid("server")
        assert server is not None
        os.kill(server, signal.SIGKILL)
        it.until(lambda: it.logged.count(("server", "up")) == 2, "started again")
        assert len(said()) == 2


def test_a_killed_child_is_started_again_at_once_and_it_is_said_why(
    deployment: Deployment, cameras: Cameras
) -> None:
    cameras.add("gate", "file", "/a.mp4")
    with running(deployment, Fakes()) as it:
        it.until_up("server", "camera gate")
        first = it.pid("camera gate")
        assert first is not None
        os.kill(first, signal.SIGKILL)
        it.until(lambda: it.pid("camera gate") not in (None, first), "started again")
        assert any("camera gate: ended with SIGKILL" in line for line in it.said)
        server = it.pid("server")
        assert server is not None
        os.kill(server, signal.SIGKILL)
        it.until(lambda: it.pid("server") not in (None, server), "server started again")


def test_a_case_past_its_expiry_ends_while_nobody_asks_for_it(deployment: Deployment) -> None:
    with writing(deployment.engine) as connection:
        connection.execute(
            insert(case_file).values(
                id="case-aaaaaaaa",
                kind="recorded",
                state="drafted",
                salt=b"s" * 16,
                officer="officer-7",
                recipient="age1",
                body=EXPIRED_BODY,
                locks="[]",
                drafted_us=1,
                expires_us=2,
                seen_us=1,
            )
        )
    with running(deployment, Fakes()) as it:
        it.until(lambda: "case-aaaaaaaa: expired" in it.said, "expired")
    with reading(deployment.engine) as connection:
        assert connection.execute(select(case_file.c.state)).scalar() == "expired"
    acts = [Entry.parse(body).act for _, body in deployment.ledger.entries(0, 9)]
    assert Act.CASE_EXPIRED in acts


def test_what_is_breached_is_said_soon_after_a_pack_is_in_force(
    deployment: Deployment, cameras: Cameras
) -> None:
    cameras.add("gate", "file", "/a.mp4")
    with running(deployment, Fakes()) as it:
        it.until_up("server")
        deployment.applied().apply("baseline")
        it.until(lambda: any("(base-" in line for line in it.said), "a rule is breached")
    acts = [Entry.parse(body).act for _, body in deployment.ledger.entries(0, 1000)]
    assert Act.CHECKED in acts


def test_a_child_that_keeps_failing_is_named_with_its_code_and_reason(
    deployment: Deployment, cameras: Cameras
) -> None:
    cameras.add("gate", "file", "/a.mp4")
    fakes = Fakes(recorder_code="import sys\nprint('error: no such file', flush=True)\nsys.exit(5)")
    with running(deployment, fakes) as it:
        it.until(lambda: sum("exit code 5" in line for line in it.said) >= 2, "two deaths")
    deaths = [line for line in it.said if "exit code 5" in line]
    assert deaths[0].endswith("starting again at once: error: no such file")
    assert deaths[1].endswith("starting again in 1 s: error: no such file")


def test_a_recorder_that_has_nothing_left_to_do_rests_until_its_camera_changes(
    deployment: Deployment, cameras: Cameras
) -> None:
    cameras.add("clip", "file", "/a.mp4")
    fakes = Fakes(recorder_code="pass")
    with running(deployment, fakes) as it:
        it.until(lambda: "camera clip: came to its end" in it.said, "end")
        time.sleep(0.6)
        assert fakes.recorders == [("clip",)]
        cameras.add("clip", "file", "/b.mp4", replace=True)
        it.until(lambda: len(fakes.recorders) == 2, "started for the new source")


def test_cameras_added_and_removed_while_it_runs_take_effect(
    deployment: Deployment, cameras: Cameras
) -> None:
    with running(deployment, Fakes()) as it:
        it.until_up("server")
        cameras.add("gate", "file", "/a.mp4")
        it.until_up("camera gate")
        gate = it.pid("camera gate")
        cameras.add("yard", "file", "/b.mp4")
        it.until_up("camera yard")
        assert it.pid("camera gate") == gate
        cameras.remove("gate")
        it.until(lambda: "camera gate: stopped" in it.said, "stopped")
        assert it.pid("camera gate") is None
        assert it.pid("camera yard") is not None


def test_stopping_asks_children_and_signs_what_they_wrote(
    deployment: Deployment, cameras: Cameras
) -> None:
    cameras.add("gate", "file", "/a.mp4")
    with running(deployment, Fakes(GOOD_ORDER, GOOD_ORDER)) as it:
        it.until_up("server", "camera gate")
    assert ("camera gate", "stored all") in it.logged
    assert ("server", "stored all") in it.logged
    assert not any("killed" in line for line in it.said)
    key = VerifierKey.from_text(deployment.verifier_text())
    checkpoint = Checkpoint.from_note(deployment.folder.checkpoint.read_text(), key)
    assert checkpoint.size == deployment.ledger.size() == 1


def test_a_child_that_does_not_stop_is_killed_and_it_is_said(
    deployment: Deployment, cameras: Cameras
) -> None:
    cameras.add("gate", "file", "/a.mp4")
    with running(deployment, Fakes(WAITS, STUBBORN), stop_seconds=0.5) as it:
        it.until_up("server", "camera gate")
    assert "camera gate: does not stop, killed" in it.said


def test_a_second_stop_does_not_wait(deployment: Deployment, cameras: Cameras) -> None:
    cameras.add("gate", "file", "/a.mp4")
    with running(deployment, Fakes(STUBBORN, STUBBORN), stop_seconds=10 * PATIENCE_S) as it:
        it.until_up("server", "camera gate")
        it.supervisor.stop()
        it.until(lambda: "stopping" in it.said, "stopping")
    # it has ended, and nobody waited that long
    assert {"server: does not stop, killed", "camera gate: does not stop, killed"} <= set(it.said)


def test_trouble_with_the_ledger_is_said_once_and_does_not_stop_it(
    deployment: Deployment, cameras: Cameras, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCRIM_LEDGER__HEADS_SECONDS", "0.2")
    quick = Deployment.open(deployment.folder.path)
    cameras.add("gate", "file", "/a.mp4")
    with running(quick, Fakes()) as it:
        it.until_up("server", "camera gate")
        with writing(quick.engine) as connection:
            connection.execute(text("ALTER TABLE entry RENAME TO hidden"))
        it.until(lambda: any(line.startswith("ledger: ") for line in it.said), "said")
        time.sleep(1.0)
        with writing(quick.engine) as connection:
            connection.execute(text("ALTER TABLE hidden RENAME TO entry"))
        it.until(lambda: "ledger: works again" in it.said, "works again")
    quick.close()
    assert sum(line.startswith("ledger: ") for line in it.said) == 2


def test_children_write_no_core_dumps(deployment: Deployment) -> None:
    before = resource.getrlimit(resource.RLIMIT_CORE)
    code = (
        "import resource, time\nprint(resource.getrlimit(resource.RLIMIT_CORE), flush=True)\n"
        "time.sleep(600)"
    )
    with running(deployment, Fakes(server_code=code)) as it:
        it.until(lambda: ("server", "(0, 0)") in it.logged, f"no core dumps (was {before})")


SCRIPT = """
import sys
from pathlib import Path
from scrim.fleet import Deployment, Supervisor
class Fakes:
    def server(self): return [sys.executable, "-c", {server!r}]
    def recorder(self, cameras, sound=()): raise AssertionError
deployment = Deployment.open(Path({data!r}))
with deployment.folder.lock():
    say = lambda line: print(line, flush=True)
    supervisor = Supervisor(deployment, Fakes(), say=say, stop_seconds={patience!r})
    with supervisor.stopped_by_signals():
        supervisor.run()
print("clean end", flush=True)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_signals_stop_it_in_good_order(
    deployment: Deployment, tmp_path: Path, number: signal.Signals
) -> None:
    import subprocess

    code = SCRIPT.format(server=GOOD_ORDER, data=str(deployment.folder.path), patience=PATIENCE_S)
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=tmp_path
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "server: started\n"
        process.send_signal(number)
        rest = process.stdout.read()
        assert process.wait(PATIENCE_S) == 0
    assert rest.splitlines()[-1] == "clean end"
    assert "killed" not in rest
