"""Changes of a stream's parameters, seen in the packets themselves.

A camera that is told to send another size goes on under the same connection:
only the parameter sets before a key picture say so.  For H.264 and H.265 the
sequence parameter sets are compared, for MJPEG the size in each picture's
header.  Nothing is decoded here.
"""

from __future__ import annotations

from collections.abc import Iterator

_START_CODE = b"\x00\x00\x01"

_H264_SPS, _H264_PPS = 7, 8
_HEVC_VPS, _HEVC_SPS, _HEVC_PPS = 32, 33, 34

# start-of-frame markers of JPEG (all but DHT, JPG and DAC in that range)
_SOF = frozenset(set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC})


def length_size(codec: str, extradata: bytes) -> int:
    """Bytes in front of each NAL unit that say its length; 0 for Annex B start codes."""
    if codec == "h264" and len(extradata) >= 7 and extradata[0] == 1:
        return (extradata[4] & 3) + 1
    if codec == "hevc" and len(extradata) >= 23 and extradata[0] == 1:
        return (extradata[21] & 3) + 1
    return 0


def nal_units(data: bytes, length_bytes: int) -> Iterator[bytes]:
    """The NAL units in a packet, without start code or length.  Stops at damage."""
    if length_bytes:
        at = 0
        while at + length_bytes <= len(data):
            size = int.from_bytes(data[at : at + length_bytes], "big")
            at += length_bytes
            if size == 0 or at + size > len(data):
                return
            yield data[at : at + size]
            at += size
        return
    start = data.find(_START_CODE)
    while start >= 0:
        start += 3
        end = data.find(_START_CODE, start)
        unit = (data[start:end] if end >= 0 else data[start:]).rstrip(b"\x00")
        if unit:
            yield unit
        start = end


def _kind(codec: str, unit: bytes) -> int:
    return unit[0] & 0x1F if codec == "h264" else (unit[0] >> 1) & 0x3F


def parameter_sets(codec: str, data: bytes, length_bytes: int) -> tuple[bytes, ...]:
    """The parameter sets (VPS, SPS, PPS) in front of a packet's picture, in order."""
    wanted = (_H264_SPS, _H264_PPS) if codec == "h264" else (_HEVC_VPS, _HEVC_SPS, _HEVC_PPS)
    found = []
    for unit in nal_units(data, length_bytes):
        kind = _kind(codec, unit)
        if kind in wanted:
            found.append(unit)
        elif (codec == "h264" and 1 <= kind <= 5) or (codec == "hevc" and kind < 32):
            break
    return tuple(found)


def sequence_sets(codec: str, sets: tuple[bytes, ...]) -> frozenset[bytes]:
    """The sequence parameter sets among ``sets``: what fixes size and profile."""
    sps = _H264_SPS if codec == "h264" else _HEVC_SPS
    return frozenset(unit for unit in sets if _kind(codec, unit) == sps)


def sets_in_extradata(codec: str, extradata: bytes) -> tuple[bytes, ...]:
    """The parameter sets in FFmpeg's extradata: Annex B, avcC or hvcC."""
    size = length_size(codec, extradata)
    if not size:
        return parameter_sets(codec, extradata, 0)
    return tuple(_avcc_sets(extradata) if codec == "h264" else _hvcc_sets(extradata))


def _counted(data: bytes, at: int, count: int) -> tuple[list[bytes], int]:
    units = []
    for _ in range(count):
        size = int.from_bytes(data[at : at + 2], "big")
        unit = data[at + 2 : at + 2 + size]
        if len(unit) != size or not size:
            break
        units.append(unit)
        at += 2 + size
    return units, at


def _avcc_sets(data: bytes) -> list[bytes]:
    # ISO/IEC 14496-15, 5.3.3.1
    sps, at = _counted(data, 6, data[5] & 0x1F)
    pps, _ = _counted(data, at + 1, data[at]) if at < len(data) else ([], at)
    return sps + pps


def _hvcc_sets(data: bytes) -> list[bytes]:
    # ISO/IEC 14496-15, 8.3.3.1
    units: list[bytes] = []
    at = 23
    for _ in range(data[22]):
        if at + 3 > len(data):
            break
        count = int.from_bytes(data[at + 1 : at + 3], "big")
        found, at = _counted(data, at + 3, count)
        units += found
    return units


def annex_b(sets: tuple[bytes, ...]) -> bytes:
    """Extradata as Annex B: each set after a start code."""
    return b"".join(b"\x00" + _START_CODE + unit for unit in sets)


def jpeg_size(data: bytes) -> tuple[int, int] | None:
    """Width and height in a JPEG's header (ITU-T T.81, B.2.2), or ``None``."""
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:  # fill byte
            at += 1
            continue
        if marker in _SOF:
            height = int.from_bytes(data[at + 5 : at + 7], "big")
            return int.from_bytes(data[at + 7 : at + 9], "big"), height
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return None
