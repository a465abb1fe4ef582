"""Which encoder a recorder uses: libx264, or hardware that proved itself on this machine.

Rules kept here:

- Hardware is used only after it encoded a test sequence of masked pictures: each picture
  came out as one packet at once, in order, a key frame exactly where asked for, and every
  key frame decodes with the parameter sets alone, back to what went in.
- It must cost less processor time than libx264, take no longer, and neither look much
  worse nor grow much larger.
- Whatever fails is a line in the log, and libx264.
"""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext

from scrim.camera.demo import demo_faces, demo_pictures
from scrim.policy import Policy
from scrim.record.encode import TIME_BASE, MaskedEncoder, unit_types
from scrim.record.hardware import HARDWARE, SOFTWARE, Opener, Shape, opener
from scrim.redact.frames import ClearFrame, Mask, RedactedFrame, Source
from scrim.redact.mask import Painter, samples
from scrim.settings import Encoding

AUTO = "auto"
LEAST_DB = 30.0
"""PSNR of luma that every decoded picture must have."""
WORSE_DB = 3.0
"""It may look worse than libx264's by so much."""
MOST_LARGER = 2.0
"""Its packets together may be as many times as large as libx264's."""

_PICTURES = 30
_KEY_EVERY = 10
_RATE = Fraction(25)
_SIZE = (640, 360)
_PEAK = 255.0
_IDR = 5  # a slice that nothing before it is needed for


@dataclass(frozen=True, slots=True)
class EncoderTrial:
    """What came out of trying one encoder.

    Attributes:
        name: FFmpeg's.
        processor_ms, wall_ms: of a picture, the median.
        psnr_db: the worst picture's.
        size: bytes of all packets.
        refused: why it may not be used; "" where it may.
    """

    name: str
    processor_ms: float = 0.0
    wall_ms: float = 0.0
    psnr_db: float = 0.0
    size: int = 0
    refused: str = ""


def choose_encoder(
    encoding: Encoding,
    report: Callable[[str], None],
    openers: Mapping[str, Opener] | None = None,
) -> Opener | None:
    """What opens the encoder to use; ``None`` for libx264.

    Args:
        encoding: the settings; an encoder they name is tried like any other.
        report: one line for the log.
        openers: encoders by name; those of this FFmpeg by default.
    """
    if encoding.encoder == SOFTWARE:
        return None
    known = openers if openers is not None else {name: opener(name) for name in HARDWARE}
    asked = [name for name in known if encoding.encoder in (AUTO, name)]
    trials = try_encoders(encoding, {name: known[name] for name in asked})
    allowed = [trial for trial in trials if trial.name != SOFTWARE and not trial.refused]
    if allowed:
        best = min(allowed, key=lambda trial: trial.processor_ms)
        report(f"encoder: {best.name}, {best.processor_ms:.1f} ms of processor a test picture")
        return _reporting(best.name, known[best.name], report)
    if encoding.encoder != AUTO:
        why = next((t.refused for t in trials if t.name == encoding.encoder), "It is not known.")
        report(f"the encoder {encoding.encoder} is not used: {why} Going on with {SOFTWARE}")
    return None


def _reporting(name: str, open_one: Opener, report: Callable[[str], None]) -> Opener:
    """``open_one``, and a line in the log where it fails later on, as with too many streams."""

    def opened(shape: Shape) -> VideoCodecContext:
        try:
            return open_one(shape)
        except Exception as error:
            report(f"the encoder {name} does not open ({type(error).__name__}); {SOFTWARE} instead")
            raise

    return opened


def try_encoders(encoding: Encoding, openers: Mapping[str, Opener]) -> list[EncoderTrial]:
    """Try libx264 and each of ``openers``; libx264 alone if none of these opens."""
    refused = []
    opening = {}
    for name, open_one in openers.items():
        try:
            given = open_one(_shape(encoding)).extradata
        # drivers are foreign code: what one raises while it is tried, libx264 does without
        except Exception as error:  # noqa: BLE001
            why = f"It does not open on this machine ({type(error).__name__})."
            refused.append(EncoderTrial(name, refused=why))
            continue
        if given:
            opening[name] = open_one
        else:
            refused.append(EncoderTrial(name, refused="It gives no parameter sets."))
    if not opening:
        return [EncoderTrial(SOFTWARE), *refused]
    pictures = list(_test_sequence())
    software = _tried(SOFTWARE, _encoder(encoding, None), pictures)
    trials = [software]
    for name, open_one in opening.items():
        try:
            trial = _tried(name, _encoder(encoding, open_one), pictures)
        except Exception as error:  # noqa: BLE001 - as above
            trial = EncoderTrial(name, refused=f"It raised {type(error).__name__}.")
        trials.append(trial if trial.refused else _compared(trial, software))
    return trials + refused


