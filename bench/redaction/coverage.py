"""How much of a box is covered, and how much of a picture.

Two ways to see it: in the pixels of the decoded output, where a pixel that has the fill's
colour is covered (solid masks only), and in the list of masks, which serves every style.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from bench.redaction.material import Box
from numpy.typing import NDArray

_NEAR = (10, 8, 8)
"""How far Y, U and V may be from the fill after encoding."""


class Shape(Protocol):
    """What is asked of a mask: a rectangle, or the ellipse in it."""

    @property
    def x(self) -> int: ...
    @property
    def y(self) -> int: ...
    @property
    def w(self) -> int: ...
    @property
    def h(self) -> int: ...
    @property
    def oval(self) -> bool: ...


def filled(planes: Sequence[NDArray[np.uint8]], fill: tuple[int, int, int]) -> NDArray[np.bool_]:
    """Which pixels of a yuv420p picture have the colour of the fill.

    Args:
        planes: Y (height x width), U and V (half of both).
        fill: Y, U and V.

    Returns:
        height x width.
    """
    near = [
        np.abs(plane.astype(np.int16) - value) <= off
        for plane, value, off in zip(planes, fill, _NEAR, strict=True)
    ]
    colour = (near[1] & near[2]).repeat(2, axis=0).repeat(2, axis=1)
    rows, columns = near[0].shape
    return near[0] & colour[:rows, :columns]


def covered(box: Box, out: NDArray[np.bool_], before: NDArray[np.bool_]) -> float:
    """Share of ``box`` that is covered in the output, 0 to 1.

    Args:
        box: the part of it outside the picture is not asked for.
        out: height x width, where the output has the fill's colour.
        before: the same of the input: such pixels tell nothing, and are left out.
    """
    part = _slices(box, out.shape)
    telling = ~before[part]
    many = int(telling.sum())
    return float((out[part] & telling).sum()) / many if many else 1.0


def drawn(shapes: Sequence[Shape], size: tuple[int, int]) -> NDArray[np.bool_]:
    """Which pixels a list of masks covers: height x width, for ``size`` (width, height)."""
    import cv2

    out = np.zeros((size[1], size[0]), np.uint8)
    for shape in shapes:
        if shape.oval:
            middle = (shape.x + shape.w / 2, shape.y + shape.h / 2)
            cv2.ellipse(out, (middle, (float(shape.w), float(shape.h)), 0.0), 1, -1)
        else:
            out[_slices((shape.x, shape.y, shape.w, shape.h), out.shape)] = 1
    return out.astype(np.bool_)


def boxes_share(boxes: Sequence[Box], size: tuple[int, int]) -> float:
    """Share of a picture that lies in any of ``boxes``."""
    out = np.zeros((size[1], size[0]), np.bool_)
    for box in boxes:
        out[_slices(box, out.shape)] = True
    return float(out.mean())


def _slices(box: Box, shape: tuple[int, ...]) -> tuple[slice, slice]:
    x, y, w, h = box
    across = slice(max(0, round(x)), max(0, min(shape[1], round(x + w))))
    down = slice(max(0, round(y)), max(0, min(shape[0], round(y + h))))
    return down, across
