import pytest
from bench.redaction.leaks import Sample, appearances, bucket, longest_run, summary


def _track(
    shares: list[float], *, track: int = 0, height: float = 30, first: int = 0
) -> list[Sample]:
    return [Sample("clip", track, first + i, height, share) for i, share in enumerate(shares)]


@pytest.mark.parametrize(
    ("height", "name"),
    [(200, "80+"), (80, "80+"), (79.9, "40-80"), (40, "40-80"), (39.9, "20-40"), (20, "20-40"),
     (19.9, "16-20"), (16, "16-20"), (15.9, None)],
)  # fmt: skip
def test_buckets_begin_at_their_lower_height(height: float, name: str | None) -> None:
    assert bucket(height) == name


def test_a_share_of_exactly_the_limit_is_no_leak() -> None:
    counts = summary(_track([0.5, 0.85, 0.849, 0.499]))["20-40"]
    assert (counts["under 50 %"], counts["under 85 %"], counts["face-frames"]) == (1, 3, 4)
    assert counts["under 85 %, share"] == 0.75


def test_a_track_is_exposed_by_one_frame() -> None:
    samples = _track([1.0] * 50 + [0.8]) + _track([1.0] * 51, track=1)
    counts = summary(samples)["20-40"]
    assert (counts["tracks"], counts["tracks under 85 %"], counts["tracks under 50 %"]) == (2, 1, 0)


def test_coming_back_is_another_appearance() -> None:
    samples = _track([1.0, 1.0]) + _track([0.0], first=5) + _track([1.0], track=1, first=6)
    assert [len(a) for a in appearances(samples)] == [2, 1, 1]


def test_tracks_of_two_clips_stay_apart() -> None:
    samples = [Sample("a", 0, 0, 30, 1.0), Sample("b", 0, 1, 30, 1.0)]
    assert len(appearances(samples)) == 2


def test_the_order_of_samples_does_not_matter() -> None:
    samples = _track([1.0, 0.2, 0.2, 1.0, 0.1])
    assert summary(samples[::-1]) == summary(samples)


def test_the_longest_clear_run_is_the_longest_without_a_break() -> None:
    assert longest_run(_track([0.0, 1.0, 0.4, 0.1, 0.3, 0.6, 0.2])) == 3
    assert longest_run(_track([1.0, 0.6])) == 0


def test_faces_too_small_for_a_promise_are_in_no_sum() -> None:
    samples = _track([0.0], height=12) + _track([0.0], height=17, track=1)
    counts = summary(samples)
    assert counts["20+"]["face-frames"] == 0
    assert counts["20+"]["under 85 %, bound"] == 1.0
    assert counts["16-20"]["under 85 %"] == 1


def test_twenty_pixels_and_more_is_the_sum_of_its_buckets() -> None:
    samples = [s for i, h in enumerate((25, 60, 100)) for s in _track([0.1, 1], track=i, height=h)]
    counts = summary(samples)
    for key in ("face-frames", "under 85 %", "tracks", "tracks under 85 %"):
        assert counts["20+"][key] == sum(counts[b][key] for b in ("20-40", "40-80", "80+"))


def test_a_face_that_grows_is_one_track_of_its_median_height() -> None:
    samples = [Sample("clip", 0, i, h, 1.0) for i, h in enumerate((38, 42, 44))]
    counts = summary(samples)
    assert (counts["20-40"]["face-frames"], counts["20-40"]["tracks"]) == (1, 0)
    assert (counts["40-80"]["face-frames"], counts["40-80"]["tracks"]) == (2, 1)
