"""From boxes to masks: growth, margins, and pieces of one track joined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil, floor

from scrim.redact.frames import Figure, Mask, Source

Box = Sequence[float]  # left, top, right, bottom

_ROUND = frozenset({"face", "head"})
_PLAIN = 0.25  # of a face's margin, for what is boxed whole
_SAME = 0.6  # of both together, that both cover
_BARELY = 0.5  # of the smaller, that the other covers
_CERTAIN = (Source.DETECTED, Source.PROPAGATED, Source.HELD)


@dataclass(frozen=True, slots=True)
class Piece:
    """One box of one track in one frame, before the margin; pixels of the upright picture."""

    number: int
    box: Box
    kind: str
    source: Source
    figure: Figure | None = None


def resized(box: Box, by: float) -> Box:
    """``box`` larger by the fraction ``by`` in each direction, its middle kept."""
    left, top, right, bottom = box
    across, down = (right - left) / 2 * by, (bottom - top) / 2 * by
    return left - across, top - down, right + across, bottom + down


def drawn(pieces: Sequence[Piece], size: tuple[int, int], margin: float) -> list[Mask]:
    """Masks for one frame: margins added, pieces of one track joined where they touch.

    Args:
        pieces: what has to be covered.
        size: width and height of the picture.
        margin: a mask's width over its box's.
    """
    joined: list[Piece] = []
    for piece in sorted(pieces, key=lambda p: (p.number, p.kind)):
        other = joined[-1] if joined else None
        if other is not None and _are_one(other, piece):
            joined[-1] = replace(
                other,
                box=_around(other.box, piece.box),
                source=min(other.source, piece.source, key=_CERTAIN.index),
            )
        else:
            joined.append(piece)
    masks = []
    for piece in joined:
        rectangle = _with_margin(piece, size, margin)
        if rectangle is not None:
            oval = piece.kind in _ROUND
            masks.append(
                Mask(*rectangle, piece.kind, piece.number, piece.source, oval, piece.figure)
            )
    return masks


def _are_one(one: Piece, other: Piece) -> bool:
    """Whether two pieces make one mask.  What has an outline keeps its own.

    Nearly the same place is one.  Where two ways are half a head apart two masks cover both,
    and less beside them than one around them; where they barely touch, the head may as well be
    between them.
    """
    if one.number != other.number or one.kind != other.kind or one.figure or other.figure:
        return False
    a, b = one.box, other.box
    w, h = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    if w <= 0 or h <= 0:
        return False
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (a, b)]
    return w * h >= _SAME * (sum(areas) - w * h) or w * h < _BARELY * min(areas)


def _around(one: Box, other: Box) -> Box:
    return (
        min(one[0], other[0]),
        min(one[1], other[1]),
        max(one[2], other[2]),
        max(one[3], other[3]),
    )


def _with_margin(
    piece: Piece, size: tuple[int, int], margin: float
) -> tuple[int, int, int, int] | None:
    """Whole pixels around the whole thing, or nothing where that is outside the picture.

    A face's box goes from the brow to the chin; hair stands above it.  Other boxes go
    around what they are of, and get less.
    """
    left, top, right, bottom = piece.box
    if piece.kind not in _ROUND:
        margin = 1 + (margin - 1) * _PLAIN
    # Boxes are exact to about a pixel of the shrunk picture, which is more than one here.
    least = max(size) / 1280
    side = max((margin - 1) / 2 * (right - left), least)
    up = max((margin - 1) * 0.8 * (bottom - top), least)
    down = max((margin - 1) * 0.45 * (bottom - top), least)
    x0, x1 = floor(left - side), ceil(right + side)
    y0, y1 = floor(top - up), ceil(bottom + down)
    if x0 >= size[0] or y0 >= size[1] or x1 <= 0 or y1 <= 0 or x0 >= x1 or y0 >= y1:
        return None
    return x0, y0, x1 - x0, y1 - y0
