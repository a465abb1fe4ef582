"""A mask hides, is where it says, and lets nothing else through."""

from __future__ import annotations

import gc
import itertools
from typing import Any

import av
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.redact.hidden import FORMATS, drawn, encoded, pixels_of

from scrim.policy import Policy, Style, Zone
from scrim.redact import Figure, Mask, RedactedFrame, Rung, Source, State
from scrim.redact.frames import Undrawn
from scrim.redact.mask import FILL, Painter, samples

ODD = Mask(41, 33, 51, 61, "face", 1, Source.DETECTED)
OVAL = Mask(201, 91, 77, 85, "face", 2, Source.DETECTED, oval=True)
PERSON = Mask(131, 20, 60, 141, "person", 3, Source.DETECTED, figure=Figure(3, 2, bytes(range(6))))
ZONE = Zone.parse("gate: 0.02,0.7 0.3,0.62 0.22,0.97 0.05,0.9")
NEVER_ALIKE = [Policy(style=style, zones=(ZONE,)) for style in (Style.SOLID, Style.SILHOUETTE)]


def masked(frame: Any, masks: list[Mask], policy: Policy | None = None) -> RedactedFrame:
    return Painter(policy or Policy()).masked(frame, masks)


@pytest.mark.parametrize("policy", NEVER_ALIKE, ids=lambda policy: policy.style)
@pytest.mark.parametrize("size", [(320, 192), (321, 193)])
@pytest.mark.parametrize("form", FORMATS)
def test_what_lies_under_masks_and_zones_does_not_reach_the_encoded_bytes(
    make_frame: Any, form: str, size: tuple[int, int], policy: Policy
) -> None:
    def bytes_with(secret: int | None) -> bytes:
        frames = [make_frame(i, form=form, size=size) for i in range(4)]
        return encoded(drawn(frames, [[ODD, OVAL, PERSON]] * 4, policy, secret=secret))

    assert bytes_with(None) == bytes_with(1) == bytes_with(2)


def test_a_silhouette_with_a_background_shows_nothing_of_what_it_covers(make_frame: Any) -> None:
    """The mask walks over ground that was learned before, and back over what it hid."""
    policy = NEVER_ALIKE[1]
    count, size, thin = 90, (96, 64), Figure(3, 1, b"\0\1\0")
    walks = [
        Mask(2 * (i - 45), 8, 21, 43, "person", 1, Source.DETECTED, i % 2 == 0, thin)
        for i in range(count)
    ]
    masks = [[mask] if i >= 45 else [] for i, mask in enumerate(walks)]

    def drawn_with(secret: int | None) -> list[RedactedFrame]:
        frames = [make_frame(i, size=size, step_us=100_000) for i in range(count)]
        return drawn(frames, masks, policy, secret=secret, moving=(70,))

    without = drawn_with(None)
    assert encoded(without) == encoded(drawn_with(1)) == encoded(drawn_with(2))
    clear = samples(make_frame(0, size=size).picture.planes[0])
    shown = samples(without[60].picture.planes[0])
    here = pixels_of(walks[60], *size)
    assert (np.abs(clear.astype(int) - shown)[here] <= 2).mean() > 0.2, "no background to be seen"


_SIZES = st.sampled_from([(48, 32), (47, 33), (64, 50)])
_MASKS = st.lists(
    st.builds(
        Mask,
        st.integers(-30, 60),
        st.integers(-30, 50),
        st.integers(1, 90),
        st.integers(1, 90),
        st.sampled_from(["face", "head", "person", "moving", "vehicle"]),
        st.integers(1, 5),
        st.just(Source.DETECTED),
        st.booleans(),
        st.none() | st.builds(Figure, st.just(2), st.just(3), st.binary(min_size=5, max_size=6)),
    ),
    max_size=3,
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    size=_SIZES,
    form=st.sampled_from(list(FORMATS)),
    policy=st.sampled_from([*NEVER_ALIKE, Policy(), Policy(style=Style.SILHOUETTE)]),
    scenes=st.lists(st.tuples(_MASKS, st.integers(1, 60)), min_size=1, max_size=3),
    moves=st.sets(st.integers(0, 80), max_size=2),
)
def test_whatever_the_masks_only_what_is_outside_them_tells(
    make_frame: Any,
    size: tuple[int, int],
    form: str,
    policy: Policy,
    scenes: list[tuple[list[Mask], int]],
    moves: set[int],
) -> None:
    masks = [mask for mask, frames in scenes for mask in itertools.repeat(mask, frames)]

    def bytes_with(secret: int | None) -> bytes:
        made = (
            make_frame(i, size=size, form=form, step_us=150_000, seed=7) for i in range(len(masks))
        )
        return encoded(drawn(made, masks, policy, secret=secret, moving=tuple(moves)))

    assert bytes_with(None) == bytes_with(1)


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
        Mask(-40, -30, 100, 90, "face", 1, Source.DETECTED, oval=True),
        Mask(-5000, -5000, 10_000, 10_000, "face", 1, Source.DETECTED, oval=True),
    ],
)
def test_a_mask_that_sticks_out_covers_what_is_inside(make_frame: Any, mask: Mask) -> None:
    luma = samples(masked(make_frame(), [mask]).picture.planes[0])
    part = luma[pixels_of(mask, 320, 192)]
    assert part.size
    assert (part == FILL[0]).all()


