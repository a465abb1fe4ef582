"""The street behind the walkers: sky, houses, trees, pavements and road; drawn once."""

from __future__ import annotations

import random

import cv2
import numpy as np
from numpy.typing import NDArray

from scrim.camera._demo_sprites import HEIGHT, WIDTH, Colour, Picture

# where things stand, in pixels from the top
FAR_PAVEMENT = 372
FAR_KERB = 418
NEAR_KERB = 560

_HOUSES: tuple[tuple[int, int, Colour], ...] = (
    # width, height, wall
    (210, 300, (128, 160, 196)),
    (170, 250, (170, 186, 190)),
    (230, 330, (120, 134, 176)),
    (150, 270, (166, 196, 212)),
    (250, 310, (140, 150, 150)),
    (190, 260, (118, 156, 178)),
    (120, 320, (176, 178, 196)),
)


def street() -> Picture:
    """The empty street, 1280 x 720, BGR."""
    picture = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    _sky(picture)
    _houses(picture)
    cv2.rectangle(picture, (0, FAR_PAVEMENT), (WIDTH, FAR_KERB), (150, 156, 160), -1)
    cv2.rectangle(picture, (0, FAR_KERB), (WIDTH, FAR_KERB + 5), (178, 184, 188), -1)
    cv2.rectangle(picture, (0, FAR_KERB + 6), (WIDTH, NEAR_KERB), (84, 82, 80), -1)
    for x in range(-30, WIDTH, 130):
        corners = [(x, 482), (x + 64, 482), (x + 58, 488), (x - 8, 488)]
        cv2.fillPoly(picture, [np.array(corners, np.int32)], (208, 214, 214), cv2.LINE_AA)
    cv2.rectangle(picture, (0, NEAR_KERB), (WIDTH, NEAR_KERB + 9), (182, 186, 190), -1)
    cv2.rectangle(picture, (0, NEAR_KERB + 10), (WIDTH, HEIGHT), (146, 152, 158), -1)
    _slabs(picture)
    _trees(picture)
    return _grain(picture)


def _sky(picture: Picture) -> None:
    top, bottom = np.array((226, 190, 150)), np.array((240, 226, 212))
    share = np.linspace(0, 1, FAR_PAVEMENT)[:, np.newaxis, np.newaxis]
    picture[:FAR_PAVEMENT] = (top * (1 - share) + bottom * share).astype(np.uint8)


def _houses(picture: Picture) -> None:
    left = -10
    for number, (width, height, wall) in enumerate(_HOUSES):
        top = FAR_PAVEMENT - height
        cv2.rectangle(picture, (left, top), (left + width - 1, FAR_PAVEMENT), wall, -1)
        roof = [(left - 4, top), (left + width + 3, top), (left + width - 18, top - 34)]
        roof.append((left + 18, top - 34))
        roof_colour = (70, 82, 128) if number % 2 else (84, 84, 92)
        cv2.fillPoly(picture, [np.array(roof, np.int32)], roof_colour, cv2.LINE_AA)
        _windows(picture, left, top, width)
        door = left + width // 2 - 16
        paint = ((60, 70, 40), (40, 40, 110), (110, 70, 40))[number % 3]
        cv2.rectangle(picture, (door, FAR_PAVEMENT - 70), (door + 32, FAR_PAVEMENT), paint, -1)
        cv2.circle(picture, (door + 26, FAR_PAVEMENT - 34), 2, (170, 210, 220), -1, cv2.LINE_AA)
        left += width


def _windows(picture: Picture, left: int, top: int, width: int) -> None:
    columns = max(width // 62, 2)
    pitch = width / columns
    for row in range(top + 24, FAR_PAVEMENT - 130, 76):
        for column in range(columns):
            x = round(left + pitch * (column + 0.5)) - 15
            cv2.rectangle(picture, (x - 3, row - 3), (x + 33, row + 47), (226, 230, 232), -1)
            cv2.rectangle(picture, (x, row), (x + 30, row + 44), (122, 104, 88), -1)
            cv2.line(picture, (x + 15, row), (x + 15, row + 44), (226, 230, 232), 2)
            cv2.line(picture, (x, row + 20), (x + 30, row + 20), (226, 230, 232), 2)


def _slabs(picture: Picture) -> None:
    joint = (128, 134, 140)
    for y in (600, 648, 704):
        cv2.line(picture, (0, y), (WIDTH, y), joint, 1, cv2.LINE_AA)
    for x in range(-400, WIDTH + 400, 96):
        # towards a vanishing point above the middle of the road
        lower = WIDTH // 2 + round((x - WIDTH // 2) * 1.5)
        cv2.line(picture, (x, NEAR_KERB + 10), (lower, HEIGHT), joint, 1, cv2.LINE_AA)


def _trees(picture: Picture) -> None:
    place = random.Random(7)  # noqa: S311 - leaves
    for x in (262, 700, 1120):
        cv2.rectangle(picture, (x - 6, 250), (x + 6, FAR_PAVEMENT + 10), (58, 74, 92), -1)
        for _ in range(46):
            spot = (x + place.randint(-52, 52), 222 + place.randint(-62, 46))
            green = (52 + place.randint(0, 24), 110 + place.randint(0, 46), 78)
            cv2.circle(picture, spot, place.randint(12, 24), green, -1, cv2.LINE_AA)


def _grain(picture: Picture) -> Picture:
    """A little texture, so that nothing is as flat as no camera shows it."""
    noise: NDArray[np.float64] = np.random.default_rng(7).normal(0, 2.0, picture.shape[:2])
    grainy = picture.astype(np.float32) + noise[:, :, np.newaxis]
    return np.clip(grainy, 0, 255).astype(np.uint8)
