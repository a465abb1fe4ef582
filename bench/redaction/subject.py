"""The thing under test: Scrim's way from packets of a camera to packets to be shown.

All of the bench goes through here, leaks and speed alike, so that what is fast is also
what is judged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from scrim.camera.packet import ClearPacket, StreamInfo
from scrim.record.decode import Decoder
from scrim.record.encode import MaskedEncoder
from scrim.redact import CenterFace, ClearFrame, Mask, RedactedFrame, Redactor, State, default_model

KEY_EVERY = 50


def make_redactor(width: int, height: int, rate: float) -> Redactor:
    """A redactor as a camera of that size and rate gets it by default."""
    del width, height, rate
    return Redactor(CenterFace(default_model()))


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
    """

    def __init__(self, info: StreamInfo, *, bare: bool = False) -> None:
        rate = info.frame_rate
        self._decoder = Decoder(info)
        self._encoder = MaskedEncoder(info.width, info.height, Fraction(rate), origin_us=0)
        self._redactor = None if bare else make_redactor(info.width, info.height, float(rate))
        self.shown: list[Shown] = []
        self.packets: list[bytes] = []

    @property
    def stream(self) -> bytes:
        """All that came out, as one H.264 stream (Annex B)."""
        return self._encoder.extradata + b"".join(self.packets)

    def take(self, packets: Sequence[ClearPacket]) -> None:
        """Put some packets in at the front; what is ready comes out behind."""
        for packet in packets:
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
            self._keep(self._encoder.encode(frame, key=key))

    def _keep(self, packets: Sequence[Any]) -> None:
        self.packets += [bytes(packet) for packet in packets]
