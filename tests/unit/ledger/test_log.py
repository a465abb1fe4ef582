from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, insert, select
from sqlalchemy.exc import InvalidRequestError

from scrim.errors import LedgerBroken, LedgerUnavailable, StoreError
from scrim.ledger import Act, Entry, Ledger, merkle
from scrim.store.database import connect, migrate, reading, writing
from scrim.store.schema import custodian_set

ACT = {"document": "{}", "since_us": 1, "demo": 1}


def numbered(number: int) -> Entry:
    return Entry(Act.HEADS, number, "supervisor", "configuration", "operation")


def acts(engine: Engine) -> int:
    with reading(engine) as connection:
        return len(connection.execute(select(custodian_set.c.id)).all())


def check_whole(ledger: Ledger) -> None:
    """Every body is where the tree says, and every earlier tree begins the last."""
    size, root = ledger.head()
    bodies = list(ledger.entries(0, size))
    assert [index for index, _ in bodies] == list(range(size))
    for index, body in bodies:
        proof = ledger.inclusion_proof(index, size)
        merkle.verify_inclusion(index, size, merkle.leaf_hash(body), proof, root)
    for old in range(size + 1):
        proof = ledger.consistency_proof(old, size)
        merkle.verify_consistency(old, size, proof, ledger.root(old), root)


def test_an_empty_ledger_has_the_empty_root(ledger: Ledger) -> None:
    assert ledger.head() == (0, merkle.EMPTY_ROOT)
    assert ledger.root() == ledger.root(0) == merkle.EMPTY_ROOT
    assert list(ledger.entries(0, 10)) == []
    assert ledger.consistency_proof(0, 0) == []


def test_entries_come_back_in_order_and_prove_themselves(ledger: Ledger) -> None:
    for number in range(37):
        receipt = ledger.append(numbered(number))
        assert receipt.index == number
        assert receipt.leaf == merkle.leaf_hash(numbered(number).body())
    assert ledger.size() == 37
    assert [Entry.parse(body).at_us for _, body in ledger.entries(5, 9)] == [5, 6, 7, 8]
    assert [index for index, _ in ledger.entries(35, 99)] == [35, 36]
    check_whole(ledger)


def test_a_root_does_not_change_when_the_ledger_grows(ledger: Ledger) -> None:
    roots = []
    for number in range(20):
        ledger.append(numbered(number))
        roots.append(ledger.root())
    assert [ledger.root(size + 1) for size in range(20)] == roots
    assert len(set(roots)) == 20


def test_entries_are_read_in_batches_and_see_what_is_added_meanwhile(
    engine: Engine, ledger: Ledger
) -> None:
    with writing(engine) as connection:
        for number in range(2100):
            ledger.append_in(connection, numbered(number))
    found = ledger.entries(0, 10_000)
    assert next(found)[0] == 0
    ledger.append(numbered(2100))  # nothing is locked while the reader takes its time
    assert [index for index, _ in found] == list(range(1, 2101))


def test_there_is_no_proof_beyond_the_end(ledger: Ledger) -> None:
    ledger.append(numbered(0))
    for ask in (
        lambda: ledger.root(2),
        lambda: ledger.root(-1),
        lambda: ledger.inclusion_proof(0, 2),
        lambda: ledger.inclusion_proof(1, 1),
        lambda: ledger.consistency_proof(0, 2),
        lambda: ledger.consistency_proof(1, 0),
    ):
        with pytest.raises(ValueError, match=r"ledger has|no leaf|cannot begin"):
            ask()


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(batches=st.lists(st.integers(1, 9), max_size=6))
def test_many_in_one_transaction_or_one_by_one_make_the_same_tree(
    tmp_path: Path, batches: list[int]
) -> None:
    engines = [connect(tmp_path / f"{os.urandom(8).hex()}.db") for _ in range(2)]
    for engine in engines:
        migrate(engine)
    one, many = map(Ledger, engines)
    number = 0
    for batch in batches:
        with writing(engines[1]) as connection:
            for _ in range(batch):
                one.append(numbered(number))
                assert many.append_in(connection, numbered(number)).index == number
                number += 1
    assert one.head() == many.head()
    for engine in engines:
        engine.dispose()


