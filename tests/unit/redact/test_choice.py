"""An engine is used when its masks are the reference's and it is faster, and not otherwise."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pytest

from scrim.errors import EngineUnavailable
from scrim.redact import default_model
from scrim.redact.choice import Trial, compare, fastest, try_engines
from scrim.redact.detector import Detection
from scrim.redact.engine import Blob, Engine, Kind, Maps

ROWS, COLUMNS = 88, 160
CELLS = [(10 + 16 * row, 10 + 24 * column) for row in range(5) for column in range(6)]
Face = tuple[int, int, float, float]  # row, column, side in pixels, score
PICTURES = [np.zeros((352, 640, 3), np.uint8)]
FACES: list[Face] = [(row, column, 24.0, 0.5) for row, column in CELLS]


class Drawn:
    """Answers with given faces, after working for a while."""

    def __init__(self, kind: Kind, faces: list[Face], work_ms: float) -> None:
        self.kind = kind
        self._faces = faces
        self._work_s = work_ms / 1000

    def run(self, blob: Blob) -> Maps:
        until = time.process_time() + self._work_s
        while time.process_time() < until:
            pass
        heat = np.zeros((1, 1, ROWS, COLUMNS), np.float32)
        size = np.zeros((1, 2, ROWS, COLUMNS), np.float32)
        for row, column, side, score in self._faces:
            heat[0, 0, row, column] = score
            size[0, :, row, column] = np.log(side / 4)
        return Maps(heat, size, np.zeros_like(size))


def tried(kind: Kind, faces: list[Face], work_ms: float = 2, threshold: float = 0.2) -> Trial:
    trials = try_engines(
        {
            Kind.ONNXRUNTIME: lambda: Drawn(Kind.ONNXRUNTIME, FACES, 5),
            kind: lambda: Drawn(kind, faces, work_ms),
        },
        PICTURES,
        model=default_model(),
        threshold=threshold,
        seconds=0.05,
    )
    assert (fastest(trials) is kind) == (not trials[-1].refused and work_ms < 5)
    return trials[-1]


def test_the_same_boxes_faster_are_taken_and_slower_are_not() -> None:
    assert not tried(Kind.OPENVINO, FACES).refused
    assert not tried(Kind.OPENVINO, FACES, work_ms=9).refused


def test_a_lost_box_refuses() -> None:
    assert "1 are lost" in tried(Kind.OPENVINO, FACES[1:]).refused


def test_a_box_elsewhere_is_lost_and_too_many() -> None:
    moved = [(row, column + 4, side, score) for row, column, side, score in FACES[:3]]
    trial = tried(Kind.OPENVINO, moved + FACES[3:])
    assert trial.agreement is not None
    assert (trial.agreement.lost, trial.agreement.extra) == (3, 3)


def test_a_few_may_be_loose_and_many_may_not() -> None:
    def wider(count: int) -> list[Face]:
        return [(r, c, 30.0, s) for r, c, _, s in FACES[:count]] + FACES[count:]

    assert not tried(Kind.OPENVINO, wider(3)).refused  # 24^2 / 30^2 = 0.64
    assert "4 loose" in tried(Kind.OPENVINO, wider(4)).refused


def test_boxes_the_reference_never_saw_refuse_when_there_are_many() -> None:
    more: list[Face] = [(row + 8, column + 12, 24.0, 0.5) for row, column in CELLS]
    assert not tried(Kind.OPENVINO, FACES + more[:3]).refused
    assert "4 are too many" in tried(Kind.OPENVINO, FACES + more[:4]).refused


def test_scores_lower_by_what_the_engine_is_lifted_still_cover() -> None:
    weak: list[Face] = [(r, c, side, 0.17) for r, c, side, _ in FACES]
    assert not tried(Kind.INT8, weak).refused
    assert not tried(Kind.OPENVINO_BF16, weak).refused
    assert "lost" in tried(Kind.OPENVINO, weak).refused


def test_too_few_faces_prove_nothing() -> None:
    boxes = [[Detection(0, 0, 10, 10, 0.5)] * 3]
    assert not compare(boxes, boxes, boxes).holds


@pytest.mark.parametrize("error", [EngineUnavailable("no such processor"), RuntimeError("driver")])
def test_an_engine_that_raises_is_left_out_with_the_reason(error: Exception) -> None:
    def raising() -> Engine:
        raise error

    makers: dict[Kind, Callable[[], Engine]] = {
        Kind.ONNXRUNTIME: lambda: Drawn(Kind.ONNXRUNTIME, FACES, 1),
        Kind.OPENVINO: raising,
    }
    trials = try_engines(makers, PICTURES, model=default_model(), threshold=0.2, seconds=0.01)
    assert fastest(trials) is Kind.ONNXRUNTIME
    assert trials[-1].milliseconds is None
    assert trials[-1].refused in ("no such processor", "It raised RuntimeError.")


def test_a_gain_too_small_to_tell_is_none() -> None:
    def trial(kind: Kind, ms: float) -> Trial:
        return Trial(kind, ms, None)

    reference = trial(Kind.ONNXRUNTIME, 40.0)
    assert fastest([reference, trial(Kind.OPENVINO, 39.0)]) is Kind.ONNXRUNTIME
    assert fastest([reference, trial(Kind.OPENVINO, 37.0)]) is Kind.OPENVINO
