"""One clip through Scrim, and what is to be seen in the output.

What is judged is the encoded output, decoded again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from bench.redaction import coverage, independent, stream
from bench.redaction.material import Box, Clip
from bench.redaction.subject import Pipeline

from scrim.redact import State
from scrim.redact.mask import FILL


def judged(clip: Clip) -> dict[str, Any]:
    """Samples and shares of ``clip``.

    Returns:
        ``samples``: for each counted face-frame track, frame, height, and the share of it
        that is covered in the output's pixels and by the list of masks; ``checked``: the
        same for boxes accepted by eye; sums over all frames for the rest.
    """
    info, packets = stream.packets(clip.path, clip.rate)
    pipeline = Pipeline(info)
    pipeline.take(packets)
    pipeline.finish()
    size = (clip.width, clip.height)
    out: dict[str, Any] = {
        "frames": 0, "blanked": 0, "masked share": 0.0, "true share": 0.0,
        "hits in": 0, "hits in, on faces": 0, "hits out": 0, "hits out, on faces": 0,
        "samples": [], "checked": [], "rungs": {},
    }  # fmt: skip
    both = zip(stream.pictures_in(clip.path), stream.pictures(pipeline.stream), strict=True)
    for number, (clear, shown) in enumerate(both):
        said = pipeline.shown[number]
        after = coverage.filled(stream.planes_of(shown), FILL)[: clip.height, : clip.width]
        before = coverage.filled(stream.planes_of(clear), FILL)
        listed = coverage.drawn(said.masks, size)
        if said.state is State.BLANKED:
            listed[:] = True
            out["blanked"] += 1
        faces = clip.faces[number]
        boxes = [face.box for face in faces]
        for face in faces:
            if face.counted:
                seen = coverage.covered(face.box, after, before)
                told = coverage.covered(face.box, listed, np.zeros_like(listed))
                row = (face.track, number, face.box[3], round(seen, 4), round(told, 4))
                out["samples"].append(row)
        out["checked"] += [
            round(coverage.covered(box, after, before), 4) for box in clip.checked.get(number, [])
        ]
        out["frames"] += 1
        out["masked share"] += float(listed.mean())
        out["true share"] += coverage.boxes_share(boxes, size)
        out["rungs"][str(said.rung)] = out["rungs"].get(str(said.rung), 0) + 1
        if number in clip.hits:
            found = independent.hits(np.ascontiguousarray(stream.planes_of(shown)[0]))
            _count(out, "in", clip.hits[number], boxes)
            _count(out, "out", found, boxes)
    return out


def _count(out: dict[str, Any], where: str, found: Sequence[Box], faces: Sequence[Box]) -> None:
    out[f"hits {where}"] += len(found)
    out[f"hits {where}, on faces"] += independent.on_faces(found, faces)
