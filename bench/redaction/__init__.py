"""Faces left open, pictures masked for nothing, and speed against a plain transcode.

What is measured, on what and how is said at the top of each module here; read
``material``, ``catalogue``, ``judge`` and ``leaks`` first.  ``SCRIM_BENCH_QUICK=1`` takes
a few clips, short; ``SCRIM_BENCH_CACHE`` says where clips are kept once they are made;
``DEFACE`` names the ``deface`` command of another environment.
"""

from __future__ import annotations

from typing import Any


def run() -> dict[str, Any]:
    """Measure everything; see :mod:`bench`."""
    from bench.redaction import catalogue, leaks, material, sources
    from bench.redaction.children import ask_all

    ask_all("truth", [c for c in sources.there() if c not in sources.WITHOUT_FACES])
    wanted = catalogue.recipes()
    ask_all("make", [name for name in wanted if not material.exists(name)])
    recipes = catalogue.leak_recipes()
    answers = ask_all("leaks", [recipe.name for recipe in recipes])
    out: dict[str, Any] = {}
    for group in material.GROUPS:
        samples = [
            leaks.Sample(recipe.name, track, frame, height, seen)
            for recipe, answer in zip(recipes, answers, strict=True)
            if recipe.group == group
            for track, frame, height, seen, _ in answer["samples"]
        ]
        out[group] = leaks.summary(samples)
    return out
