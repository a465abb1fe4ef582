from math import comb

import pytest
from bench.redaction.bounds import upper


def _tail(hits: int, trials: int, share: float) -> float:
    ways = range(hits + 1)
    return sum(comb(trials, k) * share**k * (1 - share) ** (trials - k) for k in ways)


@pytest.mark.parametrize("trials", [1, 10, 59, 3000])
def test_no_hit_has_the_bound_known_in_closed_form(trials: int) -> None:
    assert upper(0, trials) == pytest.approx(1 - 0.05 ** (1 / trials), rel=1e-9)


def test_three_thousand_trials_without_a_hit_bound_about_one_in_a_thousand() -> None:
    assert upper(0, 3000) == pytest.approx(3 / 3000, rel=0.01)


@pytest.mark.parametrize(("hits", "trials"), [(1, 10), (5, 100), (40, 60), (99, 100)])
def test_at_the_bound_so_few_hits_have_a_chance_of_one_in_twenty(hits: int, trials: int) -> None:
    bound = upper(hits, trials)
    assert hits / trials < bound < 1
    assert _tail(hits, trials, bound) == pytest.approx(0.05, rel=1e-6)


def test_a_bound_that_tables_give() -> None:
    assert upper(1, 10) == pytest.approx(0.39416, abs=1e-5)


def test_large_counts_neither_overflow_nor_vanish() -> None:
    assert upper(25_000, 100_000) == pytest.approx(
        0.25 + 1.645 * (0.25 * 0.75 / 1e5) ** 0.5, abs=1e-4
    )


def test_where_nothing_was_tried_or_all_leaked_nothing_is_bounded() -> None:
    assert upper(0, 0) == upper(7, 7) == 1.0


def test_more_hits_than_trials_are_refused() -> None:
    with pytest.raises(ValueError, match="between none and all"):
        upper(3, 2)
