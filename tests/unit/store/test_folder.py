from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from scrim.errors import (
    DataFolderBusy,
    DataFolderError,
    DataFolderMissing,
    DataFolderNewer,
    DataFolderUnwritable,
    StoreError,
    StoreFull,
)
from scrim.store.folder import DataFolder


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return DataFolder.create(tmp_path / "data")


def test_a_new_folder_has_the_layout(folder: DataFolder) -> None:
    assert {p.name for p in folder.path.iterdir()} == {"format", "scrim.db", "objects", "keys"}
    assert (folder.path / "format").read_text(encoding="ascii") == "1\n"
    assert stat.S_IMODE(folder.keys.stat().st_mode) == 0o700
    assert stat.S_IMODE(folder.path.stat().st_mode) & 0o007 == 0
    assert stat.S_IMODE(folder.database.stat().st_mode) & 0o007 == 0  # holds cameras' passwords
    assert folder.checkpoint == folder.path / "checkpoint"
    assert folder.demo_custodians == folder.path / "demo-custodians"


def test_permissions_do_not_hang_on_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        made = DataFolder.create(tmp_path / "data")
    finally:
        os.umask(before)
    assert stat.S_IMODE(made.keys.stat().st_mode) == 0o700
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o750


def test_a_folder_opens_by_a_relative_path_and_is_absolute(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder.path.parent)
    assert DataFolder.open(Path("data")) == folder
    assert DataFolder.create(Path("data")) == folder


def test_making_a_folder_again_keeps_what_is_in_it(folder: DataFolder) -> None:
    (folder.objects / "a").write_bytes(b"kept")
    before = folder.database.read_bytes()
    DataFolder.create(folder.path)
    assert (folder.objects / "a").read_bytes() == b"kept"
    assert folder.database.read_bytes() == before


def test_an_interrupted_making_is_finished(tmp_path: Path) -> None:
    made = DataFolder.create(tmp_path / "data")
    (made.path / "format").unlink()
    (made.path / "format.part").write_bytes(b"")
    with pytest.raises(DataFolderMissing):
        DataFolder.open(made.path)
    assert DataFolder.open(DataFolder.create(made.path).path) == made


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.jpg").write_bytes(b"cat")
    with pytest.raises(DataFolderError, match=r"not empty.*cat\.jpg"):
        DataFolder.create(tmp_path / "photos")
    assert [p.name for p in (tmp_path / "photos").iterdir()] == ["cat.jpg"]
    (tmp_path / "other" / "objects").mkdir(parents=True)
    (tmp_path / "other" / "objects" / "file").write_bytes(b"")
    with pytest.raises(DataFolderError, match="not empty"):
        DataFolder.create(tmp_path / "other")


def test_settings_may_be_there_before(tmp_path: Path) -> None:
    (tmp_path / "scrim.toml").write_text("[server]\nport = 1\n", encoding="ascii")
    assert DataFolder.create(tmp_path).path == tmp_path


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(DataFolderError, match="is a file"):
        DataFolder.create(tmp_path / "file")
    with pytest.raises(DataFolderError):
        DataFolder.create(tmp_path / "file" / "below")
    with pytest.raises(DataFolderMissing):
        DataFolder.open(tmp_path / "file")


def test_a_missing_folder_says_how_to_make_one(tmp_path: Path) -> None:
    for place in (tmp_path / "none", tmp_path):
        with pytest.raises(DataFolderMissing, match="no Scrim data folder") as caught:
            DataFolder.open(place)
        assert caught.value.remedy == f"Make one with `scrim init {place}`."
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("write", [True, False])
def test_a_newer_format_is_left_alone(folder: DataFolder, write: bool) -> None:
    (folder.path / "format").write_text("2\n", encoding="ascii")
    with pytest.raises(DataFolderNewer, match=r"format 2.*knows 1"):
        DataFolder.open(folder.path, write=write)
    with pytest.raises(DataFolderNewer):
        DataFolder.create(folder.path)


def test_a_newer_database_is_left_alone(folder: DataFolder) -> None:
    with sqlite3.connect(folder.database) as database:
        database.execute("UPDATE alembic_version SET version_num = '0999'")
    database.close()
    with pytest.raises(DataFolderNewer, match="0999"):
        DataFolder.open(folder.path)
    with pytest.raises(DataFolderNewer, match="0999"):
        DataFolder.create(folder.path)


def test_a_format_that_is_no_number_says_so(folder: DataFolder) -> None:
    (folder.path / "format").write_bytes(b"\xff\xfe")
    with pytest.raises(DataFolderError, match="version number"):
        DataFolder.open(folder.path)


