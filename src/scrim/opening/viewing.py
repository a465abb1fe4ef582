"""The viewing copy: what was recorded, decoded, marked and encoded again.

Rules:

1. Every picture carries the mark (:mod:`scrim.opening.watermark`), with the time at which
   it was taken and not at which it is shown.
2. Pictures keep their distance in time, gaps and all.
3. A new file begins each hour and where the picture's size changes, so that memory does
   not grow with the interval.
4. A file is written as ``.part`` and named when it is whole.
5. What does not decode is left out and said; the native file is there all the same.
"""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import av
import numpy as np

from scrim.clock import SECOND
from scrim.errors import SealBroken, StoreError
from scrim.opening.plan import Segment
from scrim.opening.watermark import Plane, Watermark

LONGEST_FILE_US: Final = 3600 * SECOND

_TICKS: Final = 90_000
_OPTIONS: Final = {"preset": "veryfast", "crf": "20"}


class ViewingCopy:
    """Writes ``CAMERA-1.mp4``, ``CAMERA-2.mp4`` … (H.264); a context manager.

    Args:
        folder: where; it is there.
        camera: whose pictures, and the files' name.
        mark: drawn into each of them.

    Attributes:
        files: those that are whole, in order.
    """

    def __init__(self, folder: Path, camera: str, mark: Watermark) -> None:
        self._folder = folder
        self._camera = camera
        self._mark = mark
        self._output: av.container.OutputContainer | None = None
        self._stream: Any = None
        self._size = (0, 0)
        self._origin_us = 0
        self._last_pts = -1
        self.files: list[Path] = []

    def __enter__(self) -> ViewingCopy:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end(whole=kind is None)

    def add(self, segment: Segment, data: bytes) -> int:
        """The next segment, as it was recorded.

        Returns:
            How many pictures of it are in the copy.

        Raises:
            SealBroken: none of it can be decoded.
            StoreError: the file cannot be written.
        """
        done = 0
        try:
            with av.open(io.BytesIO(data), "r") as source:
                first: int | None = None
                for frame in source.decode(video=0):
                    if frame.pts is None or frame.time_base is None:
                        continue
                    first = frame.pts if first is None else first
                    passed = (frame.pts - first) * frame.time_base * SECOND
                    self._picture(frame, segment.start_us + round(passed))
                    done += 1
        except (av.InvalidDataError, IndexError, ValueError, EOFError):
            if not done:
                raise SealBroken(
                    f"{segment.label.capitalize()} does not decode.",
                    "Use its file as it was recorded; it is not changed.",
                ) from None
        except OSError as error:
            raise StoreError(
                f"{self._part} cannot be written: {error.strerror}.", "Free some space."
            ) from error
        return done

    @property
    def _part(self) -> Path:
        return self._folder / f"{self._camera}-{len(self.files) + 1}.mp4.part"

    def _picture(self, frame: av.VideoFrame, at_us: int) -> None:
        size = frame.width - frame.width % 2, frame.height - frame.height % 2
        if size != self._size or at_us - self._origin_us >= LONGEST_FILE_US:
            self._end(whole=True)
            self._begin(size, at_us)
        width, height = size
        clear = frame.reformat(width=width, height=height, format="yuv420p").to_ndarray()
        planes: Plane = np.ascontiguousarray(clear, np.uint8)
        rows = self._mark.draw(planes[:height], at_us)
        _grey_out(planes, height, rows)
        marked = av.VideoFrame.from_ndarray(planes, format="yuv420p")
        # of two pictures within a tick, or after a clock was set back, none goes before the other
        pts = max(round((at_us - self._origin_us) * _TICKS / SECOND), self._last_pts + 1)
        marked.pts, marked.time_base = pts, Fraction(1, _TICKS)
        self._last_pts = pts
        assert self._output is not None
        self._output.mux(self._stream.encode(marked))

    def _begin(self, size: tuple[int, int], at_us: int) -> None:
        self._part.unlink(missing_ok=True)
        options = {"movflags": "faststart"}
        self._output = av.open(str(self._part), "w", format="mp4", options=options)
        self._stream = self._output.add_stream("libx264", options=_OPTIONS)
        self._stream.width, self._stream.height = size
        self._stream.pix_fmt = "yuv420p"
        self._stream.time_base = self._stream.codec_context.time_base = Fraction(1, _TICKS)
        self._size, self._origin_us, self._last_pts = size, at_us, -1

    def _end(self, *, whole: bool) -> None:
        if self._output is None:
            return
        part = self._part
        if whole:
            self._output.mux(self._stream.encode(None))
        self._output.close()
        self._output = self._stream = None
        self._size = (0, 0)
        if whole:
            part.chmod(0o600)
            path = part.with_suffix("")
            part.replace(path)
            self.files.append(path)
        else:
            part.unlink(missing_ok=True)


def _grey_out(planes: Plane, height: int, rows: int) -> None:
    """Take the colour out of the bottom rows; U and V lie below the brightness, halved."""
    width = planes.shape[1]
    for colour in range(2):
        start = height * width + colour * (height // 2) * (width // 2)
        flat = planes.reshape(-1)[start : start + (height // 2) * (width // 2)]
        flat[len(flat) - (rows // 2) * (width // 2) :] = 128
