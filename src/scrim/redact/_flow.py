"""Where boxes go from one picture to the next: sparse optical flow, both ways.

Pyramidal Lucas-Kanade (OpenCV) follows a grid of points inside each box; the
median of their shifts moves the box and the median change of their distances
from the middle scales it.  Geometry and motion only: no appearance is kept.

Before a camera that stands, a box in which nothing changes stands, too, and is not followed:
what stays where it is needs no search, and a search drifts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

Luma = NDArray[np.uint8]
Boxes = NDArray[np.float64]  # n x 4: left, top, right, bottom

_SPREAD = (0.15, 0.5, 0.85)
_GRID = np.array([(x, y) for y in _SPREAD for x in _SPREAD])  # of the box's sides
_WINDOW = (15, 15)
_LEVELS = 2
_CRITERIA = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 10, 0.03)
_REACH = 0.075  # of the picture's longer side: what the search may need around the boxes
_LEAST_REACH = 24
_LEAST_SIDE = 10.0
_LEAST_INSIDE = 0.8  # of a box
_FEWEST = 4  # points that must agree before a box is said to have been followed
_LARGEST_SCALE = 1.1
_RESTS = 5  # of 255, mean of 3 x 3 pixels: half of what a face of 16 pixels changes by moving on
_RESTS_DULL = 0.3  # of what a box's pixels differ among themselves
_BESIDE = 3  # pixels around a box


@dataclass(frozen=True, slots=True)
class Path:
    """Where ``n`` boxes are in each of ``m`` pictures.

    Attributes:
        boxes: m x n x 4, the first row as given.
        followed: m x n, whether flow held from the start to there.
    """

    boxes: NDArray[np.float64]
    followed: NDArray[np.bool_]


def follow(
    luma: Callable[[int], Luma],
    boxes: Boxes,
    at: Sequence[int],
    camera: NDArray[np.float64],
) -> Path:
    """Follow ``boxes`` of the first picture through the others.

    A box whose points are lost goes with the camera and keeps its own last speed, fading,
    and is reported as not followed from there on.

    Args:
        luma: gives picture 0, 1, ... of one size, rows x columns; asked only where needed.
        boxes: n x 4 in pixels of these pictures.
        at: the pictures to measure at, from 0 to the last; boxes between are interpolated.
        camera: m x 2, how far the camera has shifted each picture, x and y in pixels; a
            camera that turns abruptly between two measured pictures is followed by this.
    """
    count = len(boxes)
    length = at[-1] + 1
    where = np.empty((length, count, 4))
    followed = np.ones((length, count), dtype=np.bool_)
    where[0] = boxes
    if count == 0:
        return Path(where, followed)
    speed = np.zeros((count, 2))
    for before, after in pairwise(at):
        step = after - before
        lead = camera[after] - camera[before]
        shift, scale, held = _step_or_rest(luma(before), luma(after), where[before], lead)
        speed = np.where(held[:, None], (shift - lead) / step, speed * 0.9**step)
        where[after] = _moved(where[before], lead + speed * step, np.where(held, scale, 1.0))
        followed[before + 1 : after + 1] = followed[before] & held
        for i in range(before + 1, after):
            part = (i - before) / step
            turn = np.tile(camera[i] - camera[before] - part * lead, 2)
            between = where[before] * (1 - part) + where[after] * part + turn
            # What was lost by the next picture measured has more likely stayed than gone on.
            stayed = where[before] + np.tile(camera[i] - camera[before], 2)
            where[i] = np.where(held[:, None], between, stayed)
    return Path(where, followed)


def _inside_share(boxes: Boxes, width: int, height: int) -> NDArray[np.float64]:
    """Which share of each box lies in the picture."""
    low = np.maximum(boxes[:, :2], 0)
    high = np.minimum(boxes[:, 2:], (width, height))
    inside = np.prod(np.maximum(high - low, 0), axis=1)
    return np.asarray(inside / np.maximum(np.prod(boxes[:, 2:] - boxes[:, :2], axis=1), 1e-9))


def _with_least_side(boxes: Boxes, least: float) -> Boxes:
    """Small boxes widened about their middle: what is around a small head moves with it."""
    lacking = np.maximum(least - (boxes[:, 2:] - boxes[:, :2]), 0) / 2
    return np.concatenate([boxes[:, :2] - lacking, boxes[:, 2:] + lacking], axis=1)


def _moved(boxes: Boxes, shift: NDArray[np.float64], scale: NDArray[np.float64]) -> Boxes:
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2 + shift
    half = (boxes[:, 2:] - boxes[:, :2]) / 2 * scale[:, None]
    return np.concatenate([middle - half, middle + half], axis=1)


def _step_or_rest(
    before: Luma, after: Luma, boxes: Boxes, lead: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """:func:`_step` for the boxes in which something changes; the others stand."""
    if lead.any():
        return _step(before, after, boxes, lead)
    shift, scale = np.zeros((len(boxes), 2)), np.ones(len(boxes))
    held = np.array([_rests(before, after, box) for box in boxes.tolist()], np.bool_)
    if not held.all():
        stirs = ~held
        shift[stirs], scale[stirs], held[stirs] = _step(before, after, boxes[stirs], lead)
    return shift, scale, held


def _rests(before: Luma, after: Luma, box: Sequence[float]) -> bool:
    """Whether nothing changes in a box and close around it."""
    left, top, right, bottom = box
    view = np.s_[
        max(0, int(top) - _BESIDE) : max(0, int(bottom) + _BESIDE + 1),
        max(0, int(left) - _BESIDE) : max(0, int(right) + _BESIDE + 1),
    ]
    if not before[view].size:
        return False
    change = cv2.blur(cv2.absdiff(before[view], after[view]), (3, 3))
    # what is dull changes little when it moves
    contrast = cv2.meanStdDev(before[view])[1].item()
    return cv2.norm(change, cv2.NORM_INF) <= min(_RESTS, _RESTS_DULL * contrast)


def _step(
    before: Luma, after: Luma, boxes: Boxes, lead: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Shift (n x 2), scale (n) and whether enough points agreed (n)."""
    height, width = before.shape
    inside = _with_least_side(boxes, _LEAST_SIDE)
    inside = np.minimum(np.maximum(inside, 0), (width - 1, height - 1, width - 1, height - 1))
    size = inside[:, 2:] - inside[:, :2]
    start = (inside[:, None, :2] + size[:, None] * _GRID).astype(np.float32)

    # Pyramids of the whole picture cost more than the points: look only around the boxes.
    reach = max(_LEAST_REACH, round(_REACH * max(width, height)))
    ahead = np.concatenate([inside, inside + np.tile(lead, 2)])
    left, top = (max(0, int(low) - reach) for low in ahead[:, :2].min(axis=0).tolist())
    right, bottom = (int(max(0.0, high)) + reach + 1 for high in ahead[:, 2:].max(axis=0).tolist())
    view = np.s_[top:bottom, left:right]
    corner = np.array((left, top), dtype=np.float32)
    ended, status, _ = cv2.calcOpticalFlowPyrLK(
        before[view],
        after[view],
        (start - corner).reshape(-1, 1, 2),
        (start - corner + lead.astype(np.float32)).reshape(-1, 1, 2),
        winSize=_WINDOW,
        maxLevel=_LEVELS,
        criteria=_CRITERIA,
        flags=cv2.OPTFLOW_USE_INITIAL_FLOW,
    )
    moved = (ended.reshape(start.shape) + corner - start).astype(np.float64)
    found = status.reshape(start.shape[:2]).astype(np.bool_) & np.isfinite(moved).all(axis=2)
    shift = _median(moved, np.repeat(found[..., None], 2, axis=2))
    # Points that went elsewhere (background, another person) have no say.
    tolerance = 2.0 + 0.25 * size.max(axis=1)
    with np.errstate(invalid="ignore"):
        agree = found & (np.abs(moved - shift[:, None]).max(axis=2) <= tolerance[:, None])
    held = (agree.sum(axis=1) >= _FEWEST) & (size.min(axis=1) >= 1)
    # Points of a box that leaves the picture stay at its rim: they say nothing of the box.
    held &= _inside_share(boxes, width, height) >= _LEAST_INSIDE
    # How far from the box's middle each point lies, before and after.
    offsets = size[:, None] * (_GRID - 0.5)
    reach_before = np.abs(offsets).sum(axis=2)
    reach_after = np.abs(offsets + moved - np.where(held[:, None], shift, 0.0)[:, None]).sum(axis=2)
    useful = agree & (reach_before > 1.5)
    ratio = reach_after / np.maximum(reach_before, 1e-3)
    middle = _median(np.dstack((moved, ratio)), np.dstack((agree, agree, useful)))
    shift = np.where(held[:, None], middle[:, :2], 0.0)
    scale = np.where(held & (useful.sum(axis=1) >= _FEWEST), middle[:, 2], 1.0)
    return shift, np.minimum(np.maximum(scale, 1 / _LARGEST_SCALE), _LARGEST_SCALE), held


def _median(values: NDArray[np.float64], use: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Median over axis 1 of the values in use; infinite where none is."""
    ordered = np.sort(np.where(use, values, np.inf), axis=1)
    count = use.sum(axis=1)
    rows, columns = np.arange(len(values))[:, None], np.arange(values.shape[2])
    low = ordered[rows, np.maximum(count - 1, 0) // 2, columns]
    high = ordered[rows, np.minimum(count // 2, values.shape[1] - 1), columns]
    return np.asarray((low + high) / 2)
