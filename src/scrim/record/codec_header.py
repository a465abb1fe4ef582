"""A stream's codec parameters as the smallest Matroska file that carries them.

FFmpeg takes a muxer's codec parameters from a demuxer's stream, and a demuxer's
stream lives and dies with its connection.  These few bytes (no picture in them)
give the same stream again, in any thread, from a
:class:`~scrim.camera.packet.StreamInfo` alone.

Source: RFC 8794 (EBML), RFC 9559 (Matroska), the element identifiers in its table.
"""

from __future__ import annotations

from typing import Final

from scrim.camera.packet import StreamInfo

CODEC_IDS: Final = {
    "h264": "V_MPEG4/ISO/AVC",
    "hevc": "V_MPEGH/ISO/HEVC",
    "mjpeg": "V_MJPEG",
    "mpeg4": "V_MPEG4/ISO/ASP",
    "mpeg1video": "V_MPEG1",
    "mpeg2video": "V_MPEG2",
    "vp8": "V_VP8",
    "vp9": "V_VP9",
    "av1": "V_AV1",
    "theora": "V_THEORA",
    "ffv1": "V_FFV1",
    "prores": "V_PRORES",
}
"""FFmpeg's codec names and Matroska's."""

_UNKNOWN_SIZE = b"\x01" + b"\xff" * 7


def codec_header(stream: StreamInfo) -> bytes:
    """The file; its one video track has the stream's codec, size and extradata.

    Raises:
        KeyError: a codec that Matroska has no name for.
    """
    video = _element(0xE0, _number(0xB0, stream.width) + _number(0xBA, stream.height))
    private = _element(0x63A2, stream.extradata) if stream.extradata else b""
    track = _element(
        0xAE,
        _number(0xD7, 1)  # track number
        + _number(0x73C5, 1)  # track UID
        + _number(0x83, 1)  # type: video
        + _element(0x86, CODEC_IDS[stream.codec].encode())
        + private
        + video,
    )
    head = _element(
        0x1A45DFA3,
        _element(0x4282, b"matroska") + _number(0x4287, 4) + _number(0x4285, 2),
    )
    info = _element(
        0x1549A966, _number(0x2AD7B1, 1_000_000) + _element(0x4D80, b"-") + _element(0x5741, b"-")
    )
    cluster = _element(0x1F43B675, _number(0xE7, 0))
    body = info + _element(0x1654AE6B, track) + cluster
    return head + _identifier(0x18538067) + _UNKNOWN_SIZE + body


def _element(identifier: int, data: bytes) -> bytes:
    return _identifier(identifier) + (1 << 56 | len(data)).to_bytes(8, "big") + data


def _number(identifier: int, value: int) -> bytes:
    return _element(identifier, value.to_bytes(max(1, (value.bit_length() + 7) // 8), "big"))


def _identifier(identifier: int) -> bytes:
    return identifier.to_bytes((identifier.bit_length() + 7) // 8, "big")
