"""Rectangles in whole pixels, and how they lie to each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Box(NamedTuple):
    """Left, top, width and height, in pixels of the upright picture."""

    x: int
    y: int
    w: int
    h: int

    @property
    def right(self) -> int:
        """The first column beyond it."""
        return self.x + self.w

    @property
    def bottom(self) -> int:
        """The first row beyond it."""
        return self.y + self.h

    @property
    def area(self) -> int:
        """Pixels."""
        return max(0, self.w) * max(0, self.h)

    @property
    def middle(self) -> tuple[float, float]:
        """Column and row."""
        return self.x + self.w / 2, self.y + self.h / 2

    def holds(self, x: float, y: float) -> bool:
        """Whether a point lies in it."""
        return self.x <= x < self.right and self.y <= y < self.bottom

    def clipped(self, size: tuple[int, int]) -> Box:
        """The part of it in a picture of that width and height; empty where there is none."""
        return common(self, Box(0, 0, *size))


def common(one: Box, other: Box) -> Box:
    """What two have in common; of no area where that is nothing."""
    x, y = max(one.x, other.x), max(one.y, other.y)
    w, h = min(one.right, other.right) - x, min(one.bottom, other.bottom) - y
    return Box(x, y, max(0, w), max(0, h))


def around(boxes: Sequence[Box]) -> Box:
    """The smallest that holds all of them (one at least)."""
    x, y = min(box.x for box in boxes), min(box.y for box in boxes)
    right, bottom = max(box.right for box in boxes), max(box.bottom for box in boxes)
    return Box(x, y, right - x, bottom - y)


def share(of: Box, within: Box) -> float:
    """Which share of a box lies in another, 0 to 1."""
    return common(of, within).area / of.area if of.area else 0.0


def overlap(one: Box, other: Box) -> float:
    """What two have in common over what either has (intersection over union)."""
    both = common(one, other).area
    either = one.area + other.area - both
    return both / either if either else 0.0


def same_place(one: Box, other: Box) -> float:
    """What two have in common, over the smaller of them."""
    return max(share(one, other), share(other, one))


def without(box: Box, hole: Box) -> list[Box]:
    """Up to four rectangles that are all of ``box`` but ``hole``."""
    hole = common(box, hole)
    if not hole.area:
        return [box] if box.area else []
    parts = (
        Box(box.x, box.y, box.w, hole.y - box.y),
        Box(box.x, hole.bottom, box.w, box.bottom - hole.bottom),
        Box(box.x, hole.y, hole.x - box.x, hole.h),
        Box(hole.right, hole.y, box.right - hole.right, hole.h),
    )
    return [part for part in parts if part.area]
