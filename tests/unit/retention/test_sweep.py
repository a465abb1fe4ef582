"""What is past its time goes, logged first; what is held, young or unclear stays."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select, text
from tests.unit.cases.world import SEGMENT_US
from tests.unit.retention.world import DAY_US, START_US, RetentionWorld

from scrim.errors import LedgerUnavailable
from scrim.ledger import Act
from scrim.ledger.erasure import proof
from scrim.record.catalogue import PeriodId
from scrim.record.recovery import recover
from scrim.retention.plan import last_sweep
from scrim.store import holds, keys, originals, schema
from scrim.store.database import reading, writing
from scrim.store.timeline import Recordings
from scrim.vault.tombstone import Tombstone

MONTH_US = 30 * DAY_US


def hold(world: RetentionWorld, since_us: int, until_us: int, case: str = "c-1") -> None:
    with writing(world.engine) as connection:
        holds.place(
            connection,
            ["gate"],
            since_us,
            until_us,
            reason="case",
            placed_by="officer",
            now_us=world.clock.us,
            case=case,
        )


def test_invariant_7_nothing_goes_before_its_time(world: RetentionWorld) -> None:
    world.record("gate", 1, START_US)
    before = world.names()
    world.at(START_US + MONTH_US - 1)
    swept = world.sweep()
    assert (swept.segments, swept.keys, swept.manifests) == (0, 0, 0)
    assert world.names() == before
    assert world.entries(Act.ERASED) == []


def test_invariant_7_segment_by_segment_when_it_is_time(world: RetentionWorld) -> None:
    world.record("gate", 1, START_US)
    world.at(START_US + MONTH_US + SEGMENT_US)
    assert world.sweep().segments == 4  # two of three, on both sides
    left = {key for key in world.names() if key.startswith(("sealed", "masked"))}
    assert left == {keys.sealed_key("gate", 1, 1, 2), keys.masked_key("gate", 1, 1, 2)}


def test_invariant_5_the_entry_proves_what_went(world: RetentionWorld) -> None:
    objects = world.record("gate", 1, START_US)
    hashes = {}
    with reading(world.engine) as connection:
        for row in connection.execute(select(schema.segment)):
            hashes[row.object_key] = row.record.split('"sha256":"')[1][:64]
    world.at(START_US + MONTH_US + DAY_US)
    swept = world.sweep()
    assert (swept.segments, swept.keys, swept.manifests) == (6, 1, 1)
    sealed, masked = world.entries(Act.ERASED)
    assert sealed.camera == masked.camera == "gate"
    assert (sealed.since_us, sealed.until_us) == (START_US, START_US + 3 * SEGMENT_US)
    assert sealed.authority == "retention.sealed_days"
    mine = [hashes[key] for key in objects if key.startswith("sealed")]
    assert sealed.facts["sha256"] == proof(mine)
    assert sealed.facts["runs"] == [f"1:1:0:2:{proof(mine)}"]
    assert sealed.facts["objects"] == 3
    assert sealed.facts["keys"] == ["1:1"]
    assert masked.facts["manifests"] == ["1:1"]
    assert masked.facts["late_s"] == DAY_US // 1_000_000


def test_of_a_period_a_row_and_a_tombstone_are_left(world: RetentionWorld) -> None:
    world.record("gate", 1, START_US)
    document = world.objects.get(keys.document_key("gate", 1, 1))
    world.at(START_US + MONTH_US + DAY_US)
    world.sweep()
    name = keys.tombstone_key("gate", 1, 1)
    assert world.names() == {name}
    stone = Tombstone.parse(world.objects.get(name))
    assert stone.custodians == ("court-1", "court-2", "court-3")
    parts = [one["part"].encode() for one in json.loads(document)["custodians"]]
    assert len(parts) == 3
    assert all(len(part) > 100 and part in document for part in parts)
    assert not any(part in world.objects.get(name) for part in parts)
    assert b'"part"' not in world.objects.get(name)  # the recipient's letters may spell it
    assert world.states() == []
    with reading(world.engine) as connection:
        row = connection.execute(select(schema.period)).one()
    assert (row.parts_state, row.rest_state) == ("erased", "erased")
    assert stone.entry == row.parts_entry
    assert stone.document_sha256 == row.document_sha256
    assert not (world.folder.objects / "sealed/gate/000001/000001").exists()


def test_invariant_7_sealed_and_masked_apart(world: RetentionWorld) -> None:
    world.settings = world.settings.model_copy(update={"sealed_days": 3})
    world.record("gate", 1, START_US)
    world.at(START_US + 4 * DAY_US)
    swept = world.sweep()
    assert (swept.segments, swept.keys, swept.manifests) == (3, 1, 0)
    assert Recordings(world.engine).spans("gate", 0, 2**52) == [
        (START_US, START_US + 3 * SEGMENT_US)
    ]
    world.at(START_US + MONTH_US + DAY_US)
    swept = world.sweep()
    assert (swept.segments, swept.keys, swept.manifests) == (3, 0, 1)


def test_invariant_7_what_is_held_stays_and_goes_when_it_is_released(
    world: RetentionWorld,
) -> None:
    world.record("gate", 1, START_US, 5)
    middle = START_US + 2 * SEGMENT_US
    hold(world, middle + 1, middle + 2)
    world.at(START_US + MONTH_US + DAY_US)
    assert world.sweep().segments == 8
    assert keys.sealed_key("gate", 1, 1, 2) in world.names()
    assert keys.document_key("gate", 1, 1) in world.names()
    with writing(world.engine) as connection:
        holds.lift(connection, "c-1", world.clock.us)
    swept = world.sweep()
    assert (swept.segments, swept.keys, swept.manifests) == (2, 1, 1)


def test_invariant_7_a_hold_of_one_microsecond_at_an_edge(world: RetentionWorld) -> None:
    world.record("gate", 1, START_US, 2)
    hold(world, START_US + SEGMENT_US, START_US + SEGMENT_US + 1)  # the second one's first
    world.at(START_US + MONTH_US + DAY_US)
    assert world.sweep().segments == 2
    assert keys.sealed_key("gate", 1, 1, 0) not in world.names()
    assert keys.sealed_key("gate", 1, 1, 1) in world.names()


def test_invariant_7_a_removed_camera_is_swept_like_any_other(world: RetentionWorld) -> None:
    world.record("gate", 1, START_US)
    world.cameras.remove("gate")
    world.at(START_US + MONTH_US + DAY_US)
    world.sweep()
    assert world.names() == {keys.tombstone_key("gate", 1, 1)}


def test_invariant_7_what_a_dead_recorder_left_goes_too(world: RetentionWorld) -> None:
    world.record("gate", 1, START_US, closed=False)
    world.record("gate", 2, START_US + DAY_US, closed=False, state="writing")
    world.silence("gate", START_US + DAY_US)
    world.cameras.remove("gate")
    world.at(START_US + DAY_US + MONTH_US + DAY_US)
    swept = world.sweep()
    assert (swept.segments, swept.keys) == (12, 2)
    assert world.names() == {keys.tombstone_key("gate", 1, period) for period in (1, 2)}
    # enrolled again, its next start closes what was open, and then the rows go
    world.cameras.add("gate", "file", "/nowhere.mp4")
    recover(world.engine, world.catalogue, "gate", world.clock.us)
    assert world.states() == ["erased"] * 12
    world.sweep()
    assert world.states() == []


def test_what_is_being_written_is_left_alone(world: RetentionWorld) -> None:
    world.record("gate", 1, START_US, state="writing", closed=False)
    world.at(START_US + MONTH_US + DAY_US)
    world.silence("gate", world.clock.us)
    assert world.sweep().segments == 0


def test_an_open_period_loses_objects_and_is_closed_whole(world: RetentionWorld) -> None:
    world.settings = world.settings.model_copy(update={"sealed_days": 1, "masked_days": 1})
    world.record("gate", 1, START_US, 2, closed=False)
    world.at(START_US + 2 * DAY_US)
    world.silence("gate", world.clock.us)
    swept = world.sweep()
    assert (swept.segments, swept.keys) == (4, 0)
    assert world.states() == ["erased"] * 4
    world.catalogue.close_period(PeriodId("gate", 1, 1), world.clock.us, "recorder")
    world.sweep()
    assert world.states() == []
    world.at(world.clock.us + 2 * DAY_US)
    swept = world.sweep()
    assert (swept.keys, swept.manifests) == (1, 1)


def test_invariant_7_what_comes_in_late_is_erased_on_arrival(world: RetentionWorld) -> None:
    world.record("gate", 1, START_US)
    world.at(START_US + 2 * MONTH_US)
    world.sweep()
    late = world.record("gate", 2, START_US + DAY_US)  # a vehicle came home
    assert set(late) <= world.names()
    assert world.sweep().segments == 6
    assert not set(late) & world.names()
    assert int(str(world.entries(Act.ERASED)[-1].facts["late_s"])) > 28 * 86_400


def test_invariant_5_without_the_ledger_nothing_is_erased(world: RetentionWorld) -> None:
    world.record("gate", 1, START_US)
    before = world.names()
    world.at(START_US + MONTH_US + DAY_US)
    with writing(world.engine) as connection:
        connection.execute(
            text(
                "CREATE TRIGGER no BEFORE INSERT ON entry "
                "BEGIN SELECT RAISE(ABORT, 'disk full'); END"
            )
        )
    with pytest.raises(LedgerUnavailable):
        world.sweep()
    assert world.names() == before
    assert set(world.states()) == {"stored"}


def test_a_sweep_that_the_ledger_refuses_is_said_where_others_look(world: RetentionWorld) -> None:
    world.record("gate", 1, START_US)
    world.at(START_US + DAY_US)
    world.sweep()
    world.at(START_US + MONTH_US + DAY_US)
    no = "CREATE TRIGGER no BEFORE INSERT ON entry BEGIN SELECT RAISE(ABORT, 'disk full'); END"
    with writing(world.engine) as connection:
        connection.execute(text(no))
    with pytest.raises(LedgerUnavailable) as refused:
        world.sweep()
    assert last_sweep(world.engine).trouble == str(refused.value)
    with writing(world.engine) as connection:
        connection.execute(text("DROP TRIGGER no"))
    assert world.sweep().segments == 6
    assert last_sweep(world.engine).trouble == ""


def test_invariant_7_an_object_that_cannot_be_removed_keeps_no_other_camera(
    world: RetentionWorld,
) -> None:
    stuck = world.record("gate", 1, START_US)[0]
    world.record("yard", 1, START_US)
    world.at(START_US + MONTH_US + DAY_US)
    path = world.folder.objects / stuck
    path.unlink()
    (path / "in the way").mkdir(parents=True)
    for _ in range(2):  # marked now, and left half done the next time
        swept = world.sweep()
        assert list(swept.troubles) == ["gate"]
        left = {name for name in world.names() if "/yard/" in name}
        assert all(name.endswith(".gone.json") for name in left)
        assert last_sweep(world.engine).trouble.startswith("gate is left as it is")
    (path / "in the way").rmdir()
    path.rmdir()
    assert world.sweep().troubles == {}
    assert all(name.endswith(".gone.json") for name in world.names())
    assert last_sweep(world.engine).trouble == ""


def test_a_batch_is_a_batch_and_many_make_a_sweep(world: RetentionWorld) -> None:
    world.record("gate", 1, START_US, 7)
    world.record("gate", 2, START_US + 100 * SEGMENT_US, 4)
    world.record("yard", 1, START_US, 2)
    world.at(START_US + MONTH_US + DAY_US)
    swept = world.sweeper(batch=3).run()
    assert (swept.segments, swept.keys, swept.manifests, swept.cameras) == (26, 3, 3, 2)
    assert all(int(str(entry.facts["objects"])) <= 3 for entry in world.entries(Act.ERASED))


def test_the_timeline_says_erased_and_originals_are_no_more(world: RetentionWorld) -> None:
    world.record("gate", 1, START_US, 3)
    world.record("gate", 2, START_US + 3 * SEGMENT_US, 3)
    world.at(START_US + MONTH_US + 3 * SEGMENT_US)
    world.sweep()
    recordings = Recordings(world.engine)
    middle = START_US + 3 * SEGMENT_US + SEGMENT_US
    assert recordings.erased("gate", START_US, 2**52) == [(START_US, middle)]
    assert recordings.spans("gate", 0, 2**52) == [(middle, START_US + 6 * SEGMENT_US)]
    with reading(world.engine) as connection:
        assert originals.first_recorded(connection, "gate") == middle
        assert originals.originals(connection, "gate", START_US, middle) == []


def test_a_start_after_weeks_knows_until_when_it_had_recorded(world: RetentionWorld) -> None:
    world.record("gate", 1, START_US, 3)
    world.at(START_US + 2 * MONTH_US)
    world.sweep()
    found = recover(world.engine, world.catalogue, "gate", world.clock.us)
    assert found.gap is not None
    assert found.gap.since_us == START_US + 3 * SEGMENT_US


def test_a_period_in_which_nothing_came_to_be_goes_too(world: RetentionWorld) -> None:
    world.record("gate", 1, START_US, 0)
    world.at(START_US + MONTH_US + DAY_US)
    swept = world.sweep()
    assert (swept.segments, swept.keys, swept.manifests) == (0, 1, 1)
    assert world.names() == {keys.tombstone_key("gate", 1, 1)}


def test_what_was_lost_has_no_object_and_no_stretch(world: RetentionWorld) -> None:
    world.record("gate", 1, START_US, 2, state="lost")
    world.silence("gate", START_US)
    world.at(START_US + MONTH_US + DAY_US)
    assert world.sweep().segments == 4
    assert world.entries(Act.ERASED)[0].facts["objects"] == 0
    assert Recordings(world.engine).erased("gate", 0, 2**52) == []
