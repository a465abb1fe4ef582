"""Every way to damage a folder is found, and named."""

import os
import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from scrim.audit import Kind, Severity, verify_folder
from scrim.audit.evidence import open_evidence
from scrim.camera.packet import Gap, GapCause
from scrim.canonical import canonical
from scrim.errors import DataFolderMissing, DataFolderNewer
from scrim.ledger import Act, Entry, SigningKey, VerifierKey
from scrim.ledger.merkle import leaf_hash, node_hash
from scrim.ledger.note import sign
from scrim.store.keys import document_key, manifest_key, masked_key, sealed_key

Found = Callable[..., list[tuple[Kind, str]]]
Folder = Any  # the class of that name in conftest.py, which cannot be imported

SEALED = sealed_key("gate", 1, 0, 1)
MASKED = masked_key("gate", 1, 0, 1)
MANIFEST = manifest_key("gate", 1, 0)
DOCUMENT = document_key("gate", 1, 0)


def sql(data: Path, statement: str, *values: object) -> list[Any]:
    """Change the database behind everybody's back."""
    with closing(sqlite3.connect(data / "scrim.db")) as connection:
        rows = connection.execute(statement, values).fetchall()
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return rows


def index_of(data: Path, act: Act, number: int = 0) -> int:
    rows = sql(data, 'SELECT "index", body FROM entry ORDER BY "index"')
    found = [index for index, body in rows if Entry.parse(bytes(body)).act is act]
    return int(str(found[number]))


def path(data: Path, key: str) -> Path:
    return data / "objects" / key


def listing(data: Path) -> dict[str, tuple[int, int]]:
    found = {}
    for item in sorted(data.rglob("*")):
        seen = item.stat()
        found[str(item.relative_to(data))] = (seen.st_size, seen.st_mtime_ns)
    return found


def test_a_folder_that_nobody_touched_holds(data: Path) -> None:
    report = verify_folder(data)
    assert report.holds
    assert [found.kind for found in report.notes] == [Kind.KEY_NOT_PINNED, Kind.PERIOD_OPEN]
    checked = report.checked
    assert (checked["periods"], checked["segments"], checked["gaps"]) == (3, 14, 2)
    assert checked["objects"] == 12 + 3 + 2
    assert checked["heads"] >= 7
    assert checked["checkpoints"] >= 6


def test_checking_writes_nothing(data: Path) -> None:
    before = listing(data)
    assert verify_folder(data).holds
    assert listing(data) == before


def test_a_key_that_was_written_down_is_used(data: Path, found: Found) -> None:
    key = VerifierKey.from_text((data / "keys/ledger.pub").read_text())
    report = verify_folder(data, key=key)
    assert [note.kind for note in report.notes] == [Kind.PERIOD_OPEN]
    other = SigningKey.generate(key.name).verifier()
    kinds = {kind for kind, _ in found(key=other)}
    assert kinds == {Kind.KEY_DIFFERS, Kind.CHECKPOINT_INVALID}


# --- objects


@pytest.mark.parametrize("key", [SEALED, MASKED, MANIFEST, DOCUMENT])
def test_a_missing_object(data: Path, found: Found, key: str) -> None:
    path(data, key).unlink()
    assert found() == [(Kind.OBJECT_MISSING, key)]


