"""Pictures that differ only where they are hidden: what must not reach a redacted one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

import av
import numpy as np
from numpy.typing import NDArray

from scrim.policy import Policy, Zone
from scrim.record.encode import MaskedEncoder
from scrim.redact import ClearFrame, Mask, RedactedFrame
from scrim.redact.mask import Painter

Pixels = NDArray[np.bool_]


@dataclass(frozen=True)
class Plane:
    """How many pixels across and down share a sample, and its bytes."""

    across: int = 1
    down: int = 1
    size: int = 1


FORMATS = {
    "yuv420p": (Plane(), Plane(2, 2), Plane(2, 2)),
    "yuvj420p": (Plane(), Plane(2, 2), Plane(2, 2)),
    "nv12": (Plane(), Plane(2, 2, 2)),
    "yuv422p": (Plane(), Plane(2), Plane(2)),
    "yuv444p": (Plane(), Plane(), Plane()),
    "yuv411p": (Plane(), Plane(4), Plane(4)),
    "yuyv422": (Plane(2, 1, 4),),
    "yuv420p10le": (Plane(size=2), Plane(2, 2, 2), Plane(2, 2, 2)),
    "gray": (Plane(),),
    "gray10le": (Plane(size=2),),
    "uyvy422": (Plane(2, 1, 4),),
    "bgr24": (Plane(size=3),),
    "rgb24": (Plane(size=3),),
    "bgra": (Plane(size=4),),
}
"""Pixel formats of cameras and files, with their planes."""


def pixels_of(mask: Mask, width: int, height: int) -> Pixels:
    """The pixels whose centre is in the mask, by its definition."""
    down, across = np.mgrid[:height, :width] + 0.5
    dx, dy = across - mask.x - mask.w / 2, down - mask.y - mask.h / 2
    if mask.oval:
        inside: Pixels = (dx / (mask.w / 2)) ** 2 + (dy / (mask.h / 2)) ** 2 <= 1
        return inside
    return np.asarray((np.abs(dx) < mask.w / 2) & (np.abs(dy) < mask.h / 2))


def pixels_of_zone(zone: Zone, width: int, height: int, *, tries: int = 5) -> Pixels:
    """The pixels of which any of some points lies in the zone (a ray crosses it oddly often)."""
    found = np.zeros((height, width), np.bool_)
    steps = (np.arange(tries) + 0.5) / tries
    for fx in steps:
        for fy in steps:
            y, x = np.mgrid[:height, :width].astype(float)
            x, y = (x + fx) / width, (y + fy) / height
            odd = np.zeros((height, width), np.bool_)
            for (ax, ay), (bx, by) in zip(
                zone.points, (*zone.points[1:], zone.points[0]), strict=True
            ):
                if ay != by:
                    spans = (ay > y) != (by > y)
                    odd ^= spans & (x < (bx - ax) * (y - ay) / (by - ay) + ax)
            found |= odd
    return found


def scribble(picture: av.VideoFrame, where: Pixels, seed: int) -> None:
    """Random samples in all planes, wherever a sample's pixels touch ``where``."""
    rng = np.random.default_rng(seed)
    form = FORMATS[picture.format.name]
    for plane, kind in zip(picture.planes, form, strict=True):
        tall = np.pad(where, ((0, -where.shape[0] % kind.down), (0, -where.shape[1] % kind.across)))
        down, across = tall.shape[0] // kind.down, tall.shape[1] // kind.across
        inside = tall.reshape(down, kind.down, across, kind.across).any(axis=(1, 3))
        rows = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, -1)
        cells = rows[:, : across * kind.size].reshape(plane.height, across, kind.size)
        noise = rng.integers(0, 256, cells.shape, dtype=np.uint8)
        if "10le" in picture.format.name:
            noise[..., 1::2] &= 3
        cells[inside] = noise[inside]
        rows[:, : across * kind.size] = cells.reshape(plane.height, -1)


def drawn(
    frames: Iterable[ClearFrame],
    masks: list[list[Mask]],
    policy: Policy,
    *,
    secret: int | None = None,
    moving: tuple[int, ...] = (),
) -> list[RedactedFrame]:
    """Redact ``frames`` under their masks; with a ``secret`` they differ inside, and only there."""
    painter = Painter(policy)
    out = []
    for i, (frame, hidden) in enumerate(zip(frames, masks, strict=True)):
        picture = frame.picture
        if secret is not None:
            where = np.zeros((picture.height, picture.width), np.bool_)
            for mask in hidden:
                where |= pixels_of(mask, picture.width, picture.height)
            for zone in policy.zones:
                where |= pixels_of_zone(zone, picture.width, picture.height, tries=2)
            scribble(picture, where, secret + i)
        out.append(painter.masked(frame, hidden, moving=i in moving))
    return out


def encoded(frames: list[RedactedFrame]) -> bytes:
    """The H.264 of redacted frames."""
    picture = frames[0].picture
    encoder = MaskedEncoder(picture.width, picture.height, Fraction(25), origin_us=0)
    packets = [p for i, f in enumerate(frames) for p in encoder.encode(f, key=i == 0)]
    return b"".join(bytes(packet) for packet in [*packets, *encoder.flush()])
