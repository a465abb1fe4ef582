"""The newest seconds of one camera, in memory: what a live playlist is made from.

Rules:

- Media sequence numbers rise by one from segment to segment and never fall.  They
  begin at the recorder's segment number, which is never used twice, so they do not
  fall when the server starts again either; where the recorder skips a number, they
  stay behind it.  Addresses have the recorder's number.
- A segment begins with its part 0, which has a key frame.  Where parts are missing
  the segment ends with what is there, and the next one is a discontinuity.
- A new epoch or initialisation segment, or a hole in time, is a discontinuity.
- What the window keeps is bounded in segments, parts and bytes; after a silence it
  keeps nothing, so that an old picture is never served as live.

Nothing here waits or knows about sockets; :mod:`scrim.api.hub` does.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from typing import Final

from scrim.api.playlist import Live, LivePart, LiveSegment, rounded
from scrim.clock import SECOND
from scrim.live.wire import Init, Part, SegmentDone
from scrim.store.timeline import HOLE_US

LISTED: Final = 7
KEPT: Final = 10  # a player may still ask for what has just left the playlist
LONGEST_BYTES: Final = 64 * 1024 * 1024
MOST_PARTS: Final = 256
LEAST_PART_TARGET_US: Final = 200_000
AHEAD: Final = 2  # segments that a playlist request may be ahead, as the draft says


@dataclass(slots=True)
class _Segment:
    msn: int
    number: int
    init: Init
    start_us: int
    discontinuity: bool
    parts: list[Part] = field(default_factory=list)
    done: bool = False
    until_us: int | None = None  # as the recorder says

    @property
    def end_us(self) -> int:
        sum_us = self.start_us + sum(part.duration_us for part in self.parts)
        # a part lasts until its last frame ends; frames that were left out may follow it
        if self.until_us is not None and 0 <= self.until_us - sum_us <= SECOND:
            return self.until_us
        return sum_us

    @property
    def size(self) -> int:
        return sum(len(part.payload) for part in self.parts)


class Window:
    """One camera's window.

    Args:
        target_seconds: how long segments are meant to be; grows if one is longer.
    """

    def __init__(self, target_seconds: int = 2) -> None:
        self.target_seconds = target_seconds
        self._segments: deque[_Segment] = deque()
        self._init: Init | None = None
        self._before: tuple[int, int, Init, int] | None = None  # msn, number, init, end of the last
        self._broken = False
        self._discontinuities = 0  # of segments that are no longer kept

    @property
    def epoch(self) -> int:
        """The recorder's epoch; -1 before it has said so."""
        return -1 if self._init is None else self._init.epoch

    @property
    def empty(self) -> bool:
        """Nothing can be shown."""
        return not self._segments

    def begin(self, init: Init) -> bool:
        """Take what the following parts need; ``False`` if it is older than what is here."""
        if init.epoch < self.epoch:
            return False
        if self._init is not None and (init.epoch, init.init) == (
            self._init.epoch,
            self._init.init,
        ):
            return True  # the recorder has connected again
        if self._init is None:
            self._discontinuities = init.epoch  # so that it does not fall when the server restarts
        self._init = init
        self._finish()
        return True

    def add(self, part: Part) -> bool:
        """Take a part; ``False`` if there is no place for it."""
        if self._init is None or part.init != self._init.init:
            return False
        last = self._segments[-1] if self._segments else None
        if last is not None and not last.done and part.segment == last.number:
            return self._continue(last, part)
        if self._before is not None and part.segment <= self._before[1]:
            return False  # of a segment that has ended
        if last is not None and part.segment <= last.number:
            return False
        self._finish()
        if part.part != 0 or not part.independent:
            self._broken = True  # the beginning is missing; wait for the next segment
            return False
        self._start(part, self._init)
        return True

    def finish(self, done: SegmentDone) -> bool:
        """The segment has all its parts."""
        if self.empty or self._segments[-1].done or self._segments[-1].number != done.segment:
            return False
        self._segments[-1].until_us = done.end_us
        self._finish()
        return True

    def clear(self) -> None:
        """Keep nothing; what comes next goes on counting."""
        self._finish()
        while self._segments:
            self._drop()

    # what is asked of it

    def reached(self, msn: int, part: int | None) -> bool:
        """Whether the playlist has segment ``msn``, or that part of it or a later one."""
        if self.empty:
            return False
        last = self._segments[-1]
        if part is None:
            return (last.msn if last.done else last.msn - 1) >= msn
        return last.msn > msn or (last.msn == msn and len(last.parts) > part)

    def too_far(self, msn: int, part: int | None) -> bool:
        """Whether a request is so far ahead that it is a mistake."""
        if self.empty:
            return False
        last = self._segments[-1]
        if msn > last.msn + AHEAD:
            return True
        if part is None or msn < last.msn:
            return False
        limit = max(3, math.ceil(3 * SECOND / self.part_target_us))
        return part > limit + (len(last.parts) - 1 if msn == last.msn else 0)

    def hint(self) -> tuple[int, int] | None:
        """Segment and part that should come next."""
        if self.empty:
            return None
        last = self._segments[-1]
        return (last.number + 1, 0) if last.done else (last.number, len(last.parts))

    def init(self, epoch: int, init: int) -> bytes | None:
        """That initialisation segment, if something that needs it is kept."""
        inits = [segment.init for segment in self._segments]
        if self._init is not None:
            inits.append(self._init)
        for known in inits:
            if (known.epoch, known.init) == (epoch, init):
                return known.payload
        return None

    def segment(self, number: int) -> bytes | None:
        """That segment, if it is whole and kept."""
        found = self._find(number)
        if found is None or not found.done:
            return None
        return b"".join(part.payload for part in found.parts)

    def part(self, number: int, part: int) -> bytes | None:
        """That part, if it is kept."""
        found = self._find(number)
        if found is None or not 0 <= part < len(found.parts):
            return None
        return found.parts[part].payload

    @property
    def part_target_us(self) -> int:
        """The longest part that is listed, in whole milliseconds."""
        longest = max(
            (part.duration_us for segment in self._listed() for part in segment.parts), default=0
        )
        return max(LEAST_PART_TARGET_US, -(-longest // 1000) * 1000)

    def state(self) -> Live | None:
        """What a playlist lists now; ``None`` if there is nothing to show."""
        listed = self._listed()
        hint = self.hint()
        if not listed or hint is None:
            return None
        unlisted = [segment for segment in self._segments if segment.msn < listed[0].msn]
        return Live(
            target_seconds=self.target_seconds,
            part_target_us=self.part_target_us,
            media_sequence=listed[0].msn,
            discontinuity_sequence=self._discontinuities
            + sum(segment.discontinuity for segment in unlisted),
            segments=tuple(_described(segment) for segment in listed),
            hint=f"live-{hint[0]}-{hint[1]}.m4s",
        )

    # how it changes

    def _start(self, part: Part, init: Init) -> None:
        msn, discontinuity = part.segment, False
        if self._before is not None:
            last_msn, last_number, last_init, end_us = self._before
            msn = last_msn + 1
            discontinuity = (
                self._broken
                or init is not last_init
                or part.segment != last_number + 1
                or abs(part.start_us - end_us) > HOLE_US
            )
        self._broken = False
        segment = _Segment(msn, part.segment, init, part.start_us, discontinuity, [part])
        self._segments.append(segment)
        self._bound()

    def _continue(self, segment: _Segment, part: Part) -> bool:
        expected = len(segment.parts)
        if part.part < expected:
            return False
        if part.part > expected or expected >= MOST_PARTS:
            self._finish()
            self._broken = True
            return False
        segment.parts.append(part)
        self._bound()
        return True

    def _finish(self) -> None:
        if self.empty or self._segments[-1].done:
            return
        last = self._segments[-1]
        last.done = True
        self.target_seconds = max(self.target_seconds, rounded(last.end_us - last.start_us))
        self._before = (last.msn, last.number, last.init, last.end_us)

    def _bound(self) -> None:
        while len(self._segments) > KEPT:
            self._drop()
        while len(self._segments) > 1 and sum(s.size for s in self._segments) > LONGEST_BYTES:
            self._drop()
        if self._segments[-1].size > LONGEST_BYTES:
            self._finish()
            self._broken = True

    def _drop(self) -> None:
        self._discontinuities += self._segments.popleft().discontinuity

    def _listed(self) -> list[_Segment]:
        return list(self._segments)[-LISTED:]

    def _find(self, number: int) -> _Segment | None:
        return next((segment for segment in self._segments if segment.number == number), None)


def _described(segment: _Segment) -> LiveSegment:
    return LiveSegment(
        uri=f"live-{segment.number}.m4s",
        map_uri=f"init-{segment.init.epoch}-{segment.init.init}.mp4",
        start_us=segment.start_us,
        duration_us=segment.end_us - segment.start_us,
        parts=tuple(
            LivePart(f"live-{segment.number}-{index}.m4s", part.duration_us, part.independent)
            for index, part in enumerate(segment.parts)
        ),
        done=segment.done,
        discontinuity=segment.discontinuity,
    )
