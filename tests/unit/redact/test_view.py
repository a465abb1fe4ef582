"""What a camera shows is trusted, or not, and is trusted again by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from scrim.redact.view import CORRUPT, COVERED, TURNED, UNFOCUSED, View, ViewWatch

FPS = 25
ROWS, COLUMNS = 90, 160
Luma = NDArray[np.uint8]
Change = Callable[[Luma, float], Luma]


def street(seed: int = 0, columns: int = COLUMNS) -> Luma:
    """A drawn place: houses, windows, a road."""
    chance = np.random.default_rng(seed)
    luma = np.full((ROWS, columns), 110, np.uint8)
    for _ in range(columns // 2):
        x, y = int(chance.integers(0, columns)), int(chance.integers(0, ROWS))
        w, h = int(chance.integers(3, 24)), int(chance.integers(3, 18))
        luma[y : y + h, x : x + w] = chance.integers(40, 200)
    return luma


class _Camera:
    """Gives a watch its pictures, with noise and a look every half second."""

    def __init__(self) -> None:
        self.watch = ViewWatch()
        self._chance = np.random.default_rng(7)
        self._index = 0
        self.at_us = 0
        self.looks = True

    def show(self, place: Luma, seconds: float, change: Change | None = None) -> list[View]:
        return list(self._views(place, seconds, change))

    def _views(self, place: Luma, seconds: float, change: Change | None) -> Iterator[View]:
        for i in range(round(seconds * FPS)):
            luma = change(place, i / FPS) if change else place
            noise = self._chance.normal(0, 0.5, luma.shape)
            yield self.push(np.clip(luma + noise, 0, 255).astype(np.uint8))

    def push(self, luma: Luma) -> View:
        self._index += 1
        self.at_us += 1_000_000 // FPS
        view = self.watch.push(luma, self.at_us)
        if self.looks and self._index % 12 == 0:
            self.watch.looked(self.at_us)
        return view


def reasons(views: list[View]) -> set[str]:
    return {view.reason for view in views}


def black(luma: Luma, _: float) -> Luma:
    return np.full_like(luma, 17)


def hand(luma: Luma, _: float) -> Luma:
    return np.broadcast_to(np.linspace(60, 75, luma.shape[1]), luma.shape).astype(np.uint8)


def foil(luma: Luma, _: float) -> Luma:
    return cv2.GaussianBlur((luma * 0.2 + 100).astype(np.uint8), (0, 0), 2.0).astype(np.uint8)


def blurred(luma: Luma, _: float) -> Luma:
    return cv2.GaussianBlur(luma, (0, 0), 1.7).astype(np.uint8)


@pytest.mark.parametrize("cover", [black, hand, foil])
def test_a_covered_camera_is_known_at_once_and_trusted_when_it_is_free(cover: Change) -> None:
    camera, place = _Camera(), street()
    assert reasons(camera.show(place, 5)) == {""}
    covered = camera.show(place, 20, cover)
    assert reasons(covered[10:]) == {COVERED}
    free = camera.show(place, 3)
    assert free[0].reason == COVERED  # until a look has finished
    assert reasons(free[20:]) == {""}


def test_a_blur_is_known_and_its_end_too() -> None:
    camera, place = _Camera(), street()
    camera.show(place, 5)
    assert reasons(camera.show(place, 10, blurred)[10:]) == {UNFOCUSED}
    assert reasons(camera.show(place, 3)[20:]) == {""}


def test_a_turned_camera_waits_for_a_look_on_a_view_that_stands_still() -> None:
    camera = _Camera()
    camera.show(street(1), 5)
    camera.looks = False
    assert reasons(camera.show(street(2), 5)[10:]) == {TURNED}
    camera.watch.looked(camera.at_us)
    assert reasons(camera.show(street(2), 5)) == {""}
    back = camera.show(street(1), 1)  # the new view is the learned one now
    assert TURNED in reasons(back)


def test_a_look_before_the_view_stood_still_does_not_count() -> None:
    camera = _Camera()
    camera.show(street(1), 5)
    camera.looks = False
    camera.show(street(2), 0.5)
    early_us = camera.at_us
    camera.show(street(2), 3)
    camera.watch.looked(early_us)
    assert camera.show(street(2), 0.2)[-1].reason == TURNED


def test_a_camera_turned_back_is_trusted_with_the_next_look() -> None:
    camera = _Camera()
    camera.show(street(1), 5)
    camera.show(street(2), 0.8)
    assert reasons(camera.show(street(1), 2)[15:]) == {""}


def test_another_camera_in_its_place_is_not_trusted_at_first() -> None:
    camera = _Camera()
    camera.show(street(1), 5)
    other = camera.show(street(2)[::-1].copy(), 6)
    assert other[8].reason == TURNED
    assert reasons(other[60:]) == {""}


def test_a_slow_and_a_fast_pan_are_never_blank_for_ever() -> None:
    for speed in (1, 4, 20):  # columns a second
        camera, place = _Camera(), street(3, columns=2000)

        def window(luma: Luma, seconds: float, offset: float = 0.0, speed: int = speed) -> Luma:
            left = int(offset + seconds * speed) % (luma.shape[1] - COLUMNS)
            return luma[:, left : left + COLUMNS]

        camera.show(place, 5, lambda luma, _: luma[:, :COLUMNS])
        panning = camera.show(place, 40, window)
        blank = [view for view in panning if view.reason]
        assert len(blank) < 0.25 * len(panning)
        if speed == 20:
            assert not any(view.reason for view in panning[8 * FPS :])
            assert panning[-1].moving


def test_a_vehicle_is_trusted_from_its_first_picture() -> None:
    camera, place = _Camera(), street(3, columns=2000)

    def driving(luma: Luma, seconds: float) -> Luma:
        left = int(seconds * 40) % (luma.shape[1] - COLUMNS)
        return luma[:, left : left + COLUMNS]

    views = camera.show(place, 30, driving)
    assert reasons(views) == {""}
    assert views[-1].moving


def dusk(luma: Luma, seconds: float) -> Luma:
    return ((luma - 14.0) * max(0.08, 1 - seconds / 25) + 14).astype(np.uint8)


def lamp(luma: Luma, _: float) -> Luma:
    rows, columns = np.indices(luma.shape)
    light = 90 * np.exp(-(((rows - 20) / 30) ** 2) - ((columns - 110) / 40) ** 2)
    return np.asarray(np.clip(luma + light, 0, 255), dtype=np.uint8)


def lights_off(luma: Luma, _: float) -> Luma:
    return (luma * 0.15 + 13).astype(np.uint8)


def rain(luma: Luma, seconds: float) -> Luma:
    drops = np.random.default_rng(round(seconds * FPS)).random(luma.shape) < 0.01
    streaks = cv2.blur(drops.astype(np.uint8) * 255, (1, 7))
    return np.asarray(np.maximum(luma, streaks), dtype=np.uint8)


def people(luma: Luma, seconds: float) -> Luma:
    out = luma.copy()
    for n in range(4):
        x = int(seconds * (8 + 3 * n) + 40 * n) % (COLUMNS - 16)
        out[30:80, x : x + 14] = 30 + 50 * n
    return out


def lorry(luma: Luma, seconds: float) -> Luma:
    out = luma.copy()
    x = int(seconds * 60) % 600 - 120
    out[20:, max(0, x) : max(0, x + 100)] = 190
    return out


def shaking(luma: Luma, seconds: float) -> Luma:
    return np.roll(luma, round(seconds * FPS) % 3 - 1, axis=1)


@pytest.mark.parametrize(
    "change", [dusk, lamp, lights_off, rain, people, lorry, shaking], ids=lambda f: f.__name__
)
def test_what_happens_in_a_street_is_no_alarm(change: Change) -> None:
    camera, place = _Camera(), street(5)
    assert reasons(camera.show(place, 5)) == {""}
    assert reasons(camera.show(place, 30, change)) == {""}
    assert reasons(camera.show(place, 5)) == {""}


def wall(_: Luma) -> Luma:
    return np.broadcast_to(np.linspace(90, 160, COLUMNS), (ROWS, COLUMNS)).astype(np.uint8)


def soft(luma: Luma) -> Luma:
    return cv2.GaussianBlur(luma, (0, 0), 3.0).astype(np.uint8)


def somebody(luma: Luma, _: float) -> Luma:
    out = luma.copy()
    out[22:58, 62:78] = street(8)[22:58, 62:78]
    return out


def checked_coat(luma: Luma, _: float) -> Luma:
    out = luma.copy()
    out[22:58:2, 50:78:2] += 24
    return out


@pytest.mark.parametrize(("kind", "who"), [(wall, somebody), (soft, checked_coat)])
def test_somebody_who_stood_before_a_plain_view_and_leaves_is_no_alarm(
    kind: Callable[[Luma], Luma], who: Change
) -> None:
    """Theirs were the only edges, or the only sharp ones: they are not the view's."""
    camera, place = _Camera(), kind(street(5))
    assert reasons(camera.show(place, 3)) == {""}
    assert reasons(camera.show(place, 20, who)) == {""}
    assert reasons(camera.show(place, 20)) == {""}


