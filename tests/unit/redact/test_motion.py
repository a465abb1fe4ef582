"""How the camera moves: found by what stands, whoever walks; and no answer where nothing tells."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from tests.unit.redact.conftest import noise

from scrim.redact._motion import Shift, shift_between, shifted, uncovered

WIDTH, HEIGHT = 320, 180
RIM = 32

Luma = NDArray[np.uint8]


def window(x: float = 0.0, y: float = 0.0) -> Luma:
    """A place whose content has moved by (x, y)."""
    large = cv2.cvtColor(noise(WIDTH + 2 * RIM, HEIGHT + 2 * RIM, seed=4), cv2.COLOR_BGR2GRAY)
    matrix = np.array([[1.0, 0.0, x], [0.0, 1.0, y]])
    moved = cv2.warpAffine(large, matrix, (large.shape[1], large.shape[0]))
    return moved[RIM:-RIM, RIM:-RIM].astype(np.uint8)


def noisy(luma: Luma, seed: int, much: float = 3.0) -> Luma:
    grain = np.random.default_rng(seed).normal(0, much, luma.shape)
    return np.clip(luma + grain, 0, 255).astype(np.uint8)


def with_somebody(luma: Luma, x: int) -> Luma:
    out = luma.copy()
    out[40:170, x : x + 60] = cv2.cvtColor(noise(60, 130, seed=9), cv2.COLOR_BGR2GRAY)
    return out


@pytest.mark.parametrize("by", [(5.0, -3.0), (-12.0, 0.0), (0.0, 9.0), (1.5, 0.5), (20.0, 8.0)])
def test_a_shift_of_the_whole_picture_is_found(by: tuple[float, float]) -> None:
    found = shift_between(noisy(window(), 1), noisy(window(*by), 2))
    assert found.certain
    assert not found.still
    assert (found.x, found.y) == pytest.approx(by, abs=0.3)


def test_a_guess_finds_what_is_far() -> None:
    before, after = window(-16), window(24)
    found = shift_between(before, after, Shift(36.0, 0.0, True))
    assert found.certain
    assert found.x == pytest.approx(40, abs=0.5)


def test_a_camera_that_stands_is_still_whatever_its_noise() -> None:
    for seed in range(20):
        assert shift_between(noisy(window(), seed), noisy(window(), 100 + seed)).still


def test_somebody_large_who_walks_is_outvoted() -> None:
    before, after = with_somebody(window(), 100), with_somebody(window(), 108)
    assert shift_between(noisy(before, 1), noisy(after, 2)).still


def test_a_camera_that_moves_is_found_with_somebody_large_before_it() -> None:
    found = shift_between(with_somebody(window(), 100), with_somebody(window(6), 96))
    assert found.certain
    assert found.x == pytest.approx(6, abs=0.3)


@pytest.mark.parametrize("value", [0, 128, 255])
def test_a_flat_picture_tells_nothing(value: int) -> None:
    flat = np.full((HEIGHT, WIDTH), value, np.uint8)
    found = shift_between(flat, flat)
    assert not found.certain
    assert not found.still


def test_another_place_is_no_shift() -> None:
    other = cv2.cvtColor(noise(WIDTH, HEIGHT, seed=77), cv2.COLOR_BGR2GRAY).astype(np.uint8)
    assert not shift_between(window(), other).certain


@pytest.mark.parametrize("by", [(4, 0), (-7, 0), (0, 3), (5, -6), (0, 0)])
def test_a_shifted_picture_is_what_the_camera_saw_but_for_its_rim(by: tuple[int, int]) -> None:
    there = shifted(window(), *by)
    rim = uncovered((HEIGHT, WIDTH), *by)
    assert np.abs(there.astype(int) - window(*by))[~rim].max() <= 1
    assert rim.mean() < 0.15
    assert rim.any() == (by != (0, 0))
