"""The database: connections, transactions, migrations.

Rules:

- A transaction that writes takes the write lock when it begins, so that what it
  reads first is still true when it writes.
- A commit is on the disk when it returns (:data:`SYNCHRONOUS`).
- Waiting for another process's lock ends after ten seconds with a clear error.
- No error quotes the values of a statement: a camera's password may be among them.
- SQLite's own errors leave here as :class:`scrim.errors.StoreError` and its
  kin; a broken constraint stays SQLAlchemy's ``IntegrityError``, for the caller
  who expects it.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from sqlalchemy import Connection, Engine, NullPool, QueuePool, create_engine, event
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from scrim.errors import DataFolderUnwritable, ScrimError, StoreError, StoreFull

BUSY_SECONDS: Final = 10.0
SYNCHRONOUS: Final = "FULL"
"""When SQLite waits for the disk: before each commit returns."""

_SCRUB_PATIENCE_MS: Final = 500

_WRITING: Final = "scrim_writing"


def connect(
    target: Path | str, *, read_only: bool = False, busy_seconds: float = BUSY_SECONDS
) -> Engine:
    """An engine for a SQLite file (``Path``) or a database URL (``str``).

    Nothing is opened until it is used.  The engine may be shared by threads, not
    carried over a fork.

    Args:
        target: a file, which is made if need be, or a URL such as ``postgresql+psycopg://…``.
        read_only: never write; a file in a folder that cannot be written can be read.
        busy_seconds: how long to wait for another writer.
    """
    if isinstance(target, str) and not target.startswith("sqlite"):
        return create_engine(target, pool_pre_ping=True, hide_parameters=True)
    if isinstance(target, str):
        raise ValueError("a SQLite file is given as a Path")
    engine = create_engine(
        "sqlite://",
        creator=lambda: _open_sqlite(target, read_only, busy_seconds),
        poolclass=NullPool if read_only else QueuePool,
        hide_parameters=True,
    )
    event.listen(engine, "begin", _begin_sqlite)
    return engine


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that writes: committed when the block ends, rolled back when it raises.

    Raises:
        StoreFull: no room.
        DataFolderUnwritable: the database cannot be written.
        StoreError: another writer held the lock for too long, or the file is no database.
        IntegrityError: a constraint did not hold.
    """
    with translated(), engine.connect() as connection:
        connection = connection.execution_options(**{_WRITING: True})
        with connection.begin():
            yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that reads one state of the database throughout.

    Raises:
        StoreError: the database cannot be read.
    """
    with translated(), engine.connect() as connection, connection.begin():
        yield connection


@contextmanager
def translated() -> Iterator[None]:
    """Turn the database's errors into Scrim's own."""
    try:
        yield
    except IntegrityError:
        raise
    except (DBAPIError, PoolTimeoutError, sqlite3.Error) as error:
        raise _translation(error) from error


def migrate(engine: Engine) -> None:
    """Bring the tables to this version's; safe to call from several processes.

    Raises:
        DataFolderNewer: a newer Scrim wrote the database.
        StoreError: it cannot be read or written.
    """
    from scrim.store import migrations  # Alembic is heavy, and only this needs it

    with writing(engine) as connection:
        migrations.upgrade(connection)


def scrub(engine: Engine) -> bool:
    """Leave nothing of what was deleted in the database's files; whether that is done now.

    SQLite overwrites what is deleted (``secure_delete``); here its write-ahead log,
    which still holds older pages, is emptied.  While another connection reads an old
    state that cannot be done: try again later.  Other databases keep old rows in ways
    of their own, so there it is never done.

    Raises:
        StoreError: the database cannot be written.
    """
    if engine.dialect.name != "sqlite":
        return False
    with translated(), engine.connect() as connection:
        raw: sqlite3.Connection = connection.connection.driver_connection  # type: ignore[assignment]
        try:
            raw.execute(f"PRAGMA busy_timeout = {_SCRUB_PATIENCE_MS}")
            busy, left, _done = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            raw.execute(f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}")
    return not busy and left == 0


def _open_sqlite(path: Path, read_only: bool, busy_seconds: float) -> sqlite3.Connection:
    query = "mode=ro" if read_only else "mode=rwc"
    if read_only and not os.access(path.parent, os.W_OK):
        wal = path.with_name(path.name + "-wal")
        if not wal.exists() or wal.stat().st_size == 0:
            query += "&immutable=1"  # a WAL database needs its side files otherwise
    connection = sqlite3.connect(
        f"file:{quote(str(path))}?{query}",
        uri=True,
        timeout=busy_seconds,
        isolation_level=None,  # transactions begin where we say, not where the driver guesses
        check_same_thread=False,
        cached_statements=256,
    )
    try:
        connection.execute("PRAGMA foreign_keys = ON")
        if read_only:
            connection.execute("PRAGMA query_only = ON")
        else:
            connection.execute(f"PRAGMA synchronous = {SYNCHRONOUS}")
            # what is deleted is overwritten, sealed parts of a case that ended above all
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("PRAGMA journal_mode = WAL")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITING, False)
    raw: sqlite3.Connection = connection.connection.driver_connection  # type: ignore[assignment]
    raw.execute("BEGIN IMMEDIATE" if writes else "BEGIN")


def _translation(error: Exception) -> ScrimError:
    cause: Any = error.orig if isinstance(error, DBAPIError) else error
    text = str(cause).strip() or type(cause).__name__
    low = text.lower()
    if "full" in low or "no space" in low:
        return StoreFull("The database cannot grow: the disk is full.", "Free some space.")
    if "readonly" in low or "read-only" in low:
        return DataFolderUnwritable(
            "The database cannot be written.",
            "Give the user that runs Scrim the right to write in the data folder.",
        )
    if "locked" in low or "busy" in low:
        return StoreError(
            "The database is busy: another program has held its lock for too long.",
            "Close other programs that use the data folder, then try again.",
        )
    if "not a database" in low or "malformed" in low or "corrupt" in low:
        return StoreError(
            f"The database is damaged ({text}).",
            "Restore the data folder from a copy; `scrim verify` says what still holds.",
        )
    if "unable to open" in low:
        return StoreError(
            "The database cannot be opened.",
            "Check that scrim.db is in the data folder and may be read and written.",
        )
    if "no such table" in low:
        return StoreError(
            f"The database lacks a table ({text}).", "Run `scrim init` on the data folder."
        )
    return StoreError(f"The database failed: {text}.", "Look at the disk and at the log.")
