"""From redacted frames to live parts and stored segments.

Takes :class:`~scrim.redact.frames.RedactedFrame` and nothing else; where
:class:`~scrim.record.passage.Passage` has something that may stand for one, that is not
encoded again.  A segment on this side has the number of the sealed segment its frames come
from, begins with a key frame, and is stored as one playable file.

Where frames are left out to save work, a segment's first and last are in all the same, so that
segments begin and end where the sealed ones do; and its record says how many are not.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from fractions import Fraction

import av

from scrim.clock import SECOND
from scrim.live.wire import Init, Part, SegmentDone
from scrim.record.encode import MaskedEncoder, codec_string
from scrim.record.fragments import Fragmenter
from scrim.record.head_count import HeadCount
from scrim.record.passage import Passage, Passed
from scrim.record.segments import Slot
from scrim.record.writer import MaskedSegment
from scrim.redact.frames import RedactedFrame, State

_TICKS = 90_000
_CONTIGUOUS_US = SECOND


class PartMaker:
    """Encodes one stream's redacted frames.

    Args:
        camera, epoch: for the messages.
        init: number of the initialisation segment; grows with every stream.
        encoder: for this stream's size and rate.
        part_frames: frames a part.
        send: takes live messages.
        store: takes finished segments.
        passage: has been shown the packets that the frames came from; ``None``: all
            frames are encoded.

    Attributes:
        left_out: frames that are in no segment, of all that were added.
    """

    def __init__(
        self,
        *,
        camera: str,
        epoch: int,
        init: int,
        encoder: MaskedEncoder,
        frame_rate: Fraction,
        origin_us: int,
        part_frames: int,
        send: Callable[[Init | Part | SegmentDone], None],
        store: Callable[[MaskedSegment], None],
        passage: Passage | None = None,
    ) -> None:
        self._camera = camera
        self._epoch = epoch
        self._init = init
        self._encoder = encoder
        self._nominal_us = int(SECOND / frame_rate)
        self._origin_us = origin_us
        self._part_frames = part_frames
        self._send = send
        self._store = store
        self._passage = passage
        self._passing = False  # the last frame was passed, so the encoder's must be a key frame
        self._passed = 0
        self._sets = b""
        self._codec = ""
        self._fragmenter: Fragmenter | None = None
        self._slot: Slot | None = None
        self._packets: list[av.Packet[av.VideoStream]] = []
        self._times: list[int] = []  # capture times of the packets not yet in a part
        self._parts: list[bytes] = []
        self._counts = dict.fromkeys(State, 0)
        self._held: RedactedFrame | None = None  # left out, unless its segment ends with it
        self._thinned = 0  # frames left out of this segment
        self.left_out = 0
        self._heads = HeadCount()
        self._size = (0, 0)
        self._start_us = 0
        self._last_us = 0
        self._announced = False

    @property
    def unstored_us(self) -> int | None:
        """Start of the segment that is not stored yet, if one has begun."""
        return self._start_us if self._parts or self._packets else None

    def add(self, frame: RedactedFrame, slot: Slot, *, thin: bool = False) -> bool:
        """Encode or pass a frame; ends the segment before when the slot is a new one.

        Args:
            frame: the next one.
            slot: where it lies.
            thin: leave it out if it would have to be encoded, unless the segment begins or
                ends with it.

        Returns:
            Whether it is in.
        """
        begins = slot != self._slot
        passed = self._passage.take(frame, key=begins) if self._passage is not None else None
        if passed is None and thin and not begins:
            self._heads.see(frame)
            self._leave_out_held()
            self._held = frame
            return False
        if begins:
            self._end_segment(frame.captured_us)
            self._slot = slot
            self._start_us = frame.captured_us
        self._leave_out_held()
        self._heads.see(frame)
        self._put(frame, passed, key=begins or self._passing)
        return True

    def finish(self) -> None:
        """End the last part and segment."""
        self._end_segment(None)
        if self._fragmenter is not None:
            self._fragmenter.close()

    def _put(self, frame: RedactedFrame, passed: Passed | None, *, key: bool) -> None:
        self._size = frame.size
        self._counts[frame.state] += 1
        self._last_us = frame.captured_us
        if passed is None:
            self._packets += self._encoder.encode(frame, key=key)
            self._settle()
        else:
            self._packets.append(passed.packet(self._encoder, frame))
            self._passed += 1
        self._passing = passed is not None
        self._times.append(frame.captured_us)
        if len(self._times) >= self._part_frames:
            self._end_part()

    def _leave_out_held(self) -> None:
        if self._held is not None:
            self._held = None
            self._thinned += 1
            self.left_out += 1

    def _settle(self) -> None:
        """Fix the output's parameter sets once the encoder knows its own."""
        if self._sets:
            return
        self._sets = self._encoder.extradata
        if self._passage is not None:
            self._sets = self._passage.join(self._sets)
        self._codec = codec_string(self._sets)

    def _end_part(self) -> None:
        if not self._packets or self._slot is None:
            return
        if self._fragmenter is None:
            self._fragmenter = Fragmenter(self._sets, bytes(self._packets[0]))
        self._set_durations()
        start_us, until_us = self._times[0], self._times[-1] + self._nominal_us
        independent = bool(self._packets[0].is_keyframe)
        data = self._fragmenter.part(self._packets)
        self._announce()
        self._send(
            Part(
                camera=self._camera,
                segment=self._slot.segment,
                part=len(self._parts),
                init=self._init,
                start_us=start_us,
                duration_us=until_us - start_us,
                independent=independent,
                payload=data,
            )
        )
        self._parts.append(data)
        self._packets, self._times = [], []

    def _announce(self) -> None:
        if self._announced or self._fragmenter is None:
            return
        self._announced = True
        self._send(
            Init(
                camera=self._camera,
                epoch=self._epoch,
                init=self._init,
                codec=self._codec,
                width=self._size[0],
                height=self._size[1],
                origin_us=self._origin_us,
                payload=self._fragmenter.init,
            )
        )

    def _set_durations(self) -> None:
        ticks = int(self._nominal_us * _TICKS / SECOND)
        for packet, following in zip(self._packets, self._packets[1:], strict=False):
            packet.duration = (following.pts or 0) - (packet.pts or 0)
        self._packets[-1].duration = ticks

    def _end_segment(self, next_us: int | None) -> None:
        last, self._held = self._held, None
        if last is not None:
            self._put(last, None, key=self._passing)
        self._end_part()
        if self._slot is None or not self._parts or self._fragmenter is None:
            return
        end_us = self._last_us + self._nominal_us
        if next_us is not None and 0 < next_us - self._last_us < _CONTIGUOUS_US:
            end_us = next_us
        init = self._fragmenter.init
        self._store(
            MaskedSegment(
                slot=self._slot,
                start_us=self._start_us,
                end_us=end_us,
                data=init + b"".join(self._parts),
                facts={
                    "init_size": len(init),
                    "origin_us": self._origin_us,
                    "init": hashlib.sha256(init).hexdigest()[:16],
                    "codec": self._codec,
                    "width": self._size[0],
                    "height": self._size[1],
                    "frames": sum(self._counts.values()),
                    "masked": self._counts[State.MASKED],
                    "clear": self._counts[State.CLEAR],
                    "blanked": self._counts[State.BLANKED],
                    "passed": self._passed,
                    "thinned": self._thinned,
                    "heads": self._heads.end(),
                },
            )
        )
        self._send(SegmentDone(self._camera, self._slot.segment, self._start_us, end_us))
        self._parts = []
        self._passed = 0
        self._thinned = 0
        self._counts = dict.fromkeys(State, 0)
