"""From clear frames to redacted ones: look, follow both ways, cover.

Rules kept here:

- A frame leaves ``MASKED`` or ``CLEAR`` only when a detector has finished with a
  look at or before it *and* a look at or after it in the same scene.  Whatever
  else happens (the detector fails, the decoder reports damage) it leaves ``BLANKED``.
- Every frame pushed leaves exactly once, in the order it came.
- Nothing is read or written here, and no clock is asked: time is the frames' own.

Looks are ``look_us`` apart.  What is found at a look is followed forward to the
next and backward to the one before, and a frame's masks are the union of both,
so what appears or vanishes between two looks is covered from the one side that
saw it.  Where following forward arrives at what the later look found, the way
back is not measured a second time: its small miss is spread over the frames.
Frames leave in bursts, one look late.  A cut ends a burst with looks on both of
its sides.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import av
import numpy as np
from numpy.typing import NDArray

from scrim.errors import DetectorFailed
from scrim.redact import _sight
from scrim.redact._cover import Piece, drawn, resized
from scrim.redact._flow import Path, follow, steps
from scrim.redact._tracks import Track, boxes_of, match
from scrim.redact.detector import Detection, Detector, look_size, verdict
from scrim.redact.frames import ClearFrame, RedactedFrame, Rung, Source
from scrim.redact.ladder import Facts, Ladder, Measures
from scrim.redact.mask import Painter
from scrim.redact.policy import Policy
from scrim.redact.view import View, ViewWatch

DAMAGED = "the decoder reported damage"
"""The reason given for frames that were blanked because of the decoder."""

UNREADABLE = "the picture's format cannot be read"
"""The reason given for frames no small picture could be made of."""

# Flow holds less the further apart frames are: where they are few, look more often.
_SMOOTH_US = 50_000
_JERKY_LOOK_US = 400_000
_FLOW_STEP_US = 80_000  # at 120 ms a fast camera is lost now and then
_GROWTH = 0.02  # of its size, a frame, for a box confirmed at one end only
_LARGEST_GROWTH = 0.4
_ARRIVED = 0.25  # of its side, that flow may miss what the later look found


@dataclass(slots=True)
class _Seen:
    """A frame waiting for its masks."""

    frame: ClearFrame
    tiny: _sight.Tiny
    facts: Facts
    rung: Rung = Rung.NORMAL
    reason: str = ""
    measures: Measures = field(default_factory=Measures)


@dataclass(slots=True)
class _Look:
    """What a detector said about one frame.  ``failed`` tells why it said nothing."""

    found: list[Detection]
    failed: str = ""


class _Lumas:
    """The pending pictures' luma, made when a box has to be followed through it."""

    def __init__(self, sight: _sight.Sight, pending: Sequence[_Seen]) -> None:
        self._sight = sight
        self._pending = pending
        self._made: dict[int, NDArray[np.uint8]] = {}
        self.scale = sight.luma_scale

    def ahead(self, i: int) -> NDArray[np.uint8]:
        """Of the picture ``i`` from the first."""
        made = self._made.get(i)
        if made is None:
            made = self._made[i] = self._sight.luma(self._pending[i].frame.picture)
        return made

    def behind(self, i: int) -> NDArray[np.uint8]:
        """Of the picture ``i`` back from the last."""
        return self.ahead(len(self._pending) - 1 - i)


