"""Where boxes go from one picture to the next: sparse optical flow, both ways.

Pyramidal Lucas-Kanade (OpenCV) follows a grid of points inside each box; the
median of their shifts moves the box and the median change of their distances
from the middle scales it.  Geometry and motion only: no appearance is kept.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Luma = NDArray[np.uint8]
Boxes = NDArray[np.float64]  # n x 4: left, top, right, bottom

_GRID = 4
_WINDOW = (15, 15)
_LEVELS = 3
_CRITERIA = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 10, 0.03)
_REACH = 48  # pixels around the boxes that the search may need
_FEWEST = 5  # points that must agree before a box is said to have been followed
_LARGEST_SCALE = 1.1


@dataclass(frozen=True, slots=True)
class Path:
    """Where ``n`` boxes are in each of ``m`` pictures.

    Attributes:
        boxes: m x n x 4, the first row as given.
        followed: m x n, whether flow held from the start to there.
    """

    boxes: NDArray[np.float64]
    followed: NDArray[np.bool_]


def follow(luma: Callable[[int], Luma], length: int, boxes: Boxes, stride: int = 1) -> Path:
    """Follow ``boxes`` of the first picture through the others.

    A box whose points are lost keeps its last speed, fading, and is reported as
    not followed from there on.

    Args:
        luma: gives picture 0, 1, ... of one size, rows x columns; asked only where needed.
        length: how many pictures there are.
        boxes: n x 4 in pixels of these pictures.
        stride: pictures between two measurements; boxes between are interpolated.
    """
    count = len(boxes)
    where = np.empty((length, count, 4))
    followed = np.ones((length, count), dtype=np.bool_)
    where[0] = boxes
    if count == 0:
        return Path(where, followed)
    speed = np.zeros((count, 2))
    before = 0
    while before < length - 1:
        after = min(before + stride, length - 1)
        step = after - before
        shift, scale, held = _step(luma(before), luma(after), where[before])
        speed = np.where(held[:, None], shift / step, speed * 0.9**step)
        where[after] = _moved(where[before], speed * step, np.where(held, scale, 1.0))
        followed[before + 1 : after + 1] = followed[before] & held
        for i in range(before + 1, after):
            part = (i - before) / step
            where[i] = where[before] * (1 - part) + where[after] * part
        before = after
    return Path(where, followed)


def _moved(boxes: Boxes, shift: NDArray[np.float64], scale: NDArray[np.float64]) -> Boxes:
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2 + shift
    half = (boxes[:, 2:] - boxes[:, :2]) / 2 * scale[:, None]
    return np.concatenate([middle - half, middle + half], axis=1)


def _step(
    before: Luma, after: Luma, boxes: Boxes
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Shift (n x 2), scale (n) and whether enough points agreed (n)."""
    height, width = before.shape
    count = len(boxes)
    inside = np.clip(boxes, 0, [width - 1, height - 1] * 2)
    spread = np.linspace(0.1, 0.9, _GRID)
    size = inside[:, 2:] - inside[:, :2]
    xs = inside[:, 0, None] + size[:, 0, None] * spread
    ys = inside[:, 1, None] + size[:, 1, None] * spread
    grid = np.empty((count, _GRID, _GRID, 2), dtype=np.float32)
    grid[..., 0] = xs[:, None, :]
    grid[..., 1] = ys[:, :, None]
    points = grid.reshape(-1, 1, 2)

    # Pyramids of the whole picture cost more than the points: look only around the boxes.
    low = np.maximum(np.floor(inside[:, :2].min(axis=0)).astype(int) - _REACH, 0)
    high = np.ceil(inside[:, 2:].max(axis=0)).astype(int) + _REACH
    view = np.s_[low[1] : high[1], low[0] : high[0]]
    corner = low.astype(np.float32)
    ended, status, _ = cv2.calcOpticalFlowPyrLK(  # type: ignore[call-overload]
        before[view],
        after[view],
        points - corner,
        None,
        winSize=_WINDOW,
        maxLevel=_LEVELS,
        criteria=_CRITERIA,
    )
    start = points.reshape(count, -1, 2).astype(np.float64)
    end = (ended + corner).reshape(count, -1, 2).astype(np.float64)
    found = status.reshape(count, -1).astype(np.bool_) & np.isfinite(end).all(axis=2)
    moved = end - start
    shift = _median(moved, found)
    # Points that went elsewhere (background, another person) have no say.
    tolerance = 2.0 + 0.25 * size.max(axis=1)
    agree = found & (np.abs(moved - shift[:, None]).max(axis=2) <= tolerance[:, None])
    held = (agree.sum(axis=1) >= _FEWEST) & (size.min(axis=1) >= 1)
    shift = np.where(held[:, None], _median(moved, agree), 0.0)
    middle = ((inside[:, :2] + inside[:, 2:]) / 2)[:, None]
    reach_before = np.abs(start - middle).sum(axis=2)
    reach_after = np.abs(end - middle - shift[:, None]).sum(axis=2)
    ratio = reach_after / np.maximum(reach_before, 1e-3)
    useful = agree & (reach_before > 1.5)
    scale = np.where(useful.sum(axis=1) >= _FEWEST, _median(ratio[..., None], useful)[:, 0], 1.0)
    return shift, np.clip(scale, 1 / _LARGEST_SCALE, _LARGEST_SCALE), held


def _median(values: NDArray[np.float64], use: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Median over axis 1 of the values in use; 0 where none is."""
    ordered = np.sort(np.where(use[..., None], values, np.inf), axis=1)
    count = use.sum(axis=1)
    rows = np.arange(len(values))
    low = ordered[rows, np.maximum((count - 1) // 2, 0)]
    high = ordered[rows, np.minimum(count // 2, values.shape[1] - 1)]
    both = np.where((count > 0)[:, None], (low + high) / 2, 0.0)
    return np.asarray(np.where(np.isfinite(both), both, 0.0))
