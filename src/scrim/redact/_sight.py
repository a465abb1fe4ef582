"""The two small pictures the redactor works on: luma to follow, BGR to look at."""

from __future__ import annotations

import av
import cv2
import numpy as np
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from scrim.redact.mask import samples

_LONGEST = 640
_TINY = (64, 36)
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
        self.luma_scale = np.array([self._luma[0] / width, self._luma[1] / height] * 2)
        """Multiply a box of the picture by this to have it in the luma."""
        self.look_scale = (look[0] / width, look[1] / height)

    def luma(self, picture: av.VideoFrame) -> NDArray[np.uint8]:
        """Brightness, rows x columns, the longer side at most 640 pixels."""
        if picture.format.name in _EIGHT_BIT_LUMA and picture.planes[0].line_size > 0:
            plane = samples(picture.planes[0])
        else:
            plane = samples(self._reformatter.reformat(picture, format="gray").planes[0])
        if (plane.shape[1], plane.shape[0]) == self._luma:
            return plane.copy()
        return np.asarray(
            cv2.resize(plane, self._luma, interpolation=cv2.INTER_AREA), dtype=np.uint8
        )

    def look(self, picture: av.VideoFrame) -> NDArray[np.uint8]:
        """BGR, rows x columns x 3, at the detector's size."""
        width, height = self._look
        small = self._reformatter.reformat(
            picture, width, height, "bgr24", interpolation="FAST_BILINEAR"
        )
        rows = np.frombuffer(memoryview(small.planes[0]), np.uint8).reshape(height, -1)
        return rows[:, : width * 3].reshape(height, width, 3)


def tiny(luma: NDArray[np.uint8]) -> NDArray[np.int16]:
    """A few samples of a picture, to tell a cut by."""
    return np.asarray(cv2.resize(luma, _TINY, interpolation=cv2.INTER_AREA), dtype=np.int16)


def is_cut(before: NDArray[np.int16], after: NDArray[np.int16]) -> bool:
    """Whether two neighbouring pictures show different scenes.

    Their difference is held against their own contrast, so that a cut between
    two dark pictures counts as much as one between bright ones.
    """
    difference = float(np.abs(before - after).mean())
    contrast = (_contrast(before) + _contrast(after)) / 2
    return difference > _CUT * (contrast + 4)


def _contrast(picture: NDArray[np.int16]) -> float:
    return float(np.abs(picture - picture.mean()).mean())


_CUT = 0.7
