from itertools import islice

import numpy as np
from bench.redaction import drawn
from bench.redaction.material import Face

SIZE = (640, 360)


def test_a_drawn_face_is_where_its_box_says() -> None:
    empty = drawn.background(SIZE).astype(int)
    picture, faces = next(drawn.crowd(SIZE, 7, moving=False))
    assert picture.shape == (360, 640, 3)
    counted = [face for face in faces if face.counted]
    assert len(counted) > 4
    for face in counted:
        x, y, w, h = (round(v) for v in face.box)
        part = np.abs(picture.astype(int) - empty)[max(0, y) : y + h, max(0, x) : x + w]
        assert part.mean() > 12  # noise alone changes about 1


def test_a_face_behind_somebody_does_not_count() -> None:
    owner = np.full((100, 100), 3, np.int16)
    assert drawn.counted(Face(3, (10, 10, 20, 20)), owner, (100, 100))
    owner[10:30, 10:14] = 4  # a fifth of it
    assert not drawn.counted(Face(3, (10, 10, 20, 20)), owner, (100, 100))


def test_the_empty_scene_changes_by_noise_only() -> None:
    first, second = (picture.astype(int) for picture, _ in islice(drawn.empty(SIZE), 2))
    off = np.abs(first - second)
    assert 0 < off.mean() < 3
    assert off.max() < 20
