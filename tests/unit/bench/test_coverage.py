from dataclasses import dataclass

import numpy as np
import pytest
from bench.redaction import coverage
from numpy.typing import NDArray

FILL = (40, 128, 128)


@dataclass(frozen=True)
class _Shape:
    x: int
    y: int
    w: int
    h: int
    oval: bool = False


def _planes(luma: int = 120) -> list[NDArray[np.uint8]]:
    return [
        np.full((48, 64), luma, np.uint8),
        np.full((24, 32), 100, np.uint8),
        np.full((24, 32), 150, np.uint8),
    ]


def _filled_at(planes: list[NDArray[np.uint8]], x: int, y: int, w: int, h: int) -> None:
    planes[0][y : y + h, x : x + w] = FILL[0]
    for plane, value in zip(planes[1:], FILL[1:], strict=True):
        plane[y // 2 : (y + h) // 2, x // 2 : (x + w) // 2] = value


def test_half_a_box_under_the_fill_is_half_covered() -> None:
    before, after = _planes(), _planes()
    _filled_at(after, 8, 8, 8, 16)
    maps = [coverage.filled(planes, FILL) for planes in (after, before)]
    assert coverage.covered((8, 8, 16, 16), *maps) == 0.5
    assert coverage.covered((8, 8, 8, 16), *maps) == 1.0
    assert coverage.covered((30, 8, 16, 16), *maps) == 0.0


def test_what_encoding_does_to_the_fill_is_tolerated() -> None:
    after = _planes()
    _filled_at(after, 8, 8, 16, 16)
    after[0][8:24, 8:24] += 5
    shown = coverage.filled(after, FILL)
    assert coverage.covered((8, 8, 16, 16), shown, np.zeros_like(shown)) == 1.0


def test_a_grey_of_another_brightness_or_colour_is_no_fill() -> None:
    brighter, coloured = _planes(), _planes()
    for planes in (brighter, coloured):
        _filled_at(planes, 0, 0, 64, 48)
    brighter[0][:] = 60
    coloured[1][:] = 110
    assert not coverage.filled(brighter, FILL).any()
    assert not coverage.filled(coloured, FILL).any()


def test_dark_hair_is_not_taken_for_a_mask() -> None:
    # Left half of the face had the fill's colour before: it tells nothing.
    before, after = _planes(), _planes()
    for planes in (before, after):
        _filled_at(planes, 8, 8, 8, 16)
    maps = [coverage.filled(planes, FILL) for planes in (after, before)]
    assert coverage.covered((8, 8, 16, 16), *maps) == 0.0


def test_the_part_of_a_box_outside_the_picture_is_not_asked_for() -> None:
    after = _planes()
    _filled_at(after, 0, 0, 8, 8)
    shown = coverage.filled(after, FILL)
    nothing = np.zeros_like(shown)
    assert coverage.covered((-8, -8, 16, 16), shown, nothing) == 1.0
    assert coverage.covered((-8, -8, 32, 16), shown, nothing) == pytest.approx(8 / 24)


def test_odd_sizes_lose_no_pixel() -> None:
    planes = [np.full(shape, 128, np.uint8) for shape in ((47, 63), (24, 32), (24, 32))]
    planes[0][:] = FILL[0]
    assert coverage.filled(planes, FILL).shape == (47, 63)
    assert coverage.filled(planes, FILL).all()


def test_masks_are_drawn_as_rectangles_and_ellipses_and_counted_once() -> None:
    rectangle = coverage.drawn([_Shape(10, 10, 20, 10), _Shape(20, 10, 20, 10)], (64, 48))
    assert rectangle.sum() == 30 * 10
    oval = coverage.drawn([_Shape(4, 4, 40, 40, oval=True)], (64, 48))
    assert oval[24, 24]
    assert not oval[5, 5]
    assert oval.mean() == pytest.approx(np.pi * 20 * 20 / (64 * 48), rel=0.06)


def test_overlapping_boxes_share_a_picture_once() -> None:
    share = coverage.boxes_share([(0, 0, 32, 48), (16, 0, 32, 48), (-10, 0, 5, 48)], (64, 48))
    assert share == 0.75
