"""Cutting a camera's packets into numbered segments and periods.

Rules:

- A segment starts on a key frame, once the last one is ``target`` old.
- Without a key frame it is cut at ``longest`` seconds or ``LARGEST_BYTES``, whichever
  comes first, and the next one says that it does not start on a key frame.
- A new stream, or a hole in time, always starts a new segment.
- A segment belongs to one period; a period changes only where a segment does.
- Numbers only grow: both sides, every epoch.
- Sound is cut where pictures are and never decides where; see :mod:`scrim.record.sound`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from scrim.camera.packet import ClearPacket, ClearSound, SoundInfo, StreamInfo
from scrim.clock import SECOND

LARGEST_BYTES = 32 * 1024 * 1024
_EARLY = 0.95  # cameras' key frames come a few milliseconds early now and then


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a picture lies: its segment's number and its period's."""

    segment: int
    period: int


@dataclass(slots=True)
class ClearSegment:
    """The packets of one segment, in decode order, before they are sealed.

    Attributes:
        sound_info, sound: what was heard meanwhile, by its times; ``None`` and empty
            unless sound is recorded.
        size: bytes of both.
    """

    slot: Slot
    stream: StreamInfo
    packets: list[ClearPacket] = field(default_factory=list, repr=False)
    size: int = 0
    sound_info: SoundInfo | None = None
    sound: list[ClearSound] = field(default_factory=list, repr=False)

    @property
    def start_us(self) -> int:
        return min(packet.captured_us for packet in self.packets)

    @property
    def end_us(self) -> int:
        return max(packet.captured_us + packet.duration_us for packet in self.packets)

    def hear(self, piece: ClearSound) -> None:
        """Add a piece of sound."""
        self.sound.append(piece)
        self.size += len(piece.data)


class Segmenter:
    """Assigns packets to segments; holds the one being filled.

    Args:
        next_segment: number of the first segment.
        target_s, longest_s, period_s: lengths in seconds.
    """

    def __init__(
        self, *, next_segment: int, target_s: float, longest_s: float, period_s: float
    ) -> None:
        self._target_us = int(target_s * SECOND * _EARLY)
        self._longest_us = int(longest_s * SECOND)
        self._period_us = int(period_s * SECOND * _EARLY)
        self._next_segment = next_segment
        self._period = 0
        self._period_started_us: int | None = None
        self._filling: ClearSegment | None = None

    @property
    def filling(self) -> ClearSegment | None:
        """The segment that packets are added to now, if there is one."""
        return self._filling

    @property
    def next_segment(self) -> int:
        """Number of the segment that will be opened next."""
        return self._next_segment

    def starts_segment(self, packet: ClearPacket) -> bool:
        """Whether this packet has to open a new segment."""
        filling = self._filling
        if filling is None:
            return True
        age = packet.decode_us - filling.packets[0].decode_us
        if packet.is_key and age >= self._target_us:
            return True
        return age >= self._longest_us or filling.size + len(packet.data) > LARGEST_BYTES

    def next_slot(self, packet: ClearPacket) -> Slot:
        """The slot a segment opened by this packet would get; changes nothing."""
        period = self._period
        started = self._period_started_us
        if started is None or packet.decode_us - started >= self._period_us:
            period += 1
        return Slot(self._next_segment, period)

    def open(self, packet: ClearPacket, stream: StreamInfo, sound: SoundInfo | None = None) -> Slot:
        """Start a segment with this packet; the one before must have been cut."""
        slot = self.next_slot(packet)
        if slot.period != self._period:
            self._period = slot.period
            self._period_started_us = packet.decode_us
        self._next_segment += 1
        self._filling = ClearSegment(slot, stream, sound_info=sound)
        self._add(packet)
        return slot

    def add(self, packet: ClearPacket) -> Slot:
        """Put the packet into the segment being filled."""
        assert self._filling is not None, "open() comes before add()"
        self._add(packet)
        return self._filling.slot

    def cut(self) -> ClearSegment | None:
        """Take the segment being filled, if there is one."""
        filling, self._filling = self._filling, None
        return filling

    def _add(self, packet: ClearPacket) -> None:
        assert self._filling is not None
        self._filling.packets.append(packet)
        self._filling.size += len(packet.data)
