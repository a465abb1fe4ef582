"""The migrations lead to the tables that the code uses."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text
from tests.ready_tables import REALLY, ReadyTables

from scrim.errors import StoreError
from scrim.store import migrations
from scrim.store.database import connect, migrate, reading, writing
from scrim.store.folder import REVISION
from scrim.store.schema import metadata


@pytest.fixture(autouse=True)
def really(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other tests get ready tables."""
    monkeypatch.setattr(migrations, "upgrade", REALLY)


def statements(engine: Engine) -> set[tuple[str, frozenset[str]]]:
    """Each statement as what stands before its parts, and the parts in any order.

    SQLite writes a column that was added behind the table's constraints.
    """
    with reading(engine) as connection:
        rows = connection.execute(
            text("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'alembic%'")
        ).scalars()
        return {_parts(re.sub(r"\s+", " ", row)) for row in rows}


def _parts(statement: str) -> tuple[str, frozenset[str]]:
    head, _, rest = statement.partition("(")
    inner, _, tail = rest.rpartition(")")
    parts = frozenset(part.strip() for part in re.split(r",(?![^(]*\))", inner))
    return f"{head.strip()} ... {tail.strip()}", parts


def test_the_migrations_make_exactly_the_tables_of_the_schema(tmp_path: Path) -> None:
    migrated, made = connect(tmp_path / "migrated.db"), connect(tmp_path / "made.db")
    migrate(migrated)
    with writing(made) as connection:
        metadata.create_all(connection)
    assert statements(migrated) == statements(made)
    assert len(statements(made)) >= len(metadata.tables)
    migrated.dispose()
    made.dispose()


def test_alembic_finds_nothing_to_add(tmp_path: Path) -> None:
    engine = connect(tmp_path / "migrated.db")
    migrate(engine)
    with reading(engine) as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_the_newest_migration_is_the_one_a_folder_is_checked_for() -> None:
    scripts = ScriptDirectory.from_config(migrations.config())
    assert scripts.get_heads() == [REVISION]


def test_a_migration_that_fails_leaves_nothing(tmp_path: Path) -> None:
    engine = connect(tmp_path / "scrim.db")
    with writing(engine) as connection:
        connection.exec_driver_sql("CREATE TABLE view (own INTEGER)")  # the last table to come
    before = statements(engine)
    with pytest.raises(StoreError, match="view"):
        migrate(engine)
    assert statements(engine) == before
    engine.dispose()


def test_cameras_of_the_ground_floor_keep_the_settings_policy(tmp_path: Path) -> None:
    engine = connect(tmp_path / "scrim.db")
    with writing(engine) as connection:
        command.upgrade(migrations.config(connection), "0001")
        connection.execute(
            text(
                "INSERT INTO camera"
                " (id, name, kind, source, options, epoch, next_segment, added_us)"
                " VALUES ('gate', 'Gate', 'file', '/a.mp4', '{}', 3, 40, 1)"
            )
        )
    migrate(engine)
    with reading(engine) as connection:
        assert connection.execute(text("SELECT epoch, policy FROM camera")).all() == [(3, "{}")]
    engine.dispose()


def test_the_ready_tables_of_the_other_tests_are_those_of_the_migrations(tmp_path: Path) -> None:
    ready, found = ReadyTables(), []
    for name in ("first", "second"):
        engine = connect(tmp_path / name)
        with writing(engine) as connection:
            ready.upgrade(connection)
        with reading(engine) as connection:
            assert compare_metadata(MigrationContext.configure(connection), metadata) == []
            rows = connection.execute(text("SELECT version_num FROM alembic_version")).scalars()
            assert rows.all() == [REVISION]
        found.append(statements(engine))
        engine.dispose()
    assert found[0] == found[1]
