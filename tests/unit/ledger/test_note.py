from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrim.errors import LedgerBroken, LedgerUnavailable
from scrim.ledger.note import SigningKey, VerifierKey, open_note, sign

KEY = SigningKey("example.org/log", bytes(range(32)))
OTHER = SigningKey("example.org/log", bytes(32))
TEXT = "example.org/log\n7\nAAAA\n"
NOTE = sign(TEXT, KEY)


def test_a_note_opens_with_its_signer_s_key() -> None:
    assert open_note(NOTE, [KEY.verifier()]) == TEXT


def test_a_note_by_somebody_else_does_not_open() -> None:
    with pytest.raises(LedgerBroken, match="no known key"):
        open_note(NOTE, [OTHER.verifier()])


@given(st.integers(0, len(NOTE) - 1), st.integers(1, 127))
def test_no_changed_note_opens(at: int, step: int) -> None:
    changed = NOTE[:at] + chr((ord(NOTE[at]) + step) % 0x2100) + NOTE[at + 1 :]
    with pytest.raises(LedgerBroken):
        open_note(changed, [KEY.verifier()])


@given(st.integers(0, len(NOTE) - 1))
def test_no_cut_note_opens(size: int) -> None:
    with pytest.raises(LedgerBroken):
        open_note(NOTE[:size], [KEY.verifier()])


def test_lines_of_unknown_keys_are_passed_over() -> None:
    witness = sign(TEXT, SigningKey.generate("witness.example")).split("\n\n")[1]
    assert open_note(NOTE + witness, [KEY.verifier()]) == TEXT


def test_a_wrong_line_of_a_known_key_breaks_the_note() -> None:
    wrong = sign("another text\n", KEY).split("\n\n")[1]
    with pytest.raises(LedgerBroken, match="wrong"):
        open_note(NOTE + wrong, [KEY.verifier()])


def test_the_text_may_hold_an_empty_line() -> None:
    assert open_note(sign("a\n\nb\n", KEY), [KEY.verifier()]) == "a\n\nb\n"


@pytest.mark.parametrize("text", ["", "no new line", "a\tb\n", "a\x00b\n", "a\rb\n"])
def test_what_is_no_text_of_a_note_is_not_signed(text: str) -> None:
    with pytest.raises(ValueError, match="text"):
        sign(text, KEY)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\u00a0b", "a\x07"])
def test_what_is_no_name_of_a_key_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        SigningKey.generate(name)


def test_keys_are_read_as_they_were_written() -> None:
    assert SigningKey.from_text(KEY.to_text()) == KEY
    assert VerifierKey.from_text(KEY.verifier().to_text() + "\n") == KEY.verifier()


@pytest.mark.parametrize("text", ["", "PRIVATE+KEY+x", KEY.verifier().to_text()])
def test_what_is_no_signing_key_is_refused(text: str) -> None:
    with pytest.raises(LedgerBroken, match="signing key"):
        SigningKey.from_text(text)


def test_a_signing_key_is_never_shown() -> None:
    secret = KEY.to_text().rpartition("+")[2]
    assert str(list(KEY.seed))[1:-1] not in repr(KEY)
    assert "seed" not in repr(KEY)
    with pytest.raises(LedgerBroken) as caught:
        SigningKey.from_text(KEY.to_text().replace("KEY+example", "KEY+exemple"))
    assert secret not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_key_file_is_its_owner_s_alone(tmp_path: Path) -> None:
    path = tmp_path / "ledger.key"
    KEY.write(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert SigningKey.read(path) == KEY
    public = (tmp_path / "ledger.pub").read_text(encoding="utf-8")
    assert VerifierKey.from_text(public) == KEY.verifier()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["ledger.key", "ledger.pub"]


def test_a_key_file_is_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "ledger.key"
    KEY.write(path)
    with pytest.raises(LedgerUnavailable):
        OTHER.write(path)
    assert SigningKey.read(path) == KEY


def test_a_missing_or_foreign_key_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(LedgerUnavailable, match="cannot be read"):
        SigningKey.read(tmp_path / "ledger.key")
    (tmp_path / "ledger.key").write_text("nothing of the kind", encoding="utf-8")
    with pytest.raises(LedgerBroken, match="signing key"):
        SigningKey.read(tmp_path / "ledger.key")
