"""Case, officer and time, drawn into a picture: whoever passes it on passes that on too.

Rules:

1. The mark is in the pixels, of the brightness and not of the colour, so that a copy in
   grey, smaller or filmed from a screen still has it.
2. A line at the bottom says it in full.  Across the whole picture the same words are
   repeated, slanted and faint, so that no part worth cutting out is without them.
3. The officer stands there by id, an office's name and not a person's.
4. It says of itself that it is a viewing copy; the original is not touched.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from scrim.clock import SECOND, to_text

Plane = NDArray[np.uint8]

_FONT: Final = cv2.FONT_HERSHEY_SIMPLEX
_SLANT_DEGREES: Final = 24.0
_FAINT: Final = 26
_BAR_SHARE: Final = 0.35
_LINES: Final = 7
"""How often the words stand one below the other."""


class Watermark:
    """Marks the pictures of one camera.

    Args:
        case: id of the case.
        officer: id of the officer.
        camera: whose pictures.
    """

    def __init__(self, case: str, officer: str, camera: str) -> None:
        self._words = f"{case} {officer}"
        self._camera = camera
        self._shift = np.array(
            [value + _FAINT if value < 128 else value - _FAINT for value in range(256)], np.uint8
        )
        self._tiled: tuple[int, tuple[int, int], NDArray[np.bool_]] | None = None

    def draw(self, luma: Plane, at_us: int) -> int:
        """Draw into a picture.

        Args:
            luma: its brightness, height x width; changed in place.
            at_us: when it was taken, UTC microseconds.

        Returns:
            How many rows at the bottom are the line's, for the colour to be taken out of.
        """
        mask = self._mask((luma.shape[0], luma.shape[1]), at_us // SECOND)
        np.copyto(luma, cv2.LUT(luma, self._shift).astype(np.uint8, copy=False), where=mask)
        return self._line(luma, at_us)

    def _mask(self, size: tuple[int, int], second: int) -> NDArray[np.bool_]:
        if self._tiled is None or self._tiled[:2] != (second, size):
            text = f"{self._words} {to_text(second * SECOND)[:19]}Z"
            self._tiled = second, size, _tiles(size, text)
        return self._tiled[2]

    def _line(self, luma: Plane, at_us: int) -> int:
        height, width = int(luma.shape[0]), int(luma.shape[1])
        text = (
            f"{self._words} {self._camera} {to_text(at_us)[:23].replace('T', ' ')} UTC viewing copy"
        )
        scale = min(_scale(height) * 1.3, width * 0.96 / max(_width(text, 1.0), 1.0))
        thick = max(1, round(scale * 1.6))
        rows = min(height, 2 * ((round(34 * scale) + 7) // 2))
        bar = luma[height - rows :]
        bar[:] = (bar * _BAR_SHARE).astype(np.uint8)
        at = (round(width * 0.02), height - rows // 3)
        cv2.putText(luma, text, at, _FONT, scale, 235, thick, cv2.LINE_AA)
        return rows


def _scale(height: int) -> float:
    return max(0.3, height / 1400)


def _width(text: str, scale: float) -> int:
    return int(cv2.getTextSize(text, _FONT, scale, 1)[0][0])


def _tiles(size: tuple[int, int], text: str) -> NDArray[np.bool_]:
    height, width = size
    side = int(np.ceil(np.hypot(height, width)))
    canvas = np.zeros((side, side), np.uint8)
    scale = _scale(height)
    gap = max(12, height // _LINES)
    step = round(_width(text, scale) * 1.15)
    thick = max(1, round(scale * 1.8))
    for number, y in enumerate(range(gap // 2, side, gap)):
        for x in range(-(number % 2) * step // 2, side, step):
            cv2.putText(canvas, text, (x, y), _FONT, scale, 255, thick)
    middle = (side / 2, side / 2)
    turn = cv2.getRotationMatrix2D(middle, _SLANT_DEGREES, 1.0)
    turned = cv2.warpAffine(canvas, turn, (side, side))
    top, left = (side - height) // 2, (side - width) // 2
    return np.asarray(turned[top : top + height, left : left + width] > 96)
