"""A street to record."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.sim.street import Street, patient_stops, street_in


@pytest.fixture
def street(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Street]:
    patient_stops(monkeypatch)
    made = street_in(tmp_path / "data")
    yield made
    made.engine.dispose()
