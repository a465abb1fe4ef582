"""What stands still before a still camera, and what does not: the learned background.

A running mean of the small picture and of how much each pixel wavers.  What differs from
the mean by more than it wavers is foreground.  The background is not learned under
foreground, so that somebody who stops and stands stays foreground.  Only a patch that as a
whole has not stirred for :data:`ABSORBED_AFTER_US` (a parked car) becomes background, and the
hole that somebody left who was taken for background: there the learned picture has the
edges, and the picture of now has bare ground.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Small = NDArray[np.uint8]

ABSORBED_AFTER_US = 60_000_000
LEARNED_AFTER_US = 1_500_000
_LEAST = 11.0  # of 255: shadows and the wavering of compression stay under it
_WAVER = 4.0
_LEARNING_US = 8_000_000
_FIRST_US = 1_000_000
_STIRS = 6  # of 255, from one picture to the next
_SMALLEST = 24  # small pixels, of a blob
_PARKED = 0.9  # of a patch that rests
_GHOSTS_EVERY_US = 400_000
_FIRST_GHOSTS_US = 5_000_000
_GHOST_US = 700_000  # of stillness
_CROSS = np.ones((3, 3), np.uint8)
_SHADOW, _SHINE = 0.55, 1.3  # brightness against the background's
_PATTERN = (9, 9)  # small pixels
_PATTERN_REACH = 9  # small pixels around one that tell whether only the light differs there
_SAME = 4.0  # of 255, that a pattern may differ and be the same
_LIGHTS = 0.5  # of the picture: the lights changed, or the camera was turned


@dataclass(frozen=True, slots=True)
class Blob:
    """A patch of foreground, in pixels of the small picture.

    Attributes:
        x, y, w, h: the rectangle around it.
        cells: h x w, where in it the foreground is.
    """

    x: int
    y: int
    w: int
    h: int
    cells: NDArray[np.bool_]


class Scene:
    """The background of one still camera.

    ``known`` tells whether it has been learned; :meth:`forget` when the camera moved.
    """

    def __init__(self) -> None:
        self._mean: NDArray[np.float32] | None = None
        self._waver = np.zeros((0, 0), np.float32)
        self._quiet_us = np.zeros((0, 0), np.float32)
        self._before: Small | None = None
        self._since_us = 0
        self._at_us = 0
        self._ghosts_us = 0

    @property
    def known(self) -> bool:
        """Enough has been seen to tell foreground from background."""
        return self._mean is not None and self._at_us - self._since_us >= LEARNED_AFTER_US

    def forget(self) -> None:
        """Start afresh with the next picture."""
        self._mean = None

    def look(self, small: Small, at_us: int) -> NDArray[np.bool_]:
        """Learn from the next picture, and tell its foreground.

        Args:
            small: rows x columns.
            at_us: its capture time, microseconds.

        Returns:
            rows x columns; all false until the background is known.
        """
        if self._mean is None or self._mean.shape != small.shape:
            self._mean = small.astype(np.float32)
            self._waver = np.zeros(small.shape, np.float32)
            self._quiet_us = np.zeros(small.shape, np.float32)
            self._before, self._since_us, self._at_us = small, at_us, at_us
            return np.zeros(small.shape, np.bool_)
        passed = float(max(0, at_us - self._at_us))
        self._at_us = at_us
        now = small.astype(np.float32)
        # The exposure follows who comes in: what all of the picture does is nobody.
        now -= float(np.median(now[::4, ::4] - self._mean[::4, ::4]))
        smooth = cv2.blur(cv2.absdiff(now, self._mean), (3, 3))
        foreground = np.asarray(smooth > _LEAST)
        if foreground.any():
            foreground &= smooth > _WAVER * self._waver
        if foreground.any():
            view = _around(foreground, _PATTERN_REACH)
            foreground[view] &= ~_is_light(now[view], self._mean[view])
        if foreground.mean() > _LIGHTS:
            self._mean = small.astype(np.float32)
            self._before, self._since_us = small, at_us
            return np.zeros(small.shape, np.bool_)
        self._learn(small, foreground, passed)
        return foreground if self.known else np.zeros(small.shape, np.bool_)

    def _learn(self, small: Small, foreground: NDArray[np.bool_], passed: float) -> None:
        assert self._mean is not None
        assert self._before is not None
        somebody = bool(foreground.any())
        young = self._at_us - self._since_us < LEARNED_AFTER_US
        rate = min(1.0, passed / (_FIRST_US if young else _LEARNING_US))
        calm = None  # everywhere
        if somebody and not young:
            wide = cv2.dilate(foreground.astype(np.uint8), np.ones((5, 5), np.uint8))
            calm = (wide == 0).astype(np.uint8)
        cv2.accumulateWeighted(small, self._mean, rate, mask=calm)
        # From picture to picture, so that leaves and flags waver and who stands does not.
        stirred = cv2.absdiff(small, self._before)
        cv2.accumulateWeighted(stirred, self._waver, rate / 3)
        if somebody:
            # A person stirs within a minute, however still they stand; a parked car does not.
            stirs = cv2.dilate(
                (cv2.blur(stirred, (3, 3)) > _STIRS).astype(np.uint8), np.ones((9, 9), np.uint8)
            )
            self._quiet_us += passed
            self._quiet_us[(stirs > 0) | ~foreground] = 0
        else:
            self._quiet_us[:] = 0
        if self._at_us - self._ghosts_us >= _GHOSTS_EVERY_US:
            self._ghosts_us = self._at_us
            bare = _is_bare(small, self._mean)
            if self._at_us - self._since_us < _FIRST_GHOSTS_US:
                bare[:] = True  # what was learned at first is full of people who walked on
            settled = _all_of_it(self._quiet_us > ABSORBED_AFTER_US, foreground)
            settled |= (self._quiet_us > _GHOST_US) & bare
            self._mean[settled] = small[settled]
            self._quiet_us[settled] = 0
        self._before = small


def _around(cells: NDArray[np.bool_], reach: int) -> tuple[slice, slice]:
    """The rectangle around all that is true, and ``reach`` more to each side."""
    x, y, w, h = cv2.boundingRect(cells.view(np.uint8))
    return slice(max(0, y - reach), y + h + reach), slice(max(0, x - reach), x + w + reach)


def _is_light(now: NDArray[np.float32], before: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Where only the light differs: shadows and shine keep the ground's own pattern."""
    ratio = cv2.blur(now, (3, 3)) / np.maximum(cv2.blur(before, (3, 3)), 1.0)
    mild = (ratio > _SHADOW) & (ratio < _SHINE)
    pattern = (now - cv2.blur(now, _PATTERN)) - (before - cv2.blur(before, _PATTERN)) * ratio
    same = cv2.blur(np.abs(pattern), _PATTERN) < _SAME
    return np.asarray(mild & same)


