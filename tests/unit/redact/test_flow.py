"""What rests before a camera that stands is not followed, and whatever moves is."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from scrim.redact._flow import Luma, follow

STANDS = np.zeros((5, 2))
BOX = np.array([[60.0, 40.0, 84.0, 70.0]])


def somebody(n: int, *, contrast: float, pace: float, grain: float = 0.0) -> Luma:
    """A textured square that moves to the right before bare ground."""
    chance = np.random.default_rng(4)
    coat = cv2.GaussianBlur(chance.normal(0, 1, (30, 24)), (0, 0), 2)
    picture = np.full((120, 200), 120.0)
    left = 60 + round(pace * n)
    picture[40:70, left : left + 24] += coat / coat.std() * contrast
    picture += np.random.default_rng(n).normal(0, grain, picture.shape) if grain else 0.0
    return np.asarray(np.clip(np.rint(picture), 0, 255), np.uint8)


def ends(contrast: float, pace: float, grain: float = 0.0) -> NDArray[np.float64]:
    path = follow(
        lambda n: somebody(n, contrast=contrast, pace=pace, grain=grain), BOX, range(5), STANDS
    )
    assert path.followed.all()
    return np.asarray(path.boxes[4, 0] - BOX[0])


@pytest.mark.parametrize("contrast", [4.0, 10.0, 40.0])
def test_who_moves_is_followed_however_dull(contrast: float) -> None:
    assert ends(contrast, pace=2.0)[[0, 2]] == pytest.approx([8, 8], abs=1.5)


def test_what_rests_stays_where_it_is_to_the_last_bit() -> None:
    assert ends(30.0, pace=0.0, grain=1.5).tolist() == [0, 0, 0, 0]
