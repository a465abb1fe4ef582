"""From what masking saw and what a person chose to the list of masks.

Rules:

1. Everything that masking covered stays covered, but what covers the chosen one alone, and
   that only inside the rectangle in which they are shown.
2. Who makes the list may add masks and take none away.
3. One person is shown at a time, and nothing before they appear and after they are gone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scrim.disclosure.boxes import Box, common, without
from scrim.disclosure.masks import Covered, FrameMasks, How, Reason
from scrim.disclosure.people import box_of
from scrim.disclosure.tracks import Place, Track
from scrim.disclosure.watch import Film, Verdict
from scrim.errors import SettingsError, TrackUnclear
from scrim.redact import Mask

_WHOLE = 10_000
_WIDE = 1.2  # over its height: a vehicle, or several people


@dataclass(frozen=True, slots=True)
class Cover:
    """A mask drawn by hand: a rectangle for some time.

    Attributes:
        box: left, top, width and height, in ten-thousandths of the picture's.
        reason: why.
        since_us, until_us: microseconds since the film's first frame, the second excluded;
            to the end where it is ``None``.
    """

    box: Box
    reason: Reason = Reason.SCREEN
    since_us: int = 0
    until_us: int | None = None

    def __post_init__(self) -> None:
        x, y, w, h = self.box
        inside = 0 <= x < _WHOLE and 0 <= y < _WHOLE and w > 0 and h > 0
        if not inside or x + w > _WHOLE or y + h > _WHOLE:
            raise SettingsError(
                "A cover lies outside the picture, or is empty.",
                "Write it as X,Y,W,H in shares of the picture, such as 0.1,0.2,0.3,0.1.",
            )
        if self.until_us is not None and self.until_us <= self.since_us:
            raise SettingsError(
                "A cover ends before it begins.", "Write its time as @FROM-TO, in seconds."
            )

    def at(self, at_us: int) -> bool:
        """Whether it is drawn at that time."""
        return self.since_us <= at_us and (self.until_us is None or at_us < self.until_us)

    def pixels(self, size: tuple[int, int]) -> Box:
        """The whole pixels that it touches."""
        width, height = size
        x, y = self.box.x * width // _WHOLE, self.box.y * height // _WHOLE
        right = -(-self.box.right * width // _WHOLE)
        bottom = -(-self.box.bottom * height // _WHOLE)
        return Box(x, y, right - x, bottom - y)


def compose(
    film: Film, chosen: Sequence[Track], covers: Sequence[Cover] = ()
) -> tuple[FrameMasks, ...]:
    """The masks of each frame from the first to the last in which somebody is shown.

    Args:
        film: as masking saw it.
        chosen: the tracks that were picked; the same one may be there twice.
        covers: what is drawn by hand.

    Raises:
        TrackUnclear: two of the tracks are there at the same time, or none is chosen.
    """
    places: dict[int, Place] = {}
    for track in {track.number: track for track in chosen}.values():
        for n, place in enumerate(track.places):
            if track.first + n in places:
                raise TrackUnclear(
                    f"Track {track.number} is there at the same time as another that was chosen.",
                    "Choose one person; make one disclosure for each.",
                )
            places[track.first + n] = place
    if not places:
        raise TrackUnclear("Nobody was chosen.", "Say when and where with --at and --point.")
    first, last = min(places), max(places)
    begin = film.verdicts[0].pts
    return tuple(
        _frame(verdict, places.get(verdict.index), covers, film.size, begin)
        for verdict in film.verdicts
        if first <= verdict.index <= last
    )


def _frame(
    verdict: Verdict,
    place: Place | None,
    covers: Sequence[Cover],
    size: tuple[int, int],
    begin: int,
) -> FrameMasks:
    masks = [
        Covered(cover.pixels(size), False, cover.reason, How.DRAWN)
        for cover in covers
        if cover.at(verdict.at_us)
    ]
    for i, mask in enumerate(verdict.masks):
        if place is not None and i in place.own:
            masks += _around(mask, place.box)
        else:
            masks.append(Covered(box_of(mask), mask.oval, _reason(mask), How(mask.source.value)))
    return FrameMasks(
        verdict.index,
        verdict.pts - begin,
        verdict.duration,
        verdict.at_us,
        tuple(masks),
        None if place is None else place.box,
        place is not None and place.guessed,
        verdict.rung,
        verdict.whole,
    )


def _around(mask: Mask, shown: Box) -> list[Covered]:
    """What is left of the chosen one's own mask: the part around what is shown of them."""
    box = box_of(mask)
    if mask.oval and common(box, shown) == box:
        return []
    how = How(mask.source.value)
    return [Covered(part, False, Reason.UNCERTAIN, how) for part in without(box, shown)]


def _reason(mask: Mask) -> Reason:
    if mask.kind in ("face", "head"):
        return Reason.FACE
    if mask.kind in ("plate", "vehicle"):
        return Reason.PLATE
    if mask.kind == "person" and mask.figure is not None and mask.w > _WIDE * mask.h:
        return Reason.UNCERTAIN
    return Reason.OTHER_PERSON
