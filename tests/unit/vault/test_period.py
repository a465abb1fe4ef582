from __future__ import annotations

import hashlib
import subprocess
import sys
from typing import Any

import pyrage
import pytest

from scrim.errors import VaultError
from scrim.vault import Custodian, CustodianSet, PeriodDocument, PeriodKey
from scrim.vault.custodian import new_identity
from scrim.vault.opening import combine, open_part, open_segment

IDENTITIES = [new_identity() for _ in range(3)]
CUSTODIANS = CustodianSet(
    2, tuple(Custodian(f"office-{at}", one.recipient) for at, one in enumerate(IDENTITIES))
)
ASKED: dict[str, Any] = {
    "camera": "gate",
    "epoch": 1,
    "period": 7,
    "opened_us": 1_000_000,
    "custodians": CUSTODIANS,
}


def test_what_is_sealed_opens_for_two_of_three() -> None:
    key = PeriodKey.open(**ASKED)
    sealed = key.seal(b"packets" * 1000)
    document = PeriodDocument.parse(key.document, sha256=key.document_sha256)
    parts = [
        open_part(document.parts[f"office-{at}"], IDENTITIES[at].secret, key.document)
        for at in (2, 0)
    ]
    assert open_segment(sealed, combine(key.document, parts)) == b"packets" * 1000


def test_the_key_says_what_it_is_for() -> None:
    key = PeriodKey.open(**ASKED)
    document = PeriodDocument.parse(key.document)
    assert (document.camera, document.epoch, document.period) == ("gate", 1, 7)
    assert document.opened_us == 1_000_000
    assert document.custodians == CUSTODIANS
    assert key.recipient == document.recipient
    assert key.document_sha256 == hashlib.sha256(key.document).hexdigest()


def test_no_two_periods_share_a_key() -> None:
    assert PeriodKey.open(**ASKED).recipient != PeriodKey.open(**ASKED).recipient


def test_a_sealed_object_is_little_larger_than_what_it_holds() -> None:
    key = PeriodKey.open(**ASKED)
    for size in (0, 1, 65536, 65537, 1_000_000):
        chunks = max(1, -(-size // 65536))
        assert 0 < len(key.seal(bytes(size))) - size - 16 * chunks < 1000


def test_sealing_the_same_twice_shows_nothing() -> None:
    key = PeriodKey.open(**ASKED)
    assert key.seal(b"same") != key.seal(b"same")


@pytest.mark.parametrize(
    "change", [{"camera": "Gate 1"}, {"epoch": -1}, {"period": -1}, {"opened_us": -5}]
)
def test_an_argument_out_of_range_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"0 or more|cannot name"):
        PeriodKey.open(**{**ASKED, **change})


def test_a_key_that_cannot_be_made_is_an_error_and_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")
    with pytest.raises(VaultError, match="could not be made"):
        PeriodKey.open(**ASKED)
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(VaultError, match="code 1"):
        PeriodKey.open(**ASKED)


def test_a_document_that_was_not_asked_for_is_not_taken(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    other = tmp_path / "other.json"
    other.write_bytes(PeriodKey.open(**{**ASKED, "period": 8}).document)
    impostor = tmp_path / "python"
    impostor.write_text(f"#!/bin/sh\ncat >/dev/null\ncat {other}\n")
    impostor.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(impostor))
    with pytest.raises(VaultError, match="not what was asked for"):
        PeriodKey.open(**ASKED)


def test_the_minting_process_refuses_nonsense_with_a_code() -> None:
    command = [sys.executable, "-P", "-m", "scrim.vault.mint"]
    done = subprocess.run(command, input=b"{}", capture_output=True, check=False)
    assert done.returncode != 0
    assert done.stdout == b""


def test_a_folder_full_of_traps_is_not_looked_into(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    for name in ("pyrage", "secrets", "scrim", "json"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('trapped')\n")
    monkeypatch.chdir(tmp_path)
    assert PeriodKey.open(**ASKED).recipient.startswith("age1")


def test_the_recipient_is_a_plain_age_recipient() -> None:
    key = PeriodKey.open(**ASKED)
    assert str(pyrage.x25519.Recipient.from_str(key.recipient)) == key.recipient
