"""A custodian with a hardware token: registered, sealed to, opened."""

from __future__ import annotations

import dataclasses
import hashlib
import shutil
import stat
import subprocess
from pathlib import Path

import pytest
from tests.sim.soft_token import NAME, PIN, install, make_token

from scrim.canonical import canonical
from scrim.errors import CustodianInvalid, PartInvalid, SealBroken, TokenUnusable
from scrim.vault import Custodian, CustodianSet, PeriodDocument, recipients
from scrim.vault.custodian import (
    Identity,
    is_sealed,
    new_identity,
    read_identity,
    token_identity,
    write_identity,
)
from scrim.vault.mint import mint
from scrim.vault.openers import Nobody
from scrim.vault.opening import combine, open_part
from scrim.vault.signing import Signer, new_seed

TOKEN, OTHER = (make_token(hashlib.sha256(name).digest()) for name in (b"one", b"two"))
SEED = new_seed()
COURT = Identity(TOKEN.recipient, TOKEN.identity, SEED)


class _Owner(Nobody):
    """Sits before the token and types what they are told to."""

    def __init__(self, pin: str | None = None) -> None:
        self.pin = pin
        self.shown: list[str] = []

    def display_message(self, message: str) -> None:
        self.shown.append(message)

    def request_passphrase(self, description: str) -> str | None:
        self.shown.append(description)
        return self.pin


