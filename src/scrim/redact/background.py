"""What a fixed camera's picture looks like where nobody is, learned from redacted pictures.

Rules kept here:

- It learns from redacted pictures only, after their masks are drawn, so that whatever it
  gives back under a mask was fit to be seen already.  What lies under a mask or in a zone
  is not learned at all: a tile that a mask touches is passed over whole.
- A tile is known once it has stayed the same for several sweeps.  A face that was missed
  for a moment is not background, and is never shown again under a later mask.
- What changed is believed only when it has stayed for longer still, and is then unknown
  until it has proved steady: nothing here fades from one picture to another, so nothing
  smears.
- Each frame updates a few rows of tiles; a sweep takes a fixed time by the frames' clock.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from scrim.redact.shapes import FILL, Area, Samples, Where

TILE = 16  # luma samples; half as many of chroma

_SWEEP_US = 640_000
_LONGEST_STEP_US = 200_000  # a longer silence says nothing about what was to be seen in it
_MOST = 8  # at least so many frames for one sweep, however far apart they are
_STEADY = 4  # sweeps a tile stays the same before it is known: some 3 s with the first
_CHANGED = 20  # sweeps a known tile looks different before it is learned anew: some 13 s
_SAME = 10  # mean difference of a tile's luma that noise and slow light may make
_STEP = 2  # levels a sample may move in one sweep
_NEVER = -1


class Background:
    """The learned background of one stream.

    Attributes:
        planes: luma and two chroma planes; only where ``known`` they mean something.
        known: by chroma sample.
    """

    def __init__(self) -> None:
        self._shape = (0, 0)
        self.planes: list[Samples] = []
        self.known: Where = np.zeros((0, 0), np.bool_)
        self._count: NDArray[np.int16] = np.zeros((0, 0), np.int16)
        self._limit: NDArray[np.float32] = np.zeros((0, 0), np.float32)
        self._row = 0
        self._due = 0.0
        self._last_us: int | None = None

    def forget(self) -> None:
        """Know nothing any more: another scene, or a camera that moves."""
        self.known[...] = False
        self._count[...] = _NEVER
        self._last_us = None

    def fit(self, planes: Sequence[Samples]) -> None:
        """Make ready for pictures of this size; what was learned of another is forgotten."""
        luma = planes[0].shape
        if luma == self._shape:
            return
        self._shape = (luma[0], luma[1])
        self.planes = [np.full(p.shape, v, np.uint8) for p, v in zip(planes, FILL, strict=True)]
        self.known = np.zeros(planes[1].shape, np.bool_)
        down, across = (-(-side // TILE) for side in self._shape)
        self._count = np.full((down, across), _NEVER, np.int16)
        # a tile cut off by the picture's edge is averaged over a whole one's samples
        share = [np.minimum(TILE, side - TILE * np.arange(-(-side // TILE))) for side in luma]
        self._limit = (_SAME / TILE**2 * np.outer(*share)).astype(np.float32)
        self._row, self._due, self._last_us = 0, 0.0, None

    def touched(self, areas: Sequence[Area]) -> Where:
        """Which tiles the areas touch, tiles down x tiles across."""
        found = np.zeros(self._count.shape, np.bool_)
        half = TILE // 2
        for area in areas:
            rows = slice(area.top // half, -(-area.bottom // half))
            columns = slice(area.left // half, -(-area.right // half))
            found[rows, columns] = True
        return found

    def learn(self, planes: Sequence[Samples], touched: Where, at_us: int) -> None:
        """Look at some rows of tiles of a redacted picture.

        Args:
            planes: its samples, all masks and zones drawn.
            touched: tiles that masks or zones touch.
            at_us: when it was taken.
        """
        spent = 0 if self._last_us is None else at_us - self._last_us
        self._last_us = at_us
        down = self._count.shape[0]
        self._due += min(max(spent, 0), _LONGEST_STEP_US) * down / _SWEEP_US
        rows = min(int(self._due), -(-down // _MOST), down - self._row)
        self._due = min(self._due - rows, 1.0)
        if rows:
            self._look(planes, touched, self._row, self._row + rows)
            self._row = (self._row + rows) % down

    def _look(self, planes: Sequence[Samples], touched: Where, first: int, end: int) -> None:
        count = self._count[first:end]
        free = ~touched[first:end]
        same = self._is_same(planes[0], first, end)
        new = free & ~same & ((count < _STEADY) | (count >= _STEADY + _CHANGED))
        steady = free & same & (count != _NEVER)
        first_sight = free & same & (count == _NEVER)
        strange = free & ~same & ~new
        before = count >= _STEADY
        count[strange] += 1
        count[steady] = np.minimum(count[steady] + 1, _STEADY)
        new |= first_sight
        count[new] = 0
        for plane, kept, size in zip(
            planes, self.planes, (TILE, TILE // 2, TILE // 2), strict=True
        ):
            old = kept[first * size : end * size]
            _approach(plane[first * size : end * size], old, steady, new, size)
        after = count >= _STEADY
        if (before != after).any():
            half = TILE // 2
            known = self.known[first * half : end * half]
            known[...] = _spread(after, half, known.shape)

    def _is_same(self, luma: Samples, first: int, end: int) -> Where:
        rows = slice(first * TILE, min(end * TILE, luma.shape[0]))
        difference = cv2.absdiff(luma[rows], self.planes[0][rows])
        down, across = (end - first) * TILE, self._count.shape[1] * TILE
        height, width = difference.shape
        if (height, width) != (down, across):
            difference = cv2.copyMakeBorder(
                difference, 0, down - height, 0, across - width, cv2.BORDER_CONSTANT, value=0
            )
        means = cv2.resize(
            difference, (across // TILE, end - first), interpolation=cv2.INTER_AREA
        ).reshape(end - first, -1)
        same: Where = means <= self._limit[first:end]
        return same


def _approach(now: Samples, old: Samples, steady: Where, new: Where, size: int) -> None:
    """Move ``old`` a little towards ``now`` in steady tiles; take it over in new ones."""
    if steady.any():
        least = np.maximum(old, _STEP) - np.uint8(_STEP)
        most = np.minimum(old, 255 - _STEP) + np.uint8(_STEP)
        nearer = np.minimum(np.maximum(now, least), most)
        if steady.all():
            old[...] = nearer
        else:
            np.copyto(old, nearer, where=_spread(steady, size, old.shape))
    if new.any():
        np.copyto(old, now, where=_spread(new, size, old.shape))


def _spread(tiles: Where, size: int, shape: tuple[int, ...]) -> Where:
    """Tiles as samples."""
    wide: Where = tiles.repeat(size, axis=1)[:, : shape[1]].repeat(size, axis=0)[: shape[0]]
    return wide
