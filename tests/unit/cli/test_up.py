import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scrim.cli.up import _ensure_custodians, _Greeting, _log
from scrim.errors import StoreFull
from scrim.fleet import Deployment
from scrim.fleet.address import Address
from scrim.vault import Custodian, CustodianSet

Scrim = Callable[..., Any]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    made = Deployment.create(tmp_path / "data")
    made.set_custodians(made.make_demo_custodians())
    made.close()
    return tmp_path / "data"


def test_a_folder_that_is_not_there(scrim: Scrim, tmp_path: Path) -> None:
    assert scrim("up", "--data", tmp_path / "none").code == 4


def test_without_custodians_nothing_starts(scrim: Scrim, tmp_path: Path) -> None:
    Deployment.create(tmp_path / "data").close()
    done = scrim("up", "--data", tmp_path / "data", "--port", 0)
    assert done.code == 7
    assert "scrim init" in done.err


def test_a_demo_folder_from_before_there_were_cards_still_starts(tmp_path: Path) -> None:
    made = Deployment.create(tmp_path / "data")
    demo = made.make_demo_custodians()
    bare = tuple(Custodian(one.id, one.recipient) for one in demo.custodians)
    made.set_custodians(CustodianSet(demo.k, bare, demo=True))
    _ensure_custodians(made, demo=False)
    assert made.custodians() != demo
    _ensure_custodians(made, demo=True)
    assert made.custodians() == demo
    made.close()


def test_a_second_instance_is_refused(scrim: Scrim, data: Path) -> None:
    deployment = Deployment.open(data)
    with deployment.folder.lock():
        done = scrim("up", "--data", data, "--port", 0)
    deployment.close()
    assert done.code == 4
    assert "already runs" in done.err


def test_a_port_that_is_taken(scrim: Scrim, data: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        done = scrim("up", "--data", data, "--port", other.getsockname()[1])
    assert done.code == 10
    assert "--port" in done.err


def test_listening_for_others_needs_leave(scrim: Scrim, data: Path) -> None:
    done = scrim("up", "--data", data, "--host", "0.0.0.0")
    assert done.code == 3
    assert "--allow-remote" in done.err


def test_a_source_that_cannot_be_read_starts_nothing(
    scrim: Scrim, data: Path, tmp_path: Path
) -> None:
    letter = tmp_path / "letter.mp4"
    letter.write_text("dear")
    done = scrim("up", "--data", data, "--port", 0, "--camera", letter)
    assert done.code == 5
    assert scrim("camera", "list", "--data", data, "--json").out == "[]\n"


def test_link_needs_a_running_scrim(scrim: Scrim, data: Path) -> None:
    done = scrim("link", "--data", data)
    assert done.code == 4
    assert "scrim up" in done.err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's /dev/full")
def test_a_log_that_is_full_is_said_once_and_ends_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with _log(Path("/dev/full"), verbose=False) as log:
        log("server", "one line")
        log("server", "another")
    assert capsys.readouterr().err == (
        "The log file cannot be written any more: No space left on device.\n"
    )


def test_a_link_that_cannot_be_made_is_tried_again_and_ends_nothing(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full:
        def new_link(self) -> str:
            raise StoreFull("The database cannot grow: the disk is full.", "Free some space.")

    address = Address("127.0.0.1", 8460)
    monkeypatch.setattr(Address, "answers", lambda _address: True)
    now = 100.0
    monkeypatch.setattr("scrim.cli.up.time.monotonic", lambda: now)
    here = Deployment.open(data)
    greet = _Greeting(here, address, open_browser=False)
    with monkeypatch.context() as full:
        full.setattr(Deployment, "sign_in", lambda _here: Full())
        for _ in range(3):
            greet()
            now += 60
    said = capsys.readouterr()
    assert said.err.count("the disk is full") == 1
    assert said.out == ""
    greet()
    greet()
    assert capsys.readouterr().out.count("Sign in with") == 1
    here.close()


def test_up_prints_a_link_and_stops_in_good_order(scrim: Scrim, data: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    command = [sys.executable, "-m", "scrim.cli.main", "up", "--data", str(data), "--port", "0"]
    with subprocess.Popen(
        [*command, "--log-file", str(log)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={"PYTHONUNBUFFERED": "1", "PATH": "/usr/bin:/bin"},
    ) as process:
        try:
            assert process.stdout is not None
            deadline = time.monotonic() + 240
            printed = ""
            while "#sign-in=" not in printed:
                assert time.monotonic() < deadline
                assert process.poll() is None, process.communicate()[1]
                printed += process.stdout.readline()
            done = scrim("link", "--data", data)
            assert done.code == 0
            assert "#sign-in=" in done.out
            assert done.out.strip() not in printed
            assert scrim("verify", data).code == 0
        finally:
            process.send_signal(signal.SIGTERM)
            rest = process.communicate(timeout=240)
    assert process.returncode == 0, rest[1]
    assert "stopped" in rest[1]
    assert not (data / "running.json").exists()
    assert log.read_text()
    assert scrim("verify", data).code == 0
