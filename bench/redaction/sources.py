"""The shared clips: which there are, which may be tuned on, and their pictures."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from bench.redaction.material import APART, TUNING, Box, Picture, folder

_REPOSITORY = Path(__file__).resolve().parents[2]
_CLIPS = _REPOSITORY.parent / "shared" / "clips"
_STREET = Path("/usr/share/doc/opencv-doc/examples/data/vtest.avi")

GROUPS = {
    "face-demographics-walking.gif": TUNING,
    "head-pose-face-detection-female-and-male.gif": TUNING,
    "again.mkv": TUNING,
    "head-pose-face-detection-male.gif": APART,
    "yes.mkv": APART,
    "one-by-one-person-detection.mp4": APART,
    "worker-zone-detection.gif": APART,
    "car-detection.mp4": APART,
}
"""What may be tuned on and what is kept apart, and with each all that is made from it."""

WITHOUT_FACES = {
    "one-by-one-person-detection.mp4": 160,
    "worker-zone-detection.gif": 0,
    "car-detection.mp4": 0,
}
"""Looked at by eye: no face is large enough to be one.  With each the frame to begin at."""

RATES = {
    "face-demographics-walking.gif": 12.0,
    "head-pose-face-detection-female-and-male.gif": 12.0,
    "head-pose-face-detection-male.gif": 12.0,
    "worker-zone-detection.gif": 15.0,
    "again.mkv": 30.0,
    "yes.mkv": 30.0,
    "one-by-one-person-detection.mp4": 10.0,
    "car-detection.mp4": 12.5,
}


def there() -> list[str]:
    """Clips that are on this machine."""
    return [clip for clip in GROUPS if (_CLIPS / clip).exists()]


def pictures(clip: str) -> Iterator[Picture]:
    """All pictures of a shared clip, BGR."""
    return _decoded(_CLIPS / clip)


def there_and_back(length: int) -> Iterator[int]:
    """0, 1, ..., length - 1, length - 2, ..., 0, 1, ... without an end."""
    while True:
        yield from range(length)
        yield from range(length - 2, 0, -1)


def checked(clip: str) -> dict[int, list[Box]]:
    """Boxes accepted by eye, by frame number."""
    path = _CLIPS / "faces.json"
    if not path.exists():
        return {}
    known: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8")).get(clip, [])
    return {f["frame"]: [tuple(b) for b in f["faces"] + f["hard"]] for f in known}


def street_from_above() -> Iterator[Picture] | None:
    """Debian's ``vtest.avi``, where its package ``opencv-doc`` is installed."""
    if _STREET.exists():
        return _decoded(_STREET)
    packed = _STREET.with_name(_STREET.name + ".gz")
    if not packed.exists():
        return None
    unpacked = folder() / _STREET.name
    if not unpacked.exists():
        unpacked.write_bytes(gzip.decompress(packed.read_bytes()))
    return _decoded(unpacked)


def _decoded(path: Path) -> Iterator[Picture]:
    import av

    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            yield np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)
