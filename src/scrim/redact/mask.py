"""The only maker of :class:`~scrim.redact.frames.RedactedFrame`.

Rules kept here:

- A redacted picture is built on fresh memory, and nothing of the decoded frame goes
  over but plane samples: no captions, motion vectors, user data or metadata.
  (Side data is not even asked for: PyAV's container of it keeps its frame alive
  until the cyclic collector runs, which is hundreds of megabytes of pictures.)
- Masks are drawn on the YUV planes, and rounded outward to whole chroma samples.
- Where the picture had to be converted to yuv420p, the converter's filters may
  carry a few samples across a mask's edge; the fill is widened by more than that.
- A blanked picture is filled and never copied into.
- Zones are burnt in before anything else and are solid in every style.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import av
import numpy as np
from numpy.typing import NDArray

from scrim.policy import Policy, Style
from scrim.redact import styles
from scrim.redact.background import Background
from scrim.redact.frames import ClearFrame, Mask, RedactedFrame, Rung, State, Undrawn
from scrim.redact.shapes import FILL, Area, Samples, Where, area_of
from scrim.redact.zones import Raster, Zones

__all__ = ["FILL", "Painter", "even", "in_yuv420p", "is_planar_yuv420", "resized", "samples"]

_GUARD = 8


class Painter:
    """Turns the clear frames of one stream into redacted ones, as a policy says.

    Frames come in the order they were taken: the silhouette style learns from each what
    the next may show behind a figure.
    """

    def __init__(self, policy: Policy) -> None:
        self._style = policy.style
        self._zones = Zones(policy.zones)
        self._background = Background()
        self._fixed: Where | None = None  # tiles that zones touch, for the raster they are of
        self._raster: Raster | None = None

    def masked(
        self,
        frame: ClearFrame,
        masks: Sequence[Mask],
        rung: Rung = Rung.NORMAL,
        reason: str = "",
        *,
        moving: bool = False,
        begins_scene: bool = False,
    ) -> RedactedFrame:
        """``frame`` with zones and ``masks`` burnt in; ``CLEAR`` when there are none of either.

        Only to be called with a finished verdict about ``frame``.

        Args:
            frame: the clear picture; it is left as it is.
            masks: what to cover besides the zones.
            rung: how far down the ladder it was masked.
            reason: why, where that is not the first rung.
            moving: the camera itself moves, so that there is no background to learn or show.
            begins_scene: whether it does.
        """
        drawn: av.VideoFrame | Undrawn = _undrawn(frame.picture)
        covered: tuple[Mask, ...] = ()
        if masks or self._zones or self._style is Style.SILHOUETTE:
            drawn, covered = self._drawn(frame, masks, rung, moving=moving)
        return RedactedFrame(
            drawn=drawn,
            index=frame.index,
            captured_us=frame.captured_us,
            segment=frame.segment,
            state=State.MASKED if covered else State.CLEAR,
            masks=covered,
            reason=reason,
            rung=rung,
            begins_scene=begins_scene,
        )

    def blanked(
        self, frame: ClearFrame, reason: str, *, begins_scene: bool = False
    ) -> RedactedFrame:
        """A picture of the same size and time that holds no clear sample."""
        out = _fresh(frame.picture, frame.picture)
        for plane, value in zip(out.planes, FILL, strict=True):
            samples(plane).fill(value)
        return RedactedFrame(
            drawn=out,
            index=frame.index,
            captured_us=frame.captured_us,
            segment=frame.segment,
            state=State.BLANKED,
            masks=(),
            reason=reason,
            rung=Rung.WHOLE,
            begins_scene=begins_scene,
        )

    def reset(self) -> None:
        """Another scene begins: the background of the last one is forgotten."""
        self._background.forget()

    def _drawn(
        self, frame: ClearFrame, masks: Sequence[Mask], rung: Rung, *, moving: bool
    ) -> tuple[av.VideoFrame, tuple[Mask, ...]]:
        """The picture with zones and ``masks`` burnt in, and all that was covered."""
        source = frame.picture
        out, planes, converted = _bare(source)
        guard = _GUARD if converted else 0
        raster = self._zones.raster(source.width, source.height, guard)
        raster.burn(planes)
        shape = (planes[1].shape[0], planes[1].shape[1])
        areas = [(mask, area_of(mask, shape, guard)) for mask in masks]
        shapes = [(mask, area) for mask, area in areas if area is not None]
        if self._style is Style.SOLID:
            styles.solid(planes, shapes)
        elif self._style is Style.MOSAIC:
            styles.mosaic(planes, shapes)
            raster.burn(planes)  # blocks that reach into a zone took its place
        else:
            self._background.fit(planes)
            if moving:
                self._background.forget()
            styles.silhouettes(planes, shapes, self._background, moving=moving)
            raster.burn(planes)
            # what is less certain may be less than whole, and is nothing to keep
            if not moving and rung <= Rung.SPARSE:
                self._learn(planes, raster, [area for _, area in shapes], frame.captured_us)
        return out, (*raster.masks, *masks)

    def _learn(
        self, planes: Sequence[Samples], raster: Raster, areas: list[Area], at_us: int
    ) -> None:
        if self._fixed is None or self._raster is not raster:
            self._fixed, self._raster = self._background.touched(raster.areas), raster
        touched = self._fixed | self._background.touched(areas)
        self._background.learn(planes, touched, at_us)


def resized(frame: RedactedFrame, width: int, height: int) -> RedactedFrame:
    """``frame`` stretched to an even size, for an encoder that knows one size only."""
    if frame.size != (width, height):
        frame = replace(frame, drawn=frame.picture.reformat(width, height, "yuv420p"))
    return frame


def samples(plane: av.video.plane.VideoPlane) -> NDArray[np.uint8]:
    """A plane's visible samples as rows x columns, a view on its memory (8 bit only)."""
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
    return rows[:, : plane.width]


