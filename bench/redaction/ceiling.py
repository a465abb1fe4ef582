"""What the face network sees by itself: a ceiling for whatever looks with it.

- It looks at every frame, all of it, in its own size and enlarged to one and a half times
  that: some forty times what Scrim's looks cost.
- A face counts as seen where a box scores what begins a mask and overlaps the true one by
  0.3 (intersection over union).  That is kind: a mask may cover less than 85 % all the same.
- Flow that never fails is granted, too: a face that is seen up to some frames before or
  after counts as seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import av
import cv2
import numpy as np
from bench.redaction.leaks import Sample
from bench.redaction.material import Clip, Face

from scrim.redact import CenterFace, Detection, default_model
from scrim.redact.overlap import overlap_of

SCALES = (1.0, 1.5)
_THRESHOLD = 0.2
_SAME = 0.3
_MULTIPLE = 32


def seen(clip: Clip) -> list[tuple[int, int, float, list[bool]]]:
    """Counted face-frames: track, frame, height, and whether it is seen at each scale."""
    network = CenterFace(default_model(), threshold=_THRESHOLD)
    out = []
    with av.open(str(clip.path)) as film:
        for number, (frame, faces) in enumerate(
            zip(film.decode(video=0), clip.faces, strict=False)
        ):
            counted = [face for face in faces if face.counted]
            if not counted:
                continue
            found = [_found(network, frame, scale) for scale in SCALES]
            out += [
                (
                    face.track,
                    number,
                    face.box[3],
                    [any(_is_it(one, face) for one in boxes) for boxes in found],
                )
                for face in counted
            ]
    return out


def _found(network: CenterFace, frame: av.VideoFrame, scale: float) -> list[Detection]:
    """Boxes in pixels of the frame."""
    width, height = (round(s * scale / _MULTIPLE) * _MULTIPLE for s in (frame.width, frame.height))
    how = cv2.INTER_LINEAR if scale > 1 else cv2.INTER_AREA
    picture = frame.to_ndarray(format="bgr24")
    image = np.asarray(cv2.resize(picture, (width, height), interpolation=how), np.uint8)
    x, y = frame.width / width, frame.height / height
    return [
        replace(one, x=one.x * x, y=one.y * y, w=one.w * x, h=one.h * y)
        for one in network.detect(image)
    ]


def _is_it(one: Detection, face: Face) -> bool:
    return overlap_of(one, Detection(*face.box, score=1.0)) >= _SAME


def remembered(samples: Sequence[Sample], frames: int) -> list[Sample]:
    """The same, where a face that is seen up to so many frames away counts as seen.

    Args:
        samples: ``covered`` is 1 where a face is seen, and 0 where it is not.
        frames: of memory, before and after.
    """
    at = _seen_at(samples)
    return [
        replace(s, covered=float(any(abs(n - s.frame) <= frames for n in at[s.clip, s.track])))
        for s in samples
    ]


def _seen_at(samples: Iterable[Sample]) -> dict[tuple[str, int], list[int]]:
    out: dict[tuple[str, int], list[int]] = {}
    for s in samples:
        out.setdefault((s.clip, s.track), []).extend([s.frame] if s.covered else [])
    return out
