"""The background of a still camera: who comes and stays is no part of it; what is parked is."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from tests.unit.redact.conftest import noise

from scrim.redact._scene import ABSORBED_AFTER_US, LEARNED_AFTER_US, Scene, blobs

WIDTH, HEIGHT = 160, 90
STEP_US = 200_000
SECOND = 1_000_000
HERE = np.s_[30:75, 60:78]

Luma = NDArray[np.uint8]


def ground() -> Luma:
    return (cv2.cvtColor(noise(WIDTH, HEIGHT, seed=2), cv2.COLOR_BGR2GRAY) * 0.8).astype(np.uint8)


def with_somebody(luma: Luma, left: int = 60) -> Luma:
    out = luma.copy()
    coat = np.full((45, 18), 30, np.uint8)
    coat[::4] = 220
    out[30:75, left : left + 18] = coat
    return out


class Camera:
    """Shows a scene its pictures, a fifth of a second apart, with noise."""

    def __init__(self) -> None:
        self.scene = Scene()
        self.at_us = 0
        self._chance = np.random.default_rng(5)

    def show(self, luma: Luma, seconds: float = STEP_US / SECOND) -> NDArray[np.bool_]:
        """The foreground of the last of these pictures."""
        out = np.zeros(luma.shape, np.bool_)
        for _ in range(max(1, round(seconds * SECOND / STEP_US))):
            grain = self._chance.normal(0, 1.5, luma.shape)
            self.at_us += STEP_US
            noisy = np.clip(luma + grain, 0, 255).astype(np.uint8)
            out = self.scene.look(noisy, self.at_us)
        return out


def test_nothing_is_foreground_before_the_background_is_known() -> None:
    camera = Camera()
    camera.show(ground())
    while camera.at_us < LEARNED_AFTER_US:
        assert not camera.show(with_somebody(ground())).any()
        assert not camera.scene.known
    camera.show(with_somebody(ground()), 1)
    assert camera.scene.known
    camera.scene.forget()
    assert not camera.scene.known


def test_who_walks_in_is_foreground_and_the_street_is_not() -> None:
    camera = Camera()
    assert not camera.show(ground(), 5).any()
    for left in range(0, 140, 7):
        found = camera.show(with_somebody(ground(), left))
        assert found[30:75, left : left + 18].mean() > 0.9
        found[26:79, max(0, left - 4) : left + 22] = False
        assert found.mean() < 0.03  # where they were a moment ago
    assert not camera.show(ground(), 2).any()


def test_who_stops_and_stirs_now_and_then_stays_foreground() -> None:
    camera = Camera()
    camera.show(ground(), 5)
    for n in range(12):  # three minutes
        assert camera.show(with_somebody(ground(), 60), 14)[HERE].mean() > 0.9, n
        assert camera.show(with_somebody(ground(), 61 + n % 2), 1)[HERE].mean() > 0.85, n


def test_what_is_parked_and_never_stirs_is_background_after_a_minute() -> None:
    camera = Camera()
    camera.show(ground(), 5)
    parked = with_somebody(ground())
    assert camera.show(parked, ABSORBED_AFTER_US / SECOND - 5)[HERE].mean() > 0.9
    assert camera.show(parked, 10)[HERE].mean() < 0.05


def test_the_hole_of_somebody_who_was_taken_for_background_closes_in_a_few_seconds() -> None:
    camera = Camera()
    plain = np.full((HEIGHT, WIDTH), 120, np.uint8)
    plain[::15] = 90
    camera.show(with_somebody(plain), 4)
    assert camera.show(plain)[HERE].mean() > 0.5
    assert camera.show(plain, 3)[HERE].mean() < 0.05


@pytest.mark.parametrize("factor", [0.8, 1.2])
def test_light_that_changes_over_all_of_the_picture_is_nobody(factor: float) -> None:
    camera = Camera()
    camera.show(ground(), 5)
    lit = np.clip(ground() * factor, 0, 255).astype(np.uint8)
    for _ in range(15):
        assert not blobs(camera.show(lit))
    assert (
        camera.show(np.clip(with_somebody(ground()) * factor, 0, 255).astype(np.uint8))[HERE].mean()
        > 0.6
    ), "somebody in that light is somebody"


def pavement() -> Luma:
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    return np.asarray(140 + 20 * np.sin(columns / 25) + rows / 9, np.uint8)


def shaded(luma: Luma, columns: slice) -> Luma:
    """With a shadow that has soft sides."""
    dark = np.ones(luma.shape, np.float32)
    dark[20:70, columns] = 0.75
    return np.asarray(luma * cv2.GaussianBlur(dark, (0, 0), 4), np.uint8)


@pytest.mark.parametrize("columns", [slice(5, 35), slice(0, 12), slice(120, 160)])
def test_a_shadow_is_nobody_alone_and_beside_somebody(columns: slice) -> None:
    alone, beside = Camera(), Camera()
    for camera in (alone, beside):
        camera.show(pavement(), 10)
    shadow = alone.show(shaded(pavement(), columns))
    both = beside.show(with_somebody(shaded(pavement(), columns)))
    assert shadow.mean() < 0.005
    assert np.array_equal(shadow[:, columns], both[:, columns])
    assert both[HERE].mean() > 0.6


def test_leaves_that_waver_are_learned_and_who_walks_past_them_is_not() -> None:
    camera = Camera()
    chance = np.random.default_rng(6)

    def leaves(luma: Luma) -> Luma:
        out = luma.astype(int)
        for x in range(90, 150, 6):
            for y in range(5, 80, 6):
                out[y : y + 6, x : x + 6] += int(chance.integers(-25, 26))
        return np.asarray(np.clip(out, 0, 255), dtype=np.uint8)

    early = [camera.show(leaves(ground()))[:, 90:].mean() for _ in range(50)]
    for _ in range(250):
        camera.show(leaves(ground()))
    late = [camera.show(leaves(ground()))[:, 90:].mean() for _ in range(50)]
    assert np.mean(early[10:20]) > 0.04
    assert np.mean(late) < 0.01
    assert camera.show(leaves(with_somebody(ground(), 20)))[30:75, 20:38].mean() > 0.9


def test_another_view_starts_afresh() -> None:
    camera = Camera()
    camera.show(ground(), 5)
    other = cv2.cvtColor(noise(WIDTH, HEIGHT, seed=40), cv2.COLOR_BGR2GRAY).astype(np.uint8)
    assert not camera.show(other).any()
    assert not camera.scene.known
    assert not camera.show(other, 3).any()
    assert camera.scene.known


def test_blobs_are_whole_and_specks_are_none() -> None:
    foreground = np.zeros((HEIGHT, WIDTH), np.bool_)
    foreground[10:40, 20:32] = True
    foreground[22:24, 20:32] = False  # a belt of the ground's colour
    foreground[70:72, 100:102] = True
    (one,) = blobs(foreground)
    assert (one.x, one.y, one.w, one.h) == (20, 10, 12, 30)
    assert one.cells.all()
    assert blobs(np.zeros((HEIGHT, WIDTH), np.bool_)) == []
