"""A data folder as an auditor reads it: nothing is written, not even a lock.

Rules:

- The folder may be a copy, a read-only mount, or in use.  What is judged is its
  state at one moment, the :class:`Snapshot`; what is added later is left out.
- Reading never holds the database for long: after the snapshot every question is
  a short transaction of its own.  This is sound because nothing the snapshot
  covers changes afterwards, but for states that only go forward.
- A WAL database cannot be opened by SQLite without making side files next to it.
  So one that was closed in good order is opened as immutable, and one that has
  its write-ahead log but no shared memory file (a copy) is read from a copy of
  our own.  Source: sqlite.org/wal.html, "Read-Only Databases".
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Engine,
    StaticPool,
    create_engine,
    event,
    func,
    inspect,
    select,
    tuple_,
)

from scrim.errors import DataFolderMissing, DataFolderNewer
from scrim.store.database import reading
from scrim.store.folder import FORMAT, DataFolder
from scrim.store.schema import checkpoint, entry, erased, gap, node, period, reshare, segment

PeriodKey = tuple[str, int, int]

_BATCH: Final = 4096
_GAPS: Final = select(
    gap.c.id, gap.c.camera, gap.c.side, gap.c.since_us, gap.c.until_us, gap.c.cause
)
_HIGHEST_LEVEL: Final = 63


@dataclass(frozen=True, slots=True)
class PeriodRow:
    """A row of ``period``."""

    camera: str
    epoch: int
    period: int
    opened_us: int
    closed_us: int | None
    recipient: str
    document_key: str
    document_sha256: str
    chain_length: int
    chain_head: str
    manifest_key: str | None
    manifest_sha256: str | None
    parts_state: str = "kept"
    rest_state: str = "kept"

    @property
    def key(self) -> PeriodKey:
        """What names it."""
        return self.camera, self.epoch, self.period


_PERIOD_COLUMNS: Final = tuple(period.c[field.name] for field in fields(PeriodRow))
_BEFORE_RETENTION: Final = _PERIOD_COLUMNS[:-2]  # a folder that no newer Scrim has run on


@dataclass(frozen=True, slots=True)
class SegmentRow:
    """A row of ``segment``, of either side."""

    camera: str
    segment: int
    side: str
    epoch: int
    period: int
    start_us: int
    end_us: int
    object_key: str
    record: str
    chain_index: int
    chain_head: str
    state: str


@dataclass(frozen=True, slots=True)
class GapRow:
    """A row of ``gap``."""

    id: int
    camera: str
    side: str
    since_us: int
    until_us: int | None
    cause: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The folder at one moment.

    Attributes:
        size: entries in the ledger, counted from the highest index.
        periods: all of them.
        reshares: the key of every re-sharing's object to its hash.
        gaps: all of them; they are here and not asked for later, because an open one ends.
        checkpoint_file: text of the file ``checkpoint``, read before the database,
            so that it can only be older.
        newest_checkpoint: size of the newest in the database.
        node_tops: per level, the highest index of a node.
    """

    size: int
    periods: dict[PeriodKey, PeriodRow]
    reshares: dict[str, str]
    gaps: tuple[GapRow, ...]
    checkpoint_file: str | None
    newest_checkpoint: int | None
    node_tops: dict[int, int]


