"""People whose face was not found, from what moves; and what of the moving is explained.

A face says where its owner's body is: below it, some faces wide and high.  What moves there
needs no mask of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from scrim.redact._cover import Piece

_BODY = (2.2, 0.8, 8.0)  # of the face's width to each side, of its height upward and downward
_HEADS = frozenset({"face", "head"})


def explained(pieces: Sequence[Piece], scale: float, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Which small pixels are covered, or belong to somebody whose head is.

    Args:
        pieces: of the picture, in its pixels.
        scale: the small picture's size over the picture's.
        shape: rows and columns of the small picture.
    """
    out = np.zeros(shape[:2], np.bool_)
    for piece in pieces:
        left, top, right, bottom = (side * scale for side in piece.box)
        w, h = right - left, bottom - top
        if piece.kind in _HEADS:
            side, up, down = _BODY[0] * w, _BODY[1] * h, _BODY[2] * h
        else:
            side = up = down = 0.1 * max(w, h) + 1
        rows = slice(max(0, int(top - up)), max(0, int(bottom + down) + 1))
        out[rows, max(0, int(left - side)) : max(0, int(right + side) + 1)] = True
    return out
