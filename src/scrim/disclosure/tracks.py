"""The same person from frame to frame, by place and motion; and choosing one by hand.

Rules:

1. Nobody is recognised: a track goes on where exactly one shape lies where it was, and this
   shape lies where exactly one track was.  Nothing else is looked at.
2. A track ends where going on would be a guess: at a cut, a gap, a picture covered whole;
   where two shapes touch or one divides; where the shape jumps in size; where there are two
   heads in it, or a head that was somebody else's; where it is told by other means than before.
3. It is not taken up again.  Who chooses may choose a second track, by place and time again.
4. A mask belongs to the one who is followed only if it has gone with them since it first
   appeared.  Every other mask covers, also where it lies over them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from scrim.disclosure.boxes import Box, overlap
from scrim.disclosure.people import Person, people
from scrim.disclosure.watch import Film, Verdict
from scrim.errors import TrackUnclear

_SAME = 0.3  # of both, from one frame to the next
_REMEMBERED = 25  # frames, whose sizes the next is held against
_WIDER, _TALLER = 1.8, 1.35  # a stride opens and closes; nobody grows
_LONGEST_GAP_US = 500_000

CUT = "the scene ends"
GAP = "pictures are missing"
WHOLE = "the picture is covered whole"
GONE = "nothing is where it was"
TOUCHING = "two shapes touch, or one divides"
SEVERAL = "there may be two people in the shape"
OTHER_FACE = "another head came into the shape"
JUMPED = "the shape changed its size at once"
OTHERWISE = "it is no longer told by its outline, or told by it from here on"
END = "the film ends"


@dataclass(frozen=True, slots=True)
class Place:
    """Somebody in one frame.

    Attributes:
        box: what may be shown of the picture.
        own: which of the frame's masks cover nobody but them, by place in the list.
        guessed: no outline was seen.
    """

    box: Box
    own: frozenset[int]
    guessed: bool


@dataclass(slots=True)
class Track:
    """One person over some frames in a row.

    Attributes:
        number: of the track in this film; the same film gives the same numbers.
        first: index of its first frame.
        places: one a frame from there on.
        ended: why it does not go on.
    """

    number: int
    first: int
    places: list[Place] = field(default_factory=list)
    ended: str = END

    @property
    def last(self) -> int:
        """Index of its last frame."""
        return self.first + len(self.places) - 1

    def at(self, index: int) -> Place | None:
        """Where they are in a frame, if the track goes through it."""
        return self.places[index - self.first] if self.first <= index <= self.last else None


@dataclass(frozen=True, slots=True)
class Pick:
    """A choice by hand.

    Attributes:
        at_us: microseconds since the film's first frame.
        x, y: in the masked picture, ten-thousandths of its width and height.
    """

    at_us: int
    x: int
    y: int


@dataclass(slots=True)
class _Open:
    """A track that still goes on."""

    track: Track
    person: Person
    claimed: set[int]  # numbers of masks that are theirs
    sizes: list[Box] = field(default_factory=list)


def tracks(film: Film) -> list[Track]:
    """Everybody who can be followed for a frame or more, in order of appearance."""
    found: list[Track] = []
    going: list[_Open] = []
    seen: set[int] = set()  # numbers of masks in the frames before
    before: Verdict | None = None
    for verdict in film.verdicts:
        stop = _stops(before, verdict)
        before = verdict
        if stop:
            going = _ended(going, stop)
        here = [] if verdict.whole else people(verdict.masks, film.size)
        pairs = _pairs(going, here)
        new = []
        taken = set()
        for one in going:
            ended = _why_not(one, pairs, here)
            if not ended:
                person = here[pairs[id(one)][0]]
                ended = _go_on(one, person, verdict, seen)
                if not ended:
                    taken.add(id(person))
                    new.append(one)
            if ended:
                one.track.ended = ended
        for person in here:
            if id(person) not in taken and not person.several:
                track = Track(len(found) + 1, verdict.index)
                one = _Open(track, person, set(person.heads | person.boxes))
                _place(one, person, verdict)
                found.append(track)
                new.append(one)
        going = new
        seen |= {mask.track for mask in verdict.masks}
    return found


def pick(film: Film, found: Sequence[Track], choice: Pick) -> Track:
    """The one track at a place and a time.

    Raises:
        TrackUnclear: the time is outside the film, or there is nobody or more than one there.
    """
    verdict = _frame_at(film, choice)
    x, y = choice.x / 10_000 * film.size[0], choice.y / 10_000 * film.size[1]
    there = []
    for track in found:
        place = track.at(verdict.index)
        if place is not None and place.box.holds(x, y):
            there.append(track)
    where = f"{choice.at_us / 1_000_000:.2f} s at {choice.x / 100:g}%,{choice.y / 100:g}%"
    if not there:
        raise TrackUnclear(
            f"There is nobody who can be followed in {where}.",
            "`scrim disclosure tracks` lists who is there; choose another moment.",
        )
    if len(there) > 1:
        names = " and ".join(str(track.number) for track in there)
        raise TrackUnclear(
            f"Tracks {names} overlap in {where}.",
            "Choose a point or a moment at which there is one alone.",
        )
    return there[0]


def _frame_at(film: Film, choice: Pick) -> Verdict:
    """The frame that is on show at that time."""
    last = film.verdicts[-1]
    step = last.at_us // max(1, len(film.verdicts) - 1)
    if not 0 <= choice.at_us <= last.at_us + step:
        raise TrackUnclear(
            f"The film has no picture at {choice.at_us / 1_000_000:.2f} s.",
            f"Choose a time from 0 to {last.at_us / 1_000_000:.2f}.",
        )
    return [verdict for verdict in film.verdicts if verdict.at_us <= choice.at_us][-1]


def _stops(before: Verdict | None, verdict: Verdict) -> str:
    if verdict.whole:
        return WHOLE
    if verdict.cut:
        return CUT
    if before is not None and verdict.at_us - before.at_us > _LONGEST_GAP_US:
        return GAP
    return ""


def _ended(going: Sequence[_Open], why: str) -> list[_Open]:
    for one in going:
        one.track.ended = why
    return []


def _pairs(going: Sequence[_Open], here: Sequence[Person]) -> dict[int, list[int]]:
    """For each open track, which shapes lie where it was."""
    return {
        id(one): [
            n for n, person in enumerate(here) if overlap(one.person.box, person.box) >= _SAME
        ]
        for one in going
    }


def _why_not(one: _Open, pairs: dict[int, list[int]], here: Sequence[Person]) -> str:
    mine = pairs[id(one)]
    if not mine:
        return GONE
    if len(mine) > 1 or sum(mine[0] in others for others in pairs.values()) > 1:
        return TOUCHING
    person = here[mine[0]]
    if person.several:
        return SEVERAL
    if person.guessed != one.person.guessed:
        return OTHERWISE
    widths = median(box.w for box in one.sizes)
    heights = median(box.h for box in one.sizes)
    if max(person.box.w / widths, widths / person.box.w) > _WIDER:
        return JUMPED
    if max(person.box.h / heights, heights / person.box.h) > _TALLER:
        return JUMPED
    return ""


def _go_on(one: _Open, person: Person, verdict: Verdict, seen: set[int]) -> str:
    """Take the next frame in; or say why not."""
    one.claimed |= {number for number in person.heads | person.boxes if number not in seen}
    if not person.heads <= one.claimed:
        return OTHER_FACE
    present = {mask.track for mask in verdict.masks}
    # what has left them for a moment may cover another from now on
    one.claimed -= (one.claimed & present) - person.heads - person.boxes
    one.person = person
    _place(one, person, verdict)
    return ""


def _place(one: _Open, person: Person, verdict: Verdict) -> None:
    own = frozenset(
        i
        for i in person.masks
        if verdict.masks[i].figure is not None or verdict.masks[i].track in one.claimed
    )
    one.track.places.append(Place(person.box, own, person.guessed))
    one.sizes = [*one.sizes[1 - _REMEMBERED :], person.box]
