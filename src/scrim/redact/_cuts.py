"""Where a scene ends: what a few samples of neighbouring pictures tell.

Rules kept here:

- Two pictures that differ by half of their own contrast show different scenes.
- So do two that differ by less, and far more than any two pictures just before them did: of
  one place on two days the ground stays the same, and only light and people are others.
- Pictures that come several times, a light that blinks and a camera that sets out are no cuts
  for long: what the last pictures did is told by the second largest of their differences.
"""

from __future__ import annotations

from collections import deque

import cv2

from scrim.redact._sight import Tiny

_CUT = 0.55  # of the contrast
_JUMP = 0.3  # of the contrast; a walker near by makes up to 0.1, a camera that pans 0.3 to 0.5
_TIMES = 4.0  # what the pictures before differed by
_NOISE = 3.0  # of 255
_BEFORE = 250  # differences: what changes every five seconds is twice in ten of them


class Cuts:
    """Tells for one picture after the other whether it shows another scene than the last."""

    def __init__(self) -> None:
        self._last: Tiny | None = None
        self._differences: deque[float] = deque(maxlen=_BEFORE)

    def push(self, tiny: Tiny) -> bool:
        """Whether a scene ended before this picture; never at the first.

        The difference is held against the pictures' own contrast, so that a cut between two
        dark pictures counts as much as one between bright ones.
        """
        before, self._last = self._last, tiny
        if before is None:
            return False
        difference = cv2.norm(before.samples, tiny.samples, cv2.NORM_L1) / tiny.samples.size
        contrast = (before.contrast + tiny.contrast) / 2
        usual = sorted(self._differences)[-2] if len(self._differences) > 1 else difference
        self._differences.append(difference)
        jumped = difference > _JUMP * contrast + _NOISE and difference > _TIMES * usual
        return jumped or difference > _CUT * contrast + _NOISE

    def forget(self) -> None:
        """The next picture is the first."""
        self._last = None
        self._differences.clear()
