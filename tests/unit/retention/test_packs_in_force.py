"""The sweeper that runs goes by the packs in force, and says what it cannot erase."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import event
from tests.unit.papers.office import write_pack
from tests.unit.retention.test_limits import pack
from tests.unit.retention.world import DAY_US, START_US, RetentionWorld

from scrim.clock import SystemClock
from scrim.fleet.deployment import Deployment
from scrim.fleet.tending import Tending
from scrim.norms.limits import Situation
from scrim.papers.applied import Applied
from scrim.papers.own import own_of_settings
from scrim.papers.under import PacksOfPapers
from scrim.retention.plan import last_sweep
from scrim.retention.process import Sweeper
from scrim.settings import RetentionSettings
from scrim.store.database import reading

FLOOR = "retention: [{rule: keeps-1, floor: {days: 40}}]"
CEILING = "retention: [{rule: erases-1, ceiling: {days: 3}}]"


@pytest.fixture
def lately(tmp_path: Path) -> Iterator[RetentionWorld]:
    """What was recorded ten and fifty days ago, with packs of its own to be applied."""
    folder = tmp_path / "data"
    now_us = SystemClock().now_us()
    world = RetentionWorld(folder, begun_us=now_us - 50 * DAY_US)
    (folder / "packs").mkdir()
    write_pack(folder / "packs", "keeps", {"keeps-1": "read"}, FLOOR)
    write_pack(folder / "packs", "erases", {"erases-1": "read"}, CEILING)
    (folder / "scrim.toml").write_text('[norms]\npacks_folder = "packs"\n')
    world.record("gate", 1, world.clock.us, 2)
    world.at(now_us - 10 * DAY_US)
    world.record("gate", 2, world.clock.us, 2)
    world.record("yard", 1, world.clock.us, 2)
    world.at(now_us - 1_000_000)
    yield world
    world.close()


def apply(world: RetentionWorld, name: str, days: int = 30, camera: str | None = None) -> None:
    own = own_of_settings(RetentionSettings(sealed_days=days, masked_days=days))
    packs = world.folder.path / "packs"
    Applied(world.engine, world.ledger, SystemClock(), packs, own).apply(name, camera=camera)


def test_invariant_7_a_pack_that_says_less_is_kept_to(lately: RetentionWorld) -> None:
    apply(lately, "erases", camera="gate")
    swept = Sweeper(lately.folder.path).once()
    assert swept is not None
    assert (swept.segments, swept.troubles) == (8, {})
    assert any(name.startswith("sealed/yard") for name in lately.names())


def test_invariant_7_limits_that_cannot_be_met_keep_everything_and_are_said(
    lately: RetentionWorld,
) -> None:
    apply(lately, "keeps", days=60, camera="gate")  # and then somebody put the setting back
    before, lines = lately.names(), list[str]()
    sweeper = Sweeper(lately.folder.path, say=lines.append)
    for _ in range(2):
        swept = sweeper.once()
        assert swept is not None
        assert list(swept.troubles) == ["gate"]
    assert lately.names() == before
    (line,) = lines
    assert "gate is left as it is" in line
    assert "keeps-1" in line
    trouble = last_sweep(lately.engine).trouble
    assert trouble.startswith("gate is left as it is")
    said: list[str] = []
    deployment = Deployment.open(lately.folder.path)
    tending = Tending(deployment, said.append)
    tending.retention()
    tending.retention()
    assert said == [f"retention: {trouble}"]
    deployment.applied().remove("keeps", camera="gate")
    swept = sweeper.once()
    assert swept is not None
    assert swept.segments == 4
    tending.retention()
    assert said[1:] == ["retention: everything is swept again"]
    deployment.close()


def test_a_pack_applied_while_a_sweep_is_at_work_counts(world: RetentionWorld) -> None:
    world.record("gate", 1, START_US)
    world.at(START_US + 31 * DAY_US)
    sweeper = world.sweeper()
    looked = sweeper._all_limits

    def then_applied(*asked: object) -> object:
        found = looked(*asked)  # type: ignore[arg-type]
        world.packs.of["gate"] = ([pack("hk", "floor: {days: 60}")], Situation())
        return found

    sweeper._all_limits = then_applied  # type: ignore[method-assign, assignment]
    before = world.names()
    swept = sweeper.run()
    assert list(swept.troubles) == ["gate"]
    assert world.names() == before


def test_packs_of_many_cameras_are_read_at_once(lately: RetentionWorld) -> None:
    for number in range(30):
        lately.cameras.add(f"cam-{number}", "file", "/nowhere.mp4")
    apply(lately, "erases")
    packs = lately.folder.path / "packs"
    under = PacksOfPapers(Applied(lately.engine, lately.ledger, SystemClock(), packs))
    asked: list[str] = []
    event.listen(lately.engine, "before_cursor_execute", lambda *a: asked.append(a[2]))
    with reading(lately.engine) as connection:
        for camera in ("gate", "yard", *(f"cam-{number}" for number in range(30))):
            assert [one.id for one in under.under(connection, camera)[0]] == ["erases"]
    assert len(asked) < 20
