from __future__ import annotations

import base64
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from scrim.errors import LedgerBroken, LedgerUnavailable
from scrim.ledger import Act, Checkpoint, Entry, Ledger, SigningKey, publish
from scrim.ledger.note import sign
from scrim.store.database import connect, reading, writing
from scrim.store.schema import checkpoint as table

KEY = SigningKey.generate("scrim.example/ledger")


class Noon:
    def now_us(self) -> int:
        return 43_200_000_000


def grow(ledger: Ledger, count: int, first: int = 0) -> None:
    for number in range(first, first + count):
        ledger.append(Entry(Act.HEADS, number, "supervisor", "configuration", "operation"))


def notes(engine: Engine) -> list[tuple[int, str, int]]:
    with reading(engine) as connection:
        rows = connection.execute(select(table).order_by(table.c.size))
        return [(row.size, row.note, row.signed_us) for row in rows]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "checkpoint"


def test_a_checkpoint_says_how_many_entries_and_which_root(
    engine: Engine, ledger: Ledger, file: Path
) -> None:
    grow(ledger, 5)
    made = publish(ledger, KEY, engine, file, Noon())
    assert made == Checkpoint("scrim.example/ledger", 5, ledger.root())
    assert Checkpoint.from_note(file.read_text(encoding="utf-8"), KEY.verifier()) == made
    assert notes(engine) == [(5, file.read_text(encoding="utf-8"), 43_200_000_000)]
    assert [p.name for p in file.parent.glob("checkpoint*")] == ["checkpoint"]


def test_nothing_is_signed_where_nothing_was_added(
    engine: Engine, ledger: Ledger, file: Path
) -> None:
    grow(ledger, 3)
    first = publish(ledger, KEY, engine, file)
    before = file.stat().st_mtime_ns
    assert publish(ledger, KEY, engine, file) == first
    assert len(notes(engine)) == 1
    assert file.stat().st_mtime_ns == before


def test_each_size_is_signed_once_and_kept(engine: Engine, ledger: Ledger, file: Path) -> None:
    for size in (0, 1, 3, 6):
        grow(ledger, size - ledger.size(), ledger.size())
        publish(ledger, KEY, engine, file)
    assert [size for size, _, _ in notes(engine)] == [0, 1, 3, 6]
    assert file.read_text(encoding="utf-8") == notes(engine)[-1][1]


def test_a_file_that_was_lost_or_is_behind_is_put_right(
    engine: Engine, ledger: Ledger, file: Path
) -> None:
    grow(ledger, 3)
    publish(ledger, KEY, engine, file)
    old = file.read_text(encoding="utf-8")
    grow(ledger, 3, 3)
    publish(ledger, KEY, engine, file)
    new = file.read_text(encoding="utf-8")
    file.write_text(old, encoding="utf-8")  # a process killed between row and file
    publish(ledger, KEY, engine, file)
    assert file.read_text(encoding="utf-8") == new
    file.unlink()
    publish(ledger, KEY, engine, file)
    assert file.read_text(encoding="utf-8") == new
    assert len(notes(engine)) == 2


def test_a_ledger_that_became_shorter_is_not_signed(
    engine: Engine, ledger: Ledger, file: Path
) -> None:
    grow(ledger, 6)
    publish(ledger, KEY, engine, file)
    with writing(engine) as connection:
        connection.exec_driver_sql('DELETE FROM entry WHERE "index" >= 4')
        connection.exec_driver_sql('DELETE FROM node WHERE (("index" + 1) << level) > 4')
    with pytest.raises(LedgerBroken, match="6 entries were signed"):
        publish(ledger, KEY, engine, file)
    grow(ledger, 3, 104)  # and grew again, otherwise
    with writing(engine) as connection:
        connection.exec_driver_sql("DELETE FROM checkpoint")  # the file still knows
    with pytest.raises(LedgerBroken, match="not the beginning"):
        publish(ledger, KEY, engine, file)
    assert notes(engine) == []


def test_an_old_copy_of_the_database_is_noticed(
    engine: Engine, ledger: Ledger, file: Path, tmp_path: Path
) -> None:
    grow(ledger, 4)
    publish(ledger, KEY, engine, file)
    with sqlite3.connect(tmp_path / "scrim.db") as now, sqlite3.connect(tmp_path / "old.db") as old:
        now.backup(old)
    now.close()
    old.close()
    grow(ledger, 4, 4)
    publish(ledger, KEY, engine, file)
    restored = connect(tmp_path / "old.db")
    with pytest.raises(LedgerBroken, match="8 entries were signed"):
        publish(Ledger(restored), KEY, restored, file)
    restored.dispose()


def test_a_rewritten_entry_is_not_signed(engine: Engine, ledger: Ledger, file: Path) -> None:
    grow(ledger, 5)
    publish(ledger, KEY, engine, file)
    signed = file.read_text(encoding="utf-8")
    other = Ledger(engine)
    with writing(engine) as connection:  # the whole tree made again over another first entry
        connection.exec_driver_sql("DELETE FROM entry")
        connection.exec_driver_sql("DELETE FROM node")
    grow(other, 7, 100)
    with pytest.raises(LedgerBroken, match="not the beginning"):
        publish(other, KEY, engine, file)
    assert file.read_text(encoding="utf-8") == signed
    assert len(notes(engine)) == 1


def test_another_key_does_not_go_on(engine: Engine, ledger: Ledger, file: Path) -> None:
    grow(ledger, 2)
    publish(ledger, KEY, engine, file)
    with pytest.raises(LedgerBroken, match="no known key"):
        publish(ledger, SigningKey.generate("scrim.example/ledger"), engine, file)


def test_a_file_that_cannot_be_written_says_so(engine: Engine, ledger: Ledger, file: Path) -> None:
    grow(ledger, 2)
    with pytest.raises(LedgerUnavailable, match="cannot be written"):
        publish(ledger, KEY, engine, file.parent / "gone" / "checkpoint")
    file.mkdir()
    with pytest.raises(LedgerUnavailable, match="cannot be read"):
        publish(ledger, KEY, engine, file)


ROOT = base64.b64encode(bytes(32)).decode()


def test_extension_lines_are_passed_over() -> None:
    assert Checkpoint.parse(f"a\n3\n{ROOT}\nmore\nlines\n") == Checkpoint("a", 3, bytes(32))


@pytest.mark.parametrize(
    "text",
    [
        "",
        f"a\n3\n{ROOT}",
        f"\n3\n{ROOT}\n",
        f"a\n03\n{ROOT}\n",
        f"a\n-3\n{ROOT}\n",
        f"a\n+3\n{ROOT}\n",
        f"a\n٣\n{ROOT}\n",
        f"a\n3\n{ROOT}\n\n",
        f"a\n3\n{ROOT}\n\nmore\n",
        f"a\n3\n{ROOT[:-1]}\n",
        f"a\n3\n{ROOT[:-4]}\n",
        f"a\n3\n{ROOT[:-2]}B=\n",
        "a\n3\n!\n",
        "a\n3\n",
    ],
)
def test_what_is_no_checkpoint_is_broken(text: str) -> None:
    with pytest.raises(LedgerBroken):
        Checkpoint.parse(text)


def test_another_ledger_s_checkpoint_is_refused() -> None:
    note = sign(Checkpoint("elsewhere.example/ledger", 3, bytes(32)).text(), KEY)
    with pytest.raises(LedgerBroken, match="another ledger"):
        Checkpoint.from_note(note, KEY.verifier())
