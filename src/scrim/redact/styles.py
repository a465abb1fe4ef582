"""How masks look: solid, silhouette or mosaic.

Rules kept here:

- Solid and silhouette are functions of the masks, of what lies outside them, and of
  earlier redacted pictures: what is under a mask has no influence on any sample.
- A silhouette has the learned background only where there is one *and* a figure to be drawn
  over it; everything else is solid.
- Mosaic shows averages of blocks and nothing finer, and is the weaker choice: what a
  face moves through many blocks can partly be worked out again.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from scrim.redact.background import Background
from scrim.redact.frames import Mask
from scrim.redact.shapes import Area, Samples, Where, figure_in, stamp

FIGURE = (120, 156, 92)
"""Y, U and V of a figure: a flat blue that stands off from streets and from a mask."""

_SHARES = 6  # blocks a mask is divided into at most, on its smaller side
_SMALLEST = 16 / 1080  # of the picture's height, a block's side

Shapes = Sequence[tuple[Mask, Area]]


def solid(planes: Sequence[Samples], shapes: Shapes) -> None:
    """Fill all of them."""
    for _, area in shapes:
        area.fill(planes)


def silhouettes(
    planes: Sequence[Samples], shapes: Shapes, background: Background, *, moving: bool
) -> None:
    """Draw those that have a figure as a figure over the background; fill the others.

    Args:
        planes: to draw on.
        shapes: masks and where they are.
        background: learned from earlier pictures of the same size.
        moving: the camera moves, so there is no background: solid behind the figures too.
    """
    figures: list[tuple[Area, Where]] = []
    others: list[Area] = []
    for mask, area in shapes:
        figure = figure_in(mask, area)
        if figure is None:
            others.append(area)
            continue
        figures.append((area, figure))
        area.fill(planes)
        if not moving:
            _show_known(planes, area, background)
    for area, figure in figures:
        stamp(area.of(planes), FIGURE, figure)
    for area in others:  # last: a face keeps its mask where a person's figure lies over it
        area.fill(planes)


def _show_known(planes: Sequence[Samples], area: Area, background: Background) -> None:
    known = background.known[area.top : area.bottom, area.left : area.right]
    if area.inside is not None:
        known = known & area.inside
    if known.any():
        stamp(area.of(planes), area.of(background.planes), known)


def mosaic(planes: Sequence[Samples], shapes: Shapes) -> None:
    """Replace each mask's samples by averages over blocks.

    A block's side is at least a sixth of the mask's smaller side, and 16 pixels in a picture
    1080 high; the same blocks hold for luma and chroma.
    """
    height = 2 * planes[1].shape[0]
    for mask, area in shapes:
        parts = area.of(planes)
        side = max(min(mask.w, mask.h) / _SHARES, _SMALLEST * height)
        half = max(1, int(np.ceil(side / 2)))
        rows, columns = _blocks(area.bottom - area.top, half), _blocks(area.right - area.left, half)
        inside = area.inside
        if inside is None:
            inside = np.ones(parts[1].shape, np.bool_)
        luma = _averaged(parts[0], 2 * rows, 2 * columns)
        stamp(parts, [luma, *(_averaged(part, rows, columns) for part in parts[1:])], inside)


def _blocks(length: int, side: int) -> NDArray[np.intp]:
    """Where blocks of ``side`` begin and the last one ends; what is left over is the last's."""
    return np.append(np.arange(max(1, length // side)) * side, length)


def _averaged(part: Samples, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> Samples:
    sums = np.add.reduceat(part, rows[:-1], axis=0, dtype=np.uint32)
    sums = np.add.reduceat(sums, columns[:-1], axis=1)
    down, across = np.diff(rows), np.diff(columns)
    sizes = np.outer(down, across)
    means = ((sums + sizes // 2) // sizes).astype(np.uint8)
    spread: Samples = means.repeat(down, axis=0).repeat(across, axis=1)
    return spread
