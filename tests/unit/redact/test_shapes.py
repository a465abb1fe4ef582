"""Shapes cover what they say, outward and never inward, and cost no more than they must."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.unit.redact.hidden import pixels_of

from scrim.redact import Figure, Mask, Source
from scrim.redact.shapes import Area, area_of, figure_in

SHAPE = (40, 50)  # chroma samples of a picture of 100 x 80


def mask(x: int, y: int, w: int, h: int, *, oval: bool, figure: Figure | None = None) -> Mask:
    return Mask(x, y, w, h, "face", 1, Source.DETECTED, oval, figure)


def covered(area: Area | None) -> NDArray[np.bool_]:
    """As chroma samples of the whole picture, by what is painted."""
    planes = [np.zeros((80, 100), np.uint8), np.zeros(SHAPE, np.uint8), np.zeros(SHAPE, np.uint8)]
    if area is not None:
        area.fill(planes, (1, 1, 1))
    assert (planes[1] == planes[2]).all()
    assert (planes[0] == planes[1].repeat(2, axis=0).repeat(2, axis=1)).all()
    return planes[1].view(np.bool_)


@settings(deadline=None, max_examples=300)
@given(
    x=st.integers(-60, 110),
    y=st.integers(-60, 90),
    w=st.integers(1, 130),
    h=st.integers(1, 130),
    oval=st.booleans(),
)
def test_every_sample_a_mask_touches_is_covered_and_no_other(
    x: int, y: int, w: int, h: int, oval: bool
) -> None:
    shape = mask(x, y, w, h, oval=oval)
    inside = pixels_of(shape, 100, 80).reshape(40, 2, 50, 2).any(axis=(1, 3))
    painted = covered(area_of(shape, SHAPE))
    assert (painted >= inside).all()
    grown = pixels_of(mask(x - 2, y - 2, w + 4, h + 4, oval=oval), 100, 80)
    assert (painted <= grown.reshape(40, 2, 50, 2).any(axis=(1, 3))).all()


@pytest.mark.parametrize(("x", "y"), [(40, 30), (41, 31)])
def test_a_guard_covers_a_square_around_every_pixel(x: int, y: int) -> None:
    shape = mask(x, y, 21, 33, oval=True)
    inside = pixels_of(shape, 100, 80)
    square = np.zeros_like(inside)
    for dy in range(-8, 9):
        for dx in range(-8, 9):
            square |= np.roll(inside, (dy, dx), (0, 1))
    painted = covered(area_of(shape, SHAPE, 8))
    assert (painted >= square.reshape(40, 2, 50, 2).any(axis=(1, 3))).all()


def test_a_figure_lies_over_the_rectangle_and_stays_in_the_mask() -> None:
    halves = Figure(2, 1, b"\x00\x01")
    shape = mask(20, 10, 40, 40, oval=False, figure=halves)
    area = area_of(shape, SHAPE)
    assert area is not None
    found = figure_in(shape, area)
    assert found is not None
    assert not found[:, :10].any()
    assert found[:, 10:].all()
    round_shape = mask(-7, -9, 40, 40, oval=True, figure=Figure(1, 1, b"\x01"))
    area = area_of(round_shape, SHAPE)
    assert area is not None
    assert area.inside is not None
    found = figure_in(round_shape, area)
    assert found is not None
    assert (found == area.inside).all()


@pytest.mark.parametrize(
    "figure",
    [
        None,
        Figure(2, 2, b"\x01" * 3),
        Figure(0, 0, b""),
        Figure(-1, -1, b"\x01"),
        Figure(2, 0, b""),
    ],
)
def test_a_figure_that_is_none_is_not_drawn(figure: Figure | None) -> None:
    shape = mask(20, 10, 40, 40, oval=False, figure=figure)
    area = area_of(shape, SHAPE)
    assert area is not None
    assert figure_in(shape, area) is None
