"""Invariant 2: no memory, no time, a dead thread, a clock that jumps; nobody is seen."""

from __future__ import annotations

import dataclasses
import importlib
import itertools
import threading

import pytest
from tests.paths.faults.world import (
    Faulty,
    assert_never_seen,
    assert_recovered,
    is_blank,
    record,
    stored,
    with_limit,
)
from tests.sim.street import SquareDetector, Street

from scrim.camera.packet import ClearPacket, SourceEvent
from scrim.clock import SystemClock
from scrim.record.camera_recorder import CameraRecorder
from scrim.record.mask_side import MaskSide

PLACES = [
    "scrim.record.decode:Decoder.decode",
    "scrim.redact.redactor:Redactor.push",
    "scrim.redact.view:ViewWatch.push",
    "scrim.redact.mask:Painter.masked",
    "scrim.record.encode:MaskedEncoder.encode",
    "scrim.record.parts:PartMaker.add",
]


@pytest.mark.parametrize("spot", PLACES)
def test_invariant_2_memory_is_refused(
    street: Street, monkeypatch: pytest.MonkeyPatch, spot: str
) -> None:
    """Everything in flight is thrown away, and masking goes on at the next key frame."""
    module, path = spot.split(":")
    owner, method = path.split(".")
    holder = getattr(importlib.import_module(module), owner)
    real = getattr(holder, method)
    calls = itertools.count()

    def refused(self: object, *given: object, **named: object) -> object:
        if next(calls) == 40:
            raise MemoryError
        return real(self, *given, **named)

    monkeypatch.setattr(holder, method, refused)
    record(street, street.events(120, gop=25))
    assert_never_seen(street, 60)
    assert_recovered(street)
    assert "masking failed (MemoryError); starting over" in street.lines
    assert any("to whole frame: masking failed" in line for line in street.lines)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_invariant_2_a_masking_thread_that_dies_ends_the_process(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    take = MaskSide._take
    calls = itertools.count()

    def dying(self: MaskSide, item: object) -> None:
        if next(calls) == 40:
            raise SystemExit
        take(self, item)  # type: ignore[arg-type]

    monkeypatch.setattr(MaskSide, "_take", dying)
    to_the_end: list[bool] = []
    events = [*street.events(2000, gop=25), lambda: to_the_end.append(True)]
    recorder = record(street, events)
    assert recorder.failed == "the masking thread ended"
    assert to_the_end == []  # long before the camera did
    assert_never_seen(street, 1)


def test_invariant_2_a_queue_that_overflows(street: Street) -> None:
    looked, full = threading.Event(), threading.Event()

    def slow() -> object:
        looked.set()
        full.wait(60)
        return []

    def hurried(recorder: CameraRecorder) -> bool:
        if recorder.status().dropped:
            full.set()
        return looked.is_set() and not full.is_set()

    detector = Faulty(slow, lambda n: n == 3)
    record(
        street,
        street.events(300, gop=25),
        detector=lambda: detector,
        hurried=hurried,
        settings=with_limit(street.settings, 5.0),
    )
    assert full.is_set()
    assert_never_seen(street, 150)
    assert_recovered(street)


@pytest.mark.parametrize("jump_us", [-3_600_000_000, -3_000_000, 3_000_000, 3_600_000_000])
def test_invariant_2_the_camera_s_clock_jumps(street: Street, jump_us: int) -> None:
    events: list[SourceEvent] = []
    for i, event in enumerate(street.events(150, gop=25)):
        if i > 75 and isinstance(event, ClearPacket):
            moved = event.captured_us + jump_us
            event = dataclasses.replace(event, captured_us=moved, decode_us=moved)
        events.append(event)
    record(street, events)
    assert_never_seen(street, 100)
    assert any(not is_blank(luma) for luma in stored(street))


class _Clock(SystemClock):
    """The machine's, and what somebody did to it."""

    def __init__(self) -> None:
        super().__init__()
        self.moved_us = 0

    def now_us(self) -> int:
        return super().now_us() + self.moved_us


@pytest.mark.parametrize("jump_us", [-3_600_000_000, 3_600_000_000])
def test_invariant_2_the_machine_s_clock_jumps(street: Street, jump_us: int) -> None:
    clock = _Clock()

    def jump() -> None:
        clock.moved_us += jump_us

    events = street.events(150, gop=25)
    record(street, [*events[:75], jump, *events[75:]], clock=clock)
    assert_never_seen(street, 60)
    assert_recovered(street)


def test_the_detector_of_these_tests_sees_the_square(street: Street) -> None:
    """What is found here is masked, so the tests above would notice if it were not."""

    class Blind(SquareDetector):
        def detect(self, image: object) -> list[object]:  # type: ignore[override]
            del image
            return []

    record(street, street.events(60, gop=30), detector=Blind)
    with pytest.raises(AssertionError):
        assert_never_seen(street, 60)
