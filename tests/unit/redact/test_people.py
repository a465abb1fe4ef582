"""Upright figures are found at any size the picture holds, and their heads are in the box."""

from __future__ import annotations

from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from scrim.redact.detector import Detection, look_size, verdict
from scrim.redact.people import PersonFinder, head_of


def figure(height: int, size: tuple[int, int], x: int, top: int) -> NDArray[np.uint8]:
    """A drawn person of that height, standing at ``x`` on a plain ground."""
    image = np.full((size[1], size[0], 3), 170, np.uint8)
    unit = height / 8
    dark = (40, 45, 50)

    def at(dx: float, dy: float) -> tuple[int, int]:
        return round(x + dx * unit), round(top + dy * unit)

    cv2.ellipse(image, at(0, 0.55), (round(0.42 * unit), round(0.55 * unit)), 0, 0, 360, dark, -1)
    body = [at(-0.9, 1.4), at(0.9, 1.4), at(0.75, 4.2), at(-0.75, 4.2)]
    cv2.fillPoly(image, [np.array(body)], dark)
    for side in (-1, 1):
        thick = max(2, round(0.5 * unit))
        cv2.line(image, at(0.95 * side, 1.6), at(1.15 * side, 4.0), dark, thick)
        cv2.line(image, at(0.4 * side, 4.1), at(0.55 * side, 7.8), dark, round(0.65 * unit) or 1)
    blurred = cv2.GaussianBlur(image, (0, 0), 0.8)
    return blurred.astype(np.uint8)


def covers(outer: Detection, x: float, y: float) -> bool:
    return outer.x <= x <= outer.x + outer.w and outer.y <= y <= outer.y + outer.h


@pytest.mark.parametrize(("height", "top"), [(120, 40), (200, 80), (300, 30), (340, 8)])
def test_a_standing_figure_is_found_up_to_the_height_of_the_picture(height: int, top: int) -> None:
    image = figure(height, (640, 352), 330, top)
    found = [one for one in verdict(PersonFinder(), image) if covers(one, 330, top + height / 2)]
    assert found
    best = max(found, key=lambda one: one.score)
    assert best.kind == "person"
    assert best.h == pytest.approx(height * 1.1, rel=0.3)
    assert covers(head_of(best), 330, top + height / 16)


def test_nothing_is_found_in_a_plain_picture() -> None:
    assert verdict(PersonFinder(), np.full((352, 640, 3), 128, np.uint8)) == []


def test_a_smaller_figure_is_found_when_it_is_asked_for() -> None:
    image = figure(72, (320, 180), 150, 50)

    def hits(finder: PersonFinder) -> bool:
        return any(covers(one, 150, 86) for one in verdict(finder, image))

    assert hits(PersonFinder(smallest=64))
    assert not hits(PersonFinder(smallest=160))


@pytest.mark.parametrize("size", [(1, 1), (8, 8), (33, 17), (63, 300), (640, 20)])
def test_pictures_too_small_for_anybody_are_answered_with_nothing(size: tuple[int, int]) -> None:
    rng = np.random.default_rng(1)
    image = rng.integers(0, 255, (size[1], size[0], 3), dtype=np.uint8)
    assert isinstance(verdict(PersonFinder(), image), list)


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (720, 1280), (160, 120), (4000, 100)])
def test_the_look_has_about_as_many_pixels_whatever_the_picture(width: int, height: int) -> None:
    across, down = look_size(PersonFinder(), width, height)
    assert across * down == pytest.approx(640 * 352, rel=0.02)
    assert across / down == pytest.approx(min(width / height, 8), rel=0.02)


def test_a_head_is_at_the_top_of_its_figure_with_room_above() -> None:
    head = head_of(Detection(100, 50, 60, 160, 0.7, "person"))
    assert (head.x, head.w, head.kind) == (100, 60, "head")
    assert head.y < 50
    assert 50 + 160 / 4 < head.y + head.h < 50 + 160 / 2


def test_a_worker_from_behind_is_found(clips: Path) -> None:
    with av.open(str(clips / "worker-zone-detection.gif")) as clip:
        frames = [frame.to_ndarray(format="bgr24") for frame in clip.decode(video=0)]
    # frame, and the middle of the figure, seen by eye
    for index, x, y in ((40, 137, 141), (60, 121, 131)):
        image = cv2.resize(frames[index], (640, 360)).astype(np.uint8)
        assert any(covers(one, x * 4 / 3, y * 4 / 3) for one in verdict(PersonFinder(), image))
