from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.subjects.world import SubjectWorld


@pytest.fixture
def world(tmp_path: Path) -> Iterator[SubjectWorld]:
    made = SubjectWorld(tmp_path / "data")
    yield made
    made.close()
