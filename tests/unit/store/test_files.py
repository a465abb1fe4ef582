from __future__ import annotations

import stat
from pathlib import Path

import pytest

from scrim.store.files import write_atomically, write_once


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_file_is_replaced_as_one_step(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint"
    write_atomically(path, b"old")
    first = path.stat().st_ino
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new"
    assert path.stat().st_ino != first  # whoever has the old one open reads the old one
    assert [p.name for p in tmp_path.iterdir()] == ["checkpoint"]


def test_a_killed_write_s_remains_are_no_hindrance(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    (tmp_path / "secret.part").write_bytes(b"half")
    (tmp_path / "secret.part").chmod(0o666)
    write_once(path, b"whole", 0o600)
    assert (path.read_bytes(), mode(path)) == (b"whole", 0o600)
    assert [p.name for p in tmp_path.iterdir()] == ["secret"]


def test_a_file_is_made_once(tmp_path: Path) -> None:
    path = tmp_path / "key"
    write_once(path, b"first", 0o600)
    with pytest.raises(FileExistsError):
        write_once(path, b"second", 0o600)
    assert path.read_bytes() == b"first"
    assert [p.name for p in tmp_path.iterdir()] == ["key"]


def test_permissions_are_those_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"")
    path.chmod(0o777)
    write_atomically(path, b"x", 0o640)
    assert mode(path) == 0o640


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_atomically(tmp_path / "gone" / "file", b"x")
