"""Zones are burnt in everywhere: on every picture, in every style, on what a detector sees."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.unit.redact.hidden import pixels_of_zone, scribble

from scrim.errors import SettingsError
from scrim.policy import Policy, Style, Zone
from scrim.redact import Mask, Source, State
from scrim.redact.mask import FILL, Painter, samples
from scrim.redact.zones import Zones

GATE = Zone.parse("gate: 0.1,0.2 0.4,0.25 0.35,0.8 0.15,0.6")
CORNER = Zone.parse("corner: 0.9999,0.9999 1,0.9999 1,1 0.9999,1")


@settings(deadline=None, max_examples=60)
@given(
    points=st.lists(st.tuples(st.integers(0, 100), st.integers(0, 100)), min_size=3, max_size=6),
    size=st.sampled_from([(64, 48), (65, 47), (160, 120)]),
)
def test_every_pixel_a_zone_touches_is_covered_and_few_others(
    points: list[tuple[int, int]], size: tuple[int, int]
) -> None:
    try:
        zone = Zone("any", tuple((x / 100, y / 100) for x, y in points))
    except SettingsError:
        assume(False)
    width, height = size
    planes = [
        np.zeros((height + height % 2, width + width % 2), np.uint8),
        *(np.zeros((-(-height // 2), -(-width // 2)), np.uint8) for _ in range(2)),
    ]
    Zones([zone]).raster(width, height).burn(planes)
    painted = planes[0][:height, :width] == FILL[0]
    touched = pixels_of_zone(zone, width, height)
    assert painted[touched].all()
    chroma = painted[::2, ::2]
    assert (planes[1][chroma] == FILL[1]).all()
    assert (planes[2][chroma] == FILL[2]).all()
    near = np.zeros_like(touched)
    padded = np.pad(touched, 4)
    for dy in range(9):
        for dx in range(9):
            near |= padded[dy : dy + height, dx : dx + width]
    corners = (np.array(zone.points) * (width, height)).astype(int)
    for x, y in corners:  # a zone thinner than a pixel may have none of the points tried
        near[max(0, y - 4) : y + 5, max(0, x - 4) : x + 5] = True
    if touched.any():
        assert (painted & ~near).sum() <= 0.02 * painted.size


@pytest.mark.parametrize("style", Style)
@pytest.mark.parametrize("form", ["yuv420p", "yuv444p", "gray"])
def test_zones_are_solid_in_every_style_whatever_lies_over_them(
    make_frame: Any, form: str, style: Style
) -> None:
    painter = Painter(Policy(zones=(GATE, CORNER), style=style))
    over = Mask(20, 20, 200, 150, "person", 1, Source.DETECTED)
    for masks in ([], [over]):
        out = painter.masked(make_frame(form=form, size=(321, 193)), masks)
        luma = samples(out.picture.planes[0])[:193, :321]
        for zone in (GATE, CORNER):
            assert (luma[pixels_of_zone(zone, 321, 193)] == FILL[0]).all()
        assert out.state is State.MASKED


def test_a_frames_masks_name_the_zones_inside_the_picture(make_frame: Any) -> None:
    face = Mask(5, 5, 20, 20, "face", 1, Source.DETECTED)
    out = Painter(Policy(zones=(GATE, CORNER))).masked(make_frame(size=(321, 193)), [face])
    gate, corner, last = out.masks
    assert last == face
    assert (gate.kind, gate.source, corner.kind) == ("zone", Source.FIXED, "zone")
    assert gate.x <= 0.1 * 321
    assert gate.x + gate.w >= 0.4 * 321
    assert (corner.x + corner.w, corner.y + corner.h) == (321, 193)


@pytest.mark.parametrize("form", ["yuv420p", "yuv444p"])
def test_a_mosaic_over_a_zone_averages_nothing_of_it(make_frame: Any, form: str) -> None:
    over = Mask(40, 30, 200, 140, "person", 1, Source.DETECTED)
    policy = Policy(zones=(GATE,), style=Style.MOSAIC)
    seen = []
    for secret in (1, 2):
        frame = make_frame(form=form, size=(321, 193))
        scribble(frame.picture, pixels_of_zone(GATE, 321, 193), secret)
        out = Painter(policy).masked(frame, [over])
        seen.append([samples(plane).copy() for plane in out.picture.planes])
    for one, other in zip(*seen, strict=True):
        assert (one == other).all()


@pytest.mark.parametrize("shape", [(352, 640, 3), (352, 640), (97, 161)])
def test_a_detector_sees_nothing_of_what_is_in_a_zone(shape: tuple[int, ...]) -> None:
    zones = Zones([GATE, CORNER])
    rng = np.random.default_rng(0)
    seen = []
    for _ in range(2):
        image = np.full(shape, 90, np.uint8)
        for zone in (GATE, CORNER):
            inside = pixels_of_zone(zone, shape[1], shape[0])
            image[inside] = rng.integers(0, 255, (inside.sum(), *shape[2:]))
        zones.burn(image)
        seen.append(image)
    assert (seen[0] == seen[1]).all()
    assert (seen[0] == 90).any()


def test_no_zones_cost_nothing_and_change_nothing() -> None:
    image = np.full((20, 20, 3), 7, np.uint8)
    zones = Zones(())
    zones.burn(image)
    assert not zones
    assert (image == 7).all()
    assert zones.raster(20, 20).masks == ()


def test_many_sizes_are_drawn_right_one_after_another() -> None:
    zones = Zones([Zone.parse("all: 0,0 1,0 1,1 0,1")])
    for side in range(16, 60, 2):
        image = np.zeros((side, side + 2), np.uint8)
        zones.burn(image)
        assert (image == FILL[0]).all()
