"""What is applied decides what the sweeper erases: packs and sweep, as a deployment has them."""

from __future__ import annotations

from tests.unit.retention.world import RetentionWorld

from scrim.clock import SECOND, SystemClock
from scrim.papers.applied import Applied
from scrim.retention.process import Sweeper

DAY = 86_400 * SECOND


def lives_now(world: RetentionWorld) -> Applied:
    """The world's clock shows today: the sweeper's process has one of its own."""
    world.at(SystemClock().now_us() - 60 * SECOND)
    return Applied(world.engine, world.ledger, world.clock)


def sweep(world: RetentionWorld) -> None:
    said: list[str] = []
    Sweeper(world.folder.path, say=said.append).once()
    assert not [line for line in said if "nothing is erased" in line], said


def test_invariant_7_a_pack_that_is_applied_shortens_what_the_sweeper_keeps(
    world: RetentionWorld,
) -> None:
    applied = lives_now(world)
    old = world.record("gate", 0, world.clock.us - 5 * DAY)
    new = world.record("gate", 1, world.clock.us - 2 * DAY)
    elsewhere = world.record("yard", 0, world.clock.us - 5 * DAY)
    sweep(world)
    assert {*old, *new, *elsewhere} <= world.names()
    applied.apply("eu", camera="gate")
    sweep(world)
    assert not set(old) & world.names()
    assert {*new, *elsewhere} <= world.names()


def test_invariant_7_it_reaches_a_camera_that_was_removed(world: RetentionWorld) -> None:
    applied = lives_now(world)
    old = world.record("gate", 0, world.clock.us - 5 * DAY)
    applied.apply("eu")
    world.cameras.remove("gate")
    sweep(world)
    assert not set(old) & world.names()
