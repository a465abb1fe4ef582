"""A camera that moves: a window slid across a larger picture, with abrupt reversals."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from bench.redaction.material import Box, Face

ENLARGED = 1.4
"""Sides of the world over sides of the window."""

_SLOWEST, _FASTEST = 10.0, 15.0  # pixels of 1280 a frame
_TURNS = 0.03  # chance a frame to turn round for no reason


def slide(size: tuple[int, int], seed: int) -> Iterator[tuple[int, int]]:
    """Left and top of the window in a world of ``ENLARGED`` times ``size``, without an end."""
    rng = np.random.default_rng(seed)
    width, height = size
    room = (world(size)[0] - width, world(size)[1] - height)
    x, y = room[0] * float(rng.random()), room[1] * float(rng.random())
    right, down = _speed(rng, width), _speed(rng, width) / 3
    while True:
        yield round(x), round(y)
        if rng.random() < _TURNS:
            right, down = -np.sign(right) * _speed(rng, width), -down
        x, y = x + right, y + down
        if not 0 <= x <= room[0]:
            right, x = -np.sign(right) * _speed(rng, width), min(max(x, 0.0), float(room[0]))
        if not 0 <= y <= room[1]:
            down, y = -down, min(max(y, 0.0), float(room[1]))


def world(size: tuple[int, int]) -> tuple[int, int]:
    """Width and height of what a window of ``size`` slides across."""
    return round(size[0] * ENLARGED), round(size[1] * ENLARGED)


def seen(face: Face, offset: tuple[int, int], size: tuple[int, int]) -> Face | None:
    """``face`` as the window at ``offset`` sees it; counted where half of it is inside."""
    x, y, w, h = face.box
    box = (x - offset[0], y - offset[1], w, h)
    share = inside(box, size)
    return Face(face.track, box, face.counted and share >= 0.5) if share > 0 else None


def inside(box: Box, size: tuple[int, int]) -> float:
    """Share of ``box`` that lies in a picture of ``size``."""
    across = min(box[0] + box[2], size[0]) - max(box[0], 0)
    down = min(box[1] + box[3], size[1]) - max(box[1], 0)
    return max(across, 0.0) * max(down, 0.0) / max(box[2] * box[3], 1e-9)


def _speed(rng: np.random.Generator, width: int) -> float:
    return float(rng.uniform(_SLOWEST, _FASTEST)) * width / 1280
