"""What nobody means to type or to send ends in one line that says so, and never as a fault."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from scrim.cli.hashed import sha256_of
from scrim.cli.main import run
from scrim.cli.times import moment, shown
from scrim.errors import CaseError, PaperRefused, ScrimError
from scrim.fleet import Deployment
from scrim.vault.custodian import new_identity, write_identity

LONG = "x" * 300
HERE = ("--server", "http://127.0.0.1:9")
_UNEXPECTED = 70
Scrim: TypeAlias = Callable[..., Any]


@pytest.fixture
def officer(tmp_path: Path) -> Path:
    file = tmp_path / "officer.txt"
    write_identity(file, new_identity())
    return file


def test_a_name_that_is_too_long_for_the_disk(
    scrim: Scrim, officer: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    opening = ("case", "open", "case-abcdefgh", *HERE, "--as", str(officer), "-o", "out")
    review = ("custodian", "review", "case-abcdefgh", "--as", str(officer), "--known", "known")
    package = ("--package", str(officer))
    for arguments in (
        ("verify", LONG),
        (*opening, "--keys", LONG),
        ("verify", str(tmp_path), "--key", f"{LONG}+x"),
        (*review, *package, "--ledger-key", f"{LONG}+x"),
    ):
        done = scrim(*arguments)
        assert done.code not in (0, _UNEXPECTED), arguments
        assert done.err.startswith("error: ")


def test_a_film_given_for_a_key_is_not_read_to_its_end(scrim: Scrim, tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    with film.open("wb") as file:
        file.truncate(1 << 40)  # a terabyte, of which nothing is written
    bundle = tmp_path / "bundle"
    bundle.mkdir()
    (bundle / "request.json").write_text("[]")
    for option in ("--key", "--anchor"):
        done = scrim("verify", str(bundle), option, str(film))
        assert done.code not in (0, 1, _UNEXPECTED)
        assert "film.mp4" in done.err


def test_another_file_than_the_ledgers_key_is_not_a_broken_ledger(
    scrim: Scrim, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    Deployment.create(data).close()
    (tmp_path / "empty").touch()
    for given in (data / "keys" / "ledger.key", tmp_path / "empty", "scrim.local/ledger+1+2"):
        done = scrim("verify", data, "--key", given)
        assert done.code == 8
        assert "is no public key of a ledger. Give keys/ledger.pub" in done.err
    assert scrim("verify", data, "--key", data / "keys" / "ledger.pub").code == 0


@pytest.mark.parametrize("us", [10**30, -(10**30), 1 << 63])
def test_a_time_that_no_calendar_has_is_shown_as_a_number(us: int) -> None:
    assert str(us) in shown(us)


@pytest.mark.parametrize(
    "text", ["2027-01-01", "20270101", "2027-01-01 10:30", "2027-01-01T10", "2027-01-01T10:30:05.5"]
)
def test_what_is_advised_where_the_zone_is_missing_is_taken(text: str) -> None:
    with pytest.raises(CaseError) as refused:
        moment("--since", text)
    for advised in re.findall(r"Write (\S+) for Hong Kong, (\S+) for UTC", refused.value.remedy)[0]:
        moment("--since", advised)


NOT_UTF8 = os.fsdecode(b"\xff.mp4")


@pytest.mark.parametrize(
    "command",
    [("init",), ("certificate",), ("camera", "remove"), ("camera", "sound"), ("camera", "list")],
)
def test_what_is_no_utf8_is_said_before_anything_is_done(
    scrim: Scrim, tmp_path: Path, command: tuple[str, ...]
) -> None:
    data = tmp_path / "data"
    done = scrim(*command, NOT_UTF8, "--data", data)
    assert done.code == 2
    assert done.err == (
        "error: The argument '\\udcff.mp4' is not valid UTF-8. Give it in UTF-8: rename the file, "
        "or set the terminal's encoding.\n"
    )
    assert not data.exists()


def test_a_variable_that_is_no_utf8(scrim: Scrim, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCRIM_DATA", NOT_UTF8)
    done = scrim("camera", "list")
    assert done.code == 2
    assert done.err.startswith("error: SCRIM_DATA is not valid UTF-8.")


def test_a_letter_that_the_terminal_cannot_show_is_shown_as_its_number(
    scrim_process: Scrim,
) -> None:
    done = scrim_process("norms", "show", "cn", PYTHONIOENCODING="latin-1")
    assert done.code == 0
    assert "\\u7ef4" in done.out


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_an_output_that_is_full_is_no_fault_of_ours() -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "scrim.cli.main", "norms", "list"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=300,
        )
    assert done.returncode == 9
    assert done.stderr.startswith("error: There is no room left")
    assert len(done.stderr.splitlines()) == 1


def test_a_place_that_no_command_foresaw_is_one_line_that_names_it(
    scrim: Scrim, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(*_arguments: object, **_named: object) -> None:
        raise PermissionError(13, "Permission denied", "/srv/scrim/format")

    monkeypatch.setattr("scrim.fleet.deployment.Deployment.open", denied)
    done = scrim("link", "--data", tmp_path)
    assert done.code == 9
    assert done.err.startswith("error: A file or folder cannot be used at '/srv/scrim/format'")


@pytest.mark.parametrize("way", [("add", "gate"), ("test",)])
@pytest.mark.parametrize("source", [LONG, "", "~nobody-of-that-name/clip.mp4"])
def test_a_source_that_is_no_path_is_not_there(
    scrim: Scrim, tmp_path: Path, way: tuple[str, ...], source: str
) -> None:
    Deployment.create(tmp_path / "data").close()
    done = scrim("camera", *way, source, "--data", tmp_path / "data")
    assert done.code == 5
    assert done.err.startswith("error: There is no ")


def test_a_source_in_a_folder_that_is_shut(
    scrim: Scrim, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Deployment.create(tmp_path / "data").close()

    def shut(_path: Path) -> bool:  # the tests may run as root, whom no folder is shut to
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr("scrim.cli.camera.Path.exists", shut)
        done = scrim("camera", "test", "/shut/clip.mp4", "--data", tmp_path / "data")
    assert (done.code, done.err.count("\n")) == (5, 1)
    assert "Give this user the right to read it" in done.err


@pytest.mark.parametrize("place", [(".",), ("out.mp4", "--report", ".")])
def test_a_folder_in_place_of_what_is_written(
    scrim: Scrim, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "clip.mp4").write_bytes(b"x")
    done = scrim("redact", "clip.mp4", *place)
    assert done.code == 9
    assert done.err == "error: . is a folder. Give a file's name.\n"
    assert [file.name for file in tmp_path.iterdir()] == ["clip.mp4"]


@pytest.mark.parametrize("refused", [CaseError, PaperRefused])
def test_a_paper_with_nothing_in_it_is_none(tmp_path: Path, refused: type[ScrimError]) -> None:
    (tmp_path / "empty.pdf").touch()
    (tmp_path / "memo.txt").write_text("memo 12\n")
    for place, why in (
        (tmp_path / "empty.pdf", "is empty"),
        (Path("/dev/zero"), "is a device"),
        (tmp_path, "cannot be read"),
        (tmp_path / "none.pdf", "cannot be read"),
    ):
        with pytest.raises(refused, match=why):
            sha256_of(place, refused)
    assert sha256_of(tmp_path / "memo.txt", refused) == hashlib.sha256(b"memo 12\n").hexdigest()


def test_a_data_folder_of_too_long_a_name_is_a_problem_of_each_check(scrim: Scrim) -> None:
    done = scrim("doctor", "--data", LONG, "--json")
    assert done.code == 1
    wrong = {check["name"] for check in json.loads(done.out)["checks"] if not check["holds"]}
    assert {"Settings", "Data folder", "Disk space", "Ledger key", "Custodians"} <= wrong


@pytest.mark.parametrize("name", ["a\x1b[31mb", "two\nlines", "\u202eabc", "x" * 201])
def test_a_camera_has_a_name_of_one_line(scrim: Scrim, tmp_path: Path, name: str) -> None:
    data = tmp_path / "data"
    Deployment.create(data).close()
    add = ("camera", "add", "gate", "rtsp://192.0.2.7/1", "--data", data)
    done = scrim(*add, "--name", name)
    assert done.code == 3
    assert "one line" in done.err
    assert scrim(*add, "--name", "北門\u3000一樓 – Nordtor").code == 0


@pytest.mark.parametrize("group", ["A B", "..", "٣", "[bold]", "x" * 300])
def test_a_group_that_cannot_be_is_said_and_changes_nothing(
    scrim: Scrim, tmp_path: Path, group: str
) -> None:
    data = tmp_path / "data"
    here = Deployment.create(data)
    here.set_custodians(here.make_demo_custodians())
    assert run(["camera", "add", "gate", "rtsp://192.0.2.7/1", "--data", str(data)]) == 0
    assert scrim("camera", "group", "gate", group, "--data", data).code == 7
    before = here.ledger.size()
    assert scrim("camera", "group", "gate", group, "--data", data).code == 7
    assert scrim("camera", "group", group, "everybody", "--data", data).code == 5
    assert here.ledger.size() == before
    here.close()
