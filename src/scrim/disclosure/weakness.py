"""Which frames of a film have to be looked at before it goes out, the weakest masks first.

Nobody knows where a detector failed; but it is known where masks rest on least.

Rules:

1. It is worked out from the list of masks by whoever reviews; the list says nothing of it.
2. Of a run of frames that are weak for the same reasons, the first, the last and every
   twelfth are to be looked at; where somebody begins or ceases to be shown, each.
3. Besides, one frame of every second is, whatever the list says.

======  ==============================================================================
weight  why
======  ==============================================================================
6       a mask is gone, and was not at the picture's rim: nobody vanishes in the middle
5       somebody begins or ceases to be shown: is it the right one, and the same one?
4       another's mask reaches into what is shown: beside it they may show
3       a mask is held where something was last found, and was not found again
3       what is shown is told by a face or a box, and not by an outline
2       a mask moves by more than a third of its size from one frame to the next
2       masking was not certain of the frame
1       somebody is shown and nobody else was found
0       one frame of every second
======  ==============================================================================
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from scrim.disclosure.boxes import Box, common
from scrim.disclosure.masks import Covered, FrameMasks, How, MaskList, Reason

GONE = "a mask is gone in the middle of the picture"
TURN = "somebody begins or ceases to be shown"
NEAR = "another's mask reaches into what is shown"
HELD = "a mask is held where nothing was found again"
GUESSED = "what is shown is not told by an outline"
FAST = "a mask moves far from one frame to the next"
UNSURE = "masking was not certain"
ALONE = "nobody else was found"
SECOND = "one frame of every second"

WEIGHTS = {GONE: 6, TURN: 5, NEAR: 4, HELD: 3, GUESSED: 3, FAST: 2, UNSURE: 2, ALONE: 1, SECOND: 0}

_EVERY = 12  # frames of a run that is weak for one and the same reasons
_EACH_US = 1_000_000
_FAR = 1 / 3  # of a mask's smaller side


@dataclass(frozen=True, slots=True)
class WeakFrame:
    """A frame to look at.

    Attributes:
        index: in the source.
        why: at least one of the reasons above, the heaviest first.
        weight: of all of them.
    """

    index: int
    why: tuple[str, ...]
    weight: int


def weak_frames(masks: MaskList) -> list[WeakFrame]:
    """All frames that have to be looked at; those whose masks rest on least come first."""
    reasons = list(_reasons(masks))
    found = {}
    run = 0
    for n, why in enumerate(reasons):
        begins = n == 0 or reasons[n - 1] != why
        ends = n == len(reasons) - 1 or reasons[n + 1] != why
        run = 0 if begins else run + 1
        if why and (begins or ends or run % _EVERY == 0 or TURN in why):
            found[n] = why
    for n in _each_second(masks.frames):
        found.setdefault(n, (*reasons[n], SECOND))
    weak = [
        WeakFrame(masks.frames[n].index, why, sum(WEIGHTS[one] for one in why))
        for n, why in found.items()
    ]
    return sorted(weak, key=lambda frame: (-frame.weight, frame.index))


def _reasons(masks: MaskList) -> Iterator[tuple[str, ...]]:
    before: FrameMasks | None = None
    turns = _turns(masks.frames)
    for frame in masks.frames:
        if frame.whole:
            yield ()
        else:
            why = set(_of_frame(frame)) | set(_since(before, frame, masks.size))
            if frame.index in turns:
                why.add(TURN)
            yield tuple(one for one in WEIGHTS if one in why)
        before = frame


def _turns(frames: Sequence[FrameMasks]) -> set[int]:
    turns = {frames[0].index, frames[-1].index}
    for one, next_one in pairwise(frames):
        if (one.shown is None) != (next_one.shown is None):
            turns |= {one.index, next_one.index}
    return turns


def _of_frame(frame: FrameMasks) -> Iterator[str]:
    if any(mask.how is How.HELD for mask in frame.masks):
        yield HELD
    if frame.rung:
        yield UNSURE
    if frame.shown is None:
        return
    if any(common(mask.box, frame.shown).area for mask in frame.masks):
        yield NEAR
    if frame.guessed:
        yield GUESSED
    if not frame.masks:
        yield ALONE


def _since(before: FrameMasks | None, frame: FrameMasks, size: tuple[int, int]) -> Iterator[str]:
    if before is None or before.whole:
        return
    now = [*(mask.box for mask in frame.masks), *([frame.shown] if frame.shown else [])]
    for mask in before.masks:
        if mask.how is How.DRAWN or mask.reason is Reason.UNCERTAIN:
            continue  # drawn for a time, or left over of the chosen one's own
        if not _at_rim(mask.box, size) and not any(common(mask.box, box).area for box in now):
            yield GONE
    if any(_leaps(mask, before) for mask in frame.masks):
        yield FAST


def _leaps(mask: Covered, before: FrameMasks) -> bool:
    """Whether the mask that was nearest to this one's place was far from it."""
    near = [one for one in before.masks if one.reason is mask.reason and one.oval == mask.oval]
    if not near:
        return False
    x, y = mask.box.middle
    away = min(max(abs(x - one.box.middle[0]), abs(y - one.box.middle[1])) for one in near)
    return away > _FAR * min(mask.box.w, mask.box.h)


def _at_rim(box: Box, size: tuple[int, int]) -> bool:
    return box.x <= 0 or box.y <= 0 or box.right >= size[0] or box.bottom >= size[1]


def _each_second(frames: Sequence[FrameMasks]) -> Iterator[int]:
    """The first frame of each second, by place in the list."""
    due = frames[0].at_us
    for n, frame in enumerate(frames):
        if frame.at_us >= due:
            yield n
            due = frame.at_us + _EACH_US
