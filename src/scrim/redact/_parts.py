"""A picture in its own size, in the colours detectors take, made part by part.

All of a picture takes 2 ms at 1080 lines, and a look at a part of it, or a second look at
one find, needs a twentieth.  A part is the same to the last bit as it would be in the whole:
where that is not certain, the whole is made once and cut.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import av
import numpy as np
from numpy.typing import NDArray

from scrim.redact.mask import is_planar_yuv420, samples

Image = NDArray[np.uint8]
Convert = Callable[[av.VideoFrame], Image]


class Parts(Protocol):
    """What can be asked for parts.

    Attributes:
        height, width: of the picture, pixels.
    """

    height: int
    width: int

    def at(self, rows: slice, columns: slice) -> Image:
        """The part, rows x columns x 3, BGR; its slices have ends within the picture."""


class Cut:
    """Parts of an image that is there already.

    Args:
        image: height x width x 3.
    """

    def __init__(self, image: Image) -> None:
        self._image = image
        self.height, self.width = image.shape[:2]

    def at(self, rows: slice, columns: slice) -> Image:
        return self._image[rows, columns]


class Made:
    """Parts that are converted when they are asked for.

    Args:
        picture: decoded; planar 4:2:0 with even sides, see :func:`made`.
        convert: makes BGR of a picture without changing its size.
    """

    def __init__(self, picture: av.VideoFrame, convert: Convert) -> None:
        self._picture = picture
        self._convert = convert
        self.height, self.width = picture.height, picture.width

    def at(self, rows: slice, columns: slice) -> Image:
        # a sample of chroma belongs to two rows and two columns
        top, left = rows.start // 2 * 2, columns.start // 2 * 2
        height, width = (rows.stop - top + 1) // 2 * 2, (columns.stop - left + 1) // 2 * 2
        if height <= 0 or width <= 0:
            return np.empty((0, 0, 3), np.uint8)
        whole = self._picture
        part = av.VideoFrame(width, height, whole.format.name)
        part.colorspace, part.color_range = whole.colorspace, whole.color_range
        for plane, source, halved in zip(part.planes, whole.planes, (1, 2, 2), strict=True):
            down = slice(top // halved, (top + height) // halved)
            across = slice(left // halved, (left + width) // halved)
            samples(plane)[...] = samples(source)[down, across]
        image = self._convert(part)
        return image[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]


def made(picture: av.VideoFrame, convert: Convert) -> Parts:
    """The picture's parts, each converted alone where that gives the same samples.

    Raises:
        ValueError: see ``convert``.
    """
    if is_planar_yuv420(picture) and picture.width % 2 == 0 and picture.height % 2 == 0:
        return Made(picture, convert)
    return Cut(convert(picture))
