"""Holds that a person places: for a reason, with a review, never on everything for ever."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.retention.world import START_US
from tests.unit.subjects.world import DAY_US, SubjectWorld

from scrim.errors import CameraUnknown, DutyRefused, DutyState, DutyUnknown
from scrim.ledger import Act
from scrim.store import holds
from scrim.store.database import reading


def add(world: SubjectWorld, **values: Any) -> int:
    said: dict[str, Any] = {
        "cameras": ["gate"],
        "since_us": START_US,
        "until_us": START_US + DAY_US,
        "reason": "a complaint to the Commissioner",
        "review_us": world.clock.us + 90 * DAY_US,
    }
    said |= values
    made = world.holding.add(
        said.pop("cameras"), said.pop("since_us"), said.pop("until_us"), **said
    )
    return made[0].id


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"cameras": []}, "names its cameras"),
        ({"cameras": ["*"]}, "names its cameras"),
        ({"cameras": ["gate", "all"]}, "names its cameras"),
        ({"cameras": [f"c{n}" for n in range(51)]}, "50 cameras"),
        ({"until_us": START_US + 32 * DAY_US}, "31 days"),
        ({"until_us": 2**62}, "31 days"),
        ({"until_us": START_US}, "empty"),
        ({"since_us": -1}, "empty"),
        ({"reason": "  "}, "reason"),
        ({"review_us": START_US}, "past"),
        ({"review_us": START_US + 367 * DAY_US}, "over a year"),
        ({"review_us": 2**62}, "over a year"),
    ],
)
def test_no_hold_on_everything_for_ever(
    world: SubjectWorld, values: dict[str, object], words: str
) -> None:
    if values.get("review_us") == 2**62:
        values = {"review_us": START_US + 10_000 * DAY_US}
    with pytest.raises(DutyRefused, match=words):
        add(world, **values)
    assert world.holding.list() == ()
    assert world.entries(Act.HELD) == []


def test_a_camera_that_never_was(world: SubjectWorld) -> None:
    with pytest.raises(CameraUnknown):
        add(world, cameras=["gate", "roof"])
    assert world.holding.list() == ()


def test_a_hold_past_its_review_still_holds_and_is_listed_first(world: SubjectWorld) -> None:
    world.record("yard", 1, START_US)
    add(world, cameras=["gate"], review_us=world.clock.us + 300 * DAY_US)
    number = add(world, cameras=["yard"])
    world.at(START_US + 90 * DAY_US)
    first, second = world.holding.list()
    assert (first.hold.id, first.is_due, second.is_due) == (number, True, False)
    world.sweep()
    with reading(world.engine) as connection:
        assert holds.held(connection, "yard", START_US, START_US + 1)
    assert world.entries(Act.ERASED) == []
    world.holding.review(number, reason="it goes on", review_us=world.clock.us + DAY_US)
    assert not any(one.is_due for one in world.holding.list())
    world.holding.lift(number, reason="the complaint is settled")
    assert world.sweep().segments == 6


def test_each_act_is_in_the_ledger_without_its_words(world: SubjectWorld) -> None:
    number = add(world)
    world.holding.review(number, reason="it goes on", review_us=world.clock.us + DAY_US)
    world.holding.lift(number, reason="settled")
    held, released = world.entries(Act.HELD), world.entries(Act.RELEASED)
    assert [len(held), len(released)] == [2, 1]
    assert all(str(one.facts["because"]).startswith("sha256:") for one in (*held, *released))
    assert b"complaint" not in b"".join(body for _, body in world.ledger.entries(0, 99))


def test_what_cannot_be_lifted_by_hand(world: SubjectWorld) -> None:
    world.ask()
    (of_request,) = world.holding.list()
    with pytest.raises(DutyState, match="ends with req-"):
        world.holding.lift(of_request.hold.id, reason="not needed")
    with pytest.raises(DutyState, match="ends with req-"):
        world.holding.review(of_request.hold.id, reason="longer", review_us=world.clock.us + DAY_US)
    with pytest.raises(DutyUnknown):
        world.holding.lift(4711, reason="not needed")
    number = add(world)
    world.holding.lift(number, reason="settled")
    with pytest.raises(DutyState, match="already"):
        world.holding.lift(number, reason="settled")
