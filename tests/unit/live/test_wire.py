"""Live messages: what is written is read back, and nonsense is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrim.live import wire

MESSAGES = [
    wire.Init("north", 3, 1, "avc1.64001f", 1280, 720, 5, b"ftypmoov"),
    wire.Part("north", 7, 2, 1, 10, 400_000, True, b"moofmdat"),
    wire.SegmentDone("north", 7, 10, 20),
    wire.Status("north", 3, 1, "masked", "", 25.0, 600, 0, 1280, 720, None, 5),
    wire.Status("north", 3, 1, "masked", "", 25.0, 600, 0, 1280, 720, None, 5, "wide", "loaded", 7),
]


@pytest.mark.parametrize("message", MESSAGES)
def test_a_message_comes_back_as_it_went(message: wire.Message) -> None:
    data = wire.encode(message)
    length = wire.header_length(data[:4])
    header, payload = data[4 : 4 + length], data[4 + length :]
    assert wire.payload_length(header) == len(payload)
    assert wire.decode(header, payload) == message


@given(st.binary(max_size=200))
def test_nonsense_is_refused_and_never_anything_else(header: bytes) -> None:
    for read in (wire.payload_length, lambda h: wire.decode(h, b"")):
        try:
            read(header)
        except wire.WireError:
            pass


@pytest.mark.parametrize("length", [0, 1, 16_385, 2**32 - 1])
def test_a_header_is_bounded(length: int) -> None:
    with pytest.raises(wire.WireError):
        wire.header_length(length.to_bytes(4, "big"))


def test_deep_nesting_is_refused() -> None:
    with pytest.raises(wire.WireError):
        wire.payload_length(b"[" * 16_000)


@pytest.mark.parametrize("segment", ['"7"', "true", "7.5", "null"])
def test_a_number_is_a_number(segment: str) -> None:
    header = f'{{"type":"segment","camera":"north","segment":{segment},"start_us":10,"end_us":20}}'
    with pytest.raises(wire.WireError):
        wire.decode(header.encode(), b"")
