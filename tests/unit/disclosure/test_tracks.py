"""Somebody is followed while that is no guess, and chosen by place and time alone."""

from __future__ import annotations

from fractions import Fraction

import pytest
from tests.unit.disclosure import scene
from tests.unit.disclosure.conftest import MOMENT_US, pick_left

from scrim.disclosure import tracks as rules
from scrim.disclosure.compose import compose
from scrim.disclosure.tracks import Pick, pick, tracks
from scrim.disclosure.watch import Film, Verdict, strict
from scrim.errors import TrackUnclear
from scrim.redact import Figure, Mask, Source

SIZE = (640, 360)
STEP_US = 40_000


def outline(x: int, y: int = 100, w: int = 60, h: int = 160) -> Mask:
    return Mask(x, y, w, h, "person", 0, Source.DETECTED, figure=Figure(0, 0, b""))


def head(x: int, number: int, y: int = 104) -> Mask:
    return Mask(x, y, 24, 30, "face", number, Source.DETECTED, oval=True)


def figure(x: int, number: int, y: int = 90, w: int = 90, h: int = 190) -> Mask:
    return Mask(x, y, w, h, "person", number, Source.DETECTED)


def made_up(
    *frames: list[Mask],
    cuts: tuple[int, ...] = (0,),
    whole: tuple[int, ...] = (),
    gap_before: int = -1,
) -> Film:
    """A film of which only the verdicts are."""
    late = 2_000_000
    return Film(
        "0" * 64,
        SIZE,
        Fraction(1, 25),
        strict(),
        tuple(
            Verdict(
                n,
                n,
                1,
                n * STEP_US + (late if 0 <= gap_before <= n else 0),
                tuple(masks),
                "the decoder reported damage" if n in whole else "",
                0,
                n in cuts,
            )
            for n, masks in enumerate(frames)
        ),
    )


def test_the_drawn_walker_is_followed_until_the_other_one_comes_near(film: Film) -> None:
    track = pick(film, tracks(film), pick_left())
    assert track.last - track.first > 20
    for index in range(track.first, track.last + 1):
        face, place = scene.face(0, index), track.at(index)
        assert place is not None
        if face is not None:
            assert place.box.holds(face[0] + face[2] / 2, face[1] + face[3] / 2)
        other = scene.face(1, index)
        assert other is None or not place.box.holds(
            other[0] + other[2] / 2, other[1] + other[3] / 2
        )
    assert track.ended in (rules.TOUCHING, rules.SEVERAL, rules.JUMPED)


def test_one_who_walks_alone_is_one_track() -> None:
    film = made_up(*([outline(100 + 4 * n), head(118 + 4 * n, 3)] for n in range(10)))
    (track,) = tracks(film)
    assert (track.first, track.last, track.ended) == (0, 9, rules.END)


@pytest.mark.parametrize(
    ("film", "first_ends", "why"),
    [
        (made_up(*[[outline(100)]] * 6, cuts=(0, 3)), 2, rules.CUT),
        (made_up(*[[outline(100)]] * 6, gap_before=3), 2, rules.GAP),
        (made_up(*[[outline(100)]] * 6, whole=(3,)), 2, rules.WHOLE),
        (made_up(*[[outline(100)]] * 3, [], *[[outline(100)]] * 3), 2, rules.GONE),
        (
            made_up(*[[outline(100)]] * 3, *[[outline(100, w=140)]] * 3),
            2,
            rules.JUMPED,
        ),
        (
            made_up(*[[outline(100)]] * 3, *[[outline(70), outline(131)]] * 3),
            2,
            rules.TOUCHING,
        ),
        (
            made_up(
                *[[outline(100), head(105, 1)]] * 3,
                *[[outline(100), head(105, 1), head(135, 2)]] * 3,
            ),
            2,
            rules.SEVERAL,
        ),
        (
            made_up(
                *[[outline(100), head(115, 1), head(300, 2)]] * 3,
                *[[outline(100), head(115, 2)]] * 3,
            ),
            2,
            rules.OTHER_FACE,
        ),
        (
            made_up(*[[outline(100), head(115, 1)]] * 3, *[[figure(85, 1), head(115, 1)]] * 3),
            2,
            rules.OTHERWISE,
        ),
    ],
    ids=["cut", "gap", "whole", "gone", "jumped", "divides", "two heads", "other head", "told"],
)
def test_a_track_ends_where_going_on_would_be_a_guess(
    film: Film, first_ends: int, why: str
) -> None:
    first = tracks(film)[0]
    assert (first.first, first.last, first.ended) == (0, first_ends, why)


def test_two_who_become_one_shape_are_both_lost() -> None:
    apart = [[outline(60 + 5 * n), outline(260 - 5 * n)] for n in range(15)]
    together = [[outline(130, w=135)] for _ in range(5)]
    found = tracks(made_up(*apart, *together))
    assert [track.last for track in found if track.first == 0] == [14, 14]


def test_a_box_that_was_there_before_covers_whoever_walks_into_it() -> None:
    """The chosen one passes somebody who stands, whom only the finder of figures has seen."""
    standing = figure(300, 7)
    frames = [[outline(100 + 10 * n), standing] for n in range(32)]
    film = made_up(*frames)
    found = tracks(film)
    chosen = pick(film, found, Pick(0, 2000, 5000))
    behind = [
        frame
        for frame in compose(film, [chosen])
        if frame.shown is not None and frame.shown.right > standing.x
    ]
    assert behind
    for frame in behind:
        assert any(mask.box == (300, 90, 90, 190) for mask in frame.masks)


def test_a_box_that_came_with_them_and_stays_behind_covers_from_then_on() -> None:
    frames = [[outline(100), figure(85, 7)] for _ in range(3)]
    frames += [[outline(100 + 12 * n), figure(85, 7)] for n in range(1, 12)]
    film = made_up(*frames)
    chosen = tracks(film)[0]
    masks = [
        [mask.box for mask in frame.masks if mask.box == (85, 90, 90, 190)]
        for frame in compose(film, [chosen])
    ]
    assert not masks[0]
    assert masks[-1]


@pytest.mark.parametrize(
    ("choice", "says"),
    [
        (Pick(0, 9000, 500), "nobody"),
        (Pick(100 * STEP_US, 2000, 5000), "no picture"),
        (Pick(-1, 2000, 5000), "no picture"),
        (Pick(0, 2460, 5000), "overlap"),
    ],
)
def test_a_choice_of_nobody_or_of_two_is_refused(choice: Pick, says: str) -> None:
    film = made_up(*[[outline(100), outline(150)]] * 5)
    with pytest.raises(TrackUnclear, match=says):
        pick(film, tracks(film), choice)


def test_a_time_means_the_frame_on_show_then() -> None:
    film = made_up([outline(100)], [outline(102)], [outline(400)], cuts=(0, 2))
    found = tracks(film)
    assert pick(film, found, Pick(2 * STEP_US - 1, 2000, 5000)).first == 0
    assert pick(film, found, Pick(2 * STEP_US, 6500, 5000)).first == 2


def test_the_same_film_gives_the_same_tracks(film: Film) -> None:
    assert tracks(film) == tracks(film)


def test_the_moment_of_these_tests_is_before_the_crossing() -> None:
    left, right = (scene.face(who, MOMENT_US * scene.FPS // 1_000_000) for who in (0, 1))
    assert left is not None
    assert right is not None
    assert left[0] + 3 * left[2] < right[0]
