"""Processor time on one core: Scrim against two peers, in turns.

Rules:

- ``plain``: a plain transcode as anybody would write it: the same decoder, libx264 preset
  superfast at CRF 26, a key frame every 50, one thread, FFmpeg's defaults otherwise.
- ``bare``: the same decoder and Scrim's own encoder with its settings, nothing masked.
- All sides share a process pinned to one core before any library starts a thread, and
  take turns every 15 frames, so that what else runs on the machine meets all alike.
- Processor time counts, all threads together: on one core with nothing beside it that is
  the time that passes, and other work on the machine disturbs it less.
- Start-up (loading models) and the first two seconds, with the close look at a new scene,
  are left out; files are read from memory.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Protocol

import av
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType
from bench.redaction import catalogue, quality, stream
from bench.redaction.material import Clip
from bench.redaction.subject import KEY_EVERY, Pipeline

from scrim.camera.packet import ClearPacket, StreamInfo
from scrim.record.decode import Decoder
from scrim.redact import ClearFrame

_TURN = 15  # frames
_WARM = 40  # frames before anything is measured
_START = 45  # frames of each pass that are not
_PASSES_QUICK, _PASSES_FULL = 1, 3
_TIME_BASE = Fraction(1, 90_000)


class _Side(Protocol):
    def take(self, packets: Sequence[ClearPacket]) -> None: ...

    def finish(self) -> None: ...


def measured(clip: Clip) -> dict[str, Any]:
    """Seconds of each side in each pass, and bytes and quality of what came out.

    Returns:
        ``frames``, ``seconds`` (side: one for each pass), ``bytes`` (side: sum), ``quality``
        (side: ``psnr``, ``ssim``, outside the masks), ``masked share``.
    """
    info, packets = stream.packets(clip.path, clip.rate)
    _pass(info, packets[:_WARM])
    seconds: dict[str, list[float]] = {"plain": [], "bare": [], "scrim": []}
    sides: dict[str, Any] = {}
    for _ in range(_PASSES_QUICK if catalogue.quick() else _PASSES_FULL):
        sides, spent = _pass(info, packets)
        for name, one in spent.items():
            seconds[name].append(round(one, 3))
    shown = sides["scrim"].shown
    if len(shown) != len(packets):
        raise RuntimeError(f"{len(packets)} frames went in and {len(shown)} came out")
    streams = {name: side.stream for name, side in sides.items()}
    return {
        "frames": len(packets) - _START,
        "seconds": seconds,
        "bytes": {name: len(data) for name, data in streams.items()},
        "quality": quality.compared(clip, streams, shown),
    }


def _pass(
    info: StreamInfo, packets: Sequence[ClearPacket]
) -> tuple[dict[str, Any], dict[str, float]]:
    sides: dict[str, _Side] = {
        "plain": _Plain(info),
        "bare": Pipeline(info, bare=True),
        "scrim": Pipeline(info),
    }
    spent = dict.fromkeys(sides, 0.0)
    for start in range(0, len(packets), _TURN):
        # The other way round each time, so that nobody always finds the caches cold.
        order = list(sides) if start // _TURN % 2 else list(sides)[::-1]
        for name in order:
            began = time.process_time()
            sides[name].take(packets[start : start + _TURN])
            if start >= _START:
                spent[name] += time.process_time() - began
    for name, side in sides.items():
        began = time.process_time()
        side.finish()
        spent[name] += time.process_time() - began
    return dict(sides), spent


class _Plain:
    """Decode and encode, as a line of FFmpeg would."""

    def __init__(self, info: StreamInfo) -> None:
        self._decoder = Decoder(info)
        context = av.CodecContext.create("libx264", "w")
        assert isinstance(context, VideoCodecContext)
        context.width, context.height = info.width, info.height
        context.pix_fmt = "yuv420p"
        context.time_base = _TIME_BASE
        context.framerate = info.frame_rate
        context.gop_size = KEY_EVERY
        context.thread_count = 1
        context.options = {"preset": "superfast", "crf": "26"}
        self._context = context
        self._packets: list[bytes] = []

    @property
    def stream(self) -> bytes:
        """All that came out, as one H.264 stream (Annex B)."""
        return b"".join(self._packets)

    def take(self, packets: Sequence[ClearPacket]) -> None:
        for packet in packets:
            self._encode(self._decoder.decode(packet))

    def finish(self) -> None:
        self._encode(self._decoder.flush())
        self._packets += [bytes(packet) for packet in self._context.encode(None)]

    def _encode(self, frames: Sequence[ClearFrame]) -> None:
        for frame in frames:
            picture = frame.picture
            picture.pts = round(frame.captured_us * _TIME_BASE.denominator / 1_000_000)
            picture.time_base = _TIME_BASE
            picture.pict_type = PictureType.NONE
            self._packets += [bytes(packet) for packet in self._context.encode(picture)]
