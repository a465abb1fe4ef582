"""What the face network sees in every frame, at two scales: a ceiling for looks with it.

On the clips of the leak bench, most of them crowds (``bench/redaction``; the same
``SCRIM_BENCH_QUICK`` and ``SCRIM_BENCH_CACHE``).  Takes a second a frame.
"""

from __future__ import annotations

from typing import Any

_MEMORY = (0, 3, 10)  # frames


def run() -> dict[str, Any]:
    """Measure; see :mod:`bench`."""
    from bench.redaction import catalogue, material, prepare
    from bench.redaction.ceiling import SCALES
    from bench.redaction.children import ask_all

    prepare()
    recipes = [recipe for recipe in catalogue.leak_recipes() if recipe.kind != "no faces"]
    answers = ask_all("ceiling", [recipe.name for recipe in recipes])
    out: dict[str, Any] = {"mode": "quick" if catalogue.quick() else "full"}
    for group in material.GROUPS:
        of_it = [
            (recipe.name, row)
            for recipe, rows in zip(recipes, answers, strict=True)
            if recipe.group == group
            for row in rows
        ]
        if of_it:
            out[group] = {
                " and ".join(map(str, SCALES[:many])): _open(of_it, many)
                for many in range(1, len(SCALES) + 1)
            }
    return out


def _open(rows: list[Any], scales: int) -> dict[str, Any]:
    """Faces of 20 pixels and more that are seen at none of the first ``scales`` scales."""
    from bench.redaction import leaks
    from bench.redaction.ceiling import remembered
    from bench.redaction.leaks import Sample

    samples = [
        Sample(clip, track, frame, height, float(any(seen[:scales])))
        for clip, (track, frame, height, seen) in rows
    ]
    out = {}
    for frames in _MEMORY:
        counts = leaks.summary(remembered(samples, frames))["20+"]
        out[f"seen within {frames} frames"] = {
            "face-frames": counts["face-frames"],
            "not seen": counts["under 85 %"],
            "tracks": counts["tracks"],
            "not seen in some frame": counts["tracks under 85 %"],
        }
    return out
