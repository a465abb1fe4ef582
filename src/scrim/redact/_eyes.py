"""Asking the detectors: which images they get, and what their answers mean in the picture.

Rules kept here:

- What lies in a privacy zone is burnt before any detector sees it.
- One detector that gives no sane answer makes the whole look a failed one.
- A detector that takes images of one size only always gets the whole picture.
- All of a large picture is looked at finely and less finely by turns: what only a fine look
  finds (behind a surgical mask, half hidden) goes on for longer than one look lasts, and is
  followed both ways.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import av
import numpy as np
from numpy.typing import NDArray

from scrim.errors import DetectorFailed
from scrim.redact import _looks
from scrim.redact._looks import WHOLE, Rectangle
from scrim.redact._sight import Sight
from scrim.redact.detector import Detection, Detector, Fitting, look_size, verdict
from scrim.redact.zones import Zones

_MOST_PIXELS = 1920 * 1088
_LARGE_LOOK = 2 * 640 * 352  # pixels of the look: below that there is nothing to save
_LESS_FINELY = 0.8  # of the sides
_PARTS_COST = 0.5  # of what the whole picture costs
_MULTIPLE = 32  # sides of the images a detector is given


@dataclass(slots=True)
class Look:
    """What detectors said about one picture, in its pixels.

    Attributes:
        where: the parts that were looked at.
        found: all that was found, however faint.
        failed: why there is no verdict; "" if there is one.
        people: whole people were looked for.
    """

    where: tuple[Rectangle, ...]
    found: list[Detection]
    failed: str = ""
    people: bool = False


class Eyes:
    """The detectors of one camera.

    Args:
        detector: for faces.
        others: for anything else; asked about whole pictures.
        people: for whole people; asked where it is worth its time.
        zones: of the camera's policy.
    """

    def __init__(
        self,
        detector: Detector,
        others: Sequence[Detector],
        people: Detector | None,
        zones: Zones,
    ) -> None:
        self._detector = detector
        self._others = tuple(others)
        self._people = people
        self._zones = zones
        self._finely = True  # the last look at all of a picture was a fine one

    def sight(self, width: int, height: int) -> Sight:
        """What makes the smaller pictures of a stream of that size."""
        return Sight(width, height, look_size(self._detector, width, height))

    def looks_at(self, where: tuple[Rectangle, ...]) -> tuple[Rectangle, ...]:
        """What is looked at when ``where`` is asked for."""
        return where if isinstance(self._detector, Fitting) else WHOLE

    def look(
        self,
        sight: Sight,
        picture: av.VideoFrame,
        where: tuple[Rectangle, ...],
        *,
        closely: bool = False,
        aside: bool = False,
        people: float | None = None,
    ) -> Look:
        """Look for faces in parts of a picture, and for other things in all of it.

        Args:
            sight: of the picture's stream.
            picture: the decoded picture.
            where: where faces are looked for, if anywhere.
            closely: look at the picture in its own size, whatever that costs.
            aside: ask the other detectors, too.
            people: look for whole people, too, and take those of this score or more.
        """
        where = self.looks_at(where)
        people_asked = people is not None and self._people is not None
        look = Look(where, [], people=people_asked)
        try:
            if where:
                look.found += self._faces(sight, picture, where, closely=closely)
            if aside:
                for detector in self._others:
                    look.found += self._whole(sight, picture, detector)
            if people is not None and self._people is not None:
                persons = self._whole(sight, picture, self._people)
                look.found += [one for one in persons if one.score >= people]
        except DetectorFailed as error:
            look.failed = error.message
        except (av.FFmpegError, ValueError):
            look.failed = "no image could be made for the detector"
        return look

    def _faces(
        self,
        sight: Sight,
        picture: av.VideoFrame,
        where: Sequence[Rectangle],
        *,
        closely: bool,
    ) -> list[Detection]:
        size = sight.look_at
        if isinstance(self._detector, Fitting) and tuple(where) == WHOLE and not closely:
            self._finely = not self._finely
            size = size if self._finely else _less_fine(size)
        elif isinstance(self._detector, Fitting):
            share = 0.0 if closely else sum(one.area for one in where)
            size = _careful(size, (picture.width, picture.height), share)
        image = self._burnt(sight.image(picture, size))
        across, down = size[0] / picture.width, size[1] / picture.height
        found: list[Detection] = []
        for left, top, right, bottom in _looks.crops(where, size, _MULTIPLE):
            answer = verdict(self._detector, image[top:bottom, left:right])
            found += [_placed(one, left, top, 1 / across, 1 / down) for one in answer]
        return found

    def _whole(self, sight: Sight, picture: av.VideoFrame, detector: Detector) -> list[Detection]:
        across, down = look_size(detector, picture.width, picture.height)
        image = self._burnt(sight.image(picture, (across, down)))
        x, y = picture.width / max(1, across), picture.height / max(1, down)
        return [_placed(one, 0, 0, x, y) for one in verdict(detector, image)]

    def _burnt(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        self._zones.burn(image)
        return image


def _less_fine(size: tuple[int, int]) -> tuple[int, int]:
    """The size of every other look at all of a picture."""
    if size[0] * size[1] < _LARGE_LOOK:
        return size
    width, height = (round(side * _LESS_FINELY / _MULTIPLE) * _MULTIPLE for side in size)
    return width, height


def _careful(least: tuple[int, int], most: tuple[int, int], share: float) -> tuple[int, int]:
    """Size of the whole image, of which a ``share`` is looked at.

    Small parts are looked at the more closely, up to the picture's own size (or 1080p), so
    that they cost no more than half the picture at ``least``; no share at all is as close as
    can be.
    """
    if least[0] <= 0 or least[1] <= 0:
        return least
    by = (_PARTS_COST / max(0.01, share)) ** 0.5
    by = min(by, most[0] / least[0], most[1] / least[1])
    by = min(by, (_MOST_PIXELS / (least[0] * least[1])) ** 0.5)
    if by <= 1:
        return least
    width, height = (round(side * by / _MULTIPLE) * _MULTIPLE for side in least)
    return width, height


def _placed(one: Detection, left: int, top: int, across: float, down: float) -> Detection:
    """A find of a part of a shrunk picture, in the whole one."""
    x, y = (one.x + left) * across, (one.y + top) * down
    return replace(one, x=x, y=y, w=one.w * across, h=one.h * down)
