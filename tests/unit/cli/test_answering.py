"""``scrim custodian review|approve|refuse``, on a machine without a network."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.sim.case_world import Log, World

from scrim.canonical import canonical
from scrim.cli.main import run
from scrim.vault.answer import Answer
from scrim.vault.custodian import new_identity, write_identity
from scrim.vault.statement import Statement

CASE = "case-abcd2345"


@dataclass
class Machine:
    """A custodian's machine with a package that was carried to it."""

    world: World
    folder: Path
    capture: pytest.CaptureFixture[str]

    @property
    def answer(self) -> Path:
        return self.folder / "answer.json"

    def carry(self, **changes: Any) -> None:
        package = {**self.world.package(self.world.request()), **changes}
        (self.folder / "package.json").write_bytes(canonical(package))

    def scrim(self, command: str, *more: object, case: str = CASE) -> tuple[int, str, str]:
        self.capture.readouterr()
        arguments = (
            *("custodian", command, case, "--as", self.folder / "office-0.txt"),
            *("--package", self.folder / "package.json", "--known", self.folder / "known"),
            *more,
        )
        code = run([str(argument) for argument in arguments])
        said = self.capture.readouterr()
        return code, said.out, said.err

    @property
    def key(self) -> tuple[str, str]:
        return "--ledger-key", self.world.log.key.verifier().to_text()

    def given(self) -> Answer:
        return Answer.of(Statement.parse(self.answer.read_bytes()))


@pytest.fixture
def machine(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Machine:
    world = World()
    world.record("gate", 1, range(2))
    write_identity(tmp_path / "office-0.txt", world.custodians[0])
    made = Machine(world, tmp_path, capsys)
    made.carry()
    return made


@pytest.fixture(autouse=True)
def in_time(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine's clock stands at the time of the request."""
    now_us = machine.world.request().created_us
    monkeypatch.setattr("scrim.clock.SystemClock.now_us", lambda _: now_us)


def test_a_request_is_printed_as_it_was_signed(machine: Machine) -> None:
    code, out, err = machine.scrim("review", *machine.key)
    assert code == 0, err
    assert machine.world.request().sha256 in out
    assert "A cyclist was knocked down at the gate." in out
    assert "is new here" in err
    code, out, err = machine.scrim("review", "--json")
    assert (code, err) == (0, "")
    assert json.loads(out) == machine.world.request().body()


def test_a_ledger_that_nobody_vouched_for_is_not_believed(machine: Machine) -> None:
    code, out, err = machine.scrim("review")
    assert (code, out) == (8, "")
    assert "--ledger-key" in err


def test_another_ledgers_key_is_refused_ever_after(machine: Machine) -> None:
    machine.scrim("review", *machine.key)
    other = Log().key.verifier().to_text()
    code, out, err = machine.scrim("review", "--ledger-key", other)
    assert (code, out) == (8, "")
    assert "another key than the first time" in err


def test_an_approval_is_written_to_a_file(machine: Machine) -> None:
    code, out, err = machine.scrim("approve", "--yes", "--out", machine.answer, *machine.key)
    assert code == 0, err
    assert f"scrim custodian send {machine.answer}" in out
    given = machine.given()
    assert (given.custodian, given.decision, len(given.parts)) == ("office-0", "approved", 1)
    given.check_answers(machine.world.request())
    code, _, err = machine.scrim("approve", "--yes", "--out", machine.answer)
    assert code == 9
    assert "not overwritten" in err


@pytest.mark.parametrize(("typed", "code"), [(CASE, 0), ("case-bbbb2345", 12), ("yes", 12)])
def test_the_case_is_typed_again_before_anything_is_approved(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, typed: str, code: int
) -> None:
    monkeypatch.setattr("typer.prompt", lambda *_, **__: typed)
    found, _, err = machine.scrim("approve", "--out", machine.answer, *machine.key)
    assert found == code, err
    assert "A cyclist was knocked down at the gate." in err
    assert machine.answer.exists() is (code == 0)


def test_a_refusal_needs_its_reason(machine: Machine) -> None:
    code, _, err = machine.scrim("refuse", "--reason", "no", "--out", machine.answer, *machine.key)
    assert code == 7
    assert "a reason" in err
    reason = "The warrant names another street."
    code, _, err = machine.scrim("refuse", "--reason", reason, "--out", machine.answer)
    assert code == 0, err
    assert (machine.given().decision, machine.given().reason) == ("refused", reason)


def test_a_package_that_was_changed_is_not_answered(machine: Machine) -> None:
    package = machine.world.package(machine.world.request())
    package["request"]["body"]["until_us"] += 1
    (machine.folder / "package.json").write_bytes(canonical(package))
    code, out, err = machine.scrim("approve", "--yes", "--out", machine.answer, *machine.key)
    assert (code, out) == (12, "")
    assert "does not hold" in err
    assert not machine.answer.exists()


def test_the_package_of_another_case_is_not_answered(machine: Machine) -> None:
    code, _, err = machine.scrim(
        "approve", "--yes", "--out", machine.answer, *machine.key, case="case-bbbb2345"
    )
    assert code == 12
    assert f"is of {CASE}" in err
    assert not machine.answer.exists()


def test_a_stranger_answers_nothing(machine: Machine) -> None:
    write_identity(machine.folder / "stranger.txt", new_identity())
    code, _, err = machine.scrim(
        *("approve", "--yes", "--out", machine.answer, *machine.key),
        *("--as", machine.folder / "stranger.txt"),
    )
    assert code == 12
    assert "holds no part" in err


def test_an_answer_needs_a_place_to_go(machine: Machine) -> None:
    code, _, err = machine.scrim("approve", "--yes", *machine.key)
    assert code == 12
    assert "nowhere to put the answer" in err


def test_an_expired_request_is_not_answered(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    over_us = machine.world.request().expires_us
    monkeypatch.setattr("scrim.clock.SystemClock.now_us", lambda _: over_us)
    code, _, err = machine.scrim("approve", "--yes", "--out", machine.answer, *machine.key)
    assert code == 12
    assert "expired" in err
