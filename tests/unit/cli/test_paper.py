from __future__ import annotations

import hashlib
import re
import stat
import tempfile
from pathlib import Path

import pytest
from tests.sim.soft_token import make_token
from typer.testing import CliRunner, Result

from scrim.cli.custodian import app
from scrim.errors import BackupInvalid, CustodianInvalid, ScrimError, VaultError
from scrim.vault.custodian import Identity, new_identity, read_identity, write_identity
from scrim.vault.signing import new_seed

COURT = new_identity()


def _run(*arguments: object, typed: str | None = None) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], input=typed)


def _error(result: Result) -> ScrimError:
    assert isinstance(result.exception, ScrimError), result.output
    return result.exception


@pytest.fixture
def court(tmp_path: Path) -> Path:
    path = tmp_path / "court.txt"
    write_identity(path, COURT)
    return path


@pytest.fixture
def sheets(court: Path, tmp_path: Path) -> list[Path]:
    (tmp_path / "paper").mkdir()
    assert _run("backup", court, "-o", tmp_path / "paper").exit_code == 0
    return sorted((tmp_path / "paper").iterdir())


def _words(sheet: Path) -> list[str]:
    return re.findall(r"\d+ ([a-z]+)", sheet.read_text().partition("\n\n")[2])


def _another(court: Path, sheet: Path, folder: Path) -> Path:
    """A share of another backup of the same identity: one in 32,768 has the same number."""
    while True:
        place = Path(tempfile.mkdtemp(dir=folder))
        assert _run("backup", court, "-o", place).exit_code == 0
        other = place / "court-share-2-of-3.txt"
        if _words(other)[:2] != _words(sheet)[:2]:
            return other


def _restore(out: Path, *arguments: object, typed: str | None = None) -> Result:
    return _run("restore", "-o", out, "--no-passphrase", *arguments, typed=typed)


def test_each_share_is_a_sheet_of_its_own(sheets: list[Path]) -> None:
    assert [path.name for path in sheets] == [f"court-share-{at}-of-3.txt" for at in (1, 2, 3)]
    for path in sheets:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        text = path.read_text()
        assert COURT.fingerprint in text
        assert COURT.secret not in text
        assert len(re.findall(r"\d+ [a-z]+", text.partition("\n\n")[2])) == 33


def test_two_of_three_bring_it_back(sheets: list[Path], tmp_path: Path) -> None:
    for at, pair in enumerate(((0, 1), (0, 2), (1, 2), (0, 1, 2))):
        out = tmp_path / f"back-{at}.txt"
        result = _restore(out, *(sheets[one] for one in pair))
        assert result.exit_code == 0
        assert read_identity(out) == COURT
        assert COURT.card in result.output
        assert COURT.fingerprint in result.output
        assert "Compare" not in result.output


def test_shares_on_the_terminal_and_typed_in_again(court: Path, tmp_path: Path) -> None:
    shown = _run("backup", court, "--shares", 5, "--needed", 3)
    assert shown.exit_code == 0
    sheets = shown.stdout.split("# Scrim: share ")[1:]
    assert len(sheets) == 5
    typed = ["".join(f"{row}\n" for row in sheet.splitlines()[5:] if row) for sheet in sheets]
    out = tmp_path / "back.txt"
    result = _restore(out, typed="".join(typed[1:4]))
    assert result.exit_code == 0, result.output
    assert read_identity(out) == COURT
    assert "Compare the fingerprint" in result.output


def test_a_share_typed_wrongly_is_asked_for_again(sheets: list[Path], tmp_path: Path) -> None:
    one, two, _ = (" ".join(_words(path)) for path in sheets)
    words = one.split()
    at = next(at for at in range(32) if words[at] != words[at + 1])  # a share may repeat one
    wrong = " ".join([*words[:at], words[at + 1], words[at], *words[at + 2 :]])
    result = _restore(tmp_path / "back.txt", typed=f"{wrong}\n{one}\n{one}\n{one[:20]}\n\n{two}\n")
    assert result.exit_code == 0, result.output
    assert "checksum" in result.output
    assert "are the same share" in result.output
    assert read_identity(tmp_path / "back.txt") == COURT


