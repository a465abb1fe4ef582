from itertools import islice, pairwise

import pytest
from bench.redaction import window
from bench.redaction.material import Face

SIZE = (1280, 720)


def test_the_window_moves_fast_stays_inside_and_turns_abruptly() -> None:
    offsets = list(islice(window.slide(SIZE, 3), 400))
    wide, high = window.world(SIZE)
    assert all(0 <= x <= wide - SIZE[0] and 0 <= y <= high - SIZE[1] for x, y in offsets)
    steps = [b[0] - a[0] for a, b in pairwise(offsets)]
    fast = sum(9 <= abs(step) <= 16 for step in steps)
    assert fast > 0.9 * len(steps)
    turns = sum(a * b < 0 for a, b in pairwise(steps))
    assert turns > 10


def test_a_seed_always_gives_the_same_way() -> None:
    ways = [list(islice(window.slide(SIZE, seed), 50)) for seed in (1, 1, 2)]
    assert ways[0] == ways[1] != ways[2]


def test_a_face_moves_against_the_window() -> None:
    seen = window.seen(Face(7, (100, 50, 20, 30)), (60, 20), SIZE)
    assert seen == Face(7, (40, 30, 20, 30), True)


@pytest.mark.parametrize(("x", "counted"), [(-9, True), (-11, False)])
def test_a_face_counts_where_half_of_it_is_inside(x: int, counted: bool) -> None:
    seen = window.seen(Face(0, (x, 50, 20, 30)), (0, 0), SIZE)
    assert seen is not None
    assert seen.counted is counted


def test_a_face_outside_is_not_there() -> None:
    assert window.seen(Face(0, (2000, 50, 20, 30)), (0, 0), SIZE) is None