@pytest.mark.parametrize("key", [SEALED, MASKED, MANIFEST, DOCUMENT])
def test_an_altered_object(data: Path, found: Found, key: str) -> None:
    bytes_ = bytearray(path(data, key).read_bytes())
    bytes_[len(bytes_) // 2] ^= 1
    path(data, key).write_bytes(bytes_)
    assert found() == [(Kind.OBJECT_ALTERED, key)]


@pytest.mark.parametrize("key", [SEALED, MASKED])
def test_a_truncated_object_is_found_by_its_size_alone(data: Path, found: Found, key: str) -> None:
    os.truncate(path(data, key), 10)
    assert found() == [(Kind.OBJECT_TRUNCATED, key)]
    assert found(quick=True) == [(Kind.OBJECT_TRUNCATED, key)]


def test_swapped_objects_are_named_with_what_they_hold(data: Path) -> None:
    other = sealed_key("yard", 1, 0, 1)
    one, two = path(data, SEALED).read_bytes(), path(data, other).read_bytes()
    path(data, SEALED).write_bytes(two)
    path(data, other).write_bytes(one)
    problems = verify_folder(data).problems
    assert {(found.kind, found.subject) for found in problems} == {
        (Kind.OBJECT_SWAPPED, SEALED),
        (Kind.OBJECT_SWAPPED, other),
    }
    assert other in next(found.what for found in problems if found.subject == SEALED)


def test_swapped_manifests(data: Path, found: Found) -> None:
    shutil.copyfile(path(data, manifest_key("yard", 1, 0)), path(data, MANIFEST))
    assert found() == [(Kind.OBJECT_SWAPPED, MANIFEST)]


def test_an_orphan_beside_segments(data: Path, found: Found) -> None:
    orphan = sealed_key("gate", 1, 0, 999)
    path(data, orphan).write_bytes(b"x")
    assert found() == [(Kind.OBJECT_ORPHANED, orphan)]


@pytest.mark.parametrize(
    "orphan",
    [
        "sealed/nobody/000001/000000/0000000000.age",
        "sealed/gate/000001/000000/0000000001.age.bak",
        "notes.txt",
        "period/gate/000001/000000.json.open.json",
        document_key("gate", 1, 0).replace("000000", "0000000"),
        document_key("gate", 0, 7),
        manifest_key("nobody", 1, 0),
    ],
)
def test_an_orphan_elsewhere(data: Path, found: Found, orphan: str) -> None:
    path(data, orphan).parent.mkdir(parents=True, exist_ok=True)
    path(data, orphan).write_bytes(b"x")
    assert found() == [(Kind.OBJECT_ORPHANED, orphan)]


def test_a_link_in_an_objects_place(data: Path, found: Found, tmp_path: Path) -> None:
    path(data, SEALED).rename(tmp_path / "elsewhere")
    path(data, SEALED).symlink_to(tmp_path / "elsewhere")
    assert found() == [(Kind.OBJECT_ALTERED, SEALED)]


def test_staging_files_of_a_crash_are_only_noted(data: Path) -> None:
    path(data, SEALED + "#1").write_bytes(b"half")
    report = verify_folder(data)
    assert report.holds
    assert (Kind.STAGING_LEFT, SEALED + "#1") in [(n.kind, n.subject) for n in report.notes]


# --- the ledger


def test_an_altered_entry_is_named_alone(data: Path, found: Found) -> None:
    index = index_of(data, Act.CONFIGURED)
    entry = Entry(Act.CONFIGURED, 5, "operator", "operator", "nothing-at-all")
    sql(data, 'UPDATE entry SET body = ? WHERE "index" = ?', entry.body(), index)
    assert found() == [(Kind.ENTRY_ALTERED, f"entry {index}")]


def test_an_entry_that_is_none(data: Path, found: Found) -> None:
    sql(data, 'UPDATE entry SET body = ? WHERE "index" = 0', b"{}")
    assert set(found()) == {(Kind.ENTRY_ALTERED, "entry 0"), (Kind.ENTRY_UNREADABLE, "entry 0")}


def test_a_missing_entry_is_named_alone(data: Path, found: Found) -> None:
    index = index_of(data, Act.CONFIGURED, 1)
    sql(data, 'DELETE FROM entry WHERE "index" = ?', index)
    assert found() == [(Kind.ENTRY_MISSING, f"entry {index}")]


def test_an_altered_and_a_missing_node(data: Path, found: Found) -> None:
    sql(data, 'UPDATE node SET hash = ? WHERE level = 2 AND "index" = 1', b"x" * 32)
    sql(data, 'DELETE FROM node WHERE level = 1 AND "index" = 0')
    assert found() == [
        (Kind.NODE_MISSING, "node 0 of level 1"),
        (Kind.NODE_ALTERED, "node 1 of level 2"),
    ]


def test_a_history_rewritten_with_all_its_hashes_stands_against_checkpoints(
    data: Path, found: Found
) -> None:
    body = Entry(Act.CONFIGURED, 5, "operator", "operator", "nothing-at-all").body()
    sql(data, 'UPDATE entry SET body = ? WHERE "index" = 0', body)
    value, number, level = leaf_hash(body), 0, 0
    while True:  # as somebody would who knows how the tree is kept
        sql(data, 'UPDATE node SET hash = ? WHERE level = ? AND "index" = ?', value, level, number)
        rows = sql(data, 'SELECT hash FROM node WHERE level = ? AND "index" = 1', level)
        above = sql(data, 'SELECT 1 FROM node WHERE level = ? AND "index" = 0', level + 1)
        if not rows or not above:
            break
        value, level = node_hash(value, bytes(rows[0][0])), level + 1
    kinds = {kind for kind, _ in found()}
    assert kinds == {Kind.LEDGER_REWRITTEN}


def cut_off(data: Path, keep: int) -> None:
    sql(data, 'DELETE FROM entry WHERE "index" >= ?', keep)
    for level in range(20):
        sql(data, 'DELETE FROM node WHERE level = ? AND "index" >= ?', level, keep >> level)


def test_entries_cut_off_at_the_end_stand_against_checkpoints(data: Path, found: Found) -> None:
    (size,) = sql(data, "SELECT max(size) FROM checkpoint")[0]
    cut_off(data, int(str(size)) - 1)
    assert (Kind.LEDGER_TRUNCATED, "the file checkpoint") in found()
    assert (Kind.LEDGER_TRUNCATED, f"checkpoint of {size} entries") in found()


def test_entries_cut_off_with_nodes_left_behind(data: Path, found: Found) -> None:
    sql(data, 'DELETE FROM entry WHERE "index" = (SELECT max("index") FROM entry)')
    assert Kind.NODE_EXTRA in {kind for kind, _ in found()}


def test_a_remembered_checkpoint_finds_an_end_cut_off_with_everything_else(
    data: Path, found: Found
) -> None:
    note = (data / "checkpoint").read_text()
    older = sql(data, "SELECT size, note FROM checkpoint ORDER BY size LIMIT 1")[0]
    cut_off(data, int(str(older[0])))
    sql(data, "DELETE FROM checkpoint WHERE size > ?", older[0])
    (data / "checkpoint").write_text(str(older[1]))
    for table in ("segment", "period", "gap"):
        sql(data, f"DELETE FROM {table}")
    shutil.rmtree(data / "objects")
    (data / "objects").mkdir()
    assert found() == []  # the folder alone cannot tell
    assert found(remembered=[("monday", note)]) == [(Kind.LEDGER_TRUNCATED, "monday")]
    assert found(remembered=[("first", str(older[1]))]) == []


def test_a_checkpoint_with_a_bad_signature(data: Path, found: Found) -> None:
    (size, note) = sql(data, "SELECT size, note FROM checkpoint ORDER BY size LIMIT 1")[0]
    sql(data, "UPDATE checkpoint SET note = ? WHERE size = ?", str(note)[:-6] + "AAAA=\n", size)
    assert found() == [(Kind.CHECKPOINT_INVALID, f"checkpoint of {size} entries")]


def test_a_checkpoint_signed_by_another_key(data: Path, found: Found) -> None:
    note = (data / "checkpoint").read_text()
    text = note.split("\n\n")[0] + "\n"
    (data / "checkpoint").write_text(sign(text, SigningKey.generate("scrim.local/ledger")))
    assert found() == [(Kind.CHECKPOINT_INVALID, "the file checkpoint")]


def test_a_checkpoint_stored_under_another_size(data: Path, found: Found) -> None:
    (first, last) = sql(data, "SELECT min(size), max(size) FROM checkpoint")[0]
    sql(
        data,
        "UPDATE checkpoint SET note = (SELECT note FROM checkpoint WHERE size = ?) WHERE size = ?",
        last,
        first,
    )
    assert found() == [(Kind.CHECKPOINT_INVALID, f"checkpoint of {first} entries")]


def test_a_checkpoint_file_that_is_gone(data: Path, found: Found) -> None:
    (data / "checkpoint").unlink()
    assert found() == [(Kind.CHECKPOINT_MISSING, "checkpoint")]


def test_an_old_checkpoint_file_is_only_noted(data: Path) -> None:
    (note,) = sql(data, "SELECT note FROM checkpoint ORDER BY size LIMIT 1")[0]
    (data / "checkpoint").write_text(str(note))
    report = verify_folder(data)
    assert report.holds
    assert Kind.CHECKPOINT_OLD in {note.kind for note in report.notes}


def test_a_key_that_is_gone(data: Path, found: Found) -> None:
    (data / "keys/ledger.pub").unlink()
    assert found() == [(Kind.KEY_MISSING, "keys/ledger.pub")]


def test_entries_that_nobody_signed_yet_are_only_noted(data: Path) -> None:
    (last,) = sql(data, "SELECT max(size) FROM checkpoint")[0]
    sql(data, "DELETE FROM checkpoint WHERE size = ?", last)
    (data / "checkpoint").write_text(
        str(sql(data, "SELECT note FROM checkpoint ORDER BY size DESC LIMIT 1")[0][0])
    )
    report = verify_folder(data)
    assert report.holds
    assert Kind.LEDGER_UNSIGNED in {note.kind for note in report.notes}


# --- periods, chains, heads, gaps


def test_a_record_changed_in_its_row(data: Path, found: Found) -> None:
    sql(
        data,
        "UPDATE segment SET record = replace(record, '\"size\":', '\"size\":1') "
        "WHERE camera = 'yard' AND segment = 1 AND side = 'sealed'",
    )
    kinds = set(found())
    assert (Kind.CHAIN_BROKEN, "period yard/1/0") in kinds


def test_a_record_removed_with_its_object_in_a_closed_period(data: Path, found: Found) -> None:
    sql(data, "DELETE FROM segment WHERE camera='gate' AND segment = 1 AND side = 'sealed'")
    path(data, SEALED).unlink()
    kinds = set(found())
    assert (Kind.CHAIN_BROKEN, "period gate/1/0") in kinds
    assert (Kind.PERIOD_CONTRADICTS, "period gate/1/0") in kinds
    assert (Kind.HEADS_CONTRADICTED, "period gate/1/0") in kinds


def test_the_end_of_an_open_period_removed_stands_against_the_heads(
    data: Path, found: Found
) -> None:
    head = sql(
        data,
        "SELECT chain_head FROM segment WHERE camera='gate' AND period=1 AND chain_index=0",
    )[0][0]
    sql(data, "DELETE FROM segment WHERE camera='gate' AND period=1 AND chain_index=1")
    sql(
        data,
        "UPDATE period SET chain_length=1, chain_head=? WHERE camera='gate' AND period=1",
        head,
    )
    path(data, masked_key("gate", 1, 1, 3)).unlink()
    assert found() == [(Kind.HEADS_CONTRADICTED, "period gate/1/1")]


def test_an_open_period_chained_again_stands_against_the_heads(data: Path, found: Found) -> None:
    from scrim.vault.chain import chain_next, chain_start

    (document,) = sql(data, "SELECT document_sha256 FROM period WHERE camera='gate' AND period=1")[
        0
    ]
    rows = sql(
        data,
        "SELECT side, record FROM segment WHERE camera='gate' AND period=1 ORDER BY chain_index",
    )
    head = chain_start(str(document))
    for side, text in rows:
        import json

        record = json.loads(str(text))
        record["plain"] = "other"
        head = chain_next(head, record)
        sql(
            data,
            "UPDATE segment SET record=?, chain_head=? WHERE camera='gate' AND period=1 AND side=?",
            canonical(record).decode(),
            head,
            side,
        )
    sql(data, "UPDATE period SET chain_head=? WHERE camera='gate' AND period=1", head)
    assert found() == [(Kind.HEADS_CONTRADICTED, "period gate/1/1")]


def test_a_row_that_names_another_place_than_its_record(data: Path, found: Found) -> None:
    sql(
        data,
        "UPDATE segment SET object_key=? WHERE camera='gate' AND segment=1 AND side='sealed'",
        sealed_key("gate", 1, 0, 0),
    )
    kinds = set(found())
    assert (Kind.PERIOD_CONTRADICTS, sealed_key("gate", 1, 0, 0)) in kinds


def test_a_period_whose_row_is_gone(data: Path, found: Found) -> None:
    sql(data, "DELETE FROM segment WHERE camera='yard'")
    sql(data, "DELETE FROM period WHERE camera='yard'")
    kinds = set(found())
    assert (Kind.PERIOD_ROW_MISSING, "period yard/1/0") in kinds
    assert (Kind.OBJECT_ORPHANED, sealed_key("yard", 1, 0, 1)) in kinds


def test_a_period_that_the_ledger_does_not_know(data: Path, found: Found) -> None:
    sql(
        data,
        "INSERT INTO period SELECT camera, epoch, 7, opened_us, NULL, recipient, document_key, "
        "document_sha256, 0, chain_head, NULL, NULL, NULL, NULL, 'kept', NULL, 'kept' "
        "FROM period WHERE camera='yard'",
    )
    assert (Kind.PERIOD_UNLOGGED, "period yard/1/7") in found()


def test_a_period_opened_again_in_the_database(data: Path, found: Found) -> None:
    sql(
        data,
        "UPDATE period SET closed_us=NULL, manifest_key=NULL, manifest_sha256=NULL "
        "WHERE camera='yard'",
    )
    kinds = set(found())
    assert (Kind.PERIOD_CONTRADICTS, "period yard/1/0") in kinds


def test_a_period_closed_without_an_entry(data: Path, found: Found) -> None:
    sql(data, "UPDATE period SET closed_us=9 WHERE camera='gate' AND period=1")
    assert found() == [(Kind.PERIOD_UNLOGGED, "period gate/1/1")]


def test_a_lost_segment_without_a_gap(data: Path, found: Found) -> None:
    sql(data, "DELETE FROM gap WHERE camera='gate' AND side='sealed'")
    kinds = [kind for kind, _ in found()]
    assert kinds == [Kind.GAP_MISSING, Kind.GAP_MISSING]  # for the segment, and for its entry


def test_a_stored_segment_called_lost(data: Path, found: Found) -> None:
    sql(data, "UPDATE segment SET state='lost' WHERE camera='gate' AND segment=1")
    path(data, SEALED).unlink()
    kinds = set(found())
    assert (Kind.GAP_MISSING, SEALED) in kinds


def test_a_kept_segment_called_lost_with_a_gap_to_match(data: Path, again: Folder) -> None:
    again.catalogue.gaps.write("gate", 1, "sealed", Gap(0, 10**9, GapCause.STALLED))
    again.publish()
    again.close()
    sql(data, "UPDATE segment SET state='lost' WHERE object_key=?", SEALED)
    path(data, SEALED).unlink()
    report = verify_folder(data)
    assert [(found.kind, found.subject) for found in report.problems] == [
        (Kind.PERIOD_CONTRADICTS, "period gate/1/0")
    ]


def test_a_folder_in_use_and_a_copy_of_it(data: Path, again: Folder, tmp_path: Path) -> None:
    """The write-ahead log holds the newest rows, with and without its shared memory file."""
    again.cameras.add("late", "file", "/late.mp4")
    again.publish()
    size = again.deployment.ledger.size()
    assert (data / "scrim.db-wal").stat().st_size > 0
    assert verify_folder(data).checked["entries"] == size
    copy = tmp_path / "copy"
    shutil.copytree(data, copy, ignore=shutil.ignore_patterns("scrim.db-shm"))
    before = listing(copy)
    report = verify_folder(copy)
    assert report.holds
    assert report.checked["entries"] == size
    assert listing(copy) == before
    again.cameras.add("later", "file", "/later.mp4")  # reading has not got in its way


def test_a_gap_that_the_ledger_does_not_know(data: Path, found: Found) -> None:
    sql(
        data,
        "INSERT INTO gap (camera, side, since_us, until_us, cause, detail) "
        "VALUES ('gate', 'both', 1, 2, 'stalled', '')",
    )
    assert [kind for kind, _ in found()] == [Kind.GAP_UNLOGGED]


@pytest.mark.parametrize("until_us", ["until_us + 1", "since_us", "NULL"])
def test_a_gap_whose_end_was_moved(data: Path, found: Found, until_us: str) -> None:
    sql(data, f"UPDATE gap SET until_us={until_us} WHERE camera='gate' AND side='sealed'")
    assert Kind.GAP_UNLOGGED in [kind for kind, _ in found()]


def test_a_gap_that_ends_while_it_is_looked_at(data: Path, again: Folder) -> None:
    row = again.catalogue.gaps.open("gate", 1, "both", Gap(10**9, None, GapCause.STALLED))
    with open_evidence(data) as evidence:
        before = evidence.snapshot()
        again.catalogue.gaps.close(row, 1, 2 * 10**9)
        assert [gap.until_us for gap in before.gaps if gap.id == row] == [None]
    assert verify_folder(data).holds


def test_a_segment_cut_off_by_a_crash_is_only_noted(data: Path) -> None:
    key = sealed_key("gate", 1, 1, 3)
    sql(data, "UPDATE segment SET state='writing' WHERE object_key=?", key)
    path(data, key).unlink()
    report = verify_folder(data)
    assert report.holds
    assert (Kind.SEGMENT_UNFINISHED, key) in [(note.kind, note.subject) for note in report.notes]


def test_a_document_and_a_manifest_ahead_of_their_rows_are_only_noted(data: Path) -> None:
    """What a crash leaves between putting the object and writing the row."""
    path(data, document_key("gate", 1, 2)).write_bytes(b"{}")
    path(data, manifest_key("gate", 1, 1)).write_bytes(b"{}")
    report = verify_folder(data)
    assert report.holds
    subjects = {note.subject for note in report.notes if note.kind is Kind.PERIOD_OPEN}
    assert subjects >= {document_key("gate", 1, 2), manifest_key("gate", 1, 1)}


# --- the folder as a whole


def test_what_is_no_data_folder(tmp_path: Path, data: Path) -> None:
    with pytest.raises(DataFolderMissing):
        verify_folder(tmp_path / "none")
    (data / "format").write_text("99\n")
    with pytest.raises(DataFolderNewer):
        verify_folder(data)


def test_a_damaged_database(data: Path, found: Found) -> None:
    with (data / "scrim.db").open("r+b") as file:
        file.seek(4096)
        file.write(random.Random(1).randbytes(40_000))
    assert Kind.DATABASE_DAMAGED in {kind for kind, _ in found()}


def test_a_database_that_is_none(data: Path, found: Found) -> None:
    (data / "scrim.db").write_bytes(b"this is no database, whatever its name says" * 100)
    assert found() == [(Kind.DATABASE_DAMAGED, "scrim.db")]


def test_every_finding_says_what_to_do_in_one_line(data: Path) -> None:
    path(data, SEALED).unlink()
    path(data, MASKED).write_bytes(b"x")
    sql(data, "DELETE FROM gap")
    report = verify_folder(data)
    assert report.problems
    for finding in report.problems:
        assert finding.severity is Severity.PROBLEM
        assert finding.remedy.endswith(".")
        assert "\n" not in finding.line()
    assert report.to_json()["holds"] is False


def test_bytes_of_another_encoding_in_texts_do_not_crash(data: Path, found: Found) -> None:
    (data / "checkpoint").write_bytes(b"\xff\xfe\x00")
    (data / "keys/ledger.pub").write_bytes(b"\xff")
    assert {kind for kind, _ in found()} == {Kind.KEY_MISSING, Kind.CHECKPOINT_MISSING}
