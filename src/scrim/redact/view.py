"""Whether a camera still shows the view that masking relies on.

Rules kept here:

- A picture that is not what the camera showed before is not trusted: it is covered, out of
  focus, of another place, or only half decoded.  Each has its reason and a way back.
- The first picture that looks wrong is covered; a second one confirms it, or it is over.
- No camera is blank for ever: one that keeps moving is trusted without a learned view, and
  one that stays covered or blurred becomes doubtful (whatever moves is covered whole).
- It compares a place with itself, as brightness and edges; it knows nobody in it.

=============  ======================================  =======================================
reason         when                                    trusted again
=============  ======================================  =======================================
``CORRUPT``    a band of the picture is flat grey or   with the first whole picture
               one row repeated, and was not before
``COVERED``    edges are gone or lost their strength,  edges are back and a look has finished;
               and darkness does not explain it        doubtful after five minutes
``UNFOCUSED``  the same view with half its fine        detail is back and a look has finished;
               detail gone at once                     doubtful after five minutes
``TURNED``     edges are elsewhere                     a look has finished on the old view, or
                                                       on a new one that stood still for 1 s;
                                                       or it has been moving for 3 s
=============  ======================================  =======================================
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from scrim.redact._signature import Signature, coarse_match, kept, sharpness, signature, strength

CORRUPT = "part of the picture is missing"
COVERED = "the camera is covered"
UNFOCUSED = "the picture is out of focus"
TURNED = "the camera was turned, or another one is in its place"

_JUDGED_EVERY_US = 100_000
_LONGEST_STEP_US = 1_000_000
_MUCH = 6.0  # grey levels a sample, from one picture to the next: judge it now

_SAME = 0.25  # share of blocks under which it is another view
_BACK = 0.5
_STEADY = 0.6
_VEILED = 0.3  # of the learned strength of edges
_GONE = 0.3
_LEAST_TEXTURED = 0.25  # share of blocks with edges: somebody who stands near has that many
_BLURRED = 0.5  # of the learned fine detail
_SHARP_AGAIN = 0.7
_COARSE = 0.85

_LEARNT_AFTER_US = 2_000_000
_LONGEST_LEARNING_US = 300_000_000
_TURNS_FORGOTTEN_US = 3_600_000_000
_TURN_LASTS_US = 1_000_000
_MOVING_AFTER_US = 3_000_000
_DOUBTFUL_AFTER_US = 300_000_000
_FROZEN_AFTER_US = 30_000_000
_MEMORY_US = 30_000_000  # of the mean that is the learned view

_BAND = 1 / 8  # of the picture's height
_BLACK, _WHITE = 20, 232
_GREY = (126, 130)  # what decoders put where they have nothing


@dataclass(frozen=True, slots=True)
class View:
    """What is to be thought of a picture.

    Attributes:
        reason: why it cannot be trusted and is covered whole; "" if it can.
        doubtful: it was given up to wait for the old view; cover whatever moves, whole.
        moving: there is no learned view, since the camera moves.
        frozen: not a sample changed for half a minute.  For reports; nothing depends on it.
    """

    reason: str = ""
    doubtful: bool = False
    moving: bool = False
    frozen: bool = False


class ViewWatch:
    """Watches one camera's small pictures.

    Use::

        view = watch.push(luma, frame.captured_us)
        ...                                  # a look at that frame ended with a sane answer
        watch.looked(frame.captured_us)

    ``luma`` is rows x columns, 8 bit, always of one size: 160 x 90 is meant, and 64 x 36 is
    enough for everything but a slight blur.  Keep it when a stream breaks off and begins
    again: another camera may answer then.
    """

    def __init__(self) -> None:
        self._last: NDArray[np.uint8] | None = None
        self._last_us = 0  # the frames' clock, as all that is called at_us
        self._now_us = 0  # our own, which never jumps
        self._judged_us = -_JUDGED_EVERY_US
        self._changed_us = 0
        self._learned: Signature | None = None
        self._judgements = 0  # that the learned view is the mean of
        self._bands: _Bands | None = None  # that the view has by itself
        self._steady: Signature | None = None
        self._steady_since_us = 0
        self._turns = 0
        self._turned_us = 0
        self._trouble = ""
        self._trouble_us = 0
        self._confirmed = False  # by a second judgement
        self._good_from_us: int | None = None  # a look from here on ends the trouble
        self._is_new = False  # the trouble is that the view is another one
        self._doubtful = False

    def push(self, luma: NDArray[np.uint8], at_us: int) -> View:
        """What to think of the next picture, captured at ``at_us``.

        Args:
            luma: rows x columns, not changed afterwards.
            at_us: of the frames' own clock, which may jump.
        """
        self._tick(at_us)
        change = _change(self._last, luma)
        if change:
            self._changed_us = self._now_us
        self._last = luma
        bands = _bands(luma)
        if _is_corrupt(bands, self._bands):
            return View(CORRUPT)
        if change > _MUCH or self._now_us - self._judged_us >= _JUDGED_EVERY_US:
            self._judged_us = self._now_us
            self._judge(signature(luma), bands, at_us)
        return View(
            "" if self._doubtful else self._trouble,
            doubtful=self._doubtful,
            moving=self._learned is None and self._now_us >= _MOVING_AFTER_US,
            frozen=self._now_us - self._changed_us >= _FROZEN_AFTER_US,
        )

    def looked(self, at_us: int) -> None:
        """A look at the picture captured at ``at_us`` ended with a sane answer."""
        if self._good_from_us is None or at_us < self._good_from_us:
            return
        if self._trouble == TURNED and self._is_new:
            self._count_turn()
            self._adopt(self._steady)
        self._end_trouble()

    def _tick(self, at_us: int) -> None:
        if self._last is not None:
            self._now_us += min(max(at_us - self._last_us, 0), _LONGEST_STEP_US)
            if self._good_from_us is not None and at_us < self._last_us:
                self._good_from_us = at_us
        self._last_us = at_us

    def _judge(self, now: Signature, bands: _Bands, at_us: int) -> None:
        self._follow(now)
        learned = self._learned
        if learned is None:
            self._bands = bands
            if self._now_us - self._steady_since_us >= self._learning_us:
                self._adopt(now)
            return
        fault = self._fault(learned, now)
        if self._trouble and (fault or self._confirmed):
            self._confirmed = True
            self._wait(fault, bands, at_us)
        elif fault:
            self._trouble, self._trouble_us = fault, self._now_us
        else:
            self._end_trouble()
            self._bands = bands
            self._judgements += 1
            share = max(1 / self._judgements, _JUDGED_EVERY_US / _MEMORY_US)
            self._learned = learned.learn(now, share)

    def _wait(self, fault: str, bands: _Bands, at_us: int) -> None:
        """In trouble: see whether it is over but for a look, or has lasted long enough."""
        lasted_us = self._now_us - self._trouble_us
        self._is_new = fault == TURNED
        steady = self._now_us - self._steady_since_us >= _TURN_LASTS_US
        if not fault or (self._is_new and steady):
            if self._good_from_us is None:
                self._good_from_us = at_us
        else:
            self._good_from_us = None
        if fault and fault != self._trouble:
            self._trouble, self._trouble_us = fault, self._now_us
        elif self._is_new and not steady and lasted_us >= _MOVING_AFTER_US:
            self._count_turn()
            self._learned = None
            self._bands = bands
            self._end_trouble()
        elif lasted_us >= _DOUBTFUL_AFTER_US:
            self._doubtful = True

    def _adopt(self, view: Signature | None) -> None:
        self._learned = view
        self._judgements = 1

    def _fault(self, learned: Signature, now: Signature) -> str:
        """Why this picture is not of the learned view as it was; "" if it is."""
        was = self._trouble
        if learned.textured.mean() < _LEAST_TEXTURED:
            return ""  # a bare wall: nothing to tell a covered camera from, or who leaves it
        if kept(learned, now) >= (_BACK if was else _SAME):
            if strength(learned, now) < (_BACK if was == COVERED else _VEILED):
                return COVERED
            sharp = _SHARP_AGAIN if was == UNFOCUSED else _BLURRED
            return UNFOCUSED if sharpness(learned, now) < sharp else ""
        if np.count_nonzero(now.textured) < _GONE * np.count_nonzero(learned.textured):
            return COVERED
        if coarse_match(learned, now) > _COARSE and sharpness(learned, now) < _BLURRED:
            return UNFOCUSED
        return TURNED

    def _follow(self, now: Signature) -> None:
        """Keep the first of the pictures that have been of one view, and since when."""
        if self._steady is None or kept(self._steady, now) < _STEADY:
            self._steady, self._steady_since_us = now, self._now_us

    @property
    def _learning_us(self) -> int:
        """How long a view has to stand still: longer each time the camera was turned."""
        if self._now_us - self._turned_us > _TURNS_FORGOTTEN_US:
            self._turns = 0
        return min(_LEARNT_AFTER_US << min(self._turns, 10), _LONGEST_LEARNING_US)

    def _count_turn(self) -> None:
        self._turns += 1
        self._turned_us = self._now_us

    def _end_trouble(self) -> None:
        self._trouble = ""
        self._confirmed = False
        self._good_from_us = None
        self._doubtful = False


@dataclass(frozen=True, slots=True)
class _Bands:
    """Share of the picture's rows, 0 to 1, in its tallest band of each kind.

    Attributes:
        flat: one brightness all over, neither black nor white.
        grey: the same, at the grey of decoders.
        repeated: rows that equal the one above, and are not flat.
    """

    flat: float
    grey: float
    repeated: float


def _change(before: NDArray[np.uint8] | None, luma: NDArray[np.uint8]) -> float:
    """Mean difference of two pictures, in grey levels."""
    return cv2.norm(before, luma, cv2.NORM_L1) / luma.size if before is not None else 255.0


def _bands(luma: NDArray[np.uint8]) -> _Bands:
    low, high = luma.min(axis=1), luma.max(axis=1)
    flat = (low == high) & (low > _BLACK) & (low < _WHITE)
    repeated = np.zeros(len(luma), np.bool_)
    repeated[1:] = (luma[1:] == luma[:-1]).all(axis=1) & (low != high)[1:]
    grey = flat & (low >= _GREY[0]) & (low <= _GREY[1])
    return _Bands(_tallest(flat), _tallest(grey), _tallest(repeated))


def _tallest(rows: NDArray[np.bool_]) -> float:
    """The longest run of true ones, over the number of all."""
    if not rows.any():
        return 0.0
    edges = np.flatnonzero(np.diff(rows.astype(np.int8), prepend=0, append=0))
    return float((edges[1::2] - edges[::2]).max()) / len(rows)


def _is_corrupt(now: _Bands, usual: _Bands | None) -> bool:
    if usual is None:
        return _BAND <= now.grey < 1
    return now.flat - usual.flat >= _BAND or now.repeated - usual.repeated >= _BAND
