"""Which redacted frames may leave as the camera's own, sanitised packet: no second encoding.

Rules kept here:

- A frame is passed only if the redactor has let it out clear: nothing masked, no zone, a
  rung on which whatever there is would have been found.  Every frame is decoded and looked at
  all the same.
- A run of passed frames begins with an IDR picture of the camera, a second of clear frames after
  the last one that was not, and no frame of it is left out: what is passed is predicted from
  what was passed.  It ends with the first frame that is not passed, and the next begins with
  another IDR picture.
- Only :class:`Passage` makes a :class:`Passed`, and only out of what :mod:`scrim.record.sanitise`
  made of a packet.

In a loop, without threads::

    passage = Passage(stream)
    extradata, passing = None, False
    for packet in packets:
        passage.arrived(packet)                      # before it is decoded
        for clear in decoder.decode(packet):
            for frame in redactor.push(clear):
                passed = passage.take(frame)
                if passed is None:
                    out = encoder.encode(frame, key=passing or key_is_due)
                else:
                    out = [passed.packet(encoder, frame)]
                passing = passed is not None
                if extradata is None:                # of the output, once the encoder is open
                    extradata = passage.join(encoder.extradata)
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any

import av

from scrim.camera.packet import ClearPacket, StreamInfo
from scrim.clock import SECOND
from scrim.record.encode import MaskedEncoder, nal_units
from scrim.record.parameter_sets import PPS, SPS, SequenceSet, picture_set, sequence_set
from scrim.record.sanitise import Chain, CodedPicture, Sanitiser
from scrim.redact.frames import RedactedFrame, Rung, State

_CLEAR_US = SECOND  # of clear frames before a run may begin
_LEAP_US = 2 * SECOND
_MOST_HELD = 512  # packets; a redactor holds back no more than a look's distance
_MOST_BYTES = 16 * 1024 * 1024
_START = b"\0\0\0\1"


@dataclass(frozen=True, slots=True)
class Passed:
    """What leaves in place of an encoded frame.

    Attributes:
        data: one slice, Annex B, for the parameter sets that :meth:`Passage.join` gave.
        key: decoding can start here.
    """

    data: bytes = field(repr=False)
    key: bool

    def packet(
        self, encoder: MaskedEncoder, frame: RedactedFrame, pts: int | None = None
    ) -> av.Packet[Any]:
        """The packet, on the time line of the encoder it stands in for.

        Args:
            encoder: whose packets are before and after this one.
            frame: what it was passed for.
            pts: as for :meth:`MaskedEncoder.encode`.
        """
        packet = av.Packet(self.data)
        packet.pts = packet.dts = encoder.stamp(frame, pts)
        packet.time_base = encoder.time_base
        packet.duration = encoder.duration
        packet.is_keyframe = self.key
        return packet


class Passage:
    """Decides for the frames of one stream.

    Args:
        stream: the camera's; only upright H.264 is ever passed.
        zones: the policy has zones, so that no frame may leave as it came.

    Attributes:
        refused: why nothing of this stream can be passed; "" while it can.
    """

    def __init__(self, stream: StreamInfo, *, zones: bool = False) -> None:
        self.refused = ""
        if stream.codec != "h264":
            self.refused = "it is not H.264"
        elif stream.rotation % 360:
            self.refused = "its pictures are turned"
        elif zones:
            self.refused = "zones are covered in all its pictures"
        self._sanitiser = Sanitiser(b"" if self.refused else stream.extradata)
        self._sequence: SequenceSet | None = None  # once it stands in the output's parameters
        self._held: deque[tuple[int, int, int, CodedPicture | None]] = deque()
        self._held_bytes = 0
        self._arrived = 0
        self._chain: Chain | None = None  # while frames are being passed
        self._last_number = 0
        self._last_us: int | None = None
        self._clear_since_us: int | None = None

    def join(self, extradata: bytes) -> bytes:
        """Parameter sets for an output of encoded and passed packets alike, Annex B.

        Nothing is passed before; and nothing after, where the encoder's parameters and the
        camera's cannot stand together.

        Args:
            extradata: the encoder's own sets.
        """
        if not self.refused:
            self.refused = self._sanitiser.refused
        if self.refused:
            return extradata
        if self._sanitiser.sets is None:
            self.refused = "its parameters are not known"
            return extradata
        sequence, picture = self._sanitiser.sets
        own = [unit for unit in nal_units(extradata) if unit[0] & 31 in (SPS, PPS)]
        ours = sequence_set(own[0]) if len(own) == 2 else None
        our_picture = picture_set(own[1], ours) if ours is not None else None
        if ours is None or our_picture is None:
            self.refused = "the encoder's own parameters are not plain"
        elif sequence.size != ours.size or sequence.colour != ours.colour:
            self.refused = "its size or colours are not the encoder's"
        elif sequence.number == ours.number or picture.number == our_picture.number:
            self.refused = "its parameters have the encoder's numbers"
        if self.refused or ours is None:
            return extradata
        self._sequence = sequence
        return _joined(ours, own, sequence, [sequence.unit(), picture.unit()])

    def arrived(self, packet: ClearPacket) -> None:
        """Take note of a packet that is decoded next; its bytes are held until its frame leaves."""
        if self.refused:
            return
        self._arrived += 1
        picture = self._sanitiser.picture(packet.data)
        size = len(picture.data) if picture is not None else 0
        if len(self._held) >= _MOST_HELD or self._held_bytes + size > _MOST_BYTES:
            self._forget()
        self._held.append((packet.captured_us, self._arrived, size, picture))
        self._held_bytes += size
        if self._sanitiser.refused:
            self.refused = self._sanitiser.refused
            self._forget()

    def take(self, frame: RedactedFrame, *, key: bool = False) -> Passed | None:
        """What may leave in the frame's place; ``None``: it has to be encoded, or left out.

        Frames are given in the order they came, each once, whatever becomes of them.

        Args:
            frame: as it came out of the redactor.
            key: decoding must be able to start here.
        """
        number, picture = self._found(frame.captured_us)
        if not self._clear_for_a_while(frame) or picture is None or self._sequence is None:
            self._chain = None
            return None
        if picture.idr and self._may_begin(frame):
            self._chain = Chain(self._sequence, picture)
        elif (
            self._chain is None
            or key
            or picture.idr
            or number != self._last_number + 1
            or not self._chain.follows(picture)
        ):
            self._chain = None
            return None
        self._last_number = number
        return Passed(picture.data, picture.idr)

    def reset(self) -> None:
        """Pictures are missing here: leave, and forget what is held."""
        self._forget()
        self._chain = None
        self._clear_since_us = None
        self._last_us = None

    def _forget(self) -> None:
        self._held.clear()
        self._held_bytes = 0

    def _found(self, captured_us: int) -> tuple[int, CodedPicture | None]:
        """The frame's packet and its number; packets before it gave no frame and are dropped."""
        held = self._held
        while held and held[0][0] <= captured_us:
            us, number, size, picture = held.popleft()
            self._held_bytes -= size
            if us == captured_us:
                return number, picture
        return 0, None

    def _clear_for_a_while(self, frame: RedactedFrame) -> bool:
        """Whether the frame is clear; keeps account of since when all were."""
        last_us, self._last_us = self._last_us, frame.captured_us
        steady = last_us is None or 0 < frame.captured_us - last_us < _LEAP_US
        clear = frame.state is State.CLEAR and not frame.masks and frame.rung <= Rung.SPARSE
        if not clear:
            self._clear_since_us = None
        elif self._clear_since_us is None or not steady:
            self._clear_since_us = frame.captured_us
        return clear and steady

    def _may_begin(self, frame: RedactedFrame) -> bool:
        """Whether an IDR picture may begin a run here, or go on with one."""
        since_us, sequence = self._clear_since_us, self._sequence
        if since_us is None or sequence is None:
            return False
        return frame.captured_us - since_us >= _CLEAR_US and frame.size == sequence.size


def _joined(ours: SequenceSet, own: list[bytes], theirs: SequenceSet, their: list[bytes]) -> bytes:
    """Both pairs, the higher profile first and under the higher level: players read that one."""
    first, second = (own, their) if ours.profile >= theirs.profile else (their, own)
    level = max(ours.level, theirs.level)
    head = first[0][:3] + bytes([level]) + first[0][4:]
    return b"".join(_START + unit for unit in (head, *second[:1], *first[1:], *second[1:]))
