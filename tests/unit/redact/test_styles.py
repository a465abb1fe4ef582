"""Each style looks as it says: what an operator sees, and what mosaic gives away."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from scrim.policy import Policy, Style
from scrim.redact import ClearFrame, Figure, Mask, RedactedFrame, Rung, Source
from scrim.redact.mask import FILL, Painter, samples
from scrim.redact.styles import FIGURE

SIZE = (160, 96)
THIN = Figure(3, 1, b"\x00\x01\x00")
PERSON = Mask(48, 16, 48, 64, "person", 1, Source.DETECTED, figure=THIN)
INSIDE = (slice(16, 80), slice(48, 96))
STEP_US = 100_000


def luma(frame: RedactedFrame | ClearFrame) -> np.ndarray:
    return samples(frame.picture.planes[0]).astype(int)


class Camera:
    """A still camera whose picture is redacted frame by frame."""

    def __init__(self, make_frame: Any, style: Style = Style.SILHOUETTE) -> None:
        self._make = make_frame
        self.painter = Painter(Policy(style=style))
        self.index = 0

    def show(self, *masks: Mask, count: int = 1, change: Any = None, **how: Any) -> RedactedFrame:
        out = None
        for _ in range(count):
            size = how.get("size", SIZE)
            frame = self._make(self.index, size=size, step_us=STEP_US, change=change)
            self.index += 1
            kept = {key: value for key, value in how.items() if key != "size"}
            out = self.painter.masked(frame, masks, **kept)
        assert out is not None
        return out

    def clear(self) -> np.ndarray:
        return luma(self._make(0, size=SIZE))


def test_a_silhouette_is_a_flat_figure_over_the_learned_background(make_frame: Any) -> None:
    camera = Camera(make_frame)
    camera.show(count=60)
    out = camera.show(PERSON, change=lambda image: image.__setitem__(INSIDE, 255))
    assert (luma(out)[16:80, 64:80] == FIGURE[0]).all()
    assert (samples(out.picture.planes[1])[8:40, 32:40] == FIGURE[1]).all()
    for columns in (slice(48, 64), slice(80, 96)):
        assert np.abs(luma(out) - camera.clear())[16:80, columns].max() <= 4


def test_before_anything_is_learned_there_is_a_figure_on_a_solid_mask(make_frame: Any) -> None:
    out = Camera(make_frame).show(PERSON)
    assert (luma(out)[16:80, 64:80] == FIGURE[0]).all()
    assert (luma(out)[16:80, 48:64] == FILL[0]).all()


def test_ground_that_was_never_seen_free_is_solid(make_frame: Any) -> None:
    camera = Camera(make_frame)
    out = camera.show(PERSON, count=80)
    assert (luma(out)[16:80, 48:64] == FILL[0]).all()


def test_a_mask_that_stays_does_not_become_background(make_frame: Any) -> None:
    """Not even in the tiles that it touches with an edge only."""

    def figure(cells: bytes) -> Mask:
        return Mask(51, 19, 51, 59, "person", 1, Source.DETECTED, figure=Figure(3, 1, cells))

    camera = Camera(make_frame)
    camera.show(count=60)
    camera.show(figure(b"\x01\x01\x01"), count=300)
    for cells, columns in ((b"\x01\0\0", slice(70, 102)), (b"\0\0\x01", slice(50, 84))):
        out = camera.show(figure(cells))
        assert np.abs(luma(out) - camera.clear())[18:78, columns].max() <= 4


@pytest.mark.parametrize("kind", ["face", "head", "person"])
def test_what_has_no_figure_is_solid_and_drawn_over_figures(make_frame: Any, kind: str) -> None:
    camera = Camera(make_frame)
    camera.show(count=60)
    face = Mask(60, 20, 24, 24, kind, 2, Source.DETECTED)
    out = camera.show(face, PERSON)
    assert (luma(out)[20:44, 60:84] == FILL[0]).all()
    assert (luma(out)[44:80, 64:80] == FIGURE[0]).all()


def test_a_camera_that_moves_has_no_background_then_or_soon_after(make_frame: Any) -> None:
    camera = Camera(make_frame)
    camera.show(count=60)
    for out in (camera.show(PERSON, moving=True), camera.show(PERSON)):
        assert (luma(out)[16:80, 64:80] == FIGURE[0]).all()
        assert (luma(out)[16:80, 48:64] == FILL[0]).all()


@pytest.mark.parametrize("what", ["reset", "size"])
def test_another_scene_has_another_background(make_frame: Any, what: str) -> None:
    camera = Camera(make_frame)
    camera.show(count=60)
    if what == "reset":
        camera.painter.reset()
    else:
        camera.show(size=(192, 96))
    out = camera.show(PERSON)
    assert (luma(out)[16:80, 48:64] == FILL[0]).all()


def test_a_face_missed_for_a_moment_is_not_shown_under_later_masks(make_frame: Any) -> None:
    def missed(image: np.ndarray) -> None:
        image[16:80, 48:64] = 255

    camera = Camera(make_frame)
    camera.show(count=60)
    camera.show(count=10, change=missed)  # a second in the clear
    out = camera.show(PERSON)
    assert np.abs(luma(out) - camera.clear())[16:80, 48:64].max() <= 4
    fresh = Camera(make_frame)
    fresh.show(count=10, change=missed)
    assert (luma(fresh.show(PERSON))[16:80, 48:64] == FILL[0]).all()


def test_what_stays_becomes_background_after_a_while(make_frame: Any) -> None:
    def parked(image: np.ndarray) -> None:
        image[16:80, 48:64] = 255

    camera = Camera(make_frame)
    camera.show(count=60)
    camera.show(count=300, change=parked)
    assert (luma(camera.show(PERSON))[16:80, 48:64] > 200).all()


def test_nothing_is_learned_while_masks_are_less_than_certain(make_frame: Any) -> None:
    camera = Camera(make_frame)
    camera.show(count=80, rung=Rung.WIDE)
    assert (luma(camera.show(PERSON))[16:80, 48:64] == FILL[0]).all()


def test_slow_light_is_followed_without_losing_the_background(make_frame: Any) -> None:
    camera = Camera(make_frame)
    camera.show(count=60)
    for level in range(1, 20):
        camera.show(count=10, change=lambda image, by=level: np.add(image, by, out=image))
    out = camera.show(PERSON)
    moved = (luma(out) - camera.clear())[16:80, 48:64]
    assert moved.min() >= 5


@pytest.mark.parametrize("oval", [False, True])
def test_mosaic_gives_away_block_averages_and_nothing_else(make_frame: Any, oval: bool) -> None:
    """Two faces with the same averages look the same; the averages themselves are there to see."""
    face = Mask(40, 16, 48, 72, "face", 1, Source.DETECTED, oval)
    side = 8  # a sixth of 48

    def shown(change: Any) -> list[np.ndarray]:
        frame = make_frame(size=SIZE)
        planes = [samples(plane) for plane in frame.picture.planes]
        for plane, size in zip(planes, (side, side // 2, side // 2), strict=True):
            top, left = (2 * size, 5 * size)
            part = plane[top : top + 9 * size, left : left + 6 * size]
            change(part.reshape(9, size, 6, size))
        out = Painter(Policy(style=Style.MOSAIC)).masked(frame, [face])
        return [samples(plane).copy() for plane in out.picture.planes]

    rng = np.random.default_rng(3)

    def shuffled(blocks: np.ndarray) -> None:
        flat = blocks.transpose(0, 2, 1, 3).reshape(9, 6, -1).copy()
        blocks[...] = (
            rng.permuted(flat, axis=2)
            .reshape(blocks.transpose(0, 2, 1, 3).shape)
            .transpose(0, 2, 1, 3)
        )

    same = shown(shuffled)
    before = shown(lambda blocks: None)
    for one, other in zip(before, same, strict=True):
        assert (one == other).all()
    brighter = shown(lambda blocks: np.add(blocks, 9, out=blocks))
    middle = (slice(40, 64), slice(56, 72))
    assert (brighter[0][middle].astype(int) - before[0][middle] >= 8).all()
    blocks = before[0][32:72, 56:72].reshape(5, 8, 2, 8)
    assert (blocks == blocks[:, :1, :, :1]).all()


def test_mosaic_blocks_are_coarse_on_small_masks_too(make_frame: Any) -> None:
    small = Mask(100, 100, 24, 24, "face", 1, Source.DETECTED)
    frame = make_frame(size=(1920, 1080))
    out = luma(Painter(Policy(style=Style.MOSAIC)).masked(frame, [small]))
    block = out[100:124, 100:124]
    assert (block == block[0, 0]).all()  # no two blocks of 16 pixels fit into 24
    assert (out[:100] == luma(frame)[:100]).all()
