"""Looks between two looks: at what came and went, which neither of the two has seen.

Rules kept here:

- What differs from both looks, and from all that was looked at between them, has been seen
  by nobody.  It is looked at where most of it shows, until little is left or enough is spent.
- What belongs to somebody whose head is covered, or guessed since they move, is left for
  last: somebody else may come up behind them or before them, so one look more goes there.
- All of what differs around something unexplained is looked at: half a face is none.
- A mask that is held where somebody was explains nothing.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from scrim.redact import _looks
from scrim.redact._cover import Piece
from scrim.redact._looks import WHOLE, Rectangle
from scrim.redact._people import CHEST, explained
from scrim.redact._watcher import Interval

_PASSED = 9  # of 255: what differs by more from both looks came and went
_PASSED_MOVING = 24  # interpolation leaves more behind
_RIMS = 2  # small pixels, at a rim that a moving camera uncovers
_LEAST = 12  # small pixels; a face of 16 pixels in 1080 lines has as many, with its neck
_SPECK = np.ones((2, 2), np.uint8)
_AROUND = np.ones((3, 3), np.uint8)
_REACH = 12  # small pixels that a look reaches into what differs, from what is unexplained
_MOST = 4  # looks between two looks
_MOST_WHOLE = 1  # of all of the picture, besides
_MOST_SHARE = 0.45  # of the picture, after which there is no further one
_HEAD = (0.3, 0.3, 0.3)  # of a face's width to each side, of its height up and down

_Small = NDArray[np.uint8]
_Cells = NDArray[np.bool_]


class Visits:
    """Where to look between two looks.

    Args:
        interval: the pictures from look to look.
        masks: pieces that are laid over each picture; more may be added while this is in use.
        scale: the small pictures' size over the picture's.
        guessed: for each of ``at``, the small pixels of who moves and has no face found.
    """

    def __init__(
        self,
        interval: Interval,
        masks: Sequence[Sequence[Piece]],
        scale: float,
        guessed: Sequence[NDArray[np.bool_]],
    ) -> None:
        self._interval = interval
        self._scale = scale
        self._spent = 0.0
        self._whole = 0
        self._left = _MOST
        self._explained = _Explained(interval, masks, scale, CHEST, guessed)
        self._heads: _Explained | None = None  # once it is all that explains
        self._masks = masks
        self._unseen = [np.ones(small.shape, np.bool_) for small in interval.smalls]
        for end in (0, len(interval.at) - 1):
            self._see(end, WHOLE)
        self._passed = [cells.copy() for cells in self._unseen]

    def next(self) -> tuple[int, tuple[Rectangle, ...]] | None:
        """At which of the interval's ``at`` to look, and where; ``None`` for nowhere."""
        while True:
            found = self._next(self._heads or self._explained) if self._left else None
            if found is not None:
                return found
            if self._heads is not None or self._whole > _MOST_WHOLE:
                return None
            nobody = [np.zeros_like(cells) for cells in self._unseen]
            self._heads = _Explained(self._interval, self._masks, self._scale, _HEAD, nobody)
            self._left = 1

    def looked(self, step: int, where: tuple[Rectangle, ...]) -> None:
        """A look at ``where`` of picture ``step`` of ``at`` has finished."""
        self._see(step, where)
        if where == WHOLE:
            self._whole += 1
        else:
            self._spent += sum(one.area for one in where)
        enough = self._spent > _MOST_SHARE or self._whole > _MOST_WHOLE
        self._left = 0 if enough else self._left - 1

    def present(self, i: int, box: Sequence[float]) -> bool:
        """Whether pending picture ``i`` shows in a box what neither of the two looks saw.

        Before a moving camera always: pictures do not lie on each other well enough to tell.
        """
        if self._interval.moving:
            return True
        after = max(1, bisect_left(self._interval.at, i))
        left, top, right, bottom = (round(side * self._scale) for side in box)
        view = np.s_[max(0, top) : max(0, bottom) + 1, max(0, left) : max(0, right) + 1]
        return any(bool(self._passed[step][view].any()) for step in (after - 1, after))

    def _next(self, known: _Explained) -> tuple[int, tuple[Rectangle, ...]] | None:
        best: tuple[int, int, _Small] | None = None
        for step, unseen in enumerate(self._unseen):
            if cv2.countNonZero(unseen.view(np.uint8)) < _LEAST:
                continue
            unexplained = np.greater(unseen, known.at(step)).view(np.uint8)
            if 4 * cv2.countNonZero(unexplained) < max(_LEAST, best[0] if best else 0):
                continue  # opening leaves no more, even in the picture's corner
            solid = np.asarray(cv2.morphologyEx(unexplained, cv2.MORPH_OPEN, _SPECK), np.uint8)
            amount = cv2.countNonZero(solid)
            if amount >= _LEAST and (best is None or amount > best[0]):
                best = amount, step, solid
        if best is None:
            return None
        _, step, solid = best
        around = self._unseen[step].view(np.uint8)
        for _ in range(_REACH):
            solid = np.asarray(cv2.dilate(solid, _AROUND), np.uint8) & around
        return step, _looks.rectangles(solid > 0)

    def _see(self, end: int, where: Sequence[Rectangle]) -> None:
        """What a look at ``where`` of picture ``end`` has seen is unseen in no other, either."""
        for step in range(len(self._unseen)):
            for one in where:
                self._compare(step, end, one)

    def _compare(self, step: int, end: int, seen: Rectangle) -> None:
        interval = self._interval
        here, there = interval.smalls[step], interval.smalls[end]
        height, width = here.shape
        right, down = (round(side) for side in interval.shift(step, end))
        if not interval.moving:
            right = down = 0
        # only what lies in the rectangle wholly, and in both pictures
        rows = _shared(seen.top, seen.bottom, height, down)
        columns = _shared(seen.left, seen.right, width, right)
        if rows is None or columns is None:
            return
        now = here[rows, columns]
        then = there[
            rows.start - down : rows.stop - down, columns.start - right : columns.stop - right
        ]
        limit = _PASSED_MOVING if interval.moving else _PASSED
        unlike = cv2.blur(cv2.absdiff(now, then), (3, 3)) > limit  # nothing is unlike itself
        self._unseen[step][rows, columns] &= unlike


class _Explained:
    """What of each picture is covered, or belongs to somebody who is; kept up with the masks."""

    def __init__(
        self,
        interval: Interval,
        masks: Sequence[Sequence[Piece]],
        scale: float,
        body: tuple[float, float, float],
        first: Sequence[_Cells],
    ) -> None:
        self._interval = interval
        self._masks = masks
        self._scale = scale
        self._body = body
        self._cells = [(0, cells) for cells in first]  # how many pieces are in them

    def at(self, step: int) -> _Cells:
        pieces = self._masks[self._interval.at[step]]
        count, cells = self._cells[step]
        if count < len(pieces):
            cells = cells | explained(pieces[count:], self._scale, cells.shape, self._body)
            self._cells[step] = len(pieces), cells
        return cells


def _shared(low: float, high: float, length: int, shift: int) -> slice | None:
    """Which rows (or columns) of a picture another one, ``shift`` away, has from low to high."""
    first, last = -int(-low * length // 1) + shift, int(high * length) + shift
    first, last = max(first, 0), min(last, length)
    if shift > 0:
        first = max(first, shift + _RIMS)
    elif shift < 0:
        last = min(last, length + shift - _RIMS)
    return slice(first, last) if first < last else None
