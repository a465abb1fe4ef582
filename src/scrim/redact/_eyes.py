"""Asking the detectors: which images they get, and what their answers mean in the picture.

Rules kept here:

- What lies in a privacy zone is burnt before any detector sees it.
- One detector that gives no sane answer makes the whole look a failed one.
- A detector that takes images of one size only always gets the whole picture.
- What a look finds faintly is looked at again, alone and enlarged (:mod:`._again`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from scrim.errors import DetectorFailed
from scrim.redact import _looks
from scrim.redact._again import again, is_doubtful
from scrim.redact._looks import WHOLE, Rectangle
from scrim.redact._parts import Cut, Parts, made
from scrim.redact._sight import Sight
from scrim.redact.detector import Detection, Detector, Fitting, look_size, verdict
from scrim.redact.zones import Zones

_MOST_PIXELS = 1920 * 1088
_PARTS_COST = 0.15  # of what the whole picture costs
_MULTIPLE = 32  # sides of the images a detector is given


@dataclass(slots=True)
class Look:
    """What detectors said about one picture, in its pixels.

    Attributes:
        where: the parts that were looked at.
        found: all that was found, however faint.
        failed: why there is no verdict; "" if there is one.
        people: whole people were looked for.
        again: doubts about faces were looked at again.
    """

    where: tuple[Rectangle, ...]
    found: list[Detection]
    failed: str = ""
    people: bool = False
    again: bool = False


class Eyes:
    """The detectors of one camera.

    Args:
        detector: for faces.
        others: for anything else; asked about whole pictures.
        people: for whole people; asked where it is worth its time.
        zones: of the camera's policy.
        plain: score from which on a face is not looked at again.
    """

    def __init__(
        self,
        detector: Detector,
        others: Sequence[Detector],
        people: Detector | None,
        zones: Zones,
        plain: float,
    ) -> None:
        self._detector = detector
        self._others = tuple(others)
        self._people = people
        self._zones = zones
        self._plain = plain

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
        look = Look(where, [], people=people_asked, again=isinstance(self._detector, Fitting))
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
        except (av.FFmpegError, cv2.error, ValueError):
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
        own, size = (picture.width, picture.height), sight.look_at
        whole, fitting = tuple(where) == WHOLE, isinstance(self._detector, Fitting)
        if fitting and (closely or not whole):
            size = _careful(size, own, 0.0 if closely else sum(one.area for one in where))
        if min(size) <= 0:
            raise ValueError("the detector wants no image")
        across, down = size[0] / own[0], size[1] / own[1]
        parts = None if whole else self._parts(sight, picture)
        found: list[Detection] = []
        for left, top, right, bottom in _looks.crops(where, size, _MULTIPLE):
            if parts is None:
                image = self._burnt(sight.image(picture, size))
            else:
                # of a small part much less is shrunk so than if all were, and then cut
                image = _cut(parts, (left, top, right, bottom), size)
            answer = verdict(self._detector, image)
            found += [_placed(one, left, top, 1 / across, 1 / down) for one in answer]
        if fitting and any(is_doubtful(one, self._plain) for one in found):
            parts = parts or self._parts(sight, picture)
            found = again(self._detector, parts, found, self._plain)
        return found

    def _parts(self, sight: Sight, picture: av.VideoFrame) -> Parts:
        """Parts of the picture in its own size, nothing of a zone in them."""
        if self._zones:
            return Cut(self._burnt(sight.image(picture, (picture.width, picture.height))))
        return made(picture, lambda part: sight.image(part, (part.width, part.height)))

    def _whole(self, sight: Sight, picture: av.VideoFrame, detector: Detector) -> list[Detection]:
        across, down = look_size(detector, picture.width, picture.height)
        image = self._burnt(sight.image(picture, (across, down)))
        x, y = picture.width / max(1, across), picture.height / max(1, down)
        return [_placed(one, 0, 0, x, y) for one in verdict(detector, image)]

    def _burnt(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        self._zones.burn(image)
        return image


def _careful(least: tuple[int, int], most: tuple[int, int], share: float) -> tuple[int, int]:
    """Size of the whole image, of which a ``share`` is looked at.

    Small parts are looked at the more closely, up to the picture's own size (or 1080p), so
    that they cost no more than 15 % of the picture at ``least``; no share at all is as
    close as can be.
    """
    if least[0] <= 0 or least[1] <= 0:
        return least
    by = (_PARTS_COST / max(1e-6, share)) ** 0.5
    by = min(by, most[0] / least[0], most[1] / least[1])
    by = min(by, (_MOST_PIXELS / (least[0] * least[1])) ** 0.5)
    if by <= 1:
        return least
    width, height = (max(1, round(side * by / _MULTIPLE)) * _MULTIPLE for side in least)
    return width, height


def _cut(
    picture: Parts, part: tuple[int, int, int, int], size: tuple[int, int]
) -> NDArray[np.uint8]:
    """A part of ``picture`` as it would be if all of it were of that size.

    Args:
        picture: in its own size.
        part: left, top, right, bottom, in pixels of the other size.
        size: width and height.
    """
    left, top, right, bottom = part
    if (picture.width, picture.height) == size:
        return np.ascontiguousarray(picture.at(slice(top, bottom), slice(left, right)))
    across, down = picture.width / size[0], picture.height / size[1]
    rows = _span(top * down, bottom * down)
    columns = _span(left * across, right * across)
    shrunk = cv2.resize(
        picture.at(rows, columns), (right - left, bottom - top), interpolation=cv2.INTER_AREA
    )
    return np.asarray(shrunk, np.uint8)


def _span(first: float, last: float) -> slice:
    """Whole pixels, one at least."""
    return slice(round(first), max(round(first) + 1, round(last)))


def _placed(one: Detection, left: int, top: int, across: float, down: float) -> Detection:
    """A find of a part of a shrunk picture, in the whole one."""
    x, y = (one.x + left) * across, (one.y + top) * down
    return replace(one, x=x, y=y, w=one.w * across, h=one.h * down)
