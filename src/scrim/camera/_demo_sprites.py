"""Cut-outs for the generated street: walkers, cars, a lamp post, and the street behind.

Everything is drawn with OpenCV primitives at twice its size and shrunk, except
the face, a cut-out of NASA's public-domain portrait of Eileen Collins
(``docs/ref/provenance.md``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import pi, sin
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

Picture: TypeAlias = NDArray[np.uint8]
Colour: TypeAlias = tuple[int, int, int]  # blue, green, red
Point: TypeAlias = tuple[float, float]

WIDTH, HEIGHT = 1280, 720
PHASES = 12  # pictures in a walking cycle; the one after the last stands still

# where the face lies in demo_face.png, as a detector sees it: left, top, width, height
_FACE_IN_CUTOUT = (29, 45, 89, 117)
_SHRINK = 2


@dataclass(frozen=True, slots=True)
class Cutout:
    """A picture with transparency, ready to be pasted.

    Attributes:
        colour: BGR, already multiplied by its opacity.
        clear: how much of what is behind shines through, 0 to 255, three times.
    """

    colour: Picture
    clear: Picture

    @property
    def width(self) -> int:
        """Pixels."""
        return int(self.colour.shape[1])

    @property
    def height(self) -> int:
        """Pixels."""
        return int(self.colour.shape[0])


@dataclass(frozen=True, slots=True)
class Clothes:
    """What somebody wears."""

    coat: Colour
    trousers: Colour
    shoes: Colour = (40, 40, 45)


class _Canvas:
    """Draws shapes on a transparent ground, at twice the size."""

    def __init__(self, width: float, height: float) -> None:
        size = (round(height) * _SHRINK, round(width) * _SHRINK)
        self._size = (round(width), round(height))
        self._colour = np.zeros((*size, 3), np.uint8)
        self._alpha = np.zeros(size, np.uint8)

    def polygon(self, points: Sequence[Point], colour: Colour) -> None:
        corners = (np.array(points) * _SHRINK).round().astype(np.int32)
        cv2.fillPoly(self._colour, [corners], colour)
        cv2.fillPoly(self._alpha, [corners], 255)

    def ellipse(self, centre: Point, axes: Point, colour: Colour) -> None:
        middle = (round(centre[0] * _SHRINK), round(centre[1] * _SHRINK))
        radii = (max(round(axes[0] * _SHRINK), 1), max(round(axes[1] * _SHRINK), 1))
        cv2.ellipse(self._colour, middle, radii, 0, 0, 360, colour, -1)
        cv2.ellipse(self._alpha, middle, radii, 0, 0, 360, 255, -1)

    def line(self, points: Sequence[Point], width: float, colour: Colour) -> None:
        corners = (np.array(points) * _SHRINK).round().astype(np.int32)
        thickness = max(round(width * _SHRINK), 1)
        cv2.polylines(self._colour, [corners], False, colour, thickness)
        cv2.polylines(self._alpha, [corners], False, 255, thickness)

    def cutout(self) -> Cutout:
        colour = cv2.resize(self._colour, self._size, interpolation=cv2.INTER_AREA)
        alpha = cv2.resize(self._alpha, self._size, interpolation=cv2.INTER_AREA)
        return _cutout(colour, alpha)


def _cutout(premultiplied: NDArray[np.generic], alpha: NDArray[np.generic]) -> Cutout:
    clear = np.repeat(255 - alpha.astype(np.uint8)[:, :, np.newaxis], 3, axis=2)
    return Cutout(premultiplied.astype(np.uint8), np.ascontiguousarray(clear))


def paste(picture: Picture, cutout: Cutout, x: int, y: int) -> None:
    """Put ``cutout`` with its top left corner at ``(x, y)``; what sticks out is cut."""
    left, top = max(x, 0), max(y, 0)
    right = min(x + cutout.width, picture.shape[1])
    bottom = min(y + cutout.height, picture.shape[0])
    if left >= right or top >= bottom:
        return
    inside = (slice(top - y, bottom - y), slice(left - x, right - x))
    ground = picture[top:bottom, left:right]
    behind = cv2.multiply(ground, cutout.clear[inside], scale=1 / 255)
    cv2.add(behind, cutout.colour[inside], dst=ground)


@cache
def _face() -> NDArray[np.uint8]:
    data = files("scrim.camera").joinpath("demo_face.png").read_bytes()
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    assert picture is not None
    return picture.astype(np.uint8)


@dataclass(frozen=True, slots=True)
class Walker:
    """The pictures of one walker.

    Attributes:
        phases: one cut-out a phase of the walk, then one that stands still; all
            of one size, feet at the bottom in the middle.
        faces: for each, where the face is: left, top, width, height, pixels.
    """

    phases: tuple[Cutout, ...]
    faces: tuple[tuple[int, int, int, int], ...]


def walker(face_height: int, clothes: Clothes, brightness: float, flip: bool) -> Walker:
    """A walker whose face is ``face_height`` pixels high."""
    phases, faces = [], []
    head, face = _head(face_height, brightness, flip)
    for phase in range(PHASES + 1):
        swing = sin(2 * pi * phase / PHASES) if phase < PHASES else 0.0
        cutout, lift = _body(head, clothes, swing)
        left = (cutout.width - head.width) // 2
        top = lift
        paste_over(cutout, head, left, top)
        phases.append(cutout)
        faces.append((left + face[0], top + face[1], face[2], face[3]))
    return Walker(tuple(phases), tuple(faces))


def paste_over(ground: Cutout, cutout: Cutout, x: int, y: int) -> None:
    """Put one cut-out on another, which it must not stick out of."""
    inside = (slice(y, y + cutout.height), slice(x, x + cutout.width))
    colour, clear = ground.colour[inside], ground.clear[inside]
    cv2.add(cv2.multiply(colour, cutout.clear, scale=1 / 255), cutout.colour, dst=colour)
    cv2.multiply(clear, cutout.clear, dst=clear, scale=1 / 255)


def _head(
    face_height: int, brightness: float, flip: bool
) -> tuple[Cutout, tuple[int, int, int, int]]:
    picture = _face()
    left, top, width, height = _FACE_IN_CUTOUT
    if flip:
        picture = np.ascontiguousarray(picture[:, ::-1])
        left = picture.shape[1] - left - width
    scale = face_height / height
    size = (round(picture.shape[1] * scale), round(picture.shape[0] * scale))
    alpha = picture[:, :, 3:].astype(np.float32) / 255
    colour = np.clip(picture[:, :, :3] * brightness, 0, 255) * alpha
    small = cv2.resize(colour.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    opacity = cv2.resize(picture[:, :, 3], size, interpolation=cv2.INTER_AREA)
    box = (round(left * scale), round(top * scale), round(width * scale), face_height)
    return _cutout(small, opacity), box


def _body(head: Cutout, clothes: Clothes, swing: float) -> tuple[Cutout, int]:
    """The body below a head, and how far down the head sits (it bobs)."""
    unit = head.height
    width, height = 2.6 * unit, 5.6 * unit
    canvas = _Canvas(width, height)
    middle = width / 2
    lift = 0.05 * unit * (1 - abs(swing))
    shoulder, hip, foot = 0.98 * unit + lift, 2.95 * unit + lift, height - 0.12 * unit
    dark = _shade(clothes.coat, 0.75)
    for side in (-1, 1):
        reach = side * swing * 0.55 * unit
        knee = (middle + side * 0.2 * unit + reach * 0.6, (hip + foot) / 2)
        ankle = (middle + side * 0.2 * unit + reach, foot - max(0.0, -reach) * 0.18)
        tone = clothes.trousers if side > 0 else _shade(clothes.trousers, 0.8)
        top = (middle + side * 0.18 * unit, hip - 0.2 * unit)
        canvas.line([top, knee, ankle], 0.34 * unit, tone)
        canvas.ellipse(
            (ankle[0] + 0.06 * unit, ankle[1]), (0.26 * unit, 0.11 * unit), clothes.shoes
        )
    hand = (middle - 0.62 * unit - swing * 0.42 * unit, hip - 0.1 * unit)
    canvas.line([(middle - 0.5 * unit, shoulder + 0.22 * unit), hand], 0.26 * unit, dark)
    canvas.polygon(
        [
            (middle - 0.30 * unit, shoulder - 0.06 * unit),
            (middle + 0.30 * unit, shoulder - 0.06 * unit),
            (middle + 0.62 * unit, shoulder + 0.20 * unit),
            (middle + 0.52 * unit, hip + 0.25 * unit),
            (middle - 0.52 * unit, hip + 0.25 * unit),
            (middle - 0.62 * unit, shoulder + 0.20 * unit),
        ],
        clothes.coat,
    )
    canvas.line([(middle, shoulder), (middle, hip + 0.2 * unit)], 0.035 * unit, dark)
    hand = (middle + 0.62 * unit + swing * 0.42 * unit, hip - 0.1 * unit)
    canvas.line([(middle + 0.5 * unit, shoulder + 0.22 * unit), hand], 0.26 * unit, dark)
    return canvas.cutout(), round(lift)


def car(length: int, paint: Colour, to_the_left: bool) -> Cutout:
    """A car, ``length`` pixels long."""
    high = 0.40 * length
    canvas = _Canvas(length, high)
    outline = [(0.02, 0.80), (0.03, 0.50), (0.22, 0.44), (0.34, 0.08), (0.70, 0.08)]
    outline += [(0.84, 0.44), (0.97, 0.54), (0.98, 0.80)]
    canvas.polygon([(x * length, y * high) for x, y in outline], paint)
    glass = [(0.27, 0.44), (0.36, 0.15), (0.68, 0.15), (0.78, 0.44)]
    canvas.polygon([(x * length, y * high) for x, y in glass], (120, 105, 90))
    canvas.line([(0.52 * length, 0.15 * high), (0.52 * length, 0.44 * high)], 4, paint)
    canvas.line([(0.04 * length, 0.66 * high), (0.97 * length, 0.66 * high)], 2, _shade(paint, 0.8))
    canvas.ellipse((0.955 * length, 0.58 * high), (0.02 * length, 0.05 * high), (190, 235, 250))
    canvas.ellipse((0.035 * length, 0.58 * high), (0.015 * length, 0.05 * high), (40, 40, 190))
    for wheel in (0.22, 0.79):
        canvas.ellipse((wheel * length, 0.80 * high), (0.085 * length,) * 2, (35, 35, 38))
        canvas.ellipse((wheel * length, 0.80 * high), (0.045 * length,) * 2, (150, 150, 155))
    cutout = canvas.cutout()
    if not to_the_left:
        return cutout
    return Cutout(
        np.ascontiguousarray(cutout.colour[:, ::-1]), np.ascontiguousarray(cutout.clear[:, ::-1])
    )


def lamp_post() -> Cutout:
    """A street lamp, 500 pixels high."""
    canvas = _Canvas(110, 500)
    canvas.line([(55, 495), (55, 40)], 9, (62, 66, 60))
    canvas.line([(55, 42), (100, 26)], 6, (62, 66, 60))
    canvas.ellipse((94, 32), (14, 7), (205, 235, 245))
    canvas.polygon([(43, 500), (67, 500), (62, 440), (48, 440)], (52, 56, 50))
    return canvas.cutout()


def _shade(colour: Colour, by: float) -> Colour:
    return (round(colour[0] * by), round(colour[1] * by), round(colour[2] * by))
