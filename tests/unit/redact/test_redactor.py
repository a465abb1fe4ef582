"""What leaves the redactor, and in what state: the rules at the top of its module."""

from __future__ import annotations

import math
import threading
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from scrim.policy import Cover, Policy
from scrim.redact import ClearFrame, Detection, RedactedFrame, Redactor, Source, State
from scrim.redact.mask import FILL, samples
from scrim.redact.redactor import DAMAGED

FACE = Detection(100, 60, 40, 48, 0.9)


def run(redactor: Redactor, frames: list[ClearFrame]) -> list[RedactedFrame]:
    out = [redacted for frame in frames for redacted in redactor.push(frame)]
    return out + redactor.flush()


def planes(frame: RedactedFrame) -> list[NDArray[np.uint8]]:
    return [samples(plane).copy() for plane in frame.picture.planes]


def is_blank(frame: RedactedFrame) -> bool:
    return all((plane == value).all() for plane, value in zip(planes(frame), FILL, strict=True))


def covers(frame: RedactedFrame, x: int, y: int, w: int, h: int) -> bool:
    return bool((planes(frame)[0][y : y + h, x : x + w] == FILL[0]).all())


def test_no_frame_leaves_before_a_second_look(make_frame: Any, fixed: Any) -> None:
    redactor = Redactor(fixed(FACE), look_frames=5, look_us=10**9)
    assert [redactor.push(make_frame(i)) for i in range(5)] == [[]] * 5
    assert [frame.index for frame in redactor.push(make_frame(5))] == [0, 1, 2, 3, 4]


def test_a_face_is_covered_in_every_frame_with_head_and_margin(make_frame: Any, fixed: Any) -> None:
    out = run(Redactor(fixed(FACE)), [make_frame(i) for i in range(23)])
    assert {frame.state for frame in out} == {State.MASKED}
    for frame in out:
        assert covers(frame, 100, 60, 40, 48)
        assert frame.masks[0].w >= 56, "ears too"
        assert frame.masks[0].h >= 72, "and hair"
        assert {mask.track for mask in frame.masks} == {1}
    assert [mask.source for frame in out for mask in frame.masks][:2] == [
        Source.DETECTED,
        Source.PROPAGATED,
    ]


def test_nothing_found_at_both_looks_leaves_clear_and_untouched(
    make_frame: Any, fixed: Any
) -> None:
    frames = [make_frame(i) for i in range(7)]
    before = [samples(frame.picture.planes[0]).copy() for frame in frames]
    out = run(Redactor(fixed()), frames)
    assert {frame.state for frame in out} == {State.CLEAR}
    for old, new in zip(before, out, strict=True):
        assert (old == planes(new)[0]).all()


def test_a_face_seen_only_at_the_later_look_is_covered_from_the_earlier_one(
    make_frame: Any, fixed: Any
) -> None:
    detector = fixed()
    redactor = Redactor(detector, look_frames=6, look_us=10**9)
    out = redactor.push(make_frame(0))
    detector.found = [FACE]
    for i in range(1, 7):
        out += redactor.push(make_frame(i))
    assert [frame.index for frame in out] == list(range(6))
    assert all(covers(frame, 100, 60, 40, 48) for frame in out)


def test_a_face_the_later_look_misses_stays_covered_beyond_it(make_frame: Any, fixed: Any) -> None:
    detector = fixed(FACE)
    redactor = Redactor(detector, look_frames=5, look_us=10**9)
    out = redactor.push(make_frame(0))
    detector.found = []
    for i in range(1, 11):
        out += redactor.push(make_frame(i))
    assert len(out) == 10
    assert all(covers(frame, 100, 60, 40, 48) for frame in out)
    assert out[7].masks[0].source is Source.HELD


BRIGHT = 235  # what make_frame draws is 250 at most in a channel, and less in luma


class Bright:
    """Finds white squares; keeps the sizes of the images it was given."""

    input_size = (320, 192)

    def __init__(self) -> None:
        self.sizes: list[tuple[int, int]] = []

    def detect(self, image: NDArray[np.uint8]) -> list[Detection]:
        self.sizes.append((image.shape[1], image.shape[0]))
        white = (image.min(axis=2) > 245).astype(np.uint8)
        _, _, stats, _ = cv2.connectedComponentsWithStats(white)
        return [
            Detection(float(x), float(y), float(w), float(h), 0.9)
            for x, y, w, h, area in stats[1:].tolist()
            if area > 60
        ]


class BrightFitting(Bright):
    """The same, of images of any size."""

    def size_for(self, width: int, height: int) -> tuple[int, int]:
        return width, height