def _shape(encoding: Encoding) -> Shape:
    return Shape(*_SIZE, _RATE, TIME_BASE, None, encoding.crf, None)


def _encoder(encoding: Encoding, hardware: Opener | None) -> MaskedEncoder:
    return MaskedEncoder(
        *_SIZE,
        _RATE,
        preset=encoding.preset,
        crf=encoding.crf,
        origin_us=0,
        hardware=hardware,
    )


def _test_sequence() -> list[RedactedFrame]:
    """A stretch of the drawn street with its faces masked, at half its size."""
    painter = Painter(Policy())
    out = []
    for index, picture in enumerate(demo_pictures(range(_PICTURES))):
        masks = [
            Mask(f.x // 2, f.y // 2, f.w // 2 + 1, f.h // 2 + 1, "face", n, Source.DETECTED)
            for n, f in enumerate(demo_faces(index))
        ]
        half = np.ascontiguousarray(picture[::2, ::2])
        drawn = av.VideoFrame.from_ndarray(half, format="bgr24").reformat(format="yuv420p")
        out.append(painter.masked(ClearFrame(drawn, index, index * 40_000), masks))
    return out


def _tried(name: str, encoder: MaskedEncoder, pictures: list[RedactedFrame]) -> EncoderTrial:
    packets = []
    processor, wall = [], []  # seconds of each picture
    for number, picture in enumerate(pictures):
        key = number % _KEY_EVERY == 0
        began = time.process_time(), time.monotonic()
        given = encoder.encode(picture, key=key)
        processor.append(time.process_time() - began[0])
        wall.append(time.monotonic() - began[1])
        if len(given) != 1:
            return EncoderTrial(name, refused="A picture does not come out at once.")
        (packet,) = given
        if packet.dts != packet.pts or packet.pts != number / (_RATE * TIME_BASE):
            return EncoderTrial(name, refused="It changes the order or the times of pictures.")
        if packet.is_keyframe != key:
            return EncoderTrial(name, refused="Its key frames are not where they were asked for.")
        packets.append(bytes(packet))
        if (_IDR in unit_types(packets[-1])) != key:
            return EncoderTrial(name, refused="Decoding cannot start anew at its key frames.")
    if encoder.flush():
        return EncoderTrial(name, refused="It keeps pictures back.")
    psnr = min(
        _psnr(encoder.extradata, packets[start : start + _KEY_EVERY], pictures[start:])
        for start in range(0, len(packets), _KEY_EVERY)
    )
    return EncoderTrial(
        name,
        processor_ms=statistics.median(processor) * 1000,
        wall_ms=statistics.median(wall) * 1000,
        psnr_db=psnr,
        size=sum(map(len, packets)),
    )


def _psnr(extradata: bytes, packets: list[bytes], pictures: list[RedactedFrame]) -> float:
    """The worst picture's, decoded from a key frame on and nothing before it; else 0."""
    decoder = av.CodecContext.create("h264", "r")
    decoder.extradata = extradata
    decoder.thread_count = 1
    frames = [frame for data in packets for frame in decoder.decode(av.Packet(data))]
    frames += decoder.decode(None)
    if len(frames) != len(packets) or any(frame.is_corrupt for frame in frames):
        return 0.0
    worst = math.inf
    for frame, picture in zip(frames, pictures, strict=False):
        given = samples(picture.picture.planes[0]).astype(np.float64)
        error = float(np.mean((samples(frame.planes[0]) - given) ** 2))
        worst = min(worst, 10 * math.log10(_PEAK**2 / max(error, 1e-9)))
    return worst


def _compared(trial: EncoderTrial, software: EncoderTrial) -> EncoderTrial:
    why = ""
    if not trial.psnr_db:
        why = "What it writes does not decode from each key frame."
    elif trial.psnr_db < max(LEAST_DB, software.psnr_db - WORSE_DB):
        why = f"It looks worse: {trial.psnr_db:.1f} dB against {software.psnr_db:.1f}."
    elif trial.size > MOST_LARGER * software.size:
        why = f"Its packets are {trial.size / software.size:.1f} times as large."
    elif trial.processor_ms >= software.processor_ms or trial.wall_ms > software.wall_ms:
        why = f"It is not faster than {SOFTWARE}."
    if not why:
        return trial
    return EncoderTrial(
        trial.name, trial.processor_ms, trial.wall_ms, trial.psnr_db, trial.size, why
    )
