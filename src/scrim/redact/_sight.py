"""The small pictures the redactor works on: luma to follow, BGR to look at, a few samples."""

from __future__ import annotations

from typing import NamedTuple

import av
import cv2
import numpy as np
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from scrim.redact.mask import samples

_LONGEST = 960
_LONGEST_SMALL = 480
_TINY = (64, 36)
_WATCHED = (160, 90)
# Luma planes of these can be read as they are.
_EIGHT_BIT_LUMA = frozenset(
    f"yuv{j}{layout}p" for j in ("", "j") for layout in ("420", "422", "440", "444", "411", "410")
) | {"gray", "nv12", "nv21"}


class Tiny(NamedTuple):
    """A few samples of a picture and how much they differ among themselves."""

    samples: NDArray[np.uint8]
    contrast: float


class Sight:
    """Shrinks the pictures of one stream; keeps the scaler's state between them.

    Args:
        width, height: of the stream's upright pictures.
        look: width and height the detector wants.
    """

    def __init__(self, width: int, height: int, look: tuple[int, int]) -> None:
        self._reformatter = VideoReformatter()
        self._halvings = 0
        while max(width, height) >> self._halvings > _LONGEST:
            self._halvings += 1
        self._luma = (max(1, width >> self._halvings), max(1, height >> self._halvings))
        self.luma_scale = 0.5**self._halvings
        """Multiply a box of the picture by this to have it in the luma."""
        self._more = 0
        while max(self._luma) >> self._more > _LONGEST_SMALL:
            self._more += 1
        self.small_scale = self.luma_scale * 0.5**self._more
        """The same for the small picture."""
        self._every = max(1, height // _TINY[1])
        self.look_at = look
        """Width and height of the image in which a detector looks at all of a picture."""
        self._watched_every = max(1, height // _WATCHED[1])

    def luma(self, picture: av.VideoFrame) -> NDArray[np.uint8]:
        """Brightness, rows x columns, the longer side at most 960 pixels.

        Halved as often as it takes: halving costs a quarter of what any other factor does.
        It may be a view on the picture's own memory.
        """
        if not _has_luma(picture):
            return self._gray(picture, self._luma)
        return _halved(samples(picture.planes[0]), self._halvings)

    def small(self, luma: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """:meth:`luma` halved on, the longer side at most 480 pixels: what changes, what moves."""
        return _halved(luma, self._more)

    def tiny(self, picture: av.VideoFrame) -> Tiny:
        """A few samples of the picture, to tell a cut by."""
        if not _has_luma(picture):
            few = self._gray(picture, _TINY)
        else:
            # Means over some rows do as well here as means over all, and cost a twentieth.
            rows = samples(picture.planes[0])[:: self._every]
            few = np.asarray(cv2.resize(rows, _TINY, interpolation=cv2.INTER_AREA), dtype=np.uint8)
        return Tiny(few, float(cv2.meanStdDev(few)[1].item()))

    def watched(self, picture: av.VideoFrame) -> NDArray[np.uint8]:
        """Brightness at 160 x 90, for :class:`~scrim.redact.view.ViewWatch`."""
        if not _has_luma(picture):
            return self._gray(picture, _WATCHED)
        rows = samples(picture.planes[0])[:: self._watched_every]
        return np.asarray(cv2.resize(rows, _WATCHED, interpolation=cv2.INTER_AREA), dtype=np.uint8)

    def image(self, picture: av.VideoFrame, size: tuple[int, int]) -> NDArray[np.uint8]:
        """BGR, rows x columns x 3, of any size (width, height).

        Raises:
            ValueError: the size is none.
        """
        width, height = size
        if width <= 0 or height <= 0:
            raise ValueError("the detector wants no image")
        # Small faces live on what shrinking leaves of them: every pixel has its share.
        small = self._reformatter.reformat(
            picture, width, height, "bgr24", interpolation="AREA", threads=1
        )
        rows = np.frombuffer(memoryview(small.planes[0]), np.uint8).reshape(height, -1)
        image = rows[:, : width * 3].reshape(height, width, 3)
        # a picture that is such an image already is given back itself, and zones are burnt in
        return image.copy() if small is picture else image

    def _gray(self, picture: av.VideoFrame, size: tuple[int, int]) -> NDArray[np.uint8]:
        small = self._reformatter.reformat(picture, *size, "gray", interpolation="AREA", threads=1)
        return samples(small.planes[0]).copy()


def _halved(picture: NDArray[np.uint8], times: int) -> NDArray[np.uint8]:
    for _ in range(times):
        height, width = (max(1, side // 2) for side in picture.shape[:2])
        even = picture[: 2 * height, : 2 * width]
        halved = cv2.resize(even, (width, height), interpolation=cv2.INTER_AREA)
        picture = np.asarray(halved, dtype=np.uint8)
    return picture


def _has_luma(picture: av.VideoFrame) -> bool:
    """Whether the first plane is 8-bit brightness that can be read as it lies."""
    return picture.format.name in _EIGHT_BIT_LUMA and picture.planes[0].line_size > 0
