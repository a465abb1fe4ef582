"""What came and went between two looks is looked at where it was."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from tests.unit.redact.conftest import noise
from tests.unit.redact.test_watcher import (
    AT,
    HEIGHT,
    LAST,
    WIDTH,
    Change,
    begun,
    holds,
    pictures,
    square,
)

from scrim.redact import Source
from scrim.redact._cover import Piece
from scrim.redact._looks import WHOLE, Rectangle
from scrim.redact._visits import Visits
from scrim.redact._watcher import Interval

Luma = NDArray[np.uint8]
SHOWN = range(5, 8)
NOBODY = np.zeros((HEIGHT, WIDTH), np.bool_)


def of(smalls: list[Luma], *pieces: Piece) -> Visits:
    """Visits of these pictures, in all of which these pieces are laid."""
    return visits_of(begun(smalls)[1], pieces)


def visits_of(
    interval: Interval, pieces: Sequence[Piece] = (), guessed: NDArray[np.bool_] = NOBODY
) -> Visits:
    return Visits(interval, [list(pieces) for _ in range(LAST)], 1.0, [guessed] * len(AT))


def piece(kind: str, *box: float, source: Source = Source.DETECTED) -> Piece:
    return Piece(1, box, kind, source)


def both(first: Change, second: Change) -> Change:
    def change(luma: Luma, i: int) -> None:
        first(luma, i)
        second(luma, i)

    return change


def all_of(visits: Visits) -> list[tuple[int, tuple[Rectangle, ...]]]:
    """Every visit, each answered at once."""
    out = []
    while (wish := visits.next()) is not None:
        visits.looked(*wish)
        out.append(wish)
    return out


def test_on_a_still_scene_nothing_has_passed() -> None:
    watcher, interval = begun(pictures())
    del watcher
    assert not interval.moving
    assert visits_of(interval).next() is None


def test_what_came_and_went_between_two_looks_is_found_where_it_was() -> None:
    found = of(pictures(change=square(150, 60, SHOWN))).next()
    assert found is not None
    step, where = found
    assert AT[step] == 6
    assert holds(where, 154, 64)
    assert sum(one.area for one in where) < 0.15


@pytest.mark.parametrize("when", [range(6, LAST + 1), range(8)])
def test_what_a_look_sees_has_not_passed(when: range) -> None:
    assert of(pictures(change=square(150, 60, when))).next() is None


def test_what_is_covered_need_not_be_looked_at() -> None:
    smalls = pictures(change=square(150, 60, SHOWN))
    assert of(smalls, piece("face", 148, 58, 160, 70)).next() is None


def test_a_mask_that_is_held_explains_nothing() -> None:
    smalls = pictures(change=square(150, 60, SHOWN))
    assert of(smalls, piece("face", 148, 58, 160, 70, source=Source.HELD)).next() is not None


def test_who_comes_up_behind_somebody_is_looked_at_last() -> None:
    """A find of a head explains its body; that it also hid whoever stood there was a leak."""
    elsewhere, behind = square(30, 20, SHOWN), square(150, 60, SHOWN)
    smalls = pictures(change=both(elsewhere, behind))
    head = piece("face", 142, 36, 160, 54)
    visits = all_of(of(smalls, head))
    assert len(visits) == 2
    (_, first), (_, last) = visits
    assert holds(first, 34, 24)
    assert not holds(first, 154, 64)
    assert holds(last, 154, 64)
    # but not where the head itself is
    assert of(pictures(change=square(146, 40, SHOWN)), head).next() is None


def test_who_comes_up_before_somebody_whose_head_is_guessed_is_looked_at_last() -> None:
    """A face beside somebody seen from behind was hidden by the guess and open for a moment."""
    elsewhere, behind = square(30, 20, SHOWN), square(150, 60, SHOWN)
    interval = begun(pictures(change=both(elsewhere, behind)))[1]
    guessed = NOBODY.copy()
    guessed[40:120, 130:190] = True
    (_, first), (_, last) = all_of(visits_of(interval, guessed=guessed))
    assert holds(first, 34, 24)
    assert not holds(first, 154, 64)
    assert holds(last, 154, 64)


def test_nobody_is_looked_at_by_halves() -> None:
    """Of somebody beside a covered head only a part was looked at, and half a face is none."""
    smalls = pictures(change=square(140, 60, SHOWN, side=22))
    covering = piece("face", 128, 58, 150, 84)
    found = of(smalls, covering).next()
    assert found is not None
    (one,) = found[1]
    assert one.left * WIDTH <= 141
    assert one.right * WIDTH >= 161


def test_where_it_was_looked_at_already_it_is_not_again_and_elsewhere_it_is() -> None:
    smalls = pictures(change=both(square(150, 60, range(4, 8)), square(30, 20, range(7, 10))))
    first, last = sorted(all_of(of(smalls)))
    assert AT[first[0]] in (4, 6)
    assert holds(first[1], 154, 64)
    assert AT[last[0]] == 8
    assert holds(last[1], 34, 24)
    assert not holds(last[1], 154, 64)


def test_a_part_that_was_looked_at_stands_for_no_other_of_the_same_picture() -> None:
    visits = of(pictures(change=both(square(150, 60, SHOWN), square(30, 20, SHOWN))))
    found = visits.next()
    assert found is not None
    step, where = found
    visits.looked(step, tuple(one for one in where if one.holds(154 / WIDTH, 64 / HEIGHT)))
    again = visits.next()
    assert again is not None
    assert holds(again[1], 34, 24)
    visits.looked(*again)
    assert visits.next() is None


def test_there_is_an_end_to_it() -> None:
    """Something else in each picture, all over it: that is not looked at for ever."""

    def change(luma: Luma, i: int) -> None:
        chance = np.random.default_rng(100 + i)
        for x, y in chance.integers((0, 0), (WIDTH - 12, HEIGHT - 12), (6, 2)).tolist():
            luma[y : y + 12, x : x + 12] = 250 - luma[y : y + 12, x : x + 12]

    visits = all_of(of(pictures(change=change)))
    assert 1 <= len(visits) <= 7


def test_a_box_is_present_while_it_shows_what_neither_look_saw() -> None:
    visits = of(pictures(change=square(150, 60, SHOWN)))
    box = (148.0, 58.0, 160.0, 70.0)
    there = {i for i in range(LAST) if visits.present(i, box)}
    assert set(SHOWN) <= there <= {4, *SHOWN, 8}, "and where the next picture measured shows it"
    assert not any(visits.present(i, (20.0, 20.0, 40.0, 40.0)) for i in range(LAST))


def test_a_box_is_present_at_a_look_whose_neighbour_shows_what_the_look_did_not() -> None:
    box = (148.0, 58.0, 160.0, 70.0)
    early = of(pictures(change=square(150, 60, range(2, 4))))
    assert early.present(0, box)
    assert not early.present(LAST, box)
    late = of(pictures(change=square(150, 60, range(LAST - 2, LAST))))
    assert late.present(LAST, box)
    assert not late.present(0, box)


@pytest.mark.parametrize("speed", [3.0, -5.0])
def test_the_same_before_a_camera_that_moves(speed: float) -> None:
    _, interval = begun(pictures(speed))
    assert interval.moving
    assert interval.camera[-1, 0] == pytest.approx(-speed * LAST, abs=1.5)
    assert visits_of(interval).next() is None
    found = of(pictures(speed, square(120, 60, SHOWN, side=12))).next()
    assert found is not None
    assert AT[found[0]] == 6
    assert holds(found[1], 126, 66)


def turning(where: list[int]) -> list[Luma]:
    large = cv2.cvtColor(noise(WIDTH + 200, HEIGHT, seed=6), cv2.COLOR_BGR2GRAY).astype(np.uint8)
    return [large[:, 100 + x : 100 + x + WIDTH].copy() for x in where]


def test_what_came_in_at_the_rim_and_went_again_is_found() -> None:
    """The camera turns to the right and half back: what it saw there, neither look has seen."""
    _, interval = begun(turning([4 * i if i <= 8 else 64 - 4 * i for i in range(LAST + 1)]))
    assert interval.moving
    found = visits_of(interval).next()
    assert found is not None
    step, where = found
    assert AT[step] == 8
    assert holds(where, WIDTH - 6, HEIGHT / 2)
    assert not holds(where, WIDTH / 2, HEIGHT / 2)


def test_a_camera_that_turned_and_turned_back_is_looked_at_where_it_was() -> None:
    visits = all_of(visits_of(begun(turning([4 * min(i, LAST - i) for i in range(LAST + 1)]))[1]))
    assert AT[visits[0][0]] in (4, 6, 8)
    assert [where for _, where in visits] == [WHOLE, WHOLE], "and not at every place on its way"
