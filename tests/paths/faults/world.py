"""What the fault tests share: a recorder, what it let out, and whether anybody is seen in it."""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable, Iterator, Sequence

import av
import cv2
import numpy as np
from numpy.typing import NDArray
from tests.sim.street import FACE, SIDE, ListSource, SquareDetector, Street, square

from scrim.camera.packet import SourceEnded, SourceEvent
from scrim.live.wire import Init, Part
from scrim.record.camera_recorder import CameraRecorder
from scrim.redact import Detection
from scrim.redact.mask import samples
from scrim.settings import Settings

BRIGHT = 170  # the square is 230, the street 120 at most, a mask 40
DIM = 184  # a square that is seen, and that the detector misses
_BLANK = 60

Luma = NDArray[np.uint8]


def record(
    street: Street,
    events: Sequence[SourceEvent | Callable[[], None]],
    *,
    hurried: Callable[[CameraRecorder], bool] = lambda _: False,
    **around: object,
) -> CameraRecorder:
    """Run a whole recorder over ``events``; it has ended when this returns.

    The camera waits for the masking, so that a slow machine leaves out no picture, and what
    stands between two events happens when all before it was taken up.

    Args:
        hurried: whether the camera waits for nobody just now.
    """

    def ready() -> bool:
        return not len(recorder._backlog) or bool(recorder.failed) or hurried(recorder)

    row = street.catalogue.camera("street")
    source = ListSource([*events, SourceEnded()], ready)
    recorder = CameraRecorder(row, street.around(**around), source=source)
    recorder.run()
    return recorder


def with_limit(settings: Settings, seconds: float) -> Settings:
    """The same settings with another time limit for a look."""
    redaction = settings.redaction.model_copy(update={"look_limit_seconds": seconds})
    return settings.model_copy(update={"redaction": redaction})


def stored(street: Street) -> list[Luma]:
    """The luma of every picture that was stored, in order."""
    keys = sorted(key for key, _ in street.objects.list("masked/"))
    return [luma for key in keys for luma in decoded(street.objects.get(key))]


def live(street: Street) -> list[Luma]:
    """The luma of every picture that was sent."""
    inits = {m.init: m.payload for m in street.sent if isinstance(m, Init)}
    parts = [m for m in street.sent if isinstance(m, Part)]
    groups = itertools.groupby(parts, lambda m: (m.init, m.segment))
    return [
        luma
        for (init, _), group in groups
        for luma in decoded(inits[init] + b"".join(part.payload for part in group))
    ]


def decoded(data: bytes) -> Iterator[Luma]:
    with av.open(io.BytesIO(data), "r") as container:
        for frame in container.decode(video=0):
            yield samples(frame.planes[0]).copy()


def assert_never_seen(street: Street, at_least: int) -> None:
    """No bright pixel in any picture, stored or live; and there are pictures."""
    pictures = [*stored(street), *live(street)]
    assert len(pictures) >= at_least
    seen = [i for i, luma in enumerate(pictures) if (luma > BRIGHT).sum() > 4]
    assert not seen


def is_blank(luma: Luma) -> bool:
    return int(luma.max()) < _BLANK


def assert_recovered(street: Street, pictures: int = 10) -> None:
    """The last pictures show the street again, masked."""
    last = [is_blank(luma) for luma in stored(street)[-pictures:]]
    assert len(last) == pictures
    assert not any(last)


class Faulty(SquareDetector):
    """Works, until its turn to fail comes.

    Args:
        fault: called instead of looking; what it returns is the answer.
        turns: whether the n-th look fails, from 1.
    """

    def __init__(self, fault: Callable[[], object], turns: Callable[[int], bool]) -> None:
        self._fault = fault
        self._turns = turns
        self.looks = 0

    def detect(self, image: NDArray[np.uint8]) -> list[Detection]:
        self.looks += 1
        if self._turns(self.looks):
            return self._fault()  # type: ignore[return-value]
        return super().detect(image)


def raising(error: BaseException) -> Callable[[], object]:
    def fault() -> object:
        raise error

    return fault


def place(seed: int = 0, width: int = 320, height: int = 192) -> Luma:
    """A street with houses and windows, none of them bright."""
    chance = np.random.default_rng(seed)
    luma = np.full((height, width), 90, np.uint8)
    for _ in range(160):
        x, y = int(chance.integers(0, width)), int(chance.integers(0, height))
        w, h = int(chance.integers(6, 44)), int(chance.integers(6, 32))
        luma[y : y + h, x : x + w] = chance.integers(70, 150)
    return luma


def picture(scene: Luma, index: int, face: int = FACE[0]) -> av.VideoFrame:
    """``scene`` with the square of brightness ``face`` on its way across."""
    height, width = scene.shape
    planes = np.full((height * 3 // 2, width), 128, np.uint8)
    planes[:height] = scene
    x, y = square(index, width)
    planes[y : y + SIDE, x : x + SIDE] = face
    return av.VideoFrame.from_ndarray(planes, format="yuv420p")


def black(luma: Luma) -> Luma:
    """A cap on the lens: what is left is the sensor's own pattern."""
    return np.random.default_rng(5).normal(20, 2, luma.shape).astype(np.uint8)


def veiled(luma: Luma) -> Luma:
    return cv2.GaussianBlur((luma * 0.15 + 90).astype(np.uint8), (0, 0), 3.0).astype(np.uint8)


def blurred(luma: Luma) -> Luma:
    return cv2.GaussianBlur(luma, (0, 0), 5.0).astype(np.uint8)
