"""The small pictures the redactor works on: luma to follow, BGR to look at, a few samples."""

from __future__ import annotations

import av
import cv2
import numpy as np
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from scrim.redact.mask import samples

_LONGEST = 640
_TINY = (64, 36)
_CUT = 0.55
_NOISE = 3.0
# Luma planes of these can be read as they are.
_EIGHT_BIT_LUMA = frozenset(
    f"yuv{j}{layout}p" for j in ("", "j") for layout in ("420", "422", "440", "444", "411", "410")
) | {"gray", "nv12", "nv21"}


class Sight:
    """Shrinks the pictures of one stream; keeps the scaler's state between them.

    Args:
        width, height: of the stream's upright pictures.
        look: width and height the detector wants.
    """

    def __init__(self, width: int, height: int, look: tuple[int, int]) -> None:
        self._look = look
        self._reformatter = VideoReformatter()
        shrink = min(1.0, _LONGEST / max(width, height))
        self._luma = (max(1, round(width * shrink)), max(1, round(height * shrink)))
        self._every = max(1, min(width // _TINY[0] // 4, height // _TINY[1] // 4))
        self.luma_scale = np.array([self._luma[0] / width, self._luma[1] / height] * 2)
        """Multiply a box of the picture by this to have it in the luma."""
        self.look_scale = (look[0] / width, look[1] / height)

    def luma(self, picture: av.VideoFrame) -> NDArray[np.uint8]:
        """Brightness, rows x columns, the longer side at most 640 pixels."""
        if not _has_luma(picture):
            return self._gray(picture, self._luma)
        small = cv2.resize(samples(picture.planes[0]), self._luma, interpolation=cv2.INTER_AREA)
        return np.asarray(small, dtype=np.uint8)

    def tiny(self, picture: av.VideoFrame) -> NDArray[np.uint8]:
        """A few samples of the picture, to tell a cut by."""
        if not _has_luma(picture):
            return self._gray(picture, _TINY)
        # Means of some samples do as well here as means of all, and cost a tenth.
        some = np.ascontiguousarray(samples(picture.planes[0])[:: self._every, :: self._every])
        return np.asarray(cv2.resize(some, _TINY, interpolation=cv2.INTER_AREA), dtype=np.uint8)

    def look(self, picture: av.VideoFrame) -> NDArray[np.uint8]:
        """BGR, rows x columns x 3, at the detector's size.

        Raises:
            ValueError: the detector's size is none.
        """
        width, height = self._look
        if width <= 0 or height <= 0:
            raise ValueError("the detector wants no image")
        small = self._reformatter.reformat(
            picture, width, height, "bgr24", interpolation="FAST_BILINEAR"
        )
        rows = np.frombuffer(memoryview(small.planes[0]), np.uint8).reshape(height, -1)
        return rows[:, : width * 3].reshape(height, width, 3)

    def _gray(self, picture: av.VideoFrame, size: tuple[int, int]) -> NDArray[np.uint8]:
        small = self._reformatter.reformat(picture, *size, "gray", interpolation="AREA")
        return samples(small.planes[0]).copy()


def is_cut(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> bool:
    """Whether two neighbouring pictures show different scenes.

    Their difference is held against their own contrast, so that a cut between
    two dark pictures counts as much as one between bright ones.

    Args:
        before: from :meth:`Sight.tiny`.
        after: the same of the next picture.
    """
    difference = cv2.norm(before, after, cv2.NORM_L1) / before.size
    contrast = (_contrast(before) + _contrast(after)) / 2
    return bool(difference > _CUT * contrast + _NOISE)


def _contrast(picture: NDArray[np.uint8]) -> float:
    return float(cv2.meanStdDev(picture)[1].item())


def _has_luma(picture: av.VideoFrame) -> bool:
    """Whether the first plane is 8-bit brightness that can be read as it lies."""
    return picture.format.name in _EIGHT_BIT_LUMA and picture.planes[0].line_size > 0
