"""A part of a picture is what it would be in all of it."""

from __future__ import annotations

import av
import numpy as np
import pytest
from av.video.reformatter import ColorRange, Colorspace
from numpy.typing import NDArray
from tests.unit.redact.conftest import noise

from scrim.redact._parts import Cut, made
from scrim.redact._sight import Sight

Image = NDArray[np.uint8]


def converted(picture: av.VideoFrame) -> Image:
    sight = Sight(picture.width, picture.height, (96, 96))
    return sight.image(picture, (picture.width, picture.height))


def a_picture(width: int, height: int, format: str) -> av.VideoFrame:
    picture = av.VideoFrame.from_ndarray(noise(width, height, seed=3), "bgr24")
    return picture.reformat(format=format)


def some_parts(width: int, height: int) -> list[tuple[slice, slice]]:
    chance = np.random.default_rng(8)
    parts = [(slice(0, height), slice(0, width)), (slice(height - 1, height), slice(0, 1))]
    for _ in range(40):
        top, bottom = sorted(chance.integers(0, height + 1, 2).tolist())
        left, right = sorted(chance.integers(0, width + 1, 2).tolist())
        parts.append((slice(top, bottom), slice(left, right)))
    return parts


@pytest.mark.parametrize("format", ["yuv420p", "yuvj420p", "yuv422p", "nv12", "gray", "rgb24"])
@pytest.mark.parametrize("size", [(320, 180), (322, 182), (161, 90), (160, 91), (33, 35)])
def test_a_part_is_the_same_as_in_the_whole(format: str, size: tuple[int, int]) -> None:
    picture = a_picture(*size, format)
    whole, parts = converted(picture), made(picture, converted)
    assert (parts.width, parts.height) == size
    for rows, columns in some_parts(*size):
        assert np.array_equal(parts.at(rows, columns), whole[rows, columns])


@pytest.mark.parametrize("colours", [Colorspace.ITU709, Colorspace.ITU601])
@pytest.mark.parametrize("range_of", [ColorRange.MPEG, ColorRange.JPEG])
def test_its_colours_are_those_of_the_whole(colours: Colorspace, range_of: ColorRange) -> None:
    picture = a_picture(320, 180, "yuv420p")
    picture.colorspace, picture.color_range = colours, range_of
    part = made(picture, converted).at(slice(11, 90), slice(31, 200))
    assert np.array_equal(part, converted(picture)[11:90, 31:200])


def test_only_the_part_is_converted() -> None:
    seen: list[tuple[int, int]] = []

    def watched(picture: av.VideoFrame) -> Image:
        seen.append((picture.width, picture.height))
        return converted(picture)

    made(a_picture(320, 180, "yuv420p"), watched).at(slice(11, 20), slice(31, 40))
    assert seen == [(10, 10)]


def test_outside_of_the_picture_is_nothing() -> None:
    image = np.zeros((18, 32, 3), np.uint8)
    for parts in (Cut(image), made(a_picture(32, 18, "yuv420p"), converted)):
        assert parts.at(slice(20, 18), slice(0, 8)).size == 0
        assert parts.at(slice(4, 4), slice(0, 8)).size == 0
