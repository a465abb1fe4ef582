"""The small deployment that these tests record into."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.sim.street import Street, patient_stops, street_in

from scrim.record import mask_side
from scrim.record.load import Load
from scrim.record.timed_detector import TimedDetector
from scrim.redact import Detector


class _NoLoad(Load):
    @property
    def value(self) -> float:
        return 0.0


def _patient(
    make: Callable[[], Detector], *, limit_s: float, slow_s: float, report: Callable[[str], None]
) -> TimedDetector:
    return TimedDetector(make, limit_s=60.0, slow_s=60.0, report=report)


@pytest.fixture(autouse=True)
def _at_leisure(monkeypatch: pytest.MonkeyPatch) -> None:
    """A camera's recorder finds the machine idle, however busy it is.

    Else its masks would widen, and nothing pass.  What load and late looks do has tests of
    its own, which say how late it is.
    """
    monkeypatch.setattr(mask_side, "Load", _NoLoad)
    monkeypatch.setattr(mask_side, "TimedDetector", _patient)


@pytest.fixture
def street(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Street]:
    patient_stops(monkeypatch)
    made = street_in(tmp_path / "data")
    yield made
    made.engine.dispose()
