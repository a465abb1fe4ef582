"""What is known of one connection: its parameters, and the times of what comes over it."""

from __future__ import annotations

from fractions import Fraction

from scrim.camera._describe import ParameterWatch
from scrim.camera._feed import Arrived, Heard, Opened
from scrim.camera.arrival import ArrivalClock
from scrim.camera.timeline import Moment, Timeline
from scrim.clock import SECOND

_KEY_WAIT_US = 10 * SECOND


class ConnectionReader:
    """One connection, from when it was opened."""

    def __init__(self, opened: Opened) -> None:
        self.time_base = opened.time_base
        self.watch = ParameterWatch(opened.stream)
        self.started_us = 0  # arrival of the first packet that was passed on
        self._timeline = Timeline(
            opened.time_base, opened.stream.frame_rate, reorders=opened.reorders
        )
        self._clock = ArrivalClock()
        self._last_arrival_us: int | None = None
        self._first_arrival_us: int | None = None
        self.heard = opened.sound
        self._sound = _SoundReader(opened.sound_base)

    def place(self, arrived: Arrived) -> Moment:
        last = self._last_arrival_us
        self._last_arrival_us = arrived.arrived_us
        elapsed_us = 0 if last is None else arrived.arrived_us - last
        return self._timeline.place(arrived.stamp, elapsed_us)

    def place_sound(self, heard: Heard) -> Moment:
        return self._sound.place(heard)

    def settle(self, item: Arrived | Heard) -> Moment:
        """Place one of the first packets and learn from when it came."""
        if isinstance(item, Heard):
            return self._sound.settle(item)
        moment = self.place(item)
        self._clock.learn(moment.media_us, item.arrived_us)
        return moment

    def sound_offset(self, heard: Heard, moment: Moment) -> int:
        return self._sound.offset(heard, moment)

    def offset(self, arrived: Arrived, moment: Moment) -> int:
        if moment.jumped_us:
            self._clock.forget()
        return self._clock.offset(moment.media_us, arrived.arrived_us)

    def is_start(self, arrived: Arrived) -> bool:
        """Decoding can start with this packet (or nothing better has come for long)."""
        if self._first_arrival_us is None:
            self._first_arrival_us = arrived.arrived_us
        waited_us = arrived.arrived_us - self._first_arrival_us
        return arrived.is_key or waited_us > _KEY_WAIT_US


class _SoundReader:
    """Times of a connection's sound, told from its arrivals as those of pictures are.

    Until the camera's first RTCP reports, FFmpeg's stamps of the two tracks have each a zero
    of their own, so neither can tell where the other lies; arrivals can.  A piece arrives
    once its last sample was taken, so its own length is taken off.
    """

    def __init__(self, time_base: Fraction) -> None:
        self._timeline = Timeline(time_base, None, reorders=False)
        self._clock = ArrivalClock()
        self._last_arrival_us: int | None = None

    def place(self, heard: Heard) -> Moment:
        last, self._last_arrival_us = self._last_arrival_us, heard.arrived_us
        return self._timeline.place(heard.stamp, 0 if last is None else heard.arrived_us - last)

    def settle(self, heard: Heard) -> Moment:
        moment = self.place(heard)
        self._clock.learn(moment.media_us, heard.arrived_us - moment.duration_us)
        return moment

    def offset(self, heard: Heard, moment: Moment) -> int:
        if moment.jumped_us:
            self._clock.forget()
        return self._clock.offset(moment.media_us, heard.arrived_us - moment.duration_us)
