"""What detectors are given, and what one bad answer does to a look."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from scrim.policy import Zone
from scrim.redact import Detection
from scrim.redact._again import again
from scrim.redact._eyes import Eyes
from scrim.redact._looks import WHOLE, Rectangle
from scrim.redact._parts import Cut
from scrim.redact.mask import FILL
from scrim.redact.zones import Zones

SIZE = (320, 192)
HALF = Zone.parse("left-half: 0,0 0.5,0 0.5,1 0,1")


class Watching:
    """Keeps the images it was given, and answers what it was made with."""

    input_size = (160, 96)

    def __init__(self, answer: Any = ()) -> None:
        self.answer = answer
        self.images: list[NDArray[np.uint8]] = []

    def detect(self, image: NDArray[np.uint8]) -> list[Detection]:
        self.images.append(image.copy())
        if isinstance(self.answer, Exception):
            raise self.answer
        return list(self.answer)

    @property
    def sizes(self) -> list[tuple[int, int]]:
        return [(image.shape[1], image.shape[0]) for image in self.images]


class Fits(Watching):
    def size_for(self, width: int, height: int) -> tuple[int, int]:
        return width, height


def burnt_share(image: NDArray[np.uint8]) -> float:
    """How much of the part is of a zone's colour."""
    return float((np.abs(image.astype(int) - FILL[0]) <= 24).all(axis=2).mean())


@pytest.mark.parametrize("kind", [Watching, Fits])
def test_what_lies_in_a_zone_no_detector_ever_sees(make_frame: Any, kind: type[Watching]) -> None:
    face, other, people = kind(), kind(), kind()
    eyes = Eyes(face, [other], people, Zones([HALF]), 0.2)
    picture = make_frame().picture
    eyes.look(eyes.sight(*SIZE), picture, WHOLE, aside=True, people=0.5)
    for (image,) in (face.images, other.images, people.images):
        middle = image.shape[1] // 2
        assert burnt_share(image[:, :middle]) == 1
        assert burnt_share(image[:, middle + 3 :]) < 0.01


def test_a_zone_is_burnt_before_a_part_is_cut_out(make_frame: Any) -> None:
    face = Fits()
    eyes = Eyes(face, [], None, Zones([HALF]), 0.2)
    eyes.look(eyes.sight(*SIZE), make_frame().picture, (Rectangle(0.3, 0.2, 0.7, 0.8),))
    (image,) = face.images
    middle = image.shape[1] // 2
    assert burnt_share(image[:, :middle]) == 1
    assert burnt_share(image[:, middle + 3 :]) < 0.01


def test_parts_are_looked_at_alone_and_their_finds_placed_in_the_picture(make_frame: Any) -> None:
    face = Fits([Detection(5, 6, 20, 24, 0.8)])
    eyes = Eyes(face, [], None, Zones([]), 0.2)
    parts = (Rectangle(0, 0, 0.2, 1 / 3), Rectangle(0.5, 0.5, 0.9, 0.9))
    look = eyes.look(eyes.sight(640, 384), make_frame(size=(640, 384)).picture, parts)
    assert look.where == parts
    assert face.sizes == [(128, 128), (256, 160)]
    assert [(one.x, one.y, one.w, one.h) for one in look.found] == [
        (5, 6, 20, 24),
        (320 + 5, 189 + 6, 20, 24),
    ]


def test_finds_of_a_shrunk_picture_are_in_the_pictures_pixels(make_frame: Any) -> None:
    face, other = Watching([Detection(10, 20, 8, 9, 0.8)]), Watching([Detection(1, 2, 3, 4, 0.7)])
    eyes = Eyes(face, [other], None, Zones([]), 0.2)
    look = eyes.look(eyes.sight(*SIZE), make_frame().picture, WHOLE, aside=True)
    assert [(one.x, one.y, one.w, one.h) for one in look.found] == [
        (20, 40, 16, 18),
        (2, 4, 6, 8),
    ]


class Shrinks(Watching):
    """Wants a quarter of each side."""

    def size_for(self, width: int, height: int) -> tuple[int, int]:
        return width // 4, height // 4


