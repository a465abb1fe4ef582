from __future__ import annotations

import dataclasses
import stat
from pathlib import Path

import pytest

from scrim.errors import CustodianInvalid, VaultError
from scrim.vault import Custodian, CustodianSet
from scrim.vault.custodian import new_identity, read_identity, write_identity
from scrim.vault.demo import README_NAME, make_demo_set, with_cards


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


def test_each_has_a_card(tmp_path: Path) -> None:
    for custodian in make_demo_set(tmp_path).custodians:
        assert custodian.card == read_identity(tmp_path / f"{custodian.id}.txt").card


def _without_cards(made: CustodianSet) -> CustodianSet:
    return CustodianSet(
        made.k, tuple(Custodian(c.id, c.recipient) for c in made.custodians), made.demo
    )


def test_a_set_from_before_there_were_cards_gets_them_if_the_identities_are_here(
    tmp_path: Path,
) -> None:
    made = make_demo_set(tmp_path)
    old = _without_cards(made)
    assert with_cards(old, tmp_path) == made
    assert with_cards(made, tmp_path) == made
    assert with_cards(dataclasses.replace(old, demo=False), tmp_path) is None
    (tmp_path / "demo-3.txt").unlink()
    assert with_cards(old, tmp_path) is None
    assert not (tmp_path / "demo-3.txt").exists()
    write_identity(tmp_path / "demo-3.txt", new_identity())
    assert with_cards(old, tmp_path) is None


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