@pytest.fixture(autouse=True)
def _plugged(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", install(tmp_path_factory.mktemp("bin")))


def _period() -> tuple[bytes, list[Identity]]:
    identities = [COURT, new_identity()]
    members = tuple(
        Custodian.of_card(f"office-{at}", one.card) for at, one in enumerate(identities)
    )
    asked = canonical(
        {
            "camera": "gate",
            "epoch": 1,
            "period": 1,
            "opened_us": 1,
            "custodians": CustodianSet(2, members).document(),
        }
    )
    return mint(asked), identities


def test_a_token_and_a_file_open_together() -> None:
    document, identities = _period()
    sealed = PeriodDocument.parse(document).parts
    parts = [
        open_part(sealed[f"office-{at}"], one.opener(), document)
        for at, one in enumerate(identities)
    ]
    assert combine(document, parts).startswith("AGE-SECRET-KEY-1")


def test_a_damaged_part_is_the_parts_fault_and_not_the_tokens() -> None:
    document, identities = _period()
    sealed = PeriodDocument.parse(document).parts["office-0"]
    for damaged in (sealed[:-1], b"", sealed[:-1] + bytes([sealed[-1] ^ 1])):
        with pytest.raises(PartInvalid, match="damaged") as caught:
            open_part(damaged, COURT.opener(), document)
        assert caught.value.custodian == "office-0"
    other = recipients.seal(b"{}", identities[1].recipient)
    with pytest.raises(PartInvalid, match="not sealed to this custodian"):
        open_part(other, COURT.opener(), document)
    stranger = dataclasses.replace(COURT, recipient=OTHER.recipient)
    with pytest.raises(PartInvalid, match="holds no part"):
        open_part(sealed, stranger.opener(), document)


@pytest.mark.parametrize(
    ("mood", "pin", "says"),
    [
        ("gone", None, "no token is plugged in"),
        ("dead", None, "unexpectedly died"),
        ("pin", None, "wrong PIN"),
        ("pin", "9999", "wrong PIN"),
    ],
)
def test_a_token_that_does_not_answer_is_the_tokens_fault(
    monkeypatch: pytest.MonkeyPatch, mood: str, pin: str | None, says: str
) -> None:
    document, _ = _period()
    sealed = PeriodDocument.parse(document).parts["office-0"]
    monkeypatch.setenv("SOFT_TOKEN", mood)
    with pytest.raises(TokenUnusable, match=says) as caught:
        open_part(sealed, COURT.opener(_Owner(pin)), document)
    assert NAME in caught.value.remedy
    assert "\n" not in str(caught.value)


def test_the_owner_is_asked_once_for_each_part(monkeypatch: pytest.MonkeyPatch) -> None:
    document, _ = _period()
    sealed = PeriodDocument.parse(document).parts["office-0"]
    for mood, shown in (("pin", ["PIN of the token"]), ("touch", ["Touch the token."])):
        monkeypatch.setenv("SOFT_TOKEN", mood)
        owner = _Owner(PIN)
        assert open_part(sealed, COURT.opener(owner), document).custodian == "office-0"
        assert owner.shown == shown


def test_a_token_without_its_program_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(TokenUnusable, match=f"Could not find '?{NAME}"):
        COURT.opener().open(recipients.seal(b"x", TOKEN.recipient))


def test_an_identity_line_that_is_none() -> None:
    broken = Identity(TOKEN.recipient, TOKEN.identity[:-1], SEED)
    with pytest.raises(TokenUnusable, match="not one that its program wrote") as caught:
        broken.opener().open(b"")
    assert TOKEN.identity[:-1] not in str(caught.value)


@pytest.mark.skipif(shutil.which("age") is None, reason="age is not installed: apt install age")
def test_stock_age_opens_the_part_with_the_identity_file(tmp_path: Path) -> None:
    document, _ = _period()
    file = tmp_path / "court.txt"
    write_identity(file, COURT)
    done = subprocess.run(
        ["age", "-d", "-i", str(file)],
        input=PeriodDocument.parse(document).parts["office-0"],
        capture_output=True,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert b'"custodian":"office-0"' in done.stdout


# --- registering --------------------------------------------------------------------------------


def test_a_token_is_tried_before_it_is_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    made = token_identity(TOKEN.identity, TOKEN.recipient)
    assert made.is_token
    assert made.card == f"{TOKEN.recipient}/{Signer.of_seed(made.seed).verifier}"
    assert token_identity(TOKEN.identity, TOKEN.recipient).verifier != made.verifier
    assert made.secret not in repr(made)
    assert made.seed not in repr(made)
    with pytest.raises(CustodianInvalid, match="does not open with that token"):
        token_identity(TOKEN.identity, OTHER.recipient)
    monkeypatch.setenv("SOFT_TOKEN", "gone")
    with pytest.raises(TokenUnusable, match="no token"):
        token_identity(TOKEN.identity, TOKEN.recipient)


@pytest.mark.parametrize(
    ("secret", "recipient", "says"),
    [
        (TOKEN.identity, new_identity().recipient, "age1tag1"),
        (TOKEN.identity, TOKEN.identity, "age1tag1"),
        (TOKEN.identity, TOKEN.recipient[:-1] + "q", "character is wrong"),
        (TOKEN.identity[:-1] + "Q", TOKEN.recipient, "character is wrong"),
        (new_identity().secret, TOKEN.recipient, "AGE-PLUGIN-"),
        ("", TOKEN.recipient, "AGE-PLUGIN-"),
    ],
    ids=["no-token", "secret", "recipient-changed", "secret-changed", "age", "nothing"],
)
def test_what_is_no_token_is_refused(secret: str, recipient: str, says: str) -> None:
    with pytest.raises(CustodianInvalid, match=says) as caught:
        token_identity(secret, recipient)
    assert not secret or secret not in str(caught.value)


# --- the file -----------------------------------------------------------------------------------


def test_the_file_of_a_token_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "court.txt"
    write_identity(path, COURT)
    assert path.read_text().splitlines()[1:] == [
        f"# public key: {TOKEN.recipient}",
        f"# signing key: {SEED}",
        TOKEN.identity,
    ]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_identity(path) == COURT
    sealed = tmp_path / "sealed.txt"
    write_identity(sealed, COURT, passphrase="correct horse battery")
    assert is_sealed(sealed)
    assert read_identity(sealed, "correct horse battery") == COURT


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("# signing key:", "# lost:"), "signing key"),
        (("# public key:", "# lost:"), "public key"),
        (("# signing key:", "# public key: x\n# signing key:"), "public key"),
        ((SEED, SEED[:-1] + ("Q" if SEED[-1] != "Q" else "P")), "character is wrong"),
        ((SEED, SEED.lower()), "capitals"),
        ((TOKEN.recipient, new_identity().recipient), "not that of a token"),
        ((TOKEN.recipient, TOKEN.recipient[:-1]), "Bech32"),
        ((TOKEN.identity, "AGE-PLUGIN-YUBIKEY-1QQPQQQQ"), "Bech32"),
        ((TOKEN.identity, f"{TOKEN.identity}\n{TOKEN.identity}"), "one identity"),
    ],
)
def test_a_damaged_file_of_a_token_is_refused(
    tmp_path: Path, change: tuple[str, str], says: str
) -> None:
    path = tmp_path / "court.txt"
    write_identity(path, COURT)
    path.write_text(path.read_text().replace(*change))
    with pytest.raises(CustodianInvalid, match=says) as caught:
        read_identity(path)
    for secret in (SEED, TOKEN.identity):
        assert secret not in str(caught.value)


def test_nothing_but_an_age_file_opens() -> None:
    for opener in (COURT.opener(), new_identity().opener()):
        for data in (b"", b"age-encryption.org/v1", b"\x00" * 200):
            with pytest.raises(SealBroken):
                opener.open(data)