def test_a_plain_view_that_is_covered_is_told_while_there_is_enough_to_know_it_by() -> None:
    place = wall(street())
    place[:, : COLUMNS // 2] = street(5)[:, : COLUMNS // 2]
    camera = _Camera()
    camera.show(place, 5)
    assert reasons(camera.show(place, 5, black)[10:]) == {COVERED}


def test_half_a_picture_is_corrupt_and_the_next_whole_one_is_not() -> None:
    camera, place = _Camera(), street()
    camera.show(place, 3)
    gray, smeared = place.copy(), place.copy()
    gray[40:] = 128
    smeared[40:] = smeared[40]
    for broken in (gray, smeared):
        assert camera.push(broken).reason == CORRUPT
        assert camera.push(place).reason == ""


def test_gray_at_the_start_is_corrupt() -> None:
    luma = street()
    luma[50:] = 128
    assert ViewWatch().push(luma, 0).reason == CORRUPT


def test_bands_that_belong_to_the_view_are_not_corrupt() -> None:
    place = street()
    place[:20] = 90  # a wall
    place[70:] = np.linspace(60, 120, COLUMNS, dtype=np.uint8)  # a floor
    watch = ViewWatch()
    assert reasons([watch.push(place, i * 40_000) for i in range(200)]) == {""}


def test_a_camera_that_stays_covered_becomes_doubtful_and_not_blank_for_ever() -> None:
    watch, place = ViewWatch(), street()
    for i in range(60):
        watch.push(place, i * 100_000)
    veiled = foil(place, 0)
    views = [watch.push(veiled, 6_000_000 + i * 500_000) for i in range(700)]
    assert views[500].reason == COVERED
    assert views[-1] == View(doubtful=True, frozen=True)
    back = 400_000_000
    watch.push(place, back)
    watch.looked(back)
    assert watch.push(place, back + 100_000) == View()


def test_a_picture_that_never_changes_is_told_and_trusted() -> None:
    watch, place = ViewWatch(), street()
    views = [watch.push(place, i * 1_000_000) for i in range(40)]
    assert reasons(views) == {""}
    assert [view.frozen for view in views] == [False] * 30 + [True] * 10


@pytest.mark.parametrize("jump_us", [-3_600_000_000, 3_600_000_000])
def test_a_clock_that_jumps_changes_nothing(jump_us: int) -> None:
    camera, place = _Camera(), street()
    camera.show(place, 5)
    camera.at_us += jump_us
    assert reasons(camera.show(place, 2)) == {""}
    camera.show(place, 1, black)
    camera.at_us += jump_us
    assert reasons(camera.show(place, 1, black)) == {COVERED}
    camera.at_us -= 2 * jump_us
    assert reasons(camera.show(place, 3)[20:]) == {""}


@pytest.mark.parametrize("value", [0, 16, 128, 255])
def test_a_flat_picture_from_the_start_is_trusted(value: int) -> None:
    watch = ViewWatch()
    flat = np.full((36, 64), value, np.uint8)
    assert reasons([watch.push(flat, i * 40_000) for i in range(200)]) == {""}
