"""The server as a process of its own."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests.unit.api.served import PATIENCE_S, FakeRecorder, init, part

from scrim.api.serve import Place, is_name
from scrim.errors import SettingsError
from scrim.store.folder import DataFolder


def command(folder: DataFolder, live: Path, *more: str, port: int = 0) -> list[str]:
    return [
        *(sys.executable, "-m", "scrim.api", "--data", str(folder.path)),
        *("--live-socket", str(live), "--port", str(port), *more),
    ]


@contextlib.contextmanager
def running(folder: DataFolder, live: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    process = subprocess.Popen(
        command(folder, live), stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stderr is not None
        first = json.loads(process.stderr.readline())
        assert first["event"] == "listening"
        yield process, f"http://127.0.0.1:{first['port']}"
    finally:
        process.kill()
        process.communicate()


def test_the_server_loads_nothing_that_could_hold_a_clear_picture() -> None:
    code = (
        "import sys, scrim.api, scrim.api.__main__\n"
        "names = ('av', 'cv2', 'onnxruntime', 'numpy', 'scrim.redact', 'scrim.record',\n"
        "         'scrim.camera', 'scrim.vault.opening', 'scrim.vault.openers', 'scrim.opening',\n"
        "         'scrim.vault.handover', 'scrim.vault.custodian', 'scrim.evidence', 'pyrage')\n"
        "print([name for name in names if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


async def test_it_serves_logs_without_secrets_and_ends_cleanly(
    folder: DataFolder, tmp_path: Path
) -> None:
    live = tmp_path / "live"
    with running(folder, live) as (process, address):
        async with httpx.AsyncClient(
            base_url=address,
            headers={"Origin": address},
            trust_env=False,
            timeout=PATIENCE_S,
        ) as client:
            assert (await client.get("/healthz?token=in-the-query")).text == "ok\n"
            answer = await client.post("/api/session", json={"token": "in-the-body"})
            assert answer.status_code == 403
            assert "server" not in answer.headers
            cookie = {"Cookie": "scrim_session=in-the-cookie"}
            assert (await client.get("/api/cameras", headers=cookie)).status_code == 401
        recorder = await FakeRecorder.connect(live)
        await recorder.send(init(), part(1, 0))
        process.send_signal(signal.SIGTERM)
        assert await recorder.refused()
        await recorder.close()
        _, log = process.communicate(timeout=PATIENCE_S)
        assert process.returncode == 0
    lines = [json.loads(line) for line in log.splitlines()]
    assert [(line["route"], line["status"]) for line in lines if line["event"] == "request"] == [
        ("/healthz", 200),
        ("/api/session", 403),
        ("/api/cameras", 401),
    ]
    assert "in-the-" not in log
    assert not live.exists()


def test_a_traceback_in_the_log_holds_no_values() -> None:
    code = (
        "import logging\n"
        "from scrim.api import logs\n"
        "logs.configure()\n"
        "def fails(cookie):\n"
        "    raise RuntimeError('broken')\n"
        "try:\n"
        "    fails('scrim_' + 'session')\n"
        "except RuntimeError:\n"
        "    logging.getLogger('uvicorn.error').exception('it failed')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    line = json.loads(done.stderr)
    assert [frame["name"] for frame in line["exception"][0]["frames"]] == ["<module>", "fails"]
    assert "scrim_session" not in done.stderr
    assert "cookie" not in done.stderr


def test_a_port_that_is_taken_is_one_sentence_and_exit_code_10(
    folder: DataFolder, tmp_path: Path
) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = subprocess.run(
            command(folder, tmp_path / "live", port=port), capture_output=True, text=True
        )
    assert done.returncode == 10
    assert done.stderr == (
        f"Something else listens on port {port} of 127.0.0.1. "
        "Stop it, or choose another port with --port (--port 0 finds a free one).\n"
    )


def test_another_hosts_reach_is_refused_without_leave(folder: DataFolder, tmp_path: Path) -> None:
    done = subprocess.run(
        command(folder, tmp_path / "live", "--host", "0.0.0.0"), capture_output=True, text=True
    )
    assert done.returncode == 3
    assert len(done.stderr.splitlines()) == 1
    assert "--allow-remote" in done.stderr


def test_no_data_folder_is_exit_code_4(tmp_path: Path) -> None:
    nowhere = DataFolder(tmp_path / "nowhere")
    done = subprocess.run(command(nowhere, tmp_path / "live"), capture_output=True, text=True)
    assert done.returncode == 4
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux: prctl is its own")
def test_it_dies_with_its_parent_and_dumps_no_core(folder: DataFolder, tmp_path: Path) -> None:
    parent_code = (
        "import subprocess, sys\n"
        "child = subprocess.Popen(sys.argv[1:], stderr=subprocess.PIPE, text=True)\n"
        "child.stderr.readline()\n"
        "print(child.pid, flush=True)\n"
        "sys.stdin.read()\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", parent_code, *command(folder, tmp_path / "live")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    limits = Path(f"/proc/{child}/limits").read_text()
    (core,) = [line for line in limits.splitlines() if line.startswith("Max core file size")]
    assert core.split()[4:6] == ["0", "0"]
    parent.kill()
    parent.communicate()
    deadline = time.monotonic() + PATIENCE_S
    while _alive(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _alive(child)


def test_a_place_open_to_others_is_told_from_one_that_is_not() -> None:
    assert not Place("127.0.0.1", 0).exposed
    assert not Place("::1", 0).exposed
    assert not Place("localhost", 0).exposed
    assert Place("0.0.0.0", 0, allow_remote=True).exposed
    behind_proxy = Place("127.0.0.1", 0, names=("CCTV.example.org",))
    assert behind_proxy.exposed
    assert "cctv.example.org" in behind_proxy.answers_to
    assert "0.0.0.0" not in Place("0.0.0.0", 0, allow_remote=True).answers_to
    with pytest.raises(SettingsError):
        Place("192.0.2.1", 0).bind()
    with pytest.raises(SettingsError, match=r"192\.0\.2\.1"):
        Place("192.0.2.1", 0, allow_remote=True).bind()


def test_host_names() -> None:
    assert is_name("cctv.example.org")
    assert is_name("::1")
    assert not is_name("http://cctv")
    assert not is_name("cctv:80")
    assert not is_name("")


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False
