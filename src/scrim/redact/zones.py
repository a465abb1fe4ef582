"""Privacy zones on pictures: the same samples of every frame, burnt in before all else.

Rules kept here:

- A zone is rounded outward: every pixel it touches is covered, on all planes, and so is
  everything one pixel around it.
- What a detector looks at is burnt too, one pixel of that picture wider, since making it
  mixes neighbouring pixels: no detector ever sees what is in a zone.
- Zones are rasterised once for each picture size, not once a frame.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from scrim.policy import Zone
from scrim.redact.frames import Mask, Source
from scrim.redact.shapes import FILL, Area, Samples, Where

_AROUND = 1  # OpenCV paints the pixels it rounds to; one more is more than it rounds away
_SHIFT = 4  # fractional bits of OpenCV's polygon corners
_SIZES_KEPT = 8  # a stream has one size, seen whole and shrunk

_Key = TypeVar("_Key")
_Made = TypeVar("_Made")


@dataclass(frozen=True, slots=True)
class _Stencil:
    """Bytes to AND and then OR onto a rectangle of a plane; quicker than a choice by sample."""

    top: int
    left: int
    keep: NDArray[np.uint8]
    ink: NDArray[np.uint8]

    @classmethod
    def of(cls, inside: Where, top: int, left: int, colour: Sequence[int]) -> _Stencil:
        ink = np.where(inside, np.array(colour, np.uint8), np.uint8(0))
        return cls(top, left, np.where(inside, np.uint8(0), np.uint8(255)), ink)

    def press(self, image: NDArray[np.uint8]) -> None:
        height, width = self.keep.shape[:2]
        part = image[self.top : self.top + height, self.left : self.left + width]
        np.bitwise_and(part, self.keep, out=part)
        np.bitwise_or(part, self.ink, out=part)


@dataclass(frozen=True, slots=True)
class Raster:
    """The zones on pictures of one size.

    Attributes:
        areas: one for each zone, in chroma samples.
        masks: one for each zone, the rectangle around it in pixels.
    """

    areas: tuple[Area, ...]
    masks: tuple[Mask, ...]
    stencils: tuple[tuple[_Stencil, _Stencil, _Stencil], ...]

    def burn(self, planes: Sequence[Samples]) -> None:
        """Fill the zones on the luma plane and the two chroma planes."""
        for stencils in self.stencils:
            for stencil, plane in zip(stencils, planes, strict=True):
                stencil.press(plane)


class Zones:
    """The zones of one camera."""

    def __init__(self, zones: Sequence[Zone]) -> None:
        self._zones = tuple(zones)
        self._rasters: dict[tuple[int, int, int], Raster] = {}
        self._images: dict[tuple[int, ...], tuple[_Stencil, ...]] = {}

    def __bool__(self) -> bool:
        return bool(self._zones)

    def raster(self, width: int, height: int, guard: int = 0) -> Raster:
        """The zones on an upright picture of that size.

        Args:
            width: of the picture, pixels; may be odd.
            height: of it, likewise.
            guard: pixels to cover around them.
        """
        key = (width, height, guard)
        made = self._rasters.get(key)
        if made is None:
            made = self._rastered(width, height, guard)
            _keep(self._rasters, key, made)
        return made

    def burn(self, image: NDArray[np.uint8]) -> None:
        """Fill the zones in place, in a luma picture or in one of BGR, of any size.

        Args:
            image: rows x columns, or rows x columns x 3, of the whole upright picture;
                8 bits, writable.
        """
        if not self._zones:
            return
        made = self._images.get(image.shape)
        if made is None:
            made = self._imaged(image.shape)
            _keep(self._images, image.shape, made)
        for stencil in made:
            stencil.press(image)

    def _rastered(self, width: int, height: int, guard: int) -> Raster:
        areas, masks, stencils = [], [], []
        for zone in self._zones:
            covered = _pixels(zone, width, height, _AROUND + guard)
            pairs = np.pad(covered, ((0, height % 2), (0, width % 2)))
            rows = pairs[0::2] | pairs[1::2]
            top, left, inside = _cropped(rows[:, 0::2] | rows[:, 1::2])
            down, across = inside.shape
            areas.append(Area(top, top + down, left, left + across, inside))
            x, y = 2 * left, 2 * top
            w, h = min(2 * across, width - x), min(2 * down, height - y)
            masks.append(Mask(x, y, w, h, "zone", 0, Source.FIXED))
            full = inside.repeat(2, axis=0).repeat(2, axis=1)
            luma, blue, red = FILL
            stencils.append(
                (
                    _Stencil.of(full, y, x, (luma,)),
                    _Stencil.of(inside, top, left, (blue,)),
                    _Stencil.of(inside, top, left, (red,)),
                )
            )
        return Raster(tuple(areas), tuple(masks), tuple(stencils))

    def _imaged(self, shape: tuple[int, ...]) -> tuple[_Stencil, ...]:
        colour = (FILL[0],) * (1 if len(shape) == 2 else shape[2])
        made = []
        for zone in self._zones:
            top, left, inside = _cropped(_pixels(zone, shape[1], shape[0], _AROUND + 1))
            if len(shape) == 3:
                inside = np.repeat(inside[..., None], shape[2], axis=2)
            made.append(_Stencil.of(inside, top, left, colour))
        return tuple(made)


def _pixels(zone: Zone, width: int, height: int, around: int) -> Where:
    """Which pixels of a picture the zone touches, or that lie so many pixels around it."""
    rim = around + 1  # corners on the picture's border are rounded to pixels beyond it
    # pixel i reaches from i to i + 1, and OpenCV's corners are given in pixels' centres
    corners = np.array(zone.points) * (width, height) - 0.5 + rim
    fixed = np.round(corners * (1 << _SHIFT)).astype(np.int32)
    canvas = np.zeros((height + 2 * rim, width + 2 * rim), np.uint8)
    cv2.fillPoly(canvas, [fixed], 1, lineType=cv2.LINE_8, shift=_SHIFT)
    square = np.ones((2 * around + 1, 2 * around + 1), np.uint8)
    covered: Where = cv2.dilate(canvas, square)[rim:-rim, rim:-rim].view(np.bool_)
    return covered


def _cropped(covered: Where) -> tuple[int, int, Where]:
    """The top and left of what is covered, and the rectangle around it."""
    rows, columns = np.flatnonzero(covered.any(axis=1)), np.flatnonzero(covered.any(axis=0))
    top, left = int(rows[0]), int(columns[0])
    return top, left, covered[top : int(rows[-1]) + 1, left : int(columns[-1]) + 1].copy()


def _keep(cache: dict[_Key, _Made], key: _Key, made: _Made) -> None:
    if len(cache) >= _SIZES_KEPT:
        cache.clear()
    cache[key] = made