class Evidence:
    """Reads one data folder."""

    def __init__(self, folder: DataFolder, engine: Engine) -> None:
        self.folder = folder
        self._engine = engine

    def snapshot(self) -> Snapshot:
        """The folder as it is now.

        Raises:
            StoreError: the database cannot be read (as in all that follow).
        """
        file = _text(self.folder.checkpoint)
        with reading(self._engine) as connection:
            last = connection.execute(select(func.max(entry.c.index))).scalar()
            periods = {
                row.key: row
                for row in (
                    PeriodRow(*found)
                    for found in connection.execute(
                        select(*_columns(connection)).order_by(*period.primary_key.columns)
                    )
                )
            }
            return Snapshot(
                size=0 if last is None else int(last) + 1,
                periods=periods,
                reshares=_reshares(connection),
                gaps=tuple(GapRow(*row) for row in connection.execute(_GAPS)),
                checkpoint_file=file,
                newest_checkpoint=connection.execute(select(func.max(checkpoint.c.size))).scalar(),
                node_tops=_node_tops(connection),
            )

    def reshares_now(self) -> dict[str, str]:
        """The key of every re-sharing's object to its hash, right now."""
        with reading(self._engine) as connection:
            return _reshares(connection)

    def database_faults(self) -> list[str]:
        """What SQLite's own check of its file says; empty if all is well."""
        with reading(self._engine) as connection:
            rows = connection.exec_driver_sql("PRAGMA quick_check(20)").scalars().all()
        return [str(row) for row in rows if row != "ok"]

    def entries(self, start: int, stop: int) -> dict[int, bytes]:
        """The bodies of the entries from ``start`` up to ``stop`` that are there."""
        with reading(self._engine) as connection:
            rows = connection.execute(
                select(entry.c.index, entry.c.body).where(
                    entry.c.index >= start, entry.c.index < stop
                )
            )
            return {int(index): bytes(body) for index, body in rows}

    def nodes(self, level: int, start: int, stop: int) -> dict[int, bytes]:
        """The stored nodes of a level from ``start`` up to ``stop``."""
        with reading(self._engine) as connection:
            rows = connection.execute(
                select(node.c.index, node.c.hash).where(
                    node.c.level == level, node.c.index >= start, node.c.index < stop
                )
            )
            return {int(index): bytes(value) for index, value in rows}

    def checkpoints(self, after: int, until: int | None) -> list[tuple[int, str]]:
        """Stored checkpoints of more than ``after`` entries, at most ``until``, by size."""
        wanted = select(checkpoint.c.size, checkpoint.c.note).where(checkpoint.c.size > after)
        if until is not None:
            wanted = wanted.where(checkpoint.c.size <= until)
        with reading(self._engine) as connection:
            rows = connection.execute(wanted.order_by(checkpoint.c.size))
            return [(int(size), str(note)) for size, note in rows]

    def segments(self, of: PeriodKey) -> list[SegmentRow]:
        """The rows of a period in the order of its chain."""
        with reading(self._engine) as connection:
            rows = connection.execute(
                select(segment).where(*_within(of)).order_by(segment.c.chain_index)
            )
            return [SegmentRow(*row) for row in rows]

    def chain_heads(self, of: PeriodKey) -> list[str]:
        """The head after each record of a period, in order."""
        with reading(self._engine) as connection:
            rows = connection.execute(
                select(segment.c.chain_head).where(*_within(of)).order_by(segment.c.chain_index)
            )
            return [str(head) for head in rows.scalars()]

    def object_keys(self, of: PeriodKey) -> set[str]:
        """The keys of the objects that a period's rows know, right now."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(segment.c.object_key).where(*_within(of)))
            return set(rows.scalars())

    def period_now(self, of: PeriodKey) -> PeriodRow | None:
        """A period's row right now."""
        camera, epoch, number = of
        with reading(self._engine) as connection:
            row = connection.execute(
                select(*_columns(connection)).where(
                    period.c.camera == camera, period.c.epoch == epoch, period.c.period == number
                )
            ).one_or_none()
        return None if row is None else PeriodRow(*row)

    def something_erased(self, of: PeriodRow) -> bool:
        """Whether the database says that something of the time of a period was erased."""
        with reading(self._engine) as connection:
            if not inspect(connection).has_table("erased"):
                return False
            row = connection.execute(
                select(erased.c.camera)
                .where(
                    erased.c.camera == of.camera,
                    erased.c.until_us >= of.opened_us,
                    erased.c.since_us <= (of.opened_us if of.closed_us is None else of.closed_us),
                )
                .limit(1)
            ).first()
        return row is not None or of.rest_state != "kept"

    def erasings(self) -> tuple[int, ...]:
        """What changes whenever a sweep does something; the same twice: none was at work."""
        with reading(self._engine) as connection:
            if not inspect(connection).has_table("erased"):
                return ()
            query = select(
                func.count(),
                func.count().filter(segment.c.state == "erasing"),
                func.count().filter(segment.c.state == "erased"),
            )
            segments = connection.execute(query.select_from(segment)).one()
            states = [
                func.count().filter(column == state)
                for column in (period.c.parts_state, period.c.rest_state)
                for state in ("erasing", "erased")
            ]
            periods = connection.execute(select(*states).select_from(period)).one()
            return (*segments, *periods)

    def all_segments(self) -> Iterator[SegmentRow]:
        """Every segment row, a batch at a time."""
        after = ("", -1, "")
        columns = (segment.c.camera, segment.c.segment, segment.c.side)
        while True:
            with reading(self._engine) as connection:
                rows = connection.execute(
                    select(segment)
                    .where(tuple_(*columns) > tuple_(*after))
                    .order_by(*columns)
                    .limit(_BATCH)
                ).all()
            if not rows:
                return
            found = [SegmentRow(*row) for row in rows]
            yield from found
            after = (found[-1].camera, found[-1].segment, found[-1].side)

    def gaps_over(self, camera: str, side: str, start_us: int, end_us: int) -> list[GapRow]:
        """The gaps of a side that touch an interval, by their beginning."""
        with reading(self._engine) as connection:
            rows = connection.execute(
                _GAPS.where(
                    gap.c.camera == camera,
                    gap.c.side.in_([side, "both"]),
                    gap.c.since_us <= end_us,
                    (gap.c.until_us.is_(None)) | (gap.c.until_us >= start_us),
                ).order_by(gap.c.since_us)
            )
            return [GapRow(*row) for row in rows]


