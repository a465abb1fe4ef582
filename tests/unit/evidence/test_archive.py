"""What is no bundle, or is made to hurt whoever reads it, is refused before it is read."""

from __future__ import annotations

import os
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from scrim.errors import BundleBroken
from scrim.evidence import archive
from scrim.evidence.archive import Folder, Zip, open_bundle, write_zip
from scrim.evidence.build import pack
from scrim.evidence.layout import is_safe


def made(path: Path, fill: Callable[[zipfile.ZipFile], None]) -> Path:
    with zipfile.ZipFile(path, "w") as target:
        fill(target)
    return path


@pytest.mark.parametrize(
    "name", ["../up.txt", "/etc/passwd", "a/../../b", "a\\b", "a//b", "./a", "C:x", "a b", "é", ""]
)
def test_no_name_leads_out(tmp_path: Path, name: str) -> None:
    assert not is_safe(name)
    path = made(tmp_path / "x.zip", lambda target: target.writestr(zipfile.ZipInfo(name), b"x"))
    with pytest.raises(BundleBroken):
        open_bundle(path)


@pytest.mark.parametrize("name", ["bundle.json", "original/gate/000001/000000/0000000001.mp4"])
def test_names_that_are_in_bundles(name: str) -> None:
    assert is_safe(name)


def test_a_bomb_is_refused_by_what_it_says_of_itself(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("bundle.json", bytes(50_000_000))
    assert path.stat().st_size < 100_000
    with pytest.raises(BundleBroken, match="compressed"):
        open_bundle(path)


def test_files_that_share_their_bytes_are_refused(tmp_path: Path) -> None:
    data = bytes(10_000)
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as target:
        for number in range(2):
            target.writestr(f"file-{number}", data)
    with zipfile.ZipFile(path) as source:
        second = source.getinfo("file-1").header_offset
    raw = path.read_bytes()
    end = raw.rfind(b"PK\x05\x06")
    listed = raw.rfind(b"PK\x01\x02", 0, end)
    # the second line of the table points at the first file, and the second file goes
    table = raw[raw.find(b"PK\x01\x02") : listed] + (
        raw[listed : listed + 42] + (0).to_bytes(4, "little") + raw[listed + 46 : end]
    )
    tail = raw[end : end + 16] + second.to_bytes(4, "little") + raw[end + 20 :]
    path.write_bytes(raw[:second] + table + tail)
    with pytest.raises(BundleBroken):
        open_bundle(path)


def test_a_link_in_a_zip_is_refused(tmp_path: Path) -> None:
    info = zipfile.ZipInfo("link")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    path = made(tmp_path / "x.zip", lambda target: target.writestr(info, b"/etc/passwd"))
    with pytest.raises(BundleBroken, match="link"):
        open_bundle(path)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_one_name_twice_is_refused(tmp_path: Path) -> None:
    def twice(target: zipfile.ZipFile) -> None:
        target.writestr("bundle.json", b"{}")
        target.writestr("bundle.json", b"[]")

    with pytest.raises(BundleBroken, match="one name"):
        open_bundle(made(tmp_path / "x.zip", twice))


def test_names_that_differ_in_case_only_are_refused(tmp_path: Path) -> None:
    def twice(target: zipfile.ZipFile) -> None:
        target.writestr("a", b"{}")
        target.writestr("A", b"[]")

    with pytest.raises(BundleBroken, match="one name"):
        open_bundle(made(tmp_path / "x.zip", twice))


def test_too_many_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST_FILES", 3)

    def many(target: zipfile.ZipFile) -> None:
        for number in range(4):
            target.writestr(f"file-{number}", b"")
            (tmp_path / f"file-{number}").write_bytes(b"")

    path = made(tmp_path.with_suffix(".zip"), many)
    for place in (path, tmp_path):
        with pytest.raises(BundleBroken, match="more than 3 files"):
            open_bundle(place)


@pytest.mark.parametrize("data", [b"", b"PK", b"no zip at all", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_zip(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(data)
    if data.startswith(b"PK\x05\x06"):
        assert not open_bundle(path).sizes()  # an empty one holds nothing, which is found later
    else:
        with pytest.raises(BundleBroken):
            open_bundle(path)


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(BundleBroken, match="no bundle"):
        open_bundle(tmp_path / "none")


@pytest.mark.parametrize("kind", ["file", "folder", "dangling"])
def test_links_in_a_folder_are_refused(tmp_path: Path, kind: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_text("x")
    target = {"file": outside / "secret", "folder": outside, "dangling": tmp_path / "none"}[kind]
    top = tmp_path / "bundle"
    top.mkdir()
    (top / "link").symlink_to(target)
    with pytest.raises(BundleBroken, match="link"):
        Folder(top)


def test_a_link_put_there_later_is_not_followed(tmp_path: Path) -> None:
    top = tmp_path / "bundle"
    top.mkdir()
    (top / "a").write_text("x")
    source = Folder(top)
    (top / "a").unlink()
    (top / "a").symlink_to("/etc/hostname")
    with pytest.raises(BundleBroken):
        source.open("a")


def test_a_pipe_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(BundleBroken, match="device"):
        Folder(tmp_path)


def test_a_large_document_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "big").open("wb") as file:
        file.truncate(64 * 1024 * 1024 + 1)
    with pytest.raises(BundleBroken, match="larger"):
        Folder(tmp_path).read("big")


def test_a_zip_reads_like_the_folder(tmp_path: Path) -> None:
    top = tmp_path / "bundle"
    (top / "deep").mkdir(parents=True)
    (top / "empty").write_bytes(b"")
    (top / "deep/big").write_bytes(bytes(range(256)) * 10_000)
    source = Zip(pack(top, tmp_path / "x.zip"))
    assert source.sizes() == Folder(top).sizes()
    assert source.is_as_written()
    with source.open("deep/big") as file:
        file.seek(-10, os.SEEK_END)
        assert file.read() == bytes(range(246, 256))
        file.seek(1_000_003)
        assert file.read(4) == bytes((1_000_003 + n) % 256 for n in range(4))


def test_a_zip_by_another_program_is_not_as_written(tmp_path: Path) -> None:
    path = made(tmp_path / "x.zip", lambda target: target.writestr("a", b"x"))
    source = Zip(path)
    assert not source.is_as_written()
    with (tmp_path / "y.zip").open("wb") as file:
        write_zip(source, file)
    assert Zip(tmp_path / "y.zip").is_as_written()
