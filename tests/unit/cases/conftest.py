from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.cases.world import World

from scrim.store.database import connect, migrate


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with its tables, to be copied: making one takes a while."""
    path = tmp_path_factory.mktemp("empty") / "scrim.db"
    engine = connect(path)
    migrate(engine)
    engine.dispose()
    return path


@pytest.fixture
def world(empty_database: Path, tmp_path: Path) -> Iterator[World]:
    engine = connect(Path(shutil.copy(empty_database, tmp_path / "scrim.db")))
    made = World(engine, tmp_path)
    made.seal()
    yield made
    engine.dispose()
