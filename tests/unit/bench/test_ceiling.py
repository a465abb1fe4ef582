"""The ceiling grants a memory, and no more than that."""

from __future__ import annotations

import pytest
from bench.redaction.ceiling import remembered
from bench.redaction.leaks import Sample


def track(seen: str, number: int = 0, clip: str = "clip") -> list[Sample]:
    return [Sample(clip, number, i, 30, float(c == "x")) for i, c in enumerate(seen)]


@pytest.mark.parametrize(
    ("frames", "expected"), [(0, "..x.....x."), (1, ".xxx...xxx"), (3, "xxxxxxxxxx")]
)
def test_what_is_seen_near_by_counts_as_seen(frames: int, expected: str) -> None:
    assert remembered(track("..x.....x."), frames) == track(expected)


def test_another_face_is_no_memory_of_this_one() -> None:
    samples = track("...") + track("xxx", 1) + track("xxx", 0, "other clip")
    assert remembered(samples, 9) == samples


def test_a_face_between_two_frames_that_are_missing_is_the_same_face() -> None:
    samples = [Sample("clip", 0, 0, 30, 1.0), Sample("clip", 0, 4, 30, 0.0)]
    assert [s.covered for s in remembered(samples, 4)] == [1.0, 1.0]
    assert [s.covered for s in remembered(samples, 3)] == [1.0, 0.0]
