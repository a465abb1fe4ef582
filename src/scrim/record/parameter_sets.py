"""H.264 parameter sets as a few numbers: read, judged, and written anew.

Rules kept here:

- A set is never copied: what is sent on is written from the fields below, and a field
  is there only if decoding or colour needs it.  Timing, buffering, extensions, and whatever
  stands behind them do not get in.
- What is not plain is refused (``None``): see :func:`sequence_set` and :func:`picture_set`.

Source: ITU-T H.264, 7.3.2.1, 7.3.2.2, annex E.1.
"""

from __future__ import annotations

from dataclasses import dataclass

from scrim.record.bits import BitReader, BitsEnd, BitWriter

SPS, PPS = 7, 8

_BASELINE, _MAIN, _HIGH = 66, 77, 100
_EXTENDED_SAR = 255
_LARGEST_MBS = 512  # 8192 pixels
_MOST_CROPPED = 7  # chroma samples: the filling up to whole macroblocks and no more
_UNSPECIFIED = 2
_LONGEST = 1024  # bytes; real ones are 10 to 60 long


@dataclass(frozen=True, slots=True)
class Colour:
    """How samples are meant (annex E.2.1)."""

    full_range: bool = False
    primaries: int = _UNSPECIFIED
    transfer: int = _UNSPECIFIED
    matrix: int = _UNSPECIFIED


