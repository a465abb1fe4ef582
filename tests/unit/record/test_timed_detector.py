"""A detector that keeps time: late, broken and missing ones fail, and are mended."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.typing import NDArray

from scrim.errors import DetectorFailed, ModelAltered
from scrim.record import timed_detector
from scrim.record.timed_detector import TimedDetector
from scrim.redact import Detection, Detector

LONG = 60.0  # seconds; whatever does not hang answers sooner, on a busy machine too
SHORT = 0.05  # for what hangs
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
        values = {"limit_s": LONG, "slow_s": LONG, "lost_after_s": LONG, "retry_s": 0.05} | how
        return TimedDetector(self.make, report=self.lines.append, **values)


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """What a hanging detector waits for; opened at the end."""
    event = threading.Event()
    yield event
    event.set()


@dataclass
class _Hands:
    """What is added to the machine's clock."""

    ahead_s: float = 0.0


@pytest.fixture
def hands(monkeypatch: pytest.MonkeyPatch) -> _Hands:
    """Lets time pass for the detector under test, so that none of it has to be waited for."""
    made, real = _Hands(), time.monotonic
    clock = SimpleNamespace(monotonic=lambda: real() + made.ahead_s)
    monkeypatch.setattr(timed_detector, "time", clock)
    return made


def allow(timed: TimedDetector, seconds: float) -> None:
    """Another limit from now on: short where something hangs, long where it has to answer."""
    timed._limit_s = seconds


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


def until_it_answers(timed: TimedDetector) -> None:
    allow(timed, LONG)
    end = time.monotonic() + LONG
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
    assert 0 < timed.last_ms < LONG * 1000
    assert not timed.slow
    timed.close()


def test_a_slow_answer_counts_and_is_called_slow() -> None:
    def slow() -> list[Detection]:
        time.sleep(0.15)
        return [BOX]

    timed = _Shop([_Scripted(slow)]).timed(slow_s=0.1)
    assert timed.detect(IMAGE) == [BOX]
    assert timed.last_ms >= 150
    assert timed.slow
    timed.close()


def test_a_quick_second_look_does_not_hide_that_looks_are_slow() -> None:
    def slow() -> list[Detection]:
        time.sleep(0.15)
        return [BOX]

    timed = _Shop([_Scripted(slow)]).timed(slow_s=0.1)
    timed.detect(IMAGE)
    timed.detect(IMAGE[:4, :16])
    assert timed.slow
    timed.detect(IMAGE)
    assert not timed.slow


def test_second_looks_do_not_make_a_detector_well_again() -> None:
    shop = _Shop([_Scripted(RuntimeError)])
    timed = shop.timed()
    with pytest.raises(DetectorFailed):
        timed.detect(IMAGE)
    for _ in range(9):
        timed.detect(IMAGE[:4, :16])
    assert "answers again" not in "".join(shop.lines)
    for _ in range(3):
        timed.detect(IMAGE)
    assert "answers again" in "".join(shop.lines)


def test_a_late_answer_fails_and_is_thrown_away(gate: threading.Event) -> None:
    other = Detection(9, 9, 9, 9, 0.5)
    shop = _Shop([_Scripted([BOX], hangs(gate), [other])])
    timed = shop.timed(lost_after_s=10 * LONG)
    assert timed.detect(IMAGE) == [BOX]
    allow(timed, SHORT)
    assert why(timed) == "the detector did not answer within 0.05 s"
    allow(timed, LONG)
    began = time.monotonic()
    assert why(timed) == "the detector did not answer within 60 s"
    assert time.monotonic() - began < LONG / 2  # at once, for the thread is still at the first
    assert timed.slow
    gate.set()
    until_it_answers(timed)
    assert shop.made == 1
    timed.close()


def test_a_thread_that_never_comes_back_is_given_up(gate: threading.Event, hands: _Hands) -> None:
    shop = _Shop([_Scripted([BOX], hangs(gate))])
    timed = shop.timed(lost_after_s=10 * LONG)
    assert timed.detect(IMAGE) == [BOX]
    allow(timed, SHORT)
    why(timed)
    assert why(timed) == "the detector did not answer within 0.05 s"  # it may yet
    hands.ahead_s += 11 * LONG
    until_it_answers(timed)
    assert shop.made == 2
    assert any("its thread is given up" in line for line in shop.lines)
    timed.close()


def test_threads_given_up_are_few_and_then_the_process_has_to_end(
    gate: threading.Event, hands: _Hands
) -> None:
    shop = _Shop([_Scripted(hangs(gate)) for _ in range(10)])
    timed = shop.timed(lost_after_s=10 * LONG)
    for _ in range(4):
        assert not timed.hopeless
        assert timed.size_for(640, 352) == (320, 176)  # one is made, and not looking yet
        allow(timed, SHORT)
        why(timed)
        allow(timed, LONG)
        hands.ahead_s += 11 * LONG
        why(timed)  # and given up
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


def test_one_that_cannot_be_made_is_tried_again_later(hands: _Hands) -> None:
    altered = ModelAltered("The model is another one.", "Delete it.")
    shop = _Shop([altered, RuntimeError("provider: secret"), altered])
    timed = shop.timed(retry_s=LONG)
    assert timed.size_for(640, 352) == (640, 352)
    assert why(timed) == "the detector cannot be made (ModelAltered)"
    assert shop.made == 1  # the second call did not try so soon
    assert not timed.sizes_changed()
    for made in (2, 3):
        hands.ahead_s += LONG + 1
        why(timed)
        why(timed)
        assert shop.made == made
    hands.ahead_s += LONG + 1
    assert timed.detect(IMAGE) == [BOX]
    assert shop.made == 4
    assert timed.sizes_changed()
    assert not timed.sizes_changed()
    assert timed.size_for(640, 352) == (320, 176)
    told = [line for line in shop.lines if "cannot be made" in line]
    assert len(told) == 2
    assert "The model is another one. Delete it." in told[0]
    assert not any("secret" in line for line in shop.lines)
    timed.close()


def test_one_that_hangs_at_its_start_is_given_up(gate: threading.Event, hands: _Hands) -> None:
    shop = _Shop([gate])
    timed = shop.timed(limit_s=SHORT, lost_after_s=10 * LONG)
    assert why(timed) == "the detector is still being made"
    hands.ahead_s += 11 * LONG
    until_it_answers(timed)
    assert shop.made == 2
    timed.close()
