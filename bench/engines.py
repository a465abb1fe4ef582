"""Engines for the face network and encoders: what each costs here, and whether masks stay.

Every engine this installation has is timed in turns with onnxruntime in float32, the
reference, in the same process, so that the ratio means something on a busy machine;
processor time, one thread.  Boxes are compared as the choice at start compares them.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

_REPOSITORY = Path(__file__).resolve().parents[1]
_SIZES = ((640, 352), (960, 544), (1216, 672))
_ROUNDS = 9
_TOGETHER = (1, 2, 4)
_CLIPS = _REPOSITORY.parent / "shared" / "clips"
_HEIGHTS = (8, 10, 12, 14, 16, 20, 28)  # of faces in the network's input, pixels


def run() -> dict[str, Any]:
    out = subprocess.run(
        [sys.executable, __file__, "--child"], check=True, capture_output=True, cwd=_REPOSITORY
    )
    figures: dict[str, Any] = json.loads(out.stdout)
    print(json.dumps(figures, indent=1), flush=True)
    return figures


def _measured() -> dict[str, Any]:
    import os

    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    import av.logging
    import cv2

    from scrim.record.encoder_choice import try_encoders
    from scrim.record.engines import Engines, facts
    from scrim.record.hardware import HARDWARE, opener
    from scrim.redact.engine import Kind
    from scrim.settings import Encoding, Settings

    cv2.setNumThreads(1)
    av.logging.set_level(av.logging.PANIC)
    with tempfile.TemporaryDirectory() as folder:
        engines = Engines(Path(folder), Settings(), lambda _line: None)
        if Kind.OPENVINO in engines.kinds():  # the extra that also quantises
            engines.quantise([], "drawn street")
        running = {kind: engines.build(kind) for kind in engines.kinds()}
        trials = engines.measure()
    encoders = try_encoders(Encoding(), {name: opener(name) for name in HARDWARE})
    return {
        "a look": {f"{w}x{h}": _times(running, w, h) for w, h in _SIZES},
        "pictures in one call": {kind: _together(running[kind]) for kind in running},
        "masks": {trial.kind: facts(trial) for trial in trials},
        "checked faces found": _recall(running),
        "encoders": {trial.name: trial.refused or "opens" for trial in encoders},
    }


def _times(running: Any, width: int, height: int) -> dict[str, Any]:
    taken = _in_turns({kind: (engine, _blob(1, width, height)) for kind, engine in running.items()})
    reference = taken["onnxruntime"]
    return {
        kind: {"ms": round(ms, 1), "of onnxruntime": round(ms / reference, 2)}
        for kind, ms in taken.items()
    }


def _together(engine: Any) -> dict[str, float]:
    """Milliseconds a picture, by how many go into one call."""
    calls = {str(n): (engine, _blob(n, 640, 352)) for n in _TOGETHER}
    return {n: round(ms / int(n), 1) for n, ms in _in_turns(calls).items()}


def _recall(running: Any) -> dict[str, Any]:
    """Checked faces found at threshold 0.2, of clips shrunk until their faces are that high."""
    from scrim.redact import CenterFace, default_model

    if not (_CLIPS / "faces.json").exists():
        return {"left out": "needs clips with checked faces"}
    pictures = list(_checked())
    detectors = {
        kind: CenterFace(default_model(), threshold=0.2, engine=engine)
        for kind, engine in running.items()
    }
    out: dict[str, Any] = {}
    for height in _HEIGHTS:
        looks = [_shrunk(picture, faces, height) for picture, faces in pictures]
        found = {
            kind: sum(_hits(detector.detect(image), faces) for image, faces in looks)
            for kind, detector in detectors.items()
        }
        out[f"{height} pixels"] = {"faces": sum(len(faces) for _, faces in looks), **found}
    return out


def _checked() -> Any:
    """Pictures in which every face is known, and the faces: x, y, w, h."""
    import av

    known = json.loads((_CLIPS / "faces.json").read_text(encoding="utf-8"))
    for clip, frames in known.items():
        faces = {one["frame"]: one["faces"] for one in frames if one["faces"]}
        if faces:
            with av.open(str(_CLIPS / clip)) as container:
                for index, picture in enumerate(container.decode(video=0)):
                    if index in faces:
                        yield picture.to_ndarray(format="bgr24"), faces[index]


def _shrunk(picture: Any, faces: Any, height: int) -> Any:
    """The picture with faces of about that height, in grey to a size the network takes."""
    import cv2
    import numpy as np

    scale = height / statistics.median(face[3] for face in faces)
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    sides = [-(-side // 32) * 32 for side in small.shape[:2]]
    image = np.full((*sides, 3), 110, np.uint8)
    image[: small.shape[0], : small.shape[1]] = small
    return image, [[number * scale for number in face] for face in faces]


def _hits(found: Any, faces: Any) -> int:
    """How many of ``faces`` have their centre in a box that is found."""
    return sum(
        any(f.x <= x + w / 2 <= f.x + f.w and f.y <= y + h / 2 <= f.y + f.h for f in found)
        for x, y, w, h in faces
    )


def _in_turns(calls: dict[str, tuple[Any, Any]]) -> dict[str, float]:
    taken: dict[str, list[float]] = {name: [] for name in calls}
    for number in range(_ROUNDS + 1):
        for name, (engine, blob) in calls.items():
            began = time.process_time()
            engine.run(blob)
            if number:  # the first call allocates
                taken[name].append(time.process_time() - began)
    return {name: statistics.median(times) * 1000 for name, times in taken.items()}


def _blob(count: int, width: int, height: int) -> Any:
    import numpy as np

    random = np.random.default_rng(0)
    return random.integers(0, 256, (count, 3, height, width)).astype(np.float32)


if __name__ == "__main__":
    print(json.dumps(_measured() if sys.argv[1:] == ["--child"] else run(), indent=1))
