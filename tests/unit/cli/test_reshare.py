"""Re-sharing from the command line, by files alone."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from scrim.canonical import Json, canonical, digest
from scrim.cli.custodian import app
from scrim.errors import CustodianInvalid, ScrimError, SealBroken, StatementInvalid, VaultError
from scrim.vault import Custodian, CustodianSet
from scrim.vault.custodian import Identity, new_identity, write_identity
from scrim.vault.dealing import combine_dealt, open_dealt_part
from scrim.vault.document import PeriodDocument
from scrim.vault.mint import mint
from scrim.vault.opening import combine, open_part
from scrim.vault.reshare import Reshare


def a_set(folder: Path, names: list[str], k: int) -> tuple[CustodianSet, dict[str, Identity]]:
    people = {name: new_identity() for name in names}
    for name, one in people.items():
        write_identity(folder / f"{name}.txt", one)
    members = (Custodian(name, one.recipient, one.verifier) for name, one in people.items())
    made = CustodianSet(k, tuple(members))
    (folder / f"{names[0]}-set.json").write_bytes(canonical(made.document()))
    return made, people


@dataclass(frozen=True)
class Table:
    """A period of an old set, and a new set, as files in a folder."""

    folder: Path
    document: bytes
    old: dict[str, Identity]
    new: dict[str, Identity]
    new_set: CustodianSet

    def deal(self, name: str, *who: str, typed: str | None = None) -> Result:
        chosen = [text for one in who for text in ("--with", one)]
        return run(
            *("deal", self.folder / "gate.open.json", "--to", self.folder / "new-1-set.json"),
            *("--identity", self.folder / f"{name}.txt", "--out", self.folder / "deals"),
            *chosen,
            *(() if typed is not None else ("--yes",)),
            typed=typed,
        )

    def deals(self) -> list[Path]:
        return sorted((self.folder / "deals").glob("*.json"))

    def gather(self, *deals: Path) -> Result:
        return run(
            *("reshare", self.folder / "gate.open.json", *deals),
            *("--to", self.folder / "new-1-set.json", "--out", self.folder / "gate.reshare.json"),
        )


def run(*arguments: object, typed: str | None = None) -> Result:
    return CliRunner().invoke(app, [str(one) for one in arguments], input=typed)


def error(result: Result) -> ScrimError:
    assert isinstance(result.exception, ScrimError), result.output
    return result.exception


@pytest.fixture
def table(tmp_path: Path) -> Table:
    old_set, old = a_set(tmp_path, ["old-1", "old-2", "old-3"], 2)
    made, new = a_set(tmp_path, ["new-1", "new-2", "new-3", "new-4"], 3)
    asked: dict[str, Json] = {
        "camera": "gate",
        "epoch": 1,
        "period": 7,
        "opened_us": 5,
        "custodians": old_set.document(),
    }
    document = mint(canonical(asked))
    (tmp_path / "gate.open.json").write_bytes(document)
    return Table(tmp_path, document, old, new, made)


def test_two_of_three_deal_and_three_of_four_open(table: Table) -> None:
    for name in ("old-3", "old-1"):  # in whatever order they are named
        assert table.deal(name, "old-3", "old-1").exit_code == 0
    assert [path.name for path in table.deals()] == [
        "gate-000001-000007.old-1.deal.json",
        "gate-000001-000007.old-3.deal.json",
    ]
    assert table.gather(*reversed(table.deals())).exit_code == 0
    for name in table.new:
        checked = run(
            *("check-reshare", table.folder / "gate.reshare.json"),
            *(table.folder / "gate.open.json", "--identity", table.folder / f"{name}.txt"),
        )
        assert checked.exit_code == 0
        assert f"Custodian {name}: what old-1, old-3 dealt to you" in checked.output
    text = (table.folder / "gate.reshare.json").read_bytes()
    reshare = Reshare.parse(text, table.document)
    new_parts = [open_dealt_part(reshare, one.opener()) for one in table.new.values()]
    parts = PeriodDocument.parse(table.document).parts
    old_parts = [
        open_part(parts[name], one.secret, table.document) for name, one in table.old.items()
    ]
    assert combine_dealt(reshare, new_parts[1:]) == combine(table.document, old_parts[:2])


def test_a_custodian_sees_the_new_set_before_they_agree(table: Table) -> None:
    refused = table.deal("old-1", "old-1", "old-2", typed="n\n")
    assert refused.exit_code == 1
    assert digest(table.new_set.document()) in refused.output
    for custodian in table.new_set.custodians:
        assert custodian.fingerprint in refused.output
    assert table.deals() == []
    assert table.deal("old-1", "old-1", "old-2", typed="y\n").exit_code == 0


def test_no_secret_is_printed_or_left_in_a_file(table: Table) -> None:
    result = table.deal("old-1", "old-1", "old-2")
    part = open_part(
        PeriodDocument.parse(table.document).parts["old-1"],
        table.old["old-1"].secret,
        table.document,
    )
    written = result.output.encode() + b"".join(path.read_bytes() for path in table.deals())
    for piece in part.pieces.values():
        assert piece.hex().encode() not in written
    assert table.old["old-1"].secret.encode() not in written


def test_a_deal_is_never_overwritten(table: Table) -> None:
    table.deal("old-1", "old-1", "old-2")
    before = table.deals()[0].read_bytes()
    assert isinstance(error(table.deal("old-1", "old-1", "old-2")), VaultError)
    assert table.deals()[0].read_bytes() == before


def test_who_is_no_custodian_of_the_period_deals_nothing(table: Table) -> None:
    assert "holds no part" in error(table.deal("new-1", "old-1", "old-2")).message
    assert isinstance(error(table.deal("old-1", "old-1", "court")), CustodianInvalid)
    assert isinstance(error(table.deal("old-1", "old-1")), CustodianInvalid)
    assert isinstance(error(table.deal("old-1", "old-2", "old-3")), CustodianInvalid)
    assert table.deals() == []


def test_a_missing_deal_or_one_that_was_changed_is_refused(table: Table) -> None:
    for name in ("old-1", "old-2"):
        table.deal(name, "old-1", "old-2")
    first, second = table.deals()
    assert "the deal of old-2 is missing" in error(table.gather(first)).message
    text = second.read_bytes()
    second.write_bytes(text.replace(b'"dealt_us":', b'"dealt_us":1'))
    assert isinstance(error(table.gather(first, second)), StatementInvalid)
    assert not (table.folder / "gate.reshare.json").exists()


@pytest.mark.parametrize("junk", [b"", b"{}", b"[]", b"\xff", b"[" * 100_000])
def test_files_that_are_something_else_are_told(table: Table, junk: bytes) -> None:
    table.deal("old-1", "old-1", "old-2")
    (table.folder / "gate.reshare.json").write_bytes(junk)
    checked = run(
        *("check-reshare", table.folder / "gate.reshare.json", table.folder / "gate.open.json"),
        *("--identity", table.folder / "new-1.txt"),
    )
    assert isinstance(error(checked), SealBroken)
    (table.folder / "new-1-set.json").write_bytes(junk)
    assert isinstance(error(table.deal("old-1", "old-1", "old-2")), CustodianInvalid)
    (table.folder / "gate.open.json").write_bytes(junk)
    assert error(table.gather(*table.deals())).remedy


def test_a_file_that_is_not_there_is_told(table: Table) -> None:
    assert "cannot be read" in error(table.gather(table.folder / "none.json")).message


def test_json_says_who_dealt(table: Table) -> None:
    for name in ("old-1", "old-2"):
        table.deal(name, "old-1", "old-2")
    table.gather(*table.deals())
    checked = run(
        *("check-reshare", table.folder / "gate.reshare.json", table.folder / "gate.open.json"),
        *("--identity", table.folder / "new-2.txt", "--json"),
    )
    said = json.loads(checked.output)
    assert said == {"custodian": "new-2", "dealers": ["old-1", "old-2"], "holds": True}
