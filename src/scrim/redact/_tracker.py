"""Follows what was found from look to look, both ways, and lays pieces of masks over the frames.

Rules kept here:

- What was found at either look covers the frames between them: forward from the earlier
  look, backward from the later one, the union of both.
- A faint find may go on with a track: a face that turns away is found ever more faintly
  before it is lost.  Alone it is tentative: what the next look finds again, in a picture
  that is not the same one, has been there all the time and is covered from then on.  Where
  doubts are looked at again, one of the two finds must have shown something there.
- A doubtful find where nothing has changed since a look found nothing there is tentative,
  too, and looked at again: noise is not found twice.
- A track that was not looked at is neither confirmed nor missed.
- A track that was looked for and not found is held for some looks more, and grows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from scrim.redact._again import WITNESS
from scrim.redact._cover import Box, Piece, resized
from scrim.redact._flow import Path
from scrim.redact._laid import GROWTH, hold, lay
from scrim.redact._stretch import Stretch
from scrim.redact._tracks import Track, boxes_of, match
from scrim.redact.detector import Detection, is_cut_off
from scrim.redact.frames import Source

_HELD_GROWTH = 0.15
_ARRIVED = 0.25  # of its side, that flow may miss what the later look found
_FAINT_REACH = 0.6  # of its side, that a faint find may be away from the track it goes on with
_RIM_DISCOUNT = 0.6  # of the threshold, for those
_PASSING_DISCOUNT = 0.35  # of the threshold, for what came and went where nobody looked again
_PASSING_DISCOUNT_LARGE = 0.5  # the same for large faces, which are found well or are none
_PASSING_LARGE = 0.25  # of the picture's height
_RIM_LARGEST = 0.35  # of the picture: everything larger is near its rim
_AT_RIM = 0.1  # of its other side: nearer than that a face is cut off
_NARROWEST, _FLATTEST = 0.85, 1.1  # a whole face's width over its height, and the reverse
_SURE = 1.75  # times the threshold, for what is found where an earlier look found nothing
_COVERED = 0.9  # of a box, by another
HEADS = frozenset({"face", "head"})
"""Kinds that are as high and wide as heads are."""


LookedAt: TypeAlias = Callable[[str, float, float], bool]


class Tracker:
    """The tracks of one scene.

    Args:
        size: width and height of the picture, pixels.
        threshold: score from which a find begins a track.
        first: number of the first track.
    """

    def __init__(self, size: tuple[int, int], threshold: float, first: int = 1) -> None:
        self._size = size
        self._threshold = threshold
        self.next_number = first
        self.tracks: list[Track] = []

    def begin(self, found: Sequence[Detection]) -> None:
        """Start with what a look at the scene's first picture found."""
        self.tracks = [self._new(one) for one in found]

    def pieces(self) -> list[Piece]:
        """What has to be covered at the last look."""
        return [
            Piece(t.number, t.box.tolist(), t.kind, t.source)
            for t in self.tracks
            if not t.tentative
        ]

    def advance(
        self,
        found: Sequence[Detection],
        looked_at: LookedAt,
        stretch: Stretch,
        patience: int = 0,
        fresh: Callable[[float, float], bool] = lambda _x, _y: True,
        *,
        again: bool = False,
    ) -> list[list[Piece]]:
        """Go on to the next look; give the pieces of all pictures before it.

        Args:
            found: what it found.
            looked_at: whether a kind was looked for at the point (x, y) of the picture.
            stretch: the pictures from the last look to this one.
            patience: looks more than usual that a track is held without being found.
            fresh: whether the picture has changed at a point since the last look.
            again: what was doubtful has been looked at again.
        """
        old, last = self.tracks, stretch.last
        ahead = stretch.follow(boxes_of(old))
        taken, pairs = self._matched(old, ahead.boxes[-1], found)
        least = WITNESS * self._threshold if again else 0.0
        pairs = {f: a for f, a in pairs.items() if self._confirms(taken[f], old[a], fresh, least)}
        boxes = np.array([self._box(one) for one in taken]).reshape(-1, 4)
        new = [
            self._continued(old[pairs[f]], one) if f in pairs else self._appeared(one, fresh)
            for f, one in enumerate(taken)
        ]
        met = set(pairs.values())
        shown = [a for a, track in enumerate(old) if a in met or not track.tentative]
        arrived = {f: a for f, a in pairs.items() if _has_arrived(ahead, a, boxes[f])}
        rest = [f for f, track in enumerate(new) if f not in arrived and not track.tentative]
        behind = stretch.follow_back(boxes[rest])
        masks: list[list[Piece]] = [[] for _ in range(last)]
        bent = set(arrived.values())
        for a in shown:
            if a not in bent:
                lay(masks, old[a], ahead, a, 0.0 if a in met else GROWTH)
            if a not in met:
                hold(masks, old[a], ahead.boxes[:, a], stretch)
        for n, f in enumerate(rest):
            lay(masks, new[f], behind, n, 0.0 if f in pairs else GROWTH, backward=True)
            if f not in pairs:
                hold(masks, new[f], behind.boxes[::-1, n], stretch)
        for f, a in arrived.items():
            missed = (boxes[f] - ahead.boxes[-1, a]) / last
            spread = ahead.boxes[:, a] + np.arange(last + 1)[:, None] * missed
            path = Path(spread[:, None], ahead.followed[:, a, None])
            lay(masks[:1], old[a], path, 0, 0.0)
            lay(masks[1:], new[f], path, 0, 0.0, first=1)
        new += self._kept(old, met, ahead.boxes[-1], looked_at, patience)
        self.tracks = new
        return masks

    def visit(
        self,
        found: Sequence[Detection],
        step: int,
        stretch: Stretch,
        masks: list[list[Piece]],
        present: Callable[[int, Box], bool] = lambda _i, _box: True,
        *,
        again: bool = True,
    ) -> int:
        """Cover what a look between the two others found and they did not; give how many.

        Args:
            found: what the look found.
            step: at which of ``stretch.at``.
            stretch: as for :meth:`advance`, which comes first.
            masks: what :meth:`advance` gave; pieces are added.
            present: whether picture ``i`` shows in a box what neither of the other looks saw.
            again: what was doubtful has been looked at again.  Else a third as sure is sure
                enough: what came and went will not be seen another time.
        """
        where = stretch.at[step]
        # Of a person a policy may cover the head only, and a face may be before another's body.
        heads = [piece.box for piece in masks[where] if piece.kind in HEADS]
        there = np.array(heads).reshape(-1, 4)
        strong = [
            one
            for one in found
            if self._begins(one) or (not again and one.score >= self._least_of_passing(one))
        ]
        boxes = np.array([self._box(one) for one in strong]).reshape(-1, 4)
        fresh = [f for f in range(len(strong)) if not _is_covered(boxes[f], there)]
        ahead = stretch.since(step).follow(boxes[fresh])
        behind = stretch.until(step).follow_back(boxes[fresh])
        for n, f in enumerate(fresh):
            track = replace(self._new(strong[f]), tentative=False)
            added: list[list[Piece]] = [[] for _ in masks]
            lay(added[where:], track, ahead, n, 0.0)
            lay(added[:where], track, behind, n, 0.0, backward=True)
            boxes_there = np.concatenate([behind.boxes[:0:-1, n], ahead.boxes[:, n]])
            hold(added, track, boxes_there, stretch)
            for i, pieces in enumerate(added):
                masks[i] += [piece for piece in pieces if i == where or present(i, piece.box)]
        return len(fresh)

    def _least_of_passing(self, one: Detection) -> float:
        large = one.h > _PASSING_LARGE * self._size[1]
        return (_PASSING_DISCOUNT_LARGE if large else _PASSING_DISCOUNT) * self._threshold

    def _matched(
        self, old: Sequence[Track], arrived: NDArray[np.float64], found: Sequence[Detection]
    ) -> tuple[list[Detection], dict[int, int]]:
        """The finds that count, and which track each of them goes on with."""
        taken = [one for one in found if self._begins(one)]
        boxes = np.array([self._box(one) for one in taken]).reshape(-1, 4)
        pairs = match(arrived, boxes, 1.0, _alike(taken, old))
        left = [a for a in range(len(old)) if a not in set(pairs.values())]
        faint = [one for one in found if not self._begins(one)]
        faint_boxes = np.array([self._box(one) for one in faint]).reshape(-1, 4)
        alike = _alike(faint, [old[a] for a in left])
        again = match(arrived[left], faint_boxes, _FAINT_REACH, alike)
        known = np.array([self._box(one) for one in taken]).reshape(-1, 4)
        for f, one in enumerate(faint):
            if f in again:
                pairs[len(taken)] = left[again[f]]
            elif _is_covered(faint_boxes[f], known):
                continue
            taken.append(one)
        return taken, pairs

    def _kept(
        self,
        old: Sequence[Track],
        met: set[int],
        arrived: NDArray[np.float64],
        looked_at: LookedAt,
        patience: int,
    ) -> list[Track]:
        """The tracks that go on without having been found."""
        kept = []
        for a, track in enumerate(old):
            if a in met or not self._inside(arrived[a]):
                continue
            x, y = ((arrived[a, :2] + arrived[a, 2:]) / 2).tolist()
            if not looked_at(track.kind, x, y):
                kept.append(replace(track, box=arrived[a]))
            elif not track.tentative and track.missed < track.patience + patience:
                box = np.array(resized(arrived[a].tolist(), _HELD_GROWTH))
                kept.append(replace(track, box=box, source=Source.HELD, missed=track.missed + 1))
        return kept

    def _confirms(
        self, one: Detection, track: Track, fresh: Callable[[float, float], bool], least: float
    ) -> bool:
        """Whether a find goes on with a track; the same picture twice is no second witness."""
        if not track.tentative or self._begins(one):
            return True
        if one.kind == "face" and max(one.score, track.score) < least:
            return False
        return fresh(one.x + one.w / 2, one.y + one.h / 2)

    def _begins(self, one: Detection) -> bool:
        """Whether a find is strong enough to begin a track."""
        if one.score >= self._threshold:
            return True
        small = one.w < _RIM_LARGEST * self._size[0] and one.h < _RIM_LARGEST * self._size[1]
        cut_off = is_cut_off(one, *self._size)
        return cut_off and small and one.score >= _RIM_DISCOUNT * self._threshold

    def _appeared(self, one: Detection, fresh: Callable[[float, float], bool]) -> Track:
        """A find without a track; new where nothing has changed, it has to be seen twice."""
        track = self._new(one)
        sure = one.score >= _SURE * self._threshold
        if sure or fresh(one.x + one.w / 2, one.y + one.h / 2):
            return track
        return replace(track, tentative=True)

    def _new(self, one: Detection) -> Track:
        number = self.next_number
        self.next_number += 1
        tentative = not self._begins(one)
        box = self._box(one)
        return Track(number, box, one.kind, one.score, Source.DETECTED, tentative=tentative)

    def _continued(self, track: Track, found: Detection) -> Track:
        return Track(
            number=track.number,
            box=self._box(found),
            kind=found.kind,
            score=max(track.score, found.score),
            source=Source.DETECTED,
            seen=track.seen + 1,
        )

    def _box(self, found: Detection) -> NDArray[np.float64]:
        """Left, top, right, bottom of the whole face: a rim may have cut some of it off."""
        left, top, right, bottom = found.x, found.y, found.x + found.w, found.y + found.h
        if found.kind in HEADS:
            width, height = self._size
            wider = max(0.0, _NARROWEST * found.h - found.w)
            taller = max(0.0, _FLATTEST * found.w - found.h)
            # What fills the picture from rim to rim may go on at both.
            cut = left <= _AT_RIM * found.h, right >= width - _AT_RIM * found.h
            if not any(cut):
                left, right = left - wider / 2, right + wider / 2
            left, right = left - cut[0] * wider, right + cut[1] * wider
            cut = top <= _AT_RIM * found.w, bottom >= height - _AT_RIM * found.w
            top, bottom = top - cut[0] * taller, bottom + cut[1] * taller
        return np.array([left, top, right, bottom], dtype=np.float64)

    def _inside(self, box: NDArray[np.float64]) -> bool:
        width, height = self._size
        return bool(box[2] > 0 and box[3] > 0 and box[0] < width and box[1] < height)


def _has_arrived(path: Path, n: int, found: NDArray[np.float64]) -> bool:
    """Whether box ``n`` was followed all the way to what was found there."""
    box = path.boxes[-1, n]
    side = float((found[2:] - found[:2]).min())
    return bool(path.followed[-1, n]) and float(np.abs(box - found).max()) <= _ARRIVED * side


def _alike(found: Sequence[Detection], tracks: Sequence[Track]) -> NDArray[np.bool_]:
    """Which finds are of the kind of which tracks, m x n.  A head may turn into a face."""
    pairs = [
        [one.kind == track.kind or {one.kind, track.kind} <= HEADS for track in tracks]
        for one in found
    ]
    return np.array(pairs, dtype=np.bool_).reshape(len(found), len(tracks))


def _is_covered(box: NDArray[np.float64], by: NDArray[np.float64]) -> bool:
    """Whether one of the boxes ``by`` (n x 4) covers most of ``box``."""
    low, high = np.maximum(by[:, :2], box[:2]), np.minimum(by[:, 2:], box[2:])
    shared = np.prod(np.maximum(high - low, 0), axis=1)
    return bool((shared >= _COVERED * np.prod(box[2:] - box[:2])).any())
