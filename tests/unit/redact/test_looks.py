"""Where to look: everything that changed is inside, and few rectangles are enough for it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from scrim.redact._looks import WHOLE, Rectangle, crops, difference, rectangles

WIDTH, HEIGHT = 240, 135

patches = st.lists(
    st.tuples(
        st.integers(0, WIDTH - 1),
        st.integers(0, HEIGHT - 1),
        st.integers(1, 20),
        st.integers(1, 20),
    ),
    min_size=1,
    max_size=60,
)


def changed_at(*found: tuple[int, int, int, int]) -> NDArray[np.bool_]:
    changed = np.zeros((HEIGHT, WIDTH), np.bool_)
    for x, y, w, h in found:
        changed[y : y + h, x : x + w] = True
    return changed


def are_inside(changed: NDArray[np.bool_], where: tuple[Rectangle, ...]) -> bool:
    rows, columns = np.nonzero(changed)
    points = zip((columns + 0.5) / WIDTH, (rows + 0.5) / HEIGHT, strict=True)
    return all(any(one.holds(x, y) for one in where) for x, y in points)


def test_where_nothing_changed_nobody_looks() -> None:
    assert rectangles(changed_at()) == ()


@given(patches)
def test_all_that_changed_is_inside_of_a_few_rectangles(
    found: list[tuple[int, int, int, int]],
) -> None:
    changed = changed_at(*found)
    where = rectangles(changed)
    assert are_inside(changed, where)
    assert 1 <= len(where) <= 4
    assert all(0 <= one.left < one.right <= 1 and 0 <= one.top < one.bottom <= 1 for one in where)


def test_a_small_change_is_looked_at_with_something_around_it() -> None:
    (where,) = rectangles(changed_at((100, 60, 4, 4)))
    assert where.left * WIDTH <= 94
    assert where.right * WIDTH >= 110
    assert where.top * HEIGHT <= 54
    assert where.bottom * HEIGHT >= 70
    assert where.area < 0.1


def test_changes_far_apart_have_a_rectangle_each() -> None:
    where = rectangles(changed_at((10, 10, 6, 6), (200, 100, 6, 6)))
    assert len(where) == 2
    assert sum(one.area for one in where) < 0.15


def test_where_most_changed_all_is_looked_at() -> None:
    assert rectangles(changed_at((10, 10, 200, 110))) == WHOLE


def test_more_patches_than_are_worth_joining_become_one() -> None:
    wide = np.zeros((600, 900), np.bool_)
    wide[20:300:40, 20:400:40] = True  # seventy, none near another
    (one,) = rectangles(wide)
    assert one.left * 900 <= 20
    assert one.right * 900 >= 381
    assert one.top * 600 <= 20
    assert one.bottom * 600 >= 261


def test_noise_is_no_difference_and_a_small_face_is() -> None:
    chance = np.random.default_rng(3)
    ground = chance.integers(60, 160, (HEIGHT, WIDTH)).astype(np.int16)
    one, other = (
        np.clip(ground + chance.normal(0, 2, ground.shape), 0, 255).astype(np.uint8)
        for _ in range(2)
    )
    assert not difference(one, other).any()
    other[50:54, 80:84] = np.clip(other[50:54, 80:84].astype(int) + 30, 0, 255)
    assert difference(one, other)[50:54, 80:84].all()


@given(
    st.tuples(st.floats(0, 1), st.floats(0, 1)),
    st.tuples(st.floats(0, 1), st.floats(0, 1)),
    st.tuples(st.integers(1, 700), st.integers(1, 400)),
    st.sampled_from([1, 16, 32]),
)
def test_crops_hold_their_rectangle_and_have_sides_that_suit_a_network(
    across: tuple[float, float], down: tuple[float, float], size: tuple[int, int], multiple: int
) -> None:
    where = Rectangle(min(across), min(down), max(across), max(down))
    ((left, top, right, bottom),) = crops([where], size, multiple)
    for first, last, low, high, length in (
        (left, right, where.left, where.right, size[0]),
        (top, bottom, where.top, where.bottom, size[1]),
    ):
        assert 0 <= first < last <= length
        assert first <= low * length
        assert high * length <= last
        assert (last - first) % multiple == 0 or last - first == length


@pytest.mark.parametrize("size", [(640, 352), (352, 640), (31, 17)])
def test_the_whole_is_the_whole_image(size: tuple[int, int]) -> None:
    assert crops(WHOLE, size, 32) == [(0, 0, *size)]
