"""From the opened folder to the bundle, with a server that does what one does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.evidence.conftest import Check
from tests.unit.evidence.world import NOW, TODAY, Entries, Log, World, mp4, opened_folder

from scrim.canonical import canonical
from scrim.errors import BundleBroken, CaseState
from scrim.evidence.export import Officer, Server, export
from scrim.evidence.verify import verify_bundle
from scrim.vault.custodian import new_identity
from scrim.vault.signing import Signer
from scrim.vault.statement import Statement


class Machine:
    """The officer's machine, and the server it talks to."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world = world
        self.opened = opened_folder(world, folder / "opened")
        (self.opened / "viewing").mkdir()
        for name in ("gate-1.mp4", "yard-1.mp4"):
            (self.opened / "viewing" / name).write_bytes(mp4(90, fragmented=False))
        self.request = Statement.sign(world.request.body(), world.signer)
        self.answers = [world.answer(0, world.request), world.answer(1, world.request)]
        chain = world.authority.certify(world.signer.verifier, "officer-7", TODAY)
        self.officer = Officer(world.signer, chain)
        self.logged: list[tuple[str, int]] = []
        self.server = Server(self.log, self.record, world.log.key.verifier())

    def log(self, sha256: str, size: int) -> None:
        self.logged.append((sha256, size))

    def record(self) -> bytes:
        log = Log()
        log.key, log.bodies = self.world.log.key, list(self.world.log.bodies)
        self.world.log_case(log, self.world.request, self.answers, Entries(), self.logged[-1][0])
        return canonical(
            {
                "format": "scrim-record-v1",
                "case": self.world.request.case,
                "salt": "ab" * 16,
                "entries": [one.document() for one in log.receipts()],
                "opened": {},
                "closed": {},
                "custodians": {},
                "reshared": {},
                "checkpoint": log.checkpoint(),
            }
        )

    def export(self, out: Path) -> Path:
        return export(self.request, self.answers, self.opened, self.officer, self.server, out, NOW)


@pytest.fixture
def machine(world: World, tmp_path: Path) -> Machine:
    return Machine(world, tmp_path)


@pytest.mark.parametrize("name", ["bundle", "bundle.zip"])
def test_a_bundle_comes_of_it(machine: Machine, check: Check, tmp_path: Path, name: str) -> None:
    made = machine.export(tmp_path / "out" / name)
    report = check(made)
    assert [found.line() for found in report.findings] == []
    assert report.checked["viewing"] == 2
    assert len(machine.logged) == 1
    # nothing else is left beside it
    assert [path.name for path in (tmp_path / "out").iterdir()] == [name]


def test_nothing_is_logged_while_something_is_missing(machine: Machine, tmp_path: Path) -> None:
    (machine.opened / "native/gate/0000000001.mp4").unlink()
    with pytest.raises(BundleBroken, match="not among what was opened"):
        machine.export(tmp_path / "bundle")
    assert machine.logged == []


def test_another_s_certificate_is_refused_before_anything(
    machine: Machine, world: World, tmp_path: Path
) -> None:
    other = Signer.of_identity(new_identity().secret)
    chain = world.authority.certify(other.verifier, "officer-8", TODAY)
    for wrong in (chain, world.authority.anchor_pem(), b"nothing"):
        machine.officer = replace(machine.officer, chain=wrong)
        with pytest.raises(BundleBroken):
            machine.export(tmp_path / "bundle")
    assert machine.logged == []
    assert not (tmp_path / "bundle").exists()


def test_no_entry_no_bundle(machine: Machine, tmp_path: Path) -> None:
    def refuse(sha256: str, size: int) -> None:
        raise CaseState("The case is closed.", "")

    machine.server = replace(machine.server, log=refuse)
    with pytest.raises(CaseState):
        machine.export(tmp_path / "out/bundle")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_server_that_logs_something_else(machine: Machine, tmp_path: Path) -> None:
    machine.server = replace(
        machine.server, log=lambda sha256, size: machine.logged.append(("0" * 64, size))
    )
    with pytest.raises(BundleBroken, match="entry 'exported'"):
        machine.export(tmp_path / "out/bundle")
    assert list((tmp_path / "out").iterdir()) == []


def test_an_original_that_was_changed_since(machine: Machine, tmp_path: Path) -> None:
    file = machine.opened / "native/gate/0000000001.mp4"
    file.write_bytes(file.read_bytes() + b"x")
    with pytest.raises(BundleBroken, match="was sealed"):
        machine.export(tmp_path / "bundle")
    assert not (tmp_path / "bundle").exists()


def test_it_holds_without_the_server_s_keys_too(machine: Machine, tmp_path: Path) -> None:
    assert verify_bundle(machine.export(tmp_path / "bundle")).holds
