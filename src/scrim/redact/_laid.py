"""Pieces of masks laid over the pictures between two looks, along a way that flow found."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from scrim.redact._cover import Piece, resized
from scrim.redact._flow import Path
from scrim.redact._stretch import Stretch
from scrim.redact._tracks import Track
from scrim.redact.frames import Source

GROWTH = 0.005
"""Of its size, a frame: what a box confirmed at one end only grows by."""
_LOST_GROWTH = 0.02  # the same, more, once flow has lost it
_LARGEST_GROWTH = 0.3


def lay(
    masks: list[list[Piece]],
    track: Track,
    path: Path,
    n: int,
    grown: float,
    *,
    backward: bool = False,
    first: int = 0,
) -> None:
    """Add box ``n`` of ``path`` to the pieces of each frame.

    Args:
        masks: for the pending frames from ``first`` on, but the last.
        track: whose box it is.
        path: from the first pending frame on, or backward from the last.
        n: which of its boxes.
        grown: by which fraction the box grows with each frame away from the path's start.
        backward: it begins at the last pending frame.
        first: which frame ``masks`` begin at.
    """
    boxes, followed = path.boxes[:, n].tolist(), path.followed[:, n].tolist()
    last = len(boxes) - 1
    for i, pieces in enumerate(masks, first):
        away = last - i if backward else i
        if away > last:
            break
        growth = grown * away
        if away == 0:
            source = track.source
        elif followed[away] and track.source is Source.DETECTED:
            source = Source.PROPAGATED
        else:
            source = Source.HELD
        if not followed[away]:
            growth += _LOST_GROWTH * away
        box = resized(boxes[away], min(growth, _LARGEST_GROWTH)) if growth else boxes[away]
        pieces.append(Piece(track.number, box, track.kind, source))


def hold(
    masks: list[list[Piece]], track: Track, boxes: NDArray[np.float64], stretch: Stretch
) -> None:
    """Between two pictures measured, cover also where a track is in either of them.

    Where somebody has just come or is about to go, one of the two does not show them: flow
    between them finds something else, and goes astray on its way there.

    Args:
        masks: of the pictures; pieces are added.
        track: whose boxes they are.
        boxes: one for each picture, the last included.
        stretch: the pictures.
    """
    for before, after in pairwise(stretch.at):
        for i in range(before + 1, after):
            for end in (before, after):
                turn = np.tile(stretch.camera[i] - stretch.camera[end], 2) / stretch.scale
                box = (boxes[end] + turn).tolist()
                masks[i].append(Piece(track.number, box, track.kind, Source.HELD))
