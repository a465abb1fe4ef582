"""Where in the planes of a picture a mask lies, and flat paint on it.

Rules kept here:

- A shape is rounded outward to whole chroma samples: whatever pixel has its centre in the
  mask is covered on all three planes, and so are the three that share its chroma sample.
- Where a guard is asked for, everything at most so many pixels left, right, above and below
  of the shape is covered too, corners of that square included.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from scrim.redact.frames import Figure, Mask

Samples: TypeAlias = NDArray[np.uint8]
Where: TypeAlias = NDArray[np.bool_]

FILL = (40, 128, 128)
"""Y, U and V of a mask: a dark grey, the same in limited and full range."""

_EDGE = 1.0 + 1e-5  # on the ellipse counts as inside, whatever the rounding


@dataclass(frozen=True, slots=True)
class Area:
    """Some chroma samples of a picture, and the luma samples that share them.

    Attributes:
        top, bottom, left, right: the rectangle around them in chroma samples, half open,
            inside the picture and not empty.
        inside: rows x columns of the rectangle, which of them; all where it is None.
    """

    top: int
    bottom: int
    left: int
    right: int
    inside: Where | None = None

    def of(self, planes: Sequence[Samples]) -> tuple[Samples, Samples, Samples]:
        """Views on the rectangle in the luma plane and the two chroma planes."""
        luma, blue, red = planes
        rows, columns = slice(self.top, self.bottom), slice(self.left, self.right)
        across = luma[2 * self.top : 2 * self.bottom, 2 * self.left : 2 * self.right]
        return across, blue[rows, columns], red[rows, columns]

    def fill(self, planes: Sequence[Samples], colour: Sequence[int] = FILL) -> None:
        """Paint it in one colour."""
        parts = self.of(planes)
        if self.inside is None:
            for part, value in zip(parts, colour, strict=True):
                part[...] = value
        else:
            stamp(parts, colour, self.inside)


def area_of(mask: Mask, shape: tuple[int, int], guard: int = 0) -> Area | None:
    """The part of a picture that ``mask`` covers, or None where it lies outside.

    Args:
        mask: in pixels.
        shape: rows and columns of the chroma planes.
        guard: pixels to cover around it.
    """
    rows, columns = shape
    first_row, first_column = (mask.y - guard) // 2, (mask.x - guard) // 2
    top, left = max(0, first_row), max(0, first_column)
    bottom = min(rows, -(-(mask.y + mask.h + guard) // 2))
    right = min(columns, -(-(mask.x + mask.w + guard) // 2))
    if top >= bottom or left >= right:
        return None
    if not mask.oval or mask.w <= 0 or mask.h <= 0:
        return Area(top, bottom, left, right)
    down = _profile(mask.h, mask.y % 2, guard)[top - first_row : bottom - first_row]
    across = _profile(mask.w, mask.x % 2, guard)[left - first_column : right - first_column]
    return Area(top, bottom, left, right, down[:, None] + across <= _EDGE)


@lru_cache(maxsize=4096)
def _profile(length: int, start: int, guard: int) -> NDArray[np.float32]:
    """How far the chroma samples along one side of an ellipse are from its middle, squared.

    A sample is inside where the values of its row and its column add up to 1 at most.

    Args:
        length: of the side, pixels.
        start: 0 or 1, the first pixel's place in its chroma sample.
        guard: pixels around it; even, so that ``start`` holds for it too.
    """
    begin = -((guard + start) // 2)
    end = -(-(start + length + guard) // 2)
    middle = start + length / 2
    centres = 2.0 * np.arange(begin, end) + 1.0
    # each sample's two pixels have their centres half a pixel left and right of its own
    away = np.maximum(np.abs(centres - middle) - 0.5 - guard, 0.0) / (length / 2)
    profile: NDArray[np.float32] = (away * away).astype(np.float32)
    profile.flags.writeable = False
    return profile


def figure_in(mask: Mask, area: Area) -> Where | None:
    """Which samples of ``area`` the mask's figure covers, or None where it has no usable one."""
    figure = mask.figure
    if figure is None or not _is_whole(figure) or mask.w <= 0 or mask.h <= 0:
        return None
    cells = np.frombuffer(figure.cells, np.uint8).reshape(figure.rows, figure.columns) != 0
    down = (2 * np.arange(area.top, area.bottom) + 1 - mask.y) * figure.rows // mask.h
    across = (2 * np.arange(area.left, area.right) + 1 - mask.x) * figure.columns // mask.w
    found: Where = cells.take(down.clip(0, figure.rows - 1), axis=0).take(
        across.clip(0, figure.columns - 1), axis=1
    )
    return found if area.inside is None else found & area.inside


def _is_whole(figure: Figure) -> bool:
    rows, columns = figure.rows, figure.columns
    return rows > 0 and columns > 0 and len(figure.cells) == rows * columns


def stamp(parts: Sequence[Samples], values: Sequence[int | Samples], inside: Where) -> None:
    """Write colours or other samples where ``inside`` is true.

    Args:
        parts: a rectangle of the luma plane and of the two chroma planes.
        values: for each a number, or samples of the same shape.
        inside: rows x columns of the chroma parts.
    """
    wide = inside.repeat(2, axis=1)
    for part, value, where in zip(parts, values, (wide, inside, inside), strict=True):
        if where is not wide:
            np.copyto(part, value, where=where)
            continue
        for rows in (slice(0, None, 2), slice(1, None, 2)):
            np.copyto(part[rows], value if isinstance(value, int) else value[rows], where=wide)
