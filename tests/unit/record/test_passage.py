"""When a camera's own packet may stand for a frame, and what a player makes of the mixture."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from tests.sim.coded import (
    PLAIN,
    STEP_US,
    coded,
    decoded,
    picture,
    units,
    with_units,
)

from scrim.camera.packet import ClearPacket, StreamInfo
from scrim.record.decode import Decoder
from scrim.record.encode import MaskedEncoder, codec_string
from scrim.record.fragments import Fragmenter
from scrim.record.parameter_sets import sequence_set
from scrim.record.passage import Passage
from scrim.redact import Policy
from scrim.redact.frames import ClearFrame, Mask, RedactedFrame, Rung, Source, State
from scrim.redact.mask import Painter

PAINTER = Painter(Policy())

MASK = Mask(100, 40, 64, 80, "face", 1, Source.DETECTED)
STREAM, PACKETS = coded(150)


@dataclass
class Output:
    """What left, and how."""

    passed: str = ""  # a letter a frame: p passed, e encoded
    extradata: bytes = b""
    packets: list[av.Packet[Any]] = field(default_factory=list)
    shown: list[NDArray[Any]] = field(default_factory=list)

    def file(self) -> bytes:
        """As it is stored: parts of ten frames."""
        fragments = Fragmenter(self.extradata, bytes(self.packets[0]))
        parts = [fragments.part(self.packets[i : i + 10]) for i in range(0, len(self.packets), 10)]
        fragments.close()
        return fragments.init + b"".join(parts)


def clear(frame: ClearFrame) -> RedactedFrame:
    return PAINTER.masked(frame, [])


def run(
    stream: StreamInfo = STREAM,
    packets: Sequence[ClearPacket] = PACKETS,
    redact: Callable[[ClearFrame], RedactedFrame] = clear,
    *,
    passage: Passage | None = None,
    keys: Iterable[int] = (),
) -> Output:
    """The loop of a recorder, with a redactor that answers at once."""
    passage = passage or Passage(stream)
    decoder = Decoder(stream)
    encoder: MaskedEncoder | None = None
    out, passing, index = Output(), False, 0
    for packet in [*packets, None]:
        if packet is not None:
            passage.arrived(packet)
        for frame in decoder.flush() if packet is None else decoder.decode(packet):
            frame.index, index = index, index + 1
            redacted = redact(frame)
            shown = redacted.picture
            if encoder is None:
                encoder = MaskedEncoder(shown.width, shown.height, Fraction(25), origin_us=0)
            key = frame.index in keys
            passed = passage.take(redacted, key=key)
            if passed is None:
                out.packets += encoder.encode(redacted, key=key or passing or not out.passed)
            else:
                out.packets.append(passed.packet(encoder, redacted))
            passing = passed is not None
            out.passed += "p" if passing else "e"
            out.shown.append(redacted.picture.to_ndarray())
            out.extradata = out.extradata or passage.join(encoder.extradata)
    return out


def at(number: int, redacted: Callable[[ClearFrame], RedactedFrame]) -> Callable[..., Any]:
    return lambda frame: redacted(frame) if frame.index == number else clear(frame)


def test_it_begins_at_an_idr_picture_after_a_clear_second_and_goes_on() -> None:
    assert run().passed == "e" * 25 + "p" * 125


def test_a_second_has_to_be_clear_first() -> None:
    out = run(redact=at(26, lambda frame: PAINTER.masked(frame, [MASK])))
    assert out.passed == "e" * 25 + "p" + "e" * (75 - 26) + "p" * 75


def sparse(frame: ClearFrame, rung: Rung) -> RedactedFrame:
    return replace(clear(frame), rung=rung)


@pytest.mark.parametrize(
    "other",
    [
        lambda frame: PAINTER.masked(frame, [MASK]),
        lambda frame: PAINTER.blanked(frame, "no verdict"),
        lambda frame: sparse(frame, Rung.WIDE),
        lambda frame: sparse(frame, Rung.FIGURES),
        lambda frame: sparse(frame, Rung.WHOLE),
        lambda frame: replace(clear(frame), masks=(MASK,)),
        lambda frame: replace(clear(frame), state=State.MASKED),
    ],
)
def test_any_other_frame_ends_it_up_to_the_next_idr_picture(other: Any) -> None:
    out = run(redact=at(60, other))
    assert out.passed == "e" * 25 + "p" * 35 + "e" * 40 + "p" * 50


def test_looking_further_apart_is_no_reason_to_encode() -> None:
    out = run(redact=lambda frame: sparse(frame, Rung.SPARSE))
    assert out.passed == "e" * 25 + "p" * 125


def test_what_is_passed_decodes_to_exactly_what_was_looked_at_and_the_rest_plays() -> None:
    out = run(
        redact=lambda f: PAINTER.masked(f, [MASK] if 40 <= f.index < 48 or f.index == 111 else [])
    )
    assert out.passed == "e" * 25 + "p" * 15 + "e" * 35 + "p" * 36 + "e" * 39
    with av.open(io.BytesIO(out.file()), "r") as container:
        frames = list(container.decode(video=0))
    assert len(frames) == 150
    for frame, shown, how in zip(frames, out.shown, out.passed, strict=True):
        assert not frame.is_corrupt
        away = np.abs(frame.to_ndarray().astype(int) - shown)
        assert away.max() == 0 if how == "p" else away.mean() < 3


def test_it_plays_from_each_key_frame() -> None:
    out = run(redact=lambda f: PAINTER.masked(f, [MASK] if 40 <= f.index < 48 else []))
    for start, packet in enumerate(out.packets):
        if not packet.is_keyframe:
            continue
        frames = decoded([bytes(p) for p in out.packets[start:]], out.extradata)
        assert len(frames) == 150 - start
        assert not any(frame.is_corrupt for frame in frames)
        away = np.abs(frames[0].to_ndarray().astype(int) - out.shown[start])
        assert away.mean() < 3
    assert out.passed[39:41] == "pe"
    assert out.packets[40].is_keyframe


def test_time_stamps_go_on_over_the_changes() -> None:
    out = run(redact=at(60, lambda frame: PAINTER.masked(frame, [MASK])))
    assert [p.pts for p in out.packets] == [90_000 + i * 3600 for i in range(150)]
    assert {p.duration for p in out.packets} == {3600}


def test_a_segment_that_must_begin_between_idr_pictures_is_encoded() -> None:
    out = run(keys=[0, 60])
    assert out.passed == "e" * 25 + "p" * 35 + "e" * 15 + "p" * 75
    assert out.packets[60].is_keyframe


def test_a_picture_missing_on_the_way_ends_it() -> None:
    """The decoder patches the hole; what follows is predicted from something else."""
    out = run(packets=[*PACKETS[:60], *PACKETS[61:]])
    assert out.passed[59:61] == "pe"
    assert out.passed.endswith("e" * 14 + "p" * 75)


def test_a_frame_left_out_ends_it() -> None:
    passage = Passage(STREAM)
    decoder, encoder = Decoder(STREAM), MaskedEncoder(320, 192, Fraction(25), origin_us=0)
    passed = ""
    for index, packet in enumerate(PACKETS):
        passage.arrived(packet)
        for frame in decoder.decode(packet):
            if index == 60:
                continue  # never asked about
            passed += "p" if passage.take(clear(frame)) else "e"
            if index == 0:
                passage.join(encoder.extradata)
    assert passed == "e" * 25 + "p" * 35 + "e" * 14 + "p" * 75


@pytest.mark.parametrize("leap_us", [-3_000_000, -40_000, 5_000_000])
def test_a_clock_that_jumps_ends_it(leap_us: int) -> None:
    jumped = [replace(p, captured_us=p.captured_us + leap_us) for p in PACKETS[60:]]
    out = run(packets=[*PACKETS[:60], *jumped])
    assert out.passed[:62] == "e" * 25 + "p" * 35 + "ee"


def test_after_a_gap_it_needs_a_clear_second_and_an_idr_picture() -> None:
    passage = Passage(STREAM)

    def gap(frame: ClearFrame) -> RedactedFrame:
        if frame.index == 60:
            passage.reset()
        return clear(frame)

    assert run(redact=gap, passage=passage).passed == "e" * 25 + "p" * 35 + "e" * 40 + "p" * 50


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"bf": "2", "x264-params": "b-adapt=0"}, "later"),
        ({"x264-params": "sps-id=31"}, "numbers"),
        ({"x264-params": "tff=1"}, "plain"),
        ({"x264-params": "sar=4,3"}, "plain"),
        ({"slices": "4"}, ""),
    ],
)
def test_streams_that_cannot_be_passed_are_encoded(options: dict[str, str], why: str) -> None:
    stream, packets = coded(60, options={**PLAIN, **options})
    passage = Passage(stream)
    out = run(stream, packets, passage=passage)
    assert why in passage.refused
    assert "p" not in out.passed
    assert len(decoded([bytes(p) for p in out.packets], out.extradata)) == 60


@pytest.mark.parametrize(
    "how",
    [
        {"full_range": True},
        {"size": (318, 180)},
        {"options": {**PLAIN, "profile": "baseline"}},
        {"options": {**PLAIN, "refs": "4", "x264-params": "nal-hrd=vbr:vbv-maxrate=900:aud=1"}},
        {"options": {**PLAIN, "x264-params": "colorprim=bt709:transfer=bt709:colormatrix=bt709"}},
    ],
    ids=str,
)
def test_whatever_plain_camera_it_is_the_mixture_plays(how: dict[str, Any]) -> None:
    stream, packets = coded(60, **how)
    out = run(stream, packets)
    assert out.passed == "e" * 25 + "p" * 35
    with av.open(io.BytesIO(out.file()), "r") as container:
        frames = list(container.decode(video=0))
    whole = decoded([p.data for p in packets])
    for frame, original in zip(frames[25:], whole[25:], strict=True):
        assert frame.format.name == original.format.name
        assert frame.colorspace == original.colorspace
        assert np.array_equal(frame.to_ndarray(), original.to_ndarray())


def test_colours_must_be_the_same_on_both_sides() -> None:
    stream, packets = coded(60)
    passage = Passage(stream)
    for packet in packets[:1]:
        passage.arrived(packet)
    (frame,) = Decoder(stream).decode(packets[0])
    redacted = clear(frame)
    redacted.picture.color_range = 2
    encoder = MaskedEncoder(320, 192, Fraction(25), origin_us=0)
    encoder.encode(redacted, key=True)
    assert passage.join(encoder.extradata) == encoder.extradata
    assert "colours" in passage.refused


@pytest.mark.parametrize(
    "stream",
    [
        replace(STREAM, codec="hevc"),
        replace(STREAM, rotation=90),
    ],
)
def test_only_upright_h264_is_passed(stream: StreamInfo) -> None:
    passage = Passage(stream)
    for packet in PACKETS:
        passage.arrived(packet)
        frame = ClearFrame(picture(0), 0, packet.captured_us)
        assert passage.take(clear(frame)) is None
    assert passage.refused


def test_with_zones_nothing_is_passed() -> None:
    assert "p" not in run(passage=Passage(STREAM, zones=True)).passed


def test_parameters_that_change_end_it_for_good() -> None:
    other, packets = coded(50, options={**PLAIN, "refs": "5"})
    assert other == STREAM
    shift = PACKETS[74].captured_us + STEP_US - packets[0].captured_us
    later = [replace(p, captured_us=p.captured_us + shift) for p in packets]
    passage = Passage(STREAM)
    out = run(packets=[*PACKETS[:75], *later], passage=passage)
    assert out.passed == "e" * 25 + "p" * 50 + "e" * 50
    assert "changed" in passage.refused


def test_the_first_parameters_of_the_output_are_the_higher_ones() -> None:
    """Players ask whether they can play what the first set says, and then get both."""
    stream, packets = coded(30, options={**PLAIN, "profile": "main", "level": "40"})
    passage = Passage(stream)
    passage.arrived(packets[0])
    ours = MaskedEncoder(320, 192, Fraction(25), origin_us=0)
    assert codec_string(ours.extradata) == "avc1.64000c"
    extradata = passage.join(ours.extradata)
    assert codec_string(extradata) == "avc1.640028"
    found = [sequence_set(unit) for unit in units(extradata)]
    assert [s.profile for s in found if s] == [100, 77]


def test_held_packets_are_bounded() -> None:
    passage = Passage(STREAM)
    for number in range(20_000):
        passage.arrived(replace(PACKETS[1], captured_us=number))
    assert len(passage._held) <= 512


def test_nothing_beside_the_pictures_is_in_the_output() -> None:
    text = b"22.3193 N 114.1694 E, plate AB 1234"
    sei = b"\x06\x05" + bytes([len(text) + 16]) + b"0123456789abcdef" + text + b"\x80"
    dirty = [with_units(with_units(p, sei), b"\x0c" + text + b"\x80", behind=True) for p in PACKETS]
    out = run(packets=dirty)
    assert out.passed == "e" * 25 + "p" * 125
    data = out.file()
    assert text not in data
    assert b"x264" not in data
    assert data == run().file()
