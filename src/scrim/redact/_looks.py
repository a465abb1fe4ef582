"""Where to look: the whole picture, or only what changed since it was last looked at.

Rules kept here:

- What has not changed since a finished look need not be looked at again: the detector
  would say the same.  "Changed" is told at a fraction of what a face of 16 pixels changes.
- What a moving camera brings into the picture has changed.
- The whole picture is looked at when little is known, and whatever happens at least every
  :data:`WHOLE_EVERY_US`, or :data:`WHOLE_EVERY_MOVING_US` while the camera moves.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import NamedTuple, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

Small: TypeAlias = NDArray[np.uint8]

WHOLE_EVERY_US = 8_000_000
WHOLE_EVERY_MOVING_US = 1_700_000
CHANGED = 7  # of 255, mean of 3 x 3 small pixels: a dozen times the noise of a day picture
CHANGED_MOVING = 14  # before a moving camera, whose pictures lie on each other to half a pixel
_MOST_SHARE = 0.6  # of the picture; beyond that look at all of it
_MOST_RECTANGLES = 4
_MOST_TO_JOIN = 40
_CELL = 4  # small pixels a side
_AROUND = 2  # cells of context around a change: a face must be seen whole


class Rectangle(NamedTuple):
    """Left, top, right, bottom as fractions of the picture."""

    left: float
    top: float
    right: float
    bottom: float

    def holds(self, x: float, y: float) -> bool:
        """Whether the point lies in it."""
        return self.left <= x <= self.right and self.top <= y <= self.bottom

    @property
    def area(self) -> float:
        """Its share of the picture."""
        return (self.right - self.left) * (self.bottom - self.top)

    def around(self, other: Rectangle) -> Rectangle:
        """The rectangle around both."""
        return Rectangle(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )


WHOLE = (Rectangle(0.0, 0.0, 1.0, 1.0),)


def difference(one: Small, other: Small, limit: float = CHANGED) -> NDArray[np.bool_]:
    """Where two small pictures differ by more than noise."""
    return np.asarray(cv2.blur(cv2.absdiff(one, other), (3, 3)) > limit)


def rectangles(changed: NDArray[np.bool_]) -> tuple[Rectangle, ...]:
    """A few rectangles around all that changed, with context; :data:`WHOLE` for most of it.

    Args:
        changed: rows x columns of a small picture.
    """
    if not changed.any():
        return ()
    height, width = changed.shape
    rows, columns = -(-height // _CELL), -(-width // _CELL)
    padded = np.zeros((rows * _CELL, columns * _CELL), dtype=np.uint8)
    # a mean that is not 0 tells a cell with anything in it, in a tenth of a maximum's time
    np.multiply(changed, np.uint8(255), out=padded[:height, :width])
    means = cv2.resize(padded, (columns, rows), interpolation=cv2.INTER_AREA)
    side = 2 * _AROUND + 1
    cells = cv2.dilate((means > 0).astype(np.uint8), np.ones((side, side), np.uint8))
    if cv2.countNonZero(cells) > _MOST_SHARE * rows * columns:
        return WHOLE
    _, _, stats, _ = cv2.connectedComponentsWithStats(cells, connectivity=8)
    found = [
        Rectangle(x / columns, y / rows, min(1.0, (x + w) / columns), min(1.0, (y + h) / rows))
        for x, y, w, h, _ in stats[1:].tolist()
    ]
    found = _merged(found)
    return WHOLE if sum(one.area for one in found) > _MOST_SHARE else tuple(found)


def _merged(found: list[Rectangle]) -> list[Rectangle]:
    """At most a few rectangles, joined where joining adds least."""
    if len(found) > _MOST_TO_JOIN:
        return [reduce(Rectangle.around, found)]
    while len(found) > 1:
        costs = [
            (one.around(other).area - one.area - other.area, n, m)
            for n, one in enumerate(found)
            for m, other in enumerate(found[:n])
        ]
        cost, n, m = min(costs)
        if cost > 0 and len(found) <= _MOST_RECTANGLES:
            break
        joined = found[n].around(found[m])
        found = [one for k, one in enumerate(found) if k not in (n, m)] + [joined]
    return found


def crops(
    where: Sequence[Rectangle], size: tuple[int, int], multiple: int
) -> list[tuple[int, int, int, int]]:
    """The rectangles in an image of ``size`` (width, height), sides grown to ``multiple``.

    Returns:
        left, top, right, bottom, in pixels; sides are multiples where the image's are.
    """
    out = []
    for one in where:
        spans = []
        for low, high, length in ((one.left, one.right, size[0]), (one.top, one.bottom, size[1])):
            first, last = int(low * length), -int(-high * length // 1)
            want = min(length, max(multiple, -(-(last - first) // multiple) * multiple))
            begin = min(max(0, (first + last - want) // 2), length - want)
            spans.append((begin, begin + want))
        out.append((spans[0][0], spans[1][0], spans[0][1], spans[1][1]))
    return out
