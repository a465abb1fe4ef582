"""What the small pictures between two looks tell: does the camera move, and what changed where.

Rules kept here:

- A camera is still only when enough of the picture says so; in doubt it moves, and then
  the whole picture is looked at.
- What has changed since it was looked at is looked at again.  What came and went between
  two looks is :mod:`._visits`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from scrim.redact import _looks
from scrim.redact._cover import Box
from scrim.redact._looks import WHOLE, Rectangle
from scrim.redact._motion import STANDING, Shift, shift_between, shifted, uncovered
from scrim.redact._people import against_neighbours
from scrim.redact._scene import Scene

Small = NDArray[np.uint8]

_BUSY = 0.3  # of the picture changes: perhaps it is the camera that moves
_STEADY = 1.0  # small pixels a frame, that a camera's pace may change and be steady
_CALM = 0.15  # of the picture changes: too little for a camera that moves
_MOVES = 20  # of 255: before a moving camera, what differs by more from both neighbours


@dataclass(frozen=True, slots=True)
class Interval:
    """The pictures from one look to the next.

    Attributes:
        at: which of the pending pictures were measured, from 0 to the last.
        smalls: the small pictures of these.
        camera: how far the camera has shifted each pending picture since the first,
            n x 2, x and y in small pixels.
        moving: the camera moves.
        certain: how is known for all of them.
    """

    at: Sequence[int]
    smalls: Sequence[Small]
    camera: NDArray[np.float64]
    moving: bool
    certain: bool

    def shift(self, step: int, end: int) -> tuple[float, float]:
        """By how much to shift picture ``end`` of ``at`` to lie on picture ``step``."""
        x, y = (self.camera[self.at[step]] - self.camera[self.at[end]]).tolist()
        return x, y


class Watcher:
    """Watches the small pictures of one scene."""

    def __init__(self) -> None:
        self.scene = Scene()
        self._seen: Small | None = None  # each pixel as it was when last looked at
        self._whole_us = 0
        self._foreground: NDArray[np.bool_] | None = None
        self._guess = STANDING

    def begin(self, small: Small, at_us: int) -> None:
        """A new scene starts, with a look at all of it."""
        self.scene.forget()
        self._foreground = self.scene.look(small, at_us)
        self.looked(small, WHOLE, at_us)
        self._guess = STANDING

    def interval(self, at: Sequence[int], small: Callable[[int], Small]) -> Interval:
        """How the camera moved over the pending pictures.

        Args:
            at: the pictures to measure at, from 0 to the last.
            small: gives the small picture of each.
        """
        smalls = [small(i) for i in at]
        whole = shift_between(smalls[0], smalls[-1], self._scaled(len(at) - 1))
        changed = float(_looks.difference(smalls[0], smalls[-1]).mean())
        camera = np.zeros((at[-1] + 1, 2))
        certain = True
        stands = whole.still or (not whole.certain and changed < _CALM)
        moving = not stands or changed >= _BUSY
        if moving:
            moving, certain = self._measure(at, small, camera)
        if not moving:
            camera[:] = 0
            self._guess = STANDING
        return Interval(at, smalls, camera, moving, certain)

    def _measure(
        self, at: Sequence[int], small: Callable[[int], Small], camera: NDArray[np.float64]
    ) -> tuple[bool, bool]:
        """Fill ``camera``; give whether it moves at all, and whether that is certain.

        Args:
            at: the pictures to measure at.
            small: gives the small picture of each pending one.
            camera: how far each of them is shifted since the first.
        """
        moving, certain = False, True
        for first, last in pairwise(at):
            before = self._guess
            count = last - first
            guess = Shift(before.x * count, before.y * count, True)
            whole = shift_between(small(first), small(last), guess)
            pace = Shift(whole.x / count, whole.y / count, whole.certain)
            steady = abs(pace.x - before.x) + abs(pace.y - before.y) < _STEADY
            if count == 1 or (whole.certain and steady):
                for i in range(first + 1, last + 1):
                    camera[i] = camera[first] + np.array(pace[:2]) * (i - first)
                self._guess = pace
            else:  # it turned in between: frame by frame
                for i in range(first + 1, last + 1):
                    self._guess = shift_between(small(i - 1), small(i), self._guess)
                    camera[i] = camera[i - 1] + self._guess[:2]
            moving |= not self._guess.still
            certain &= self._guess.certain
        return moving, certain

    def where(
        self, interval: Interval, at_us: int, again: Sequence[Box], whole: Sequence[Box] = ()
    ) -> tuple[tuple[Rectangle, ...], tuple[Rectangle, ...]]:
        """Where to look at the last picture of ``interval``, and where of that it has changed.

        Args:
            interval: the pictures since the last look.
            at_us: capture time of its last.
            again: boxes of the first picture to look at in any case, as fractions of it.
            whole: the same, to look at whole where anything in them has changed: of a face
                that moves on a little only the rim may have, and half a face is none.
        """
        new, old = interval.smalls[-1], self._seen
        every = _looks.WHOLE_EVERY_MOVING_US if interval.moving else _looks.WHOLE_EVERY_US
        overdue = at_us - self._whole_us >= every or at_us < self._whole_us
        if not interval.certain or old is None or old.shape != new.shape:
            return WHOLE, WHOLE
        x, y = interval.shift(len(interval.at) - 1, 0)
        if interval.moving:
            self._seen = old = shifted(old, x, y)
            changed = _looks.difference(old, new, _looks.CHANGED_MOVING)
            changed |= uncovered((new.shape[0], new.shape[1]), x, y)
        else:
            changed = _looks.difference(old, new)
        fresh = WHOLE if interval.moving else _looks.rectangles(changed)
        if overdue:
            return WHOLE, fresh
        for box in whole:
            view = _view(box, new, x, y)
            changed[view] |= changed[view].any()
        for box in again:
            changed[_view(box, new, x, y)] = True
        return _looks.rectangles(changed), fresh

    def looked(self, small: Small, where: Sequence[Rectangle], at_us: int) -> None:
        """A look at ``where`` has finished."""
        if tuple(where) == WHOLE or self._seen is None or self._seen.shape != small.shape:
            self._seen, self._whole_us = small.copy(), at_us
            return
        height, width = small.shape
        for one in where:
            rows = slice(int(one.top * height), -int(-one.bottom * height // 1))
            columns = slice(int(one.left * width), -int(-one.right * width // 1))
            self._seen[rows, columns] = small[rows, columns]

    def foregrounds(self, interval: Interval, times: Sequence[int]) -> list[NDArray[np.bool_]]:
        """What does not belong to the scene's background, in each picture measured.

        Args:
            interval: the pictures; to be given once each, in order.
            times: their capture times, microseconds.
        """
        if not interval.moving:
            first = self._foreground
            later = zip(interval.smalls[1:], times[1:], strict=True)
            seen = [self.scene.look(small, at_us) for small, at_us in later]
            if first is None or first.shape != interval.smalls[0].shape:
                first = np.zeros(interval.smalls[0].shape, np.bool_)
            seen = [first, *seen]
        else:
            self.scene.forget()
            seen = [
                against_neighbours(
                    interval.smalls,
                    step,
                    lambda on, other: shifted(interval.smalls[other], *interval.shift(on, other)),
                    _MOVES,
                )
                for step in range(len(interval.smalls))
            ]
        self._foreground = seen[-1]
        return seen

    def _scaled(self, steps: int) -> Shift:
        return Shift(self._guess.x * steps, self._guess.y * steps, True)


def _view(box: Box, small: Small, x: float, y: float) -> tuple[slice, slice]:
    """Where in a small picture a box is that the camera has shifted by (x, y)."""
    height, width = small.shape
    left, top, right, bottom = box
    return (
        slice(max(0, int(top * height + y)), max(0, int(bottom * height + y) + 1)),
        slice(max(0, int(left * width + x)), max(0, int(right * width + x) + 1)),
    )
