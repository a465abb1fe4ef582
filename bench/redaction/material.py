"""What a clip with true boxes is, and how it is kept.

Rules:

- A box is x, y, w, h in pixels of the clip's own picture; it may stick out at an edge.
- A clip is an H.264 file and, beside it, a JSON file with everything known about it.
  It is made once and cached; what other code made is not looked at.
- Every clip belongs to one group.  Nothing is ever tuned on ``APART``.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Picture: TypeAlias = NDArray[np.uint8]
Box: TypeAlias = tuple[float, float, float, float]

TUNING = "tuning"
APART = "kept apart"
DRAWN = "drawn"
_MAKERS = (
    "catalogue", "crowd", "drawn", "independent", "material", "people", "sources",
    "truth", "window",
)  # fmt: skip

GROUPS = (TUNING, APART, DRAWN)


@dataclass(frozen=True, slots=True)
class Face:
    """A face in one frame.

    Attributes:
        track: which appearance it belongs to, in this clip.
        box: x, y, w, h, pixels.
        counted: enough of it is to be seen that leaving it open would be a leak.
        cases: what makes it hard, in a word or two each.
    """

    track: int
    box: Box
    counted: bool = True
    cases: tuple[str, ...] = ()


Shot: TypeAlias = tuple[Picture, list[Face]]
"""A picture (height x width x 3, BGR) and the faces in it."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a clip is made.

    Attributes:
        name: of the clip and its files.
        group: one of :data:`GROUPS`.
        kind: ``as it is``, ``moving``, ``crowd`` or ``no faces``.
        rate: frames a second.
        frames: how many, at most.
        shots: gives them.
        checked: boxes accepted by eye: frame number and the frame's boxes.
    """

    name: str
    group: str
    kind: str
    rate: float
    frames: int
    shots: Callable[[], Iterator[Shot]]
    checked: dict[int, list[Box]] = field(default_factory=dict)


@dataclass(slots=True)
class Clip:
    """A clip that has been made; see :class:`Recipe`.

    Attributes:
        faces: for each frame, all true faces.
        hits: of the independent detector on the input, by frame number.
    """

    name: str
    group: str
    kind: str
    width: int
    height: int
    rate: float
    faces: list[list[Face]]
    checked: dict[int, list[Box]] = field(default_factory=dict)
    hits: dict[int, list[Box]] = field(default_factory=dict)

    @property
    def path(self) -> Path:
        """The video file."""
        return folder() / f"{self.name}.mp4"

    def save(self) -> None:
        """Write all but the pictures."""
        part = folder() / f"{self.name}.json.part"
        part.write_text(json.dumps(asdict(self)), encoding="utf-8")
        part.replace(folder() / f"{self.name}.json")


def load(name: str) -> Clip:
    """A clip made before.

    Raises:
        FileNotFoundError: it was not.
    """
    known: dict[str, Any] = json.loads((folder() / f"{name}.json").read_text(encoding="utf-8"))
    known["faces"] = [
        [Face(f["track"], _box(f["box"]), f["counted"], tuple(f["cases"])) for f in frame]
        for frame in known["faces"]
    ]
    for key in ("checked", "hits"):
        known[key] = {int(n): [_box(b) for b in boxes] for n, boxes in known[key].items()}
    return Clip(**known)


def exists(name: str) -> bool:
    """Whether a clip of that name has been made."""
    return (folder() / f"{name}.json").exists()


def folder() -> Path:
    """Where clips are kept (``SCRIM_BENCH_CACHE``, else in the folder for temporary files)."""
    top = os.environ.get("SCRIM_BENCH_CACHE") or str(Path(tempfile.gettempdir()) / "scrim-bench")
    path = Path(top) / f"redaction-{_made_by()}"
    path.mkdir(parents=True, exist_ok=True)
    return path


@cache
def _made_by() -> str:
    """A word for the code that makes clips and looks at them first."""
    here = Path(__file__).parent
    code = b"".join((here / f"{name}.py").read_bytes() for name in _MAKERS)
    return hashlib.sha256(code).hexdigest()[:12]


_KEY_EVERY = 50  # frames, as cameras do


def make(recipe: Recipe) -> Clip:
    """Make the clip of ``recipe``: encode its pictures, keep its truth."""
    import av

    part = folder() / f"{recipe.name}.part.mp4"
    faces: list[list[Face]] = []
    width = height = 0
    with av.open(str(part), "w") as container:
        # Near enough to lossless that faces are what they were; cameras send less.
        # As cameras do: one slice a picture, and none predicted from later ones.
        options = {"preset": "veryfast", "crf": "18", "threads": "1", "bf": "0"}
        rate = Fraction(recipe.rate).limit_denominator(100)
        stream = container.add_stream("libx264", rate, options=options)
        for (picture, there), _ in zip(recipe.shots(), range(recipe.frames), strict=False):
            if not faces:
                stream.gop_size = _KEY_EVERY
                height, width = (side // 2 * 2 for side in picture.shape[:2])
                stream.width, stream.height = width, height
                stream.pix_fmt = "yuv420p"
            whole = np.ascontiguousarray(picture[:height, :width])
            container.mux(stream.encode(av.VideoFrame.from_ndarray(whole, format="bgr24")))
            faces.append(there)
        container.mux(stream.encode())
    clip = Clip(recipe.name, recipe.group, recipe.kind, width, height, recipe.rate, faces)
    clip.checked = {n: boxes for n, boxes in recipe.checked.items() if n < len(faces)}
    part.replace(clip.path)
    clip.save()
    return clip


def _box(four: list[float]) -> Box:
    x, y, w, h = four
    return (x, y, w, h)
