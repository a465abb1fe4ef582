"""Which segment a piece of sound belongs to.

Rules:

1. A piece is in the segment during whose pictures it begins.  Tracks come a little apart,
   so a segment that was cut waits for its last pieces: until sound from beyond its end has
   come, and never longer than :data:`LONGEST_WAIT_US` of pictures.
2. A piece of a segment that is gone is left out, and so is one that begins long after the
   last picture: sound without pictures is not recorded.
3. Where no sound is recorded nothing waits.
4. Segments are handed on in their order.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from scrim.camera.packet import ClearPacket, ClearSound
from scrim.clock import SECOND
from scrim.record.segments import ClearSegment

LONGEST_WAIT_US: Final = SECOND
_BEYOND_US: Final = 2 * SECOND


class SoundTrack:
    """Puts sound into a camera's segments, between their cutting and their sealing.

    Args:
        hand_on: takes each segment once nothing is added to it any more.
    """

    def __init__(self, hand_on: Callable[[ClearSegment], None]) -> None:
        self._hand_on = hand_on
        self._waiting: ClearSegment | None = None
        self._until_us = 0  # decode time of the picture after the one that waits
        self._ahead: list[ClearSound] = []

    def cut(self, segment: ClearSegment, following: ClearPacket | None) -> None:
        """A segment is complete as far as pictures go.

        Args:
            segment: it.
            following: the picture with which the next one begins at once; ``None`` where
                there is a hole, a gap or an end, for which no sound is waited for.
        """
        self.flush()
        self._ahead = []
        if segment.sound_info is None or following is None:
            self._hand_on(segment)
            return
        self._waiting, self._until_us = segment, following.decode_us
        heard, segment.sound = segment.sound, []
        for piece in heard:
            (segment.sound if piece.captured_us < self._until_us else self._ahead).append(piece)
        segment.size -= sum(len(piece.data) for piece in self._ahead)

    def opened(self, segment: ClearSegment) -> None:
        """The next segment has begun: what came ahead of its first picture is its own."""
        ahead, self._ahead = self._ahead, []
        for piece in ahead:
            # not so where nothing could be written for a while in between
            if segment.sound_info is not None and piece.captured_us >= segment.packets[0].decode_us:
                segment.hear(piece)

    def picture(self, packet: ClearPacket) -> None:
        """A picture came: what waits has waited so long."""
        if self._waiting is not None and packet.decode_us - self._until_us > LONGEST_WAIT_US:
            self.flush()

    def hear(self, piece: ClearSound, filling: ClearSegment | None) -> None:
        """A piece of sound came.

        Args:
            piece: it.
            filling: the segment that pictures are added to now, if there is one.
        """
        if self._waiting is not None and piece.captured_us < self._until_us:
            self._waiting.hear(piece)
            return
        if filling is None or filling.sound_info is None:
            return
        self.flush()
        began_us, last = filling.packets[0].decode_us, filling.packets[-1]
        if began_us <= piece.captured_us <= last.captured_us + last.duration_us + _BEYOND_US:
            filling.hear(piece)

    def flush(self) -> None:
        """Hand on what waits."""
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            self._hand_on(waiting)
