"""Who moves without a face that was found: where their heads are, and what a policy makes of it."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from scrim.policy import Cover
from scrim.redact import Source
from scrim.redact._cover import Piece
from scrim.redact._people import Wanted, against_neighbours, chosen, explained, moving_pieces

WIDTH, HEIGHT = 240, 135  # of the small picture
SCALE = 0.25
HEADS_ONLY = Wanted(heads=True, persons=False, vehicles=False)
FACES = frozenset({Cover.FACES})

Ground = NDArray[np.bool_]


def foreground(*boxes: tuple[int, int, int, int]) -> Ground:
    out = np.zeros((HEIGHT, WIDTH), np.bool_)
    for x, y, w, h in boxes:
        out[y : y + h, x : x + w] = True
    return out


def pieces(
    box: tuple[int, int, int, int], wanted: Wanted = HEADS_ONLY, faces: tuple[Piece, ...] = ()
) -> list[Piece]:
    seen = [foreground(), foreground(box), foreground(box)]
    return moving_pieces(seen, 1, faces, SCALE, wanted)[0]


def of(kind: str, *box: float, number: int = 1) -> Piece:
    return Piece(number, box, kind, Source.DETECTED)


def covered(found: list[Piece]) -> Ground:
    """Small pixels that lie in the pieces."""
    out = np.zeros((HEIGHT, WIDTH), np.bool_)
    for one in found:
        left, top, right, bottom = (round(side * SCALE) for side in one.box)
        out[max(0, top) : bottom, max(0, left) : right] = True
    return out


def test_somebody_upright_has_a_mask_on_the_head_and_not_on_the_feet() -> None:
    (head,) = pieces((60, 30, 20, 60))
    assert head.kind == "moving"
    left, top, right, bottom = (side * SCALE for side in head.box)
    assert left <= 60
    assert right >= 80
    assert top <= 30
    assert 30 + 60 / 6 <= bottom <= 30 + 60 / 3


def test_a_head_is_under_the_highest_point_however_they_stand() -> None:
    leaning = foreground((60, 30, 8, 8), (62, 38, 26, 52))
    (head,), _ = moving_pieces([leaning, leaning], 0, (), SCALE, HEADS_ONLY)
    assert covered([head])[30:38, 60:68].all()


def test_a_child_beside_an_adult_has_a_mask_of_its_own() -> None:
    """They are one shape; only the tallest head of it had a mask."""
    together = foreground((60, 30, 20, 60), (80, 54, 14, 36))
    found, _ = moving_pieces([together, together], 0, (), SCALE, HEADS_ONLY)
    assert covered(found)[30:42, 60:80].all()
    assert covered(found)[54:62, 81:94].all()


def test_an_arm_held_out_is_nobody_of_its_own() -> None:
    arm = foreground((60, 30, 20, 60), (80, 50, 6, 24))
    found, _ = moving_pieces([arm, arm], 0, (), SCALE, HEADS_ONLY)
    assert len(found) == 1


def test_a_group_has_masks_along_its_whole_upper_half() -> None:
    found = pieces((60, 40, 120, 40))
    assert len(found) > 1
    assert covered(found)[40:59, 60:180].all()
    assert not covered(found)[66:].any()


@pytest.mark.parametrize("box", [(60, 30, 20, 60), (50, 40, 60, 40)])
def test_a_body_below_a_face_that_was_found_needs_no_mask(box: tuple[int, int, int, int]) -> None:
    x, y, w, _ = box
    middle = (x + w / 2) / SCALE
    face = of("face", middle - 24, y / SCALE, middle + 24, y / SCALE + 56)
    assert pieces(box)
    assert pieces(box, faces=(face,)) == []
    elsewhere = of("face", 800, 300, 848, 356)
    assert pieces(box, faces=(elsewhere,)) == pieces(box)


def test_what_is_there_in_one_picture_only_is_flicker() -> None:
    seen = [foreground(), foreground((60, 30, 20, 60)), foreground()]
    assert moving_pieces(seen, 1, (), SCALE, HEADS_ONLY)[0] == []


def test_what_is_lower_than_anybody_is_nobody() -> None:
    assert pieces((60, 30, 6, 6)) == []


def test_persons_are_whole_and_have_their_figure() -> None:
    wanted = Wanted(heads=True, persons=True, vehicles=False)
    (whole,) = pieces((60, 30, 20, 60), wanted)
    assert whole.kind == "person"
    assert covered([whole])[30:90, 60:80].all()
    assert whole.figure is not None
    assert whole.figure.columns < whole.figure.rows <= 48


def test_vehicles_are_whole_and_people_beside_them_are_not() -> None:
    wanted = Wanted(heads=True, persons=False, vehicles=True)
    (whole,) = pieces((60, 40, 90, 40), wanted)
    assert whole.kind == "vehicle"
    assert covered([whole])[40:80, 60:150].all()
    (head,) = pieces((60, 30, 20, 60), wanted)
    assert head.kind == "moving"


def test_what_has_a_mask_is_told() -> None:
    seen = [foreground((60, 30, 20, 60), (200, 100, 6, 6))] * 2
    _, handled = moving_pieces(seen, 0, (), SCALE, HEADS_ONLY)
    assert handled[30:90, 60:80].all()
    assert not handled[98:, 190:].any()


def test_everything_is_whole_where_whatever_moves_has_to_be() -> None:
    wanted = Wanted.by(FACES, everything=True)
    assert wanted.persons
    assert wanted.vehicles
    assert not Wanted.by(FACES, everything=False).whole
    assert Wanted.by(FACES | {Cover.PERSONS}, everything=False).persons
    assert Wanted.by(FACES | {Cover.VEHICLES}, everything=False).vehicles


def test_explained_is_what_is_covered_and_the_chest_below_a_face() -> None:
    shape = (HEIGHT, WIDTH)
    face = of("face", 200, 100, 240, 148)
    out = explained([face, of("moving", 600, 300, 680, 340, number=0)], SCALE, shape)
    assert out[25:60, 50:60].all(), "the face and what is below it"
    assert out[75:85, 150:170].all(), "what moved"
    assert not out[90:, 140:].any(), "and nothing below it"
    assert not out[:, 100:140].any()


def test_what_may_not_be_covered_or_was_guessed_explains_nothing() -> None:
    """A face may show before the body of a person of whom the head is covered."""
    shape = (HEIGHT, WIDTH)
    box = (200, 100, 240, 148)
    for kind in ("person", "vehicle", "plate"):
        assert not explained([of(kind, *box)], SCALE, shape).any()
    assert not explained([Piece(1, box, "face", Source.HELD)], SCALE, shape).any()


def test_a_policy_chooses_what_is_covered() -> None:
    found = [
        of("face", 100, 100, 140, 150),
        of("plate", 600, 300, 680, 320, number=2),
        of("vehicle", 500, 200, 800, 400, number=3),
        of("moving", 300, 50, 340, 80, number=0),
    ]

    def kinds(*cover: Cover) -> list[str]:
        return sorted(one.kind for one in chosen(found, FACES | set(cover)))

    assert kinds() == ["face", "moving"]
    assert kinds(Cover.PLATES) == ["face", "moving", "plate", "vehicle"], "a plate may be missed"
    assert kinds(Cover.VEHICLES) == ["face", "moving", "plate", "vehicle"]
    assert kinds(Cover.PERSONS) == ["face", "moving", "person"]


def test_where_only_faces_are_covered_a_person_is_a_head() -> None:
    person = of("person", 100, 100, 160, 260)
    (head,) = chosen([person], FACES)
    assert head.kind == "head"
    assert head.box[1] < 100
    assert 120 < head.box[3] < 180
    face = of("face", 115, 105, 140, 135, number=2)
    assert [one.kind for one in chosen([person, face], FACES)] == ["face"], "it is the same head"


def test_where_persons_are_covered_a_face_has_its_body() -> None:
    found = chosen([of("head", 100, 100, 140, 150)], FACES | {Cover.PERSONS})
    assert [one.kind for one in found] == ["head", "person"]
    left, top, right, bottom = found[1].box
    assert left < 80
    assert right > 160
    assert top < 100
    assert bottom > 100 + 6 * 50


def test_an_arm_that_moves_does_not_uncover_the_person_it_belongs_to() -> None:
    cover = FACES | {Cover.PERSONS}
    (arm,) = pieces((20, 40, 14, 10), Wanted(heads=True, persons=True, vehicles=False))
    left, top, right, bottom = arm.box
    x, y = (left + right) / 2, (top + bottom) / 2
    person = of("person", x - 60, y - 150, x + 60, y + 150)
    assert person in chosen([arm, person], cover)
    face = of("face", x - 8, y - 10, x + 8, y + 10)
    assert any(piece.box[3] >= y + 60 for piece in chosen([arm, face], cover)), "and a body"


def test_who_moves_whole_is_drawn_as_a_figure_and_not_as_a_box_over_it() -> None:
    cover = FACES | {Cover.PERSONS}
    figure = pieces((40, 10, 24, 68), Wanted(heads=True, persons=True, vehicles=False))[0]
    left, top, right, bottom = figure.box
    x, w = (left + right) / 2, (right - left) / 3
    person = of("person", left + 4, top + 4, right - 4, bottom - 4)
    face = of("face", x - w / 2, top + 4, x + w / 2, top + 4 + 1.2 * w)
    found = chosen([figure, person, face], cover)
    assert sorted(piece.kind for piece in found) == ["face", "person"]
    assert figure in found


def test_before_a_moving_camera_what_differs_from_both_neighbours_is_foreground() -> None:
    chance = np.random.default_rng(1)
    plain = chance.integers(90, 130, (HEIGHT, WIDTH)).astype(np.uint8)
    smalls = []
    for step in range(5):
        small = plain.copy()
        small[40:70, 20 + 30 * step : 32 + 30 * step] = 230
        smalls.append(small)
    found = against_neighbours(smalls, 2, lambda _, other: smalls[other], 20)
    assert found[40:70, 80:92].all()
    found[34:76, 74:98] = False
    assert not found.any()
