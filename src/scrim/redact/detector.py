"""What a detector is, and when its answer counts as an answer.

Rules kept here:

- A detector says *where* something to cover is and *what kind* of thing it is.
  There is no field for who, and none may be added.
- An answer that is not a finished, sane answer is no answer: :func:`verdict`
  turns exceptions, NaN, negative sizes and boxes far outside the picture into
  :class:`~scrim.errors.DetectorFailed`, and the redactor blanks on that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from scrim.errors import DetectorFailed

MOST_DETECTIONS = 1000
"""More boxes than this in one picture is taken for a broken detector."""

_LARGEST = 8192

_RIM = 0.3  # of a find's side: nearer to the rim it is cut off as a rule


@dataclass(frozen=True, slots=True)
class Detection:
    """A box to cover, in pixels of the image the detector was given.

    Attributes:
        x, y, w, h: left, top, width, height.
        score: 0 to 1; compared with thresholds, never shown.
        kind: ``face``, later ``head``, ``person``, ``vehicle``, ``plate``.
    """

    x: float
    y: float
    w: float
    h: float
    score: float
    kind: str = "face"


def is_cut_off(one: Detection, width: int, height: int) -> bool:
    """Whether the rim of a picture of that size is so near that it cuts a face off there."""
    right, below = width - one.x - one.w, height - one.y - one.h
    return min(one.x, right) < _RIM * one.w or min(one.y, below) < _RIM * one.h


class Detector(Protocol):
    """Finds what has to be covered."""

    @property
    def input_size(self) -> tuple[int, int]:
        """Width and height of the images :meth:`detect` likes best."""

    def detect(self, image: NDArray[np.uint8]) -> list[Detection]:
        """Boxes in ``image``, which is height x width x 3, BGR.

        Raises:
            Exception: anything; the redactor blanks the frames concerned.
        """


@runtime_checkable
class Fitting(Protocol):
    """A detector that takes images of many sizes, 96x96 too, and knows which suits a picture."""

    def size_for(self, width: int, height: int) -> tuple[int, int]:
        """Width and height to which a picture should be shrunk before :meth:`Detector.detect`."""


def look_size(detector: Detector, width: int, height: int) -> tuple[int, int]:
    """Width and height of the image to make for ``detector`` of a picture of that size.

    (0, 0), of which no image can be made, where it does not give two sane numbers.
    """
    try:
        if isinstance(detector, Fitting):
            across, down = detector.size_for(width, height)
        else:
            across, down = detector.input_size
        across, down = int(across), int(down)
    except Exception:  # noqa: BLE001 - foreign code again: no size, no look, blank frames
        return 0, 0
    return (across, down) if 0 < across <= _LARGEST and 0 < down <= _LARGEST else (0, 0)


def verdict(detector: Detector, image: NDArray[np.uint8]) -> list[Detection]:
    """Ask ``detector``, and take only a sane answer.

    Args:
        detector: asked once.
        image: height x width x 3, BGR, at the detector's input size.

    Raises:
        DetectorFailed: it raised, or answered something that is no list of boxes.
    """
    try:
        answer: object = detector.detect(image)
    except DetectorFailed:
        raise
    except Exception as error:  # a detector is foreign code: whatever it raises, we blank
        raise DetectorFailed(f"the detector raised {type(error).__name__}") from error
    if not isinstance(answer, Sequence) or isinstance(answer, str | bytes):
        raise DetectorFailed("the detector did not answer with a list")
    if len(answer) > MOST_DETECTIONS:
        raise DetectorFailed(f"the detector answered {len(answer)} boxes")
    height, width = image.shape[:2]
    return [_checked(found, width, height) for found in answer]


def _checked(found: object, width: int, height: int) -> Detection:
    if not isinstance(found, Detection):
        raise DetectorFailed("the detector answered something that is no detection")
    try:
        numbers = [float(n) for n in (found.x, found.y, found.w, found.h, found.score)]
    except (TypeError, ValueError) as error:
        raise DetectorFailed("the detector answered a box without numbers") from error
    if not all(isfinite(number) for number in numbers):
        raise DetectorFailed("the detector answered a box that is not finite")
    x, y, w, h, score = numbers
    # A box may stick out at an edge, by its own size at most; a box larger than
    # the picture by far, or wholly outside it, covers nothing and means nonsense.
    if w <= 0 or h <= 0 or w > 2 * width or h > 2 * height:
        raise DetectorFailed("the detector answered a box of impossible size")
    if x >= width or y >= height or x + w <= 0 or y + h <= 0:
        raise DetectorFailed("the detector answered a box outside the picture")
    return Detection(x, y, w, h, score, found.kind)
