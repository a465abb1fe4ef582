"""Sound beside the pictures: which track, and where its pieces lie on the pictures' timeline.

Rules:

1. A container's first sound track is taken, and only where it was asked for; every other
   track is dropped in the demuxer.
2. Sound never decides anything about pictures: no gap, no stall, no time of theirs comes
   from it.  What comes before the first picture is held until that one is placed.
3. Times rise from piece to piece, as a muxer needs it.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet

from scrim.camera.packet import ClearSound, SoundInfo
from scrim.camera.timeline import Moment, Stamp
from scrim.clock import SECOND

_HELD = 256  # pieces before the first picture; 5 s of the usual 20 ms


def sound_stream(container: InputContainer) -> AudioStream | None:
    """The first sound track whose codec and rate are known, if there is one."""
    for stream in container.streams.audio:
        if stream.time_base and describe_sound(stream) is not None:
            return stream
    return None


def describe_sound(stream: AudioStream) -> SoundInfo | None:
    """The track as the container describes it; ``None`` where it does not say enough."""
    context = stream.codec_context
    if not context.sample_rate or not context.channels:
        return None
    return SoundInfo(
        codec=context.codec.canonical_name,
        sample_rate=context.sample_rate,
        channels=context.channels,
        extradata=bytes(context.extradata or b""),
    )


def keep_only(container: InputContainer, *kept: av.stream.Stream) -> None:
    """Drop every other track as early as FFmpeg can."""
    indices = {stream.index for stream in kept}
    for other in container.streams:
        if other.index not in indices:
            other.discard = av.stream.Discard.all


class Rising:
    """Makes pieces whose times rise."""

    def __init__(self) -> None:
        self._last_us = 0

    def piece(self, data: bytes, captured_us: int, duration_us: int) -> ClearSound:
        self._last_us = max(captured_us, self._last_us + 1)
        return ClearSound(data, self._last_us, duration_us)


class FileSound:
    """Sound of a file: stamps are on one axis with the pictures', which are already placed.

    Args:
        stream: the track.
        rising: of all rounds of a file that is looped.
    """

    def __init__(self, stream: AudioStream, rising: Rising) -> None:
        self._rising = rising
        assert stream.time_base is not None
        self._time_base = stream.time_base
        self._offset_us: int | None = None
        self._next_us = 0  # by the stamps, where the next piece begins
        self._held: list[Packet[Any]] = []

    def picture(self, stamp: Stamp, moment: Moment, time_base: Fraction) -> list[ClearSound]:
        """A picture was placed.  Returns what was held until the first one was."""
        if stamp.pts is not None:
            self._offset_us = moment.media_us - _us(stamp.pts, time_base)
        elif stamp.dts is not None:
            self._offset_us = moment.decode_us - _us(stamp.dts, time_base)
        elif self._offset_us is None:
            self._offset_us = moment.media_us  # no stamps at all: both begin together
        held, self._held = self._held, []
        return [piece for packet in held for piece in self.take(packet)]

    def take(self, packet: Packet[Any]) -> list[ClearSound]:
        """The piece, or nothing yet where no picture has come."""
        if not packet.size:
            return []
        if self._offset_us is None:
            self._held = [*self._held, packet][-_HELD:]
            return []
        stamp = packet.pts if packet.pts is not None else packet.dts
        at_us = self._next_us if stamp is None else _us(stamp, self._time_base)
        duration_us = _us(packet.duration or 0, self._time_base)
        self._next_us = at_us + duration_us
        return [self._rising.piece(bytes(packet), at_us + self._offset_us, duration_us)]


def _us(ticks: int, time_base: Fraction) -> int:
    return round(ticks * time_base * SECOND)
