"""The program that makes a bare clone ready: it skips what is done and explains what fails."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

import child
import packages
import page
import stamp
import start
import steps
from scrim.redact import model

ROOT = Path(__file__).resolve().parents[3]


def _run(tmp_path: Path, script: str) -> None:
    progress = child.Progress("Trying")
    child.run([sys.executable, "-c", script], progress, tmp_path / "log", cwd=tmp_path, env={})
    progress.done()


def test_it_pins_the_model_that_the_detector_asks_for() -> None:
    assert steps.MODEL_SHA256 in Path(model.__file__).read_text("utf-8")
    assert model.default_model() == steps.MODEL
    assert hashlib.sha256(steps.MODEL.read_bytes()).hexdigest() == steps.MODEL_SHA256


def test_a_stamp_holds_until_an_input_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stamp, "ROOT", tmp_path)
    source, product = tmp_path / "source", tmp_path / "product"
    source.write_text("one")
    mark = stamp.Stamp(tmp_path / "stamps" / "thing", product)
    before = stamp.fingerprint([source])
    assert not mark.holds(before)
    product.touch()
    mark.set(before)
    assert mark.holds(stamp.fingerprint([source]))
    source.write_text("two")
    assert not mark.holds(stamp.fingerprint([source]))


def test_a_stamp_falls_with_what_was_made(tmp_path: Path) -> None:
    product = tmp_path / "product"
    product.touch()
    mark = stamp.Stamp(tmp_path / "stamp", product)
    mark.set("x")
    assert mark.holds("x")
    product.unlink()
    assert not mark.holds("x")


def test_names_and_contents_do_not_run_into_each_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stamp, "ROOT", tmp_path)
    (tmp_path / "a").write_text("bc")
    (tmp_path / "ab").write_text("c")
    assert stamp.fingerprint([tmp_path / "a"]) != stamp.fingerprint([tmp_path / "ab"])


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("OSError: [Errno 28] No space left on device", "The disk is full."),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM", "not the file that was pinned"),
        ("NewConnectionError: [Errno 111] Connection refused", "cannot be reached"),
        ("npm error code EAI_AGAIN", "cannot be reached"),
        ("ERROR: No matching distribution found for av==18.1.0", "no ready-made build"),
        ("npm error code EUSAGE", "does not fit"),
        ("something nobody foresaw", "something nobody foresaw"),
    ],
)
def test_a_failure_is_explained(tmp_path: Path, said: str, meant: str) -> None:
    with pytest.raises(child.SetupError, match=r"log\)$") as caught:
        _run(tmp_path, f"import sys; print({said!r}); sys.exit(1)")
    assert meant in str(caught.value)
    assert said in (tmp_path / "log").read_text("utf-8")


def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    progress = child.Progress("Trying")
    with pytest.raises(child.SetupError, match="no-such-program does not start"):
        child.run(["no-such-program"], progress, tmp_path / "log", cwd=tmp_path, env={})


def test_packages_are_counted() -> None:
    heard = packages.counting(3)
    assert heard("Collecting av==18.1.0 (from -r requirements/runtime.txt)\n") == "1/3 av"
    assert heard("  Downloading av-18.1.0.whl (36.0 MB)\n") is None
    assert heard("Requirement already satisfied: numpy==2.4.6 in ...\n") == "2/3 numpy"


@pytest.mark.parametrize(
    ("folder", "demo"),
    [(None, True), ("demo-custodians", True), ("keys", False)],
    ids=["new", "demo", "real"],
)
def test_demo_custodians_are_for_new_folders_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str | None, demo: bool
) -> None:
    became: list[list[str]] = []
    monkeypatch.setattr(os, "execve", lambda _program, command, _env: became.append(command))
    data = tmp_path / "data"
    if folder:
        (data / folder).mkdir(parents=True)
        (data / "format").touch()
    start.scrim(data=str(data), camera=None, port=8460)
    assert ("--demo" in became[0]) is demo


def test_a_cameras_password_is_not_in_the_process_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    became: list[tuple[list[str], dict[str, str]]] = []
    monkeypatch.setattr(os, "execve", lambda _program, command, env: became.append((command, env)))
    address = "rtsp://operator:secret@192.0.2.7/1"
    start.scrim(data=str(tmp_path / "data"), camera=address, port=8460)
    ((command, env),) = became
    assert not any("secret" in word for word in command)
    assert env["SCRIM_CAMERA"] == address


def test_an_old_python_is_told_so() -> None:
    # What an old Python sees: the same lines with another version.
    text = (ROOT / "setup/__main__.py").read_text("utf-8").split("import argparse")[0]
    script = text.replace("sys.version_info", "(3, 9, 2)")
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("Scrim needs Python 3.11 or newer and this is 3.9.")
    assert "Traceback" not in done.stderr


def test_the_sign_in_tests_get_their_provider_from_its_lock_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "oidc"
    folder.mkdir()
    ran: list[Path] = []

    def run(_command: object, _progress: object, _log: Path, *, cwd: Path, env: object) -> None:
        assert env is not None
        ran.append(cwd)
        (cwd / "node_modules").mkdir(exist_ok=True)

    monkeypatch.setattr(stamp, "ROOT", tmp_path)
    monkeypatch.setattr(page, "PROVIDER", folder)
    monkeypatch.setattr(page, "_STAMPS", tmp_path / "stamps")
    monkeypatch.setattr(page, "_with_node", lambda _number: {})
    monkeypatch.setattr(page, "run", run)
    with pytest.raises(child.SetupError, match=r"package-lock\.json is missing"):
        page.provider("[1/1]")
    for name in ("package.json", "package-lock.json"):
        (folder / name).write_text("{}")
    assert page.provider("[1/1]")
    assert not page.provider("[1/1]")
    (folder / "package-lock.json").write_text('{"another": 1}')
    assert page.provider("[1/1]")
    assert ran == [folder, folder]
    assert "provider" in steps._STEPS["test"]


def test_nothing_to_do_takes_no_time() -> None:
    command = [sys.executable, str(ROOT / "setup"), "dev"]
    environment = Path(sys.prefix)
    if environment != ROOT / ".venv" or environment.is_symlink():
        # setup makes an environment anew that was not made for this clone: never another clone's
        pytest.skip("needs to run in the clone's own environment: make test")
    subprocess.run(command, check=True, capture_output=True)
    began = _seconds_of_children()
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert done.stdout == ""
    assert _seconds_of_children() - began < 5.0


def _seconds_of_children() -> float:
    """Processor time of the children that ended: what else the machine does is no part of it."""
    spent = os.times()
    return spent.children_user + spent.children_system
