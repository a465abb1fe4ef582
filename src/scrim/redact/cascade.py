"""Number plates by the two cascades that OpenCV brings, which were trained on Russian plates.

They find single-line plates seen from the front, from about 45 pixels of width, and few
others (docs/guide/detectors.md has the figures).  Where plates matter, cover whole moving
vehicles.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import cv2.data
import numpy as np
from numpy.typing import NDArray

from scrim.errors import ModelMissing
from scrim.redact.detector import Detection

CASCADES = (
    "haarcascade_russian_plate_number.xml",
    "haarcascade_license_plate_rus_16stages.xml",
)
_LONGEST = 1280
_RATIO = 1.1
_NEIGHBOURS = 1
# Cascades give no probability; it is what many an answer of theirs is worth.
_SCORE = 0.5


class PlateCascade:
    """A :class:`~scrim.redact.detector.Detector` for number plates, and a poor one.

    Raises:
        ModelMissing: this OpenCV comes without its cascades.
    """

    def __init__(self) -> None:
        folder = Path(cv2.data.haarcascades)
        self._cascades = [cv2.CascadeClassifier(str(folder / name)) for name in CASCADES]
        if any(cascade.empty() for cascade in self._cascades):
            raise ModelMissing(
                "OpenCV's cascades for number plates are not there.",
                "Install opencv-python-headless 4 again.",
            )

    @property
    def input_size(self) -> tuple[int, int]:
        """Width and height for a picture of 16:9: close to its own size, or plates vanish."""
        return _LONGEST, _LONGEST * 9 // 16

    def size_for(self, width: int, height: int) -> tuple[int, int]:
        """The longer side 1,280 pixels; smaller pictures are enlarged, which finds more."""
        scale = _LONGEST / max(width, height)
        return max(1, round(width * scale)), max(1, round(height * scale))

    def detect(self, image: NDArray[np.uint8]) -> list[Detection]:
        """Plates in ``image`` (height x width x 3, BGR, of any size), of both cascades."""
        grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
        return [
            Detection(float(x), float(y), float(w), float(h), _SCORE, "plate")
            for cascade in self._cascades
            for x, y, w, h in cascade.detectMultiScale(grey, _RATIO, _NEIGHBOURS)
        ]