def test_the_wrong_share_is_named_and_nothing_written(
    court: Path, sheets: list[Path], tmp_path: Path
) -> None:
    out = tmp_path / "back.txt"
    text = sheets[1].read_text()
    (word,) = re.findall(r"\b7 ([a-z]+)", text)
    sheets[1].write_text(text.replace(f" 7 {word}", f" 7 {'acid' if word != 'acid' else 'axis'}"))
    other = _another(court, sheets[0], tmp_path)
    for chosen, says in (
        ([sheets[0], sheets[1]], sheets[1].name),
        ([sheets[0], other], "different backups"),
        ([sheets[0]], "1 of the 2"),
        ([sheets[0], sheets[0]], "named twice"),
        ([sheets[0], tmp_path / "none"], "cannot be read"),
        ([sheets[0], court], "has 1 words"),
        ([tmp_path], "cannot be read"),
    ):
        error = _error(_restore(out, *chosen))
        assert isinstance(error, BackupInvalid)
        assert error.exit_code == 7
        assert says in error.message
        assert not out.exists()


def test_a_wrong_passphrase_is_found_by_the_card(court: Path, tmp_path: Path) -> None:
    (tmp_path / "paper").mkdir()
    made = _run(
        "backup", court, "-o", tmp_path / "paper", "--backup-passphrase", typed="open it\nopen it\n"
    )
    assert made.exit_code == 0
    sheets = sorted((tmp_path / "paper").iterdir())[:2]
    out = tmp_path / "back.txt"
    assert "not the identity of that card" in _error(_restore(out, *sheets)).message
    wrong = _restore(out, *sheets, "--backup-passphrase", typed="open me\n")
    assert "not the identity of that card" in _error(wrong).message
    assert not out.exists()
    assert _restore(out, *sheets, "--backup-passphrase", typed="open it\n").exit_code == 0
    assert read_identity(out) == COURT


def test_the_registered_card_is_compared_where_it_is_given(
    sheets: list[Path], tmp_path: Path
) -> None:
    for path in sheets:
        path.write_text(re.sub("#.*\n", "", path.read_text()))
    out = tmp_path / "back.txt"
    error = _error(_restore(out, *sheets, "--card", new_identity().card))
    assert "not the identity of that card" in error.message
    assert isinstance(_error(_restore(out, *sheets, "--card", "age1x")), CustodianInvalid)
    assert not out.exists()
    assert _restore(out, *sheets, "--card", COURT.card).exit_code == 0


def test_what_comes_back_is_sealed_with_a_passphrase(sheets: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "back.txt"
    words = "ladder onion velvet harbour"
    assert _run("restore", "-o", out, *sheets, typed=f"{words}\n{words}\n").exit_code == 0
    assert read_identity(out, words) == COURT


def test_nothing_is_overwritten(court: Path, sheets: list[Path], tmp_path: Path) -> None:
    before = {path: path.read_bytes() for path in sheets}
    sheets[0].unlink()
    del before[sheets[0]]
    assert "not overwritten" in _error(_run("backup", court, "-o", tmp_path / "paper")).message
    assert {path: path.read_bytes() for path in (tmp_path / "paper").iterdir()} == before
    assert "not overwritten" in _error(_restore(court, *sheets[1:])).message
    assert read_identity(court) == COURT


def test_a_folder_that_is_not_there(court: Path, tmp_path: Path) -> None:
    error = _error(_run("backup", court, "-o", tmp_path / "none"))
    assert isinstance(error, VaultError)
    assert "not a folder" in error.message


def test_numbers_that_are_not_possible(court: Path) -> None:
    for shares, needed in ((3, 4), (17, 2), (3, 1), (0, 0)):
        error = _error(_run("backup", court, "--shares", shares, "--needed", needed))
        assert isinstance(error, BackupInvalid)


def test_a_token_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "token.txt"
    token = make_token(hashlib.sha256(b"paper").digest())
    write_identity(path, Identity(token.recipient, token.identity, new_seed()))
    error = _error(_run("backup", path))
    assert "hardware token" in error.message
    assert "copy the identity file" in error.remedy
