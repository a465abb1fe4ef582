"""The masked picture of one moment with everybody who can be chosen in it, numbered."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from scrim.disclosure.tracks import Track
from scrim.redact import RedactedFrame

_BLUE_YELLOW = ((255, 194, 0), (0, 176, 255))


class Preview:
    """Keeps the redacted frame that is on show at a time; given to :func:`~.watch.watch`.

    Args:
        at_us: microseconds since the film's first frame.
    """

    def __init__(self, at_us: int) -> None:
        self._at_us = at_us
        self._first_us: int | None = None
        self._frame: RedactedFrame | None = None

    def __call__(self, frame: RedactedFrame) -> None:
        """Look at the next frame."""
        if self._first_us is None:
            self._first_us = frame.captured_us
        if self._frame is None or frame.captured_us - self._first_us <= self._at_us:
            self._frame = frame

    def png(self, found: Sequence[Track]) -> bytes:
        """The frame with the tracks' boxes and numbers, as PNG."""
        assert self._frame is not None
        image = np.asarray(self._frame.picture.to_ndarray(format="bgr24"), np.uint8).copy()
        for track in found:
            place = track.at(self._frame.index)
            if place is None:
                continue
            x, y = place.box.x, place.box.y
            colour = _BLUE_YELLOW[track.number % 2]
            cv2.rectangle(image, (x, y), (place.box.right, place.box.bottom), colour, 2)
            _label(image, str(track.number), (x + 4, max(y + 22, 22)), colour)
        return cv2.imencode(".png", image)[1].tobytes()


def _label(
    image: NDArray[np.uint8], text: str, at: tuple[int, int], colour: tuple[int, int, int]
) -> None:
    for thickness, paint in ((5, (0, 0, 0)), (2, colour)):
        cv2.putText(image, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.7, paint, thickness)
