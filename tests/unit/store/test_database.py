from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, select
from sqlalchemy.exc import IntegrityError

from scrim.errors import DataFolderNewer, DataFolderUnwritable, StoreError, StoreFull
from scrim.store import database
from scrim.store.database import connect, migrate, reading, writing
from scrim.store.schema import segment, session

FULL = database.SYNCHRONOUS  # before the other tests are spared it
ROW = {"token_sha256": "a", "created_us": 1, "expires_us": 2, "salt": b"x" * 16}


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = connect(tmp_path / "scrim.db", busy_seconds=0.2)
    migrate(made)
    yield made
    made.dispose()


def count(engine: Engine) -> int:
    with reading(engine) as connection:
        return len(connection.execute(select(session)).all())


def test_a_commit_is_flushed_and_readers_are_not_held_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "SYNCHRONOUS", FULL)
    engine = connect(tmp_path / "scrim.db")
    migrate(engine)
    with reading(engine) as connection:
        pragma = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert pragma == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    with writing(engine) as connection:
        connection.execute(insert(session), ROW)
        assert count(engine) == 0
    assert count(engine) == 1
    engine.dispose()


def test_what_raises_is_rolled_back(engine: Engine) -> None:
    with pytest.raises(KeyError), writing(engine) as connection:  # noqa: PT012
        connection.execute(insert(session), ROW)
        raise KeyError
    assert count(engine) == 0


def test_an_error_quotes_no_values(engine: Engine) -> None:
    row = ROW | {"token_sha256": "hunter2"}
    with pytest.raises(IntegrityError) as caught, writing(engine) as connection:
        connection.execute(insert(session), [row, row])
    assert "hunter2" not in str(caught.value)


def test_a_reader_sees_one_state_throughout(engine: Engine) -> None:
    with reading(engine) as connection:
        assert connection.execute(select(session)).all() == []
        with writing(engine) as other:
            other.execute(insert(session), ROW)
        assert connection.execute(select(session)).all() == []
    assert count(engine) == 1


def test_writers_take_turns_and_what_they_read_first_stays_true(tmp_path: Path) -> None:
    engine = connect(tmp_path / "scrim.db", busy_seconds=600)
    migrate(engine)

    def add() -> None:
        for _ in range(10):
            with writing(engine) as connection:
                number = len(connection.execute(select(session)).all())
                connection.execute(insert(session), {**ROW, "token_sha256": str(number)})

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert count(engine) == 40
    engine.dispose()


def test_a_constraint_that_does_not_hold_is_the_caller_s_business(engine: Engine) -> None:
    row = {
        "camera": "demo",
        "segment": 1,
        "side": "sealed",
        "epoch": 1,
        "period": 1,
        "start_us": 1,
        "end_us": 2,
        "object_key": "x",
        "record": "{}",
        "chain_index": 0,
        "chain_head": "",
        "state": "writing",
    }
    with pytest.raises(IntegrityError), writing(engine) as connection:
        connection.execute(insert(segment), row)  # there is no such period


def test_a_lock_held_too_long_says_so(engine: Engine, tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "scrim.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="busy"), writing(engine):
        pass
    assert count(engine) == 0  # reading goes on
    other.close()


def test_no_room_says_so(engine: Engine) -> None:
    with pytest.raises(StoreFull, match="full"), writing(engine) as connection:  # noqa: PT012
        connection.exec_driver_sql("PRAGMA max_page_count = 1")
        connection.execute(insert(session), {**ROW, "salt": b"x" * 100_000})


def test_a_read_only_engine_never_writes(engine: Engine, tmp_path: Path) -> None:
    with writing(engine) as connection:
        connection.execute(insert(session), ROW)
    other = connect(tmp_path / "scrim.db", read_only=True)
    assert count(other) == 1
    with (
        pytest.raises(DataFolderUnwritable, match="cannot be written"),
        writing(other) as connection,
    ):
        connection.execute(insert(session), {**ROW, "token_sha256": "b"})
    assert count(other) == 1


def test_a_read_only_engine_makes_no_database(tmp_path: Path) -> None:
    with (
        pytest.raises(StoreError, match="cannot be opened"),
        reading(connect(tmp_path / "none.db", read_only=True)),
    ):
        pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("start", [b"", b"SQLite format 3\x00"])
def test_a_file_that_is_no_database_says_so(tmp_path: Path, start: bytes) -> None:
    (tmp_path / "scrim.db").write_bytes(start + b"\x07nonsense" * 1000)
    engine = connect(tmp_path / "scrim.db")
    with pytest.raises(StoreError, match=r"damaged|failed") as caught:
        migrate(engine)
    assert caught.value.remedy


def test_a_damaged_page_says_so(engine: Engine, tmp_path: Path) -> None:
    with writing(engine) as connection:
        for number in range(300):
            connection.execute(insert(session), {**ROW, "token_sha256": str(number)})
    engine.dispose()
    whole = (tmp_path / "scrim.db").read_bytes()
    (tmp_path / "scrim.db").write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    with pytest.raises(StoreError, match="damaged"):
        count(connect(tmp_path / "scrim.db", read_only=True))


def test_a_file_name_may_hold_anything(tmp_path: Path) -> None:
    folder = tmp_path / "100% of?it#here"
    folder.mkdir()
    engine = connect(folder / "scrim.db")
    migrate(engine)
    engine.dispose()
    assert (folder / "scrim.db").stat().st_size > 0
    assert count(connect(folder / "scrim.db", read_only=True)) == 0


def test_sqlite_is_asked_for_by_path_only() -> None:
    with pytest.raises(ValueError, match="Path"):
        connect("sqlite:///x.db")


def test_migrating_again_changes_nothing(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(insert(session), ROW)
    migrate(engine)
    assert count(engine) == 1


def test_several_may_migrate_at_once(tmp_path: Path) -> None:
    failures: list[BaseException] = []

    def make() -> None:
        # each migrates while the others wait, which takes seconds on a slow machine
        engine = connect(tmp_path / "scrim.db", busy_seconds=600)
        try:
            migrate(engine)
        except BaseException as error:  # noqa: BLE001 - a thread's failure is the test's
            failures.append(error)
        finally:
            engine.dispose()

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert count(connect(tmp_path / "scrim.db", read_only=True)) == 0


def test_a_newer_database_is_left_alone(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(DataFolderNewer, match="newer"):
        migrate(engine)
