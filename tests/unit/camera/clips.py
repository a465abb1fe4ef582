"""Small clips made on the spot, so that no footage has to be shipped."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from scrim.camera.packet import SoundInfo

RATE = 25

_OPTIONS = {
    "libx264": {"preset": "ultrafast", "tune": "zerolatency"},
    "libx265": {
        "preset": "ultrafast",
        "tune": "zerolatency",
        "x265-params": "log-level=none:repeat-headers=1:keyint=25:bframes=0:pools=1",
    },
    "mjpeg": {},
}


def pictures(width: int, height: int, count: int) -> Iterator[av.VideoFrame]:
    """A bar that wanders over grey."""
    for number in range(count):
        picture = np.full((height, width, 3), 90, np.uint8)
        left = number * 4 % width
        picture[:, left : left + 16] = (255, number * 5 % 255, 0)
        frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
        frame.pts, frame.time_base = number, Fraction(1, RATE)
        yield frame


def write_frames(
    path: Path, encoder: str, width: int = 320, height: int = 240, count: int = 50
) -> Path:
    """Encoded pictures for the RTSP server: each a 32-bit length and the bytes."""
    context = av.CodecContext.create(encoder, "w")
    assert isinstance(context, VideoCodecContext)
    context.width, context.height = width, height
    context.pix_fmt = "yuvj420p" if encoder == "mjpeg" else "yuv420p"
    context.framerate, context.time_base = Fraction(RATE), Fraction(1, RATE)
    context.gop_size, context.max_b_frames = RATE, 0
    context.options = dict(_OPTIONS[encoder])
    if encoder == "mjpeg":
        context.color_range = 2
    with path.open("wb") as file:

        def store(packets: Iterable[Packet[VideoStream]]) -> None:
            for packet in packets:
                file.write(struct.pack(">I", packet.size) + bytes(packet))

        for frame in pictures(width, height, count):
            store(context.encode(frame.reformat(format=context.pix_fmt)))
        store(context.encode(None))
    return path


def write_clip(
    path: Path,
    *,
    count: int = 50,
    width: int = 320,
    height: int = 240,
    b_frames: int = 0,
    rotation: int = 0,
    sound: bool = False,
    format: str | None = None,
) -> Path:
    """A clip in a container, with a silent sound track if asked."""
    with av.open(str(path), "w", format=format) as container:
        stream = container.add_stream("libx264", rate=RATE)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.gop_size, stream.max_b_frames = RATE, b_frames
        stream.options = {"preset": "veryfast" if b_frames else "ultrafast"}
        if rotation:
            stream.set_display_rotation(rotation)
        speech = container.add_stream("aac", rate=48_000, layout="mono") if sound else None
        for frame in pictures(width, height, count):
            container.mux(stream.encode(frame.reformat(format="yuv420p")))
        container.mux(stream.encode(None))
        if speech is not None:
            _silence(container, speech)
    return path


def write_heard(
    path: Path, encoder: str = "pcm_s16le", *, count: int = 100, rate: int = 16_000
) -> Path:
    """A clip with a sound track as long as its pictures.

    Every 20 ms of PCM are one value, their number, so that a piece tells when it is from.
    """
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=RATE)
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        stream.gop_size, stream.max_b_frames = RATE, 0
        stream.options = {"preset": "ultrafast"}
        track = container.add_stream(encoder, rate=rate, layout="mono")
        assert isinstance(track, AudioStream)
        for packet in _numbered(track, rate, count * 2):
            container.mux(packet)
        for frame in pictures(320, 240, count):
            container.mux(stream.encode(frame.reformat(format="yuv420p")))
        container.mux(stream.encode(None))
    return path


def encoded_sound(encoder: str, rate: int, channels: int = 1) -> tuple[SoundInfo, list[bytes]]:
    """Two seconds of sound, as a camera might send it."""
    context = av.CodecContext.create(encoder, "w")
    assert isinstance(context, AudioCodecContext)
    formats = context.codec.audio_formats
    context.sample_rate, context.layout = rate, "mono" if channels == 1 else "stereo"
    context.format = formats[0] if formats else "s16"
    context.time_base = Fraction(1, rate)
    context.open()
    resampler = av.AudioResampler(
        context.format, context.layout, rate, frame_size=context.frame_size or None
    )
    found: list[bytes] = []
    for frame in _counted(rate, 100, context.layout.name):
        for fitting in resampler.resample(frame):
            found += [bytes(packet) for packet in context.encode(fitting)]
    name = context.codec.canonical_name
    return SoundInfo(name, rate, channels, bytes(context.extradata or b"")), found


def _numbered(track: AudioStream, rate: int, count: int) -> Iterator[Packet[AudioStream]]:
    frame_size = track.codec_context.frame_size or None
    resampler = av.AudioResampler(
        track.codec_context.format, track.codec_context.layout, rate, frame_size=frame_size
    )
    for frame in _counted(rate, count, "mono"):
        for fitting in resampler.resample(frame):
            yield from track.encode(fitting)
    yield from track.encode(None)


def _counted(rate: int, count: int, layout: str) -> Iterator[av.AudioFrame]:
    samples = rate // 50
    for number in range(count):
        width = samples * (1 if layout == "mono" else 2)
        frame = av.AudioFrame.from_ndarray(
            np.full((1, width), number, np.int16), format="s16", layout=layout
        )
        frame.sample_rate, frame.pts, frame.time_base = rate, number * samples, Fraction(1, rate)
        yield frame


def write_sound(path: Path) -> Path:
    """A file with sound and no pictures."""
    with av.open(str(path), "w") as container:
        _silence(container, container.add_stream("aac", rate=48_000, layout="mono"))
    return path


def _silence(container: OutputContainer, speech: AudioStream) -> None:
    for number in range(20):
        samples = av.AudioFrame.from_ndarray(
            np.zeros((1, 1024), np.float32), format="fltp", layout="mono"
        )
        samples.sample_rate, samples.pts = 48_000, number * 1024
        container.mux(speech.encode(samples))
    container.mux(speech.encode(None))
