"""A live opening on the officer's machine, with a server in memory that may lie."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.sim.case_world import SECOND_US, START_US, Looked, Server, World, checked, noise

from scrim.canonical import canonical
from scrim.errors import (
    CaseRefused,
    CaseState,
    LedgerBroken,
    ObjectMissing,
    PackageBroken,
    ServerAway,
)
from scrim.ledger import Act
from scrim.ledger.checkpoint import Checkpoint
from scrim.opening.live import LiveOpening, Machine
from scrim.opening.output import Opened, Wanted
from scrim.opening.record import Record
from scrim.vault.custodian import new_identity
from scrim.vault.request import LIVE, Authority, Request

SEGMENT_US = 4 * SECOND_US
SINCE_US, UNTIL_US = START_US + SEGMENT_US, START_US + 6 * SEGMENT_US


def film_like(camera: str, segment: int) -> bytes:
    """Nothing to look at, but it begins as a film does."""
    return b"\0\0\0\x18ftypisom" + noise(camera, segment)


class SetClock:
    """Goes on only while somebody waits."""

    def __init__(self) -> None:
        self.us = SINCE_US

    def now_us(self) -> int:
        return self.us

    def pause(self, seconds: float) -> None:
        self.us += round(seconds * SECOND_US)


def request_of(world: World, **changes: Any) -> Request:
    signer = world.signer(world.officer)
    asked = Request(
        deployment="scrim.example/ledger",
        case="case-abcd2345",
        kind=LIVE,
        purpose="investigation",
        authority=Authority("emergency", "Control room 5", ""),
        cameras=("gate",),
        since_us=SINCE_US,
        until_us=UNTIL_US,
        reason="A child was last seen at the gate.",
        officer=world_officer(signer.verifier),
        recipient=world.once.recipient,
        created_us=SINCE_US,
        expires_us=UNTIL_US + 3600 * SECOND_US,
        periods=(),
        salt="d" * 64,
    )
    return replace(asked, **changes)


def world_officer(verifier: str) -> Any:
    from scrim.vault.request import Officer

    return Officer("officer-7", "traffic", verifier)


class LiveServer(Server):
    """Has each segment once it is over by the clock, and a record of its periods."""

    def __init__(self, world: World, asked: Request, clock: SetClock) -> None:
        super().__init__(world)
        self.asked = asked
        self.clock = clock
        self.documents = {period.name: period.document for period in world.periods}
        self.away: list[int] = []
        self.hidden: set[int] = set()
        self.asked_again = 0

    def listed(self) -> tuple[dict[str, Any], ...]:
        return tuple(
            {
                "camera": period.name[0],
                "epoch": period.name[1],
                "period": period.name[2],
                "lost": False,
                **{key: record[key] for key in ("segment", "start_us", "end_us", "size", "sha256")},
            }
            for period in self.world.periods
            for record in period.records
            if self.asked.sha256 in record.get("live", ())
            and int(record["end_us"]) <= self.clock.us
            and record["segment"] not in self.hidden
        )

    def open_viewing(
        self, case: str, act: str, cameras: Sequence[str], since_us: int, until_us: int
    ) -> Looked:
        self.looked.append((case, act, tuple(cameras), since_us, until_us))
        return Looked("view1", self.listed())

    def look_again(self, viewing: str) -> Looked:
        self.asked_again += 1
        if self.asked_again in self.away:
            raise ServerAway("The server does not answer.")
        return Looked(viewing, self.listed())

    def document(self, viewing: str, camera: str, epoch: int, period: int) -> bytes:
        try:
            return self.documents[camera, epoch, period]
        except KeyError:
            raise ObjectMissing("No such object.", "") from None

    def record(self, case: str) -> bytes:
        return canonical(record_of(self.world, self.asked))


def record_of(world: World, asked: Request) -> dict[str, Any]:
    mine = [
        period
        for period in world.periods
        if any(asked.sha256 in record.get("live", ()) for record in period.records)
    ]

    def place(period: Any) -> str:
        return "/".join(map(str, period.name))

    return {
        "format": "scrim-record-v1",
        "case": asked.case,
        "salt": "ab" * 16,
        "entries": [],
        "opened": {place(period): world.log.receipt(period.opened) for period in mine},
        "closed": {
            place(period): world.log.receipt(period.closed)
            for period in mine
            if period.closed is not None
        },
        "custodians": {},
        "reshared": {},
        "checkpoint": world.log.note(),
    }


def see(world: World) -> Callable[[str], Checkpoint]:
    key = world.log.key.verifier()
    return lambda note: Checkpoint.from_note(note, key)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def asked(world: World) -> Request:
    asked = request_of(world)
    world.record("gate", 1, range(4), live=asked, clear=film_like)
    world.record("gate", 2, range(4, 8), live=asked, clear=film_like)
    return asked


def opening(
    world: World, asked: Request, out: Path, server: LiveServer, identity: str | None = None
) -> LiveOpening:
    package = checked(world, world.package(asked))
    machine = Machine(server.clock, server.clock.pause, see(world))
    return LiveOpening(server, package, identity or world.once.secret, out, machine)


WHOLE = Wanted(("gate",), SINCE_US, UNTIL_US, viewing=False)


def run(
    world: World, asked: Request, out: Path, change: Callable[[LiveServer], None] = lambda _: None
) -> tuple[Opened, LiveServer]:
    server = LiveServer(world, asked, SetClock())
    change(server)
    return opening(world, asked, out, server).run(WHOLE), server


def lines(done: Opened) -> list[str]:
    return [one.line() for one in done.findings]


def test_it_follows_the_window_and_writes_as_it_goes(
    world: World, asked: Request, tmp_path: Path
) -> None:
    seen: list[tuple[int, int]] = []
    server = LiveServer(world, asked, SetClock())
    found = opening(world, asked, tmp_path, server).run(
        WHOLE, "view", lambda _camera, count: seen.append((server.clock.us, count))
    )
    assert (found.segments, found.unproven, lines(found)) == (5, 0, [])
    assert [file.stem for file in sorted((tmp_path / "native/gate").iterdir())] == [
        f"{number:010d}" for number in range(1, 6)
    ]
    assert seen[0][0] < UNTIL_US, "the first is there long before the window is over"
    assert len(server.looked) == 1, "one look, however often it is asked for"
    assert len(server.fetched) == 5, "nothing is fetched twice"
    report = json.loads((tmp_path / "opened.json").read_bytes())
    assert (report["segments"], report["request_sha256"]) == (5, asked.sha256)


def test_nothing_is_written_before_the_look_is_logged(
    world: World, asked: Request, tmp_path: Path
) -> None:
    class Silent(LiveServer):
        def open_viewing(self, *_: Any) -> Any:
            raise ServerAway("The server does not answer.")

    server = Silent(world, asked, SetClock())
    with pytest.raises(ServerAway):
        opening(world, asked, tmp_path / "out", server).run(WHOLE)
    assert not (tmp_path / "out").exists()


def test_after_the_window_it_opens_the_same(world: World, asked: Request, tmp_path: Path) -> None:
    def later(server: LiveServer) -> None:
        server.clock.us = UNTIL_US + 600 * SECOND_US

    done, server = run(world, asked, tmp_path, later)
    assert (done.segments, done.unproven, lines(done)) == (5, 0, [])
    assert server.asked_again == 0


def test_a_period_that_is_still_open_is_counted_as_unproven(world: World, tmp_path: Path) -> None:
    asked = request_of(world)
    world.record("gate", 1, range(4), live=asked, clear=film_like)
    world.record("gate", 2, range(4, 8), live=asked, clear=film_like, is_open=True)
    done, server = run(world, asked, tmp_path)
    assert (done.segments, done.unproven, lines(done)) == (5, 2, [])
    assert len(server.fetched) == 5


def test_a_server_that_is_away_for_a_while_loses_nothing(
    world: World, asked: Request, tmp_path: Path
) -> None:
    def away(server: LiveServer) -> None:
        server.away = list(range(2, 9))

    done, _ = run(world, asked, tmp_path, away)
    assert (done.segments, lines(done)) == (5, [])


def test_what_the_server_gets_wrong_is_named(world: World, asked: Request, tmp_path: Path) -> None:
    def lie(server: LiveServer) -> None:
        server.objects["gate", 2] = server.objects["gate", 3]
        server.objects["gate", 4] = server.objects["gate", 4][:-1]
        server.hidden = {5}

    done, _ = run(world, asked, tmp_path, lie)
    assert done.segments == 3
    said = "\n".join(lines(done))
    assert "segment 2 of camera gate: in its place came segment 3" in said
    assert "segment 4 of camera gate: it was cut" in said
    assert "segment 5 of camera gate: the server left it out" in said
    assert not (tmp_path / "native/gate/0000000002.mp4").exists()


def test_a_segment_of_another_opening_is_not_this_ones(world: World, tmp_path: Path) -> None:
    asked = request_of(world)
    other = request_of(world, case="case-zzzz2345", recipient=new_identity().recipient)
    world.record("gate", 1, range(4), live=asked, clear=film_like)
    world.record("gate", 2, range(4, 8), live=other, clear=film_like)

    class Generous(LiveServer):
        def listed(self) -> tuple[dict[str, Any], ...]:
            self.asked, mine = other, self.asked
            try:
                return super().listed()
            finally:
                self.asked = mine

    server = Generous(world, asked, SetClock())
    done = opening(world, asked, tmp_path, server).run(WHOLE)
    assert [file.stem for file in (tmp_path / "native/gate").iterdir()] != []
    assert all(int(file.stem) < 4 for file in (tmp_path / "native/gate").iterdir())
    assert "its period is not of the request" in "\n".join(lines(done))


def test_papers_that_are_not_the_ledgers_are_named(
    world: World, asked: Request, tmp_path: Path
) -> None:
    def swap(server: LiveServer) -> None:
        server.documents["gate", 1, 1] = server.documents["gate", 1, 2]
        server.manifests["gate", 1, 2] = server.manifests["gate", 1, 1]

    done, _ = run(world, asked, tmp_path, swap)
    assert done.segments == 0
    said = "\n".join(lines(done))
    assert "period 1 of epoch 1: its document is not the one in the ledger" in said
    assert "period 2 of epoch 1" in said


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"expires_us": UNTIL_US, "until_us": UNTIL_US}, CaseState),
        ({"recipient": new_identity().recipient}, CaseRefused),
    ],
)
def test_not_after_expiry_nor_with_another_key(
    world: World, tmp_path: Path, changes: dict[str, Any], error: type[Exception]
) -> None:
    asked = request_of(world, **changes)
    server = LiveServer(world, asked, SetClock())
    if error is CaseState:
        server.clock.us = UNTIL_US
    with pytest.raises(error):
        opening(world, asked, tmp_path, server)
    assert server.looked == []


def test_not_outside_the_window(world: World, asked: Request, tmp_path: Path) -> None:
    server = LiveServer(world, asked, SetClock())
    with pytest.raises(CaseRefused):
        opening(world, asked, tmp_path, server).run(replace(WHOLE, until_us=UNTIL_US + 1))
    assert server.looked == []


def test_a_recorded_case_is_not_opened_live(world: World, tmp_path: Path) -> None:
    world.record("gate", 1, range(4))
    asked = world.request()
    server = LiveServer(world, asked, SetClock())
    server.clock.us = asked.created_us
    with pytest.raises(CaseRefused):
        opening(world, asked, tmp_path, server)


class TestRecord:
    def test_it_says_what_the_ledger_has(self, world: World, asked: Request) -> None:
        record = Record.parse(canonical(record_of(world, asked)), asked, see(world))
        assert {name: one.document_sha256 for name, one in record.periods.items()} == {
            period.name: period.ref.document_sha256 for period in world.periods
        }

    @pytest.mark.parametrize("what", ["case", "period", "place", "entry", "set", "closed"])
    def test_what_does_not_hold_is_refused(self, world: World, asked: Request, what: str) -> None:
        other = world.log.add(Act.CASE_REQUESTED, SINCE_US, {"request": "e" * 64})
        record = record_of(world, asked)
        first = record["opened"]["gate/1/1"]
        if what == "case":
            record["case"] = "case-zzzz2345"
        elif what == "period":
            record["opened"]["gate/1/1"] = record["closed"]["gate/1/1"]
        elif what == "place":
            record["opened"]["gate/1/1"] = record["opened"]["gate/1/2"]
        elif what == "entry":
            record["entries"] = [world.log.receipt(other)]
        elif what == "set":
            record["custodians"] = {"a" * 64: first}
        else:
            del record["opened"]["gate/1/1"]
        with pytest.raises(PackageBroken):
            Record.parse(canonical(record), asked, see(world))

    def test_a_checkpoint_of_another_log(self, world: World, asked: Request) -> None:
        with pytest.raises(LedgerBroken):
            Record.parse(canonical(record_of(world, asked)), asked, see(World()))
