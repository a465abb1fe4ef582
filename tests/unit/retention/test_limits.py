"""How long a camera is kept: packs, settings and what was said of it, put together."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.cases.world import SEGMENT_US
from tests.unit.retention.world import DAY_US, START_US, RetentionWorld

from scrim.errors import CameraUnknown, NormsConflict, NormsError
from scrim.ledger import Act
from scrim.ledger.commitment import is_commitment
from scrim.norms.limits import Limits, Situation
from scrim.norms.load import pack_from
from scrim.norms.pack import Pack
from scrim.papers.own import DAY_S
from scrim.retention.limits import Retention, SideName, due_us
from scrim.retention.own import OwnLimit
from scrim.retention.plan import plan
from scrim.store import holds
from scrim.store.database import reading, writing

PACK = """
format: scrim-pack-v1
id: {id}
title: A country
edition: "2026-11-22"
facts: 1
language: en
calendar: {{country: HK}}
about: A pack for tests.
rules:
  - id: {id}-01
    sentence: Recordings are kept as long as said.
    citation: A law, s. 1
    source: read
    scope: camera
    check: "true"
    severity: breach
    remedy: Keep it.
retention:
  - {{rule: {id}-01, {limit}}}
tests:
  - {{rule: {id}-01, facts: {{}}, at: "2026-01-01T00:00:00Z", outcome: met}}
