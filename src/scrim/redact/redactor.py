"""From clear frames to redacted ones: look, follow both ways, cover.

Rules kept here:

- A frame leaves ``MASKED`` or ``CLEAR`` only when a detector has finished with a
  look at or before it *and* a look at or after it in the same scene.  Whatever
  else happens (the detector fails, the decoder reports damage, the view is not to be
  trusted) it leaves ``BLANKED``.
- Every frame pushed leaves exactly once, in the order it came, and says whether a scene begins
  with it: who follows what masks cover hears it from here and judges no picture itself.
- Nothing is read or written here, and no clock is asked: time is the frames' own.

Looks are ``look_us`` apart.  Where the camera stands, a look goes where something has
changed since it was last looked at, and where a moving camera brought something in.
What came and went between two looks is looked at where it was (:mod:`._visits`).  What is found is
followed forward to the next look and backward to the one before (:mod:`._tracker`).
Frames leave in bursts, one look late.  A cut ends a burst with looks on both of its sides.
How far apart looks are, how wide masks are and when the whole frame is covered is the
ladder's to say (:mod:`.ladder`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import av
import numpy as np
from numpy.typing import NDArray

from scrim.policy import Cover, Policy
from scrim.redact import _sight
from scrim.redact._cover import Box, Piece, drawn
from scrim.redact._cuts import Cuts
from scrim.redact._eyes import Eyes, Look
from scrim.redact._looks import WHOLE, Rectangle
from scrim.redact._people import Wanted, chosen, matters, moving_pieces
from scrim.redact._stretch import Stretch, steps
from scrim.redact._tracker import HEADS, Tracker
from scrim.redact._visits import Visits
from scrim.redact._watcher import Interval, Watcher
from scrim.redact.detector import Detector
from scrim.redact.frames import ClearFrame, RedactedFrame, Rung
from scrim.redact.ladder import Facts, Ladder, Measures
from scrim.redact.mask import Painter
from scrim.redact.view import ViewWatch
from scrim.redact.zones import Zones

DAMAGED = "the decoder reported damage"
"""The reason given for frames that were blanked because of the decoder."""

UNREADABLE = "the picture's format cannot be read"
"""The reason given for frames no small picture could be made of."""

# Flow holds less the further apart frames are: where they are few, look more often.
_SMOOTH_US = 50_000
_JERKY_LOOK_US = 400_000
_FLOW_STEP_US = 80_000  # at 120 ms small faces are lost now and then
_FAINT = 0.3  # of the threshold: what counts as a find at all
# Every shape before a moving camera is new: there a false person costs more, and comes oftener.
_LIKELY_PERSON, _LIKELY_PERSON_STILL = 0.86, 0.73
_PERHAPS_PERSON = 0.5  # where whole people are to be covered
_PEOPLE_EVERY = 4  # looks
_MANY_LOST = 2  # tracks, and half of all, that the last look did not find: certainty is low


@dataclass(slots=True)
class _Seen:
    """A frame waiting for its masks; its smaller pictures are made when they are wanted."""

    frame: ClearFrame
    tiny: _sight.Tiny
    facts: Facts
    luma: NDArray[np.uint8] | None = None
    small: NDArray[np.uint8] | None = None
    rung: Rung = Rung.NORMAL
    reason: str = ""
    measures: Measures = field(default_factory=Measures)
    begins: bool = False  # a scene


class Redactor:
    """Masks the frames of one camera.

    Args:
        detector: for faces; asked every ``look_us``; may fail in any way.
        others: asked about the whole picture at the same looks: for plates, vehicles, heads.
        people: finds whole people; asked where motion cannot tell them from the background:
            at a scene's start, before a moving camera, and where people are covered.
        look_frames: most frames between two looks.
        look_us: microseconds between two looks at most, where frames allow; under
            20 frames a second never more than 400 ms.
        threshold: detections scored lower do not begin a mask.
        margin: a mask's width over the width of the face found; upward it gets
            more, so that hair and forehead are covered.
        policy: what is covered, where always, and how masks look.
        view: watches the view of a camera that is mounted somewhere, over all its streams;
            none for films, whose cuts are no turned cameras.

    Attributes:
        burden: what the recorder knows of its load, for the frames pushed from now on.
    """

    def __init__(
        self,
        detector: Detector,
        *,
        others: Sequence[Detector] = (),
        people: Detector | None = None,
        look_frames: int = 20,
        look_us: int = 800_000,
        threshold: float = 0.2,
        margin: float = 1.45,
        policy: Policy | None = None,
        view: ViewWatch | None = None,
    ) -> None:
        if look_frames < 1 or look_us < 0 or margin < 1:
            raise ValueError("look_frames and margin are 1 or more, look_us is not negative")
        self._policy = policy or Policy()
        self._eyes = Eyes(detector, others, people, Zones(self._policy.zones), threshold)
        self._look_frames = look_frames
        self._look_us = look_us
        self._threshold = threshold
        self._margin = margin
        self._painter = Painter(self._policy)
        self._size = (0, 0)
        self._sight: _sight.Sight | None = None
        self._pending: list[_Seen] = []
        self._cuts = Cuts()
        self._tracker = Tracker((0, 0), threshold)
        self._watcher = Watcher()
        self._view = view
        self._ladder = Ladder()
        self._last_moving: list[Piece] = []  # what moves in pending[0]
        self._last_passing: list[Piece] = []  # what visits before it found, where it is in it
        self._people_wanted = True
        self._uncertain = False
        self._people_wait = 0  # looks until whole people are looked for again
        self._moving = False
        self._failed = ""  # why the look at pending[0] gave no verdict
        self.burden = Facts()

    @property
    def pending(self) -> int:
        """Frames that came in and have not left."""
        return len(self._pending)

    def push(self, frame: ClearFrame) -> list[RedactedFrame]:
        """Take the next frame; give those that are ready, oldest first.

        Never raises for a detector's fault: it blanks.
        """
        size = (frame.picture.width, frame.picture.height)
        out: list[RedactedFrame] = []
        if frame.damaged:
            # What is in a damaged picture can neither be looked at nor followed through.
            out += self.flush()
            self._ladder.step(replace(self.burden, failed=DAMAGED), frame.captured_us)
            out.append(self._painter.blanked(frame, DAMAGED, begins_scene=True))
            return out
        if size != self._size:
            out += self.flush()
        try:
            seen = self._see(frame)
        except (av.FFmpegError, ValueError):  # a layout the scaler does not know
            out += self.flush()
            out.append(self._painter.blanked(frame, UNREADABLE, begins_scene=True))
            return out
        if not self._pending:
            self._cuts.forget()
        if self._cuts.push(seen.tiny):
            out += self.flush()
            self._painter.reset()
        seen.begins = not self._pending
        self._pending.append(seen)
        if seen.begins:
            self._begin()
        elif self._due():
            out += self._go_on()
        return out

    def flush(self) -> list[RedactedFrame]:
        """Give all that is pending; the next frame starts afresh."""
        out: list[RedactedFrame] = []
        if len(self._pending) > 1:
            out += self._go_on()
        if self._pending:
            out += self._covered([self._at_last_look()], self._failed)
        self._pending = []
        self._tracker.tracks = []
        self._last_moving = []
        self._last_passing = []
        self._failed = ""
        return out

    def reset(self, reason: str) -> list[RedactedFrame]:
        """:meth:`flush`, and forget the stream: its pictures' size may change.

        Args:
            reason: why, for whoever reads the call; nothing depends on it.
        """
        del reason
        out = self.flush()
        self._painter.reset()
        self._size = (0, 0)
        return out

    def _at_last_look(self) -> list[Piece]:
        """What has to be covered in the picture that was looked at last."""
        return self._tracker.pieces() + self._last_moving + self._last_passing

    def _see(self, frame: ClearFrame) -> _Seen:
        size = (frame.picture.width, frame.picture.height)
        if self._sight is None or size != self._size:
            self._sight = self._eyes.sight(*size)
            self._tracker = Tracker(size, self._threshold, self._tracker.next_number)
            self._size = size
        tiny = self._sight.tiny(frame.picture)
        facts = replace(self.burden, failed=self._failed, uncertain=self._uncertain)
        if self._view is not None:
            view = self._view.push(self._sight.watched(frame.picture), frame.captured_us)
            facts = replace(facts, view=view.reason, doubtful_view=view.doubtful)
        seen = _Seen(frame, tiny, facts)
        self._judge(seen)
        return seen

    def _judge(self, seen: _Seen) -> None:
        seen.measures = self._ladder.step(seen.facts, seen.frame.captured_us)
        seen.rung, seen.reason = self._ladder.rung, self._ladder.reason

    def _luma(self, i: int) -> NDArray[np.uint8]:
        """Brightness of a pending picture, for flow."""
        seen = self._pending[i]
        if seen.luma is None:
            assert self._sight is not None
            seen.luma = self._sight.luma(seen.frame.picture)
        return seen.luma

    def _small(self, i: int) -> NDArray[np.uint8]:
        """Brightness of a pending picture, for changes."""
        seen = self._pending[i]
        if seen.small is None:
            assert self._sight is not None
            seen.small = self._sight.small(self._luma(i))
        return seen.small

    def _due(self) -> bool:
        factor = self._pending[-1].measures.look_distance_factor
        if len(self._pending) > self._look_frames * factor:
            return True
        first, last = self._pending[0].frame.captured_us, self._pending[-1].frame.captured_us
        step = (last - first) // (len(self._pending) - 1)
        wish = self._look_us if step <= _SMOOTH_US else min(self._look_us, _JERKY_LOOK_US)
        # Half a frame early is nearer to the wish than half a frame late.
        return last - first + step // 2 >= wish * factor

    def _begin(self, *, look: Look | None = None) -> None:
        """Begin a scene with a look at its first frame."""
        first = self._pending[0]
        if look is None:
            look = self._look(first, WHOLE, closely=True, aside=True, people=_LIKELY_PERSON)
        self._people_wait = _PEOPLE_EVERY
        self._moving = False
        self._failed = look.failed
        self._tracker.begin(look.found)
        self._last_moving = []
        self._last_passing = []
        self._watcher.begin(self._small(0), first.frame.captured_us)

    def _look(
        self,
        seen: _Seen,
        where: tuple[Rectangle, ...],
        *,
        closely: bool = False,
        aside: bool = False,
        people: float | None = None,
    ) -> Look:
        """Ask the detectors about parts of a picture."""
        assert self._sight is not None
        look = self._eyes.look(
            self._sight,
            seen.frame.picture,
            where,
            closely=closely,
            aside=aside,
            people=people,
        )
        if not look.failed and look.where:  # one that asked nobody ends no doubt
            if self._view is not None:
                self._view.looked(seen.frame.captured_us)
            if seen.facts.failed:  # this very look ends it
                seen.facts = replace(seen.facts, failed="")
                self._judge(seen)
        factor = seen.measures.threshold_factor
        least = _FAINT * self._threshold * factor
        # A lower threshold is a higher score: one scale for all that is compared with it.
        look.found = [
            replace(one, score=min(1.0, one.score / factor))
            for one in look.found
            if one.score >= least and matters(one.kind, self._policy.cover)
        ]
        return look

    def _go_on(self) -> list[RedactedFrame]:
        """Look at the last pending frame and give all before it."""
        last = len(self._pending) - 1
        newest = self._pending[-1]
        at_us = newest.frame.captured_us
        interval = self._interval(last, at_us)
        self._moving = interval.moving
        where, fresh = self._watcher.where(
            interval, at_us, self._boxes(missed=True), self._boxes(missed=False)
        )
        where = self._eyes.looks_at(where)
        people = self._likely_person(interval) if where else None
        # Before a still camera the whole picture is looked at seldom, and then closely.
        closely = where == WHOLE and fresh != WHOLE and not interval.moving
        look = self._look(newest, where, closely=closely, aside=bool(where), people=people)
        failed = self._failed or look.failed
        if failed:
            out = self._covered([[] for _ in range(last)], failed)
            # All of the picture: what was looked at and not answered is not known.
            self._begin(look=look if look.failed or look.where == WHOLE else None)
            return out
        self._watcher.looked(interval.smalls[-1], where, at_us)
        masks, failed = self._pieces(interval, look, fresh)
        return self._covered(masks, failed)

    def _interval(self, last: int, at_us: int) -> Interval:
        spent = at_us - self._pending[0].frame.captured_us
        stride = max(1, min(_FLOW_STEP_US * last // spent if spent > 0 else 1, 4))
        return self._watcher.interval(steps(last, stride), self._small)

    def _likely_person(self, interval: Interval) -> float | None:
        """From which score on to take whole people; ``None``: do not look for them now."""
        asked = Cover.PERSONS in self._policy.cover
        wanted = asked or interval.moving or not self._watcher.scene.known
        self._people_wanted = wanted
        self._people_wait = (self._people_wait - 1) % _PEOPLE_EVERY if wanted else 0
        if not wanted or self._people_wait:
            return None
        if asked:
            return _PERHAPS_PERSON
        return _LIKELY_PERSON if interval.moving else _LIKELY_PERSON_STILL

    def _pieces(
        self, interval: Interval, look: Look, fresh: Sequence[Rectangle]
    ) -> tuple[list[list[Piece]], str]:
        """What to cover in each pending frame but the last, and why that is not known."""
        assert self._sight is not None
        luma, small = self._sight.luma_scale, self._sight.small_scale
        stretch = Stretch(self._luma, interval.at, interval.camera * (luma / small), luma)
        width, height = self._size

        def looked_at(kind: str, x: float, y: float) -> bool:
            if kind == "person":
                # Where motion tells people, what was once taken for one is not kept for ever.
                return look.people or not self._people_wanted
            if kind not in HEADS:
                return bool(look.where)
            return any(one.holds(x / width, y / height) for one in look.where)

        def changed(x: float, y: float) -> bool:
            return any(one.holds(x / width, y / height) for one in fresh)

        patience = self._pending[-1].measures.patience_extra
        masks = self._tracker.advance(
            look.found, looked_at, stretch, patience, changed, again=look.again
        )
        lost = sum(track.missed > 0 for track in self._tracker.tracks)
        self._uncertain = lost > max(_MANY_LOST, len(self._tracker.tracks) / 2)
        guessed = self._add_moving(interval, masks)
        masks[0] += self._last_passing
        self._last_passing = []
        # of the last picture it is known later what else is in it; it may be seen by no look again
        all_of_it = [*masks, self._last_passing]
        visits = Visits(interval, masks, small, guessed)
        while (wish := visits.next()) is not None:
            step, where = wish
            between = self._look(self._pending[interval.at[step]], where)
            if between.failed:
                return masks, between.failed
            self._tracker.visit(
                between.found, step, stretch, all_of_it, visits.present, again=between.again
            )
            visits.looked(step, between.where)
        return masks, ""

    def _add_moving(self, interval: Interval, masks: list[list[Piece]]) -> list[NDArray[np.bool_]]:
        """Cover who moves without a face that was found.

        Returns:
            for each picture measured, the small pixels of who was covered so.
        """
        assert self._sight is not None
        scale = self._sight.small_scale
        at = interval.at
        everything = any(seen.measures.figures for seen in self._pending)
        wanted = Wanted.by(self._policy.cover, everything=everything)
        times = [self._pending[i].frame.captured_us for i in at]
        foregrounds = self._watcher.foregrounds(interval, times)
        handled = [np.zeros(interval.smalls[0].shape, np.bool_) for _ in at]
        last = self._last_moving
        for step in range(1, len(at)):
            near = masks[min(at[step], len(masks) - 1)]
            moving: list[Piece] = []
            if wanted.whole or not interval.moving:
                moving, handled[step] = moving_pieces(foregrounds, step, near, scale, wanted)
            # Between two measured pictures they are where either shows them.
            for i in range(at[step - 1], at[step]):
                masks[i] += last + moving
            last = moving
        self._last_moving = last
        return handled

    def _boxes(self, *, missed: bool) -> list[Box]:
        """Where tracks are, or were looked for in vain, as fractions of the picture."""
        size = (*self._size, *self._size)
        return [
            [side / whole for side, whole in zip(t.box.tolist(), size, strict=True)]
            for t in self._tracker.tracks
            if bool(t.missed) == missed
        ]

    def _covered(self, masks: Sequence[Sequence[Piece]], failed: str) -> list[RedactedFrame]:
        """Redact the first pending frames, one for each entry of ``masks``, and drop them."""
        out = []
        for seen, pieces in zip(self._pending, masks, strict=False):
            measures = seen.measures
            # What moves is not known before the background is: then doubt covers everything.
            known = self._moving or self._watcher.scene.known
            blind = measures.figures and seen.facts.doubtful_view and not known
            if failed or measures.whole or blind:
                reason = failed or seen.reason
                out.append(self._painter.blanked(seen.frame, reason, begins_scene=seen.begins))
                continue
            wanted = chosen(pieces, self._policy.cover)
            masked = drawn(wanted, self._size, self._margin * measures.margin_factor)
            out.append(
                self._painter.masked(
                    seen.frame,
                    masked,
                    seen.rung,
                    seen.reason,
                    moving=self._moving,
                    begins_scene=seen.begins,
                )
            )
        del self._pending[: len(masks)]
        return out
