"""What changed between looks is looked at."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray
from tests.unit.redact.conftest import noise

from scrim.redact._looks import WHOLE, WHOLE_EVERY_MOVING_US, WHOLE_EVERY_US, Rectangle
from scrim.redact._watcher import Interval, Watcher

WIDTH, HEIGHT = 240, 136
STEP_US = 40_000
LAST = 12
AT = list(range(0, LAST + 1, 2))

Luma = NDArray[np.uint8]
Change = Callable[[Luma, int], None]


def pictures(speed: float = 0.0, change: Change | None = None) -> list[Luma]:
    """A place seen by a camera that moves on by some pixels a picture, with noise."""
    chance = np.random.default_rng(3)
    large = cv2.cvtColor(noise(WIDTH + 200, HEIGHT, seed=6), cv2.COLOR_BGR2GRAY)
    out = []
    for i in range(LAST + 1):
        left = round(100 + speed * i)
        luma = large[:, left : left + WIDTH].copy()
        if change is not None:
            change(luma, i)  # type: ignore[arg-type]
        grain = chance.normal(0, 1.5, luma.shape)
        out.append(np.clip(luma + grain, 0, 255).astype(np.uint8))
    return out


def square(x: int, y: int, when: range, side: int = 8) -> Change:
    def change(luma: Luma, i: int) -> None:
        if i in when:
            luma[y : y + side, x : x + side] = 250 - luma[y : y + side, x : x + side]

    return change


def begun(smalls: list[Luma]) -> tuple[Watcher, Interval]:
    watcher = Watcher()
    watcher.begin(smalls[0], 0)
    return watcher, watcher.interval(AT, lambda i: smalls[i])


def holds(where: tuple[Rectangle, ...], x: float, y: float) -> bool:
    return any(one.holds(x / WIDTH, y / HEIGHT) for one in where)


def looked(watcher: Watcher, smalls: list[Luma], at_us: int) -> tuple[Rectangle, ...]:
    interval = watcher.interval(AT, lambda i: smalls[i])
    where, _ = watcher.where(interval, at_us, [])
    watcher.looked(interval.smalls[-1], where, at_us)
    return where


def test_a_still_camera_is_looked_at_where_something_changed() -> None:
    still, changed = pictures(), pictures(change=square(150, 60, range(99)))
    watcher = Watcher()
    watcher.begin(still[0], 0)
    assert looked(watcher, still, 500_000) == ()
    where = looked(watcher, changed, 1_000_000)
    assert where != WHOLE
    assert holds(where, 154, 64)
    assert looked(watcher, changed, 1_500_000) == (), "it was looked at"
    assert holds(looked(watcher, still, 2_000_000), 154, 64), "and it is gone"


def test_all_is_looked_at_now_and_then_and_wherever_a_track_was_missed() -> None:
    still = pictures()
    watcher = Watcher()
    watcher.begin(still[0], 0)
    interval = watcher.interval(AT, lambda i: still[i])
    where, fresh = watcher.where(interval, 1_000_000, [[0.1, 0.1, 0.2, 0.3]])
    assert where != WHOLE
    assert holds(where, 0.15 * WIDTH, 0.2 * HEIGHT)
    assert fresh == (), "nothing has changed there"
    assert looked(watcher, still, WHOLE_EVERY_US) == WHOLE
    assert looked(watcher, still, 200_000) == WHOLE, "the clock went back"


def test_of_what_is_known_to_be_there_no_part_is_cut_off() -> None:
    """A plain face that moves on a little changes along two of its sides only."""

    def face(x: int) -> list[Luma]:
        def change(luma: Luma, _i: int) -> None:
            luma[40:88, x : x + 48] = 220

        return pictures(change=change)

    box = [100 / WIDTH, 40 / HEIGHT, 148 / WIDTH, 88 / HEIGHT]
    for moved, looks in ((0, 0), (4, 1)):
        watcher = Watcher()
        watcher.begin(face(100)[0], 0)
        after = face(100 + moved)
        interval = watcher.interval(AT, lambda i, after=after: after[i])  # type: ignore[misc]
        where, _ = watcher.where(interval, 500_000, [], [box])
        assert len(where) == looks
        for one in where:
            assert one.left * WIDTH <= 100
            assert one.right * WIDTH >= 152
            assert one.top * HEIGHT <= 40
            assert one.bottom * HEIGHT >= 88


def test_where_a_track_is_goes_with_the_camera() -> None:
    watcher = Watcher()
    panning = pictures(-4.0)
    watcher.begin(panning[0], 0)
    interval = watcher.interval(AT, lambda i: panning[i])
    box = [100 / WIDTH, 40 / HEIGHT, 110 / WIDTH, 50 / HEIGHT]
    where, _ = watcher.where(interval, 500_000, [box])
    assert holds(where, 105 + 4 * LAST, 45)


def test_what_a_moving_camera_brings_into_the_picture_is_looked_at() -> None:
    watcher = Watcher()
    panning = pictures(4.0)
    watcher.begin(panning[0], 0)
    where = looked(watcher, panning, 500_000)
    for share in (0.1, 0.5, 0.9):
        assert holds(where, WIDTH - 4, HEIGHT * share)
        assert holds(where, WIDTH - 4.0 * LAST + 4, HEIGHT * share)
    assert sum(one.area for one in where) < 0.5, "and the rest is what was looked at"


def test_before_a_moving_camera_all_is_looked_at_more_often() -> None:
    watcher = Watcher()
    panning = pictures(4.0)
    watcher.begin(panning[0], 0)
    assert looked(watcher, panning, WHOLE_EVERY_MOVING_US) == WHOLE


def test_where_it_is_not_certain_how_the_camera_moved_all_is_looked_at() -> None:
    watcher = Watcher()
    one, other = pictures(), [picture[::-1].copy() for picture in pictures()]
    watcher.begin(one[0], 0)
    assert looked(watcher, one[:6] + other[6:], 500_000) == WHOLE
