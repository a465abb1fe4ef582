"""A second look at what is doubtful: each find alone, at the size faces are known best at.

A small face, or one half hidden or behind a surgical mask, leaves a faint trace in a look at
all of a picture, fainter than any threshold one could live with: for each of them there are
several leaves, windows and hands.  Looked at alone and enlarged most of the faces are plain,
and hardly any of the rest is (the figures are in ``docs/adr/0163``).

Rules kept here:

- A second look adds to what is known and takes nothing away: what it does not confirm keeps
  the score that it had.
- What lies in a face that is plain already is not asked about.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from scrim.redact.detector import Detection, Detector, verdict
from scrim.redact.overlap import overlap_of

_SIDE = 96  # pixels of the image that the detector is given
_FACE = 32  # pixels of height that the find has in it
_LEAST = 0.07  # score; under it there are many more finds, and hardly a face more is won
_SMALLEST = 8.0  # pixels of height; what is smaller is nobody anybody knows
_MOST = 24  # finds
_CONFIRMED = 0.3  # score, from which on it is a face
_SAME = 0.25  # overlap of what was doubtful and what is found there
_WITHIN = 0.7  # of a find


def again(
    detector: Detector, picture: NDArray[np.uint8], found: Sequence[Detection], plain: float
) -> list[Detection]:
    """``found``, with each doubtful find that turns out to be a face in its new place and score.

    Args:
        detector: for faces; it takes images of any size.
        picture: height x width x 3, BGR: all of it, in its own size.
        found: in pixels of ``picture``.
        plain: score from which on a find is not doubted.

    Raises:
        DetectorFailed: it gave no sane answer.
    """
    known = [one for one in found if one.score >= plain]
    doubtful = [
        n
        for n in sorted(range(len(found)), key=lambda n: -found[n].score)
        if _LEAST <= found[n].score < plain and found[n].h >= _SMALLEST
    ]
    out = list(found)
    asked = 0
    for n in doubtful:
        one = found[n]
        if any(_within(one, other) for other in known):
            continue
        if asked == _MOST:
            break
        asked += 1
        face = _looked_at(detector, picture, one)
        if face is not None:
            known.append(face)
            out[n] = face
    return out


def _within(one: Detection, other: Detection) -> bool:
    """Whether most of ``one`` lies in the other."""
    w = min(one.x + one.w, other.x + other.w) - max(one.x, other.x)
    h = min(one.y + one.h, other.y + other.h) - max(one.y, other.y)
    return w > 0 and h > 0 and w * h >= _WITHIN * one.w * one.h


def _looked_at(detector: Detector, picture: NDArray[np.uint8], one: Detection) -> Detection | None:
    """The face that a close look finds where ``one`` was, if it finds any."""
    scale = _FACE / one.h
    # the find's middle in the middle of the image
    across = _SIDE / 2 - scale * (one.x + one.w / 2)
    down = _SIDE / 2 - scale * (one.y + one.h / 2)
    turn = np.array([[scale, 0, across], [0, scale, down]], np.float32)
    image = cv2.warpAffine(
        picture, turn, (_SIDE, _SIDE), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    best: Detection | None = None
    for answer in verdict(detector, np.asarray(image, np.uint8)):
        if answer.score < max(_CONFIRMED, best.score if best is not None else 0.0):
            continue
        x, y = (answer.x - across) / scale, (answer.y - down) / scale
        face = replace(answer, x=x, y=y, w=answer.w / scale, h=answer.h / scale)
        if overlap_of(one, face) >= _SAME:
            best = face
    return best
