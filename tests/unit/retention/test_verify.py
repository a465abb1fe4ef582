"""``scrim verify`` knows erased from lost: what the ledger says went may be gone, nothing else."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.unit.cases.world import SEGMENT_US
from tests.unit.retention.world import DAY_US, START_US, RetentionWorld

from scrim.audit import Kind, Report, verify_folder
from scrim.fleet.heads import Heads, facts
from scrim.ledger import Act, Entry
from scrim.retention import clearing
from scrim.store import keys

MONTH_US = 30 * DAY_US


def verified(world: RetentionWorld) -> Report:
    world.publish()
    return verify_folder(world.folder.path)


def kinds(world: RetentionWorld) -> set[Kind]:
    return {Kind(found.kind) for found in verified(world).problems}


def sql(world: RetentionWorld, statement: str) -> None:
    database = sqlite3.connect(world.folder.database)
    database.execute(statement)
    database.commit()
    database.close()


@pytest.fixture
def half(world: RetentionWorld) -> RetentionWorld:
    """Two periods whose sealed side is erased, one of them only in part; yard is untouched."""
    world.settings = world.settings.model_copy(update={"sealed_days": 3})
    heads = Heads(world.engine, world.ledger, world.clock)
    world.record("gate", 1, START_US, 3)
    heads.publish()
    world.record("gate", 2, START_US + DAY_US, 3)
    world.record("yard", 1, START_US + 3 * DAY_US, 2)
    heads.publish()
    world.at(START_US + 4 * DAY_US + SEGMENT_US)
    world.sweep()
    return world


@pytest.fixture
def empty(half: RetentionWorld) -> RetentionWorld:
    """All of it gone."""
    half.at(START_US + MONTH_US + 40 * DAY_US)
    half.sweep()
    return half


def test_half_erased_holds(half: RetentionWorld) -> None:
    assert keys.document_key("gate", 1, 1) not in half.names()
    assert verified(half).problems == []


def test_wholly_erased_holds(empty: RetentionWorld) -> None:
    assert not any(name.endswith((".age", ".mp4")) for name in empty.names())
    assert verified(empty).problems == []


@pytest.mark.parametrize("moment", ["remove_all", "_settle", "_bury", "_done"])
def test_an_erasure_under_way_holds(
    half: RetentionWorld, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    class Stop(Exception):
        pass

    def stop(*_: object) -> None:
        raise Stop

    half.at(START_US + MONTH_US + 40 * DAY_US)
    if moment == "remove_all":
        monkeypatch.setattr(half.objects, moment, stop)
    else:
        monkeypatch.setattr(clearing, moment, stop)
    with pytest.raises(Stop):
        half.sweep()
    monkeypatch.undo()
    report = verified(half)
    assert report.problems == []
    assert Kind.ERASING in {note.kind for note in report.notes}
    half.sweep()
    assert verified(half).problems == []


def test_an_object_lost_without_an_entry_is_missing(half: RetentionWorld) -> None:
    (half.folder.objects / keys.masked_key("gate", 1, 1, 0)).unlink()
    assert kinds(half) == {Kind.OBJECT_MISSING}


def test_a_row_removed_without_an_entry_breaks_the_chain(half: RetentionWorld) -> None:
    sql(half, "DELETE FROM segment WHERE camera = 'gate' AND segment = 1 AND side = 'masked'")
    (half.folder.objects / keys.masked_key("gate", 1, 1, 1)).unlink()
    assert kinds(half) == {Kind.CHAIN_BROKEN}


def test_a_row_that_calls_itself_erased_convinces_nobody(half: RetentionWorld) -> None:
    sql(half, "UPDATE segment SET state = 'erased' WHERE camera = 'yard' AND side = 'masked'")
    assert kinds(half) == {Kind.ERASED_UNLOGGED}


def test_a_period_that_calls_itself_erased_convinces_nobody(half: RetentionWorld) -> None:
    sql(half, "UPDATE period SET parts_state = 'erased', rest_state = 'erased' WHERE period = 2")
    assert Kind.ERASED_UNLOGGED in kinds(half)


def test_what_was_erased_and_is_there_again_is_named(half: RetentionWorld) -> None:
    back = half.folder.objects / keys.sealed_key("gate", 1, 1, 0)
    back.parent.mkdir(parents=True, exist_ok=True)
    back.write_bytes(b"from a backup")
    assert kinds(half) == {Kind.ERASED_FOUND}


def test_a_document_brought_back_is_named(half: RetentionWorld) -> None:
    (half.folder.objects / keys.document_key("gate", 1, 1)).write_bytes(b"{}")
    assert kinds(half) == {Kind.ERASED_FOUND}


@pytest.mark.parametrize("harm", ["gone", "torn", "another"])
def test_a_tombstone_is_there_and_the_right_one(half: RetentionWorld, harm: str) -> None:
    stone = half.folder.objects / keys.tombstone_key("gate", 1, 1)
    if harm == "gone":
        stone.unlink()
        assert kinds(half) == {Kind.OBJECT_MISSING}
        return
    fields = json.loads(stone.read_bytes())
    changed = {**fields, "entry": 0} if harm == "another" else {}
    stone.write_text(json.dumps(changed, sort_keys=True, separators=(",", ":")))
    assert kinds(half) == {Kind.DOCUMENT_INVALID}


def test_a_manifest_lost_before_its_time_is_missing(half: RetentionWorld) -> None:
    (half.folder.objects / keys.manifest_key("gate", 1, 2)).unlink()
    assert Kind.OBJECT_MISSING in kinds(half)


def test_rows_left_behind_by_a_wrong_count_are_named(empty: RetentionWorld) -> None:
    sql(empty, "UPDATE period SET chain_length = 7 WHERE camera = 'gate' AND period = 1")
    assert Kind.PERIOD_CONTRADICTS in kinds(empty)


def test_heads_of_a_thinned_period_are_still_held_against_it(half: RetentionWorld) -> None:
    half.ledger.append(
        Entry(
            act=Act.HEADS,
            at_us=half.clock.us,
            who="supervisor",
            authority="configuration",
            reason="operation",
            facts=facts([f"gate:1:1:2:{'0' * 64}"]),
        )
    )
    assert kinds(half) == {Kind.HEADS_CONTRADICTED}


def test_an_old_folder_without_the_new_columns_is_read(world: RetentionWorld) -> None:
    world.record("gate", 1, START_US)
    world.publish()
    copy = Path(world.folder.path)
    database = sqlite3.connect(copy / "scrim.db")
    for name in ("parts_state", "rest_state"):
        database.execute(f"DROP INDEX period_by_{name}")
    for column in ("parts_state", "parts_entry", "rest_state"):
        database.execute(f"ALTER TABLE period DROP COLUMN {column}")
    for table in ("erased", "retention_limit", "retention_state"):
        database.execute(f"DROP TABLE {table}")
    database.execute("UPDATE alembic_version SET version_num = '0005'")
    database.commit()
    database.close()
    assert verify_folder(copy).problems == []


def test_verifying_while_the_sweep_runs_finds_no_fault(world: RetentionWorld) -> None:
    for period in range(12):
        world.record("gate", period, START_US + period * 10 * SEGMENT_US, 4)
    world.publish()
    world.at(START_US + MONTH_US + 10 * DAY_US)
    going = threading.Event()
    slow = world.sweeper(batch=2)
    remove: Callable[[list[str]], None] = world.objects.remove_all

    def removing(names: list[str]) -> None:
        going.set()
        remove(names)

    world.objects.remove_all = removing  # type: ignore[method-assign, assignment]
    sweep = threading.Thread(target=slow.run)
    sweep.start()
    assert going.wait(120)
    found = []
    while sweep.is_alive():
        found += verify_folder(world.folder.path).problems
    sweep.join()
    assert [one.line() for one in found] == []
    assert verified(world).problems == []
