"""People by OpenCV's own histogram-of-gradients detector: figures as boxes, and where heads are.

The detector (Dalal and Triggs, 2005) is trained on upright people of about 96 pixels in
windows of 64 x 128.  OpenCV's ``detectMultiScale`` stops where a window no longer fits
the picture, so it misses whoever fills it from top to bottom; here each level of the
pyramid is searched on its own, in finer steps where levels are small, and with its
border drawn out: OpenCV's own would mirror heads and feet there.

It is a helper, not a promise: docs/guide/detectors.md says how many people it misses.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import exp, sqrt

import cv2
import numpy as np
from numpy.typing import NDArray

from scrim.redact.detector import Detection
from scrim.redact.overlap import without_overlaps

_WINDOW = (64, 128)
_FIGURE = 96  # pixels of a person in a window
_BORDER = (16, 32)
_STEP = 8
_LARGE_LEVELS, _LARGE_RATIO, _SMALL_RATIO = 3, 1.2, 1.1
_OVERLAP = 0.4

# Where nineteen of twenty figures of the checked pictures lie in their window, without its air.
_FIGURE_IN_WINDOW = (0.14, 0.07, 0.86, 0.93)
# Where heads were in those figures' boxes: above the top by a tenth, down to a third.
_HEAD_IN_FIGURE = (-0.10, 0.34)


class PersonFinder:
    """A :class:`~scrim.redact.detector.Detector` for upright people, all of kind ``person``.

    Args:
        smallest: height in pixels of the image from which people are looked for; the
            cost goes with the square of its inverse.
        threshold: least distance from the classifier's border; lower finds more of both.
        input_size: width and height that set how many pixels :meth:`size_for` asks for.
    """

    def __init__(
        self,
        smallest: int = 128,
        threshold: float = -0.2,
        input_size: tuple[int, int] = (640, 352),
    ) -> None:
        self._first = _FIGURE / smallest
        self._threshold = threshold
        self._input_size = input_size
        self._windows = cv2.HOGDescriptor()
        people = np.array(cv2.HOGDescriptor.getDefaultPeopleDetector(), np.float32)
        self._windows.setSVMDetector(people)

    @property
    def input_size(self) -> tuple[int, int]:
        """Width and height for a picture of 16:9."""
        return self._input_size

    def size_for(self, width: int, height: int) -> tuple[int, int]:
        """About as many pixels as ``input_size``, in the aspect of the picture."""
        pixels = self._input_size[0] * self._input_size[1]
        aspect = min(max(width / height, 1 / 8), 8.0)
        return round(sqrt(pixels * aspect)), round(sqrt(pixels / aspect))

    def detect(self, image: NDArray[np.uint8]) -> list[Detection]:
        """Figures in ``image`` (height x width x 3, BGR, of any size).

        Boxes may stick out where a figure does.
        """
        grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
        boxes: list[tuple[float, float, float, float]] = []
        weights: list[float] = []
        for level, scale in self._levels(grey):
            corners, found = self._windows.detect(
                level, hitThreshold=self._threshold, winStride=(_STEP, _STEP)
            )
            for (x, y), weight in zip(corners, np.ravel(found), strict=True):
                boxes.append(_figure(x, y, scale))
                weights.append(float(weight))
        if not boxes:
            return []
        kept = without_overlaps(np.array(boxes), np.array(weights), _OVERLAP)
        return [_person(boxes[index], weights[index]) for index in kept]

    def _levels(self, grey: cv2.typing.MatLike) -> Iterator[tuple[cv2.typing.MatLike, float]]:
        """Smaller and smaller versions with their scale and border, as long as a window fits."""
        height, width = grey.shape[:2]
        across, down = _BORDER
        scale = self._first
        count = 0
        while True:
            size = round(width * scale), round(height * scale)
            if size[0] + 2 * across < _WINDOW[0] or size[1] + 2 * down < _WINDOW[1]:
                return
            smoothing = cv2.INTER_AREA if scale < 0.5 else cv2.INTER_LINEAR
            level = cv2.resize(grey, size, interpolation=smoothing)
            edge = cv2.BORDER_REPLICATE
            yield cv2.copyMakeBorder(level, down, down, across, across, edge), scale
            count += 1
            scale /= _LARGE_RATIO if count <= _LARGE_LEVELS else _SMALL_RATIO


def _figure(x: float, y: float, scale: float) -> tuple[float, float, float, float]:
    """Corners of the figure whose window begins at (x, y) of a level with its border."""
    left, top, right, bottom = _FIGURE_IN_WINDOW
    across, down = _WINDOW
    x, y = x - _BORDER[0], y - _BORDER[1]
    return (
        (x + left * across) / scale,
        (y + top * down) / scale,
        (x + right * across) / scale,
        (y + bottom * down) / scale,
    )


def _person(box: tuple[float, float, float, float], weight: float) -> Detection:
    left, top, right, bottom = box
    score = 1 / (1 + exp(-2 * weight))
    return Detection(left, top, right - left, bottom - top, score, "person")


def head_of(person: Detection) -> Detection:
    """Where the head of an upright figure is, with a margin: the whole width of its box.

    Args:
        person: a box around a whole figure, as :class:`PersonFinder` answers them.
    """
    above, below = _HEAD_IN_FIGURE
    return Detection(
        person.x,
        person.y + above * person.h,
        person.w,
        (below - above) * person.h,
        person.score,
        "head",
    )
