"""Whether a film shows the masks that its list says, looked up in the film itself.

The reviewer has no original to draw the film from again.  But every mask is one flat colour,
and that can be seen.

Rules:

1. There are as many frames as in the list, of its size.
2. Inside every mask, every zone and every frame covered whole the picture is the colour of
   masks, but for what encoding does at edges.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import av
import numpy as np
from numpy.typing import NDArray

from scrim.disclosure.boxes import Box
from scrim.disclosure.draw import mask_of
from scrim.disclosure.masks import FrameMasks, MaskList
from scrim.errors import DisclosureRefused
from scrim.policy import Zone
from scrim.redact.mask import FILL, even, samples
from scrim.redact.shapes import Area, area_of
from scrim.redact.zones import Zones

_EDGE: Final = 6  # pixels inside a mask's rim that encoding may blur
_OFF: Final = 16  # of 255, by which encoding may miss the colour
_STRAY: Final = 0.005  # of a mask's pixels, that may be further off


def check_film(film: Path, masks: MaskList) -> None:
    """Refuse a film that does not show its list's masks.

    Raises:
        DisclosureRefused: says in which frame what is not there.
    """
    width, height = even(masks.size[0]), even(masks.size[1])
    zones = Zones([Zone.parse(zone) for zone in masks.zones]).raster(*masks.size, 0).areas
    count = 0
    try:
        with av.open(str(film)) as container:
            for picture in container.decode(video=0):
                if count == len(masks.frames):
                    raise _not(f"it has more than {count} frames")
                frame = masks.frames[count]
                if (picture.width, picture.height) != (width, height):
                    raise _not(f"frame {frame.index} has another size")
                luma = samples(picture.planes[0])
                if not _is_covered(luma, frame, zones):
                    raise _not(f"in frame {frame.index} a mask is missing")
                count += 1
    except (av.FFmpegError, OSError) as error:
        raise _not(f"it cannot be read ({error.strerror})") from None
    if count != len(masks.frames):
        raise _not(f"it has {count} of {len(masks.frames)} frames")


def _is_covered(luma: NDArray[np.uint8], frame: FrameMasks, zones: tuple[Area, ...]) -> bool:
    if frame.whole:
        return _is_flat(luma)
    shape = (luma.shape[0] // 2, luma.shape[1] // 2)
    for one in frame.masks:
        inner = Box(
            one.box.x + _EDGE, one.box.y + _EDGE, one.box.w - 2 * _EDGE, one.box.h - 2 * _EDGE
        )
        if inner.w < 1 or inner.h < 1:
            continue
        mask = mask_of(one, inner)
        area = area_of(mask, shape)
        if area is not None and not _is_flat(_of(luma, area)):
            return False
    return all(_is_flat(_inner(luma, area)) for area in zones)


def _of(luma: NDArray[np.uint8], area: Area) -> NDArray[np.uint8]:
    """The luma samples of an area, in a row."""
    part = luma[2 * area.top : 2 * area.bottom, 2 * area.left : 2 * area.right]
    if area.inside is None:
        return part.ravel()
    return part[area.inside.repeat(2, axis=0).repeat(2, axis=1)]


def _inner(luma: NDArray[np.uint8], area: Area) -> NDArray[np.uint8]:
    """The same without the rim."""
    if area.inside is None:
        return _of(luma, area)
    kept = area.inside.copy()
    for _ in range(_EDGE // 2):
        padded = np.pad(kept, 1)
        kept = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:] & kept
    return _of(luma, Area(area.top, area.bottom, area.left, area.right, kept))


def _is_flat(luma: NDArray[np.uint8]) -> bool:
    if not luma.size:
        return True
    away = np.abs(luma.astype(np.int16) - FILL[0]) > _OFF
    return float(away.mean()) <= _STRAY


def _not(what: str) -> DisclosureRefused:
    return DisclosureRefused(
        f"The film is not the one that its list of masks describes: {what}.",
        "Let it be made again; do not let this one out.",
    )
