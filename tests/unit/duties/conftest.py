from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.duties.town import Town
from tests.unit.subjects.world import SubjectWorld


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    made = Town(tmp_path)
    yield made
    made.deployment.close()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[SubjectWorld]:
    made = SubjectWorld(tmp_path / "data")
    yield made
    made.close()
