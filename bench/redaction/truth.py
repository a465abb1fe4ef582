"""Where the faces are in every frame of a shared clip.

Only a few frames were checked by eye, so for all the others the truth is made: CenterFace
at a score of 0.4 on each frame enlarged to about 960 pixels across, linked over frames by
overlap, short holes filled in between.  That is the network Scrim itself uses, so this
truth favours it: what it cannot see at a large size is missing.  But here it is shown
faces several times larger, in every frame, than where it has to find them; what is pasted
small into a crowd keeps its exact place.  Frames checked by eye are counted a second time.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from bench.redaction import sources
from bench.redaction.material import Box, Face, folder

_ACROSS = 960
_SCORE = 0.4
_SAME = 0.3  # overlap by which a face in the next frame is the same track
_HOLE = 8  # frames at most that are filled in between
_SHORTEST = 6  # frames; what is seen for less is taken for a false find


def faces_of(clip: str) -> list[list[Face]]:
    """For each frame its faces; made once."""
    known = folder() / f"truth-{clip}.json"
    if not known.exists():
        found = [] if clip in sources.WITHOUT_FACES else _found(clip)
        known.write_text(json.dumps(found), encoding="utf-8")
    frames: list[list[Box]] = json.loads(known.read_text(encoding="utf-8"))
    if not frames:
        return [[] for _ in sources.pictures(clip)]
    return linked([[(b[0], b[1], b[2], b[3]) for b in boxes] for boxes in frames])


def linked(frames: Sequence[Sequence[Box]]) -> list[list[Face]]:
    """Boxes joined into tracks, with short holes filled and short tracks dropped."""
    tracks: list[_Track] = []
    for number, boxes in enumerate(frames):
        alive = [t for t in tracks if number - t.last <= _HOLE + 1]
        pairs = sorted(
            ((overlap(t.boxes[t.last], box), i, n) for i, t in enumerate(alive)
             for n, box in enumerate(boxes)),
            reverse=True,
        )  # fmt: skip
        taken: set[int] = set()
        for share, i, n in pairs:
            if share >= _SAME and alive[i].last < number and n not in taken:
                alive[i].add(number, boxes[n])
                taken.add(n)
        tracks += [_Track(number, {number: b}) for n, b in enumerate(boxes) if n not in taken]
    out: list[list[Face]] = [[] for _ in frames]
    kept = [t for t in tracks if len(t.boxes) >= _SHORTEST]
    for number, track in enumerate(kept):
        for frame, box in track.boxes.items():
            out[frame].append(Face(number, box))
    return out


def overlap(a: Box, b: Box) -> float:
    """Intersection over union."""
    across = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    down = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    shared = max(across, 0.0) * max(down, 0.0)
    return shared / max(a[2] * a[3] + b[2] * b[3] - shared, 1e-9)


@dataclass
class _Track:
    last: int
    boxes: dict[int, Box] = field(default_factory=dict)

    def add(self, frame: int, box: Box) -> None:
        before = self.boxes[self.last]
        for hole in range(self.last + 1, frame):
            part = (hole - self.last) / (frame - self.last)
            x, y, w, h = (a + (b - a) * part for a, b in zip(before, box, strict=True))
            self.boxes[hole] = (x, y, w, h)
        self.boxes[frame] = box
        self.last = frame


def _found(clip: str) -> list[list[Box]]:
    import cv2
    import numpy as np

    from scrim.redact import CenterFace, default_model

    detector = CenterFace(default_model(), threshold=_SCORE)
    out: list[list[Box]] = []
    for picture in sources.pictures(clip):
        height, width = picture.shape[:2]
        size = [round(side * _ACROSS / width / 32) * 32 for side in (width, height)]
        large = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_CUBIC), np.uint8)
        x, y = width / size[0], height / size[1]
        out.append([(d.x * x, d.y * y, d.w * x, d.h * y) for d in detector.detect(large)])
    return out
