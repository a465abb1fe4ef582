"""Invariant 2: a detector may hang, break, lie or be missing, and nobody is seen."""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.paths.faults.world import (
    Faulty,
    assert_never_seen,
    assert_recovered,
    is_blank,
    raising,
    record,
    stored,
    with_limit,
)
from tests.sim.street import SquareDetector, Street

from scrim.errors import ModelAltered
from scrim.record.timed_detector import TimedDetector
from scrim.redact import CenterFace, Detection, Detector


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """What a hanging detector waits for; opened at the end."""
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give up a thread after 0.6 s, and try again soon."""
    quick = functools.partial(TimedDetector, lost_after_s=0.6, retry_s=0.05)
    monkeypatch.setattr("scrim.record.mask_side.TimedDetector", quick)


def hanging(gate: threading.Event) -> Callable[[], object]:
    def hang() -> object:
        gate.wait(600)  # longer than any test
        return []

    return hang


class _Factory:
    """Gives detectors, or raises, in the given order; then good ones."""

    def __init__(self, *stock: Detector | Exception) -> None:
        self._stock = list(stock)
        self.made = 0

    def __call__(self) -> Detector:
        self.made += 1
        item = self._stock.pop(0) if self._stock else SquareDetector()
        if isinstance(item, Exception):
            raise item
        return item


def test_invariant_2_a_look_that_hangs_for_a_while(street: Street, gate: threading.Event) -> None:
    detector = Faulty(hanging(gate), lambda n: n == 3)  # 40 pictures from the start
    settings = with_limit(street.settings, 0.5)
    events = street.events(200, gop=25)
    given = [*events[:110], gate.set, *events[110:]]
    record(street, given, detector=lambda: detector, settings=settings)
    assert_never_seen(street, 100)
    assert_recovered(street)
    assert "nothing is shown: the detector did not answer within 0.5 s." in street.lines
    assert "the detector answers again" in street.lines
    assert any("to whole frame: the detector did not answer" in line for line in street.lines)
    assert any("masking went from whole frame to" in line for line in street.lines)


@pytest.mark.usefixtures("impatient")
def test_invariant_2_a_look_that_never_comes_back(street: Street, gate: threading.Event) -> None:
    make = _Factory(Faulty(hanging(gate), lambda n: n == 3))
    settings = with_limit(street.settings, 0.5)
    record(street, street.events(200, gop=25), detector=make, settings=settings)
    assert make.made == 2
    assert_never_seen(street, 100)
    assert_recovered(street)
    assert any("its thread is given up" in line for line in street.lines)


@pytest.mark.usefixtures("impatient")
def test_invariant_2_detectors_that_all_hang_end_the_process(
    street: Street, gate: threading.Event
) -> None:
    settings = with_limit(street.settings, 0.5)
    recorder = record(
        street,
        street.events(500, gop=25),
        detector=lambda: Faulty(hanging(gate), lambda _: True),
        settings=settings,
    )
    assert recorder.failed == "the detector hangs again and again"
    assert not any(not is_blank(luma) for luma in stored(street))


def test_invariant_2_a_detector_that_slows_down(street: Street) -> None:
    looking = SquareDetector().detect

    class Slow(SquareDetector):
        looks = 0

        def detect(self, image: object) -> list[Detection]:
            self.looks += 1
            time.sleep(0.4 if 2 < self.looks < 5 else 0.0)
            return looking(image)  # type: ignore[arg-type]

    record(street, street.events(300, gop=25), detector=Slow)
    assert_never_seen(street, 200)
    assert_recovered(street)
    assert any("this machine is loaded" in line for line in street.lines)


@pytest.mark.usefixtures("never_loaded")
def test_invariant_2_a_look_that_finds_nothing_is_bridged(street: Street) -> None:
    """Where a face was a look ago it is held and followed, and the picture stays."""
    detector = Faulty(list, lambda n: n % 3 == 0)
    record(street, street.events(120, gop=25), detector=lambda: detector)  # until it jumps back
    assert detector.looks >= 6
    assert_never_seen(street, 120)
    assert not any(is_blank(luma) for luma in stored(street))


GARBAGE: dict[str, object] = {
    "outside": [Detection(400, 10, 20, 20, 0.9)],
    "huge": [Detection(0, 0, 1e9, 1e9, 0.9)],
    "too many": [Detection(1, 1, 5, 5, 0.9)] * 1001,
    "no numbers": [Detection("left", 1, 5, 5, 0.9)],  # type: ignore[arg-type]
    "score NaN": [Detection(1, 1, 5, 5, float("nan"))],
}


@pytest.mark.parametrize("garbage", GARBAGE)
def test_invariant_2_garbage_is_no_answer(street: Street, garbage: str) -> None:
    detector = Faulty(lambda: GARBAGE[garbage], lambda n: n == 2)
    record(street, street.events(60, gop=30), detector=lambda: detector)
    assert_never_seen(street, 60)
    assert_recovered(street)
    assert any("whole frame: the detector answered" in line for line in street.lines)


@pytest.mark.usefixtures("impatient")
def test_invariant_2_a_provider_that_fails_at_start(street: Street) -> None:
    make = _Factory(RuntimeError("no device"), MemoryError(), RuntimeError("no device"))
    record(street, street.events(200, gop=25), detector=make)
    assert make.made == 4
    assert_never_seen(street, 200)
    assert_recovered(street)
    assert "nothing is shown: the detector cannot be made (RuntimeError)." in street.lines
    assert not any("no device" in line for line in street.lines)


@pytest.mark.usefixtures("impatient")
def test_invariant_2_a_provider_that_fails_later_and_a_model_altered_meanwhile(
    street: Street,
) -> None:
    broken = Faulty(raising(RuntimeError("device lost")), lambda n: n > 3)
    altered = ModelAltered("The model is another one.", "Install it again.")
    make = _Factory(broken, altered)
    record(street, street.events(300, gop=25), detector=make)
    assert make.made == 3
    assert_never_seen(street, 300)
    assert_recovered(street)
    assert "the detector failed 5 times in a row and is made anew" in street.lines
    assert any("Install it again." in line for line in street.lines)
    assert "the detector answers again" in street.lines


@pytest.mark.parametrize("model", ["missing", "altered"])
def test_invariant_2_a_model_that_is_missing_or_altered(
    street: Street, tmp_path: Path, model: str
) -> None:
    path = tmp_path / "model.onnx"
    if model == "altered":
        path.write_bytes(b"another network")
    record(street, street.events(60, gop=30), detector=lambda: CenterFace(path))
    assert_never_seen(street, 60)
    assert all(is_blank(luma) for luma in stored(street))
    assert any(f"cannot be made (Model{model.title()})" in line for line in street.lines)