def test_a_mask_outside_the_picture_changes_nothing(make_frame: Any) -> None:
    for x, y in ((-100, 0), (0, -100), (320, 0), (0, 192)):
        for oval in (False, True):
            beside = Mask(x, y, 50, 50, "face", 1, Source.DETECTED, oval)
            out = masked(make_frame(), [beside])
            assert not (samples(out.picture.planes[0]) == FILL[0]).any()


def test_odd_sizes_are_padded_and_the_padding_is_masked_too(make_frame: Any) -> None:
    whole = Mask(0, 0, 321, 193, "face", 1, Source.DETECTED)
    out = masked(make_frame(size=(321, 193)), [whole])
    assert (out.picture.width, out.picture.height) == (322, 194)
    for plane, value in zip(out.picture.planes, FILL, strict=True):
        assert (samples(plane) == value).all()


def test_a_blanked_frame_holds_one_colour_in_every_style(make_frame: Any) -> None:
    for style in Style:
        out = Painter(Policy(style=style, zones=(ZONE,))).blanked(
            make_frame(form="yuv444p"), "because"
        )
        assert (out.state, out.rung, out.reason) == (State.BLANKED, Rung.WHOLE, "because")
        for plane, value in zip(out.picture.planes, FILL, strict=True):
            assert (samples(plane) == value).all()


def test_the_rung_and_its_reason_stand_in_the_frame(make_frame: Any) -> None:
    out = Painter(Policy()).masked(make_frame(), [], Rung.WIDE, "too dark")
    assert (out.state, out.rung, out.reason) == (State.CLEAR, Rung.WIDE, "too dark")


@pytest.mark.parametrize("style", Style)
@pytest.mark.parametrize("form", ["yuv420p", "yuv444p"])
def test_a_redacted_picture_is_fresh_memory_and_the_clear_one_is_left_alone(
    make_frame: Any, form: str, style: Style
) -> None:
    frame = make_frame(form=form)
    before = [samples(plane).copy() for plane in frame.picture.planes]
    frame.picture.metadata["comment"] = "nothing but samples goes over"
    out = masked(frame, [ODD, PERSON], Policy(style=style, zones=(ZONE,)))
    for plane, old in zip(frame.picture.planes, before, strict=True):
        assert (samples(plane) == old).all()
    for plane in out.picture.planes:
        for clear in frame.picture.planes:
            assert not np.shares_memory(samples(plane), samples(clear))
    assert not out.picture.metadata
    assert not len(out.picture.side_data)


@pytest.mark.parametrize("form", ["yuv420p", "yuv444p"])
@pytest.mark.parametrize("size", [(320, 192), (321, 193)])
def test_where_nothing_is_covered_the_picture_is_drawn_when_asked_for_and_fresh(
    make_frame: Any, form: str, size: tuple[int, int]
) -> None:
    frame = make_frame(form=form, size=size)
    frame.picture.metadata["comment"] = "nothing but samples goes over"
    out = masked(frame, [])
    assert isinstance(out.drawn, Undrawn)
    assert out.size == (size[0] + size[0] % 2, size[1] + size[1] % 2)
    assert isinstance(out.drawn, Undrawn)  # its size is known without
    picture = out.picture
    assert out.picture is picture
    assert (picture.width, picture.height, picture.format.name) == (*out.size, "yuv420p")
    for plane in picture.planes:
        for clear in frame.picture.planes:
            assert not np.shares_memory(samples(plane), samples(clear))
    assert not picture.metadata
    assert not len(picture.side_data)
    # a mask that covers nothing makes no other picture
    far = masked(frame, [Mask(-90, -90, 20, 20, "face", 1, Source.DETECTED)]).picture
    for plane, other in zip(picture.planes, far.planes, strict=True):
        assert (samples(plane) == samples(other)).all()


@pytest.mark.parametrize("style", Style)
def test_clear_frames_die_at_once(make_frame: Any, style: Style) -> None:
    """A reference cycle would keep each picture until the cyclic collector runs."""

    def alive() -> int:
        return sum(isinstance(thing, av.VideoFrame) for thing in gc.get_objects())

    painter = Painter(Policy(style=style))
    gc.collect()
    gc.disable()
    try:
        before = alive()
        for i in range(20):
            painter.masked(make_frame(i, size=(64, 36)), [ODD])
            painter.masked(make_frame(i, size=(64, 36)), [])
            assert painter.masked(make_frame(i, size=(64, 36)), []).picture.width == 64
            painter.blanked(make_frame(i, size=(64, 36)), "because")
        assert alive() - before <= 1
    finally:
        gc.enable()


def test_full_range_stays_full_range(make_frame: Any) -> None:
    frame = make_frame(form="yuvj420p")
    before = samples(frame.picture.planes[0]).copy()
    out = masked(frame, [])
    assert out.picture.color_range == 2
    assert (samples(out.picture.planes[0]) == before).all()