def test_a_missing_or_foreign_database_says_so(folder: DataFolder) -> None:
    folder.database.write_bytes(b"no database at all " * 300)
    with pytest.raises(StoreError, match="damaged"):
        DataFolder.open(folder.path)
    folder.database.unlink()
    with pytest.raises(StoreError, match="missing"):
        DataFolder.open(folder.path)
    assert not folder.database.exists()  # looking made no empty one
    folder.database.touch()
    with pytest.raises(StoreError, match="empty"):
        DataFolder.open(folder.path)


# Two on one folder.


def test_a_second_instance_is_refused(folder: DataFolder) -> None:
    with folder.lock():
        for other in (folder, DataFolder.open(folder.path)):
            with pytest.raises(DataFolderBusy, match="already runs"), other.lock():
                pass
    with folder.lock():
        pass


_HOLDER = """
import sys, time
from pathlib import Path
from scrim.store.folder import DataFolder
with DataFolder.open(Path(sys.argv[1])).lock():
    print("held", flush=True)
    time.sleep(600)
"""


@pytest.mark.parametrize("left", [None, b""], ids=["missing", "empty"])
def test_a_database_that_is_gone_is_not_made_anew(folder: DataFolder, left: bytes | None) -> None:
    """Over recordings and a ledger that a copy may still bring back."""
    folder.database.unlink()
    if left is not None:
        folder.database.write_bytes(left)
    for use in (DataFolder.create, DataFolder.open):
        with pytest.raises(StoreError, match="database") as caught:
            use(folder.path)
        assert "copy" in caught.value.remedy
    assert folder.database.exists() == (left is not None)


def test_a_new_supervisor_waits_for_the_children_of_one_that_died(folder: DataFolder) -> None:
    waited: list[bool] = []
    over = folder.path / "over"
    # it lives until it is told to end, and says so as the last thing it does
    with folder.tended() as handle:
        child = subprocess.Popen(
            ["sh", "-c", 'read -r _; sleep 0.3; : >"$0"', str(over)],
            stdin=subprocess.PIPE,
            pass_fds=[handle],
        )
    assert child.stdin is not None

    def waiting() -> None:
        waited.append(True)
        assert child.stdin is not None
        child.stdin.close()

    with child:
        with pytest.raises(DataFolderBusy, match="still works"), folder.tended(seconds=0.1):
            pass
        with folder.tended(seconds=120, waiting=waiting):
            assert over.exists()
    assert waited == [True]
    with folder.tended(waiting=lambda: waited.append(True)):
        assert waited == [True]  # nobody was there


def test_the_lock_goes_with_its_process(folder: DataFolder) -> None:
    command = [sys.executable, "-c", _HOLDER, str(folder.path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(DataFolderBusy), folder.lock():
            pass
        holder.kill()
        holder.wait()
    with folder.lock():
        pass


# Folders that cannot be written.


@pytest.fixture
def unwritable(tmp_path: Path) -> Iterator[Path]:
    """A place with a data folder that this user, root too, cannot write."""
    place = tmp_path / "disk"
    place.mkdir()
    if os.geteuid() != 0:
        made = DataFolder.create(place / "data")
        folders = [place, made.path, made.objects, made.keys]
        for folder in folders:
            folder.chmod(0o500)
        yield place
        for folder in folders:
            folder.chmod(0o700)
        return
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)]
    if subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("root may not mount a disk here: run the tests as another user")
    try:
        DataFolder.create(place / "data")
        subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


def test_a_read_only_folder_can_be_read_and_says_that_it_cannot_be_written(
    unwritable: Path,
) -> None:
    with pytest.raises(DataFolderUnwritable, match="cannot be written"):
        DataFolder.open(unwritable / "data")
    with pytest.raises(DataFolderUnwritable):
        DataFolder.create(unwritable / "new")
    folder = DataFolder.open(unwritable / "data", write=False)
    with pytest.raises(DataFolderUnwritable), folder.lock():
        pass


def test_a_full_disk_says_so(tmp_path: Path) -> None:
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("a small disk can only be mounted by root: run the tests as root")
    try:
        with pytest.raises(StoreFull):
            DataFolder.create(place / "data")
    finally:
        subprocess.run(["umount", str(place)], check=True)


def test_a_copy_of_a_folder_opens(folder: DataFolder, tmp_path: Path) -> None:
    shutil.copytree(folder.path, tmp_path / "copy")
    assert DataFolder.open(tmp_path / "copy").path == tmp_path / "copy"
