"""The ledger: durable single appends a second, and a proof's time at a million entries.

Beside the appends stands their limit on this disk, in the same run and by turns:
one row a commit with the bare ``sqlite3`` module, flushed the same way.  The
databases lie in ``build/`` of the project, since a temporary folder may be in
memory, where nothing is ever durable.
"""

from __future__ import annotations

import json
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from sqlalchemy import Engine

from scrim.ledger import Act, Entry, Ledger, merkle
from scrim.store.database import connect, migrate

ROUNDS = 7
APPENDS = 700
MILLION = 1_000_000
PROOFS = 500


def run() -> dict[str, object]:
    build = Path(__file__).resolve().parents[1] / "build"
    build.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-ledger-", dir=build) as name:
        folder = Path(name)
        bare, appends, shares = _appends(folder)
        engine = _engine(folder / "million.db")
        _fill(folder / "million.db", MILLION)
        ledger = Ledger(engine)
        inclusion, consistency = _proofs(ledger)
        late = [1 / _seconds(lambda: _append(ledger, APPENDS), APPENDS) for _ in range(3)]
        size = (folder / "million.db").stat().st_size
        engine.dispose()
    return {
        "durable single appends a second": _figure(appends, limit=1000, better="higher"),
        "bare one-row commits a second, same disk": _figure(bare),
        "appends as a share of bare commits": _figure(shares),
        "appends a second at a million entries": _figure(late, limit=1000, better="higher"),
        "inclusion proof at a million entries, ms": _figure(inclusion, limit=1.0, better="lower"),
        "consistency proof at a million entries, ms": _figure(consistency),
        "bytes of database an entry, at a million": size // MILLION,
    }


def _appends(folder: Path) -> tuple[list[float], list[float], list[float]]:
    engine = _engine(folder / "appends.db")
    ledger = Ledger(engine)
    other = sqlite3.connect(folder / "bare.db", isolation_level=None)
    other.execute("PRAGMA journal_mode = WAL")
    other.execute("PRAGMA synchronous = FULL")
    other.execute("CREATE TABLE entry (number INTEGER PRIMARY KEY, body BLOB NOT NULL)")
    body = _entry(0).body()

    def commits() -> None:
        for _ in range(APPENDS):
            other.execute("BEGIN IMMEDIATE")
            other.execute("INSERT INTO entry (body) VALUES (?)", (body,))
            other.execute("COMMIT")

    _append(ledger, 100)
    bare, appends = [], []
    for _ in range(ROUNDS):
        bare.append(1 / _seconds(commits, APPENDS))
        appends.append(1 / _seconds(lambda: _append(ledger, APPENDS), APPENDS))
    other.close()
    engine.dispose()
    return bare, appends, [ours / theirs for ours, theirs in zip(appends, bare, strict=True)]


def _proofs(ledger: Ledger) -> tuple[list[float], list[float]]:
    size, root = ledger.head()
    chance = random.Random(6962)
    inclusion, consistency = [], []
    for _ in range(PROOFS):
        index, old = chance.randrange(size), chance.randrange(1, size)
        start = time.perf_counter()
        proof = ledger.inclusion_proof(index, size)
        inclusion.append((time.perf_counter() - start) * 1000)
        [(_, body)] = ledger.entries(index, index + 1)
        merkle.verify_inclusion(index, size, merkle.leaf_hash(body), proof, root)
        start = time.perf_counter()
        proof = ledger.consistency_proof(old, size)
        consistency.append((time.perf_counter() - start) * 1000)
        merkle.verify_consistency(old, size, proof, ledger.root(old), root)
    return inclusion, consistency


def _fill(path: Path, count: int) -> None:
    """A ledger of ``count`` entries, the way appends would have left it, in seconds."""
    rest: list[tuple[int, bytes]] = []  # level and hash of the subtrees still open, to the left

    before, after = _entry(0).body().split(b"1790000000000000")

    def body(index: int) -> bytes:
        return before + b"%d" % (1_790_000_000_000_000 + index) + after

    def rows() -> Iterator[tuple[int, int, bytes]]:
        for index in range(count):
            level, above = 0, merkle.leaf_hash(body(index))
            yield 0, index, above
            while rest and rest[-1][0] == level:
                above = merkle.node_hash(rest.pop()[1], above)
                level += 1
                yield level, index >> level, above
            rest.append((level, above))

    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA synchronous = OFF")
    database.execute("BEGIN")
    bodies = ((index, body(index)) for index in range(count))
    database.executemany('INSERT INTO entry ("index", body) VALUES (?, ?)', bodies)
    database.executemany('INSERT INTO node (level, "index", hash) VALUES (?, ?, ?)', rows())
    database.execute("COMMIT")
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()


def _engine(path: Path) -> Engine:
    engine = connect(path)
    migrate(engine)
    return engine


def _entry(number: int) -> Entry:
    return Entry(
        Act.VIEWED,
        1_790_000_000_000_000 + number,
        "operator",
        "operator",
        "routine-watch",
        camera="demo",
        since_us=1_795_000_000_000_000,
        facts={"mode": "live"},
    )


def _append(ledger: Ledger, count: int) -> None:
    for number in range(count):
        ledger.append(_entry(number))


def _seconds(work: Callable[[], None], times: int) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) / times


def _figure(
    values: list[float], *, limit: float | None = None, better: str = ""
) -> dict[str, float | str]:
    figure: dict[str, float | str] = {
        "value": round(statistics.median(values), 3),
        "low": round(min(values), 3),
        "high": round(max(values), 3),
    }
    if limit is not None:
        figure |= {"limit": limit, "better": better}
    return figure


if __name__ == "__main__":
    print(json.dumps(run(), indent=2))
