"""The network's maps become boxes; the model is the pinned one; its size follows the picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from scrim.errors import DetectorFailed, ModelAltered, ModelMissing
from scrim.redact import CenterFace, Detection, default_model
from scrim.redact._onnx import _fields, _names, with_input_shape
from scrim.redact.centerface import decode
from scrim.redact.model import read_model


def maps(*cells: tuple[int, int, float, float, float]) -> list[NDArray[np.float32]]:
    """Heat, size and offset with faces at (row, column, height, width, score)."""
    heat = np.zeros((22, 40), np.float32)
    size = np.zeros((2, 22, 40), np.float32)
    offset = np.zeros((2, 22, 40), np.float32)
    for row, column, height, width, score in cells:
        heat[row, column] = score
        size[:, row, column] = np.log([height / 4, width / 4])
    return [heat, size, offset]


def boxes(maps: list[NDArray[np.float32]]) -> list[Detection]:
    heat, size, offset = maps
    return decode(heat, size, offset, 0.2)


def test_a_peak_becomes_a_box_around_its_centre() -> None:
    (found,) = boxes(maps((10, 20, 24, 16, 0.9)))
    assert (found.x, found.y, found.w, found.h) == pytest.approx((74, 30, 16, 24), abs=1e-3)
    assert found.score == pytest.approx(0.9)
    assert found.kind == "face"


def test_neighbouring_peaks_of_one_face_become_one_box() -> None:
    found = boxes(maps((10, 20, 40, 40, 0.5), (10, 21, 40, 40, 0.9), (3, 5, 20, 20, 0.3)))
    assert [round(face.score, 1) for face in found] == [0.9, 0.3]


def test_scores_under_the_threshold_do_not_count() -> None:
    assert boxes(maps((10, 20, 24, 16, 0.19))) == []


@pytest.mark.parametrize("which", [0, 1, 2])
def test_maps_that_are_not_finite_are_no_answer(which: int) -> None:
    broken = maps((10, 20, 24, 16, 0.9))
    broken[which][..., 10, 20] = np.nan
    with pytest.raises(DetectorFailed):
        boxes(broken)


def test_a_missing_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match=r"gone\.onnx"):
        CenterFace(tmp_path / "gone.onnx")


def test_an_altered_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other.onnx").write_bytes(b"other")
    with pytest.raises(ModelAltered, match="not the one"):
        CenterFace(tmp_path / "other.onnx")


@pytest.mark.parametrize("data", [b"", b"\xff" * 40, b"\x3a\x7f", b"\x08\x04"])
def test_bytes_that_are_no_model_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        with_input_shape(data, "input.1", (1, 3, 32, 32), ["537"])


@pytest.fixture(scope="module")
def centerface() -> CenterFace:
    if not default_model().exists():
        pytest.skip("needs the face model; `make test` puts it there")
    return CenterFace(default_model())


def test_landmarks_are_cut_out_of_the_network(centerface: CenterFace) -> None:
    del centerface  # skips where there is no model
    whole = read_model(default_model())
    wanted = ["537", "538", "539"]

    def gives(model: bytes) -> set[str]:
        graph = next(body for field, _, body in _fields(memoryview(model)) if field == 7)
        nodes = [body for field, _, body in _fields(graph) if field == 1]
        return {name for node in nodes for name in _names(node, 2)}

    cut = with_input_shape(whole, "input.1", (1, 3, "height", "width"), wanted)
    assert gives(whole) - gives(cut) == {"540"}
    assert gives(cut) <= gives(whole)


@pytest.mark.parametrize(
    ("picture", "look"),
    [
        ((1920, 1080), (1216, 704)),  # a face of 15.6 pixels has 10 in it
        ((1280, 720), (640, 352)),  # one of 20 has
        ((720, 1280), (352, 640)),
        ((640, 480), (544, 416)),  # small pictures are shrunk less
        ((480, 270), (480, 256)),
        ((3840, 2160), (1216, 704)),  # and large ones more
        ((10_000, 10), (896, 96)),
    ],
)
def test_the_look_resolves_the_smallest_face_in_the_aspect_of_the_picture(
    centerface: CenterFace, picture: tuple[int, int], look: tuple[int, int]
) -> None:
    assert centerface.size_for(*picture) == look


@pytest.mark.parametrize("size", [(320, 192), (192, 320), (64, 64)])
def test_it_runs_at_any_multiple_of_32_and_finds_no_face_in_grey(
    centerface: CenterFace, size: tuple[int, int]
) -> None:
    assert centerface.detect(np.full((size[1], size[0], 3), 128, np.uint8)) == []


def test_a_size_the_network_cannot_take_is_a_failure_and_not_a_crash(
    centerface: CenterFace,
) -> None:
    with pytest.raises(DetectorFailed):
        centerface.detect(np.zeros((33, 47, 3), np.uint8))
