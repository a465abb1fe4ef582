"""A disclosure from the second person's look to its leaving, each with what it really runs on."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.sim.recorded_world import RecordedWorld
from tests.unit.api.served import PATIENCE_S
from tests.unit.api.test_case_commands import Desk, name_of
from tests.unit.api.test_case_export import SINCE_US, desk, world
from tests.unit.disclosure import scene
from tests.unit.disclosure.conftest import eyes, pick_left

from scrim.cases.viewings import ViewingAct
from scrim.cli.main import run
from scrim.clock import SystemClock
from scrim.disclosure.folder import DisclosureFolder
from scrim.disclosure.make import Order, make
from scrim.ledger.commitment import holds
from scrim.vault.custodian import new_identity, read_identity, write_identity

__all__ = ["desk", "world"]

RECIPIENT = "Chan Tai Man"


@contextmanager
def reviewing(folder: Path, identity: Path, people: Path) -> Iterator[tuple[Any, str]]:
    """``scrim disclosure review`` as a process of its own, and the address that it printed."""
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "scrim.cli.main", "disclosure", "review", str(folder)),
            *("--as", str(identity), "--people", str(people)),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield process, process.stdout.readline().strip()
    finally:
        process.kill()
        process.communicate()


def step_through(address: str, *, passed: bool = True) -> None:
    origin = address.split("/", 3)
    headers = {"Origin": "/".join(origin[:3])}
    with httpx.Client(
        base_url=address, headers=headers, trust_env=False, timeout=PATIENCE_S
    ) as client:
        assert client.get("").status_code == 200
        early = client.post("verdict", json={"passed": True})
        assert early.status_code == 409
        assert "left to look at" in early.json()["detail"]
        for frame in client.get("list").json()["frames"]:
            picture = client.get(f"frame/{frame['index']}")
            assert picture.content.startswith(b"\x89PNG")
            assert client.post(f"looked/{frame['index']}").status_code == 200
        assert client.post("verdict", json={"passed": passed}).json() == {"passed": passed}


@pytest.fixture
def people(desk: Desk) -> Path:
    write_identity(desk.folder / "second.txt", new_identity())
    verifiers = [
        read_identity(desk.folder / f"{name}.txt").verifier for name in ("officer", "second")
    ]
    file = desk.folder / "people.json"
    file.write_text(json.dumps([{"verifier": one, "retired_us": None} for one in verifiers]))
    return file


def open_case(desk: Desk, world: RecordedWorld) -> str:
    case = name_of(desk.request())
    officer = world.person("officer-9")
    file = world.cases.get(officer, case)
    world.answer(0, file)
    world.answer(1, file)
    world.cases.view(officer, case, ViewingAct.DISCLOSE, ["gate"], SINCE_US, SINCE_US + 1)
    return case


def disclosed(desk: Desk, case: str) -> DisclosureFolder:
    source = scene.write(desk.folder / "opened.mp4", frames=100)
    folder = DisclosureFolder(desk.folder / "disclosure")
    officer = read_identity(desk.folder / "officer.txt").signer
    order = Order(case, "", (pick_left(),))
    make(source, folder, order, eyes=eyes(), signer=officer, clock=SystemClock())
    return folder


def test_reviewed_in_a_process_of_its_own_and_released_to_a_real_server(
    desk: Desk, world: RecordedWorld, people: Path
) -> None:
    case = open_case(desk, world)
    folder, target = disclosed(desk, case), desk.folder / "send.mp4"

    def release() -> tuple[int, str]:
        desk.capture.readouterr()
        code = run(
            [
                *("disclosure", "release", str(folder.path), "--out", str(target)),
                *("--name", RECIPIENT, "--organisation", "none", "--why", "Asked for it."),
                *("--server", desk.server),
                *("--as", str(desk.folder / "officer.txt"), "--people", str(people)),
            ]
        )
        said = desk.capture.readouterr()
        return code, said.out + said.err

    size = world.ledger.size()
    assert release()[0] == 12, "nobody has looked at it yet"
    with reviewing(folder.path, desk.folder / "officer.txt", people) as (process, address):
        assert (address, process.wait(PATIENCE_S)) == ("", 12), "who made it does not review it"
    with reviewing(folder.path, desk.folder / "second.txt", people) as (process, address):
        step_through(address)
        assert process.wait(PATIENCE_S) == 0
        assert "it may go out" in process.stdout.read()
    assert world.ledger.size() == size, "so far nothing has left"

    code, said = release()
    assert code == 0, said
    assert target.read_bytes() == folder.film.read_bytes()
    record = json.loads((folder.path / "release-1.json").read_bytes())["body"]
    entry = world.entries()[record["entry"]]
    assert (entry.act.value, entry.facts["kind"]) == ("exported", "disclosure")
    assert entry.facts["sha256"] == record["film_sha256"]
    assert RECIPIENT not in json.dumps(dict(entry.facts))
    text = json.dumps(record["recipient"], sort_keys=True, separators=(",", ":"))
    assert holds(record["commitment"], text, bytes.fromhex(record["salt"]))
    (kept,) = world.cases.register_of_exports()
    assert (kept.kind, kept.name) == ("disclosure", record["commitment"])
    assert (kept.organisation, kept.why) == ("none", "Asked for it.")
    assert RECIPIENT.encode() not in (world.folder / "scrim.db").read_bytes()

    desk.capture.readouterr()
    assert run(["case", "exports", "--data", str(world.folder)]) == 0
    listed = desk.capture.readouterr().out
    assert f"to {record['commitment']}, none: Asked for it." in listed
    assert run(["case", "exports", "--data", str(world.folder), "--case", "case-none"]) == 0
    assert "Nothing has left." in desk.capture.readouterr().err

    target.unlink()
    world.cases.close(world.person("officer-9"), case, "Over.")
    code, said = release()
    assert code != 0
    assert not target.exists(), "the case is over: nothing leaves any more"


def test_what_the_second_person_refuses_stays(
    desk: Desk, world: RecordedWorld, people: Path
) -> None:
    case = open_case(desk, world)
    folder = disclosed(desk, case)
    with reviewing(folder.path, desk.folder / "second.txt", people) as (process, address):
        origin = "/".join(address.split("/", 3)[:3])
        with httpx.Client(
            base_url=address, headers={"Origin": origin}, trust_env=False, timeout=PATIENCE_S
        ) as client:
            body = {"passed": False, "reason": "Somebody at the door can be told."}
            assert client.post("verdict", json=body).status_code == 200
        assert process.wait(PATIENCE_S) == 0
    size = world.ledger.size()
    code = run(
        [
            *("disclosure", "release", str(folder.path), "--out", str(desk.folder / "send.mp4")),
            *("--name", RECIPIENT, "--organisation", "none", "--why", "Asked for it."),
            *("--server", desk.server),
            *("--as", str(desk.folder / "officer.txt"), "--people", str(people)),
        ]
    )
    assert code == 12
    assert world.ledger.size() == size
    assert not (desk.folder / "send.mp4").exists()
