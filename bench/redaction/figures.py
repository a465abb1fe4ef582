"""From what the children answered to figures with limits.

Limits are judged on what is kept apart, and on nothing that was tuned on.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from bench.redaction import catalogue, deface, leaks
from bench.redaction.leaks import Sample
from bench.redaction.material import APART, GROUPS, Recipe

MOST_UNDER_85 = 0.001
MOST_TRACKS_EXPOSED = 0.01
MOST_HITS = 0.005
MOST_MASKED = 2.0
LEAST_RATIO = {"720p": 0.90, "1080p": 0.85}
LEAST_RATIO_EMPTY = 2.0
LEAST_TIMES_DEFACE = 25.0

Answers = Mapping[str, Any]


def samples(recipe: Recipe, answer: Answers, *, listed: bool = False) -> list[Sample]:
    """Counted face-frames of a clip, as seen in the pixels or (``listed``) by its masks."""
    return [
        Sample(recipe.name, track, frame, height, told if listed else seen, tuple(cases))
        for track, frame, height, seen, told, cases in answer["samples"]
    ]


def of_group(group: str, recipes: Sequence[Recipe], answers: Mapping[str, Answers]) -> Answers:
    """Leaks, masked share and independent hits of all clips of a group."""
    chosen = [recipe for recipe in recipes if recipe.group == group]
    with_faces = [answers[r.name] for r in chosen if r.kind != "no faces"]
    masked, true = (sum(a[key] for a in with_faces) for key in ("masked share", "true share"))
    seen = [s for r in chosen for s in samples(r, answers[r.name])]
    told = [s for r in chosen for s in samples(r, answers[r.name], listed=True)]
    checked = [share for a in with_faces for share in a["checked"]]
    return {
        "clips": [recipe.name for recipe in chosen],
        "leaks": leaks.summary(seen),
        "leaks by case": leaks.by_case(seen),
        "leaks by the list of masks": leaks.summary(told),
        "masked share over true share": round(masked / true, 3) if true else None,
        "blanked frames": sum(answers[r.name]["blanked"] for r in chosen),
        "frames": sum(answers[r.name]["frames"] for r in chosen),
        "checked by eye": {
            "faces": len(checked),
            "under 50 %": sum(share < leaks.HALF for share in checked),
            "under 85 %": sum(share < leaks.MOST for share in checked),
        },
        "independent hits": {
            key: sum(answers[r.name][f"hits {key}"] for r in chosen)
            for key in ("in", "in, on faces", "out", "out, on faces")
        },
    }


def of_clip(recipe: Recipe, answer: Answers) -> Answers:
    """One line about one clip."""
    counts = leaks.summary(samples(recipe, answer))["20+"]
    frames = max(answer["frames"], 1)
    return {
        "group": recipe.group,
        "kind": recipe.kind,
        "frames": answer["frames"],
        "blanked": answer["blanked"],
        "rungs": answer["rungs"],
        "20+": counts,
        "masked share": round(answer["masked share"] / frames, 5),
        "true share": round(answer["true share"] / frames, 5),
        "hits in": answer["hits in, on faces"],
        "hits out": answer["hits out, on faces"],
    }


def of_speed(answer: Answers) -> Answers:
    """Ratios and frames a processor second on one clip."""
    seconds, frames = answer["seconds"], answer["frames"]
    rates = {side: round(frames / min(spent), 1) for side, spent in seconds.items()}
    against = {
        peer: [p / s for p, s in zip(seconds[peer], seconds["scrim"], strict=True)]
        for peer in ("plain", "bare")
    }
    return {
        "frames": frames,
        "frames a second": rates,
        "against plain": _spread(against["plain"]),
        "against bare": _spread(against["bare"]),
        "bytes": answer["bytes"],
        "quality outside the masks": answer["quality"],
    }


def beside_deface(
    recipes: Sequence[Recipe], answers: Mapping[str, Answers], theirs: Mapping[str, Answers]
) -> Answers:
    """Scrim and ``deface`` on the same frames, clip by clip and, of several, together."""
    frames = set(deface.stretch())
    clips: dict[str, Answers] = {}
    mine: list[Sample] = []
    others: list[Sample] = []
    for recipe in recipes:
        them = theirs[recipe.name]
        ours = [s for s in samples(recipe, answers[recipe.name]) if s.frame in frames]
        other = [Sample(recipe.name, t, f, h, c) for t, f, h, c in them["samples"]]
        clips[catalogue.title(recipe.name)] = {
            "frames": them["frames"],
            "scrim": leaks.summary(ours),
            "deface": leaks.summary(other),
            "deface, masked share over true share": round(
                them["masked share"] / max(them["true share"], 1e-9), 3
            ),
        }
        mine, others = mine + ours, others + other
    if len(recipes) > 1:
        clips["together"] = {"scrim": leaks.summary(mine), "deface": leaks.summary(others)}
    return clips


def limits(groups: Answers, speed: Answers, times: Mapping[str, float]) -> dict[str, Any]:
    """What was promised, and what came out."""
    out: dict[str, Any] = {}
    apart = groups[APART]
    counts = apart["leaks"]["20+"]
    if counts["face-frames"]:
        out["face-frames under 85 %"] = _most(counts["under 85 %, share"], MOST_UNDER_85)
        out["tracks under 85 % in any frame"] = _most(
            counts["tracks under 85 %, share"], MOST_TRACKS_EXPOSED
        )
        hits = apart["independent hits"]
        share = round(hits["out, on faces"] / max(hits["in, on faces"], 1), 4)
        out["independent hits on faces, output over input"] = _most(share, MOST_HITS)
        ratio = apart["masked share over true share"]
        out["masked share over true share"] = _most(ratio, MOST_MASKED)
    for name, figure in speed.items():
        size = name.rpartition(" ")[2]
        least = LEAST_RATIO_EMPTY if name.startswith("empty") else LEAST_RATIO[size]
        out[f"speed over plain transcode, {name}"] = {
            **figure["against plain"],
            "limit": least,
            "better": "higher",
        }
    for name, value in times.items():
        out[f"times deface, {name}"] = {
            "value": round(value, 1),
            "limit": LEAST_TIMES_DEFACE,
            "better": "higher",
        }
    return out


def groups_of(recipes: Sequence[Recipe], answers: Mapping[str, Answers]) -> dict[str, Answers]:
    """:func:`of_group` for each group."""
    return {group: of_group(group, recipes, answers) for group in GROUPS}


def _most(value: float, limit: float) -> dict[str, Any]:
    return {"value": value, "limit": limit, "better": "lower"}


def _spread(values: Sequence[float]) -> dict[str, float]:
    out = {"value": round(statistics.median(values), 3)}
    if len(values) > 1:
        out |= {"low": round(min(values), 3), "high": round(max(values), 3)}
    return out
