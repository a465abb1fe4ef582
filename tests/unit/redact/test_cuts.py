"""Where scenes end: half the contrast at once, or a jump out of calm."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from scrim.redact import Detection, Redactor, State
from scrim.redact._cuts import Cuts
from scrim.redact._sight import Tiny


def _tiny(samples: NDArray[np.float64]) -> Tiny:
    few = np.clip(samples, 0, 255).astype(np.uint8)
    return Tiny(few, float(few.std()))


def _place(seed: int = 0) -> NDArray[np.float64]:
    """Samples with a contrast of 30 of 255."""
    return np.random.default_rng(seed).normal(128, 30, (36, 64))


def _told(pictures: list[NDArray[np.float64]]) -> list[int]:
    cuts = Cuts()
    return [n for n, one in enumerate(pictures) if cuts.push(_tiny(one))]


def test_another_place_is_a_cut_from_the_second_picture_on() -> None:
    assert _told([_place(), _place(1), _place(1)]) == [1]


def test_the_same_place_in_other_light_is_a_cut_after_calm() -> None:
    """It differs by 14, which is less than half of the contrast, 16.5 and noise."""
    assert _told([_place()] * 5 + [_place() + 14] * 5) == [5]
    assert _told([_place()] * 5 + [_place() + 14] * 5 + [_place()] * 3) == [5, 10], "soon again"


def test_what_differs_as_much_all_the_time_is_no_cut() -> None:
    assert _told([_place() + 14 * (n % 2) for n in range(12)]) == []


def test_a_camera_that_sets_out_is_a_cut_twice_at_most() -> None:
    assert _told([_place()] * 5 + [_place() + 14 * (n % 2) for n in range(1, 12)]) == [5, 6]


def test_pictures_that_come_thrice_make_no_cuts_for_long() -> None:
    """Pairs differ by 0, 0 and 14 in turns."""
    assert _told([_place() + 14 * (n // 3 % 2) for n in range(6, 60)]) == [3, 6]


@pytest.mark.parametrize("every", [4, 7, 12, 25, 60, 120])
def test_a_light_that_blinks_makes_no_cuts_for_long(every: int) -> None:
    """A new scene would begin each time, and no background would ever be known."""
    assert len(_told([_place() + 14 * (n // every % 2) for n in range(600)])) == 2


def test_somebody_who_crosses_calm_is_no_cut() -> None:
    pictures = [_place() for _ in range(16)]
    for n in range(6, 16):
        pictures[n][:, 4 * (n - 6) : 4 * (n - 4)] = 40  # an eighth of the picture, all dark
    assert _told(pictures) == []


def test_after_a_gap_nothing_is_compared() -> None:
    cuts = Cuts()
    for _ in range(5):
        cuts.push(_tiny(_place()))
    cuts.forget()
    assert not cuts.push(_tiny(_place(1)))


def _lighter(image: NDArray[np.uint8]) -> None:
    image += 22  # more than 0.3 of its contrast of 30, and less than 0.55


def test_a_jump_is_looked_at_on_both_sides(make_frame: Any, fixed: Any) -> None:
    detector = fixed(Detection(100, 60, 40, 48, 0.9))
    redactor = Redactor(detector, look_frames=20)
    frames = [make_frame(i) for i in range(8)] + [make_frame(8, change=_lighter)]
    out = [one for frame in frames for one in redactor.push(frame)]
    assert [one.index for one in out] == list(range(8)), "the scene before it has left"
    assert {one.state for one in out} == {State.MASKED}
    assert detector.looks == 3, "at its first, at its last and at the first of the next"


def _begins(frames: list[Any], fixed: Any) -> list[int]:
    """Which frames begin a scene, as the redactor tells those who follow what it covers."""
    redactor = Redactor(fixed(Detection(100, 60, 40, 48, 0.9)), look_frames=20)
    out = [one for frame in frames for one in redactor.push(frame)] + redactor.flush()
    assert [one.index for one in out] == [frame.index for frame in frames]
    return [n for n, one in enumerate(out) if one.begins_scene]


def test_who_follows_masks_is_told_where_scenes_begin(make_frame: Any, fixed: Any) -> None:
    frames = [make_frame(i) for i in range(8)]
    frames += [make_frame(i, change=_lighter) for i in range(8, 11)]
    frames += [make_frame(i, size=(160, 96)) for i in range(11, 14)]
    assert _begins(frames, fixed) == [0, 8, 11]


def _a_little_lighter(image: NDArray[np.uint8]) -> None:
    image += 14  # a cut after calm alone


def test_after_damage_nothing_is_compared_with_what_was_before(make_frame: Any, fixed: Any) -> None:
    """What jumps out of a calm that was not seen whole is no cut: masks go on through it."""
    frames = [make_frame(i) for i in range(8)]
    frames += [make_frame(8, damaged=True), make_frame(9)]
    frames += [make_frame(i, change=_a_little_lighter) for i in range(10, 13)]
    assert _begins(frames, fixed) == [0, 8, 9]
    del frames[8:10]
    assert _begins(frames, fixed) == [0, 8], "without the damage it is"


def test_a_damaged_picture_hides_no_cut_after_it(make_frame: Any, fixed: Any) -> None:
    """However little it is like the street: it tells nothing of what is usual there."""

    def torn(image: NDArray[np.uint8]) -> None:
        image[:] = 255 - image

    frames = [make_frame(i) for i in range(4)]
    frames += [make_frame(4, damaged=True, change=torn), make_frame(5, damaged=True)]
    frames += [make_frame(i) for i in range(6, 12)]
    frames += [make_frame(i, change=_a_little_lighter) for i in range(12, 15)]
    assert _begins(frames, fixed) == [0, 4, 5, 6, 12]
