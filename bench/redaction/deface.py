"""``deface`` at its defaults, for comparison: its boxes and its speed.

Rules:

- It lives in an environment of its own (``DEFACE`` names its command), is asked as a
  program, and is left out where it is not.
- It takes a second or two for a frame, so its leaks are counted on a short stretch, and
  Scrim's on the same frames beside it; on all of the clips that are kept apart with
  ``SCRIM_BENCH_DEFACE=all``, which takes some minutes more.
- It blurs, and a blur cannot be measured in the pixels.  Its own code is asked for its
  boxes (threshold 0.2, scaled by 1.3), and the ellipse in each counts as covered: that is
  kinder to it than to Scrim, whose decoded pixels are looked at.
- It looks at every frame full size, so its time depends on the size of the picture and
  hardly on what is in it; it is measured once for each size, start-up left out, and not in
  turns with Scrim.  Processor time counts, its threads that wait for work by spinning
  included.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
from bench.redaction import catalogue, coverage
from bench.redaction.material import APART, Clip, Recipe

_FEW, _MORE_QUICK, _MORE_FULL = 2, 7, 17  # frames: the difference of two runs is measured
_FIRST = 10
_STRETCH_QUICK, _STRETCH_FULL = 12, 40
_LONGEST = 100_000
_BOXES = """
import json, sys
import cv2
from deface.centerface import CenterFace
from deface.deface import scale_bb
network, video = CenterFace(), cv2.VideoCapture(sys.argv[1])
first, last = int(sys.argv[2]), int(sys.argv[3])
out = []
for number in range(last):
    there, picture = video.read()
    if not there:
        break
    if number >= first:
        found, _ = network(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), threshold=0.2)
        boxes = [scale_bb(*box[:4].astype(int), 1.3) for box in found]
        out.append([[int(n) for n in box] for box in boxes])
print(json.dumps(out))
"""


def command() -> str | None:
    """The ``deface`` to run, or None."""
    return os.environ.get("DEFACE") or None


def clips(recipes: Sequence[Recipe]) -> list[str]:
    """Names of those that it is judged on."""
    if not _everything():
        return catalogue.beside_deface()
    return [r.name for r in recipes if r.group == APART and r.kind != "no faces"]


def stretch() -> range:
    """Which frames of a clip it is judged on, those beyond its end left out."""
    if _everything():
        return range(_LONGEST)
    return range(_FIRST, _FIRST + (_STRETCH_QUICK if catalogue.quick() else _STRETCH_FULL))


def _everything() -> bool:
    return os.environ.get("SCRIM_BENCH_DEFACE", "") == "all"


@dataclass(frozen=True, slots=True)
class _Ellipse:
    x: int
    y: int
    w: int
    h: int
    oval: bool = True


def judged(clip: Clip) -> dict[str, Any]:
    """Counted face-frames of the stretch: track, frame, height, covered; frames; and shares.

    Raises:
        RuntimeError: its interpreter could not be asked for the boxes.
    """
    deface = command()
    assert deface is not None
    frames = stretch()
    out: dict[str, Any] = {"samples": [], "frames": 0, "masked share": 0.0, "true share": 0.0}
    size = (clip.width, clip.height)
    for number, boxes in zip(frames, _boxes(Path(deface), clip.path, frames), strict=False):
        ovals = [_Ellipse(a, b, c - a, d - b) for a, b, c, d in boxes]
        covered = coverage.drawn(ovals, size)
        nothing = np.zeros_like(covered)
        for face in clip.faces[number]:
            if face.counted:
                share = coverage.covered(face.box, covered, nothing)
                out["samples"].append((face.track, number, face.box[3], round(share, 4)))
        out["frames"] += 1
        out["masked share"] += float(covered.mean())
        out["true share"] += coverage.boxes_share([f.box for f in clip.faces[number]], size)
    return out


def seconds_a_frame(clip: Clip) -> float:
    """Processor seconds, decoding and encoding included, start-up not."""
    deface = command()
    assert deface is not None
    most = _MORE_QUICK if catalogue.quick() else _MORE_FULL
    with tempfile.TemporaryDirectory() as folder:
        few, more = (_seconds(deface, clip.path, n, Path(folder)) for n in (_FEW, most))
    return (more - few) / (most - _FEW)


def _boxes(deface: Path, clip: Path, frames: range) -> list[list[list[int]]]:
    python = deface.read_text(encoding="utf-8").splitlines()[0].removeprefix("#!").strip()
    asked = [str(clip), str(frames.start), str(frames.stop)]
    done = subprocess.run(
        [python, "-c", _BOXES, *asked], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"deface gave no boxes:\n{done.stderr[-2000:]}")
    answer: list[list[list[int]]] = json.loads(done.stdout.splitlines()[-1])
    return answer


def _seconds(deface: str, clip: Path, frames: int, folder: Path) -> float:
    """Processor seconds for the first ``frames`` frames, start-up included."""
    short = folder / f"{frames}.mp4"
    _cut(clip, short, frames)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [deface, str(short), "-o", str(folder / f"{frames}-masked.mp4")],
        check=True,
        capture_output=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _cut(source: Path, target: Path, frames: int) -> None:
    """The first ``frames`` frames as a file, without encoding again."""
    with av.open(str(source)) as reader, av.open(str(target), "w") as writer:
        track = reader.streams.video[0]
        copy = writer.add_stream_from_template(track)
        for index, packet in enumerate(reader.demux(track)):
            if index >= frames or packet.dts is None:
                break
            packet.stream = copy
            writer.mux(packet)
