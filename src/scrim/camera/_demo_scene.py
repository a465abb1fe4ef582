"""Who walks where in the generated street, and which faces can be seen.

The scene repeats after :data:`FRAMES` frames without a seam: whoever goes out
at one side has come in at the other a whole number of times by then.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from scrim.camera._demo_sprites import (
    PHASES,
    WIDTH,
    Clothes,
    Cutout,
    Walker,
    car,
    lamp_post,
    walker,
)

FRAME_RATE = 25
FRAMES = 750


@dataclass(frozen=True, slots=True)
class Placed:
    """A cut-out and where it is; ``face`` is in pixels of the picture."""

    cutout: Cutout
    x: int
    y: int
    face: tuple[int, int, int, int] | None = None


@dataclass(frozen=True, slots=True)
class _Path:
    """Somebody's way through the picture.

    Attributes:
        face: height of the face, pixels.
        foot: row on which the feet stand; who is lower is nearer.
        start: share of the way already gone when the clip begins.
        rounds: times through the picture in one clip; negative from right to left.
        rest: seconds to stand still in the middle of the picture.
    """

    face: int
    foot: int
    start: float
    rounds: int
    clothes: Clothes
    brightness: float
    rest: float = 0.0


_PATHS = (
    _Path(24, 404, 0.15, 1, Clothes((70, 60, 150), (70, 60, 60)), 1.00),
    _Path(28, 410, 0.55, -1, Clothes((120, 110, 60), (50, 50, 60)), 1.08),
    _Path(34, 414, 0.80, 1, Clothes((60, 130, 160), (90, 80, 70)), 0.92),
    _Path(46, 610, 0.35, -2, Clothes((150, 90, 50), (60, 60, 70)), 1.05),
    _Path(52, 630, 0.05, 1, Clothes((60, 90, 60), (100, 95, 90)), 0.95, rest=9.0),
    _Path(58, 655, 0.62, 2, Clothes((50, 50, 130), (70, 60, 50)), 1.00),
    _Path(66, 690, 0.90, -1, Clothes((140, 140, 150), (60, 50, 50)), 1.10),
    _Path(78, 760, 0.25, 2, Clothes((90, 50, 90), (60, 60, 60)), 0.97),
    _Path(92, 860, 0.70, -2, Clothes((50, 80, 140), (70, 70, 75)), 1.02),
    _Path(110, 1010, 0.45, 1, Clothes((80, 70, 50), (60, 60, 60)), 0.94),
)
# length, wheels' row, start, rounds, paint
_CARS = (
    (190, 468, 0.10, -4, (60, 60, 170)),
    (200, 468, 0.62, -4, (200, 200, 205)),
    (250, 540, 0.30, 3, (150, 100, 50)),
    (240, 540, 0.78, 3, (70, 74, 76)),
)
_LAMP = (930, 622)


@cache
def _walkers() -> tuple[Walker, ...]:
    return tuple(
        walker(path.face, path.clothes, path.brightness, flip=path.rounds < 0) for path in _PATHS
    )


@cache
def _cars() -> tuple[Cutout, ...]:
    return tuple(car(length, paint, rounds < 0) for length, _, _, rounds, paint in _CARS)


@cache
def _lamp() -> Cutout:
    return lamp_post()


def _along(start: float, rounds: int, time: float) -> float:
    """Share of the way through the picture, 0 to 1, always from left to right."""
    return (start + rounds * time) % 1.0


def _walked(path: _Path, frame: int) -> tuple[float, bool]:
    """Share of the way, and whether they walk (rather than stand)."""
    time = frame / FRAMES
    if not path.rest:
        return _along(path.start, path.rounds, time), True
    # from one end to the other in one clip, with a rest half way
    resting = path.rest * FRAME_RATE / FRAMES
    time = (time + path.start) % 1.0
    before = (1 - resting) / 2
    if time < before:
        return time / (1 - resting), True
    if time < before + resting:
        return 0.5, False
    return (time - resting) / (1 - resting), True


def _person(number: int, frame: int) -> tuple[int, Placed]:
    path, pictures = _PATHS[number], _walkers()[number]
    share, walks = _walked(path, frame)
    width, height = pictures.phases[0].width, pictures.phases[0].height
    way = WIDTH + width
    # a stride is about as long as the body's cut-out is wide
    phase = int(share * way / (width * 0.8) * PHASES) % PHASES if walks else PHASES
    x, y = round(share * way) - width, path.foot - height
    left, top, face_width, face_height = pictures.faces[phase]
    face = (x + left, y + top, face_width, face_height)
    return path.foot, Placed(pictures.phases[phase], x, y, face)


def placed(frame: int) -> list[Placed]:
    """Everything that stands or moves in a frame, from the far side to the near one."""
    things = [_person(number, frame) for number in range(len(_PATHS))]
    for cutout, (length, row, start, rounds, _) in zip(_cars(), _CARS, strict=True):
        x = round(_along(start, rounds, frame / FRAMES) * (WIDTH + length)) - length
        things.append((row, Placed(cutout, x, row - cutout.height)))
    lamp = _lamp()
    things.append((_LAMP[1], Placed(lamp, _LAMP[0], _LAMP[1] - lamp.height)))
    return [thing for _, thing in sorted(things, key=lambda each: each[0])]


def faces(frame: int) -> Iterator[tuple[tuple[int, int, int, int], list[Placed]]]:
    """Each face in a frame, with what stands before it."""
    things = placed(frame)
    for number, thing in enumerate(things):
        if thing.face is not None:
            yield thing.face, things[number + 1 :]
