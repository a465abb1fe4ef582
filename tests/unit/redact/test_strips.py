"""A picture in strips: every line is in one, and the network answers as it does in one piece."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrim.record.engine_pictures import check_pictures
from scrim.redact import CenterFace, default_model
from scrim.redact._onnx import _fields, _names, merged, part
from scrim.redact._runtime import onnxruntime
from scrim.redact._strips import strips
from scrim.redact.engine import _REACH as REACH
from scrim.redact.engine import _SEAMS, INPUT, OUTPUTS, Blob, Kind, Maps, OnnxRuntime, prepared
from scrim.redact.model import read_model

SMALL = 8192  # pixels of a strip, so that small pictures have several


@pytest.fixture(scope="module")
def model() -> bytes:
    if not default_model().exists():
        pytest.skip("needs the face model; `make test` puts it there")
    return read_model(default_model())


class Whole:
    """The network as it is in the file, in one session."""

    kind = Kind.ONNXRUNTIME

    def __init__(self, model: bytes) -> None:
        self._session = onnxruntime.InferenceSession(
            prepared(model), providers=["CPUExecutionProvider"]
        )

    def run(self, blob: Blob) -> Maps:
        return Maps(*self._session.run(OUTPUTS, {INPUT: blob}))


@pytest.fixture(scope="module")
def whole(model: bytes) -> Whole:
    return Whole(model)


@pytest.fixture(scope="module")
def striped(model: bytes) -> OnnxRuntime:
    return OnnxRuntime(model, pixels=SMALL)


@given(st.integers(1, 80), st.integers(1, 80), st.integers(1, 10**7))
def test_each_line_is_in_one_strip_and_its_neighbours_are_known(
    columns: int, rows: int, pixels: int
) -> None:
    width, height = 32 * columns, 32 * rows
    cut = strips(width, height, REACH, pixels)
    assert [line for strip in cut for line in range(strip.begin, strip.end)] == list(range(height))
    for strip in cut:
        assert strip.begin % 8 == strip.end % 8 == strip.top % 8 == strip.bottom % 8 == 0
        assert strip.top == max(0, strip.begin - 16)
        assert strip.bottom == min(height, strip.end + 8)
        for stride in (4, 8):
            there, here = strip.there(stride), strip.here(stride)
            assert there.stop - there.start == here.stop - here.start
            assert there.start - here.start == strip.top // stride


@pytest.mark.parametrize(
    ("size", "heights"),
    [
        ((96, 96), [96]),
        ((640, 352), [352]),
        ((800, 448), [448]),  # in two, its neighbours' lines would cost what the cache saves
        ((960, 544), [272, 272]),
        ((1216, 704), [176] * 4),
        ((1920, 1088), [128] * 8 + [64]),
    ],
)
def test_strips_are_few_and_about_equally_high(size: tuple[int, int], heights: list[int]) -> None:
    assert [strip.end - strip.begin for strip in strips(*size, REACH)] == heights


def noise(width: int, height: int, pictures: int = 1) -> Blob:
    random = np.random.default_rng(width * height + pictures)
    return random.integers(0, 256, (pictures, 3, height, width)).astype(np.float32)


def assert_same(ours: Maps, theirs: Maps) -> None:
    np.testing.assert_allclose(ours.heat, theirs.heat, atol=1e-5, rtol=0)
    np.testing.assert_allclose(ours.size, theirs.size, atol=5e-5, rtol=0)
    np.testing.assert_allclose(ours.offset, theirs.offset, atol=5e-5, rtol=0)


@pytest.mark.parametrize(
    "size",
    [
        (32, 32),
        (32, 352),  # one strip of all
        (352, 32),  # two of 16 lines, less than is seen above
        (2048, 32),  # four of 8
        (96, 96),
        (160, 224),
        (320, 192),
        (416, 288),
        (224, 608),
    ],
)
@pytest.mark.parametrize("pictures", [1, 3])
def test_maps_are_those_of_the_network_in_one_piece(
    whole: Whole, striped: OnnxRuntime, size: tuple[int, int], pictures: int
) -> None:
    blob = noise(*size, pictures)
    assert_same(striped.run(blob), whole.run(blob))


def test_so_they_are_at_the_size_of_a_look(model: bytes, whole: Whole) -> None:
    blob = noise(1216, 704)
    assert len(strips(1216, 704, REACH)) > 1
    assert_same(OnnxRuntime(model).run(blob), whole.run(blob))


@pytest.mark.parametrize("line", range(64, 72))
def test_the_first_layers_see_no_further_than_strips_are_given_lines(
    striped: OnnxRuntime, line: int
) -> None:
    grey = np.full((1, 3, 128, 32), 128, np.float32)
    changed = grey.copy()
    changed[..., line, :] = 255
    for before, after, (_, _, stride) in zip(
        *(striped._first.run(striped._names, {INPUT: blob}) for blob in (grey, changed)),
        _SEAMS,
        strict=True,
    ):
        for row in np.flatnonzero((before != after).any(axis=(0, 1, 3))):
            begin = row * stride // 8 * 8  # of the shortest strip that the row may be in
            assert begin - REACH.above <= line < begin + 8 + REACH.below


@pytest.mark.parametrize("off", [-12, -4, 0, 4, 12])
def test_a_face_on_a_seam_is_found_as_elsewhere(
    model: bytes, whole: Whole, striped: OnnxRuntime, off: int
) -> None:
    picture = next(iter(check_pictures()))
    height, width = picture.shape[:2]
    in_one = CenterFace(default_model(), threshold=0.2, engine=whole)
    in_strips = CenterFace(default_model(), threshold=0.2, engine=striped)
    face = max(in_one.detect(picture), key=lambda found: found.score)
    seam = strips(width, height, REACH, SMALL)[2].begin
    moved = np.roll(picture, seam + off - round(face.y + face.h / 2), axis=0)
    expected = in_one.detect(moved)
    assert any(found.y < seam + off < found.y + found.h for found in expected)
    for ours, theirs in zip(in_strips.detect(moved), expected, strict=True):
        assert (ours.x, ours.y, ours.w, ours.h, ours.score) == pytest.approx(
            (theirs.x, theirs.y, theirs.w, theirs.h, theirs.score), abs=1e-2
        )


def test_another_network_is_refused(model: bytes) -> None:
    with pytest.raises(ValueError, match="394"):
        part(model.replace(b"394", b"xyz"), {INPUT: (1, 3, 32, 32)}, ["394"])


def gives(network: bytes) -> list[str]:
    graph = next(body for field, _, body in _fields(memoryview(network)) if field == 7)
    nodes = [body for field, _, body in _fields(graph) if field == 1]
    return [name for node in nodes for name in _names(node, 2)]


def test_both_parts_have_each_node_of_the_whole_once(model: bytes) -> None:
    first = gives(part(model, {INPUT: (1, 3, 32, 32)}, ["531", "394"]))
    rest = gives(part(model, {"531": (1, 24, 8, 8), "394": (1, 32, 4, 4)}, OUTPUTS))
    assert not set(first) & set(rest)
    assert sorted(first + rest) == sorted(gives(prepared(model)))


def test_two_convolutions_in_a_row_become_one(model: bytes, whole: Whole) -> None:
    ours = merged(model, "507", "509")
    assert "507" in gives(model)
    assert "507" not in gives(ours)
    blob = noise(96, 64)
    assert_same(Whole(ours).run(blob), whole.run(blob))


@pytest.mark.parametrize("pair", [("507", "xyz"), ("504", "509"), ("509", "507")])
def test_convolutions_that_do_not_follow_each_other_are_not_merged(
    model: bytes, pair: tuple[str, str]
) -> None:
    with pytest.raises(ValueError, match="the model has no"):
        merged(model, *pair)


_MEMORY = """
import numpy as np
from pathlib import Path
from scrim.redact import default_model
from scrim.redact.engine import OnnxRuntime
from scrim.redact.model import read_model

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 2**20

engine = OnnxRuntime(read_model(default_model()))
before = resident()
sizes = [(96, 96), (1216, 704), (640, 352), (960, 544), (1216, 416), (512, 704)]
steps = []
for turn in range(6):
    for width, height in sizes:
        engine.run(np.zeros((1, 3, height, width), np.float32))
    steps.append(resident() - before)
print(steps[0], steps[-1])
"""


def test_memory_is_there_once_for_all_sizes_and_does_not_grow(model: bytes) -> None:
    out = subprocess.run(
        [sys.executable, "-c", _MEMORY], check=True, capture_output=True, text=True
    )
    first, last = map(float, out.stdout.split())
    assert last < 150  # MiB; the widest value alone is 82 in one piece
    assert last - first < 40
