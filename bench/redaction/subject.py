"""The thing under test: Scrim's way from packets of a camera to packets to be shown.

All of the bench goes through here, leaks and speed alike, so that what is fast is also
what is judged.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from scrim.camera.packet import ClearPacket, StreamInfo
from scrim.record.decode import Decoder
from scrim.record.encode import MaskedEncoder
from scrim.record.passage import Passage
from scrim.redact import CenterFace, ClearFrame, Mask, RedactedFrame, Redactor, State, default_model
from scrim.redact.engine import Kind, build
from scrim.redact.people import PersonFinder

KEY_EVERY = 50


def make_redactor(width: int, height: int, rate: float) -> Redactor:
    """A redactor as a camera of that size and rate gets it by default.

    ``SCRIM_BENCH_INT8`` names the file that ``scrim engine quantise`` wrote, to judge that one.
    """
    del width, height, rate
    quantised = os.environ.get("SCRIM_BENCH_INT8")
    engine = None
    if quantised:
        engine = build(Kind.INT8, b"", quantised=Path(quantised).read_bytes())
    return Redactor(CenterFace(default_model(), engine=engine), people=PersonFinder())


@dataclass(frozen=True, slots=True)
class Shown:
    """What was said and done about one frame, in the order of frames."""

    state: State
    masks: tuple[Mask, ...]
    rung: int


class Pipeline:
    """Decode, redact, encode, on one thread.

    Args:
        info: the stream.
        bare: mask nothing and keep nothing; what is left is the encoder's own speed.

    Attributes:
        passed: frames for which the camera's own packet stands.
    """

    def __init__(self, info: StreamInfo, *, bare: bool = False) -> None:
        rate = info.frame_rate
        self._decoder = Decoder(info)
        self._encoder = MaskedEncoder(info.width, info.height, Fraction(rate), origin_us=0)
        self._redactor = None if bare else make_redactor(info.width, info.height, float(rate))
        self._passage = None if bare else Passage(info)
        self._passing = False
        self._sets = b""
        self.shown: list[Shown] = []
        self.packets: list[bytes] = []
        self.passed = 0

    @property
    def stream(self) -> bytes:
        """All that came out, as one H.264 stream (Annex B)."""
        return self._sets + b"".join(self.packets)

    def take(self, packets: Sequence[ClearPacket]) -> None:
        """Put some packets in at the front; what is ready comes out behind."""
        for packet in packets:
            if self._passage is not None:
                self._passage.arrived(packet)
            self._redact(self._decoder.decode(packet))

    def finish(self) -> None:
        """Let out all that is still inside."""
        self._redact(self._decoder.flush())
        if self._redactor is not None:
            self._encode(self._redactor.flush())
        self._keep(self._encoder.flush())

    def _redact(self, frames: Sequence[ClearFrame]) -> None:
        for frame in frames:
            if self._redactor is not None:
                self._encode(self._redactor.push(frame))
            else:
                # The encoder takes nothing else; this side masks nothing and keeps nothing.
                bare = (frame.picture, frame.index, frame.captured_us, 0, State.CLEAR, ())
                self._encode([RedactedFrame(*bare)])

    def _encode(self, frames: Sequence[RedactedFrame]) -> None:
        for frame in frames:
            key = len(self.shown) % KEY_EVERY == 0
            self.shown.append(Shown(frame.state, frame.masks, int(frame.rung)))
            passed = None if self._passage is None else self._passage.take(frame, key=key)
            if passed is None:
                self._keep(self._encoder.encode(frame, key=key or self._passing))
            else:
                self._keep([passed.packet(self._encoder, frame)])
            self._passing = passed is not None
            self.passed += self._passing
            if not self._sets:
                sets = self._encoder.extradata
                self._sets = sets if self._passage is None else self._passage.join(sets)

    def _keep(self, packets: Sequence[Any]) -> None:
        self.packets += [bytes(packet) for packet in packets]