# Invariant 5: logged first.


def test_invariant_5_the_act_and_its_entry_are_one_transaction(
    engine: Engine, ledger: Ledger, entry: Entry
) -> None:
    with writing(engine) as connection:
        connection.execute(insert(custodian_set), ACT)
        ledger.append_in(connection, entry)
    assert (ledger.size(), acts(engine)) == (1, 1)


def test_invariant_5_an_act_that_fails_leaves_no_entry(
    engine: Engine, ledger: Ledger, entry: Entry
) -> None:
    with pytest.raises(ZeroDivisionError), writing(engine) as connection:  # noqa: PT012
        ledger.append_in(connection, entry)
        connection.execute(insert(custodian_set), ACT)
        _ = 1 // 0
    assert (ledger.size(), acts(engine)) == (0, 0)
    ledger.append(entry)
    check_whole(ledger)


def refuse_entries(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER no BEFORE INSERT ON entry BEGIN SELECT raise(ABORT, 'no'); END"
        )


def test_invariant_5_an_act_whose_entry_cannot_be_written_does_not_happen(
    engine: Engine, ledger: Ledger, entry: Entry
) -> None:
    refuse_entries(engine)
    with pytest.raises(LedgerUnavailable, match="refused"), writing(engine) as connection:  # noqa: PT012
        connection.execute(insert(custodian_set), ACT)
        ledger.append_in(connection, entry)
    assert (ledger.size(), acts(engine)) == (0, 0)


def test_invariant_5_not_even_where_the_caller_passes_over_the_refusal(
    engine: Engine, ledger: Ledger, entry: Entry
) -> None:
    refuse_entries(engine)
    with pytest.raises(InvalidRequestError), writing(engine) as connection:  # noqa: PT012
        connection.execute(insert(custodian_set), ACT)
        try:
            ledger.append_in(connection, entry)
        except LedgerUnavailable:
            connection.execute(insert(custodian_set), ACT)
    assert (ledger.size(), acts(engine)) == (0, 0)
    with writing(engine) as connection:
        connection.execute(insert(custodian_set), ACT)
        with pytest.raises(LedgerUnavailable):
            ledger.append_in(connection, entry)
    assert (ledger.size(), acts(engine)) == (0, 0)


def test_invariant_5_an_entry_outside_a_transaction_is_refused(
    engine: Engine, ledger: Ledger, entry: Entry
) -> None:
    with engine.connect() as connection, pytest.raises(LedgerUnavailable, match="outside"):
        ledger.append_in(connection, entry)
    refuse_entries(engine)
    with writing(engine) as connection:
        for _ in range(2):  # the first refusal has ended the transaction
            with pytest.raises(LedgerUnavailable):
                ledger.append_in(connection, entry)
    assert ledger.size() == 0


