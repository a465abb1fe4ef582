"""The sealed side's container: the camera's own packets, untouched, in memory.

MP4 (fragmented) where the codecs may stand in one, QuickTime (the same boxes) where only
the sound may not (G.711, which many cameras send), NUT elsewhere (GIF, raw video),
Matroska for the few that NUT has no name for (ProRes).  Packets are never decoded
or changed, so a signature a camera puts into its stream survives.
"""

from __future__ import annotations

import contextlib
import heapq
import io
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av

from scrim.camera.packet import ClearPacket, ClearSound, SoundInfo, StreamInfo
from scrim.errors import SealBroken
from scrim.record.codec_header import CODEC_IDS, SOUND_IDS, codec_header, sound_header
from scrim.record.segments import ClearSegment

_MICRO = Fraction(1, 1_000_000)
_MP4_CODECS = frozenset({"h264", "hevc", "mjpeg", "mpeg4", "av1", "vp9"})


@dataclass(frozen=True, slots=True)
class Remuxed:
    """A segment as a file of its own.

    Attributes:
        data: the file.
        container: ``mp4``, ``mov``, ``nut`` or ``matroska``.
        sound: whether its sound is in it.
    """

    data: bytes
    container: str
    sound: bool


class Remuxer:
    """Makes files of segments; keeps the codec parameters of the streams it saw last."""

    def __init__(self) -> None:
        self._stream: StreamInfo | None = None
        self._template: av.container.InputContainer | None = None
        self._sound: SoundInfo | None = None
        self._sound_template: av.container.InputContainer | None = None

    def remux(self, segment: ClearSegment) -> Remuxed:
        """The segment as a file.

        Time stamps are microseconds from the segment's first decode time, so that
        the file starts at zero and plays alone.  Packets MP4 will not take (parameter
        sets it does not understand) go into NUT.  Where nothing takes the sound, pictures
        are kept without it rather than neither.

        Raises:
            SealBroken: no container takes these packets.
        """
        with_sound = bool(segment.sound) and segment.sound_info is not None
        for sound in (True, False) if with_sound else (False,):
            for container in _containers(segment.stream.codec, sound=sound):
                with contextlib.suppress(av.FFmpegError, ValueError):
                    return Remuxed(self._mux(segment, container, sound), container, sound)
        raise SealBroken(
            f"Pictures coded as {segment.stream.codec!r} could not be put into a file.",
            "Set the camera to H.264 or H.265.",
        )

    def close(self) -> None:
        """Let go of FFmpeg's objects."""
        for template in (self._template, self._sound_template):
            if template is not None:
                template.close()
        self._stream = self._template = self._sound = self._sound_template = None

    def _mux(self, segment: ClearSegment, container: str, sound: bool) -> bytes:
        fragmented = {"movflags": "empty_moov+default_base_moof+frag_keyframe"}
        options = fragmented if container in ("mp4", "mov") else {}
        buffer = io.BytesIO()
        with av.open(buffer, "w", format=container, options=options) as output:
            packets = _pictures(segment, self._add_stream(output, segment.stream))
            if sound:
                assert segment.sound_info is not None
                heard = _sounds(segment, self._add_sound(output, segment.sound_info))
                packets = heapq.merge(packets, heard, key=lambda packet: packet.dts or 0)
            for packet in packets:
                output.mux(packet)
        return buffer.getvalue()

    def _add_sound(self, output: av.container.OutputContainer, sound: SoundInfo) -> av.AudioStream:
        template = self._sound_template
        if template is None or self._sound != sound:
            if template is not None:
                template.close()
            template = av.open(io.BytesIO(sound_header(sound)), "r", format="matroska")
            self._sound_template, self._sound = template, sound
        return output.add_stream_from_template(template.streams.audio[0], opaque=True)

    def _add_stream(
        self, output: av.container.OutputContainer, stream: StreamInfo
    ) -> av.VideoStream:
        if stream.codec not in CODEC_IDS:
            # GIF, raw video: codecs whose parameters are all in their packets
            target = output.add_stream(stream.codec)
            assert isinstance(target, av.VideoStream)
            target.width, target.height = stream.width, stream.height
            # FFmpeg's GIF encoder, opened only to name the codec, does not know what
            # its decoder gives
            target.pix_fmt = "rgb8" if stream.codec == "gif" else stream.pixel_format
            return target
        template = self._template
        if template is None or self._stream != stream:
            if template is not None:
                template.close()
            header = io.BytesIO(codec_header(stream))
            template = av.open(header, "r", format="matroska")
            self._template, self._stream = template, stream
        # opaque: for some codecs there is no encoder here, and none is needed
        return output.add_stream_from_template(template.streams.video[0], opaque=True)


def keeps(sound: SoundInfo) -> bool:
    """Whether a file can be made of such sound."""
    return sound.codec in SOUND_IDS


def _containers(codec: str, *, sound: bool) -> tuple[str, ...]:
    others = ("nut", "matroska") if codec in CODEC_IDS else ("nut",)
    if codec not in _MP4_CODECS:
        return others
    return ("mp4", "mov", *others) if sound else ("mp4", *others)


def _pictures(segment: ClearSegment, stream: av.VideoStream) -> Iterator[av.Packet[Any]]:
    origin, last_dts = segment.packets[0].decode_us, -1
    for packet in segment.packets:
        # equal decode times (two pictures within a microsecond) would be refused
        last_dts = dts = max(packet.decode_us - origin, last_dts + 1)
        yield _av_packet(packet, max(packet.captured_us - origin, dts), dts, stream)


def _sounds(segment: ClearSegment, stream: av.AudioStream) -> Iterator[av.Packet[Any]]:
    origin, last = segment.packets[0].decode_us, -1
    for piece in segment.sound:
        last = max(piece.captured_us - origin, last + 1)
        yield _av_packet(piece, last, last, stream)


def _av_packet(
    packet: ClearPacket | ClearSound, pts: int, dts: int, stream: av.VideoStream | av.AudioStream
) -> av.Packet[Any]:
    copy: av.Packet[Any] = av.Packet(packet.data)
    copy.pts = pts
    copy.dts = dts
    copy.duration = packet.duration_us
    copy.time_base = _MICRO
    copy.is_keyframe = packet.is_key if isinstance(packet, ClearPacket) else True
    copy.stream = stream
    return copy
