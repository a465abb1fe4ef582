"""Invariant 3 on the way of a case: the server carries parts and can open none.

From request to opened film by the commands themselves, against a server in a process of
its own.  Meanwhile its whole memory, and everything in the data folder, is searched for
what the custodians hold and what comes of it.
"""

from __future__ import annotations

import base64
import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import av
import pytest
from tests.paths.test_write_only import memory_of
from tests.sim.case_world import film
from tests.sim.recorded_world import RecordedWorld
from tests.unit.api.test_process import running
from tests.unit.cases.world import SEGMENT_US

from scrim.cli.main import run
from scrim.clock import SECOND, SystemClock, to_text
from scrim.store.database import connect
from scrim.store.folder import DataFolder
from scrim.store.keys import document_key
from scrim.vault import PeriodDocument
from scrim.vault.agekeys import secret_of
from scrim.vault.custodian import new_identity, read_identity, write_identity
from scrim.vault.opening import combine, open_part
from scrim.vault.signing import Signer

CAMERAS = ("gate", "yard")
MASKED = {"width": 160, "height": 96, "seconds": 10}
"""What stands for the masked recording is told by its size."""


@cache
def films_of(camera: str) -> dict[int, dict[int, bytes]]:
    """Period to segment to what was recorded."""
    return {
        period: {at: film(camera, at, seconds=10) for at in (period * 2, period * 2 + 1)}
        for period in (1, 2)
    }


@dataclass
class House:
    """A served deployment, and the machines of an officer and three custodians."""

    world: RecordedWorld
    folder: DataFolder
    homes: Path
    address: str
    pid: int
    since_us: int
    capture: pytest.CaptureFixture[str]

    def scrim(self, *arguments: object, ends: int = 0) -> str:
        self.world.checkpoint()
        self.capture.readouterr()
        code = run([str(argument) for argument in arguments])
        said = self.capture.readouterr()
        assert code == ends, said.err
        return said.out

    def at(self, who: str) -> tuple[object, ...]:
        return ("--server", self.address, "--as", self.homes / f"{who}.txt")

    def trusting(self, who: str) -> tuple[object, ...]:
        """Each machine is given the ledger's key the first time, and remembers it."""
        key = self.world.key.verifier().to_text()
        return ("--known", self.homes / f"known-{who}", "--ledger-key", key)

    def ledger_seen_by(self, who: str) -> int:
        """Size of the newest checkpoint that a machine remembers."""
        (file,) = (self.homes / f"known-{who}").iterdir()
        return int(json.loads(file.read_bytes())["checkpoint"].split("\n")[1])

    def secrets(self) -> list[bytes]:
        """Whatever would open something, as bytes."""
        found = []
        for camera in CAMERAS:
            for period in films_of(camera):
                document = self.world.objects.get(document_key(camera, 1, period))
                sealed = PeriodDocument.parse(document).parts
                parts = [
                    open_part(sealed[office.id], office.identity.secret, document)
                    for office in self.world.offices
                ]
                found.append(secret_of(combine(document, parts[:2])))
                found.extend(bytes(piece) for part in parts for piece in part.pieces.values())
        found.extend(secret_of(office.identity.secret) for office in self.world.offices)
        return found

    def everything_on_disk(self) -> bytes:
        """Every file as it is, and every value of the database in one piece.

        A value longer than a page stands in SQLite's file in pieces, with the number of
        the next page between them: what is looked for may be cut in two there.
        """
        files = (path for path in sorted(self.folder.path.rglob("*")) if path.is_file())
        return b"\n".join([*(path.read_bytes() for path in files), *self._values()])

    def _values(self) -> Iterator[bytes]:
        with closing(sqlite3.connect(f"file:{self.folder.database}?mode=ro", uri=True)) as database:
            tables = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            for (table,) in tables.fetchall():
                for row in database.execute(f'SELECT * FROM "{table}"'):
                    for value in row:
                        yield value if isinstance(value, bytes) else str(value).encode()


