"""Leaks in numbers: face-frames, tracks and buckets by face height.

Rules:

- A face-frame leaks where less than 85 % of the true box is covered; where less than half
  is, the face is in the clear.
- A track is one unbroken appearance of a face; it is exposed where any frame of it leaks.
- Faces under 16 pixels are in no bucket: nothing is promised about them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from bench.redaction.bounds import upper

HALF, MOST = 0.50, 0.85
BUCKETS = (("80+", 80.0), ("40-80", 40.0), ("20-40", 20.0), ("16-20", 16.0))
PROMISED = ("80+", "40-80", "20-40")
"""The buckets the figures of the project's promise are about."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One counted face in one frame of one clip.

    Attributes:
        clip, track, frame: where it is.
        height: of the true box, pixels of the source picture.
        covered: share of the true box, 0 to 1.
    """

    clip: str
    track: int
    frame: int
    height: float
    covered: float


def bucket(height: float) -> str | None:
    """Which bucket a face of that height belongs to; None for the smallest."""
    return next((name for name, least in BUCKETS if height >= least), None)


def appearances(samples: Iterable[Sample]) -> list[list[Sample]]:
    """Samples by track, split where a track is not to be seen for a while."""
    out: list[list[Sample]] = []
    for sample in sorted(samples, key=lambda s: (s.clip, s.track, s.frame)):
        last = out[-1][-1] if out else None
        same = last is not None and (last.clip, last.track) == (sample.clip, sample.track)
        if same and last is not None and sample.frame == last.frame + 1:
            out[-1].append(sample)
        else:
            out.append([sample])
    return out


def longest_run(appearance: Sequence[Sample], least: float = HALF) -> int:
    """Most frames in a row in which less than ``least`` is covered."""
    longest = run = 0
    for sample in appearance:
        run = run + 1 if sample.covered < least else 0
        longest = max(longest, run)
    return longest


def summary(samples: Sequence[Sample]) -> dict[str, Any]:
    """Counts, shares and bounds for faces of each height, and for 20 pixels and higher.

    An appearance belongs to the bucket of its median height.
    """
    tracks = appearances(samples)
    out: dict[str, Any] = {}
    for name in [name for name, _ in BUCKETS] + ["20+"]:
        wanted = PROMISED if name == "20+" else (name,)
        chosen = [s for s in samples if bucket(s.height) in wanted]
        seen = [t for t in tracks if bucket(float(np.median([s.height for s in t]))) in wanted]
        out[name] = _counts(chosen, seen)
    return out


def _counts(samples: Sequence[Sample], tracks: Sequence[Sequence[Sample]]) -> dict[str, Any]:
    frames = len(samples)
    half, most = (sum(s.covered < least for s in samples) for least in (HALF, MOST))
    bare, exposed = (
        sum(any(s.covered < least for s in track) for track in tracks) for least in (HALF, MOST)
    )
    return {
        "face-frames": frames,
        "under 50 %": half,
        "under 50 %, share": _share(half, frames),
        "under 50 %, bound": round(upper(half, frames), 5),
        "under 85 %": most,
        "under 85 %, share": _share(most, frames),
        "under 85 %, bound": round(upper(most, frames), 5),
        "tracks": len(tracks),
        "tracks under 50 %": bare,
        "tracks under 85 %": exposed,
        "tracks under 85 %, share": _share(exposed, len(tracks)),
        "tracks under 85 %, bound": round(upper(exposed, len(tracks)), 5),
        "longest clear run, frames": max((longest_run(t) for t in tracks), default=0),
    }


def _share(part: int, whole: int) -> float:
    return round(part / whole, 5) if whole else 0.0