def test_invariant_5_a_locked_database_refuses_after_the_time_allowed(
    engine: Engine, ledger: Ledger, entry: Entry, tmp_path: Path
) -> None:
    other = sqlite3.connect(tmp_path / "scrim.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(LedgerUnavailable, match="busy") as caught:
        ledger.append(entry)
    assert caught.value.remedy
    other.execute("ROLLBACK")
    other.close()
    assert ledger.append(entry).index == 0


def test_invariant_5_a_full_disk_refuses(engine: Engine, ledger: Ledger, entry: Entry) -> None:
    with writing(engine) as connection:  # as little room as the file has now
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    written = 0
    with pytest.raises(LedgerUnavailable, match="full") as caught:  # noqa: PT012
        for _ in range(1000):
            ledger.append(entry)
            written += 1
    assert "space" in caught.value.remedy
    assert ledger.size() == written
    check_whole(ledger)


def test_invariant_5_a_database_that_cannot_be_written_refuses(
    engine: Engine, ledger: Ledger, entry: Entry, tmp_path: Path
) -> None:
    ledger.append(entry)
    read_only = connect(tmp_path / "scrim.db", read_only=True)
    with pytest.raises(LedgerUnavailable, match="cannot be written"):
        Ledger(read_only).append(entry)
    assert Ledger(read_only).size() == 1
    read_only.dispose()


def test_invariant_5_no_database_refuses(tmp_path: Path, entry: Entry) -> None:
    gone = connect(tmp_path / "nowhere" / "scrim.db")
    with pytest.raises(LedgerUnavailable, match="opened"):
        Ledger(gone).append(entry)
    empty = connect(tmp_path / "empty.db")
    with pytest.raises(LedgerUnavailable, match="table"):
        Ledger(empty).append(entry)
    empty.dispose()


def test_a_damaged_tree_is_not_built_upon(engine: Engine, ledger: Ledger) -> None:
    for number in range(3):
        ledger.append(numbered(number))
    with writing(engine) as connection:
        connection.exec_driver_sql('DELETE FROM node WHERE level = 0 AND "index" = 2')
    with pytest.raises(LedgerUnavailable, match="missing"):
        ledger.append(numbered(3))
    with pytest.raises(LedgerBroken, match="missing"):
        ledger.root()
    assert ledger.size() == 3


def test_reading_what_is_no_database_says_so(tmp_path: Path) -> None:
    (tmp_path / "scrim.db").write_bytes(b"this is no database at all" * 100)
    with pytest.raises(StoreError, match="damaged"):
        Ledger(connect(tmp_path / "scrim.db", read_only=True)).size()


# Several writers.

_WRITER = """
import sys
from pathlib import Path
from scrim.ledger import Act, Entry, Ledger
from scrim.store.database import connect
# a slow disk and others who write may take longer than a program would wait
ledger = Ledger(connect(Path(sys.argv[1]), busy_seconds=600))
for number in range(int(sys.argv[2])):
    ledger.append(Entry(Act.HEADS, number, "supervisor", "configuration", "operation",
                        facts={"writer": int(sys.argv[3])}))
"""


def test_several_processes_append_to_one_ledger(ledger: Ledger, tmp_path: Path) -> None:
    writers = [
        subprocess.Popen([sys.executable, "-c", _WRITER, str(tmp_path / "scrim.db"), "40", str(n)])
        for n in range(3)
    ]
    try:
        assert [writer.wait(600) for writer in writers] == [0, 0, 0]
    finally:  # none is left to write on, and to fail another test when it is collected
        for child in writers:
            child.kill()
            child.wait()
    entries = [Entry.parse(body) for _, body in ledger.entries(0, 200)]
    assert len(entries) == 120
    for writer in range(3):  # none lost, none twice, each writer's own in its order
        own = [entry.at_us for entry in entries if entry.facts["writer"] == writer]
        assert own == list(range(40))
    check_whole(ledger)


def test_several_threads_append_to_one_ledger(ledger: Ledger, tmp_path: Path) -> None:
    engine = connect(tmp_path / "scrim.db", busy_seconds=600)  # waits for as long as it takes
    patient = Ledger(engine)
    indexes: list[int] = []

    def write() -> None:
        indexes.extend(patient.append(numbered(number)).index for number in range(20))

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(indexes) == list(range(80))
    check_whole(ledger)
    engine.dispose()


def test_a_killed_writer_leaves_a_whole_ledger(ledger: Ledger, tmp_path: Path) -> None:
    command = [sys.executable, "-c", _WRITER, str(tmp_path / "scrim.db"), "1000000", "0"]
    for _ in range(3):
        before = ledger.size()
        with subprocess.Popen(command) as writer:
            try:
                while ledger.size() < before + 20:
                    assert writer.poll() is None
            finally:
                writer.kill()
    assert ledger.size() >= 60
    check_whole(ledger)