def white_at(x: int, y: int, side: int = 14) -> Any:
    def change(image: NDArray[np.uint8]) -> None:
        image[y : y + side, x : x + side] = 255

    return change


def white_in(frame: RedactedFrame) -> int:
    return int((planes(frame)[0] > BRIGHT - 7).sum())


@pytest.mark.parametrize("detector", [Bright, BrightFitting])
@pytest.mark.parametrize("speed", [0, 3])
@pytest.mark.parametrize("when", [range(44, 47), range(45, 52), range(41, 57)])
def test_a_face_seen_only_between_two_looks_is_covered(
    make_frame: Any, detector: type[Bright], speed: int, when: range
) -> None:
    """On a still and on a shifting picture; looks are at 0, 20, 40, 60 and 80."""
    frames = []
    for i in range(81):
        where = white_at(150 + speed * i // 2, 80)
        frames.append(make_frame(i, shift=speed * i, change=where if i in when else None))
    assert any((samples(f.picture.planes[0]) > BRIGHT - 7).sum() > 150 for f in frames)
    out = run(Redactor(detector()), frames)
    assert len(out) == 81
    for frame in out:
        assert white_in(frame) == 0, frame.index
        assert frame.state is not State.BLANKED
    assert {frame.state for frame in out if frame.index in when} == {State.MASKED}


def walker(i: int) -> Any:
    """Somebody in dark clothes from behind, 6 pixels on with each picture; no face to find."""

    def change(image: NDArray[np.uint8]) -> None:
        x = 6 * i - 40
        image[60:160, max(0, x) : max(0, x + 34)] = (30, 40, 35)

    return change


def test_who_walks_by_without_a_face_to_find_has_a_mask_on_the_head(
    make_frame: Any, fixed: Any
) -> None:
    frames = [make_frame(i, change=walker(i - 60) if i > 60 else None) for i in range(101)]
    out = run(Redactor(fixed()), frames)
    assert {frame.state for frame in out[:60]} == {State.CLEAR}
    for frame in out[72:98]:
        x = 6 * (frame.index - 60) - 40
        assert covers(frame, x + 4, 62, 26, 14), frame.index
        assert not covers(frame, x + 4, 130, 26, 14), "legs are no head"
        assert {mask.kind for mask in frame.masks} == {"moving"}
        assert sum(mask.w for mask in frame.masks) < 160


def test_whoever_walks_is_covered_whole_where_persons_are(make_frame: Any, fixed: Any) -> None:
    policy = Policy(cover=frozenset({Cover.FACES, Cover.PERSONS}))
    frames = [make_frame(i, change=walker(i - 60) if i > 60 else None) for i in range(101)]
    for frame in run(Redactor(fixed(), policy=policy), frames)[72:98]:
        x = 6 * (frame.index - 60) - 40
        assert covers(frame, x + 2, 62, 30, 96), frame.index


def test_a_face_within_what_the_policy_does_not_cover_is_covered(
    make_frame: Any, fixed: Any
) -> None:
    """A driver who is seen between two looks, in a car that nobody asked to cover."""
    car = fixed(Detection(100, 40, 120, 100, 0.9, "vehicle"))
    frames = [
        make_frame(i, change=white_at(150, 80) if i in range(44, 50) else None) for i in range(81)
    ]
    out = run(Redactor(Bright(), others=[car]), frames)
    assert car.looks
    for frame in out:
        assert white_in(frame) == 0, frame.index
        assert (frame.state is State.MASKED) or frame.index not in range(44, 50)
        assert all(mask.kind != "vehicle" for mask in frame.masks)


def test_a_still_camera_is_looked_at_only_where_something_changed(make_frame: Any) -> None:
    detector = BrightFitting()
    redactor = Redactor(detector)
    frames = [make_frame(i, change=white_at(150, 80) if i >= 40 else None) for i in range(76)]
    out = [frame for one in frames for frame in redactor.push(one)]
    assert detector.sizes[0] == (320, 192)
    later = detector.sizes[1:]
    assert later, "what came was looked at"
    assert all(w * h < 320 * 192 / 4 for w, h in later)
    assert len(later) <= 3, "and not again and again"
    for frame in out:
        assert white_in(frame) == 0, frame.index
        assert (frame.state is State.MASKED) or frame.index < 40


def test_a_plain_face_that_moves_on_a_little_is_looked_at_whole(make_frame: Any) -> None:
    frames = [make_frame(i, change=white_at(100 + i // 4, 60, side=64)) for i in range(61)]
    for frame in run(Redactor(BrightFitting(), look_frames=5), frames):
        assert white_in(frame) == 0, frame.index


def test_a_still_camera_in_front_of_which_nothing_happens_is_seldom_looked_at(
    make_frame: Any,
) -> None:
    detector = BrightFitting()
    out = run(Redactor(detector), [make_frame(i) for i in range(251)])
    assert {frame.state for frame in out} == {State.CLEAR}
    assert detector.sizes == [(320, 192)] * len(detector.sizes)
    assert 2 <= len(detector.sizes) <= 4, "a few times in ten seconds, whatever happens"


class Seeking:
    """Finds again, in any picture, the patch that the first picture has at FACE."""

    input_size = (320, 192)

    def __init__(self) -> None:
        self._patch: NDArray[np.uint8] | None = None

    def detect(self, image: NDArray[np.uint8]) -> list[Detection]:
        x, y, w, h = int(FACE.x), int(FACE.y), int(FACE.w), int(FACE.h)
        if self._patch is None:
            self._patch = image[y : y + h, x : x + w].copy()
        _, _, _, where = cv2.minMaxLoc(cv2.matchTemplate(image, self._patch, cv2.TM_CCOEFF_NORMED))
        return [Detection(float(where[0]), float(where[1]), w, h, 0.9)]


def test_a_mask_follows_what_moves(make_frame: Any) -> None:
    redactor = Redactor(Seeking(), look_frames=10, look_us=10**9)
    out = redactor.push(make_frame(0))
    for i in range(1, 11):
        out += redactor.push(make_frame(i, shift=6 * i))
    assert len(out) == 10
    for frame in out:
        assert covers(frame, 100 + 6 * frame.index, 60, 40, 48)
        assert sum(mask.w for mask in frame.masks) < 160, "the mask must not just be wide"


def test_a_camera_that_turns_between_two_measured_pictures_is_followed(make_frame: Any) -> None:
    redactor = Redactor(Seeking(), look_frames=12, look_us=10**9)
    out = redactor.push(make_frame(0))
    where = [9 * min(i, 14 - i) for i in range(13)]  # it turns at picture 7, between two steps
    for i in range(1, 13):
        out += redactor.push(make_frame(i, shift=where[i]))
    assert len(out) == 12
    for frame in out:
        assert covers(frame, 100 + where[frame.index], 60, 40, 48), frame.index
        assert sum(mask.w for mask in frame.masks) < 160, "the mask must not just be wide"


def test_a_small_miss_of_flow_is_spread_and_a_large_one_is_followed_back(
    make_frame: Any, fixed: Any
) -> None:
    for miss in (9, 30):  # of 40: within what counts as arrived, and beyond it
        detector = fixed(FACE)
        redactor = Redactor(detector, look_frames=10, look_us=10**9)
        out = redactor.push(make_frame(0))
        detector.found = [Detection(100 + miss, 60, 40, 48, 0.9)]
        for i in range(1, 11):
            out += redactor.push(make_frame(i))
        assert len(out) == 10
        for frame in out:
            if miss == 30:
                assert covers(frame, 100, 60, 40, 48), "where flow says"
            part = frame.index / 10 if miss == 9 else 1
            assert covers(frame, 100 + int(miss * part), 60, 40, 48), "where the later look says"


def test_a_late_detector_delays_and_makes_nothing_clear(make_frame: Any) -> None:
    class Late:
        input_size = (320, 192)

        def __init__(self) -> None:
            self.asked = threading.Semaphore(0)
            self.answer = threading.Semaphore(0)

        def detect(self, _image: NDArray[np.uint8]) -> list[Detection]:
            self.asked.release()
            assert self.answer.acquire(timeout=120)
            return [FACE]

    detector = Late()
    redactor = Redactor(detector, look_frames=3, look_us=10**9)
    out: list[RedactedFrame] = []

    def work() -> None:
        for i in range(7):
            out.extend(redactor.push(make_frame(i)))

    thread = threading.Thread(target=work)
    thread.start()
    for looks, ready in ((1, 0), (2, 0), (3, 3)):
        assert detector.asked.acquire(timeout=120), f"look {looks}"
        assert len(out) == ready, "nothing leaves while a look is under way"
        detector.answer.release()
    thread.join(120)
    assert [frame.index for frame in out] == list(range(6))
    assert {frame.state for frame in out} == {State.MASKED}


@pytest.mark.parametrize("when", [range(3, 11), range(10, 18)])
def test_what_a_visit_finds_is_covered_at_a_look_that_did_not_find_it(
    make_frame: Any, when: range
) -> None:
    """The look at picture 10 sees it too dark for a face; pictures around it show it plainly."""

    def change(i: int) -> Any:
        def draw(image: NDArray[np.uint8]) -> None:
            if i in when:
                image[90:106, 200:216] = 200 if i == 10 else 255

        return draw

    redactor = Redactor(BrightFitting(), look_frames=10, look_us=10**9)
    out = run(redactor, [make_frame(i, change=change(i)) for i in range(21)])
    shown = [frame.index for frame in out if covers(frame, 202, 92, 12, 12)]
    assert set(when) <= set(shown)


def test_a_cut_is_looked_at_on_both_sides_and_ends_the_tracks(make_frame: Any, fixed: Any) -> None:
    detector = fixed(FACE)
    redactor = Redactor(detector)
    out = [frame for i in range(4) for frame in redactor.push(make_frame(i, seed=1))]
    assert detector.looks == 1
    assert out == []
    out = redactor.push(make_frame(4, seed=2))
    assert detector.looks == 3
    assert [frame.index for frame in out] == [0, 1, 2, 3]
    out = redactor.flush()
    assert [mask.track for mask in out[0].masks] == [2]


@pytest.mark.parametrize(
    "answer",
    [
        RuntimeError("broken"),
        [Detection(math.nan, 1, 2, 3, 0.9)],
        [Detection(1, 1, math.inf, 3, 0.9)],
        [Detection(1, 1, -5, 3, 0.9)],
        [Detection(1e9, 1, 5, 3, 0.9)],
        [Detection(1, 1, 1e9, 3, 0.9)],
        [Detection(1, 1, 5, 3, math.nan)],
        [FACE] * 5000,
        None,
        "face",
        [(1, 2, 3, 4)],
        [Detection("1", None, 2, 3, 0.9)],  # type: ignore[arg-type]
    ],
)
def test_a_look_without_a_sane_answer_blanks_whole_frames(
    make_frame: Any, fixed: Any, answer: Any
) -> None:
    class Faulty(fixed):  # type: ignore[misc]
        def detect(self, _image: NDArray[np.uint8]) -> Any:
            super().detect(_image)
            if self.looks != 2:
                return [FACE]
            if isinstance(answer, Exception):
                raise answer
            return answer

    redactor = Redactor(Faulty(), look_frames=4, look_us=10**9)
    out = run(redactor, [make_frame(i) for i in range(14)])
    assert [frame.state for frame in out] == [State.BLANKED] * 8 + [State.MASKED] * 6
    for frame in out[:8]:
        assert is_blank(frame)
        assert frame.reason.startswith("the detector")


@pytest.mark.parametrize("size", [(0, 0), (-32, 32), None, (1, 2, 3), ("wide", 1), (10**9, 10**9)])
def test_a_detector_that_wants_an_impossible_image_blanks(
    make_frame: Any, fixed: Any, size: Any
) -> None:
    detector = fixed(FACE)
    detector.input_size = size
    out = run(Redactor(detector), [make_frame(i) for i in range(4)])
    assert [frame.state for frame in out] == [State.BLANKED] * 4
    assert all(is_blank(frame) and frame.reason for frame in out)


def test_a_detector_that_cannot_say_what_it_wants_blanks_looks_at_parts_too(
    make_frame: Any,
) -> None:
    class Bad:
        input_size = (64, 32)

        def size_for(self, width: int, height: int) -> tuple[int, int]:
            raise RuntimeError

        def detect(self, image: NDArray[np.uint8]) -> list[Detection]:
            return []

    frames = [make_frame(i, change=white_at(60 + i, 60) if i > 10 else None) for i in range(45)]
    assert all(is_blank(frame) for frame in run(Redactor(Bad()), frames))


@pytest.mark.parametrize("size", [(1, 961), (2000, 1), (2000, 3), (3, 2), (1, 1)])
def test_the_thinnest_picture_raises_nothing(
    make_frame: Any, fixed: Any, size: tuple[int, int]
) -> None:
    frames = [make_frame(i, size=size) for i in range(25)]
    assert len(run(Redactor(fixed()), frames)) == 25


def test_damaged_frames_are_blanked_and_the_next_starts_afresh(make_frame: Any, fixed: Any) -> None:
    frames = [make_frame(i, damaged=i in (3, 4)) for i in range(8)]
    out = run(Redactor(fixed(FACE)), frames)
    assert [frame.index for frame in out] == list(range(8))
    assert [frame.state for frame in out] == [State.MASKED] * 3 + [State.BLANKED] * 2 + [
        State.MASKED
    ] * 3
    assert is_blank(out[3])
    assert out[4].reason == DAMAGED


def test_another_size_in_mid_stream_is_taken_up(make_frame: Any, fixed: Any) -> None:
    frames = [make_frame(i, size=(320, 192) if i < 5 else (200, 120)) for i in range(10)]
    out = run(Redactor(fixed(FACE)), frames)
    assert [frame.index for frame in out] == list(range(10))
    assert [frame.picture.width for frame in out] == [320] * 5 + [200] * 5


def test_looks_keep_to_time_where_frames_are_few(make_frame: Any, fixed: Any) -> None:
    detector = fixed(FACE)
    run(Redactor(detector), [make_frame(i, step_us=100_000) for i in range(21)])
    assert detector.looks == 6  # every 400 ms of two seconds


def test_a_time_that_stands_still_or_goes_back_does_not_put_off_the_look(
    make_frame: Any, fixed: Any
) -> None:
    for step in (0, -40_000):
        redactor = Redactor(fixed(FACE), look_frames=5)
        out = [f for i in range(11) for f in redactor.push(make_frame(i, step_us=step))]
        assert len(out) == 10


@pytest.mark.parametrize(
    "form", ["yuv420p", "yuvj420p", "yuv422p", "yuv444p10le", "gray", "bgra", "nv12", "rgb24"]
)
@pytest.mark.parametrize("size", [(320, 192), (321, 193), (2, 2), (1, 1), (17, 240)])
def test_every_format_and_size_comes_out_even_and_masked(
    make_frame: Any, fixed: Any, form: str, size: tuple[int, int]
) -> None:
    policy = Policy(cover=frozenset({Cover.FACES, Cover.PERSONS}))  # a face's mask is an oval
    out = run(
        Redactor(fixed(Detection(0, 0, 320, 192, 0.9, "person")), policy=policy),
        [make_frame(i, size=size, form=form) for i in range(3)],
    )
    assert len(out) == 3
    for frame in out:
        assert frame.picture.format.name == "yuv420p"
        assert (frame.picture.width, frame.picture.height) == (
            size[0] + size[0] % 2,
            size[1] + size[1] % 2,
        )
        assert frame.state is State.MASKED
        assert is_blank(frame), "the mask is the whole picture here"


events = st.lists(
    st.tuples(
        st.sampled_from(["frame"] * 8 + ["damaged", "cut", "reset"]),
        st.integers(0, 200_000),
    ),
    max_size=60,
)
answers = st.lists(
    st.one_of(
        st.just("raise"),
        st.lists(
            st.builds(
                Detection,
                *[st.floats(allow_nan=True, width=32) | st.floats(-50, 400)] * 4,
                st.floats(0, 1) | st.just(math.nan),
            ),
            max_size=3,
        ),
        st.just([]),
        st.just([FACE]),
    ),
    min_size=1,
    max_size=10,
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(events=events, answers=answers, look_frames=st.integers(1, 12))
def test_any_detector_any_stream_every_frame_once_in_order_and_clear_only_by_verdict(
    make_frame: Any, events: list[tuple[str, int]], answers: list[Any], look_frames: int
) -> None:
    detector = Fuzzed(answers)
    redactor = Redactor(detector, look_frames=look_frames)
    out: list[RedactedFrame] = []
    at = seed = 0
    for index, (event, step) in enumerate(events):
        if event == "reset":
            out += redactor.reset("test")
        seed += event == "cut"
        frame = make_frame(index, seed=seed, damaged=event == "damaged", size=(64, 48))
        at += step
        frame.captured_us = at
        out += redactor.push(frame)
        assert all(frame.state is State.BLANKED or detector.sane for frame in out)
    out += redactor.flush()
    assert [frame.index for frame in out] == list(range(len(events)))
    for frame, (event, _) in zip(out, events, strict=True):
        blank = frame.state is State.BLANKED
        assert blank or (event != "damaged" and detector.sane)
        assert not blank or (frame.reason and is_blank(frame))


class Fuzzed:
    """Answers in turn what it was given; counts the answers that could be taken."""

    input_size = (320, 192)

    def __init__(self, answers: list[Any]) -> None:
        self._answers = answers
        self._calls = 0
        self.sane = 0

    def detect(self, _image: NDArray[np.uint8]) -> list[Detection]:
        answer = self._answers[self._calls % len(self._answers)]
        self._calls += 1
        if answer == "raise":
            raise OSError
        numbers = [n for found in answer for n in (found.x, found.y, found.w, found.h, found.score)]
        self.sane += all(math.isfinite(n) for n in numbers)
        return list(answer)
