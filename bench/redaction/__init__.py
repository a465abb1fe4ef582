"""Faces left open, pictures masked for nothing, and speed against a plain transcode.

What is measured, on what and how is said at the top of each module here; read
``material``, ``catalogue``, ``judge`` and ``leaks`` first.  ``SCRIM_BENCH_QUICK=1`` takes
a few clips, short; ``SCRIM_BENCH_CACHE`` says where clips are kept once they are made
(making them takes some minutes more); ``DEFACE`` names the ``deface`` command of another
environment; ``SCRIM_BENCH_PARTS=leaks`` or ``speed`` measures that part alone:
``redaction.json`` holds that part then, and ``REDACTION.md`` and the plots stay as they are.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

_RESULTS = Path(__file__).resolve().parents[1] / "results"
_PARTS = ("leaks", "speed")


def run() -> dict[str, Any]:
    """Measure everything; see :mod:`bench`."""
    from bench.machine import describe
    from bench.redaction import catalogue, figures, report

    asked = os.environ.get("SCRIM_BENCH_PARTS", "").split() or list(_PARTS)
    only = [] if set(asked) == set(_PARTS) else [f"({' '.join(asked)} only)"]
    prepare()
    recipes = catalogue.leak_recipes() if "leaks" in asked else []
    answers = _asked("leaks", [recipe.name for recipe in recipes])
    speed = _speed() if "speed" in asked else {}
    beside, times = _deface(recipes, answers, speed)
    groups = figures.groups_of(recipes, answers)
    out: dict[str, Any] = {
        "mode": " ".join(["quick" if catalogue.quick() else "full", *only]),
        "limits": figures.limits(groups, speed, times),
        "details": {
            "groups": groups,
            "clips": {
                catalogue.title(r.name): figures.of_clip(r, answers[r.name]) for r in recipes
            },
            "deface": beside,
            "speed": speed,
        },
    }
    if not only:
        _RESULTS.mkdir(exist_ok=True)
        page = report.markdown(out, describe())
        (_RESULTS / "REDACTION.md").write_text(page, encoding="utf-8")
        for name, svg in report.charts(out).items():
            (_RESULTS / name).write_text(svg, encoding="utf-8")
    return out


def prepare() -> None:
    """Make what has not been made yet."""
    from bench.redaction import catalogue, material, sources

    _asked("truth", [c for c in sources.there() if c not in sources.WITHOUT_FACES])
    _asked("make", [name for name in catalogue.recipes() if not material.exists(name)])


def _speed() -> dict[str, Any]:
    """Each clip alone: nothing else of the bench runs meanwhile."""
    from bench.redaction import catalogue, figures
    from bench.redaction.children import ask, cores

    return {
        catalogue.title(r.name): figures.of_speed(ask("speed", r.name, cores()[-1]))
        for r in catalogue.speed_recipes()
    }


def _deface(
    recipes: list[Any], answers: dict[str, Any], speed: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, float]]:
    """Its leaks beside Scrim's, its seconds a frame by size, and how many times faster Scrim is."""
    from bench.redaction import catalogue, deface, figures
    from bench.redaction.children import ask, cores

    if deface.command() is None:
        return {"left out": "set DEFACE to the deface command of another environment"}, {}
    chosen = [r for r in recipes if r.name in deface.clips(recipes)]
    theirs = _asked("deface", [recipe.name for recipe in chosen])
    clips = figures.beside_deface(chosen, answers, theirs)
    seconds = {
        size: ask("deface speed", catalogue.speed_name("crowd moving", size), cores()[-1])
        for size in (catalogue.SIZES if speed else ())
    }
    times = {
        title: figure["frames a second"]["scrim"] * seconds[title.rpartition(" ")[2]]
        for title, figure in speed.items()
    }
    return {"clips": clips, "seconds a frame": seconds}, times


def _asked(what: str, names: list[str]) -> dict[str, Any]:
    from bench.redaction.children import ask_all

    return dict(zip(names, ask_all(what, names), strict=True))
