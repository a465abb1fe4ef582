"""What engines are tried and calibrated on: the drawn street, whose face a detector finds."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from scrim.camera.demo import demo_pictures

SIZE = (640, 352)
"""Of the look in use where the picture is 16:9."""

_CHECKED = range(7, 750, 94)  # calibration sees other frames
_CALIBRATED = range(0, 750, 60)
_CROP_TOP = 300  # where the street's people walk

Image = NDArray[np.uint8]


def check_pictures() -> Iterator[Image]:
    """Frames of the drawn street as a look sees them, smaller still, and at their own size."""
    width, height = SIZE
    for number, picture in enumerate(demo_pictures(_CHECKED)):
        yield _shrunk(picture, width, height)
        if number % 2:
            yield _crop(picture, number)
        else:
            small = np.full((height, width, 3), 110, np.uint8)
            small[:270, :480] = _shrunk(picture, 480, 270)
            yield small


def calibration_pictures() -> Iterator[Image]:
    """Other frames of the drawn street, as a look sees them and at their own size."""
    for number, picture in enumerate(demo_pictures(_CALIBRATED)):
        yield _crop(picture, number) if number % 3 == 2 else _shrunk(picture, *SIZE)


def _shrunk(picture: Image, width: int, height: int) -> Image:
    shrunk = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
    return shrunk.astype(np.uint8, copy=False)


def _crop(picture: Image, number: int) -> Image:
    width, height = SIZE
    left = number * 80 % (picture.shape[1] - width)
    return np.ascontiguousarray(picture[_CROP_TOP : _CROP_TOP + height, left : left + width])
