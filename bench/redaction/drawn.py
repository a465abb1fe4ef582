"""Material without a single real picture: the drawn street, a drawn crowd, an empty scene."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from bench.redaction import window
from bench.redaction.material import Box, Face, Picture, Shot
from bench.redaction.truth import linked
from numpy.typing import NDArray

from scrim.camera._demo_sprites import PHASES, Clothes, Walker, paste, walker
from scrim.camera._demo_street import street as drawn_street
from scrim.camera.demo import FRAMES, FaceBox, demo_faces, demo_pictures

_MOST_HIDDEN = 0.9


def street() -> Iterator[Shot]:
    """The generated street as a first look shows it, 1280x720."""
    whole = [[(f, _box(f)) for f in demo_faces(number)] for number in range(FRAMES)]
    tracks = linked([[box for _, box in frame] for frame in whole])
    for picture, faces, there in zip(demo_pictures(), tracks, whole, strict=True):
        seen = {box: face.visible >= _MOST_HIDDEN for face, box in there}
        yield picture, [Face(f.track, f.box, seen[f.box]) for f in faces if f.box in seen]


def background(size: tuple[int, int], brightness: float = 1.0) -> Picture:
    """The drawn street without anybody in it."""
    picture = cv2.resize(drawn_street(), size, interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip(picture * brightness, 0, 255), np.uint8)


class Noise:
    """What a sensor adds: the same grain, somewhere else in each frame."""

    def __init__(self, size: tuple[int, int], strength: float, seed: int) -> None:
        self._rng = np.random.default_rng(seed)
        self._size = size
        grain = self._rng.normal(0, strength, (size[1] + 64, size[0] + 64, 3))
        self._up = np.clip(grain, 0, 255).round().astype(np.uint8)
        self._down = np.clip(-grain, 0, 255).round().astype(np.uint8)

    def on(self, picture: Picture) -> Picture:
        """``picture`` with noise."""
        x, y = self._rng.integers(0, 64, 2)
        part = (slice(y, y + self._size[1]), slice(x, x + self._size[0]))
        lighter = cv2.add(picture, self._up[part])
        return np.asarray(cv2.subtract(lighter, self._down[part]), np.uint8)


def empty(size: tuple[int, int]) -> Iterator[Shot]:
    """A still road without anybody: nothing moves but the noise.

    The lower part of a larger street, for the detector takes leaves of drawn trees for faces.
    """
    width, height = size
    ground = np.ascontiguousarray(background((2 * width, 2 * height))[height:, :width])
    noise = Noise(size, 1.5, 1)
    while True:
        yield noise.on(ground), []


def crowd(size: tuple[int, int], seed: int, moving: bool) -> Iterator[Shot]:
    """Drawn walkers of all sizes, all with the one face that may be shipped."""
    rng = np.random.default_rng(seed)
    whole = window.world(size) if moving else size
    ground, noise = background(whole), Noise(size, 1.5, seed)
    heights = sorted([16, 18, 20, 23, 26, 30, 34, 38, 46, 60, 75, 96], reverse=False)
    people = [_Pedestrian(rng, height, whole) for height in heights]
    offsets = window.slide(size, seed)
    number = 0
    while True:
        left, top = next(offsets) if moving else (0, 0)
        picture = ground[top : top + size[1], left : left + size[0]].copy()
        owner = np.full(picture.shape[:2], -1, np.int16)
        faces = []
        for track, person in enumerate(people):
            face = person.paste(picture, owner, track, number, (left, top))
            faces.append(Face(track, face))
        yield (
            noise.on(picture),
            [
                Face(f.track, f.box, counted(f, owner, size))
                for f in faces
                if window.inside(f.box, size) > 0
            ],
        )
        number += 1


def counted(face: Face, owner: NDArray[np.int16], size: tuple[int, int]) -> bool:
    """Whether half of a face is in the picture, and nobody stands before that.

    Args:
        face: in pixels of the picture; its track is its number in ``owner``.
        owner: height x width, the number of whose pixel it is.
        size: width and height of the picture.
    """
    if window.inside(face.box, size) < 0.5:
        return False
    x, y, w, h = face.box
    part = owner[max(0, round(y)) : round(y + h), max(0, round(x)) : round(x + w)]
    return part.size > 0 and float((part == face.track).mean()) >= _MOST_HIDDEN


class _Pedestrian:
    def __init__(self, rng: np.random.Generator, height: int, whole: tuple[int, int]) -> None:
        clothes = Clothes(*[tuple(int(c) for c in rng.integers(40, 170, 3)) for _ in range(2)])  # type: ignore[arg-type]
        self._flip = bool(rng.random() < 0.5)
        self._walker: Walker = walker(height, clothes, float(rng.uniform(0.85, 1.1)), self._flip)
        self._whole = whole
        self._start = float(rng.random())
        self._speed = height / 18 * (-1 if self._flip else 1) * float(rng.random() < 0.7)
        # Far ones high, near ones low; the nearest stand with their feet outside.
        self._head = round(whole[1] * (0.28 + 0.3 * (height - 16) / 80 + 0.06 * rng.random()))

    def paste(
        self,
        picture: Picture,
        owner: NDArray[np.int16],
        track: int,
        number: int,
        corner: tuple[int, int],
    ) -> tuple[float, float, float, float]:
        phase = number // 2 % PHASES if self._speed else PHASES
        cutout = self._walker.phases[phase]
        way = self._whole[0] + cutout.width
        x = round((self._start * way + self._speed * number) % way) - cutout.width - corner[0]
        y = self._head - corner[1]
        paste(picture, cutout, x, y)
        left, top = max(x, 0), max(y, 0)
        right, bottom = (
            min(x + cutout.width, owner.shape[1]),
            min(y + cutout.height, owner.shape[0]),
        )
        if left < right and top < bottom:
            solid = cutout.clear[top - y : bottom - y, left - x : right - x, 0] < 128
            owner[top:bottom, left:right][solid] = track
        a, b, w, h = self._walker.faces[phase]
        return (float(x + a), float(y + b), float(w), float(h))


def _box(face: FaceBox) -> Box:
    return (float(face.x), float(face.y), float(face.w), float(face.h))
