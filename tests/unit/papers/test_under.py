"""Which packs a request is under, where papers say so; and what the supervisor does by itself."""

from __future__ import annotations

from pathlib import Path

from tests.unit.cases.world import SetClock

from scrim.clock import SECOND
from scrim.fleet.cameras import Cameras
from scrim.fleet.deployment import Deployment
from scrim.fleet.tending import Tending
from scrim.papers.under import PacksOfPapers
from scrim.store.database import reading
from scrim.subjects.asked import Asked

HOUR_US = 3600 * SECOND


def deployment(path: Path) -> tuple[Deployment, SetClock]:
    clock = SetClock()
    made = Deployment.create(path, clock=clock)
    cameras = Cameras(made.engine, made.ledger, clock)
    for camera in ("gate", "yard"):
        cameras.add(camera, "file", "/nowhere.mp4")
    return made, clock


def ask(made: Deployment, clock: SetClock, *cameras: str) -> str:
    asked = Asked(cameras, clock.us - HOUR_US, clock.us - 1, "Chan", "a red coat")
    return made.subjects().receive(asked)[0].id


def test_the_packs_of_all_cameras_asked_about(tmp_path: Path) -> None:
    made, clock = deployment(tmp_path / "data")
    made.applied().apply("hk", camera="gate")
    made.applied().apply("eu", camera="yard")
    desk = made.subjects()
    assert [t.rule for t in desk.get(ask(made, clock, "gate")).terms] == ["hk-01"]
    assert {t.rule for t in desk.get(ask(made, clock, "gate", "yard")).terms} == {"hk-01", "eu-08"}
    made.close()


def test_a_pack_that_is_taken_away_and_a_camera_too(tmp_path: Path) -> None:
    made, clock = deployment(tmp_path / "data")
    made.applied().apply("hk", camera="gate")
    packs = PacksOfPapers(made.applied())
    for expected in (["hk"], []):
        with reading(made.engine) as connection:
            assert [pack.id for pack in packs.under(connection, "gate")[0]] == expected
            assert packs.under(connection, "never-there")[0] == ()
        if expected:
            made.applied().remove("hk", camera="gate")
    made.applied().apply("hk")
    Cameras(made.engine, made.ledger, clock).remove("gate")
    with reading(made.engine) as connection:
        assert [pack.id for pack in packs.under(connection, "gate")[0]] == ["hk"]
    made.close()


def test_the_supervisor_says_what_is_late_and_once(tmp_path: Path) -> None:
    made, clock = deployment(tmp_path / "data")
    made.applied().apply("cn", camera="gate")
    request = ask(made, clock, "gate")
    filing = made.filings().open("public-security", clock.us).id
    breach = made.breaches().open("a stick was lost", cameras=["gate"]).id
    said: list[str] = []
    tending = Tending(made, said.append)
    for _ in range(2):
        clock.us += 35 * 24 * HOUR_US
        tending.requests()
        tending.filings()
        tending.breaches()
    assert [line.split(":")[0] for line in said] == [request, filing, breach]
    made.close()
