"""A second look at what is doubtful: each find alone, at the size faces are known best at.

A small face, or one half hidden or behind a surgical mask, leaves a faint trace in a look at
all of a picture, fainter than any threshold one could live with: for each of them there are
several leaves, windows and hands.  Looked at alone and enlarged most of the faces are plain,
and hardly any of the rest is (the figures are in ``docs/adr/0163``).

Rules kept here:

- A second look adds to what is known and takes nothing away: what it does not confirm keeps
  the score that it had.
- What lies in a face that is plain already is not asked about, and what a second look finds
  on such a face is not what it was asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor

import cv2
import numpy as np
from numpy.typing import NDArray

from scrim.redact._parts import Parts
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
_RIM = 2  # pixels


def is_doubtful(one: Detection, plain: float) -> bool:
    """Whether a find is looked at again, where ``plain`` is the score from which none is."""
    return _LEAST <= one.score < plain and one.h >= _SMALLEST


def again(
    detector: Detector, picture: Parts, found: Sequence[Detection], plain: float
) -> list[Detection]:
    """``found``, with each doubtful find that turns out to be a face in its new place and score.

    Args:
        detector: for faces; it takes images of 96x96.
        picture: all of it, in its own size.
        found: in pixels of ``picture``.
        plain: score from which on a find is not doubted.

    Raises:
        DetectorFailed: it gave no sane answer.
    """
    known = [one for one in found if one.score >= plain]
    out = list(found)
    asked = 0
    for n in sorted(range(len(found)), key=lambda n: -found[n].score):
        one = found[n]
        if not is_doubtful(one, plain) or any(_within(one, other) for other in known):
            continue
        if asked == _MOST:
            break
        asked += 1
        face = _looked_at(detector, picture, one, known)
        if face is not None:
            known.append(face)
            out[n] = face
    return out


def _within(one: Detection, other: Detection) -> bool:
    """Whether most of ``one`` lies in the other."""
    w = min(one.x + one.w, other.x + other.w) - max(one.x, other.x)
    h = min(one.y + one.h, other.y + other.h) - max(one.y, other.y)
    return w > 0 and h > 0 and w * h >= _WITHIN * one.w * one.h


def _looked_at(
    detector: Detector, picture: Parts, one: Detection, known: Sequence[Detection]
) -> Detection | None:
    """The face that a close look finds where ``one`` was, if it finds any, and no known one."""
    scale = _FACE / one.h
    image, left, top = _close(picture, one, scale)
    if image is None:
        return None
    best, nearest = None, _SAME
    for answer in verdict(detector, image):
        if answer.score < _CONFIRMED or answer.kind != one.kind:
            continue
        face = Detection(
            left + answer.x / scale,
            top + answer.y / scale,
            answer.w / scale,
            answer.h / scale,
            max(answer.score, one.score),
            one.kind,
        )
        near = overlap_of(one, face)
        if near >= nearest and all(overlap_of(face, other) <= near for other in known):
            best, nearest = face, near
    return best


def _close(
    picture: Parts, one: Detection, scale: float
) -> tuple[NDArray[np.uint8] | None, float, float]:
    """An image of what is around a find, and where in ``picture`` its left and top are."""
    reach = _SIDE / 2 / scale
    x, y = one.x + one.w / 2, one.y + one.h / 2
    rows = _pixels(y - reach, y + reach, picture.height)
    columns = _pixels(x - reach, x + reach, picture.width)
    part = picture.at(rows, columns)
    if not part.size:
        return None, 0.0, 0.0
    left, top = x - reach, y - reach
    move = ((columns.start - left) * scale, (rows.start - top) * scale)
    image = cv2.warpAffine(
        part,
        np.array([[scale, 0, move[0]], [0, scale, move[1]]], np.float32),
        (_SIDE, _SIDE),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(image, np.uint8), left, top


def _pixels(low: float, high: float, length: int) -> slice:
    """Those of a picture's rows or columns, and a few more that interpolation may ask for."""
    return slice(max(0, floor(low) - _RIM), max(0, min(length, ceil(high) + _RIM)))
