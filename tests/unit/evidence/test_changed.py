"""One bit anywhere, a file more, a file less: found, and named."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.evidence.conftest import Check
from tests.unit.evidence.world import FILES, flip

from scrim.errors import BundleBroken
from scrim.evidence.build import pack


def kinds(report: object) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for problem in report.problems:  # type: ignore[attr-defined]
        found.setdefault(problem.subject, set()).add(str(problem.kind))
    return found


def test_these_are_its_files(bundle: Path) -> None:
    there = {path.relative_to(bundle).as_posix() for path in bundle.rglob("*") if path.is_file()}
    assert there == set(FILES)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("at", [0, 100, -1])
def test_one_flipped_bit_is_found_and_the_file_named(
    bundle: Path, check: Check, name: str, at: int
) -> None:
    flip(bundle / name, at)
    said = kinds(check(bundle))
    expected = "index-invalid" if name == "bundle.json" else "file-altered"
    assert expected in said[name]


@pytest.mark.parametrize("name", FILES)
def test_a_file_less_is_found_and_named(bundle: Path, check: Check, name: str) -> None:
    (bundle / name).unlink()
    assert "file-missing" in kinds(check(bundle))[name]


@pytest.mark.parametrize(
    "name", ["stray.txt", "original/gate/000001/000000/0000000009.mp4", "answers/09-nobody.json"]
)
def test_a_file_more_is_found_and_named(bundle: Path, check: Check, name: str) -> None:
    (bundle / name).write_bytes(b"{}")
    assert "file-added" in kinds(check(bundle))[name]


@pytest.mark.parametrize("name", FILES)
def test_an_emptied_file_is_found(bundle: Path, check: Check, name: str) -> None:
    (bundle / name).write_bytes(b"")
    assert name in kinds(check(bundle))


@given(data=st.data())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bit_of_any_file(
    data: st.DataObject, good: Path, check: Check, tmp_path_factory: pytest.TempPathFactory
) -> None:
    bundle = Path(shutil.copytree(good, tmp_path_factory.mktemp("flipped") / "bundle"))
    name = data.draw(st.sampled_from(FILES))
    size = (bundle / name).stat().st_size
    flip(bundle / name, data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, 7)))
    assert not check(bundle).holds
    shutil.rmtree(bundle)


@given(data=st.data())
@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bit_of_the_zip(
    data: st.DataObject, good: Path, check: Check, tmp_path_factory: pytest.TempPathFactory
) -> None:
    packed = pack(good, tmp_path_factory.mktemp("flipped") / "bundle.zip")
    size = packed.stat().st_size
    tail = data.draw(st.booleans())  # where the table of contents is, half of the time
    at = data.draw(st.integers(size - 4000 if tail else 0, size - 1))
    flip(packed, at, data.draw(st.integers(0, 7)))
    try:
        holds = check(packed).holds
    except BundleBroken:
        holds = False
    assert not holds


@pytest.mark.parametrize("change", [b"tail", b"head"])
def test_bytes_around_a_zip_are_found(
    good: Path, check: Check, tmp_path: Path, change: bytes
) -> None:
    packed = pack(good, tmp_path / "bundle.zip")
    data = packed.read_bytes()
    packed.write_bytes(data + b"more" if change == b"tail" else b"more" + data)
    try:
        said = {str(found.kind) for found in check(packed).problems}
    except BundleBroken:
        said = {"archive-altered"}
    assert "archive-altered" in said
