"""The mask list: what is covered in each frame of a film that is given away, and why.

Canonical JSON ``scrim-masks-v1``, the body of a statement of whoever made it;
docs/ref/formats/masks.md describes it field by field.

Rules:

1. The list alone says what is drawn: with the opened original it makes the same film again.
2. Every mask has a reason, and how it came there: found, followed, held, or drawn by a person.
3. What is shown of somebody is only said: a mask that lies over it is drawn all the same.
4. A list that was read is whole: frames in order, boxes in the picture's range, no unknown word.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from typing import Final

from scrim.canonical import Json
from scrim.disclosure.boxes import Box
from scrim.errors import DisclosureRefused, SettingsError
from scrim.policy import Zone
from scrim.vault.fields import Fields, is_name, is_sha256
from scrim.vault.statement import Statement

FORMAT: Final = "scrim-masks-v1"

_FAR: Final = 1 << 20  # pixels; boxes stick out of pictures, but not for miles
_FIELDS: Final = frozenset(
    {"format", "case", "request", "source", "made", "picks", "zones", "frames", "made_us"}
)
_SOURCE: Final = frozenset({"sha256", "width", "height", "time_base"})
_FRAME: Final = frozenset(
    {"index", "pts", "duration", "at_us", "masks", "shown", "guessed", "rung", "whole"}
)
_MASK: Final = frozenset({"box", "oval", "reason", "how"})


class Reason(StrEnum):
    """Why something is covered."""

    OTHER_PERSON = "other-person"
    FACE = "face"
    PLATE = "plate"  # a plate, or a vehicle that has one
    SCREEN = "screen"
    ZONE = "zone"
    UNCERTAIN = "uncertain"  # nobody can say what it is, or whose


class How(StrEnum):
    """How a mask came to be where it is."""

    DETECTED = "detected"
    PROPAGATED = "propagated"
    HELD = "held"
    DRAWN = "drawn"  # by whoever made the list


@dataclass(frozen=True, slots=True)
class Covered:
    """One mask in one frame: a rectangle, or the oval in it."""

    box: Box
    oval: bool
    reason: Reason
    how: How


@dataclass(frozen=True, slots=True)
class FrameMasks:
    """One frame of the film that goes out.

    Attributes:
        index: of the frame in the source.
        pts: since the source's first frame, in its time base.
        duration: likewise; 0 is unknown.
        at_us: microseconds since the source's first frame.
        masks: what is covered.
        shown: where the chosen one is, or ``None``.
        guessed: that this is told by a face or a figure's box, and no outline was seen.
        rung: how far down the ladder the frame was masked.
        whole: why all of it is covered, or "".
    """

    index: int
    pts: int
    duration: int
    at_us: int
    masks: tuple[Covered, ...]
    shown: Box | None = None
    guessed: bool = False
    rung: int = 0
    whole: str = ""


@dataclass(frozen=True, slots=True)
class MaskList:
    """Everything that is needed to make the film again, but the original.

    Attributes:
        case, request: of the case it is made under; the hash of its request's body.
        source_sha256: of the opened original.
        size: width and height of its upright pictures.
        time_base: of its time stamps, seconds.
        made: with what: detectors, their hashes, settings, libraries and their versions.
        picks: places and times at which the shown one was chosen.
        zones: privacy zones, in their one spelling.
        frames: from the first to the last in which somebody is shown.
        made_us: when, UTC.
    """

    case: str
    request: str
    source_sha256: str
    size: tuple[int, int]
    time_base: Fraction
    made: Mapping[str, Json]
    picks: tuple[tuple[int, int, int], ...]
    zones: tuple[str, ...]
    frames: tuple[FrameMasks, ...]
    made_us: int

    def body(self) -> dict[str, Json]:
        """The body of the statement."""
        base = self.time_base
        return {
            "format": FORMAT,
            "case": self.case,
            "request": self.request,
            "source": {
                "sha256": self.source_sha256,
                "width": self.size[0],
                "height": self.size[1],
                "time_base": [base.numerator, base.denominator],
            },
            "made": self.made,
            "picks": [list(pick) for pick in self.picks],
            "zones": list(self.zones),
            "frames": [_frame_document(frame) for frame in self.frames],
            "made_us": self.made_us,
        }

    @classmethod
    def of(cls, statement: Statement) -> MaskList:
        """The list that a statement holds.

        Raises:
            DisclosureRefused: it is no mask list, or one that makes no sense.
        """
        try:
            return cls._read(statement.body)
        except (ValueError, SettingsError) as error:
            reason = error.message if isinstance(error, SettingsError) else str(error)
            raise DisclosureRefused(
                f"This is not a mask list as Scrim writes it: {reason.rstrip('.')}.",
                "Make the disclosure again with `scrim disclosure make`.",
            ) from None

    @classmethod
    def _read(cls, body: Mapping[str, Json]) -> MaskList:
        fields = Fields(body, _FIELDS)
        fields.is_exactly("format", FORMAT)
        request = fields.text("request")
        if request and not is_sha256(request):
            raise ValueError("request is not a SHA-256")
        source = Fields(fields.mapping("source"), _SOURCE)
        base = _numbers(source.items("time_base"), 2, "time_base")
        size = source.number("width"), source.number("height")
        if min(*size, *base) < 1 or max(size) > _FAR:
            raise ValueError("the source's size or time base is impossible")
        zones = [zone for zone in fields.items("zones") if isinstance(zone, str)]
        if len(zones) != len(fields.items("zones")):
            raise ValueError("a zone is not text")
        for zone in zones:
            Zone.parse(zone)
        frames = tuple(_frame(value) for value in fields.items("frames"))
        if not frames:
            raise ValueError("it has no frames")
        for before, after in pairwise(frames):
            if after.index != before.index + 1 or after.pts <= before.pts:
                raise ValueError("its frames are not one after the other")
        picks = [_numbers(pick, 3, "a pick") for pick in fields.items("picks")]
        return cls(
            fields.name("case"),
            request,
            source.sha256("sha256"),
            size,
            Fraction(*base),
            fields.mapping("made"),
            tuple((one, two, three) for one, two, three in picks),
            tuple(zones),
            frames,
            fields.number("made_us"),
        )


def check_names(case: str, request: str) -> None:
    """Refuse what cannot name a case and its request before hours of film are looked at.

    Raises:
        SettingsError: not a case's id, or not a hash.
    """
    if not is_name(case):
        raise SettingsError(f"{case!r} is not a case's id.", "It looks like case-abcd2345.")
    if request and not is_sha256(request):
        raise SettingsError(
            "The request's hash is not a SHA-256.", "Give that of its body, or leave it out."
        )


def _frame_document(frame: FrameMasks) -> dict[str, Json]:
    return {
        "index": frame.index,
        "pts": frame.pts,
        "duration": frame.duration,
        "at_us": frame.at_us,
        "masks": [
            {
                "box": list(mask.box),
                "oval": mask.oval,
                "reason": mask.reason.value,
                "how": mask.how.value,
            }
            for mask in frame.masks
        ],
        "shown": list(frame.shown or ()),
        "guessed": frame.guessed,
        "rung": frame.rung,
        "whole": frame.whole,
    }


def _frame(value: object) -> FrameMasks:
    fields = Fields(value, _FRAME)
    shown = fields.items("shown")
    frame = FrameMasks(
        fields.number("index"),
        fields.number("pts"),
        fields.number("duration"),
        fields.number("at_us"),
        tuple(_covered(mask) for mask in fields.items("masks")),
        _box(shown) if shown else None,
        fields.truth("guessed"),
        fields.number("rung"),
        fields.text("whole"),
    )
    if frame.whole and frame.shown is not None:
        raise ValueError("a frame is covered whole and shows somebody")
    return frame


def _covered(value: object) -> Covered:
    fields = Fields(value, _MASK)
    reason, how = fields.text("reason"), fields.text("how")
    if reason not in set(Reason) or how not in set(How):
        raise ValueError("a mask has no known reason, or came in no known way")
    box = _box(fields.items("box"))
    return Covered(box, fields.truth("oval"), Reason(reason), How(how))


def _box(value: object) -> Box:
    x, y, w, h = _numbers(value, 4, "a box", least=-_FAR)
    if w < 1 or h < 1 or max(abs(x), abs(y), w, h) > _FAR:
        raise ValueError("a box is of no size, or far outside")
    return Box(x, y, w, h)


def _numbers(value: object, count: int, what: str, *, least: int = 0) -> list[int]:
    items = value if isinstance(value, list | tuple) else []
    numbers = [n for n in items if isinstance(n, int) and not isinstance(n, bool) and n >= least]
    if len(numbers) != count or len(items) != count:
        raise ValueError(f"{what} is not {count} whole numbers")
    return numbers
