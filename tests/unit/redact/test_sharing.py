"""Cameras share an engine and nothing else: no answer goes astray, and one failure stays one."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from scrim.errors import DetectorFailed, EngineUnavailable
from scrim.redact.engine import Blob, Engine, Kind, Maps
from scrim.redact.sharing import SharedEngine


class Echo:
    """Answers with what it was asked, and notices two calls at a time."""

    def __init__(self, kind: Kind = Kind.ONNXRUNTIME) -> None:
        self.kind = kind
        self._busy = threading.Lock()

    def run(self, blob: Blob) -> Maps:
        assert self._busy.acquire(blocking=False), "two calls at a time"
        try:
            return Maps(blob.copy(), blob, blob)
        finally:
            self._busy.release()


class Raising(Echo):
    def run(self, blob: Blob) -> Maps:
        raise RuntimeError("driver")


class Hanging(Echo):
    def __init__(self, release: threading.Event) -> None:
        super().__init__()
        self._release = release

    def run(self, blob: Blob) -> Maps:
        self._release.wait(30)
        return super().run(blob)


def blob(value: float) -> Blob:
    return np.full((1, 3, 32, 32), value, np.float32)


def test_everybody_gets_their_own_answer_and_calls_take_turns() -> None:
    shared = SharedEngine(Echo, Kind.ONNXRUNTIME, lambda line: None)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda n: float(shared.run(blob(n)).heat.mean()), range(200)))
    assert answers == [float(n) for n in range(200)]


def test_an_engine_that_does_not_start_gives_way_to_the_reference() -> None:
    said: list[str] = []

    def build(kind: Kind) -> Engine:
        if kind is Kind.OPENVINO:
            raise EngineUnavailable("OpenVINO cannot be loaded.")
        return Echo(kind)

    shared = SharedEngine(build, Kind.OPENVINO, said.append)
    assert shared.kind is Kind.ONNXRUNTIME
    assert float(shared.run(blob(3)).heat.mean()) == 3
    assert said == [
        "the engine openvino does not start (OpenVINO cannot be loaded.); going on with onnxruntime"
    ]


def test_an_engine_that_raises_fails_one_call_and_the_reference_goes_on() -> None:
    said: list[str] = []

    def build(kind: Kind) -> Engine:
        return Raising(kind) if kind is Kind.OPENVINO_BF16 else Echo(kind)

    shared = SharedEngine(build, Kind.OPENVINO_BF16, said.append)
    with pytest.raises(RuntimeError):
        shared.run(blob(1))
    assert float(shared.run(blob(2)).heat.mean()) == 2
    assert shared.kind is Kind.OPENVINO_BF16  # detectors go on to lift scores
    assert said == ["the engine openvino-bf16 failed (RuntimeError); going on with onnxruntime"]


def test_a_reference_that_raises_is_made_anew() -> None:
    made: list[Engine] = []

    def build(kind: Kind) -> Engine:
        made.append(Echo(kind) if made else Raising(kind))
        return made[-1]

    shared = SharedEngine(build, Kind.ONNXRUNTIME, lambda line: None)
    with pytest.raises(RuntimeError):
        shared.run(blob(1))
    assert float(shared.run(blob(2)).heat.mean()) == 2


def test_a_call_that_hangs_fails_the_others_once_and_holds_nobody_up() -> None:
    release = threading.Event()
    made: list[Engine] = []

    def build(kind: Kind) -> Engine:
        made.append(Echo(kind) if made else Hanging(release))
        return made[-1]

    shared = SharedEngine(build, Kind.ONNXRUNTIME, lambda line: None, patience_s=0.05)
    with ThreadPoolExecutor(1) as pool:
        hung = pool.submit(shared.run, blob(1))
        while not shared._seat or not shared._seat.turn.locked():
            pass
        with pytest.raises(DetectorFailed, match="hangs"):
            shared.run(blob(2))
        assert float(shared.run(blob(3)).heat.mean()) == 3
        release.set()
        assert float(hung.result().heat.mean()) == 1  # late, and still the asker's own


def test_no_engine_at_all_stops_the_start() -> None:
    def build(kind: Kind) -> Engine:
        raise EngineUnavailable("nothing works")

    with pytest.raises(EngineUnavailable):
        SharedEngine(build, Kind.ONNXRUNTIME, lambda line: None)
