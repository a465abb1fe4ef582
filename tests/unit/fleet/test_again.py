"""An id that is given to a camera again: what it inherits, and when it is refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert, text
from tests.unit.papers.office import write_pack
from tests.unit.retention.world import DAY_US, START_US, Packs, RetentionWorld

from scrim.errors import LedgerUnavailable, SettingsError
from scrim.fleet import Cameras
from scrim.fleet.again import stays
from scrim.ledger import Act
from scrim.papers.applied import Applied
from scrim.papers.placing import Placing
from scrim.papers.sites import Sites
from scrim.retention.limits import SideName
from scrim.retention.own import OwnLimit, own_limits
from scrim.store import schema
from scrim.store.database import reading, writing

DAY_S = 86_400
LONGER = OwnLimit(90 * DAY_S, 40 * DAY_S, "The court asked for it.")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[RetentionWorld]:
    made = RetentionWorld(tmp_path / "data")
    folder = tmp_path / "packs"
    folder.mkdir()
    floor = "retention: [{rule: keeps-1, floor: {days: 20}, where: {labels: [key-target]}}]"
    write_pack(folder, "keeps", {"keeps-1": "read"}, floor)
    applied = Applied(made.engine, made.ledger, made.clock, folder)
    made.cameras = Cameras(made.engine, made.ledger, made.clock, applied)
    Sites(made.engine, made.ledger, made.clock, applied).add("north", {})
    yield made
    made.close()


def own(world: RetentionWorld) -> dict[str, OwnLimit]:
    with reading(world.engine) as connection:
        return own_limits(connection, "gate")


def say(world: RetentionWorld, side: SideName, limit: OwnLimit) -> None:
    world.say(Packs(), side, limit)


def again(world: RetentionWorld, placing: Placing | None = None) -> None:
    world.cameras.add("gate", "file", "/b.mp4", placing=placing)


def test_invariant_7_a_camera_enrolled_again_has_no_limit_that_was_said_of_the_one_before(
    world: RetentionWorld,
) -> None:
    say(world, "sealed", LONGER)
    world.cameras.remove("gate")
    assert own(world) == {"sealed": LONGER}
    again(world)
    assert own(world) == {}
    said = [entry.facts for entry in world.entries(Act.CONFIGURED)][-2:]
    assert [facts["change"] for facts in said] == ["retention-default", "camera-added"]
    assert (said[0]["side"], said[0]["ceiling_s"], said[0]["because"]) == ("sealed", 30 * DAY_S, "")


def test_invariant_7_nothing_left_is_kept_otherwise_because_its_id_is_another_cameras(
    world: RetentionWorld,
) -> None:
    say(world, "sealed", LONGER)
    world.record("gate", 1, START_US)
    world.cameras.remove("gate")
    entries = world.ledger.size()
    with pytest.raises(SettingsError) as refused:
        again(world)
    assert "40 to 90 days by camera.sealed" in refused.value.message
    assert "30 days by retention.sealed_days" in refused.value.message
    assert "another id" in refused.value.remedy
    assert (own(world), world.ledger.size()) == ({"sealed": LONGER}, entries)  # nothing changed
    world.at(START_US + 40 * DAY_US)  # what is masked is gone
    assert world.sweep().segments == 3
    with pytest.raises(SettingsError):
        again(world)
    world.at(START_US + 91 * DAY_US)
    assert world.sweep().segments == 3
    again(world)
    assert own(world) == {}


def test_what_is_kept_as_long_is_in_nobodys_way(world: RetentionWorld) -> None:
    world.record("gate", 1, START_US)
    world.cameras.remove("gate")
    again(world, Placing(purpose="public-safety"))
    world.at(START_US + 31 * DAY_US)
    assert world.sweep().segments == 6


def test_a_floor_of_the_one_before_is_not_lost_with_its_label(world: RetentionWorld) -> None:
    world.cameras._applied.apply("keeps")
    world.cameras._placings.set("gate", Placing(labels=("key-target",)))
    world.record("gate", 1, START_US)
    world.cameras.remove("gate")
    with pytest.raises(SettingsError, match=r"20 to 30 days"):
        again(world)
    again(world, Placing(labels=("key-target",)))


def test_recordings_of_one_site_are_not_shown_at_another(world: RetentionWorld) -> None:
    world.record("gate", 1, START_US)
    world.cameras.remove("gate")
    with pytest.raises(SettingsError, match="site default, and this one is of north"):
        again(world, Placing(site="north"))
    again(world)


def test_without_its_entry_no_limit_is_forgotten(world: RetentionWorld) -> None:
    say(world, "masked", LONGER)
    world.cameras.remove("gate")
    with writing(world.engine) as connection:
        connection.execute(text("DROP TABLE entry"))
    with pytest.raises(LedgerUnavailable):
        again(world)
    assert own(world) == {"masked": LONGER}


def test_what_two_people_say_of_an_id_stays_and_is_told(world: RetentionWorld) -> None:
    world.cameras._applied.apply("keeps", camera="gate")
    with writing(world.engine) as connection:
        connection.execute(text("UPDATE camera SET custodian_group = 'school' WHERE id = 'gate'"))
        scope = {"person": "ada", "kind": "camera", "name": "gate"}
        connection.execute(insert(schema.person_scope).values(scope))
        program: dict[str, object] = {
            "name": "wall",
            "token_sha256": "x",
            "salt": b"",
            "role": "operator",
        }
        program |= {"actions": "[]", "cameras": '["gate"]', "sites": "[]"}
        program |= {"created_us": START_US, "expires_us": START_US + DAY_US}
        connection.execute(insert(schema.machine_token).values(program))
    world.cameras.remove("gate")
    again(world)
    with reading(world.engine) as connection:
        told = " ".join(stays(connection, "gate"))
        assert stays(connection, "yard") == ()
    for word in ("keeps", "school", "ada, the program wall"):
        assert word in told
