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
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import av
import numpy as np
from numpy.typing import NDArray

from scrim.redact.frames import ClearFrame, Mask, RedactedFrame, Rung, State
from scrim.redact.policy import Policy, Style

FILL = (40, 128, 128)
"""Y, U and V of a mask: a dark grey, the same in limited and full range."""

_GUARD = 8


class Painter:
    """Turns the clear frames of one stream into redacted ones, as a policy says."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy

    def masked(
        self, frame: ClearFrame, masks: Sequence[Mask], rung: Rung = Rung.NORMAL, reason: str = ""
    ) -> RedactedFrame:
        """``frame`` with zones and ``masks`` burnt in."""
        out = masked(frame, masks, self._policy.style)
        out.rung, out.reason = rung, reason
        return out

    def blanked(self, frame: ClearFrame, reason: str) -> RedactedFrame:
        """A picture of the same size and time that holds no clear sample."""
        return blanked(frame, reason)


def masked(frame: ClearFrame, masks: Sequence[Mask], style: Style = Style.SOLID) -> RedactedFrame:
    """``frame`` with ``masks`` burnt in; its state is ``CLEAR`` when there are none.

    Only to be called with a finished verdict about ``frame``.
    """
    if style is not Style.SOLID:  # pragma: no cover - until there is a second style
        raise ValueError(f"no such style: {style}")
    out, (luma, blue, red), converted = _bare(frame.picture)
    guard = _GUARD if converted else 0
    for mask in masks:
        left, top = max(0, mask.x - guard) // 2, max(0, mask.y - guard) // 2
        right = max(0, mask.x + mask.w + guard + 1) // 2
        bottom = max(0, mask.y + mask.h + guard + 1) // 2
        luma[2 * top : 2 * bottom, 2 * left : 2 * right] = FILL[0]
        blue[top:bottom, left:right] = FILL[1]
        red[top:bottom, left:right] = FILL[2]
    return RedactedFrame(
        picture=out,
        index=frame.index,
        captured_us=frame.captured_us,
        segment=frame.segment,
        state=State.MASKED if masks else State.CLEAR,
        masks=tuple(masks),
    )


def blanked(frame: ClearFrame, reason: str) -> RedactedFrame:
    """A picture of the same size and time that holds no clear sample."""
    out = _fresh(frame.picture, frame.picture)
    for plane, value in zip(out.planes, FILL, strict=True):
        samples(plane).fill(value)
    return RedactedFrame(
        picture=out,
        index=frame.index,
        captured_us=frame.captured_us,
        segment=frame.segment,
        state=State.BLANKED,
        masks=(),
        reason=reason,
        rung=Rung.WHOLE,
    )


def resized(frame: RedactedFrame, width: int, height: int) -> RedactedFrame:
    """``frame`` stretched to an even size, for an encoder that knows one size only."""
    picture = frame.picture
    if (picture.width, picture.height) != (width, height):
        frame = replace(frame, picture=picture.reformat(width, height, "yuv420p"))
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


def _bare(source: av.VideoFrame) -> tuple[av.VideoFrame, list[NDArray[np.uint8]], bool]:
    """A fresh picture to draw on, its samples, and whether they went through a converter."""
    picture, converted = _yuv420p(source)
    out = _fresh(source, picture)
    planes = [samples(plane) for plane in out.planes]
    for plane, clear in zip(planes, picture.planes, strict=True):
        _copy(samples(clear), plane)
    return out, planes, converted


def _yuv420p(picture: av.VideoFrame) -> tuple[av.VideoFrame, bool]:
    """The picture in planar 4:2:0, and whether it had to be converted for that."""
    if is_planar_yuv420(picture):
        return picture, False
    if picture.format.name in ("yuv420p", "yuvj420p"):  # bottom row first
        picture = picture.reformat(format="yuv444p")
    # yuvj… means full range; converting to plain yuv420p would squeeze it.
    name = "yuvj420p" if picture.format.name.startswith("yuvj") else "yuv420p"
    return picture.reformat(format=name), True


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
