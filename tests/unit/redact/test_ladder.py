"""Down at once, up after a calm time; load costs looks first, doubt costs view."""

from __future__ import annotations

import pytest

from scrim.redact.frames import Rung
from scrim.redact.ladder import LOADED, MEASURES, UNCERTAIN, Facts, Ladder, Measures

FRAME_US = 40_000
CALM = Facts()


class _Run:
    """Steps a ladder through seconds of the same facts."""

    def __init__(self) -> None:
        self.told: list[tuple[Rung, Rung, str]] = []
        self.ladder = Ladder(lambda *told: self.told.append(told))
        self.at_us = 0

    def go(self, facts: Facts, seconds: float = 0.04) -> Rung:
        for _ in range(round(seconds * 1_000_000 / FRAME_US)):
            self.at_us += FRAME_US
            self.ladder.step(facts, self.at_us)
        return self.ladder.rung


def test_each_rung_covers_at_least_what_the_one_before_it_does() -> None:
    for upper, lower in zip(list(Rung), list(Rung)[1:], strict=False):
        a, b = MEASURES[upper], MEASURES[lower]
        assert b.margin_factor >= a.margin_factor >= 1
        assert b.patience_extra >= a.patience_extra >= 0
        assert b.threshold_factor <= a.threshold_factor <= 1
        assert b.figures >= a.figures
        assert b.whole >= a.whole
    assert MEASURES[Rung.NORMAL] == Measures()
    assert MEASURES[Rung.WHOLE].whole


@pytest.mark.parametrize(
    ("facts", "rung"),
    [
        (Facts(load=0.8), Rung.NORMAL),
        (Facts(backlog_us=-60_000_000), Rung.NORMAL),
        (Facts(load=0.9), Rung.SPARSE),
        (Facts(slow=True), Rung.SPARSE),
        (Facts(load=1.1), Rung.WIDE),
        (Facts(backlog_us=1_000_000), Rung.WIDE),
        (Facts(uncertain=True), Rung.WIDE),
        (Facts(load=1.5), Rung.FIGURES),
        (Facts(backlog_us=2_000_000), Rung.FIGURES),
        (Facts(doubtful_view=True), Rung.FIGURES),
        (Facts(backlog_us=3_000_000), Rung.WHOLE),
        (Facts(view="covered"), Rung.WHOLE),
        (Facts(failed="it raised"), Rung.WHOLE),
    ],
)
def test_a_fact_brings_it_down_at_once(facts: Facts, rung: Rung) -> None:
    run = _Run()
    assert run.go(facts) is rung
    assert (run.ladder.reason != "") == (rung is not Rung.NORMAL)


def test_when_load_rises_it_looks_further_apart_before_it_looks_less_carefully() -> None:
    run = _Run()
    run.go(Facts(load=0.9))
    sparse = run.ladder.measures
    assert sparse.look_distance_factor == 2
    assert sparse.threshold_factor == 1
    assert not sparse.figures
    run.go(Facts(load=1.5))
    assert run.ladder.measures.figures
    assert run.ladder.measures.look_distance_factor == 2


def test_doubt_is_no_reason_to_look_less_often() -> None:
    for facts in (Facts(uncertain=True), Facts(doubtful_view=True), Facts(failed="x")):
        run = _Run()
        run.go(facts)
        assert run.ladder.measures.look_distance_factor == 1
        run.go(CALM, 1)
        assert run.ladder.measures.look_distance_factor == 1


def test_it_comes_up_a_rung_after_each_calm_time() -> None:
    run = _Run()
    run.go(Facts(backlog_us=3_000_000))
    for rung in (Rung.WHOLE, Rung.FIGURES, Rung.WIDE, Rung.SPARSE):
        assert run.go(CALM, 2.8) is rung
        run.go(CALM, 0.2)
    assert run.ladder.rung is Rung.NORMAL
    assert run.ladder.reason == ""


def test_when_a_fault_is_over_the_picture_is_back_and_masks_stay_wide_for_a_while() -> None:
    run = _Run()
    run.go(Facts(failed="it raised"), 5)
    assert run.ladder.reason == "it raised"
    assert run.go(CALM) is Rung.WIDE
    assert run.go(CALM, 2.5) is Rung.WIDE
    assert run.go(CALM, 4) is Rung.NORMAL


def test_load_that_comes_and_goes_does_not_make_it_swing() -> None:
    run = _Run()
    for _ in range(60):
        run.go(Facts(load=0.9), 0.2)
        run.go(CALM, 5)
    assert len(run.told) < 30
    assert run.go(CALM, 120) is Rung.NORMAL


def test_the_worse_cause_counts_and_gives_the_reason() -> None:
    run = _Run()
    run.go(Facts(load=0.9, uncertain=True))
    assert (run.ladder.rung, run.ladder.reason) == (Rung.WIDE, UNCERTAIN)
    run.go(Facts(load=1.5, uncertain=True))
    assert (run.ladder.rung, run.ladder.reason) == (Rung.FIGURES, LOADED)
    run.go(Facts(load=1.5, failed="it raised"))
    assert (run.ladder.rung, run.ladder.reason) == (Rung.WHOLE, "it raised")


def test_each_change_is_told_once() -> None:
    run = _Run()
    run.go(CALM, 1)
    run.go(Facts(failed="it raised"), 1)
    run.go(CALM, 10)
    assert run.told == [
        (Rung.NORMAL, Rung.WHOLE, "it raised"),
        (Rung.WHOLE, Rung.WIDE, "it was worse a moment ago"),
        (Rung.WIDE, Rung.SPARSE, "it was worse a moment ago"),
        (Rung.SPARSE, Rung.NORMAL, ""),
    ]


@pytest.mark.parametrize("jump_us", [-3_600_000_000, 3_600_000_000])
def test_a_clock_that_jumps_brings_nothing_up_early(jump_us: int) -> None:
    run = _Run()
    run.go(Facts(backlog_us=3_000_000))
    run.at_us += jump_us
    assert run.go(CALM, 1) is Rung.WHOLE
    assert run.go(CALM, 15) is Rung.NORMAL
