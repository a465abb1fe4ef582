from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from scrim.ledger import Act, Entry, Ledger
from scrim.store.database import connect, migrate


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = connect(tmp_path / "scrim.db", busy_seconds=0.3)
    migrate(made)
    yield made
    made.dispose()


@pytest.fixture
def ledger(engine: Engine) -> Ledger:
    return Ledger(engine)


@pytest.fixture
def entry() -> Entry:
    return Entry(Act.CONFIGURED, 1_000_000, "operator", "operator", "camera-added", camera="demo")
