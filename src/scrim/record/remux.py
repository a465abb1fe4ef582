"""The sealed side's container: the camera's own packets, untouched, in memory.

MP4 (fragmented) where the codec may stand in one, NUT elsewhere (GIF, raw video),
Matroska for the few that NUT has no name for (ProRes).  Packets are never decoded
or changed, so a signature a camera puts into its stream survives.
"""

from __future__ import annotations

import contextlib
import io
from fractions import Fraction

import av

from scrim.camera.packet import ClearPacket, StreamInfo
from scrim.errors import SealBroken
from scrim.record.codec_header import CODEC_IDS, codec_header
from scrim.record.segments import ClearSegment

_MICRO = Fraction(1, 1_000_000)
_MP4_CODECS = frozenset({"h264", "hevc", "mjpeg", "mpeg4", "av1", "vp9"})


class Remuxer:
    """Makes files of segments; keeps the codec parameters of the stream it saw last."""

    def __init__(self) -> None:
        self._stream: StreamInfo | None = None
        self._template: av.container.InputContainer | None = None

    def remux(self, segment: ClearSegment) -> tuple[bytes, str]:
        """The segment as a file of its own, and its container: ``mp4``, ``nut`` or ``matroska``.

        Time stamps are microseconds from the segment's first decode time, so that
        the file starts at zero and plays alone.  Packets MP4 will not take (parameter
        sets it does not understand) go into NUT.

        Raises:
            SealBroken: no container takes these packets.
        """
        for container in _containers(segment.stream.codec):
            with contextlib.suppress(av.FFmpegError, ValueError):
                return self._mux(segment, container), container
        raise SealBroken(
            f"Pictures coded as {segment.stream.codec!r} could not be put into a file.",
            "Set the camera to H.264 or H.265.",
        )

    def close(self) -> None:
        """Let go of FFmpeg's objects."""
        if self._template is not None:
            self._template.close()
        self._stream = self._template = None

    def _mux(self, segment: ClearSegment, container: str) -> bytes:
        options = (
            {"movflags": "empty_moov+default_base_moof+frag_keyframe"} if container == "mp4" else {}
        )
        origin = segment.packets[0].decode_us
        buffer = io.BytesIO()
        with av.open(buffer, "w", format=container, options=options) as output:
            target = self._add_stream(output, segment.stream)
            last_dts = -1
            for packet in segment.packets:
                # equal decode times (two pictures within a microsecond) would be refused
                dts = max(packet.decode_us - origin, last_dts + 1)
                last_dts = dts
                pts = max(packet.captured_us - origin, dts)
                output.mux(_av_packet(packet, pts, dts, target))
        return buffer.getvalue()

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
            self.close()
            header = io.BytesIO(codec_header(stream))
            template = av.open(header, "r", format="matroska")
            self._template, self._stream = template, stream
        # opaque: for some codecs there is no encoder here, and none is needed
        return output.add_stream_from_template(template.streams.video[0], opaque=True)


def _containers(codec: str) -> tuple[str, ...]:
    others = ("nut", "matroska") if codec in CODEC_IDS else ("nut",)
    return ("mp4", *others) if codec in _MP4_CODECS else others


def _av_packet(
    packet: ClearPacket, pts: int, dts: int, stream: av.VideoStream
) -> av.Packet[av.VideoStream]:
    copy = av.Packet(packet.data)
    copy.pts = pts
    copy.dts = dts
    copy.duration = packet.duration_us
    copy.time_base = _MICRO
    copy.is_keyframe = packet.is_key
    copy.stream = stream
    return copy  # type: ignore[return-value]  # the stream just set is a video's
