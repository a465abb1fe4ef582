"""A camera's H.264 packets, stripped of everything but their one picture.

Rules kept here:

- White list: one slice of one whole picture comes through, under the stream's one pair of
  parameter sets, and nothing else.  What is merely beside the picture (SEI messages with
  captions, places or text, delimiters, filler, ends of sequences) is dropped; whatever else
  there is makes the packet refused.
- One slice only: of several, nobody can tell without decoding them whether they overlap, and
  then two decoders may show two pictures.
- Once the stream has shown parameters that are not plain, or others than its first, or a
  packet that cannot be taken apart, nothing comes through any more: packets that follow may
  need what was not passed on.
- Input is hostile: each look at it is bounded, and what cannot be read is refused.

What stays unseen: bytes behind the end of the entropy-coded data inside the slice itself.

Source: ITU-T H.264, 7.3.1 to 7.3.3, 7.4.1.2.4, 7.4.3, annex B; ISO/IEC 14496-15, 5.3.3.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from scrim.camera.parameters import length_size, sets_in_extradata
from scrim.record.bits import BitReader, BitsEnd
from scrim.record.parameter_sets import (
    PPS,
    SPS,
    PictureSet,
    SequenceSet,
    picture_set,
    sequence_set,
)

_SLICE, _IDR = 1, 5
_DROPPED = frozenset({6, 9, 10, 11, 12})  # SEI, delimiter, two ends, filler
_OTHER_SYNTAX = frozenset({13, 14, 15, 19, 20, 21})  # extensions, layers, views, second pictures
_LONG_START = b"\0\0\0\1"
_START = re.compile(rb"\x00\x00\x01")  # patterns are found two to four times as fast as substrings
_BEGINNING = re.compile(rb"\x00?\x00\x00\x01")
_NO_DATA = re.compile(rb"\x00\x00[\x00-\x02]")  # cannot be inside a unit
_MOST_UNITS = 64
_HEADER = 40  # bytes, more than the part of a slice header read here takes
_MOST_ZERO_WORDS = 4096
_P, _B, _I = 0, 1, 2  # and the same plus 5


@dataclass(frozen=True, slots=True)
class CodedPicture:
    """A picture that decodes alone with its parameter sets and the pictures before it.

    Attributes:
        data: its one slice, Annex B.
        idr: decoding can start here, and nothing after it looks back beyond.
        reference: others may be predicted from it.
        frame_num: its number among reference pictures.
        order: low bits of its place in the order of showing; 0 where that is the order
            of decoding.
    """

    data: bytes
    idr: bool
    reference: bool
    frame_num: int
    order: int


class Sanitiser:
    """Strips the packets of one stream.

    Args:
        extradata: the stream's, as FFmpeg has it: avcC, Annex B, or empty.
    """

    def __init__(self, extradata: bytes) -> None:
        self._length_size = length_size("h264", extradata)
        self._refused = ""
        self._sequence: SequenceSet | None = None
        self._picture: PictureSet | None = None
        self._seen: dict[int, bytes] = {}  # by kind, the set that was read last
        for unit in sets_in_extradata("h264", extradata):
            self._take_set(unit, unit[0] & 31)

    @property
    def refused(self) -> str:
        """Why nothing of this stream can come through any more; "" while it can."""
        return self._refused

    @property
    def sets(self) -> tuple[SequenceSet, PictureSet] | None:
        """The stream's parameter sets, once both are known."""
        if self._refused or self._sequence is None or self._picture is None:
            return None
        return self._sequence, self._picture

    def picture(self, data: bytes) -> CodedPicture | None:
        """The packet's picture, or ``None`` if there is not exactly one plain one."""
        if self._refused:
            return None
        units = _prefixed(data, self._length_size) if self._length_size else _annex_b(data)
        if units is None:
            self._refused = "its packets cannot be taken apart"
            return None
        slices, plain = [], True
        for unit in units:
            kind = unit[0] & 31
            if kind in (SPS, PPS):
                self._take_set(unit, kind)
            elif kind in (_SLICE, _IDR):
                slices.append(unit)
            elif kind in _OTHER_SYNTAX:
                self._refused = "it has layers, views or extensions"
            elif kind not in _DROPPED:
                plain = False
        if not plain or len(slices) != 1 or self._refused:
            return None
        try:
            return self._slice(slices[0])
        except BitsEnd:
            return None

    def _take_set(self, unit: bytes, kind: int) -> None:
        """Read a parameter set; another one than before ends all passing."""
        if self._refused or self._seen.get(kind) == unit:
            return
        self._seen[kind] = unit
        if kind == SPS:
            sequence = sequence_set(unit)
            if sequence is None:
                self._refused = "its sequence parameters are not plain"
            elif self._sequence not in (None, sequence):
                self._refused = "its sequence parameters changed"
            self._sequence = sequence
        elif self._sequence is None:
            self._refused = "its picture parameters came before those of the sequence"
        else:
            picture = picture_set(unit, self._sequence)
            if picture is None:
                self._refused = "its picture parameters are not plain"
            elif self._picture not in (None, picture):
                self._refused = "it has several sets of picture parameters"
            self._picture = picture

    def _slice(self, unit: bytes) -> CodedPicture | None:
        sets, end = self.sets, _end_of_slice(unit)
        if sets is None or end is None or unit[0] & 0x80:
            return None
        sequence, parameters = sets
        idr, reference = unit[0] & 31 == _IDR, bool(unit[0] & 0x60)
        bits = BitReader(unit[1:_HEADER])
        bits.ue(0)  # it begins with the picture's first macroblock
        kind = bits.ue(9) % 5
        if kind == _B:
            self._refused = "its pictures are predicted from later ones"
        if kind not in (_P, _I) or bits.ue(255) != parameters.number:
            return None
        frame_num = bits.u(sequence.frame_num_bits)
        if idr:
            bits.ue(0xFFFF)
            if frame_num or not reference or kind != _I:
                return None
        order = bits.u(sequence.order_bits)
        importance = 0x60 if reference else 0
        header = bytes([importance | (_IDR if idr else _SLICE)])
        data = _LONG_START + header + unit[1:end]
        return CodedPicture(data, idr, reference, frame_num, order)


