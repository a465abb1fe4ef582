"""A mask hides, is where it says, and lets nothing else through."""

from __future__ import annotations

import gc
from fractions import Fraction
from typing import Any

import av
import numpy as np
import pytest

from scrim.record.encode import MaskedEncoder
from scrim.redact import Mask, Source, State
from scrim.redact.mask import FILL, blanked, masked, samples

ODD = Mask(41, 33, 51, 61, "face", 1, Source.DETECTED)


@pytest.mark.parametrize(
    "form", ["yuv420p", "yuvj420p", "yuv422p", "yuv444p", "yuv420p10le", "bgra"]
)
def test_what_lies_under_a_mask_does_not_reach_the_encoded_bytes(
    make_frame: Any, form: str
) -> None:
    def encoded(value: int | None) -> bytes:
        encoder = MaskedEncoder(320, 192, Fraction(25), origin_us=0)
        out = b""
        for i in range(4):
            frame = make_frame(i, form=form)
            if value is not None:
                _scribble(frame.picture, value)
            for packet in encoder.encode(masked(frame, [ODD]), key=i == 0):
                out += bytes(packet)
        return out

    assert encoded(None) == encoded(1) == encoded(2)


def _scribble(picture: Any, seed: int) -> None:
    """Random samples in all planes, inside the mask only."""
    rng = np.random.default_rng(seed)
    name = picture.format.name
    for n, plane in enumerate(picture.planes):
        kind = np.uint16 if "10le" in name else np.uint8
        rows = np.frombuffer(memoryview(plane), kind).reshape(plane.height, -1)
        wide = 2 if n and ("420" in name or "422" in name) else 1
        tall = 2 if n and "420" in name else 1
        across = 4 if name == "bgra" else 1
        y0, y1 = -(-ODD.y // tall), (ODD.y + ODD.h) // tall
        x0, x1 = -(-ODD.x // wide) * across, (ODD.x + ODD.w) // wide * across
        rows[y0:y1, x0:x1] = rng.integers(0, 250, (y1 - y0, x1 - x0))


def test_masks_are_solid_and_nothing_else_is_touched(make_frame: Any) -> None:
    frame = make_frame()
    before = [samples(plane).copy() for plane in frame.picture.planes]
    out = masked(frame, [ODD])
    after = [samples(plane) for plane in out.picture.planes]
    assert (after[0][33:94, 41:92] == FILL[0]).all()
    inside = np.zeros(before[0].shape, np.bool_)
    inside[32:94, 40:92] = True
    assert (after[0][~inside] == before[0][~inside]).all()
    for n in (1, 2):
        assert (after[n][16:47, 20:46] == FILL[n]).all()
        assert (after[n][:16] == before[n][:16]).all()
    assert out.state is State.MASKED
    assert out.masks == (ODD,)


@pytest.mark.parametrize(
    "mask",
    [
        Mask(-50, -50, 60, 60, "face", 1, Source.DETECTED),
        Mask(310, 180, 500, 500, "face", 1, Source.DETECTED),
        Mask(0, 0, 10_000, 10_000, "face", 1, Source.DETECTED),
    ],
)
def test_a_mask_that_sticks_out_covers_what_is_inside(make_frame: Any, mask: Mask) -> None:
    out = masked(make_frame(), [mask])
    luma = samples(out.picture.planes[0])
    x0, y0 = max(0, mask.x), max(0, mask.y)
    part = luma[y0 : mask.y + mask.h, x0 : mask.x + mask.w]
    assert part.size
    assert (part == FILL[0]).all()


def test_odd_sizes_are_padded_and_the_padding_is_masked_too(make_frame: Any) -> None:
    whole = Mask(0, 0, 321, 193, "face", 1, Source.DETECTED)
    out = masked(make_frame(size=(321, 193)), [whole])
    assert (out.picture.width, out.picture.height) == (322, 194)
    for plane, value in zip(out.picture.planes, FILL, strict=True):
        assert (samples(plane) == value).all()


def test_a_blanked_frame_holds_one_colour(make_frame: Any) -> None:
    out = blanked(make_frame(form="yuv444p"), "because")
    assert out.state is State.BLANKED
    assert out.reason == "because"
    for plane, value in zip(out.picture.planes, FILL, strict=True):
        assert (samples(plane) == value).all()


@pytest.mark.parametrize("form", ["yuv420p", "yuv444p"])
def test_a_redacted_picture_is_fresh_memory_and_the_clear_one_is_left_alone(
    make_frame: Any, form: str
) -> None:
    frame = make_frame(form=form)
    before = [samples(plane).copy() for plane in frame.picture.planes]
    frame.picture.metadata["comment"] = "nothing but samples goes over"
    out = masked(frame, [ODD])
    for plane, old in zip(frame.picture.planes, before, strict=True):
        assert (samples(plane) == old).all()
    for plane in out.picture.planes:
        for clear in frame.picture.planes:
            assert not np.shares_memory(samples(plane), samples(clear))
    assert not out.picture.metadata
    assert not len(out.picture.side_data)


def test_clear_frames_die_at_once(make_frame: Any) -> None:
    """A reference cycle would keep each picture until the cyclic collector runs."""

    def alive() -> int:
        return sum(isinstance(thing, av.VideoFrame) for thing in gc.get_objects())

    gc.collect()
    gc.disable()
    try:
        before = alive()
        for i in range(20):
            masked(make_frame(i, size=(64, 36)), [ODD])
            blanked(make_frame(i, size=(64, 36)), "because")
        assert alive() - before <= 1
    finally:
        gc.enable()


def test_full_range_stays_full_range(make_frame: Any) -> None:
    frame = make_frame(form="yuvj420p")
    before = samples(frame.picture.planes[0]).copy()
    out = masked(frame, [])
    assert out.picture.color_range == 2
    assert (samples(out.picture.planes[0]) == before).all()