def _all_of_it(quiet: NDArray[np.bool_], foreground: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The quiet pixels of patches that are quiet as a whole: a plain coat seems to rest."""
    if not quiet.any():
        return quiet
    _, labels, stats, _ = cv2.connectedComponentsWithStats(foreground.astype(np.uint8))
    rests = np.bincount(labels[quiet], minlength=len(stats))
    parked = rests > _PARKED * stats[:, cv2.CC_STAT_AREA]
    return np.asarray(quiet & np.asarray(parked, dtype=np.bool_)[labels])


def _is_bare(now: Small, learned: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Where the learned picture shows more edges than there are now."""
    ground = cv2.convertScaleAbs(learned)
    there, then = (
        cv2.blur(cv2.absdiff(cv2.dilate(p, _CROSS), cv2.erode(p, _CROSS)), _PATTERN)
        for p in (now, ground)
    )
    return np.asarray(then > 1.15 * there.astype(np.float32) + 2.0)


def blobs(foreground: NDArray[np.bool_]) -> list[Blob]:
    """Connected patches of foreground, holes and cracks closed, specks left out."""
    if not foreground.any():
        return []
    solid = cv2.morphologyEx(
        foreground.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((7, 5), np.uint8)
    )
    _, labels, stats, _ = cv2.connectedComponentsWithStats(solid, connectivity=8)
    out = []
    for n, (x, y, w, h, area) in enumerate(stats[1:].tolist(), 1):
        if area >= _SMALLEST:
            out.append(Blob(x, y, w, h, labels[y : y + h, x : x + w] == n))
    return out
