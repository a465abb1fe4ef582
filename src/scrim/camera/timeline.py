"""From a source's own time stamps to a steady timeline in microseconds.

Time stamps in the wild wrap (33 bits in MPEG-TS, 32 in RTP), are missing, run
backward after a camera is told the time, leap, and come out of order because of
B pictures.  :class:`Timeline` takes what the demuxer says and gives media time,
pure arithmetic without a clock of its own.

Rules kept here, for every packet in the order it comes:

- ``decode_us`` rises by at least :data:`STEP_US` from packet to packet (an MP4
  muxer refuses two equal ones), and is at most ``media_us``.
- A step that no camera would make is no step in time: the timeline goes on as
  if the next picture had come on time, and :attr:`Moment.jumped_us` says by how
  much the stamps were off.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

SECOND = 1_000_000
STEP_US = 100

_WRAPS = (1 << 33, 1 << 32)
# B pictures may be stamped before their predecessor by this much, when only
# presentation times are known
_REORDER_US = SECOND
_LONGEST_DELAY_US = 5 * SECOND
_LARGEST_TICK = (1 << 62) - 1


@dataclass(frozen=True, slots=True)
class Stamp:
    """What the demuxer says about one packet, in ticks of the stream's time base."""

    pts: int | None
    dts: int | None
    duration: int | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """Where a packet lies on the timeline, microseconds since its first picture.

    Attributes:
        media_us: when the picture is shown.
        decode_us: when it is decoded; at most ``media_us``.
        duration_us: how long it is shown, 0 where not known.
        jumped_us: 0, or by how much the stamps leapt (negative: backward)
            against the packet before; the timeline itself did not.
    """

    media_us: int
    decode_us: int
    duration_us: int
    jumped_us: int = 0


class Timeline:
    """Steady media time out of a source's time stamps.

    Args:
        time_base: seconds a tick.
        frame_rate: frames a second, for a packet that says nothing; ``None`` if unknown.
        reorders: the codec may show pictures in another order than they come.
        leap_us: a step forward beyond the last picture's duration and this is a
            jump of the clock and not a silence.
        first_us: media time of the first picture.
    """

    def __init__(
        self,
        time_base: Fraction,
        frame_rate: Fraction | None,
        *,
        reorders: bool,
        leap_us: int = 10 * SECOND,
        first_us: int = 0,
    ) -> None:
        if time_base <= 0:
            raise ValueError(f"a time base of {time_base} seconds is no time base")
        self._numerator = time_base.numerator * SECOND
        self._denominator = time_base.denominator
        self._nominal_us = int(SECOND / frame_rate) if frame_rate else 0
        self._reorders = reorders
        self._leap_us = leap_us
        # media time = anchor_us + (raw - anchor_raw); exact, so nothing adds up over days
        self._anchor: tuple[int, int] | None = None
        self._raw = 0  # the last stamp, without its wraps
        self._reference_us = first_us
        self._silent_us = 0  # moved on since the last stamp, by packets without one
        self._elapsed_us = 0  # real time since the last stamp
        self._usual_us = self._nominal_us
        self._decode_us: int | None = None
        self._end_us = first_us

    @property
    def end_us(self) -> int:
        """Where the last picture shown so far ends; a loop goes on from here."""
        return self._end_us

    def place(self, stamp: Stamp, elapsed_us: int | None = None) -> Moment:
        """Where the packet lies.

        Args:
            stamp: what the demuxer says.
            elapsed_us: real time since the packet before, where packets come
                live; tells a jump of the camera's clock from a silence.
        """
        known_us = self._us(stamp.duration) if stamp.duration and stamp.duration > 0 else 0
        duration_us = known_us or self._usual_us
        pts, dts = _usable(stamp.pts), _usable(stamp.dts)
        raw = dts if dts is not None else pts
        is_first = self._decode_us is None
        jumped_us = 0
        if raw is not None:
            jumped_us = self._follow(raw, duration_us, dts is not None, elapsed_us)
        elif not is_first:
            self._silent_us += duration_us
            self._elapsed_us += elapsed_us or 0
            self._reference_us += duration_us

        delay_us = self._reorder_delay(pts, dts) if pts is not None and dts is not None else 0
        if is_first:
            # shown at first_us, whatever its decode time
            self._shift(-delay_us)
        media_us = self._reference_us + delay_us
        decode_us = self._reference_us
        if dts is None and self._reorders:
            # not known: early enough for any picture shown before this one
            decode_us = media_us - _REORDER_US
        if self._decode_us is not None:
            decode_us = max(decode_us, self._decode_us + STEP_US)
        media_us = max(media_us, decode_us)
        self._decode_us = decode_us
        self._end_us = max(self._end_us, media_us + duration_us)
        return Moment(media_us, decode_us, duration_us, jumped_us)

    def _follow(self, raw: int, usual_us: int, is_dts: bool, elapsed_us: int | None) -> int:
        """Move the reference to this stamp.  Returns by how much it jumped."""
        if self._anchor is None:
            # the first stamp; packets without one may have come before
            if self._decode_us is not None:
                self._reference_us += usual_us
            self._set_anchor(raw)
            return 0
        step = self._without_wrap(raw - self._raw)
        step_us = self._us(step)
        if elapsed_us is not None:
            elapsed_us += self._elapsed_us
        if self._is_jump(step_us, usual_us, is_dts, elapsed_us):
            expected_us = usual_us if elapsed_us is None else max(elapsed_us, STEP_US)
            self._reference_us += expected_us
            self._set_anchor(raw)
            return step_us - expected_us
        self._raw += step
        anchor_raw, anchor_us = self._anchor
        self._reference_us = anchor_us + self._us(self._raw - anchor_raw)
        if not self._silent_us and (is_dts or not self._reorders) and 0 < step_us <= SECOND:
            self._usual_us = step_us
        self._silent_us = self._elapsed_us = 0
        return 0

    def _set_anchor(self, raw: int) -> None:
        self._raw = raw
        self._anchor = (raw, self._reference_us)
        self._silent_us = self._elapsed_us = 0

    def _shift(self, by_us: int) -> None:
        self._reference_us += by_us
        if self._anchor is not None:
            self._anchor = (self._anchor[0], self._anchor[1] + by_us)

    def _is_jump(self, step_us: int, usual_us: int, is_dts: bool, elapsed_us: int | None) -> bool:
        if step_us < (-SECOND // 2 if is_dts else -_REORDER_US):
            return True
        if elapsed_us is not None:
            # a picture cannot come before it was taken
            return step_us > max(elapsed_us, usual_us) + SECOND
        return step_us > self._silent_us + usual_us + self._leap_us

    def _us(self, ticks: int) -> int:
        return (2 * ticks * self._numerator + self._denominator) // (2 * self._denominator)

    def _without_wrap(self, step: int) -> int:
        """The step, less a wrap of the counter where that makes it a plausible one."""
        if abs(self._us(step)) <= self._leap_us:
            return step
        for wrap in _WRAPS:
            for candidate in (step + wrap, step - wrap):
                if abs(self._us(candidate)) <= self._leap_us:
                    return candidate
        return step

    def _reorder_delay(self, pts: int, dts: int) -> int:
        delay_us = self._us(self._without_wrap(pts - dts))
        # beyond that it is no reordering but a wrong stamp
        return delay_us if 0 <= delay_us <= _LONGEST_DELAY_US else 0


def _usable(ticks: int | None) -> int | None:
    return None if ticks is None or abs(ticks) > _LARGEST_TICK else ticks
