from __future__ import annotations

import stat
from pathlib import Path

import pyrage
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scrim.errors import CustodianInvalid, VaultError
from scrim.vault import agekeys
from scrim.vault.custodian import (
    Identity,
    is_sealed,
    new_identity,
    read_identity,
    write_identity,
)
from scrim.vault.signing import Signer, card_fingerprint


class _Noon:
    def now_us(self) -> int:
        return 1_795_348_800_123_456


def test_an_identity_is_a_pair() -> None:
    made = new_identity()
    assert agekeys.recipient_of(agekeys.secret_of(made.secret)) == made.recipient
    assert made.card == f"{made.recipient}/{Signer.of_identity(made.secret).verifier}"
    assert made.fingerprint == card_fingerprint(made.card)
    assert made.secret not in repr(made)


def test_the_file_is_the_one_age_keygen_writes(tmp_path: Path) -> None:
    made = new_identity()
    path = tmp_path / "key.txt"
    write_identity(path, made, clock=_Noon())
    created, public, secret = path.read_text().splitlines()
    assert created == "# created: 2026-11-22T12:00:00Z"
    assert public == f"# public key: {made.recipient}"
    assert secret == made.secret
    assert read_identity(path) == made
    assert not is_sealed(path)


def test_only_the_owner_can_read_it(tmp_path: Path) -> None:
    path = tmp_path / "key.txt"
    write_identity(path, new_identity())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_nothing_is_ever_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "key.txt"
    made = new_identity()
    write_identity(path, made)
    with pytest.raises(VaultError, match="not overwritten"):
        write_identity(path, new_identity())
    assert read_identity(path) == made
    link = tmp_path / "link.txt"
    link.symlink_to(tmp_path / "elsewhere.txt")
    with pytest.raises(VaultError, match="not overwritten"):
        write_identity(link, new_identity())
    assert not (tmp_path / "elsewhere.txt").exists()


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(VaultError, match="cannot be written: No such file"):
        write_identity(tmp_path / "missing" / "key.txt", new_identity())


def test_half_an_identity_is_not_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    path = tmp_path / "key.txt"
    with pytest.raises(VaultError, match="No space left"):
        write_identity(path, new_identity())
    assert not path.exists()


def test_a_passphrase_seals_the_file(tmp_path: Path) -> None:
    made = new_identity()
    path = tmp_path / "key.txt"
    write_identity(path, made, passphrase="correct horse battery")
    text = path.read_text()
    assert text.startswith("-----BEGIN AGE ENCRYPTED FILE-----\n")
    assert made.secret not in text
    assert is_sealed(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_identity(path, "correct horse battery") == made
    with pytest.raises(CustodianInvalid, match="sealed with a passphrase"):
        read_identity(path)
    with pytest.raises(CustodianInvalid, match="does not open with that passphrase"):
        read_identity(path, "correct horse")


IDENTITY = Identity(agekeys.recipient_of(bytes(32)), agekeys.identity_text(bytes(32)))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"# a comment\n",
        IDENTITY.recipient.encode(),
        IDENTITY.secret.encode() + b"\n" + IDENTITY.secret.encode(),
        IDENTITY.secret.lower().encode(),
        IDENTITY.secret[:-1].encode(),
        b"\xff\xfe",
    ],
)
def test_what_is_no_identity_file_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "key.txt"
    path.write_bytes(data)
    with pytest.raises(CustodianInvalid, match="not an age identity file") as caught:
        read_identity(path)
    assert "AGE-SECRET-KEY-1QQ" not in str(caught.value)


def test_spaces_comments_and_line_ends_do_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "key.txt"
    path.write_bytes(b"\r\n# mine\r\n\r\n " + IDENTITY.secret.encode() + b" \r\n")
    assert read_identity(path) == IDENTITY


def test_a_file_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.txt", tmp_path):
        with pytest.raises(CustodianInvalid, match="cannot be read"):
            read_identity(path)
    large = tmp_path / "large"
    large.write_bytes(bytes(70_000))
    with pytest.raises(CustodianInvalid, match="too large"):
        read_identity(large)


@pytest.mark.parametrize(
    "data",
    [
        b"-----BEGIN AGE ENCRYPTED FILE-----\nnonsense\n-----END AGE ENCRYPTED FILE-----\n",
        b"age-encryption.org/v1\n-> scrypt AAAA 99\nAAAA\n--- AAAA\n",
        b"age-encryption.org/v1",
        pyrage.encrypt(b"x", [pyrage.x25519.Identity.generate().to_public()]),
    ],
    ids=["armoured", "scrypt", "cut", "foreign"],
)
def test_a_damaged_or_foreign_sealed_file_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "key.txt"
    path.write_bytes(data)
    with pytest.raises(CustodianInvalid, match="passphrase"):
        read_identity(path, "any")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300))
def test_any_file_is_refused_cleanly(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "key.txt"
    path.write_bytes(data)
    with pytest.raises(CustodianInvalid):
        read_identity(path, "passphrase")
