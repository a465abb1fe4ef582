"""The sealed side's container: the camera's own packets, untouched, in memory.

MP4 (fragmented) where the codec may stand in one, NUT elsewhere (GIF, raw video):
NUT takes any codec FFmpeg knows, and FFmpeg plays it.  Packets are never decoded
or changed, so a signature a camera puts into its stream survives.
"""

from __future__ import annotations

import contextlib
import io
from fractions import Fraction

import av

from scrim.camera.packet import ClearPacket
from scrim.errors import SealBroken
from scrim.record.segments import ClearSegment

_MICRO = Fraction(1, 1_000_000)
_MP4_CODECS = frozenset({"h264", "hevc", "mjpeg", "mpeg4", "av1", "vp9"})
_ANNEX_B = {"h264": "h264", "hevc": "hevc"}


def make_template(stream: av.VideoStream | None, codec: str, packet: ClearPacket) -> bytes:
    """A one-packet file that carries a stream's codec parameters.

    FFmpeg hands codec parameters from a demuxer's stream to a muxer's, and a
    demuxer's stream may not leave its thread; these bytes may.

    Args:
        stream: the demuxer's stream, or ``None`` where the packet itself (Annex B)
            holds the parameters.
        codec: FFmpeg's codec name.
        packet: the stream's first packet, a key frame if there is one.
    """
    if stream is None:
        return packet.data
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="nut") as output:
        target = output.add_stream_from_template(stream)
        output.mux(_av_packet(packet, 0, 0, target))
    return buffer.getvalue()


def remux(segment: ClearSegment) -> tuple[bytes, str]:
    """The segment as a file of its own, and the container's name (``mp4``, ``nut``).

    Time stamps are microseconds from the segment's first decode time, so that
    the file starts at zero and plays alone.  Packets MP4 will not take (a codec or
    parameter sets it does not know) go into NUT.

    Raises:
        SealBroken: no container takes these packets.
    """
    containers = ("mp4", "nut") if segment.stream.codec in _MP4_CODECS else ("nut",)
    for container in containers:
        with contextlib.suppress(av.FFmpegError, ValueError):
            return _mux(segment, container), container
    raise SealBroken(
        f"Pictures coded as {segment.stream.codec!r} could not be put into a file.",
        "Set the camera to H.264 or H.265.",
    )


def _mux(segment: ClearSegment, container: str) -> bytes:
    options = (
        {"movflags": "empty_moov+default_base_moof+frag_keyframe"} if container == "mp4" else {}
    )
    nut = segment.template.startswith(b"nut/multimedia")
    kind = "nut" if nut else _ANNEX_B.get(segment.stream.codec)
    origin = segment.packets[0].decode_us
    buffer = io.BytesIO()
    with (
        av.open(io.BytesIO(segment.template), format=kind) as template,
        av.open(buffer, "w", format=container, options=options) as output,
    ):
        target = output.add_stream_from_template(template.streams.video[0])
        last_dts = -1
        for packet in segment.packets:
            # equal decode times (two pictures within a microsecond) would be refused
            dts = max(packet.decode_us - origin, last_dts + 1)
            last_dts = dts
            pts = max(packet.captured_us - origin, dts)
            output.mux(_av_packet(packet, pts, dts, target))
    return buffer.getvalue()


def _av_packet(
    packet: ClearPacket, pts: int, dts: int, stream: av.VideoStream
) -> av.Packet[av.VideoStream]:
    copy: av.Packet[av.VideoStream] = av.Packet(packet.data)
    copy.pts = pts
    copy.dts = dts
    copy.duration = packet.duration_us
    copy.time_base = _MICRO
    copy.is_keyframe = packet.is_key
    copy.stream = stream
    return copy
