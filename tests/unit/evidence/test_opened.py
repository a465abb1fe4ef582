"""From what an opening left on the disk to the inputs of a bundle."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.evidence.world import PERIODS, World, opened_folder

from scrim.canonical import Json, canonical
from scrim.errors import BundleBroken, LedgerBroken
from scrim.evidence.opened import copies_in, originals_in, periods_in, read_record
from scrim.store.keys import document_key, manifest_key


@pytest.fixture
def opened(world: World, tmp_path: Path) -> Path:
    top = opened_folder(world, tmp_path / "opened")
    (top / "viewing").mkdir()
    (top / "viewing/gate-1.mp4").write_bytes(b"video")
    return top


def test_what_is_there_makes_a_bundle(
    world: World, opened: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    periods = periods_in(opened, world.request)
    assert periods == list(world.periods)
    originals = originals_in(opened, world.request, periods)
    assert len(originals) == 6  # of the interval; the lost one is there and is not taken
    monkeypatch.setattr(World, "originals", originals)
    world.bundle(tmp_path / "bundle")


def test_what_is_missing_is_said(world: World, opened: Path, tmp_path: Path) -> None:
    (opened / manifest_key("gate", 1, 1)).unlink()
    with pytest.raises(BundleBroken, match="still recorded"):
        periods_in(opened, world.request)
    (opened / document_key("gate", 1, 0)).unlink()
    with pytest.raises(BundleBroken, match="cannot be read"):
        periods_in(opened, replace(world.request, periods=world.request.periods[:1]))
    shutil.rmtree(opened / "viewing")
    with pytest.raises(BundleBroken, match="no viewing copy"):
        copies_in(opened)


def test_a_missing_original_is_named_when_the_bundle_is_made(
    world: World, opened: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (opened / "native/gate/0000000001.mp4").unlink()
    originals = originals_in(opened, world.request, world.periods)
    monkeypatch.setattr(World, "originals", originals)
    with pytest.raises(BundleBroken, match=r"sealed/gate/000001/000000/0000000001\.age"):
        world.bundle(tmp_path / "bundle")


def record(world: World) -> dict[str, Json]:
    receipts = [one.document() for one in world.log.receipts()]
    opened, closed = receipts[::2], receipts[1::2]
    names = ["/".join(map(str, place)) for place in PERIODS]
    return {
        "format": "scrim-record-v1",
        "case": world.request.case,
        "salt": "ab" * 16,
        "entries": receipts[:1],
        "opened": dict(zip(names, opened, strict=True)),
        "closed": dict(zip(names, closed, strict=True)),
        "custodians": {},
        "reshared": {},
        "checkpoint": world.log.checkpoint(),
    }


def test_a_record_is_read(world: World) -> None:
    checkpoint, receipts = read_record(canonical(record(world)), world.request.case)
    assert checkpoint == world.log.checkpoint()
    assert receipts == world.log.receipts()


@pytest.mark.parametrize(
    "change",
    [
        {"case": "case-zzzzzzzz"},
        {"format": "scrim-record-v2"},
        {"entries": {}},
        {"entries": ["nothing"]},
        {"opened": []},
        {"checkpoint": 3},
    ],
)
def test_a_record_that_is_none(world: World, change: dict[str, Json]) -> None:
    with pytest.raises(LedgerBroken):
        read_record(canonical({**record(world), **change}), world.request.case)
