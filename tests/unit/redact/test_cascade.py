"""OpenCV's plate cascades find a plain single-line plate, and say it is a plate."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from scrim.errors import ModelMissing
from scrim.redact.cascade import PlateCascade
from scrim.redact.detector import look_size, verdict


def plate(width: int, x: int, y: int) -> NDArray[np.uint8]:
    """A dark bumper with a white plate of that width on it."""
    image = np.full((720, 1280, 3), 60, np.uint8)
    drawn = np.full((92, 400, 3), 235, np.uint8)
    cv2.rectangle(drawn, (3, 3), (396, 88), (20, 20, 20), 4)
    cv2.putText(drawn, "A 123 BC", (25, 72), cv2.FONT_HERSHEY_SIMPLEX, 2.3, (15, 15, 15), 7)
    height = width * 92 // 400
    image[y : y + height, x : x + width] = cv2.resize(
        drawn, (width, height), interpolation=cv2.INTER_AREA
    )
    return image


@pytest.mark.parametrize(("width", "x", "y"), [(80, 300, 200), (120, 700, 500), (200, 40, 100)])
def test_a_plate_is_covered(width: int, x: int, y: int) -> None:
    found = verdict(PlateCascade(), plate(width, x, y))
    assert {one.kind for one in found} == {"plate"}
    left, top = min(one.x for one in found), min(one.y for one in found)
    right = max(one.x + one.w for one in found)
    bottom = max(one.y + one.h for one in found)
    height = width * 92 // 400
    wide = min(right, x + width) - max(left, x)
    high = min(bottom, y + height) - max(top, y)
    assert wide * high >= 0.85 * width * height
    assert right - left < 2 * width


def test_a_plain_picture_has_none() -> None:
    assert verdict(PlateCascade(), np.full((720, 1280, 3), 60, np.uint8)) == []


@pytest.mark.parametrize(
    ("picture", "look"),
    [((1920, 1080), (1280, 720)), ((640, 360), (1280, 720)), ((720, 1280), (720, 1280))],
)
def test_it_looks_near_the_picture_s_own_size(
    picture: tuple[int, int], look: tuple[int, int]
) -> None:
    assert look_size(PlateCascade(), *picture) == look


def test_an_opencv_without_its_cascades_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(cv2.data, "haarcascades", str(tmp_path))
    with pytest.raises(ModelMissing, match="cascades"):
        PlateCascade()
