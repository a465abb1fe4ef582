"""How the camera itself moves: one shift of the whole picture from one small picture to the next.

A grid of points is followed (pyramidal Lucas-Kanade); the shift is the median of those
that agree.  People who walk before a still camera are outvoted by what stands behind them.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

_COLUMNS, _ROWS = 8, 5
_WINDOW = (13, 13)
_CRITERIA = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 8, 0.05)
_AGREE = 1.5  # pixels of the small picture
_FEWEST = 6
_STILL = 0.35  # pixels of the small picture
_LEAST_SIDE = 8  # small pixels; a picture of fewer tells nothing
_RIMS = 2


class Shift(NamedTuple):
    """Where the picture's content goes, in pixels of the small picture.

    Attributes:
        x, y: to the right and down.
        certain: enough of the picture agrees.
    """

    x: float
    y: float
    certain: bool

    @property
    def still(self) -> bool:
        """The camera stands."""
        return self.certain and abs(self.x) < _STILL and abs(self.y) < _STILL


STANDING = Shift(0.0, 0.0, True)


def shift_between(
    before: NDArray[np.uint8], after: NDArray[np.uint8], guess: Shift = STANDING
) -> Shift:
    """How the content of ``before`` is shifted in ``after`` (both rows x columns).

    Args:
        before: a small picture.
        after: another of the same size.
        guess: the shift of the step before; it saves the search.
    """
    if min(before.shape) < _LEAST_SIDE:
        return Shift(0.0, 0.0, False)
    # Halved: a camera's shift is seen as well there, at a quarter of the cost.
    first, second = _halved(before), _halved(after)
    height, width = first.shape[:2]
    start = _grid(width, height)
    ahead = start + np.array((guess.x / 2, guess.y / 2), dtype=np.float32)
    ended, status, _ = cv2.calcOpticalFlowPyrLK(
        first,
        second,
        start,
        ahead,
        winSize=_WINDOW,
        maxLevel=2,
        criteria=_CRITERIA,
        flags=cv2.OPTFLOW_USE_INITIAL_FLOW,
    )
    moved = 2 * (ended - start).reshape(-1, 2)[status.ravel() == 1]
    moved = moved[np.isfinite(moved).all(axis=1)]
    if len(moved) < _FEWEST:
        return Shift(guess.x, guess.y, False)
    middle = np.median(moved, axis=0)
    agree = np.abs(moved - middle).max(axis=1) <= _AGREE
    if agree.sum() < max(_FEWEST, 0.4 * len(moved)):
        return Shift(guess.x, guess.y, False)
    x, y = moved[agree].mean(axis=0).tolist()
    return Shift(x, y, True)


@lru_cache(maxsize=16)
def _grid(width: int, height: int) -> NDArray[np.float32]:
    """Points all over a picture, n x 1 x 2, not to be written to."""
    across = np.linspace(width * 0.08, width * 0.92, _COLUMNS)
    down = np.linspace(height * 0.1, height * 0.9, _ROWS)
    points = np.stack(np.meshgrid(across, down), axis=-1).reshape(-1, 1, 2).astype(np.float32)
    points.flags.writeable = False
    return points


def _halved(picture: NDArray[np.uint8]) -> cv2.typing.MatLike:
    return cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)


def shifted(picture: NDArray[np.uint8], x: float, y: float) -> NDArray[np.uint8]:
    """``picture`` with its content moved by (x, y), to the nearest pixel.

    What comes in at the rim is not to be relied on: see :func:`uncovered`.
    """
    right, down = round(x), round(y)
    if not right and not down:
        return picture
    height, width = picture.shape
    out = picture.copy()
    if abs(right) < width and abs(down) < height:
        to = np.s_[max(0, down) : height + min(0, down), max(0, right) : width + min(0, right)]
        of = np.s_[max(0, -down) : height - max(0, down), max(0, -right) : width - max(0, right)]
        out[to] = picture[of]
    return out


def uncovered(shape: tuple[int, int], x: float, y: float) -> NDArray[np.bool_]:
    """Where :func:`shifted` had nothing to move there: the rim the content came from."""
    height, width = shape
    rim = np.zeros(shape, dtype=np.bool_)
    right, down = round(abs(x)), round(abs(y))  # less than half a pixel uncovers nothing
    if right and x > 0:
        rim[:, : right + _RIMS] = True
    elif right:
        rim[:, max(0, width - right - _RIMS) :] = True
    if down and y > 0:
        rim[: down + _RIMS] = True
    elif down:
        rim[max(0, height - down - _RIMS) :] = True
    return rim
