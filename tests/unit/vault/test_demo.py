from __future__ import annotations

import stat
from pathlib import Path

import pytest

from scrim.errors import CustodianInvalid, VaultError
from scrim.vault.custodian import read_identity
from scrim.vault.demo import README_NAME, make_demo_set


def test_three_custodians_two_of_whom_open(tmp_path: Path) -> None:
    made = make_demo_set(tmp_path / "demo-custodians")
    assert made.k == 2
    assert [custodian.id for custodian in made.custodians] == ["demo-1", "demo-2", "demo-3"]
    for custodian in made.custodians:
        path = tmp_path / "demo-custodians" / f"{custodian.id}.txt"
        assert read_identity(path).recipient == custodian.recipient
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_they_say_loudly_that_they_protect_nobody(tmp_path: Path) -> None:
    made = make_demo_set(tmp_path)
    assert made.demo
    assert made.document()["demo"] is True
    text = (tmp_path / README_NAME).read_text()
    assert "THEY PROTECT NOBODY" in text
    assert text.replace("scrim custodian new", "").isupper()


def test_a_second_start_keeps_the_first_ones(tmp_path: Path) -> None:
    first = make_demo_set(tmp_path)
    assert make_demo_set(tmp_path) == first
    (tmp_path / "demo-2.txt").unlink()
    again = make_demo_set(tmp_path)
    assert again.custodians[0] == first.custodians[0]
    assert again.custodians[1] != first.custodians[1]


def test_the_folder_is_the_owners_only(tmp_path: Path) -> None:
    make_demo_set(tmp_path / "new")
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700


def test_other_numbers_and_impossible_ones(tmp_path: Path) -> None:
    made = make_demo_set(tmp_path / "five", n=5, k=3)
    assert (len(made.custodians), made.k) == (5, 3)
    with pytest.raises(CustodianInvalid):
        make_demo_set(tmp_path / "bad", n=2, k=3)


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(VaultError, match="cannot be written"):
        make_demo_set(tmp_path / "file" / "below")
