"""Invariant 2: whatever goes wrong, the whole frame is masked and nothing is shown.

Faults are put into a whole camera recorder, and the pictures it stored and sent are
decoded: the bright square that stands for a face must not be seen in any of them.
"""

from __future__ import annotations

import dataclasses
import io
import itertools
import math
import random
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from tests.sim.street import ListSource, SquareDetector, Street, street_in

from scrim.camera.packet import ClearPacket, Gap, GapCause, SourceEnded, SourceEvent
from scrim.live.wire import Init, Part
from scrim.record.camera_recorder import CameraRecorder
from scrim.redact import ClearFrame, Detection, RedactedFrame, Redactor
from scrim.redact.mask import samples

BRIGHT = 170  # the square is 230, the street 120 at most, a mask 40


@pytest.fixture
def street(tmp_path: Path) -> Iterator[Street]:
    made = street_in(tmp_path / "data")
    yield made
    made.engine.dispose()


def record(street: Street, events: Sequence[SourceEvent], **around: object) -> None:
    row = street.catalogue.camera("street")
    source = ListSource([*events, SourceEnded()])
    CameraRecorder(row, street.around(**around), source=source).run()


def shown(street: Street) -> Iterator[NDArray[np.uint8]]:
    """The luma of every picture that was stored, and of every live part that can be decoded."""
    stored = [street.objects.get(key) for key, _ in street.objects.list("masked/")]
    inits = {m.init: m.payload for m in street.sent if isinstance(m, Init)}
    parts = [m for m in street.sent if isinstance(m, Part)]
    live = [
        inits[init] + b"".join(part.payload for part in group)
        for (init, _), group in itertools.groupby(parts, lambda m: (m.init, m.segment))
    ]
    for data in [*stored, *live]:
        with av.open(io.BytesIO(data), "r") as container:
            for frame in container.decode(video=0):
                yield samples(frame.planes[0])


def assert_never_seen(street: Street, at_least: int) -> None:
    pictures = list(shown(street))
    assert len(pictures) >= at_least
    seen = [i for i, luma in enumerate(pictures) if (luma > BRIGHT).sum() > 4]
    assert not seen


class _Faulty(SquareDetector):
    """Works, until its turn to fail comes."""

    def __init__(self, fault: Callable[[], object], turns: Callable[[int], bool]) -> None:
        self._fault = fault
        self._turns = turns
        self._looks = 0

    def detect(self, image: NDArray[np.uint8]) -> list[Detection]:
        self._looks += 1
        if self._turns(self._looks):
            return self._fault()  # type: ignore[return-value]
        return super().detect(image)


def _raise(error: BaseException) -> Callable[[], object]:
    def fault() -> object:
        raise error

    return fault


def _box(x: float, y: float, w: float, h: float) -> object:
    return [Detection(x=x, y=y, w=w, h=h, score=0.9, kind="face")]


FAULTS: dict[str, Callable[[], object]] = {
    "raises": _raise(RuntimeError("broken")),
    "out of memory": _raise(MemoryError()),
    "answers nothing at all": lambda: None,
    "answers no list": lambda: 7,
    "NaN": lambda: _box(math.nan, 1, 2, 3),
    "infinite": lambda: _box(1, 1, math.inf, 3),
    "negative": lambda: _box(1, 1, -5, -5),
}
TURNS: dict[str, Callable[[int], bool]] = {
    "at the first look": lambda n: n == 1,
    "always": lambda _: True,
    "every other look": lambda n: n % 2 == 0,
}


@pytest.mark.parametrize("turns", TURNS)
@pytest.mark.parametrize("fault", FAULTS)
def test_invariant_2_a_faulty_detector_shows_nothing(
    street: Street, fault: str, turns: str
) -> None:
    def detector() -> _Faulty:
        return _Faulty(FAULTS[fault], TURNS[turns])

    record(street, street.events(60, gop=30), detector=detector)
    assert_never_seen(street, 60)


def test_invariant_2_a_late_detector_delays_and_shows_nothing(street: Street) -> None:
    def late() -> object:
        time.sleep(1.5)
        return _box(0, 0, 320, 192)

    def detector() -> _Faulty:
        return _Faulty(late, lambda n: n == 2)

    record(street, street.events(60, gop=30), detector=detector)
    assert_never_seen(street, 40)


def test_invariant_2_a_machine_that_is_late_shows_fewer_frames_and_nothing_else(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Load costs frames, never cover: every frame is looked at or followed, shown or not."""
    followed: list[int] = []
    push = Redactor.push

    def counting(self: Redactor, frame: ClearFrame) -> list[RedactedFrame]:
        followed.append(frame.index)
        return push(self, frame)

    monkeypatch.setattr(Redactor, "push", counting)
    late_us = street.clock.now_us() - 5_000_000
    record(street, street.events(100, gop=25, start_us=late_us))
    assert len(followed) == 100
    pictures = list(shown(street))
    assert 10 < len(pictures) < 150  # stored and live together, of twice a hundred
    assert not [i for i, luma in enumerate(pictures) if (luma > BRIGHT).sum() > 4]


def test_invariant_2_a_detector_that_cannot_be_made(street: Street) -> None:
    def detector() -> SquareDetector:
        raise RuntimeError("no provider")

    record(street, street.events(60, gop=10), detector=detector)
    assert_never_seen(street, 60)
    assert "nothing is shown: the detector cannot be made (RuntimeError)." in street.lines
    sealed = [key for key, _ in street.objects.list("sealed/")]
    assert sealed  # the original is kept all the same


@pytest.mark.parametrize("seed", range(4))
def test_invariant_2_damaged_packets_show_nothing(street: Street, seed: int) -> None:
    """Bits turned over, packets cut off, packets lost: what comes of them is covered."""
    chance = random.Random(seed)
    events: list[SourceEvent] = []
    for event in street.events(100, gop=25):
        if isinstance(event, ClearPacket) and chance.random() < 0.15:
            data = bytearray(event.data)
            way = chance.choice(["turn", "cut", "drop"])
            if way == "drop" and not event.is_key:
                continue
            if way == "cut":
                del data[len(data) // 2 :]
            for _ in range(8):
                data[chance.randrange(len(data) // 4, len(data))] ^= 1 << chance.randrange(8)
            event = dataclasses.replace(event, data=bytes(data))
        events.append(event)
    record(street, events)
    assert_never_seen(street, 25)


def test_invariant_2_a_hole_and_a_new_stream_start_afresh(street: Street) -> None:
    first = street.events(30, gop=30)
    last = first[-1]
    assert isinstance(last, ClearPacket)
    hole = Gap(last.captured_us + 40_000, None, GapCause.STALLED)
    end_us = last.captured_us + 9_000_000
    second = street.events(30, gop=30, start_us=end_us, first=77)
    record(street, [*first, hole, dataclasses.replace(hole, until_us=end_us), *second])
    assert_never_seen(street, 60)


def test_invariant_2_a_fault_in_encoding_shows_nothing(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything in flight is thrown away; masking goes on with the next segment."""
    from scrim.record.encode import MaskedEncoder

    encode = MaskedEncoder.encode
    count = itertools.count()

    def faulty(self: MaskedEncoder, *given: object, **named: object) -> object:
        if next(count) == 20:
            raise MemoryError
        return encode(self, *given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(MaskedEncoder, "encode", faulty)
    record(street, street.events(150, gop=50))
    assert_never_seen(street, 50)
    assert any("masking failed (MemoryError)" in line for line in street.lines)