@pytest.fixture
def house(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[House]:
    folder = DataFolder.create(tmp_path / "data")
    engine = connect(folder.database)
    now_us = SystemClock().now_us()
    world = RecordedWorld(engine, folder.path, now_us)
    since_us = now_us - 600 * SECOND
    for camera in CAMERAS:
        for at, (period, films) in enumerate(films_of(camera).items()):
            masked = {number: film(camera, number, **MASKED) for number in films}
            world.record(camera, period, since_us + at * 2 * SEGMENT_US, films, masked)
    homes = tmp_path / "homes"
    homes.mkdir()
    officer = new_identity()
    write_identity(homes / "officer.txt", officer)
    world.people.register("officer-9", "police-south", Signer.of_identity(officer.secret).verifier)
    for office in world.offices:
        write_identity(homes / f"{office.id}.txt", office.identity)
    with running(folder, tmp_path / "live") as (process, address):
        yield House(world, folder, homes, address, process.pid, since_us, capsys)
    engine.dispose()


def test_invariant_3_the_server_never_holds_a_part_in_the_clear(house: House) -> None:
    if not Path("/proc/self/mem").exists() or os.geteuid() != 0:
        pytest.skip("needs Linux and root, to read another process's memory: run as root")
    keys = ("--keys", house.homes / "keys")
    paper = house.homes / "warrant.pdf"
    paper.write_bytes(b"a warrant")
    said = house.scrim(
        *("case", "request", *house.at("officer"), *keys, "--no-passphrase"),
        *("--purpose", "missing-person", "--authority", "warrant:Court 12/34"),
        *("--document", paper, "--camera", "gate", "--camera", "yard"),
        *("--since", to_text(house.since_us), "--until", to_text(house.since_us + 4 * SEGMENT_US)),
        *("--reason", "A child was last seen at the gate.", "--expires", "1d"),
    )
    case = said.split(":")[0]

    # one custodian answers over the network, one on a machine that has none
    assert case in house.scrim("custodian", "requests", *house.at("court-1"))
    approved = house.scrim(
        *("custodian", "approve", case, "--yes", *house.at("court-1"), *house.trusting("1"))
    )
    assert "requested" in approved
    carried, answer = house.homes / "package.json", house.homes / "answer.json"
    read = house.scrim(
        *("custodian", "review", case, *house.at("court-2"), *house.trusting("2")),
        *("--save", carried, "--masked", house.homes / "masked"),
    )
    for camera in CAMERAS:
        with av.open(str(house.homes / f"masked/{camera}-1.mp4"), "r") as film_:
            sizes = [(frame.width, frame.height) for frame in film_.decode(video=0)]
        assert sizes == [(MASKED["width"], MASKED["height"])] * 200
    assert "A child was last seen at the gate." in read
    house.scrim(
        *("custodian", "approve", case, "--yes", "--as", house.homes / "court-2.txt"),
        *("--package", carried, "--out", answer, *house.trusting("2")),
    )
    assert "approved" in house.scrim("custodian", "send", answer, *house.at("court-2"))

    memory, disk = memory_of(house.pid), house.everything_on_disk()
    out = house.homes / "out"
    opened = (
        *("case", "open", case, *house.at("officer"), *keys, *house.trusting("9")),
        *("--out", out, "--native", "--no-viewing"),
    )
    house.scrim(*opened)
    for camera in CAMERAS:
        for films in films_of(camera).values():
            for segment, data in films.items():
                assert (out / f"native/{camera}/{segment:010d}.mp4").read_bytes() == data
    before = house.ledger_seen_by("9")
    house.scrim(*opened)  # again, and nothing is lost; the ledger continues the one seen before
    assert house.ledger_seen_by("9") > before

    memory += memory_of(house.pid)
    disk += house.everything_on_disk()
    once = secret_of(read_identity(house.homes / f"keys/{case}.txt").secret)
    # the search finds what is there: sealed parts on the disk, the request in memory
    sealed = answer.read_bytes()
    assert sealed[sealed.index(b'"sealed":"') + 10 :][:200] in disk
    assert case.encode() in memory
    for secret in (*house.secrets(), once):
        for shape in (secret, secret.hex().encode(), base64.b64encode(secret)):
            assert shape not in memory
            assert shape not in disk