class Redactor:
    """Masks the frames of one camera.

    Args:
        detector: asked every ``look_us``; may fail in any way.
        look_frames: most frames between two looks.
        look_us: microseconds between two looks at most, where frames allow; under
            20 frames a second never more than 400 ms.
        threshold: detections scored lower are not covered.
        margin: a mask's width over the width of the box found; upward it gets
            more, so that hair and forehead are covered.
        policy: what is covered, where always, and how masks look.
        view: watches the camera's view, over all of its streams; none for a film, whose
            cuts are no fault.
    """

    def __init__(
        self,
        detector: Detector,
        *,
        look_frames: int = 15,
        look_us: int = 600_000,
        threshold: float = 0.2,
        margin: float = 1.5,
        policy: Policy | None = None,
        view: ViewWatch | None = None,
    ) -> None:
        if look_frames < 1 or look_us < 0 or margin < 1:
            raise ValueError("look_frames and margin are 1 or more, look_us is not negative")
        self._detector = detector
        self._look_frames = look_frames
        self._look_us = look_us
        self._threshold = threshold
        self._margin = margin
        self._painter = Painter(policy or Policy())
        self._size = (0, 0)
        self._sight: _sight.Sight | None = None
        self._pending: list[_Seen] = []
        self._tracks: list[Track] = []  # at pending[0]
        self._failed = ""  # why the look at pending[0] gave no verdict
        self._next_number = 1
        self._view = view
        self._ladder = Ladder()
        self._newest_failed = ""
        self.burden = Facts()
        """What the recorder knows of its load, for the frames pushed from now on."""

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
            out.append(self._painter.blanked(frame, DAMAGED))
            return out
        if size != self._size:
            out += self.flush()
        try:
            seen = self._see(frame)
        except (av.FFmpegError, ValueError):  # a layout the scaler does not know
            out += self.flush()
            out.append(self._painter.blanked(frame, UNREADABLE))
            return out
        if self._pending and _sight.is_cut(self._pending[-1].tiny, seen.tiny):
            out += self.flush()
        self._pending.append(seen)
        if len(self._pending) == 1:
            self._start(self._look(seen))
        elif self._due():
            out += self._burst(self._look(seen))
        return out

    def flush(self) -> list[RedactedFrame]:
        """Give all that is pending; the next frame starts afresh."""
        out: list[RedactedFrame] = []
        if len(self._pending) > 1:
            out += self._burst(self._look(self._pending[-1]))
        if self._pending:
            out += self._covered([_masks_at_look(self._tracks)], self._failed)
        self._pending = []
        self._tracks = []
        self._failed = ""
        return out

    def reset(self, reason: str) -> list[RedactedFrame]:
        """:meth:`flush`, and forget the stream: its pictures' size may change.

        Args:
            reason: why, for whoever reads the call; nothing depends on it.
        """
        del reason
        out = self.flush()
        self._size = (0, 0)
        return out

    def _see(self, frame: ClearFrame) -> _Seen:
        size = (frame.picture.width, frame.picture.height)
        if self._sight is None or size != self._size:
            self._sight = _sight.Sight(*size, look_size(self._detector, *size))
            self._size = size
        tiny = self._sight.tiny(frame.picture)
        view = View()
        if self._view is not None:
            view = self._view.push(self._sight.watched(frame.picture), frame.captured_us)
        facts = replace(
            self.burden,
            view=view.reason,
            doubtful_view=view.doubtful,
            failed=self._newest_failed,
        )
        seen = _Seen(frame, tiny, facts)
        self._judge(seen)
        return seen

    def _judge(self, seen: _Seen) -> None:
        seen.measures = self._ladder.step(seen.facts, seen.frame.captured_us)
        seen.rung, seen.reason = self._ladder.rung, self._ladder.reason

    def _due(self) -> bool:
        factor = self._pending[-1].measures.look_distance_factor
        if len(self._pending) > self._look_frames * factor:
            return True
        first, last = self._pending[0].frame.captured_us, self._pending[-1].frame.captured_us
        step = (last - first) // (len(self._pending) - 1)
        wish = self._look_us if step <= _SMOOTH_US else min(self._look_us, _JERKY_LOOK_US)
        # Half a frame early is nearer to the wish than half a frame late.
        return last - first + step // 2 >= wish * factor

    def _look(self, seen: _Seen) -> _Look:
        look = self._looked_at(seen)
        self._newest_failed = look.failed
        if not look.failed:
            if self._view is not None:
                self._view.looked(seen.frame.captured_us)
            if seen.facts.failed:  # this very look ends it
                seen.facts = replace(seen.facts, failed="")
                self._judge(seen)
        return look

    def _looked_at(self, seen: _Seen) -> _Look:
        assert self._sight is not None
        try:
            found = verdict(self._detector, self._sight.look(seen.frame.picture))
        except DetectorFailed as error:
            return _Look([], error.message)
        except (av.FFmpegError, ValueError):
            return _Look([], "no image could be made for the detector")
        across, down = self._sight.look_scale
        return _Look(
            [
                replace(d, x=d.x / across, y=d.y / down, w=d.w / across, h=d.h / down)
                for d in found
                if d.score >= self._threshold * seen.measures.threshold_factor
            ]
        )

    def _start(self, look: _Look) -> None:
        """Begin a scene with a look at its first frame."""
        self._failed = look.failed
        self._tracks = [self._new_track(found) for found in look.found]

    def _new_track(self, found: Detection) -> Track:
        number = self._next_number
        self._next_number += 1
        return Track(number, _box(found), found.kind, found.score, Source.DETECTED)

    def _burst(self, look: _Look) -> list[RedactedFrame]:
        """Give all pending frames but the last, at which ``look`` was taken."""
        failed = self._failed or look.failed
        last = len(self._pending) - 1
        if failed:
            out = self._covered([[] for _ in range(last)], failed)
            self._start(look)
            return out
        spent = self._pending[-1].frame.captured_us - self._pending[0].frame.captured_us
        stride = max(1, min(_FLOW_STEP_US * last // spent if spent > 0 else 1, 4))
        assert self._sight is not None
        lumas, at = _Lumas(self._sight, self._pending), steps(last, stride)
        old = self._tracks
        ahead = _followed(lumas.ahead, boxes_of(old), at, lumas.scale)
        found = np.array([_box(d) for d in look.found]).reshape(-1, 4)
        pairs = match(ahead.boxes[-1], found)
        new = [
            self._continued(old[pairs[f]], detection) if f in pairs else self._new_track(detection)
            for f, detection in enumerate(look.found)
        ]
        met = {a: f for f, a in pairs.items()}
        arrived = {f: a for f, a in pairs.items() if _has_arrived(ahead, a, found[f])}
        rest = [f for f in range(len(new)) if f not in arrived]
        back = [last - i for i in reversed(at)]
        behind = _followed(lumas.behind, found[rest], back, lumas.scale)
        masks: list[list[Piece]] = [[] for _ in range(last)]
        for a, track in enumerate(old):
            grown = 0.0 if a in met else _GROWTH
            _lay(masks, track, ahead, a, grown)
        for n, f in enumerate(rest):
            grown = 0.0 if f in pairs else _GROWTH
            _lay(masks, new[f], behind, n, grown, backward=True)
        for f, a in arrived.items():
            missed = (found[f] - ahead.boxes[-1, a]) / last
            spread = ahead.boxes[:, a] + np.arange(last + 1)[:, None] * missed
            path = Path(spread[:, None], ahead.followed[:, a, None])
            _lay(masks[1:], new[f], path, 0, 0.0, first=1)
        out = self._covered(masks, "")
        for a, track in enumerate(old):
            patience = track.patience + self._pending[0].measures.patience_extra
            if a not in met and track.missed < patience:
                box = np.array(resized(ahead.boxes[-1, a].tolist(), min(_GROWTH * last, 0.15)))
                if self._inside(box):
                    new.append(replace(track, box=box, source=Source.HELD, missed=track.missed + 1))
        self._tracks = new
        self._failed = ""
        return out

    def _continued(self, track: Track, found: Detection) -> Track:
        return Track(
            number=track.number,
            box=_box(found),
            kind=found.kind,
            score=max(track.score, found.score),
            source=Source.DETECTED,
            seen=track.seen + 1,
        )

    def _inside(self, box: NDArray[np.float64]) -> bool:
        width, height = self._size
        across, down = (box[:2] + box[2:]) / 2
        return bool(0 <= across < width and 0 <= down < height)

    def _covered(self, masks: Sequence[Sequence[Piece]], failed: str) -> list[RedactedFrame]:
        """Redact the first pending frames, one for each entry of ``masks``, and drop them."""
        out = []
        for seen, pieces in zip(self._pending, masks, strict=False):
            measures = seen.measures
            # Figures are not known here yet: whole where in doubt, wide where only loaded.
            doubtful = measures.figures and seen.facts.doubtful_view
            if failed or measures.whole or doubtful:
                out.append(self._painter.blanked(seen.frame, failed or seen.reason))
            else:
                masked = drawn(pieces, self._size, self._margin * measures.margin_factor)
                out.append(self._painter.masked(seen.frame, masked, seen.rung, seen.reason))
        del self._pending[: len(masks)]
        return out


def _lay(
    masks: list[list[Piece]],
    track: Track,
    path: Path,
    n: int,
    grown: float,
    *,
    backward: bool = False,
    first: int = 0,
) -> None:
    """Add box ``n`` of ``path`` to the pieces of each frame.

    Args:
        masks: for the pending frames from ``first`` on, but the last.
        track: whose box it is.
        path: from the first pending frame on, or backward from the last.
        n: which of its boxes.
        grown: by which fraction the box grows with each frame away from the path's start.
        backward: it begins at the last pending frame.
        first: which frame ``masks`` begin at.
    """
    boxes, followed = path.boxes[:, n].tolist(), path.followed[:, n].tolist()
    last = len(boxes) - 1
    for i, pieces in enumerate(masks, first):
        away = last - i if backward else i
        growth = grown * away
        if away == 0:
            source = track.source
        elif followed[away] and track.source is Source.DETECTED:
            source = Source.PROPAGATED
        else:
            source = Source.HELD
        if not followed[away]:
            growth += _GROWTH * away
        box = resized(boxes[away], min(growth, _LARGEST_GROWTH)) if growth else boxes[away]
        pieces.append(Piece(track.number, box, track.kind, source))


def _followed(
    luma: Callable[[int], NDArray[np.uint8]],
    boxes: NDArray[np.float64],
    at: Sequence[int],
    scale: float,
) -> Path:
    path = follow(luma, boxes * scale, at)
    return Path(path.boxes / scale, path.followed)


def _has_arrived(path: Path, n: int, found: NDArray[np.float64]) -> bool:
    """Whether box ``n`` was followed all the way to what was found there."""
    box = path.boxes[-1, n]
    side = float((found[2:] - found[:2]).min())
    return bool(path.followed[-1, n]) and float(np.abs(box - found).max()) <= _ARRIVED * side


def _masks_at_look(tracks: Sequence[Track]) -> list[Piece]:
    return [Piece(t.number, t.box.tolist(), t.kind, t.source) for t in tracks]


def _box(found: Detection) -> NDArray[np.float64]:
    return np.array([found.x, found.y, found.x + found.w, found.y + found.h], dtype=np.float64)
