from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from scrim.cli.custodian import app
from scrim.errors import ScrimError, VaultError
from scrim.vault.custodian import new_identity, read_identity

WORDS = "ladder onion velvet harbour"


def _run(*arguments: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(app, list(arguments), input=typed)


def _error(result: Result) -> ScrimError:
    assert isinstance(result.exception, ScrimError)
    return result.exception


def test_new_prints_the_public_half_only(tmp_path: Path) -> None:
    path = tmp_path / "court.txt"
    result = _run("new", "--out", str(path))
    assert result.exit_code == 0
    made = read_identity(path)
    assert made.recipient in result.output
    assert made.fingerprint in result.output
    assert made.secret not in result.output
    assert "AGE-SECRET-KEY" not in result.output
    assert "What to do now" in result.output
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_new_writes_to_the_current_folder_by_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert _run("new").exit_code == 0
    assert (tmp_path / "scrim-custodian.txt").exists()


def test_new_refuses_to_overwrite(tmp_path: Path) -> None:
    path = tmp_path / "court.txt"
    _run("new", "--out", str(path))
    before = path.read_bytes()
    error = _error(_run("new", "--out", str(path)))
    assert isinstance(error, VaultError)
    assert error.exit_code == 7
    assert "not overwritten" in error.message
    assert path.read_bytes() == before


def test_new_with_a_passphrase(tmp_path: Path) -> None:
    path = tmp_path / "court.txt"
    result = _run("new", "--out", str(path), "--passphrase", typed=f"{WORDS}\n{WORDS}\n")
    assert result.exit_code == 0
    assert WORDS not in result.output
    shown = _run("show", str(path), "--json", typed=f"{WORDS}\n")
    facts = json.loads(shown.stdout)
    assert facts["recipient"] in result.output
    assert facts["fingerprint"] in result.output


def test_a_short_passphrase_makes_no_file(tmp_path: Path) -> None:
    path = tmp_path / "court.txt"
    error = _error(_run("new", "--out", str(path), "-p", typed="short\nshort\n"))
    assert "12 characters" in error.message
    assert not path.exists()


def test_json_for_programs(tmp_path: Path) -> None:
    path = tmp_path / "court.txt"
    made = json.loads(_run("new", "--out", str(path), "--json").stdout)
    assert made == {
        "recipient": read_identity(path).recipient,
        "fingerprint": read_identity(path).fingerprint,
        "file": str(path),
    }
    shown = json.loads(_run("show", str(path), "--json").stdout)
    assert shown == {"recipient": made["recipient"], "fingerprint": made["fingerprint"]}


def test_both_ends_of_the_telephone_see_the_same(tmp_path: Path) -> None:
    path = tmp_path / "court.txt"
    _run("new", "--out", str(path))
    custodians = _run("show", str(path)).output
    operators = _run("show", read_identity(path).recipient).output
    assert custodians == operators


def test_show_refuses_what_is_neither(tmp_path: Path) -> None:
    assert "cannot be read" in _error(_run("show", str(tmp_path / "none"))).message
    assert "not usable" in _error(_run("show", "age1nonsense")).message
    secret = new_identity().secret
    error = _error(_run("show", secret))
    assert "history" in error.message
    assert secret not in str(error)
