"""The generated street: a camera for a first look, a test and a bench.

1280 x 720 at 25 frames a second, a seamless loop of 30 seconds, H.264 with a
key picture every 2 s as cameras send it.  Walkers of different sizes cross both
ways, hide one another, and one stops and stands; all carry the same face, which
a detector really finds, so that masks are seen following faces and no footage
of people in a street has to be shipped.  :func:`demo_faces` says where the
faces are, so that masks can be checked against the truth.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

from scrim.camera._demo_scene import FRAME_RATE, FRAMES, faces, placed
from scrim.camera._demo_sprites import HEIGHT, WIDTH, Picture, paste
from scrim.camera._demo_street import street

__all__ = [
    "FRAMES",
    "FRAME_RATE",
    "HEIGHT",
    "WIDTH",
    "FaceBox",
    "demo_faces",
    "demo_pictures",
    "write_demo_clip",
]

_KEY_EVERY = 2 * FRAME_RATE
_REPORT_EVERY = 25


@dataclass(frozen=True, slots=True)
class FaceBox:
    """A face in the generated street.

    Attributes:
        x, y, w, h: the part of it that lies in the picture, pixels.
        visible: share of the whole face that can be seen, 0 to 1; less than 1
            where somebody stands before it or the picture ends.
    """

    x: int
    y: int
    w: int
    h: int
    visible: float


def demo_faces(frame_index: int) -> list[FaceBox]:
    """Where the faces are in a frame; frames after the last count from the first again."""
    found = []
    for (x, y, w, h), before in faces(frame_index % FRAMES):
        left, top = max(x, 0), max(y, 0)
        right, bottom = min(x + w, WIDTH), min(y + h, HEIGHT)
        if left >= right or top >= bottom:
            continue
        seen = np.full((bottom - top, right - left, 3), 255, np.uint8)
        for thing in before:
            _hide(seen, thing.cutout.clear, thing.x - left, thing.y - top)
        share = float((seen[:, :, 0] > 127).sum()) / (w * h)
        if share > 0:
            found.append(FaceBox(left, top, right - left, bottom - top, share))
    return found


def _hide(seen: Picture, clear: Picture, x: int, y: int) -> None:
    left, top = max(x, 0), max(y, 0)
    right, bottom = min(x + clear.shape[1], seen.shape[1]), min(y + clear.shape[0], seen.shape[0])
    if left < right and top < bottom:
        part = seen[top:bottom, left:right]
        np.minimum(part, clear[top - y : bottom - y, left - x : right - x], out=part)


def demo_pictures(frames: Iterable[int] = range(FRAMES)) -> Iterator[Picture]:
    """Frames of the loop, BGR, all by default; each is the caller's own."""
    background = street()
    for frame in frames:
        picture = background.copy()
        for thing in placed(frame % FRAMES):
            paste(picture, thing.cutout, thing.x, thing.y)
        yield picture


def write_demo_clip(path: Path, progress: Callable[[int, int], None]) -> None:
    """Render the loop as an MP4 file.

    The file appears under its name once it is whole; a clip of an earlier
    version under that name is replaced.

    Args:
        path: where to; its folder must exist.
        progress: called now and then with frames done and frames in all.

    Raises:
        OSError: the file cannot be written.
    """
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    os.close(handle)
    unfinished = Path(name)
    try:
        _write(unfinished, progress)
        with unfinished.open("rb") as file:
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _write(path: Path, progress: Callable[[int, int], None]) -> None:
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=FRAME_RATE)
        stream.width, stream.height = WIDTH, HEIGHT
        stream.pix_fmt = "yuv420p"
        stream.time_base = Fraction(1, FRAME_RATE)
        stream.gop_size = _KEY_EVERY
        stream.max_b_frames = 0
        stream.options = {
            "preset": "superfast",
            "crf": "22",
            "x264-params": f"keyint={_KEY_EVERY}:min-keyint={_KEY_EVERY}:scenecut=0",
        }
        for number, picture in enumerate(demo_pictures()):
            # OpenCV converts five times as fast as the encoder's own scaler would
            planes = cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420).astype(np.uint8, copy=False)
            frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, FRAME_RATE)
            container.mux(stream.encode(frame))
            if (number + 1) % _REPORT_EVERY == 0:
                progress(number + 1, FRAMES)
        container.mux(stream.encode(None))
