import pytest
from bench.redaction.material import Box
from bench.redaction.truth import linked, overlap


def test_overlap_is_intersection_over_union() -> None:
    assert overlap((0, 0, 10, 10), (5, 0, 10, 10)) == pytest.approx(1 / 3)
    assert overlap((0, 0, 10, 10), (10, 0, 10, 10)) == 0


def test_a_face_that_moves_is_one_track_and_holes_are_filled_in_between() -> None:
    boxes: list[list[Box]] = [[(2.0 * n, 0, 20, 20)] for n in range(10)]
    boxes[4] = boxes[5] = []
    faces = linked(boxes)
    assert {face.track for frame in faces for face in frame} == {0}
    assert faces[4][0].box == pytest.approx((8, 0, 20, 20))
    assert faces[5][0].box == pytest.approx((10, 0, 20, 20))


def test_two_faces_keep_their_own_tracks() -> None:
    faces = linked([[(2.0 * n, 0, 20, 20), (100 - 2.0 * n, 0, 20, 20)] for n in range(15)])
    tracks = [{f.track: f.box[0] for f in frame} for frame in faces]
    assert all(tracks[n][0] == 2.0 * n and tracks[n][1] == 100 - 2.0 * n for n in range(15))


def test_what_is_seen_for_a_moment_is_taken_for_a_false_find() -> None:
    boxes: list[list[Box]] = [[(0, 0, 20, 20)] for _ in range(12)]
    boxes[3].append((200, 200, 20, 20))
    assert [len(frame) for frame in linked(boxes)] == [1] * 12


def test_a_long_hole_is_not_filled() -> None:
    boxes: list[list[Box]] = [[(0, 0, 20, 20)] if n < 7 or n > 20 else [] for n in range(30)]
    faces = linked(boxes)
    assert not any(faces[7:21])
    assert faces[0][0].track != faces[25][0].track
