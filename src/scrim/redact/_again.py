"""A second look at what is doubtful: each find alone, at the size faces are known best at.

A small face, or one half hidden or behind a surgical mask, leaves a faint trace in a look at
all of a picture, fainter than any threshold one could live with: for each of them there are
several leaves, windows and hands.  Looked at alone and enlarged most of the faces are plain,
and hardly any of the rest is (the figures are in ``docs/adr/0163``).

Rules kept here:

- What a second look confirms is a face.  What it half confirms may be one: two such finds
  in a row begin a mask.  What shows it nothing keeps a score so low that it can go on with a
  mask that is there, and no more: a face turned away shows it nothing, either.
- What is not asked about, for there is too much of it, may be a face.  What the picture's rim
  cuts off keeps its score: a second look has half of its image to go by.
- What is large is in the first look as large as the second makes it: it must show more.
- What lies in a face that is plain already is not asked about, and what a second look finds
  on such a face is not what it was asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import ceil, floor

import cv2
import numpy as np
from numpy.typing import NDArray

from scrim.redact._parts import Parts
from scrim.redact.detector import Detection, Detector, is_cut_off, verdict
from scrim.redact.overlap import overlap_of

_SIDE = 96  # pixels of the image that the detector is given
_FACE = 32  # pixels of height that the find has in it
_LEAST = 0.07  # score; under it there are many more finds, and hardly a face more is won
_SMALLEST = 8.0  # pixels of height; what is smaller is nobody anybody knows
_MOST = 24  # finds
_LARGE = 40.0  # pixels of height; in the second look it is no larger than it was
_CONFIRMED, _CONFIRMED_LARGE = 0.2, 0.3  # score, from which on it is a face
_WITNESSED, _WITNESSED_LARGE = 0.1, 0.2  # score, from which on it may be one
WITNESS = 0.5  # of a plain find's score: what a find scores that may be a face
_DISMISSED = 0.33  # of a plain find's score: the most of one that shows nothing
_SAME = 0.25  # overlap of what was doubtful and what is found there
_WITHIN = 0.7  # of a find
_RIM = 2  # pixels


def is_doubtful(one: Detection, plain: float) -> bool:
    """Whether a find is looked at again, where ``plain`` is the score from which none is."""
    return _LEAST <= one.score < plain and one.h >= _SMALLEST


def again(
    detector: Detector, picture: Parts, found: Sequence[Detection], plain: float
) -> list[Detection]:
    """``found``, with what a second look at each doubtful find makes of it.

    A face has its new place and score; what may be one scores half of ``plain`` at least, and
    all else a third of it at most.

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
            out[n] = replace(one, score=max(one.score, WITNESS * plain))
            continue
        asked += 1
        answers = _looked_at(detector, picture, one)
        large = one.h >= _LARGE
        face = _face(answers, one, known, _CONFIRMED_LARGE if large else _CONFIRMED)
        if face is not None:
            face = replace(face, score=max(face.score, plain))
            known.append(face)
            out[n] = face
        elif any(answer.score >= (_WITNESSED_LARGE if large else _WITNESSED) for answer in answers):
            out[n] = replace(one, score=max(one.score, WITNESS * plain))
        elif not is_cut_off(one, picture.width, picture.height):
            out[n] = replace(one, score=min(one.score, _DISMISSED * plain))
    return out


def _within(one: Detection, other: Detection) -> bool:
    """Whether most of ``one`` lies in the other."""
    w = min(one.x + one.w, other.x + other.w) - max(one.x, other.x)
    h = min(one.y + one.h, other.y + other.h) - max(one.y, other.y)
    return w > 0 and h > 0 and w * h >= _WITHIN * one.w * one.h


def _looked_at(detector: Detector, picture: Parts, one: Detection) -> list[Detection]:
    """What a close look finds where ``one`` was, in pixels of ``picture``."""
    scale = _FACE / one.h
    image, left, top = _close(picture, one, scale)
    if image is None:
        return []
    answers = [
        replace(
            answer,
            x=left + answer.x / scale,
            y=top + answer.y / scale,
            w=answer.w / scale,
            h=answer.h / scale,
        )
        for answer in verdict(detector, image)
        if answer.kind == one.kind
    ]
    return [answer for answer in answers if overlap_of(one, answer) >= _SAME]


def _face(
    answers: Sequence[Detection], one: Detection, known: Sequence[Detection], least: float
) -> Detection | None:
    """The answer that scores ``least`` and is nearest to what was doubtful, and no known face."""
    best, nearest = None, _SAME
    for answer in answers:
        near = overlap_of(one, answer)
        if answer.score < least or near < nearest:
            continue
        if all(overlap_of(answer, other) <= near for other in known):
            best, nearest = answer, near
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
