"""The server killed inside and right after each step of a case: resumed without loss.

The steps are the commands themselves, the server is the real process.  Inside: while its
transaction waits for the database.  After: when all is written and the answer is lost.
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.sim.case_world import film
from tests.sim.ports import free_port
from tests.sim.recorded_world import RecordedWorld
from tests.unit.api.test_process import command
from tests.unit.cases.world import SEGMENT_US

from scrim.cli.main import run
from scrim.clock import SECOND, SystemClock, to_text
from scrim.evidence.authority import Authority
from scrim.store.database import connect
from scrim.store.folder import DataFolder
from scrim.vault.custodian import new_identity, write_identity

FILMS = {at: film("gate", at, seconds=10) for at in (2, 3)}


@dataclass
class Server:
    """``python -m scrim.api`` on one port, killed and started as often as wanted."""

    folder: DataFolder
    live: Path
    port: int = 0
    process: subprocess.Popen[str] | None = None
    kills: int = 0

    def start(self) -> None:
        if not self.port:
            self.port = free_port()
        self.process = subprocess.Popen(
            command(self.folder, self.live, port=self.port),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stderr is not None
        assert json.loads(self.process.stderr.readline())["event"] == "listening"

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.communicate()
        self.live.unlink(missing_ok=True)

    def restart(self) -> None:
        self.kills += 1
        self.kill()
        self.start()


@dataclass
class Killer:
    """Kills the server at one request of a command, once, and starts it again."""

    server: Server
    inside: bool
    at: tuple[str, str] = ("", "")
    _send: Any = field(default=httpx.Client.send, repr=False)

    def __call__(self, client: httpx.Client, request: httpx.Request, **options: Any) -> Any:
        method, end = self.at
        if request.method != method or not request.url.path.endswith(end):
            return self._send(client, request, **options)
        self.at = ("", "")
        if self.inside:
            return self._inside(client, request, options)
        answer = self._send(client, request, **options)
        assert answer.status_code < 300, answer.read()
        answer.close()
        self.server.restart()
        raise httpx.ReadError("lost", request=request)

    def _inside(self, client: httpx.Client, request: httpx.Request, options: Any) -> Any:
        held = sqlite3.connect(
            self.server.folder.database, isolation_level=None, check_same_thread=False
        )
        held.execute("BEGIN IMMEDIATE")

        def strike() -> None:
            self.server.kill()
            held.execute("ROLLBACK")
            held.close()

        blow = threading.Timer(0.3, strike)
        blow.start()
        try:
            return self._send(client, request, **options)
        finally:
            blow.join()
            self.server.kills += 1
            self.server.start()


@dataclass
class House:
    """A served deployment, an officer and two custodians."""

    world: RecordedWorld
    server: Server
    killer: Killer
    homes: Path
    since_us: int
    capture: pytest.CaptureFixture[str]

    def run(self, *arguments: object, ends: int | None = 0) -> tuple[int, str]:
        self.capture.readouterr()
        code = run([str(argument) for argument in arguments])
        said = self.capture.readouterr()
        assert ends is None or code == ends, said.out + said.err
        return code, said.out or said.err

    def killed_at(self, method: str, end: str, *arguments: object) -> str:
        """Run a command whose server is killed at that request; again, if it says so."""
        kills = self.server.kills
        self.killer.at = (method, end)
        code, said = self.run(*arguments, ends=None)
        assert self.server.kills == kills + 1, said
        if code == 0:
            return said  # what may be sent twice was sent again by itself
        assert code == 13, said
        return self.run(*arguments)[1]

    def at(self, who: str) -> tuple[object, ...]:
        key = self.world.key.verifier().to_text()
        here = f"http://127.0.0.1:{self.server.port}"
        return (
            *("--server", here, "--as", self.homes / f"{who}.txt"),
            *("--known", self.homes / f"known-{who}", "--ledger-key", key),
        )


@pytest.fixture(params=["inside", "after"])
def house(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[House]:
    folder = DataFolder.create(tmp_path / "data")
    engine = connect(folder.database)
    now_us = SystemClock().now_us()
    world = RecordedWorld(engine, folder.path, now_us)
    since_us = now_us - 600 * SECOND
    world.record("gate", 1, since_us, FILMS)
    homes = tmp_path / "homes"
    homes.mkdir()
    officer = new_identity()
    write_identity(homes / "officer.txt", officer)
    world.people.register("officer-9", "police-south", officer.verifier)
    authority = Authority.new(world.settings.ledger.origin, now_us)
    chain = authority.certify(officer.verifier, "officer-9", now_us)
    (homes / "officer-9.pem").write_bytes(chain)
    for office in world.offices:
        write_identity(homes / f"{office.id}.txt", office.identity)
    server = Server(folder, tmp_path / "live")
    server.start()
    killer = Killer(server, inside=request.param == "inside")

    def send(client: httpx.Client, request: httpx.Request, **options: Any) -> Any:
        return killer(client, request, **options)

    monkeypatch.setattr(httpx.Client, "send", send)
    over = threading.Event()

    def sign() -> None:
        while not over.wait(0.1):
            world.checkpoint()

    world.checkpoint()
    signing = threading.Thread(target=sign)
    signing.start()
    yield House(world, server, killer, homes, since_us, capsys)
    over.set()
    signing.join()
    server.kill()
    engine.dispose()


def test_killed_in_each_step_and_resumed_without_loss(house: House) -> None:
    keys = ("--keys", house.homes / "keys")
    paper = house.homes / "warrant.pdf"
    paper.write_bytes(b"a warrant")
    said = house.killed_at(
        "POST",
        "/request",
        *("case", "request", *house.at("officer")[:4], *keys),
        *("--no-passphrase", "--purpose", "missing-person", "--authority", "warrant:Court 12/34"),
        *("--document", paper, "--camera", "gate", "--since", to_text(house.since_us)),
        *("--until", to_text(house.since_us + 2 * SEGMENT_US), "--expires", "1d"),
        *("--reason", "A child was last seen at the gate."),
    )
    case = said.split(":")[0]
    for office in ("court-1", "court-2"):
        approve = ("custodian", "approve", case, "--yes", *house.at(office))
        said = house.killed_at("POST", "/answers", *_soon(house, approve))
    assert said.strip() == f"{case}: approved"
    out = house.homes / "out"
    look = ("case", "open", case, "--native", "--out", out, *keys, *house.at("officer"))
    house.killed_at("POST", "/viewings", *_soon(house, look))
    (out / "native/gate/0000000003.mp4").unlink()
    house.killed_at("GET", "/sealed/gate/3", *look)
    for at, data in FILMS.items():
        assert (out / f"native/gate/{at:010d}.mp4").read_bytes() == data
    bundle = house.homes / "bundle"
    export = (
        *("case", "export", case, "--opened", out, "--out", bundle, "--for", "The court"),
        *("--organisation", "Court", "--why", "Ordered."),
        *("--credentials", house.homes / "officer-9.pem", *house.at("officer")),
    )
    house.killed_at("POST", "/exports", *export)
    house.run("verify", bundle, "--key", _key(house))
    house.killed_at(
        "POST",
        "/close",
        *("case", "close", case, "--reason", "Found.", *keys),
        *house.at("officer")[:4],
    )
    assert not list((house.homes / "keys").glob(f"{case}*"))

    file = house.world.cases.get(house.world.person("officer-9"), case)
    assert (file.state.value, len(file.answers)) == ("closed", 2)
    assert [act for act, _ in groupby(house.world.acts(file))] == [
        "case-drafted",
        "case-requested",
        "held",
        "case-answered",
        "case-approved",
        "case-opened",
        "original-viewed",
        "exported",
        "case-closed",
        "released",
        "case-erased",
    ]


def _soon(house: House, arguments: tuple[object, ...]) -> tuple[object, ...]:
    """The same arguments, once a checkpoint holds what was written last."""
    size = house.world.ledger.size()
    for _ in range(2000):
        text = (house.world.folder / "checkpoint").read_text()
        if int(text.splitlines()[1]) >= size:
            return arguments
        threading.Event().wait(0.05)
    raise AssertionError("no checkpoint")


def _key(house: House) -> Path:
    path = house.homes / "ledger.pub"
    path.write_text(house.world.key.verifier().to_text() + "\n")
    return path
