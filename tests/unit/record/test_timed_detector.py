"""A detector that keeps time: late, broken and missing ones fail, and are mended."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pytest
from numpy.typing import NDArray

from scrim.errors import DetectorFailed, ModelAltered
from scrim.record.timed_detector import TimedDetector
from scrim.redact import Detection, Detector

IMAGE = np.zeros((32, 64, 3), np.uint8)
BOX = Detection(1, 2, 3, 4, 0.9)


class _Scripted:
    """Does what it is told at each look: a function, or an answer."""

    input_size = (64, 32)

    def __init__(self, *script: object) -> None:
        self._script = list(script)

    def size_for(self, width: int, height: int) -> tuple[int, int]:
        return width // 2, height // 2

    def detect(self, image: NDArray[np.uint8]) -> list[Detection]:
        step = self._script.pop(0) if self._script else [BOX]
        return step() if callable(step) else step  # type: ignore[return-value]


@dataclass
class _Shop:
    """Makes the scripted detectors one after the other, then good ones."""

    stock: list[object] = field(default_factory=list)
    made: int = 0
    lines: list[str] = field(default_factory=list)

    def make(self) -> Detector:
        self.made += 1
        item = self.stock.pop(0) if self.stock else _Scripted()
        if isinstance(item, Exception):
            raise item
        if isinstance(item, threading.Event):
            item.wait()
            return _Scripted()
        return item  # type: ignore[return-value]

    def timed(self, **how: float) -> TimedDetector:
        values = {"limit_s": 0.1, "slow_s": 0.05, "lost_after_s": 0.3, "retry_s": 0.05} | how
        return TimedDetector(self.make, report=self.lines.append, **values)


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """What a hanging detector waits for; opened at the end."""
    event = threading.Event()
    yield event
    event.set()


def hangs(gate: threading.Event) -> Callable[[], list[Detection]]:
    def hang() -> list[Detection]:
        gate.wait()
        return [BOX]

    return hang


def raises(error: BaseException) -> Callable[[], list[Detection]]:
    def fail() -> list[Detection]:
        raise error

    return fail


def why(timed: TimedDetector) -> str:
    with pytest.raises(DetectorFailed) as caught:
        timed.detect(IMAGE)
    return caught.value.message


def until_it_answers(timed: TimedDetector, seconds: float = 5.0) -> None:
    end = time.monotonic() + seconds
    while True:
        try:
            timed.detect(IMAGE)
        except DetectorFailed:
            assert time.monotonic() < end
            time.sleep(0.02)
        else:
            return


def test_it_answers_as_the_detector_inside_does() -> None:
    timed = _Shop().timed()
    assert timed.size_for(640, 352) == (320, 176)
    assert timed.input_size == (64, 32)
    assert timed.detect(IMAGE) == [BOX]
    assert 0 < timed.last_ms < 50
    assert not timed.slow
    timed.close()


def test_a_slow_answer_counts_and_is_called_slow() -> None:
    def slow() -> list[Detection]:
        time.sleep(0.15)
        return [BOX]

    timed = _Shop([_Scripted(slow)]).timed(limit_s=2.0)
    assert timed.detect(IMAGE) == [BOX]
    assert timed.last_ms >= 150
    assert timed.slow
    timed.close()


def test_a_late_answer_fails_and_is_thrown_away(gate: threading.Event) -> None:
    other = Detection(9, 9, 9, 9, 0.5)
    shop = _Shop([_Scripted(hangs(gate), [other])])
    timed = shop.timed(lost_after_s=60.0)
    assert why(timed) == "the detector did not answer within 0.1 s"
    began = time.monotonic()
    assert why(timed) == "the detector did not answer within 0.1 s"
    assert time.monotonic() - began < 0.05  # at once, for the thread is still at the first
    assert timed.slow
    gate.set()
    until_it_answers(timed)
    assert shop.made == 1
    timed.close()


def test_a_thread_that_never_comes_back_is_given_up(gate: threading.Event) -> None:
    shop = _Shop([_Scripted(hangs(gate))])
    timed = shop.timed()
    why(timed)
    until_it_answers(timed)
    assert shop.made == 2
    assert any("its thread is given up" in line for line in shop.lines)
    timed.close()


def test_threads_given_up_are_few_and_then_the_process_has_to_end(gate: threading.Event) -> None:
    shop = _Shop([_Scripted(hangs(gate)) for _ in range(10)])
    timed = shop.timed(limit_s=0.02, lost_after_s=0.05)
    end = time.monotonic() + 10
    while not timed.hopeless and time.monotonic() < end:
        why(timed)
        time.sleep(0.01)
    assert timed.hopeless == "the detector hangs again and again"
    assert shop.made == 4
    assert why(timed) == timed.hopeless
    timed.close()


def test_a_detector_that_keeps_failing_is_made_anew() -> None:
    broken = _Scripted(*[raises(RuntimeError("a face at 3, 4"))] * 100)
    shop = _Shop([broken])
    timed = shop.timed()
    for _ in range(5):
        assert why(timed) == "the detector raised RuntimeError"
    for _ in range(3):
        assert timed.detect(IMAGE) == [BOX]
    assert shop.made == 2
    assert shop.lines == [
        "nothing is shown: the detector raised RuntimeError.",
        "the detector failed 5 times in a row and is made anew",
        "the detector answers again",
    ]
    timed.close()


def test_nonsense_counts_as_a_fault_too() -> None:
    nan = [Detection(float("nan"), 0, 1, 1, 0.9)]
    shop = _Shop([_Scripted(*[nan] * 100)])
    timed = shop.timed()
    for _ in range(5):
        assert why(timed) == "the detector answered a box that is not finite"
    assert timed.detect(IMAGE) == [BOX]
    timed.close()


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(), MemoryError()])
def test_whatever_it_raises_is_a_fault(error: BaseException) -> None:
    timed = _Shop([_Scripted(raises(error))]).timed()
    assert type(error).__name__ in why(timed)
    assert timed.detect(IMAGE) == [BOX]
    timed.close()


def test_one_that_cannot_be_made_is_tried_again_later() -> None:
    altered = ModelAltered("The model is another one.", "Delete it.")
    shop = _Shop([altered, RuntimeError("provider: secret"), altered])
    timed = shop.timed()
    assert timed.size_for(640, 352) == (640, 352)
    assert why(timed) == "the detector cannot be made (ModelAltered)"
    assert shop.made == 1  # the second call did not try so soon
    assert not timed.sizes_changed()
    until_it_answers(timed)
    assert shop.made == 4
    assert timed.sizes_changed()
    assert not timed.sizes_changed()
    assert timed.size_for(640, 352) == (320, 176)
    told = [line for line in shop.lines if "cannot be made" in line]
    assert len(told) == 2
    assert "The model is another one. Delete it." in told[0]
    assert not any("secret" in line for line in shop.lines)
    timed.close()


def test_one_that_hangs_at_its_start_is_given_up(gate: threading.Event) -> None:
    shop = _Shop([gate])
    timed = shop.timed()
    assert why(timed) == "the detector is still being made"
    until_it_answers(timed)
    assert shop.made == 2
    timed.close()
