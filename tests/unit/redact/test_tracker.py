"""Finds become tracks: what begins one, what goes on with one, and what ends it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from tests.unit.redact.conftest import noise

from scrim.redact import Detection, Source
from scrim.redact._cover import Piece
from scrim.redact._flow import Path
from scrim.redact._laid import lay
from scrim.redact._stretch import Stretch
from scrim.redact._tracker import LookedAt, Tracker

SIZE = (320, 192)
LAST = 6
STRONG = Detection(100, 60, 42, 48, 0.9)
FAINT = Detection(102, 61, 42, 48, 0.1)
FAINTER = Detection(102, 61, 42, 48, 0.065)
AT_RIM = Detection(2, 60, 40, 48, 0.15)

Luma = NDArray[np.uint8]


def everywhere(kind: str, x: float, y: float) -> bool:
    return True


def nowhere(kind: str, x: float, y: float) -> bool:
    return False


def still(last: int = LAST) -> Stretch:
    luma = cv2.cvtColor(noise(*SIZE, seed=1), cv2.COLOR_BGR2GRAY).astype(np.uint8)
    at = [*range(0, last, 2), last]
    return Stretch(lambda _: luma, at, np.zeros((last + 1, 2)), 1.0)


def begun(*found: Detection, threshold: float = 0.2) -> Tracker:
    tracker = Tracker(SIZE, threshold)
    tracker.begin(found)
    return tracker


def on(
    tracker: Tracker, *found: Detection, looked_at: LookedAt = everywhere, patience: int = 0
) -> list[list[Piece]]:
    return tracker.advance(found, looked_at, still(), patience)


def covers(pieces: Sequence[Piece], one: Detection, slack: float = 2.0) -> bool:
    return any(
        piece.box[0] <= one.x + slack
        and piece.box[1] <= one.y + slack
        and piece.box[2] >= one.x + one.w - slack
        and piece.box[3] >= one.y + one.h - slack
        for piece in pieces
    )


def test_a_find_at_either_look_covers_all_pictures_between_them() -> None:
    for first, second in (((STRONG,), (STRONG,)), ((STRONG,), ()), ((), (STRONG,))):
        masks = on(begun(*first), *second)
        assert len(masks) == LAST
        assert all(covers(pieces, STRONG) for pieces in masks), (first, second)


def test_a_find_at_one_look_only_grows_by_half_a_per_cent_a_picture() -> None:
    after = [pieces[0].box for pieces in on(begun(STRONG))]
    before = [pieces[0].box for pieces in on(begun(), STRONG)]
    for boxes in (after, before[::-1]):
        widths = [box[2] - box[0] for box in boxes]
        assert widths[-1] - widths[0] == pytest.approx(STRONG.w * 0.005 * (LAST - 1), abs=0.2)


def test_what_flow_has_lost_grows_by_two_per_cent_a_picture_and_thirty_at_most() -> None:
    box = np.array([100.0, 60, 142, 108])
    path = Path(np.tile(box, (61, 1, 1)), np.zeros((61, 1), np.bool_))
    masks: list[list[Piece]] = [[] for _ in range(60)]
    lay(masks, begun(STRONG).tracks[0], path, 0, 0.0)
    widths = [pieces[0].box[2] - pieces[0].box[0] for pieces in masks]
    assert widths[0] == 42
    assert widths[10] == pytest.approx(42 * 1.2)
    assert widths[59] == pytest.approx(42 * 1.3)


def test_a_find_of_the_same_goes_on_with_its_track_and_another_begins_one() -> None:
    tracker = begun(STRONG)
    on(tracker, STRONG, Detection(220, 60, 40, 48, 0.9))
    assert [track.number for track in tracker.tracks] == [1, 2]
    assert [track.seen for track in tracker.tracks] == [2, 1]


def test_a_faint_find_goes_on_with_a_track() -> None:
    tracker = begun(STRONG)
    for _ in range(4):
        masks = on(tracker, FAINT)
        (track,) = tracker.tracks
        assert (track.number, track.missed, track.source) == (1, 0, Source.DETECTED)
        assert all(covers(pieces, STRONG, slack=4) for pieces in masks)


def test_a_faint_find_alone_is_covered_only_when_it_is_found_again() -> None:
    tracker = begun(FAINT)
    assert tracker.pieces() == []
    masks = on(tracker, FAINT)
    assert all(covers(pieces, FAINT) for pieces in masks), "it has been there all the time"
    assert covers(tracker.pieces(), FAINT)
    tracker = begun(FAINT)
    assert not any(on(tracker))
    assert not any(on(tracker, FAINT))
    assert tracker.pieces() == []


@pytest.mark.parametrize(("first", "second", "counts"), [(6, 6, 0), (6, 10, 1), (10, 6, 1)])
def test_of_two_faint_finds_that_were_looked_at_again_one_must_have_shown_something(
    first: int, second: int, counts: int
) -> None:
    one, other = (replace(FAINT, score=score / 100) for score in (first, second))
    tracker = begun(one)
    masks = tracker.advance([other], everywhere, still(), again=True)
    assert all(covers(pieces, FAINT) == bool(counts) for pieces in masks)
    assert len(tracker.pieces()) == counts
    # but a mask that is there goes on
    tracker = begun(STRONG)
    tracker.advance([replace(FAINT, score=0.06)], everywhere, still(), again=True)
    assert [track.missed for track in tracker.tracks] == [0]


@pytest.mark.parametrize("kind", ["plate", "head", "person"])
def test_what_nobody_looks_at_again_needs_no_such_witness(kind: str) -> None:
    one = replace(FAINT, score=0.06, kind=kind)
    masks = begun(one).advance([one], everywhere, still(), again=True)
    assert all(covers(pieces, FAINT) for pieces in masks)


def test_the_same_picture_twice_is_no_second_witness() -> None:
    tracker = begun(FAINT)
    for _ in range(3):
        masks = tracker.advance([FAINT], everywhere, still(), 0, lambda _x, _y: False)
        assert not any(masks)
        assert tracker.pieces() == []


def test_a_doubtful_find_where_nothing_changed_has_to_be_seen_twice() -> None:
    doubtful = Detection(100, 60, 42, 48, 0.25)

    def unchanged(_x: float, _y: float) -> bool:
        return False

    tracker = begun()
    masks = tracker.advance([doubtful], everywhere, still(), fresh=unchanged)
    assert not any(masks)
    masks = tracker.advance([doubtful], everywhere, still(), fresh=unchanged)
    assert all(covers(pieces, doubtful) for pieces in masks), "from the first of the two on"
    masks = begun().advance([STRONG], everywhere, still(), fresh=unchanged)
    assert all(covers(pieces, STRONG) for pieces in masks), "no doubt"
    masks = begun().advance([doubtful], everywhere, still())
    assert all(covers(pieces, doubtful) for pieces in masks), "something changed there"


def test_a_box_as_large_as_the_picture_is_not_cut_off_by_its_rim() -> None:
    huge = Detection(2, 20, 150, 160, 0.15)
    assert begun(huge).tracks[0].tentative
    assert not begun(AT_RIM).tracks[0].tentative


def test_a_faint_find_far_from_a_track_is_not_of_it() -> None:
    tracker = begun(STRONG)
    on(tracker, Detection(140, 90, 42, 48, 0.1))
    assert [track.missed for track in tracker.tracks if not track.tentative] == [1]


def test_a_faint_find_does_not_take_a_track_from_a_strong_one() -> None:
    tracker = begun(STRONG)
    on(tracker, FAINT, STRONG)
    (track,) = tracker.tracks
    assert track.box.tolist() == [100, 60, 142, 108]


def test_nearer_to_the_rim_less_is_enough() -> None:
    """What the rim cuts off is scored lower than it would be whole."""
    assert begun(AT_RIM).pieces()
    for x, y in ((SIZE[0] - 42, 60), (100, 2), (100, SIZE[1] - 50)):
        assert begun(Detection(x, y, 40, 48, 0.15)).pieces()
        assert not begun(Detection(x, y, 40, 48, 0.08)).pieces()
    assert not begun(Detection(100, 60, 40, 48, 0.15)).pieces()


@pytest.mark.parametrize(
    ("found", "least"),
    [
        (Detection(0, 60, 12, 48, 0.9), (-24, 60, 12, 108)),
        (Detection(308, 60, 12, 48, 0.9), (308, 60, 344, 108)),
        (Detection(100, 0, 40, 16, 0.9), (100, -24, 140, 16)),
        (Detection(100, 176, 40, 16, 0.9), (100, 176, 140, 216)),
    ],
)
def test_a_face_that_a_rim_cuts_off_goes_on_beyond_it(
    found: Detection, least: tuple[float, float, float, float]
) -> None:
    (piece,) = begun(found).pieces()
    left, top, right, bottom = least
    assert covers([piece], Detection(left, top, right - left, bottom - top, 1.0), slack=0)
    assert sum(a == b for a, b in zip(piece.box, least, strict=True)) == 3
    assert piece.box[2] - piece.box[0] <= 48
    assert piece.box[3] - piece.box[1] <= 48


def test_a_face_that_fills_the_picture_goes_on_beyond_both_rims() -> None:
    tracker = Tracker((40, 200), 0.2)
    tracker.begin([Detection(0, 40, 40, 120, 0.9)])
    left, _, right, _ = tracker.pieces()[0].box
    assert (left + right) / 2 == pytest.approx(20)
    assert right - left >= 0.75 * 120
    tracker = Tracker((320, 100), 0.2)
    tracker.begin([Detection(80, 0, 160, 100, 0.9)])
    _, top, _, bottom = tracker.pieces()[0].box
    assert (top + bottom) / 2 == pytest.approx(50)
    assert bottom - top >= 1.2 * 160


@pytest.mark.parametrize(
    ("score", "looks", "extra"), [(0.9, 2, 0), (0.35, 1, 0), (0.25, 0, 0), (0.25, 2, 2)]
)
def test_a_track_that_is_not_found_is_held_for_some_looks_and_grows(
    score: float, looks: int, extra: int
) -> None:
    tracker = begun(Detection(100, 60, 40, 48, score))
    width = 40.0
    for _ in range(looks):
        on(tracker, patience=extra)
        (track,) = tracker.tracks
        assert track.source is Source.HELD
        assert track.box[2] - track.box[0] > width
        width = float(track.box[2] - track.box[0])
    assert all(covers(pieces, STRONG) for pieces in on(tracker, patience=extra))
    assert not tracker.tracks


def test_a_track_that_was_not_looked_at_is_neither_missed_nor_found() -> None:
    tracker = begun(Detection(100, 60, 40, 48, 0.25))
    for _ in range(10):
        masks = on(tracker, looked_at=nowhere)
        assert all(covers(pieces, STRONG) for pieces in masks)
    (track,) = tracker.tracks
    assert (track.missed, track.seen, track.source) == (0, 1, Source.DETECTED)
    assert track.box == pytest.approx([100, 60, 142, 108], abs=2)


def test_only_what_was_looked_for_is_missed() -> None:
    tracker = begun(
        Detection(100, 60, 40, 48, 0.25, "person"), Detection(200, 60, 40, 48, 0.25, "face")
    )
    on(tracker, looked_at=lambda kind, _x, _y: kind == "face")
    assert [track.kind for track in tracker.tracks] == ["person"]


def test_a_head_may_turn_into_a_face_and_a_person_may_not() -> None:
    tracker = begun(Detection(100, 60, 40, 48, 0.9, "head"))
    on(tracker, STRONG)
    assert [(track.number, track.kind) for track in tracker.tracks] == [(1, "face")]
    on(tracker, Detection(100, 60, 40, 48, 0.9, "person"))
    assert [(track.number, track.kind) for track in tracker.tracks] == [(2, "person"), (1, "face")]


def test_a_visit_covers_what_neither_look_found_both_ways() -> None:
    tracker = begun()
    masks = on(tracker)
    assert not any(masks)
    assert tracker.visit([STRONG, FAINTER], 1, still(), masks) == 1
    assert all(covers(pieces, STRONG) for pieces in masks)
    assert len({piece.number for pieces in masks for piece in pieces}) == 1, "it is one mask"
    assert not tracker.tracks, "the later look did not find it"


def test_a_visit_begins_masks_with_what_would_begin_one_at_any_look() -> None:
    tracker = begun()
    masks = on(tracker)
    assert tracker.visit([FAINT], 1, still(), masks) == 0
    assert tracker.visit([AT_RIM], 1, still(), masks) == 1, "a face that is cut off scores less"


@pytest.mark.parametrize(
    ("height", "score", "counts"),
    [(40, 0.075, 1), (40, 0.065, 0), (90, 0.075, 0), (90, 0.11, 1)],
)
def test_where_nobody_looks_again_a_third_as_sure_counts_and_of_large_faces_half(
    height: int, score: float, counts: int
) -> None:
    tracker = begun()
    face = Detection(100, 60, height * 0.85, height, score)
    assert tracker.visit([face], 1, still(), on(tracker), again=False) == counts


def coming(since: int) -> Stretch:
    """Somebody comes in picture ``since``, and what flow takes for them leaves as they come."""
    ground = cv2.cvtColor(noise(*SIZE, seed=1), cv2.COLOR_BGR2GRAY).astype(np.uint8)
    patch = cv2.cvtColor(noise(60, 66, seed=9), cv2.COLOR_BGR2GRAY).astype(np.uint8)

    def luma(i: int) -> Luma:
        out = ground.copy()
        left = 91 if i >= since else 91 + 12
        out[51 : 51 + 66, left : left + 60] = patch
        return out

    return Stretch(luma, [0, 2, 4, 6], np.zeros((LAST + 1, 2)), 1.0)


def test_who_comes_between_two_pictures_measured_is_covered_at_once() -> None:
    """Flow finds something like them where they are not yet, and led the mask astray."""
    stretch = coming(3)
    (middle,) = stretch.until(2).follow_back(np.array([[100.0, 60, 142, 108]])).boxes[1]
    assert middle[0] > 103, "flow alone is astray in picture 3"
    tracker = begun()
    masks: list[list[Piece]] = [[] for _ in range(LAST)]
    tracker.visit([STRONG], 2, stretch, masks)
    assert covers(masks[3], STRONG)


def test_so_is_whom_only_a_look_finds() -> None:
    masks = begun().advance([STRONG], everywhere, coming(5))
    assert covers(masks[5], STRONG)
    assert masks[5][-1].source is Source.HELD


def test_who_goes_between_two_pictures_measured_is_covered_to_the_last() -> None:
    gone = Detection(112, 60, 42, 48, 0.9)
    masks = begun(gone).advance([], everywhere, coming(2))
    assert covers(masks[1], gone)


def test_a_mask_of_a_visit_does_not_grow() -> None:
    """Larger ones explained more, so that fewer visits were paid: more was open, not less."""
    masks: list[list[Piece]] = [[] for _ in range(LAST)]
    begun().visit([STRONG], 1, still(), masks)
    widths = [piece.box[2] - piece.box[0] for pieces in masks for piece in pieces]
    assert max(widths) == pytest.approx(STRONG.w, abs=0.5)


def test_a_visit_adds_nothing_where_it_is_covered() -> None:
    tracker = begun(STRONG)
    masks = on(tracker, STRONG)
    before = [list(pieces) for pieces in masks]
    assert tracker.visit([STRONG], 1, still(), masks) == 0
    assert masks == before


def test_a_visit_covers_a_face_before_the_body_of_somebody_else() -> None:
    person = Detection(80, 20, 80, 160, 0.9, "person")
    face = Detection(100, 120, 40, 48, 0.9)
    tracker = begun(person)
    masks = on(tracker, person)
    assert tracker.visit([face], 1, still(), masks) == 1
    assert all(covers([p for p in pieces if p.kind == "face"], face) for pieces in masks)


def test_what_came_and_went_is_covered_only_while_it_was_there() -> None:
    tracker = begun()
    masks = on(tracker)
    there = range(1, 4)
    tracker.visit([STRONG], 1, still(), masks, lambda i, _box: i in there)
    assert [i for i, pieces in enumerate(masks) if covers(pieces, STRONG)] == list(there)
