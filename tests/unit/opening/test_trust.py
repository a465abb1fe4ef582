"""A ledger is remembered from the first time on."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from tests.sim.case_world import ORIGIN, START_US, Log

from scrim.errors import LedgerBroken, StoreError
from scrim.ledger.entry import Act
from scrim.opening.trust import Trust


def log(entries: int) -> Log:
    made = Log()
    grow(made, entries)
    return made


def grow(made: Log, entries: int) -> None:
    for at in range(entries):
        made.add(Act.HEADS, START_US + at, {"count": at})


def test_the_first_key_is_kept_and_said_to_be_new(tmp_path: Path) -> None:
    ledger, trust = log(3), Trust(tmp_path / "known")
    first = trust.see(ledger.note(), ledger.key.verifier())
    assert (first.first, first.continued, first.checkpoint.size) == (True, True, 3)
    again = trust.see(ledger.note(), None)
    assert (again.first, again.continued) == (False, True)
    assert trust.key(ORIGIN) == ledger.key.verifier()
    assert stat.S_IMODE(trust.path(ORIGIN).stat().st_mode) == 0o600


def test_without_any_key_nothing_is_believed(tmp_path: Path) -> None:
    with pytest.raises(LedgerBroken, match="not known on this machine"):
        Trust(tmp_path).see(log(3).note(), None)


def test_another_key_later_is_refused(tmp_path: Path) -> None:
    ledger, other, trust = log(3), log(3), Trust(tmp_path)
    trust.see(ledger.note(), ledger.key.verifier())
    with pytest.raises(LedgerBroken, match="another key than the first time"):
        trust.see(other.note(), other.key.verifier())
    with pytest.raises(LedgerBroken):
        trust.see(other.note(), None)
    assert trust.key(ORIGIN) == ledger.key.verifier()


def test_a_note_that_its_key_did_not_sign_is_not_remembered(tmp_path: Path) -> None:
    ledger, other, trust = log(3), log(3), Trust(tmp_path)
    with pytest.raises(LedgerBroken):
        trust.see(ledger.note(), other.key.verifier())
    assert trust.key(ORIGIN) is None


def test_a_ledger_that_grows_is_proved_to_continue(tmp_path: Path) -> None:
    ledger, trust = log(3), Trust(tmp_path)
    trust.see(ledger.note(), ledger.key.verifier())
    grow(ledger, 4)
    assert trust.see(ledger.note(), None, ledger.consistency).continued
    assert trust.see(ledger.note(3), None, ledger.consistency).continued


def test_where_no_proof_is_at_hand_that_is_said_and_nothing_forgotten(tmp_path: Path) -> None:
    ledger, trust = log(3), Trust(tmp_path)
    trust.see(ledger.note(), ledger.key.verifier())
    before = trust.path(ORIGIN).read_bytes()
    grow(ledger, 4)
    assert not trust.see(ledger.note(), None).continued
    assert trust.path(ORIGIN).read_bytes() == before


def _size(made: Log) -> int:
    return len(made.bodies)


@pytest.mark.parametrize("size", [2, 3, 7])
def test_a_rewritten_ledger_is_refused(tmp_path: Path, size: int) -> None:
    ledger, trust = log(3), Trust(tmp_path)
    trust.see(ledger.note(), ledger.key.verifier())
    rewritten = Log(ledger.key)
    rewritten.add(Act.HEADS, 1, {"count": 9})
    grow(rewritten, size - 1)
    with pytest.raises(LedgerBroken):
        trust.see(rewritten.note(), None, max(ledger, rewritten, key=_size).consistency)


def test_a_damaged_memory_is_not_taken_for_none(tmp_path: Path) -> None:
    ledger, trust = log(3), Trust(tmp_path)
    trust.see(ledger.note(), ledger.key.verifier())
    trust.path(ORIGIN).write_bytes(b"{}")
    with pytest.raises(StoreError, match="cannot be used"):
        trust.see(ledger.note(), ledger.key.verifier())
