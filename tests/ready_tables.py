"""Tables for a test's new database, as the migrations made them once in this process.

Some thousand tests begin with an empty data folder.  What the migrations lead to is the
same each time, so they run for the first one, and the others get its statements and rows.
A database that has a table already is migrated, and so are those of child processes and of
the tests of the migrations themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sqlalchemy import Connection

from scrim.store import migrations

REALLY: Final[Callable[[Connection], None]] = migrations.upgrade
"""The migrations themselves."""

_THERE: Final = "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid"


class ReadyTables:
    """Stands in for the migrations."""

    def __init__(self) -> None:
        self._statements: list[str] = []
        self._rows: list[tuple[str, list[tuple[object, ...]]]] = []

    def upgrade(self, connection: Connection) -> None:
        """As the migrations do it, in the caller's transaction."""
        empty = not connection.exec_driver_sql(_THERE).first()
        if not empty or not self._statements:
            REALLY(connection)
            if empty:
                self._learn(connection)
            return
        for statement in self._statements:
            connection.exec_driver_sql(statement)
        for insert, rows in self._rows:
            connection.exec_driver_sql(insert, rows)

    def _learn(self, connection: Connection) -> None:
        found = connection.exec_driver_sql(_THERE).all()
        self._statements = [row.sql for row in found]
        for table in (row.name for row in found if row.type == "table"):
            rows = [tuple(row) for row in connection.exec_driver_sql(f'SELECT * FROM "{table}"')]
            if rows:
                marks = ", ".join("?" * len(rows[0]))
                self._rows.append((f'INSERT INTO "{table}" VALUES ({marks})', rows))
