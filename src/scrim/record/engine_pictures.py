"""What engines are tried and calibrated on: the drawn street, whose face a detector finds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import sqrt
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from scrim.camera.demo import demo_pictures
from scrim.errors import SourceMissing, SourceNotVideo

SIZE = (640, 352)
"""About that of a look at a small picture; masks are compared, and times taken, at this size."""

_CHECKED = range(7, 750, 94)  # calibration sees other frames
_CALIBRATED = range(0, 750, 60)
_EVERY = 25  # frames of a film that is named
_MOST = 8  # of these
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


def named_pictures(paths: Iterable[Path]) -> Iterator[Image]:
    """Pictures of files that somebody names, as a look sees them; a few of each film.

    Raises:
        SourceMissing: no such file.
        SourceNotVideo: it holds no picture.
    """
    for path in paths:
        found = 0
        try:
            with av.open(str(path)) as container:
                for index, frame in enumerate(container.decode(video=0)):
                    if found == _MOST:
                        break
                    if index % _EVERY == 0:
                        found += 1
                        yield _looked_at(frame.to_ndarray(format="bgr24").astype(np.uint8))
        except FileNotFoundError as error:
            raise SourceMissing(f"There is no file {path}.", "Check the name.") from error
        except (av.FFmpegError, IndexError) as error:
            raise SourceNotVideo(f"{path} holds no picture.", "Name pictures or films.") from error


def _looked_at(picture: Image) -> Image:
    """Of about as many pixels as :data:`SIZE`, in its own aspect, sides multiples of 32."""
    height, width = picture.shape[:2]
    scale = sqrt(SIZE[0] * SIZE[1] / (width * height))
    sides = (max(32, round(side * scale / 32) * 32) for side in (width, height))
    return _shrunk(picture, *sides)


def _shrunk(picture: Image, width: int, height: int) -> Image:
    shrunk = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
    return shrunk.astype(np.uint8, copy=False)


def _crop(picture: Image, number: int) -> Image:
    width, height = SIZE
    left = number * 80 % (picture.shape[1] - width)
    return np.ascontiguousarray(picture[_CROP_TOP : _CROP_TOP + height, left : left + width])
