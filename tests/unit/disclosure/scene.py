"""Two people who cross before a drawn street, with the truth about where they are."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from scrim.camera._demo_sprites import Clothes, Walker, paste, walker
from scrim.camera._demo_street import street

SIZE = (640, 360)
EMPTY = 45  # frames of the bare street, in which the background is learned
FRAMES = 150
FPS = 25
_DRAWN = (1280, 720)

Picture = NDArray[np.uint8]


@cache
def _street() -> Picture:
    return street()


@cache
def walkers() -> tuple[Walker, Walker]:
    return (
        walker(60, Clothes((150, 90, 50), (60, 60, 70)), 1.05, False),
        walker(66, Clothes((50, 50, 130), (70, 60, 50)), 1.0, True),
    )


def _at(who: int, frame: int) -> tuple[int, int, int]:
    """Left, top and phase of a walker, in the drawing."""
    cutout = walkers()[who].phases[0]
    since = frame - EMPTY
    x = -cutout.width + 14 * since if who == 0 else _DRAWN[0] - 14 * since
    foot = 640 if who == 0 else 690
    return x, foot - cutout.height, since % 12


def face(who: int, frame: int) -> tuple[int, int, int, int] | None:
    """Left, top, width and height of a face, pixels of the film, where all of it is in it."""
    if frame < EMPTY:
        return None
    x, y, phase = _at(who, frame)
    left, top, w, h = walkers()[who].faces[phase]
    scale = SIZE[0] / _DRAWN[0]
    box = [round(side * scale) for side in (x + left, y + top, w, h)]
    return (box[0], box[1], box[2], box[3]) if 0 <= box[0] <= SIZE[0] - box[2] else None


def draw(frame: int) -> Picture:
    """A frame of the film, BGR."""
    picture = _street().copy()
    if frame >= EMPTY:
        for who in (0, 1):
            x, y, phase = _at(who, frame)
            paste(picture, walkers()[who].phases[phase], x, y)
    return np.asarray(cv2.resize(picture, SIZE, interpolation=cv2.INTER_AREA), np.uint8)


def write(
    path: Path,
    *,
    frames: int = FRAMES,
    codec: str = "libx264",
    sound: bool = False,
    change: Callable[[int, Picture], None] = lambda _frame, _picture: None,
    picture: Callable[[int], Picture] = draw,
) -> Path:
    """Write a film; ``ffv1`` in ``.mkv`` keeps every sample."""
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream(codec, rate=FPS)
        stream.width, stream.height = SIZE
        stream.pix_fmt = "yuv420p"
        if codec == "libx264":
            stream.options = {"crf": "18", "preset": "ultrafast"}
        audio = container.add_stream("aac", 44100) if sound else None
        for number in range(frames):
            image = picture(number)
            change(number, image)
            planes = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2YUV_I420), np.uint8)
            frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if audio is not None:
            hum = av.AudioFrame.from_ndarray(
                np.zeros((1, 1024), np.float32), format="fltp", layout="mono"
            )
            hum.sample_rate, hum.pts = 44100, 0
            container.mux(audio.encode(hum))
            container.mux(audio.encode(None))
    return path


def pictures(path: Path) -> list[Picture]:
    """All frames of a film, BGR."""
    with av.open(str(path)) as container:
        return [
            np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)
            for frame in container.decode(video=0)
        ]
