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
saw it.  Frames therefore leave in bursts, one look late.  A cut ends a burst with
looks on both of its sides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import av
import numpy as np
from numpy.typing import NDArray

from scrim.errors import DetectorFailed
from scrim.redact import _sight, mask
from scrim.redact._flow import Path, follow
from scrim.redact._tracks import Track, boxes_of, match
from scrim.redact.detector import Detection, Detector, look_size, verdict
from scrim.redact.frames import ClearFrame, Mask, RedactedFrame, Source
from scrim.redact.mask import Style

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


@dataclass(slots=True)
class _Seen:
    """A frame waiting for its masks."""

    frame: ClearFrame
    tiny: NDArray[np.uint8]


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
        style: how masks look.
    """

    def __init__(
        self,
        detector: Detector,
        *,
        look_frames: int = 15,
        look_us: int = 600_000,
        threshold: float = 0.2,
        margin: float = 1.5,
        style: Style = Style.SOLID,
    ) -> None:
        if look_frames < 1 or look_us < 0 or margin < 1:
            raise ValueError("look_frames and margin are 1 or more, look_us is not negative")
        self._detector = detector
        self._look_frames = look_frames
        self._look_us = look_us
        self._threshold = threshold
        self._margin = margin
        self._style = style
        self._size = (0, 0)
        self._sight: _sight.Sight | None = None
        self._pending: list[_Seen] = []
        self._tracks: list[Track] = []  # at pending[0]
        self._failed = ""  # why the look at pending[0] gave no verdict
        self._next_number = 1

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
            out.append(mask.blanked(frame, DAMAGED))
            return out
        if size != self._size:
            out += self.flush()
        try:
            seen = self._see(frame)
        except (av.FFmpegError, ValueError):  # a layout the scaler does not know
            out += self.flush()
            out.append(mask.blanked(frame, UNREADABLE))
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
        return _Seen(frame, self._sight.tiny(frame.picture))

    def _due(self) -> bool:
        if len(self._pending) > self._look_frames:
            return True
        first, last = self._pending[0].frame.captured_us, self._pending[-1].frame.captured_us
        step = (last - first) // (len(self._pending) - 1)
        wish = self._look_us if step <= _SMOOTH_US else min(self._look_us, _JERKY_LOOK_US)
        # Half a frame early is nearer to the wish than half a frame late.
        return last - first + step // 2 >= wish

    def _look(self, seen: _Seen) -> _Look:
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
                if d.score >= self._threshold
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
        assert self._sight is not None
        scale = self._sight.luma_scale
        lumas = _Lumas(self._sight, self._pending)
        spent = self._pending[-1].frame.captured_us - self._pending[0].frame.captured_us
        stride = max(1, min(_FLOW_STEP_US * last // spent if spent > 0 else 1, 4))
        old = self._tracks
        ahead = _unscaled(follow(lumas.ahead, last + 1, boxes_of(old) * scale, stride), scale)
        found = np.array([_box(d) for d in look.found]).reshape(-1, 4)
        behind = _unscaled(follow(lumas.behind, last + 1, found * scale, stride), scale)
        pairs = match(ahead.boxes[-1], found)
        new = [
            self._continued(old[pairs[f]], detection) if f in pairs else self._new_track(detection)
            for f, detection in enumerate(look.found)
        ]
        met = {a: f for f, a in pairs.items()}
        masks: list[list[_Piece]] = []
        for i in range(last):
            pieces = []
            for a, track in enumerate(old):
                grown = 0.0 if a in met else _GROWTH * i
                pieces.append(_Piece.of(track, ahead, i, a, grown, at_look=i == 0))
            for f, track in enumerate(new):
                grown = 0.0 if f in pairs else _GROWTH * (last - i)
                pieces.append(_Piece.of(track, behind, last - i, f, grown, at_look=False))
            masks.append(pieces)
        out = self._covered(masks, "")
        for a, track in enumerate(old):
            if a not in met and track.missed < track.patience:
                box = _resized(ahead.boxes[-1, a], min(_GROWTH * last, 0.15))
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

    def _covered(self, masks: Sequence[Sequence[_Piece]], failed: str) -> list[RedactedFrame]:
        """Redact the first pending frames, one for each entry of ``masks``, and drop them."""
        out = []
        for seen, pieces in zip(self._pending, masks, strict=False):
            if failed:
                out.append(mask.blanked(seen.frame, failed))
            else:
                drawn = _drawn(pieces, self._size, self._margin)
                out.append(mask.masked(seen.frame, drawn, self._style))
        del self._pending[: len(masks)]
        return out


@dataclass(frozen=True, slots=True)
class _Piece:
    """One box of one track in one frame, before the margin."""

    number: int
    box: NDArray[np.float64]
    kind: str
    source: Source

    @staticmethod
    def of(track: Track, path: Path, i: int, n: int, grown: float, *, at_look: bool) -> _Piece:
        if at_look:
            source = track.source
        elif path.followed[i, n] and track.source is Source.DETECTED:
            source = Source.PROPAGATED
        else:
            source = Source.HELD
        if not path.followed[i, n]:
            grown += _GROWTH * i
        box = _resized(path.boxes[i, n], min(grown, _LARGEST_GROWTH))
        return _Piece(track.number, box, track.kind, source)


def _masks_at_look(tracks: Sequence[Track]) -> list[_Piece]:
    return [_Piece(track.number, track.box, track.kind, track.source) for track in tracks]


def _box(found: Detection) -> NDArray[np.float64]:
    return np.array([found.x, found.y, found.x + found.w, found.y + found.h], dtype=np.float64)


def _unscaled(path: Path, scale: NDArray[np.float64]) -> Path:
    return Path(path.boxes / scale, path.followed)


def _resized(box: NDArray[np.float64], by: float) -> NDArray[np.float64]:
    """``box`` larger by the fraction ``by`` in each direction, its middle kept."""
    half = (box[2:] - box[:2]) / 2 * (1 + by)
    middle = (box[:2] + box[2:]) / 2
    return np.concatenate([middle - half, middle + half])


_CERTAIN = (Source.DETECTED, Source.PROPAGATED, Source.HELD)


def _drawn(pieces: Sequence[_Piece], size: tuple[int, int], margin: float) -> list[Mask]:
    """Masks for one frame: margins added, pieces of one track joined where they touch."""
    joined: list[_Piece] = []
    for piece in sorted(pieces, key=lambda p: p.number):
        other = joined[-1] if joined else None
        if other is not None and other.number == piece.number and _touch(other.box, piece.box):
            joined[-1] = replace(
                other,
                box=np.concatenate(
                    [
                        np.minimum(other.box[:2], piece.box[:2]),
                        np.maximum(other.box[2:], piece.box[2:]),
                    ]
                ),
                source=min(other.source, piece.source, key=_CERTAIN.index),
            )
        else:
            joined.append(piece)
    masks = []
    for piece in joined:
        rectangle = _with_margin(piece.box, size, margin)
        if rectangle is not None:
            masks.append(Mask(*rectangle, piece.kind, piece.number, piece.source))
    return masks


def _touch(one: NDArray[np.float64], other: NDArray[np.float64]) -> bool:
    return bool((one[:2] < other[2:]).all() and (other[:2] < one[2:]).all())


def _with_margin(
    box: NDArray[np.float64], size: tuple[int, int], margin: float
) -> tuple[int, int, int, int] | None:
    """Whole pixels around the whole head, or nothing where that is outside the picture.

    A detector's box goes from the brow to the chin; hair stands above it.
    """
    width, height = (box[2:] - box[:2]).tolist()
    # A pixel of the shrunk picture is several here: small boxes are the least exact.
    spare = max(size) / 320
    side = (margin - 1) / 2 * width + spare
    left = np.floor(box[0] - side)
    right = np.ceil(box[2] + side)
    top = np.floor(box[1] - (margin - 1) * 0.9 * height - spare)
    bottom = np.ceil(box[3] + (margin - 1) * 0.5 * height + spare)
    x0, x1 = (int(min(max(edge, 0), size[0])) for edge in (left, right))
    y0, y1 = (int(min(max(edge, 0), size[1])) for edge in (top, bottom))
    if x0 >= x1 or y0 >= y1:
        return None
    return x0, y0, x1 - x0, y1 - y0