def test_small_parts_are_looked_at_closely_and_cost_no_more_than_the_whole(
    make_frame: Any,
) -> None:
    face = Shrinks([Detection(8, 8, 16, 16, 0.8)])
    eyes = Eyes(face, [], None, Zones([]), 0.2)
    picture = make_frame(size=(1280, 768)).picture
    sight = eyes.sight(1280, 768)
    eyes.look(sight, picture, WHOLE)
    part = Rectangle(0.5, 0.5, 0.59, 0.59)
    look = eyes.look(sight, picture, (part,))
    eyes.look(sight, picture, WHOLE, closely=True)
    whole, small, close = face.sizes
    assert whole == (320, 192)
    assert whole[0] * part.area**0.5 < small[0]
    assert small[0] * small[1] <= whole[0] * whole[1]
    assert close == (1280, 768)
    (found,) = look.found
    assert found.w == pytest.approx(16, rel=0.1), "the part was seen in its own size"
    assert 0.5 <= found.x / 1280 <= 0.53


class Enlarged(Fits):
    """Finds a face faintly in all of a picture, and plainly once it is enlarged."""

    def __init__(self, doubt: float = 0.1, plain: float = 0.8) -> None:
        super().__init__()
        self.doubt, self.plain = doubt, plain

    def detect(self, image: NDArray[np.uint8]) -> list[Detection]:
        super().detect(image)
        if image.shape[:2] == (96, 96):
            return [Detection(34, 33, 28, 34, self.plain)] if self.plain else []
        return [Detection(100, 50, 15, 20, self.doubt)]


def test_what_is_doubtful_is_looked_at_again_alone_and_enlarged(make_frame: Any) -> None:
    face = Enlarged()
    eyes = Eyes(face, [], None, Zones([]), 0.2)
    look = eyes.look(eyes.sight(*SIZE), make_frame().picture, WHOLE)
    assert face.sizes == [SIZE, (96, 96)]
    (found,) = look.found
    assert found.score == 0.8
    # its middle is where the find's was, and its own size is what was found
    assert found.x + found.w / 2 == pytest.approx(107.5, abs=1)
    assert found.y + found.h / 2 == pytest.approx(60, abs=2)
    assert (found.w, found.h) == pytest.approx((28 * 20 / 32, 34 * 20 / 32))


@pytest.mark.parametrize(
    ("doubt", "seen", "score"),
    [(0.08, 0.0, 0.066), (0.15, 0.09, 0.066), (0.08, 0.11, 0.1), (0.15, 0.19, 0.15)],
)
def test_what_a_second_look_does_not_confirm_may_be_a_face_or_hardly_is_one(
    make_frame: Any, doubt: float, seen: float, score: float
) -> None:
    face = Enlarged(doubt, seen)
    eyes = Eyes(face, [], None, Zones([]), 0.2)
    look = eyes.look(eyes.sight(*SIZE), make_frame().picture, WHOLE)
    (found,) = look.found
    assert (found.x, found.y, found.w, found.h) == (100, 50, 15, 20)
    assert found.score == pytest.approx(score)
    assert len(face.images) == 2


@pytest.mark.parametrize(
    ("height", "seen", "score"),
    [(39, 0.21, 0.21), (41, 0.21, 0.15), (41, 0.31, 0.31), (39, 0.11, 0.15), (41, 0.19, 0.066)],
)
def test_what_a_second_look_enlarges_little_has_to_show_more(
    height: int, seen: float, score: float
) -> None:
    class Middle(Watching):
        def detect(self, image: NDArray[np.uint8]) -> list[Detection]:
            return [Detection(35, 32, 26, 32, seen)]

    doubt = Detection(100, 60, height * 26 / 32, height, 0.15)
    (found,) = again(Middle(), Cut(np.zeros((200, 300, 3), np.uint8)), [doubt], 0.2)
    assert found.score == pytest.approx(score)


class Blind(Watching):
    def detect(self, image: NDArray[np.uint8]) -> list[Detection]:
        return []


@pytest.mark.parametrize("x", [0, 5, 277])
def test_what_the_rim_cuts_off_keeps_its_score(x: float) -> None:
    doubt = Detection(x, 60, 20, 28, 0.15)
    assert again(Blind(), Cut(np.zeros((200, 300, 3), np.uint8)), [doubt], 0.2) == [doubt]


