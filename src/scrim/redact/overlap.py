"""How far boxes mean the same thing; of those that do, keep the best (non-maximum suppression)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from scrim.redact.detector import Detection

MOST_KEPT = 400
"""No picture has more things to cover than this; later ones are overlaps of noise."""


def without_overlaps(
    boxes: NDArray[np.float64], scores: NDArray[np.float64], overlap: float
) -> list[int]:
    """Indices of the boxes that stay, best first, at most :data:`MOST_KEPT`.

    Args:
        boxes: N x 4: left, top, right, bottom.
        scores: N.
        overlap: share of their union two boxes may have in common and both stay.
    """
    order = np.argsort(-scores, kind="stable")
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    kept: list[int] = []
    while len(order) and len(kept) < MOST_KEPT:
        best, order = int(order[0]), order[1:]
        kept.append(best)
        low = np.maximum(boxes[best, :2], boxes[order, :2])
        high = np.minimum(boxes[best, 2:], boxes[order, 2:])
        shared = np.prod(np.maximum(high - low, 0), axis=1)
        union = areas[best] + areas[order] - shared
        order = order[shared < overlap * np.maximum(union, 1e-9)]
    return kept


def overlap_of(a: Detection, b: Detection) -> float:
    """Intersection over union."""
    across = min(a.x + a.w, b.x + b.w) - max(a.x, b.x)
    down = min(a.y + a.h, b.y + b.h) - max(a.y, b.y)
    shared = max(across, 0.0) * max(down, 0.0)
    return shared / max(a.w * a.h + b.w * b.h - shared, 1e-9)