class Chain:
    """Whether pictures follow one another without one missing, each shown after the last.

    Args:
        sequence: the stream's parameters.
        first: the IDR picture it begins with.
    """

    def __init__(self, sequence: SequenceSet, first: CodedPicture) -> None:
        self._frames = 1 << sequence.frame_num_bits
        self._orders = 1 << sequence.order_bits
        self._frame_num = 0
        self._order = first.order  # of the last reference picture
        self._ahead = 0  # of it, the last picture

    def follows(self, picture: CodedPicture) -> bool:
        """Whether ``picture`` is the next one; if it is, the chain goes on from there."""
        if picture.idr:
            self._frame_num, self._order, self._ahead = 0, picture.order, 0
            return True
        if picture.frame_num != (self._frame_num + 1) % self._frames:
            return False
        if self._orders > 1:
            ahead = (picture.order - self._order) % self._orders
            if not self._ahead < ahead < self._orders // 2:
                return False
            self._ahead = ahead
        if picture.reference:
            self._frame_num, self._order, self._ahead = picture.frame_num, picture.order, 0
        return True


def _annex_b(data: bytes) -> list[bytes] | None:
    """Units between start codes; ``None`` where there is anything outside of them."""
    first = _BEGINNING.match(data)
    if first is None:
        return None
    units: list[bytes] = []
    begin = first.end()
    while True:
        following = _START.search(data, begin)
        unit = data[begin : following.start() if following else len(data)].rstrip(b"\0")
        if not unit or len(units) == _MOST_UNITS:
            return None
        units.append(unit)
        if following is None:
            return units
        begin = following.end()


def _prefixed(data: bytes, size: int) -> list[bytes] | None:
    """Units behind their lengths; ``None`` where lengths and data do not agree."""
    if size == len(_LONG_START) and data.startswith(_LONG_START):
        return None  # decoders may take this length of 1 for a start code
    units: list[bytes] = []
    at = 0
    while at < len(data):
        length = int.from_bytes(data[at : at + size], "big")
        at += size
        if not length or at + length > len(data) or len(units) == _MOST_UNITS:
            return None
        unit = data[at : at + length].rstrip(b"\0")
        if not unit:
            return None
        units.append(unit)
        at += length
    return units


def _end_of_slice(unit: bytes) -> int | None:
    """Where a slice ends once filling words are cut; ``None`` if it is not one whole unit."""
    end = len(unit)
    for _ in range(_MOST_ZERO_WORDS):
        if unit[end - 3 : end] != b"\0\0\3":
            break
        end -= 3
        while end and not unit[end - 1]:
            end -= 1
    else:
        return None
    # another reader would take it for the unit's end
    return None if _NO_DATA.search(unit, 0, end) else end