def test_what_is_not_asked_about_may_be_a_face() -> None:
    doubts = [Detection(30 + 9 * n, 60, 7, 9, 0.09 - n / 1e4) for n in range(26)]
    found = again(Blind(), Cut(np.zeros((200, 300, 3), np.uint8)), doubts, 0.2)
    assert [round(one.score, 3) for one in found] == [0.066] * 24 + [0.1] * 2


@pytest.mark.parametrize("plain", [0.2, 0.3])
def test_a_face_by_a_second_look_begins_a_mask_at_any_threshold(plain: float) -> None:
    class Close(Watching):
        def detect(self, image: NDArray[np.uint8]) -> list[Detection]:
            return [Detection(35, 32, 26, 32, 0.22)]

    doubt = Detection(100, 60, 16, 20, 0.15)
    (found,) = again(Close(), Cut(np.zeros((200, 300, 3), np.uint8)), [doubt], plain)
    assert found.score >= plain


@pytest.mark.parametrize("doubt", [0.03, 0.2, 0.9])
def test_nobody_asks_twice_about_noise_or_about_what_is_plain(
    make_frame: Any, doubt: float
) -> None:
    face = Enlarged(doubt)
    eyes = Eyes(face, [], None, Zones([]), 0.2)
    look = eyes.look(eyes.sight(*SIZE), make_frame().picture, WHOLE)
    assert [one.score for one in look.found] == [doubt]
    assert len(face.images) == 1


def test_a_second_look_that_fails_fails_the_look(make_frame: Any) -> None:
    face = Enlarged(plain=float("nan"))
    eyes = Eyes(face, [], None, Zones([]), 0.2)
    assert eyes.look(eyes.sight(*SIZE), make_frame().picture, WHOLE).failed


def test_a_second_look_sees_nothing_of_a_zone(make_frame: Any) -> None:
    face = Enlarged()
    eyes = Eyes(face, [], None, Zones([HALF]), 0.2)
    eyes.look(eyes.sight(*SIZE), make_frame().picture, WHOLE)
    _, close = face.images
    assert burnt_share(close) == 1, "all of what it was shown lies in the zone"


def test_a_second_look_does_not_take_a_neighbour_for_what_it_was_asked_about() -> None:
    plain, doubt = Detection(114, 52, 38, 40, 0.9), Detection(100, 50, 32, 32, 0.15)

    class Close(Watching):
        """Sees both as they are; the image begins at (68, 18)."""

        def detect(self, image: NDArray[np.uint8]) -> list[Detection]:
            return [Detection(46, 34, 38, 40, 0.9), Detection(32, 32, 32, 32, 0.5)]

    picture = np.zeros((200, 300, 3), np.uint8)
    assert again(Close(), Cut(picture), [plain, doubt], 0.2) == [
        plain,
        Detection(100, 50, 32, 32, 0.5),
    ]

    class Beside(Watching):
        def detect(self, image: NDArray[np.uint8]) -> list[Detection]:
            return [Detection(46, 34, 38, 40, 0.9)]

    kept, other = again(Beside(), Cut(picture), [plain, doubt], 0.2)
    assert kept == plain
    assert (other.x, other.score) == (doubt.x, doubt.score)


@pytest.mark.parametrize("size", [(32_768, 32), (32, 4_000)])
def test_a_second_look_takes_pictures_of_any_width(size: tuple[int, int]) -> None:
    """OpenCV warps no picture of 32,767 pixels and more."""
    width, height = size
    doubts = [Detection(x, y, 9, 11, 0.1) for x in (-4, width - 5) for y in (-6, height - 5)]
    found = again(Enlarged(), Cut(np.zeros((height, width, 3), np.uint8)), doubts, 0.2)
    assert [one.score for one in found] == [0.8] * 4


def test_a_zone_is_burnt_into_what_is_looked_at_and_not_into_the_picture(make_frame: Any) -> None:
    picture = make_frame(form="bgr24").picture
    before = picture.to_ndarray().copy()
    eyes = Eyes(Enlarged(), [], None, Zones([HALF]), 0.2)
    eyes.look(eyes.sight(*SIZE), picture, (Rectangle(0.3, 0.2, 0.7, 0.8),))
    eyes.look(eyes.sight(*SIZE), picture, WHOLE)
    assert (picture.to_ndarray() == before).all()


