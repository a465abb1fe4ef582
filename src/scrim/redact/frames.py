"""Clear and redacted pictures are two types, and only a mask turns one into the other.

Rules kept here:

- A :class:`ClearFrame` has no method that stores, sends or prints its pixels.
- A :class:`RedactedFrame` is made by :mod:`scrim.redact.mask` only; what is
  encoded, shown or stored takes ``RedactedFrame`` and mypy refuses the other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

import av


class Source(StrEnum):
    """How a mask came to be where it is."""

    DETECTED = "detected"
    PROPAGATED = "propagated"
    HELD = "held"
    FIXED = "fixed"  # a privacy zone: always there


class State(StrEnum):
    """What was done to a frame."""

    MASKED = "masked"  # at least one mask is drawn
    CLEAR = "clear"  # looked at, nothing to cover
    BLANKED = "blanked"  # covered whole, because no verdict was to be had


class Rung(IntEnum):
    """How far down the ladder from normal to the whole frame a picture was masked.

    Each rung shows less than the one before it; none shows more than is covered for sure.
    """

    NORMAL = 0  # looked at as often and as carefully as can be
    SPARSE = 1  # looks lie further apart, since the machine is loaded
    WIDE = 2  # less certain: masks are wider, held longer, and fainter finds count
    FIGURES = 3  # whatever moves is covered whole
    WHOLE = 4  # the whole frame is covered


@dataclass(frozen=True, slots=True)
class Figure:
    """The coarse outline of what a mask covers, for the silhouette style.

    Attributes:
        columns, rows: of a grid laid over the mask's rectangle.
        cells: ``rows * columns`` bytes, row by row; 1 where the figure is, else 0.
    """

    columns: int
    rows: int
    cells: bytes


@dataclass(frozen=True, slots=True)
class Mask:
    """A shape to cover, in pixels of the upright source picture.

    ``track`` is a number inside one camera and one scene; it says "the same
    shape as a moment ago" and nothing about who.

    Attributes:
        x, y, w, h: the rectangle around it.
        kind: ``face``, ``head``, ``person``, ``vehicle``, ``plate``, ``moving`` or ``zone``.
        oval: it is the ellipse in the rectangle and not the rectangle.
        figure: its outline, where one is known; only the silhouette style looks at it.
    """

    x: int
    y: int
    w: int
    h: int
    kind: str
    track: int
    source: Source
    oval: bool = False
    figure: Figure | None = None


@dataclass(slots=True)
class ClearFrame:
    """A decoded picture nobody may see.

    Attributes:
        picture: the decoded frame, upright, any pixel format.
        index: number of the frame since the stream started, from 0.
        captured_us: UTC capture time, microseconds.
        segment: number of the sealed segment this picture lies in.
        damaged: the decoder reported an error in it.
    """

    picture: av.VideoFrame = field(repr=False)
    index: int
    captured_us: int
    segment: int = 0
    damaged: bool = False


@dataclass(frozen=True, slots=True)
class Undrawn:
    """A picture with nothing in it to cover, to be drawn if somebody asks for it.

    Where the camera's own packet leaves in its place, nobody does.

    Attributes:
        width, height: of the picture that ``draw`` gives, in pixels.
        draw: makes it, on fresh memory like every redacted picture.
    """

    width: int
    height: int
    draw: Callable[[], av.VideoFrame] = field(repr=False)


@dataclass(slots=True)
class RedactedFrame:
    """A picture fit to be seen: yuv420p, even size, masks burnt in.

    Attributes:
        drawn: the picture, or what draws it.
        index, captured_us, segment: as in the clear frame it came from.
        state: what was done.
        masks: what was covered, in pixels of the upright source picture.
        reason: why it is blanked, or why its rung is not normal; "" otherwise.
        rung: how far down the ladder it was masked.
        begins_scene: nothing was followed into it from the frame before: that one shows
            another scene, or the two cannot be compared.
    """

    drawn: av.VideoFrame | Undrawn = field(repr=False)
    index: int
    captured_us: int
    segment: int
    state: State
    masks: tuple[Mask, ...]
    reason: str = ""
    rung: Rung = Rung.NORMAL
    begins_scene: bool = False

    @property
    def picture(self) -> av.VideoFrame:
        """The yuv420p picture, the same each time."""
        if isinstance(self.drawn, Undrawn):
            self.drawn = self.drawn.draw()
        return self.drawn

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the picture in pixels, without drawing it."""
        return self.drawn.width, self.drawn.height
