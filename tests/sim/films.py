"""Small films in every shape that a camera or a phone may send, each with one face."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from importlib.resources import files
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from scrim.redact.mask import FILL

FACE = (120, 56, 64, 76)  # x, y, w, h of the face as it is seen upright
_X264 = {"preset": "ultrafast", "crf": "18"}
_X265 = {"preset": "ultrafast", "x265-params": "log-level=none:pools=1:keyint=5:bframes=0"}
_VP9 = {"deadline": "realtime", "cpu-used": "8", "b": "2M"}


@dataclass(frozen=True)
class Film:
    """How a film is coded.

    Attributes:
        suffix: of its file; chooses the container.
        size: width and height as it is coded.
        turned: quarter turns counter-clockwise that a player has to make.
        times: milliseconds of the pictures; ten a second where there are none.
    """

    suffix: str
    codec: str
    pixels: str = "yuv420p"
    size: tuple[int, int] = (320, 192)
    turned: int = 0
    times: tuple[int, ...] = tuple(range(0, 2000, 100))
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def seen(self) -> tuple[int, int]:
        """Width and height as it is seen."""
        width, height = self.size
        return (height, width) if self.turned % 2 else (width, height)

    def write(self, path: Path) -> Path:
        """Make the file; returns its path."""
        with av.open(str(path), "w") as output:
            stream: Any = output.add_stream(self.codec, rate=10)
            stream.width, stream.height = self.size
            stream.pix_fmt = self.pixels
            stream.codec_context.time_base = Fraction(1, 1000)
            stream.codec_context.gop_size = 5
            stream.options = {**_OPTIONS.get(self.codec, {}), **self.options}
            if self.turned:
                stream.set_display_rotation(90 * self.turned)
            if self.codec == "mjpeg":
                stream.codec_context.color_range = 2
            for at, picture in zip(self.times, _pictures(*self.seen), strict=False):
                coded = np.ascontiguousarray(np.rot90(picture, -self.turned))
                frame = av.VideoFrame.from_ndarray(coded, format="bgr24")
                frame = frame.reformat(format=self.pixels)
                frame.pts, frame.time_base = at, Fraction(1, 1000)
                output.mux(stream.encode(frame))
            output.mux(stream.encode(None))
        return path


_OPTIONS: Mapping[str, Mapping[str, str]] = {
    "libx264": _X264,
    "libx265": _X265,
    "libvpx-vp9": _VP9,
    "libsvtav1": {"preset": "10"},
}


def joined(path: Path, films: Iterable[Film]) -> Path:
    """Raw streams one behind the other: the stream changes in the middle."""
    parts = []
    for number, film in enumerate(films):
        part = film.write(path.with_name(f"{path.stem}-{number}{film.suffix}"))
        parts.append(part.read_bytes())
        part.unlink()
    path.write_bytes(b"".join(parts))
    return path


def _pictures(width: int, height: int) -> Iterator[NDArray[np.uint8]]:
    """A face that stands still in a flickering street."""
    face: Any = cv2.imread(str(files("scrim.camera") / "demo_face.png"))
    x, y, w, h = FACE
    face = cv2.resize(face, (w, h), interpolation=cv2.INTER_AREA)
    random = np.random.default_rng(7)
    while True:
        shape = (min(height, 192), min(width, 320), 3)
        small: Any = random.integers(60, 180, shape, dtype=np.uint8)
        small = cv2.GaussianBlur(small, (5, 5), 0)
        picture: Any = cv2.resize(small, (width, height))
        if width >= x + w and height >= y + h:
            picture[y : y + h, x : x + w] = face
        yield picture


def assert_no_face(frame: av.VideoFrame) -> None:
    """The face of a masked picture is under the fill, where there is room for a face.

    In pictures larger than the street it is too small for a detector to matter.
    """
    x, y, w, h = FACE
    if not (x + w <= frame.width < 1000 and y + h <= frame.height):
        return
    luma = frame.to_ndarray(format="yuv420p")[: frame.height].astype(int)
    face = luma[y + h // 4 : y + h, x + w // 4 : x + 3 * w // 4]  # hair around it
    assert np.abs(face - FILL[0]).max() < 32