@dataclass(frozen=True, slots=True)
class SequenceSet:
    """A sequence parameter set of plain 8-bit 4:2:0 frames with square pixels.

    Attributes:
        profile, constraints, level: its first three bytes.
        frame_num_bits: of ``frame_num`` in slice headers.
        order_bits: of ``pic_order_cnt_lsb``; 0 where order is that of decoding.
        references: most pictures kept for prediction.
        mbs: width and height in macroblocks.
        crop: chroma samples cut off at the right and at the bottom.
    """

    profile: int
    constraints: int
    level: int
    number: int
    frame_num_bits: int
    order_bits: int
    references: int
    mbs: tuple[int, int]
    direct_8x8: bool
    crop: tuple[int, int]
    colour: Colour

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the pictures that are shown."""
        return 16 * self.mbs[0] - 2 * self.crop[0], 16 * self.mbs[1] - 2 * self.crop[1]

    def unit(self) -> bytes:
        """The set as a NAL unit; pictures are shown in the order they come."""
        to = BitWriter()
        for byte in (self.profile, self.constraints, self.level):
            to.u(8, byte)
        to.ue(self.number)
        if self.profile == _HIGH:
            to.ue(1)  # 4:2:0
            to.ue(0)  # 8 bits, both
            to.ue(0)
            to.u(2, 0)  # no bypass, no scaling matrix
        to.ue(self.frame_num_bits - 4)
        to.ue(0 if self.order_bits else 2)
        if self.order_bits:
            to.ue(self.order_bits - 4)
        to.ue(self.references)
        to.flag(False)  # no frame is missing
        to.ue(self.mbs[0] - 1)
        to.ue(self.mbs[1] - 1)
        to.flag(True)  # frames only
        to.flag(self.direct_8x8)
        to.flag(self.crop != (0, 0))
        if self.crop != (0, 0):
            for value in (0, self.crop[0], 0, self.crop[1]):
                to.ue(value)
        to.flag(True)
        self._write_usability(to)
        return to.unit(0x60 | SPS)

    def _write_usability(self, to: BitWriter) -> None:
        to.u(2, 0)  # no pixel aspect, no overscan
        told = self.colour != Colour()
        to.flag(told)
        if told:
            to.u(3, 5)  # no particular video format
            to.flag(self.colour.full_range)
            to.flag(True)
            for value in (self.colour.primaries, self.colour.transfer, self.colour.matrix):
                to.u(8, value)
        to.u(5, 0)  # no chroma location, timing, buffering (two), picture structure
        to.flag(True)
        to.flag(True)
        for value in (0, 0, 15, 15, 0, max(1, self.references)):  # the last but one: no reordering
            to.ue(value)


@dataclass(frozen=True, slots=True)
class PictureSet:
    """A picture parameter set without slice groups, redundant pictures or scaling lists."""

    number: int
    sequence: int
    arithmetic: bool
    references: tuple[int, int]
    weighted: bool
    weighted_b: int
    quantiser: int
    switching: int
    chroma: int
    deblocking: bool
    constrained: bool
    transform_8x8: bool | None
    second_chroma: int

    def unit(self) -> bytes:
        """The set as a NAL unit."""
        to = BitWriter()
        to.ue(self.number)
        to.ue(self.sequence)
        to.flag(self.arithmetic)
        to.flag(False)  # no order of bottom fields
        to.ue(0)  # one slice group
        for count in self.references:
            to.ue(count)
        to.flag(self.weighted)
        to.u(2, self.weighted_b)
        for offset in (self.quantiser, self.switching, self.chroma):
            to.se(offset)
        to.flag(self.deblocking)
        to.flag(self.constrained)
        to.flag(False)  # no redundant pictures
        if self.transform_8x8 is not None:
            to.flag(self.transform_8x8)
            to.flag(False)  # no scaling lists
            to.se(self.second_chroma)
        return to.unit(0x60 | PPS)


def sequence_set(unit: bytes) -> SequenceSet | None:
    """What a sequence parameter set says.

    ``None`` where it is damaged or not plain: another profile than baseline, main and high;
    other samples than 8-bit 4:2:0; scaling matrices (they could hold anything); fields;
    picture order of type 1; pixels that are not square; a picture area of more than 14 rows or
    columns that is not shown, or any at the left or the top.
    """
    if len(unit) > _LONGEST or unit[:1] == b"" or unit[0] & 31 != SPS:
        return None
    try:
        return _sequence_set(BitReader(unit[1:]))
    except BitsEnd:
        return None


def _sequence_set(bits: BitReader) -> SequenceSet | None:
    profile, constraints, level = bits.u(8), bits.u(8), bits.u(8)
    number = bits.ue(31)
    if profile not in (_BASELINE, _MAIN, _HIGH) or constraints & 3:
        return None
    # 4:2:0, 8 bits twice, no bypass, no matrices
    if profile == _HIGH and (bits.ue(3), bits.ue(6), bits.ue(6), bits.u(2)) != (1, 0, 0, 0):
        return None
    frame_num_bits = bits.ue(12) + 4
    order = bits.ue(2)
    if order == 1:
        return None
    order_bits = bits.ue(12) + 4 if order == 0 else 0
    references = bits.ue(16)
    bits.flag()  # frames may be missing; whether one is, each slice says
    mbs = bits.ue(_LARGEST_MBS - 1) + 1, bits.ue(_LARGEST_MBS - 1) + 1
    if not bits.flag():  # fields
        return None
    direct_8x8 = bits.flag()
    left, right, top, bottom = (bits.ue(1 << 16) for _ in range(4)) if bits.flag() else (0,) * 4
    if left or top or max(right, bottom) > _MOST_CROPPED:
        return None
    colour = _usability(bits) if bits.flag() else Colour()
    if colour is None:
        return None
    return SequenceSet(
        profile=profile,
        constraints=constraints,
        level=level,
        number=number,
        frame_num_bits=frame_num_bits,
        order_bits=order_bits,
        references=references,
        mbs=mbs,
        direct_8x8=direct_8x8,
        crop=(right, bottom),
        colour=colour,
    )


def _usability(bits: BitReader) -> Colour | None:
    """The colour, and no further; ``None`` where pixels are not square."""
    if bits.flag():
        shape = bits.u(8)
        if shape == _EXTENDED_SAR:
            across, down = bits.u(16), bits.u(16)
            if across != down:
                return None
        elif shape > 1:
            return None
    if bits.flag():  # overscan
        bits.flag()
    if not bits.flag():
        return Colour()
    bits.u(3)
    full_range = bits.flag()
    if not bits.flag():
        return Colour(full_range)
    return Colour(full_range, bits.u(8), bits.u(8), bits.u(8))


def picture_set(unit: bytes, sequence: SequenceSet) -> PictureSet | None:
    """What a picture parameter set for ``sequence`` says.

    ``None`` where it is damaged or not plain: slice groups, redundant pictures, orders of
    bottom fields, scaling lists, or parts that its profile does not have.
    """
    if len(unit) > _LONGEST or unit[:1] == b"" or unit[0] & 31 != PPS:
        return None
    try:
        found = _picture_set(BitReader(unit[1:]))
    except BitsEnd:
        return None
    if found is None or found.sequence != sequence.number:
        return None
    if found.transform_8x8 is not None and sequence.profile != _HIGH:
        return None
    return found


def _picture_set(bits: BitReader) -> PictureSet | None:
    number, sequence = bits.ue(255), bits.ue(31)
    arithmetic = bits.flag()
    if bits.flag() or bits.ue(7):  # bottom fields' order, slice groups
        return None
    references = bits.ue(31), bits.ue(31)
    weighted, weighted_b = bits.flag(), bits.u(2)
    quantiser, switching, chroma = bits.se(-26, 25), bits.se(-26, 25), bits.se(-12, 12)
    deblocking, constrained = bits.flag(), bits.flag()
    if bits.flag():  # redundant pictures
        return None
    transform_8x8, second_chroma = None, chroma
    if bits.more:
        transform_8x8 = bits.flag()
        if bits.flag():  # scaling lists
            return None
        second_chroma = bits.se(-12, 12)
    return PictureSet(
        number=number,
        sequence=sequence,
        arithmetic=arithmetic,
        references=references,
        weighted=weighted,
        weighted_b=weighted_b,
        quantiser=quantiser,
        switching=switching,
        chroma=chroma,
        deblocking=deblocking,
        constrained=constrained,
        transform_8x8=transform_8x8,
        second_chroma=second_chroma,
    )
