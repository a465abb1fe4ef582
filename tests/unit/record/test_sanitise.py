"""One plain picture comes through, and nothing beside it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.sim.coded import PLAIN, annex_b, coded, decoded, units, with_units

from scrim.camera.packet import ClearPacket
from scrim.record.parameter_sets import SequenceSet, sequence_set
from scrim.record.sanitise import Chain, CodedPicture, Sanitiser

TEXT = b"22.3193 N 114.1694 E, plate AB 1234"
SEI = b"\x06\x05" + bytes([len(TEXT) + 16]) + b"0123456789abcdef" + TEXT + b"\x80"
CAPTION = b"\x06\x04" + bytes([len(TEXT) + 8]) + b"\xb5\x00\x31GA94\x03" + TEXT + b"\x80"
AUD, FILLER = b"\x09\x10", b"\x0c" + TEXT + b"\x80"
END_OF_SEQUENCE, END_OF_STREAM = b"\x0a", b"\x0b"

_, PACKETS = coded(30)


def stripped(packets: list[ClearPacket], extradata: bytes = b"") -> list[CodedPicture | None]:
    sanitiser = Sanitiser(extradata)
    return [sanitiser.picture(packet.data) for packet in packets]


def test_every_picture_comes_through_as_its_slice() -> None:
    found = stripped(PACKETS)
    assert [p.idr for p in found if p] == [i % 25 == 0 for i in range(30)]
    for picture, packet in zip(found, PACKETS, strict=True):
        assert picture is not None
        (unit,) = units(picture.data)
        assert unit[0] & 31 in (1, 5)
        assert unit[1:] in packet.data


def test_what_stands_beside_the_picture_is_dropped() -> None:
    dirty = [
        with_units(
            with_units(p, AUD, SEI, CAPTION),
            FILLER,
            END_OF_SEQUENCE,
            END_OF_STREAM,
            behind=True,
        )
        for p in PACKETS
    ]
    clean, found = stripped(PACKETS), stripped(dirty)
    assert found == clean
    assert all(p is not None and TEXT[:8] not in p.data for p in found)


def test_filling_words_behind_a_slice_are_cut() -> None:
    padded = [replace(p, data=p.data + b"\0\0\3" * 9 + b"\0" * 5) for p in PACKETS]
    assert stripped(padded) == stripped(PACKETS)


@pytest.mark.parametrize("kind", [0, 2, 3, 4, 16, 18, 22, 24, 31])
def test_a_packet_with_any_other_unit_is_refused_and_the_next_is_not(kind: int) -> None:
    other = bytes([0x60 | kind]) + TEXT
    for behind in (False, True):
        sanitiser = Sanitiser(b"")
        assert sanitiser.picture(PACKETS[0].data) is not None
        assert sanitiser.picture(with_units(PACKETS[1], other, behind=behind).data) is None
        assert sanitiser.picture(PACKETS[2].data) is not None


@pytest.mark.parametrize("kind", [13, 14, 15, 19, 20, 21])
def test_layers_views_and_second_pictures_end_it_for_good(kind: int) -> None:
    sanitiser = Sanitiser(b"")
    assert sanitiser.picture(PACKETS[0].data) is not None
    assert sanitiser.picture(with_units(PACKETS[1], bytes([kind]) + TEXT).data) is None
    assert sanitiser.picture(PACKETS[25].data) is None
    assert "layers" in sanitiser.refused


def test_other_parameters_end_it_for_good() -> None:
    _, others = coded(1, size=(318, 180))
    assert stripped([PACKETS[0], others[0], PACKETS[25]])[1:] == [None, None]
    pps = next(u for u in units(PACKETS[0].data) if u[0] & 31 == 8)
    second = b"\x68\x4e" + pps[2:]  # the same with another number
    assert stripped([PACKETS[0], with_units(PACKETS[1], second), PACKETS[25]])[1:] == [None, None]


def test_other_timing_in_the_same_parameters_is_none_of_its_business() -> None:
    _, timed = coded(26, options={**PLAIN, "x264-params": "pic-struct=1"})
    assert all(stripped([PACKETS[0], timed[0], PACKETS[25]]))


@pytest.mark.parametrize("options", [{"slices": "4"}, {"bf": "2", "x264-params": "b-adapt=0"}])
def test_several_slices_and_reordered_pictures_do_not_come_through(
    options: dict[str, str],
) -> None:
    _, packets = coded(30, options={**PLAIN, **options})
    found = stripped(packets)
    assert found.count(None) >= 26


def test_two_pictures_in_a_packet_are_refused() -> None:
    both = replace(PACKETS[1], data=PACKETS[1].data + PACKETS[2].data)
    assert stripped([PACKETS[0], both])[1] is None


def test_a_slice_that_is_not_the_pictures_first_is_refused() -> None:
    (unit,) = units(PACKETS[1].data)
    other = replace(PACKETS[1], data=annex_b([unit[:1] + b"\x4d" + unit[1:]]))
    assert stripped([PACKETS[0], other])[1] is None


def test_packets_with_lengths_are_taken_apart_too() -> None:
    first = units(PACKETS[0].data)
    sps, pps = (next(u for u in first if u[0] & 31 == kind) for kind in (7, 8))
    extradata = b"\x01" + sps[1:4] + b"\xff\xe1" + len(sps).to_bytes(2, "big") + sps
    extradata += b"\x01" + len(pps).to_bytes(2, "big") + pps
    prefixed = [
        replace(
            p,
            data=b"".join(
                len(u).to_bytes(4, "big") + u for u in units(with_units(p, AUD, SEI).data)
            ),
        )
        for p in PACKETS
    ]
    assert stripped(prefixed, extradata) == stripped(PACKETS)
    cut = replace(prefixed[0], data=prefixed[0].data[:-3])
    assert stripped([cut, prefixed[25]], extradata) == [None, None]


def test_a_start_code_inside_a_unit_with_a_length_is_refused() -> None:
    """Whoever reads the output as Annex B would find a unit of its own there."""
    first = units(PACKETS[0].data)
    sps, pps = (next(u for u in first if u[0] & 31 == kind) for kind in (7, 8))
    extradata = b"\x01" + sps[1:4] + b"\xff\xe1" + len(sps).to_bytes(2, "big") + sps
    extradata += b"\x01" + len(pps).to_bytes(2, "big") + pps
    unit = next(u for u in first if u[0] & 31 == 5) + b"\0\0\1" + SEI
    assert Sanitiser(extradata).picture(len(unit).to_bytes(4, "big") + unit) is None


def test_what_comes_through_decodes_to_the_same_pictures() -> None:
    sanitiser = Sanitiser(b"")
    data = [sanitiser.picture(p.data) for p in PACKETS]
    assert sanitiser.sets is not None
    extradata = annex_b([one.unit() for one in sanitiser.sets])
    bare = decoded([p.data for p in data if p], extradata)
    whole = decoded([p.data for p in PACKETS])
    assert [bytes(f.planes[0]) for f in bare] == [bytes(f.planes[0]) for f in whole]


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_damaged_packets_never_raise_and_never_carry_two_units(data: st.DataObject) -> None:
    sanitiser = Sanitiser(data.draw(st.binary(max_size=40)))
    for packet in PACKETS[:3]:
        at = data.draw(st.integers(0, len(packet.data)))
        damage = data.draw(st.binary(max_size=6))
        picture = sanitiser.picture(packet.data[:at] + damage + packet.data[at + 3 :])
        if picture is not None:
            assert len(units(picture.data)) == 1
            assert units(picture.data)[0][0] & 31 in (1, 5)


def numbered(frame_num: int, order: int = 0, *, reference: bool = True) -> CodedPicture:
    return CodedPicture(b"", False, reference, frame_num, order)


SEQUENCE = sequence_set(next(u for u in units(PACKETS[0].data) if u[0] & 31 == 7))
IDR = CodedPicture(b"", True, True, 0, 0)


def chain(order_bits: int) -> Chain:
    assert isinstance(SEQUENCE, SequenceSet)
    return Chain(replace(SEQUENCE, frame_num_bits=4, order_bits=order_bits), IDR)


def test_a_missing_reference_breaks_the_chain() -> None:
    one = chain(0)
    assert all(one.follows(numbered(n % 16)) for n in range(1, 20))
    assert not one.follows(numbered(5))
    assert one.follows(IDR)
    assert one.follows(numbered(1, reference=False))
    assert one.follows(numbered(1))
    assert not one.follows(numbered(1))


def test_pictures_that_are_shown_before_others_break_the_chain() -> None:
    one = chain(4)
    assert all(one.follows(numbered(n % 16, 2 * n % 16)) for n in range(1, 20))
    one = chain(4)
    assert one.follows(numbered(1, 4))
    assert not one.follows(numbered(2, 2))
    one = chain(4)
    assert one.follows(numbered(1, 4, reference=False))
    assert not one.follows(numbered(1, 4, reference=False))
