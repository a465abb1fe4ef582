from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.retention.world import RetentionWorld


@pytest.fixture
def world(tmp_path: Path) -> Iterator[RetentionWorld]:
    made = RetentionWorld(tmp_path / "data")
    yield made
    made.close()
