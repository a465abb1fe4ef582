"""What nobody means to type or to send ends in one line that says so, and never as a fault."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from scrim.cli.times import shown
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


@pytest.mark.parametrize("us", [10**30, -(10**30), 1 << 63])
def test_a_time_that_no_calendar_has_is_shown_as_a_number(us: int) -> None:
    assert str(us) in shown(us)
