"""A stream's codec parameters as the smallest Matroska file that carries them.

FFmpeg takes a muxer's codec parameters from a demuxer's stream, and a demuxer's
stream lives and dies with its connection.  These few bytes (no picture in them)
give the same stream again, in any thread, from a
:class:`~scrim.camera.packet.StreamInfo` or :class:`~scrim.camera.packet.SoundInfo` alone.

Source: RFC 8794 (EBML), RFC 9559 (Matroska), the element identifiers in its table.
"""

from __future__ import annotations

import struct
from typing import Final

from scrim.camera.packet import SoundInfo, StreamInfo

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
"""FFmpeg's names of picture codecs, and Matroska's."""

SOUND_IDS: Final = {
    "aac": "A_AAC",
    "opus": "A_OPUS",
    "mp3": "A_MPEG/L3",
    "mp2": "A_MPEG/L2",
    "ac3": "A_AC3",
    "flac": "A_FLAC",
    "pcm_s16le": "A_PCM/INT/LIT",
    "pcm_s16be": "A_PCM/INT/BIG",
    "pcm_alaw": "A_MS/ACM",
    "pcm_mulaw": "A_MS/ACM",
    "adpcm_g722": "A_MS/ACM",
}
"""FFmpeg's names of sound codecs that are kept, and Matroska's."""

_PCM_BITS: Final = {"pcm_s16le": 16, "pcm_s16be": 16}
# WAVEFORMATEX: the tags of mmreg.h, for what Matroska names no other way
_WAVE: Final = {"pcm_alaw": (0x0006, 8), "pcm_mulaw": (0x0007, 8), "adpcm_g722": (0x028F, 4)}

_UNKNOWN_SIZE = b"\x01" + b"\xff" * 7


def codec_header(stream: StreamInfo) -> bytes:
    """The file; its one video track has the stream's codec, size and extradata.

    Raises:
        KeyError: a codec that Matroska has no name for.
    """
    video = _element(0xE0, _number(0xB0, stream.width) + _number(0xBA, stream.height))
    return _file(1, CODEC_IDS[stream.codec], stream.extradata, video)


def sound_header(sound: SoundInfo) -> bytes:
    """The file; its one sound track has the codec, rate, channels and extradata.

    Raises:
        KeyError: a codec that is not kept, see :data:`SOUND_IDS`.
    """
    rate, channels = sound.sample_rate, sound.channels
    identifier, private = SOUND_IDS[sound.codec], sound.extradata
    if sound.codec in _WAVE:
        tag, bits = _WAVE[sound.codec]
        bytes_a_second = rate * channels * bits // 8
        private = struct.pack("<HHIIHHH", tag, channels, rate, bytes_a_second, channels, bits, 0)
    elif sound.codec == "opus" and not private:
        # RTP carries none; RFC 7845, 5.1: version 1, no pre-skip, no gain, mapping family 0
        private = b"OpusHead" + struct.pack("<BBHIhB", 1, channels, 0, rate, 0, 0)
    bits_element = b""
    if sound.codec in _PCM_BITS:
        bits_element = _number(0x6264, _PCM_BITS[sound.codec])
    audio = _element(0xB5, struct.pack(">d", rate)) + _number(0x9F, channels) + bits_element
    return _file(2, identifier, private, _element(0xE1, audio))


def _file(kind: int, codec: str, private: bytes, details: bytes) -> bytes:
    track = _element(
        0xAE,
        _number(0xD7, 1)  # track number
        + _number(0x73C5, 1)  # track UID
        + _number(0x83, kind)  # 1: video, 2: audio
        + _element(0x86, codec.encode())
        + (_element(0x63A2, private) if private else b"")
        + details,
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
