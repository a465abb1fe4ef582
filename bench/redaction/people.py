"""People cut out of the shared clips, head and shoulders, to be put into a crowd.

A cut-out follows its face through the clip, so it turns, talks and signs as the person
did.  It is only ever made smaller, never larger, and its face's exact box goes with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from bench.redaction import sources
from bench.redaction.material import Box, Picture
from bench.redaction.truth import faces_of
from numpy.typing import NDArray

# The region cut out, in heights of the face, around the middle of the face.
_ASIDE, _ABOVE, _BELOW = 1.5, 1.2, 2.4


@dataclass(frozen=True, slots=True)
class Cut:
    """One frame of a person.

    Attributes:
        colour: height x width x 3, BGR.
        opacity: height x width, 0 to 1.
        face: x, y, w, h in pixels of it.
    """

    colour: Picture
    opacity: NDArray[np.float32]
    face: Box


@dataclass(frozen=True, slots=True)
class Person:
    """All frames of one person of one clip, as large as the clip shows them.

    Attributes:
        height: of the face in the middle of the clip, pixels.
    """

    cuts: tuple[Cut, ...]
    height: float


@cache
def people(group: str) -> list[Person]:
    """Everybody in the clips of a group, the largest first."""
    out: list[Person] = []
    for clip in sources.there():
        if sources.GROUPS[clip] != group or clip in sources.WITHOUT_FACES:
            continue
        faces = faces_of(clip)
        pictures = list(sources.pictures(clip))
        for track in sorted({f.track for frame in faces for f in frame}):
            boxes = [next((f.box for f in frame if f.track == track), None) for frame in faces]
            cuts = _cuts(pictures, boxes)
            if len(cuts) >= 20:
                out.append(Person(tuple(cuts), float(np.median([c.face[3] for c in cuts]))))
    return sorted(out, key=lambda person: -person.height)


def shrunk(person: Person, height: float, flip: bool, brightness: float) -> list[Cut]:
    """``person`` with a face ``height`` pixels high (as large as there is, at most)."""
    scale = min(height / person.height, 1.0)
    out = []
    for cut in person.cuts:
        size = [max(2, round(side * scale)) for side in cut.opacity.shape[::-1]]
        colour = cv2.resize(cut.colour, size, interpolation=cv2.INTER_AREA) * brightness
        opacity = cv2.resize(cut.opacity, size, interpolation=cv2.INTER_AREA)
        across, down = size[0] / cut.opacity.shape[1], size[1] / cut.opacity.shape[0]
        x, y, w, h = cut.face
        if flip:
            colour, opacity = colour[:, ::-1], opacity[:, ::-1]
            x = cut.opacity.shape[1] - x - w
        out.append(
            Cut(
                np.clip(colour, 0, 255).astype(np.uint8),
                np.ascontiguousarray(opacity, np.float32),
                (x * across, y * down, w * across, h * down),
            )
        )
    return out


def behind_surgical_mask(cut: Cut) -> Cut:
    """The lower half of the face under a flat, pale patch."""
    x, y, w, h = cut.face
    shape = [(0.02, 0.52), (0.5, 0.44), (0.98, 0.52), (0.95, 0.85), (0.5, 1.06), (0.05, 0.85)]
    corners = np.array([[x + a * w, y + b * h] for a, b in shape]).round().astype(np.int32)
    colour = cut.colour.copy()
    cv2.fillConvexPoly(colour, corners, (205, 190, 170), lineType=cv2.LINE_AA)
    return Cut(colour, cut.opacity, cut.face)


def half_hidden(cut: Cut) -> Cut:
    """The left half behind a post; the face is what is left of it."""
    x, y, w, h = cut.face
    middle = round(x + w / 2)
    colour, opacity = cut.colour.copy(), cut.opacity.copy()
    post = slice(max(0, round(x - 0.3 * w)), middle)
    colour[:, post] = (90, 95, 100)
    opacity[:, post] = 1.0
    return Cut(colour, opacity, (float(middle), y, x + w - middle, h))


def _cuts(pictures: list[Picture], boxes: list[Box | None]) -> list[Cut]:
    known = [n for n, box in enumerate(boxes) if box is not None]
    if not known:
        return []
    height = float(np.median([box[3] for box in boxes if box is not None]))
    middles = np.array([[b[0] + b[2] / 2, b[1] + b[3] / 2] for b in boxes if b is not None])
    out = []
    for i, n in enumerate(known):
        # Steadied over a few frames, so that a turning head does not shake the shoulders.
        near = middles[max(0, i - 4) : i + 5].mean(axis=0)
        box = boxes[n]
        assert box is not None
        out.append(_cut(pictures[n], box, near, height))
    return out


def _cut(picture: Picture, box: Box, middle: NDArray[np.float64], height: float) -> Cut:
    rows, columns = picture.shape[:2]
    left, right = (round(middle[0] + side * _ASIDE * height) for side in (-1, 1))
    top, bottom = round(middle[1] - _ABOVE * height), round(middle[1] + _BELOW * height)
    inside = (slice(max(0, top), min(rows, bottom)), slice(max(0, left), min(columns, right)))
    colour = picture[inside].copy()
    stencil = _stencil((right - left, bottom - top), height)
    opacity = stencil[
        inside[0].start - top : inside[0].stop - top, inside[1].start - left : inside[1].stop - left
    ]
    x, y = box[0] - inside[1].start, box[1] - inside[0].start
    return Cut(colour, np.ascontiguousarray(opacity), (x, y, box[2], box[3]))


@cache
def _stencil(size: tuple[int, int], height: float) -> NDArray[np.float32]:
    """Head and shoulders, soft at the edges: height x width, 0 to 1."""
    out = np.zeros((size[1], size[0]), np.uint8)
    middle = size[0] / 2
    head = ((middle, _ABOVE * height), (1.5 * height, 2.0 * height), 0.0)
    body = ((middle, (_ABOVE + 2.1) * height), (2.8 * height, 2.9 * height), 0.0)
    for shape in (head, body):
        cv2.ellipse(out, shape, 255, -1, lineType=cv2.LINE_AA)
    soft = cv2.GaussianBlur(out, (0, 0), max(0.6, height / 25))
    return (np.asarray(soft, np.float32) / np.float32(255)).astype(np.float32)
