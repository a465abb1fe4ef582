"""A period that was handed on, by the commands: dealt, stored, asked for, opened, bundled."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.sim.handing_on import hand_on
from tests.sim.recorded_world import RecordedWorld
from tests.unit.api.served import NOW_US
from tests.unit.api.test_case_commands import Desk, name_of
from tests.unit.api.test_case_export import desk, signing, world
from tests.unit.cases.world import Office

from scrim.audit import verify_folder
from scrim.canonical import digest
from scrim.cases.reshares import Reshares
from scrim.cli.main import run
from scrim.store.keys import document_key, reshare_key
from scrim.vault import CustodianSet
from scrim.vault.custodian import write_identity

__all__ = ["desk", "signing", "world"]


def scrim(desk: Desk, *arguments: object, ends: int = 0) -> str:
    desk.capture.readouterr()
    code = run([str(one) for one in arguments])
    said = desk.capture.readouterr()
    assert code == ends, said.out + said.err
    return said.out


def test_the_new_custodians_open_it(
    desk: Desk,
    world: RecordedWorld,
    signing: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr("scrim.clock.SystemClock.now_us", lambda _: NOW_US)
    new = [Office("audit-1"), Office("audit-2"), Office("audit-3")]
    for office in (*world.offices, *new):
        write_identity(tmp_path / f"{office.id}.txt", office.identity)
    world.set_custodians(new, 2)
    chosen = tmp_path / "new-set.json"
    said = scrim(desk, "custodian", "list", "--data", world.folder, "--save", chosen)
    assert "SHA-256" in said
    document = world.folder / "objects" / document_key("gate", 1, 1)
    for name in ("court-1", "court-3"):
        scrim(
            *(desk, "custodian", "deal", document, "--to", chosen, "--yes"),
            *("--with", "court-1", "--with", "court-3"),
            *("-i", tmp_path / f"{name}.txt", "-o", tmp_path / "deals"),
        )
    deals = sorted((tmp_path / "deals").iterdir())
    put = ("custodian", "reshare", document, *deals, "--to", chosen, "--store", world.folder)
    assert "can be opened by 2 of the new custodians too" in scrim(desk, *put)
    assert scrim(desk, *put) == scrim(desk, *put), "again, and nothing changes"

    case = name_of(desk.request())
    assert "or  any 2 of audit-1, audit-2, audit-3" in desk.case("show", case).out
    key, known = desk.folder / "ledger.pub", desk.folder / "known"
    for office in new[:2]:
        here = ("--server", desk.server, "--as", tmp_path / f"{office.id}.txt")
        trust = ("--ledger-key", key, "--known", tmp_path / f"known-{office.id}")
        read = scrim(desk, "custodian", "review", case, *here, *trust)
        assert "or 2 of audit-1, audit-2, audit-3, to whom court-1, court-3 handed it on" in read
        said = scrim(desk, "custodian", "approve", case, "--yes", *here, *trust)
    assert said.strip() == f"{case}: approved"

    opened, bundle = desk.folder / "opened", desk.folder / "bundle"
    remembered = ("--known", known)
    done = desk.case(
        *("open", case, "--out", opened, "--native", "--keys", desk.keys),
        *("--ledger-key", key, *remembered),
    )
    assert done.code == 0, done.out + done.err
    assert len(list((opened / "native/gate").iterdir())) == 2
    done = desk.case(
        *(
            "export",
            case,
            "--opened",
            opened,
            "--for",
            "The court",
            "--organisation",
            "Court",
            "--why",
            "Ordered.",
            "--out",
            bundle,
            *remembered,
        ),
        *("--credentials", desk.folder / "officer-9.pem"),
    )
    assert done.code == 0, done.out + done.err
    check = ("--key", key, "--anchor", desk.folder / "anchor.pem")
    scrim(desk, "verify", bundle, *check)

    # without the re-sharing nobody of the period has approved
    (file,) = (bundle / "period").rglob("*.reshare-*.json")
    torn = shutil.copytree(bundle, tmp_path / "torn")
    (torn / file.relative_to(bundle)).unlink()
    assert "answers-too-few" in scrim(desk, "verify", torn, *check, ends=1)


def test_the_folder_is_verified_with_it(desk: Desk, world: RecordedWorld, tmp_path: Path) -> None:
    new = [Office("audit-1"), Office("audit-2")]
    world.set_custodians(new, 2)
    chosen = CustodianSet(2, tuple(office.custodian for office in new))
    document = world.objects.get(document_key("gate", 1, 1))
    old = {office.id: office.identity for office in world.offices[:2]}
    made = hand_on(document, old, chosen)
    world.checkpoint()

    def found() -> set[str]:
        return {one.kind.value for one in verify_folder(world.folder).problems}

    before = found()
    path = world.folder / "objects" / reshare_key("gate", 1, 1, digest(chosen.document()))
    path.write_bytes(made.to_bytes())
    assert found() == before, "put there, and then killed: worth a note"
    assert "staging-left" in {one.kind.value for one in verify_folder(world.folder).notes}
    Reshares(world.engine, world.ledger, world.objects, world.clock).store(made.to_bytes())
    world.checkpoint()
    assert found() == before
    whole = path.read_bytes()
    value = json.loads(whole)
    value["deals"].reverse()
    path.write_bytes(json.dumps(value).encode())
    assert found() - before
    path.unlink()
    assert "object-missing" in found()
