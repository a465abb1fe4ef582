"""A detector Scrim does not use, looking at what comes out: OpenCV's Haar cascades.

Frontal (alt2) and profile, both ways round, on every n-th frame.  They find things that
are no face, too, in the input as in the output; so hits are counted twice, all of them
and those that lie on a true face.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from bench.redaction import stream
from bench.redaction.material import Box, Clip
from bench.redaction.truth import overlap
from numpy.typing import NDArray

_STEP, _NEIGHBOURS, _SMALLEST = 1.2, 3, (20, 20)
_ON_A_FACE = 0.3
_EVERY = 12  # frames
_SAME = 0.3


def look_at(clip: Clip) -> None:
    """What is seen in the clip itself, in every n-th frame; kept with it."""
    for number, picture in enumerate(stream.pictures_in(clip.path)):
        if number % _EVERY == 0:
            clip.hits[number] = hits(np.ascontiguousarray(stream.planes_of(picture)[0]))
    clip.save()


def hits(luma: NDArray[np.uint8]) -> list[Box]:
    """Faces that the cascades see in ``luma`` (height x width), each once."""
    frontal, profile = _cascades()
    width = luma.shape[1]
    found = _asked(frontal, luma) + _asked(profile, luma)
    mirrored = np.ascontiguousarray(luma[:, ::-1])
    found += [(width - x - w, y, w, h) for x, y, w, h in _asked(profile, mirrored)]
    out: list[Box] = []
    for box in found:
        if all(overlap(box, other) < _SAME for other in out):
            out.append(box)
    return out


def on_faces(found: Sequence[Box], faces: Sequence[Box]) -> int:
    """How many of ``found`` lie on one of ``faces``."""
    return sum(any(overlap(hit, face) >= _ON_A_FACE for face in faces) for hit in found)


def _asked(cascade: cv2.CascadeClassifier, luma: NDArray[np.uint8]) -> list[Box]:
    boxes: Any = cascade.detectMultiScale(luma, _STEP, _NEIGHBOURS, minSize=_SMALLEST)
    return [(float(x), float(y), float(w), float(h)) for x, y, w, h in boxes]


@cache
def _cascades() -> tuple[cv2.CascadeClassifier, cv2.CascadeClassifier]:
    folder = Path(cv2.__file__).parent / "data"
    names = ("haarcascade_frontalface_alt2.xml", "haarcascade_profileface.xml")
    frontal, profile = (cv2.CascadeClassifier(str(folder / name)) for name in names)
    return frontal, profile
