from __future__ import annotations

import hashlib
import json
import stat
from pathlib import Path

import pytest
from tests.sim.soft_token import PIN, install, make_token
from typer.testing import CliRunner, Result

from scrim.cli import officer
from scrim.cli.custodian import app
from scrim.errors import CustodianInvalid, ScrimError, TokenUnusable, VaultError
from scrim.vault import agekeys
from scrim.vault.custodian import new_identity, read_identity
from scrim.vault.signing import card_fingerprint, new_seed

WORDS = "ladder onion velvet harbour"
TOKEN = make_token(hashlib.sha256(b"cli").digest())


def _run(*arguments: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(app, list(arguments), input=typed)


def _new(path: Path, *more: str) -> Result:
    return _run("new", "--out", str(path), "--no-passphrase", *more)


def _error(result: Result) -> ScrimError:
    assert isinstance(result.exception, ScrimError)
    return result.exception


def test_new_prints_the_public_half_only(tmp_path: Path) -> None:
    path = tmp_path / "court.txt"
    result = _new(path)
    assert result.exit_code == 0
    made = read_identity(path)
    assert f"Card         {made.card}\n" in result.output
    assert f"Fingerprint  {made.fingerprint}\n" in result.output
    assert made.secret not in result.output
    assert "AGE-SECRET-KEY" not in result.output
    assert "NOT sealed" in result.output
    assert "scrim custodian backup" in result.output
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_new_writes_to_the_current_folder_by_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert _run("new", "--no-passphrase").exit_code == 0
    assert (tmp_path / "scrim-custodian.txt").exists()


def test_new_refuses_to_overwrite(tmp_path: Path) -> None:
    path = tmp_path / "court.txt"
    _new(path)
    before = path.read_bytes()
    error = _error(_new(path))
    assert isinstance(error, VaultError)
    assert error.exit_code == 7
    assert "not overwritten" in error.message
    assert path.read_bytes() == before


@pytest.mark.usefixtures("weak_passphrases")
@pytest.mark.parametrize("option", [[], ["--passphrase"], ["-p"]], ids=str)
def test_new_asks_for_a_passphrase(tmp_path: Path, option: list[str]) -> None:
    path = tmp_path / "court.txt"
    result = _run("new", "--out", str(path), *option, typed=f"{WORDS}\n{WORDS}\n")
    assert result.exit_code == 0
    assert WORDS not in result.output
    assert path.read_text().startswith("-----BEGIN AGE ENCRYPTED FILE-----")
    shown = _run("show", str(path), "--json", typed=f"{WORDS}\n")
    facts = json.loads(shown.stdout)
    assert facts["card"] in result.output
    assert facts["fingerprint"] in result.output


def test_nobody_there_to_type_a_passphrase_makes_no_file(tmp_path: Path) -> None:
    path = tmp_path / "court.txt"
    assert _run("new", "--out", str(path), typed="").exit_code == 1
    assert not path.exists()


def test_a_short_passphrase_makes_no_file(tmp_path: Path) -> None:
    path = tmp_path / "court.txt"
    error = _error(_run("new", "--out", str(path), typed="short\nshort\n"))
    assert "12 characters" in error.message
    assert not path.exists()


def test_json_for_programs(tmp_path: Path) -> None:
    path = tmp_path / "court.txt"
    made = json.loads(_new(path, "--json").stdout)
    identity = read_identity(path)
    public = {
        "recipient": identity.recipient,
        "verifier": identity.verifier,
        "card": identity.card,
        "fingerprint": identity.fingerprint,
    }
    assert made == {**public, "file": str(path)}
    for what in (str(path), identity.card):
        assert json.loads(_run("show", what, "--json").stdout) == public


def test_both_ends_of_the_telephone_see_the_same(tmp_path: Path) -> None:
    path = tmp_path / "court.txt"
    _new(path)
    custodians = _run("show", str(path)).output
    operators = _run("show", read_identity(path).card).output
    assert custodians == operators
    assert card_fingerprint(read_identity(path).card) in custodians


def test_a_recipient_alone_shows_the_fingerprint_of_before_there_were_cards() -> None:
    recipient = new_identity().recipient
    shown = _run("show", recipient).output
    assert f"Recipient    {recipient}\n" in shown
    assert agekeys.fingerprint(recipient) in shown
    assert set(json.loads(_run("show", recipient, "--json").stdout)) == {"recipient", "fingerprint"}


def test_show_refuses_what_is_neither(tmp_path: Path) -> None:
    assert "cannot be read" in _error(_run("show", str(tmp_path / "none"))).message
    assert "not usable" in _error(_run("show", "age1nonsense")).message
    assert "not usable" in _error(_run("show", f"{new_identity().recipient}/x")).message
    for secret in (new_identity().secret, new_seed(), TOKEN.identity):
        error = _error(_run("show", secret))
        assert "history" in error.message
        assert secret not in str(error)


# --- tokens -------------------------------------------------------------------------------------


@pytest.fixture
def token(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setenv("PATH", install(tmp_path_factory.mktemp("bin")))
    return ["--token", TOKEN.identity, "--recipient", TOKEN.recipient]


def test_a_token_gets_a_card(
    tmp_path: Path, token: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "court.txt"
    result = _new(path, *token)
    made = read_identity(path)
    assert made.is_token
    assert made.card.startswith(f"{TOKEN.recipient}/scrimsig1")
    assert made.card in result.output
    assert made.seed not in result.output
    assert "Copy that file" in result.output
    monkeypatch.setenv("SOFT_TOKEN", "pin")
    again = _run(
        "new", "-o", str(tmp_path / "two.txt"), "--no-passphrase", *token, typed=f"{PIN}\n"
    )
    assert again.exit_code == 0
    assert PIN not in again.output


def test_a_token_that_does_not_open_makes_no_file(
    tmp_path: Path, token: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "court.txt"
    monkeypatch.setenv("SOFT_TOKEN", "pin")
    for typed in ("0000\n", ""):
        result = _run("new", "-o", str(path), "--no-passphrase", *token, typed=typed)
        assert isinstance(_error(result), TokenUnusable)
    monkeypatch.delenv("SOFT_TOKEN")
    other = make_token(hashlib.sha256(b"other").digest()).recipient
    result = _new(path, "--token", TOKEN.identity, "--recipient", other)
    assert isinstance(_error(result), CustodianInvalid)
    assert not path.exists()


@pytest.mark.parametrize("half", [0, 2])
def test_a_token_needs_both_its_lines(tmp_path: Path, token: list[str], half: int) -> None:
    path = tmp_path / "court.txt"
    result = _new(path, *token[half : half + 2])
    assert result.exit_code == 2
    assert not path.exists()


# --- officers -----------------------------------------------------------------------------------


def test_an_officers_identity_is_the_same_file(tmp_path: Path) -> None:
    path = tmp_path / "jones.txt"
    made = CliRunner().invoke(officer.app, ["new", "-o", str(path), "--no-passphrase"])
    assert made.exit_code == 0
    assert read_identity(path).card in made.output
    shown = CliRunner().invoke(officer.app, ["show", str(path)])
    assert shown.output == _run("show", str(path)).output
    asked = CliRunner().invoke(
        officer.app, ["new", "-o", str(tmp_path / "two.txt")], input=f"{WORDS}\n{WORDS}\n"
    )
    assert asked.exit_code == 0
    assert read_identity(tmp_path / "two.txt", WORDS).card in asked.output