def test_a_part_of_a_flat_picture_is_looked_at_too(make_frame: Any) -> None:
    class Flat(Watching):
        def size_for(self, width: int, height: int) -> tuple[int, int]:
            return 160, 8

    face = Flat()
    eyes = Eyes(face, [], None, Zones([]), 0.2)
    picture = make_frame(size=(640, 128)).picture
    look = eyes.look(eyes.sight(640, 128), picture, (Rectangle(0.1, 0, 0.9, 1),))
    assert look.failed == ""
    assert face.images


def test_doubts_without_end_are_not_all_looked_at(make_frame: Any) -> None:
    class Everywhere(Fits):
        def detect(self, image: NDArray[np.uint8]) -> list[Detection]:
            super().detect(image)
            if image.shape[:2] == (96, 96):
                return []
            places = [(x, y) for x in range(0, 300, 20) for y in range(0, 180, 20)]
            return [Detection(x, y, 12, 15, 0.1) for x, y in places]

    face = Everywhere()
    eyes = Eyes(face, [], None, Zones([]), 0.2)
    look = eyes.look(eyes.sight(*SIZE), make_frame().picture, WHOLE)
    assert len(look.found) == 15 * 9, "they are doubtful still"
    assert 1 < len(face.images) <= 25


def test_a_detector_of_one_size_always_gets_the_whole_picture(make_frame: Any) -> None:
    face = Watching()
    eyes = Eyes(face, [], None, Zones([]), 0.2)
    part = (Rectangle(0.1, 0.1, 0.2, 0.2),)
    assert eyes.looks_at(part) == WHOLE
    assert eyes.look(eyes.sight(*SIZE), make_frame().picture, part).where == WHOLE
    assert face.sizes == [(160, 96)]


def test_where_nothing_is_looked_at_no_detector_is_asked(make_frame: Any) -> None:
    face, other, people = Fits(), Watching(), Watching()
    eyes = Eyes(face, [other], people, Zones([]), 0.2)
    look = eyes.look(eyes.sight(*SIZE), make_frame().picture, ())
    assert (look.where, look.found, look.failed, look.people) == ((), [], "", False)
    assert not face.images + other.images + people.images


def test_of_people_only_the_likely_ones_count(make_frame: Any) -> None:
    people = Watching(
        [Detection(1, 1, 20, 40, 0.9, "person"), Detection(40, 1, 20, 40, 0.5, "person")]
    )
    eyes = Eyes(Watching(), [], people, Zones([]), 0.2)
    look = eyes.look(eyes.sight(*SIZE), make_frame().picture, WHOLE, people=0.7)
    assert look.people
    assert [one.score for one in look.found] == [0.9]


BAD = [
    RuntimeError("broken"),
    MemoryError(),
    [Detection(1, 1, -5, 3, 0.9)],
    [Detection(float("nan"), 1, 5, 3, 0.9)],
    [Detection(1e6, 1, 5, 3, 0.9)],
]


@pytest.mark.parametrize("answer", BAD, ids=str)
@pytest.mark.parametrize("which", ["face", "other", "people"])
def test_one_detector_without_a_sane_answer_fails_the_look(
    make_frame: Any, which: str, answer: Any
) -> None:
    asked = {name: Watching() for name in ("face", "other", "people")}
    asked[which].answer = answer
    eyes = Eyes(asked["face"], [asked["other"]], asked["people"], Zones([]), 0.2)
    look = eyes.look(eyes.sight(*SIZE), make_frame().picture, WHOLE, aside=True, people=0.5)
    assert look.failed.startswith("the detector")


@pytest.mark.parametrize("size", [(0, 0), None, ("wide", 1)])
def test_another_detector_that_wants_no_image_fails_the_look(make_frame: Any, size: Any) -> None:
    other = Watching()
    other.input_size = size
    eyes = Eyes(Watching(), [other], None, Zones([]), 0.2)
    look = eyes.look(eyes.sight(*SIZE), make_frame().picture, WHOLE, aside=True)
    assert look.failed
    assert not other.images