"""


def pack(name: str, limit: str) -> Pack:
    return pack_from(PACK.format(id=name, limit=limit).encode(), f"{name}.yaml")


def limits(world: RetentionWorld, camera: str = "gate") -> tuple[Limits, Limits]:
    with reading(world.engine) as connection:
        found = Retention(world.settings, world.packs).of(connection, camera)
    return found.sealed, found.masked


def say(world: RetentionWorld, side: SideName, own: OwnLimit | None) -> Limits:
    return world.say(world.packs, side, own)


def under(world: RetentionWorld, *packs: Pack, **situation: Any) -> None:
    world.packs.of["gate"] = (packs, Situation(**situation))


def test_without_packs_the_settings_hold(world: RetentionWorld) -> None:
    sealed, masked = limits(world)
    assert (sealed.floor, sealed.ceiling, sealed.ceiling_by) == (
        0,
        30 * DAY_S,
        "retention.sealed_days",
    )
    assert masked.ceiling_by == "retention.masked_days"


def test_the_shortest_ceiling_and_the_longest_floor(world: RetentionWorld) -> None:
    under(world, pack("aa", "ceiling: {days: 7}"), pack("bb", "floor: {days: 5}"))
    sealed, _ = limits(world)
    assert (sealed.floor, sealed.floor_by) == (5 * DAY_S, "bb-01")
    assert (sealed.ceiling, sealed.ceiling_by) == (7 * DAY_S, "aa-01")


def test_what_cannot_be_met_together_names_both_rules(world: RetentionWorld) -> None:
    under(world, pack("aa", "ceiling: {days: 7}"), pack("bb", "floor: {days: 30}"))
    with pytest.raises(NormsConflict) as refused:
        limits(world)
    assert refused.value.rules == ("bb-01", "aa-01")


def test_invariant_7_a_camera_in_conflict_keeps_everything_and_is_named(
    world: RetentionWorld,
) -> None:
    under(world, pack("aa", "ceiling: {days: 7}"), pack("bb", "floor: {days: 30}"))
    world.record("gate", 1, START_US)
    world.record("yard", 1, START_US)
    world.at(START_US + 60 * DAY_US)
    swept = world.sweep()
    assert list(swept.troubles) == ["gate"]
    assert "aa-01" in swept.troubles["gate"]
    assert swept.segments == 6
    assert any(name.startswith("sealed/gate") for name in world.names())
    assert plan(world.engine, Retention(world.settings, world.packs), 0)[0].trouble


def test_the_plan_says_when_the_first_goes_that_is_not_held(world: RetentionWorld) -> None:
    world.record("gate", 1, START_US)
    world.record("gate", 2, START_US + DAY_US)
    with writing(world.engine) as connection:
        holds.place(
            connection,
            ["gate"],
            START_US,
            START_US + SEGMENT_US,
            reason="case",
            placed_by="officer",
            now_us=world.clock.us,
        )
    gate, yard = plan(world.engine, Retention(world.settings), START_US + 40 * DAY_US)
    for side in gate.sides:
        assert (side.oldest_us, side.held) == (START_US, 1)
        assert side.next_us == START_US + SEGMENT_US + 30 * DAY_US
    assert [side.next_us for side in yard.sides] == [None, None]


def test_a_camera_is_kept_shorter_for_a_reason(world: RetentionWorld) -> None:
    say(world, "sealed", OwnLimit(7 * DAY_S, 0, "The school asked for it."))
    sealed, masked = limits(world)
    assert (sealed.ceiling, sealed.ceiling_by) == (7 * DAY_S, "camera.sealed")
    assert masked.ceiling == 30 * DAY_S
    assert limits(world, "yard")[0].ceiling == 30 * DAY_S
    entry = world.entries(Act.CONFIGURED)[-1]
    assert (entry.reason, entry.facts["ceiling_s"]) == ("retention-set", 7 * DAY_S)
    assert is_commitment(str(entry.facts["because"]))
    assert b"school" not in entry.body()
    world.record("gate", 1, START_US)
    world.at(START_US + 8 * DAY_US)
    assert world.sweep().segments == 3
    assert world.entries(Act.ERASED)[-1].authority == "camera.sealed"


def test_and_left_to_the_settings_again(world: RetentionWorld) -> None:
    say(world, "sealed", OwnLimit(7 * DAY_S, 0, "For a while."))
    say(world, "sealed", None)
    assert limits(world)[0].ceiling_by == "retention.sealed_days"
    assert world.entries(Act.CONFIGURED)[-1].reason == "retention-default"


def test_longer_than_a_pack_allows_is_refused_with_both_rules(world: RetentionWorld) -> None:
    under(world, pack("aa", "ceiling: {days: 7}"))
    size = world.ledger.size()
    with pytest.raises(NormsConflict) as refused:
        say(world, "sealed", OwnLimit(14 * DAY_S, 0, "I should like to."))
    assert refused.value.rules == ("camera.sealed", "aa-01")
    assert world.ledger.size() == size
    assert limits(world)[0].ceiling == 7 * DAY_S


def test_shorter_than_a_floor_is_refused_with_both_rules(world: RetentionWorld) -> None:
    under(world, pack("bb", "floor: {days: 30}"))
    with pytest.raises(NormsConflict) as refused:
        say(world, "masked", OwnLimit(7 * DAY_S, 0, "Space."))
    assert refused.value.rules == ("bb-01", "camera.masked")


@pytest.mark.parametrize(
    "own",
    [
        OwnLimit(7 * DAY_S, 0, " "),
        OwnLimit(0, 0, "Nothing at all."),
        OwnLimit(7 * DAY_S, 8 * DAY_S, "More at least than at most."),
        OwnLimit(4000 * DAY_S, 0, "For ever."),
        OwnLimit(7 * DAY_S, 0, "x" * 2001),
    ],
)
def test_what_makes_no_sense_is_refused(world: RetentionWorld, own: OwnLimit) -> None:
    with pytest.raises(NormsError):
        say(world, "sealed", own)
    assert limits(world)[0].ceiling == 30 * DAY_S


def test_a_camera_that_never_was(world: RetentionWorld) -> None:
    with pytest.raises(CameraUnknown):
        world.say(world.packs, "sealed", OwnLimit(DAY_S, 0, "It is dark there."), "moon")


def test_invariant_7_where_floor_and_ceiling_meet_no_picture_goes_too_soon(
    world: RetentionWorld,
) -> None:
    both = Limits(30 * DAY_S, 30 * DAY_S, "a", "b", ())
    assert due_us(both, 0, 10) == 30 * DAY_US + 10
    under(world, pack("bb", "floor: {days: 30}"))
    world.record("gate", 1, START_US, 1)
    world.at(START_US + 30 * DAY_US)
    assert world.sweep().segments == 0
    world.at(START_US + 30 * DAY_US + 10_000_000)
    assert world.sweep().segments == 2