@contextmanager
def open_evidence(path: Path) -> Iterator[Evidence]:
    """Open a data folder for reading only.

    Raises:
        DataFolderMissing: no data folder, or no database in it.
        DataFolderNewer: a newer Scrim wrote it.
    """
    folder = DataFolder(path.absolute())
    _check_format(folder)
    with _readable(folder.database) as (database, query):
        engine = create_engine(
            "sqlite://", creator=lambda: _open(database, query), poolclass=StaticPool
        )
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
        try:
            yield Evidence(folder, engine)
        finally:
            engine.dispose()


def _check_format(folder: DataFolder) -> None:
    text = _text(folder.path / "format")
    if text is None or not folder.database.is_file():
        raise DataFolderMissing(
            f"There is no Scrim data folder at {folder.path}.",
            "Name the folder that holds scrim.db and format.",
        )
    if text.strip().isdecimal() and int(text) > FORMAT:
        raise DataFolderNewer(
            f"{folder.path} was written by a newer Scrim (format {text.strip()}).",
            "Check it with the Scrim that wrote it, or a newer one.",
        )


@contextmanager
def _readable(database: Path) -> Iterator[tuple[Path, str]]:
    wal = database.with_name(database.name + "-wal")
    if not wal.exists() or wal.stat().st_size == 0:
        yield database, "mode=ro&immutable=1"
        return
    if database.with_name(database.name + "-shm").exists() and _opens(database):
        yield database, "mode=ro"
        return
    with tempfile.TemporaryDirectory(prefix="scrim-verify-") as name:
        copy = Path(name) / database.name
        shutil.copyfile(database, copy)
        shutil.copyfile(wal, copy.with_name(wal.name))
        yield copy, "mode=rw"


def _opens(database: Path) -> bool:
    try:
        connection = _open(database, "mode=ro")
        try:
            connection.execute("SELECT count(*) FROM sqlite_master")
        finally:
            connection.close()
    except sqlite3.OperationalError:  # its side files cannot be used as they are
        return False
    return True


def _open(database: Path, query: str) -> sqlite3.Connection:
    return sqlite3.connect(
        f"file:{quote(str(database))}?{query}",
        uri=True,
        timeout=10,
        isolation_level=None,
        check_same_thread=False,
    )


def _reshares(connection: Connection) -> dict[str, str]:
    if not inspect(connection).has_table(reshare.name):
        return {}  # of a folder that no Scrim has opened since there are any
    rows = connection.execute(select(reshare.c.object_key, reshare.c.sha256))
    return {str(key): str(sha256) for key, sha256 in rows}


def _node_tops(connection: Connection) -> dict[int, int]:
    tops = {}
    for level in range(_HIGHEST_LEVEL):
        top = connection.execute(
            select(func.max(node.c.index)).where(node.c.level == level)
        ).scalar()
        if top is not None:
            tops[level] = int(top)
    return tops


def _columns(connection: Connection) -> tuple[Column[Any], ...]:
    names = {column["name"] for column in inspect(connection).get_columns("period")}
    return _PERIOD_COLUMNS if "parts_state" in names else _BEFORE_RETENTION


def _within(of: PeriodKey) -> tuple[ColumnElement[bool], ...]:
    camera, epoch, number = of
    return (
        segment.c.camera == camera,
        segment.c.epoch == epoch,
        segment.c.period == number,
    )


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
