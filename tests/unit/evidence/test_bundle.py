"""A bundle that holds, as a folder and as a ZIP."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.evidence.conftest import Check
from tests.unit.evidence.world import PERIODS, Entries, World

from scrim.errors import BundleBroken, SealBroken
from scrim.evidence import layout
from scrim.evidence.build import pack
from scrim.evidence.verify import verify_bundle


def test_a_bundle_holds(bundle: Path, check: Check) -> None:
    report = check(bundle)
    assert [found.line() for found in report.findings] == []
    assert report.checked["originals"] == 5
    assert report.checked["answers"] == 2
    assert report.checked["periods"] == len(PERIODS)


def test_the_originals_are_as_recorded_and_only_those_asked_for(bundle: Path, world: World) -> None:
    found = {
        path.relative_to(bundle).as_posix(): path.read_bytes()
        for path in (bundle / layout.ORIGINALS).rglob("*.mp4")
    }
    assert found == {
        f"original/{camera}/000001/{period:06d}/{segment:010d}.mp4": world.plain[camera, segment]
        for camera, period, segment in [
            ("gate", 0, 1),  # 0 is before the interval, 2 was lost
            ("gate", 1, 3),  # 4 is after it
            ("yard", 0, 1),
            ("yard", 0, 2),
            ("yard", 0, 3),
        ]
    }


def test_without_keys_it_holds_and_says_what_that_is_worth(bundle: Path) -> None:
    report = verify_bundle(bundle)
    assert report.holds
    assert {str(found.kind) for found in report.notes} == {"key-not-pinned", "anchor-not-pinned"}


def test_the_same_files_give_the_same_zip(bundle: Path, check: Check, tmp_path: Path) -> None:
    one = pack(bundle, tmp_path / "one.zip")
    copy = tmp_path / "copy"
    for path in sorted(bundle.rglob("*"), reverse=True):  # other order, other times
        if path.is_file():
            target = copy / path.relative_to(bundle)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
    two = pack(copy, tmp_path / "two.zip")
    assert one.read_bytes() == two.read_bytes()
    report = check(one)
    assert [found.line() for found in report.findings] == []
    assert report.checked == check(bundle).checked


def test_another_program_unpacks_the_zip(bundle: Path, tmp_path: Path) -> None:
    packed = pack(bundle, tmp_path / "one.zip")
    shutil.unpack_archive(packed, tmp_path / "out")
    done = subprocess.run(
        ["sha256sum", "--check", "--strict", "--quiet", layout.SUMS],
        cwd=tmp_path / "out",
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_nothing_is_replaced(bundle: Path, world: World, tmp_path: Path) -> None:
    with pytest.raises(BundleBroken, match="there already"):
        world.bundle(bundle)
    packed = pack(bundle, tmp_path / "one.zip")
    before = packed.read_bytes()
    with pytest.raises(BundleBroken):
        pack(bundle, packed)
    assert packed.read_bytes() == before


def test_what_would_not_hold_is_not_made(world: World, tmp_path: Path) -> None:
    out = tmp_path / "bundle"
    with pytest.raises(BundleBroken, match="entry 'exported'"):
        world.bundle(out, entries=Entries(exported=None))  # logged first
    with pytest.raises(BundleBroken, match="1 of its custodians"):
        world.bundle(out, answers=[world.answer(0, world.request)])
    assert not out.exists()
    assert not out.with_name("bundle.part").exists()


def test_a_missing_original_is_said(world: World, tmp_path: Path) -> None:
    short = replace(world, folder=tmp_path)  # where none of the originals are
    with pytest.raises(BundleBroken, match="cannot be read"):
        short.bundle(tmp_path / "bundle")


def test_another_original_than_was_recorded_is_not_bundled(world: World, tmp_path: Path) -> None:
    shutil.copytree(world.folder, tmp_path / "opened")
    (tmp_path / "opened/gate-1.mp4").write_bytes(world.plain["gate", 3])
    with pytest.raises(BundleBroken, match="holds what was recorded as"):
        replace(world, folder=tmp_path / "opened").bundle(tmp_path / "bundle")


def test_papers_that_do_not_belong_together_are_refused(world: World, tmp_path: Path) -> None:
    (first, _), (second, manifest), last = world.periods
    with pytest.raises(SealBroken):
        replace(world, periods=((first, manifest), (second, manifest), last)).bundle(
            tmp_path / "bundle"
        )


def test_the_summary_is_in_plain_words_and_loads_nothing(bundle: Path) -> None:
    page = (bundle / layout.SUMMARY_HTML).read_text("utf-8")
    assert "單車意外 &lt;b&gt;&amp;." in page
    assert "2 of 3" in page
    assert "1 of the recordings of this interval were lost" in page
    assert "http" not in page.replace("http-equiv", "")
    pdf = (bundle / layout.SUMMARY_PDF).read_bytes()
    assert pdf.startswith(b"%PDF-")
    assert b"/URI" not in pdf


def test_no_key_that_opens_anything_is_in_it(bundle: Path, world: World) -> None:
    secrets = [world.officer.secret, world.once.secret, *(c.secret for c in world.custodians)]
    for path in bundle.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert b"AGE-SECRET-KEY-1" not in data.replace(b"AGE-SECRET-KEY-1...", b"")
            assert not any(secret.encode() in data for secret in secrets)
            assert b"PRIVATE" not in data


def test_the_custody_record_links_sealed_and_clear(bundle: Path, world: World) -> None:
    record = json.loads((bundle / layout.CUSTODY).read_bytes())
    assert set(record) >= {"identification", "collection", "acquisition", "preservation"}
    files = record["acquisition"]["files"]
    assert len(files) == 5
    for line in files:
        data = world.plain[line["camera"], line["segment"]]
        assert line["plain_sha256"] == hashlib.sha256(data).hexdigest()
        assert line["sealed_sha256"] == hashlib.sha256(b"sealed" + data).hexdigest()
    assert [(one["camera"], one["segment"]) for one in record["acquisition"]["lost"]] == [
        ("gate", 2)
    ]