def even(length: int) -> int:
    """The next even number; yuv420p and H.264 want even sides."""
    return length + length % 2


def is_planar_yuv420(picture: av.VideoFrame) -> bool:
    """Whether the planes can be taken as they are (8 bit, 4:2:0, top row first)."""
    return picture.format.name in ("yuv420p", "yuvj420p") and all(
        plane.line_size > 0 for plane in picture.planes
    )


def _undrawn(source: av.VideoFrame) -> Undrawn:
    """A picture in which nothing is covered: the samples of ``source`` and nothing else of it."""
    return Undrawn(even(source.width), even(source.height), lambda: _bare(source)[0])


def _bare(source: av.VideoFrame) -> tuple[av.VideoFrame, list[NDArray[np.uint8]], bool]:
    """A fresh picture to draw on, its samples, and whether they went through a converter."""
    picture, converted = in_yuv420p(source)
    out = _fresh(source, picture)
    planes = [samples(plane) for plane in out.planes]
    for plane, clear in zip(planes, picture.planes, strict=True):
        _copy(samples(clear), plane)
    return out, planes, converted


def in_yuv420p(picture: av.VideoFrame) -> tuple[av.VideoFrame, bool]:
    """The picture in planar 4:2:0, and whether it had to be converted for that.

    With one thread: FFmpeg's scaler writes a little past the ends of rows, and where another
    thread has begun the next row already, what it wrote there is lost.
    """
    if is_planar_yuv420(picture):
        return picture, False
    upside_down = picture.format.name in ("yuv420p", "yuvj420p")
    # FFmpeg's shortcuts from packed formats take rows in pairs: of an odd picture they leave
    # the last row of chroma as the memory was, with who knows what in it
    unpaired = picture.height % 2 == 1 and not picture.format.name.startswith("yuvj")
    if upside_down or unpaired:
        picture = picture.reformat(format="yuv444p", threads=1)
    # yuvj… means full range; converting to plain yuv420p would squeeze it.
    name = "yuvj420p" if picture.format.name.startswith("yuvj") else "yuv420p"
    return picture.reformat(format=name, threads=1), True


def _fresh(source: av.VideoFrame, converted: av.VideoFrame) -> av.VideoFrame:
    """An empty yuv420p picture of even size with the colour properties of ``converted``."""
    out = av.VideoFrame(even(source.width), even(source.height), "yuv420p")
    out.colorspace = converted.colorspace
    out.color_primaries = converted.color_primaries
    out.color_trc = converted.color_trc
    out.color_range = 2 if converted.format.name.startswith("yuvj") else converted.color_range
    return out


def _copy(clear: NDArray[np.uint8], out: NDArray[np.uint8]) -> None:
    """Copy, and repeat the last row and column where the output is larger by one."""
    height, width = clear.shape
    out[:height, :width] = clear
    if out.shape[1] > width:
        out[:height, width:] = clear[:, -1:]
    if out.shape[0] > height:
        out[height:] = out[height - 1]
