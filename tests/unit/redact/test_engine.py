"""Engines compute the same maps, say how exact they are, and bring nothing along that talks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from scrim.errors import EngineUnavailable
from scrim.redact import CenterFace, default_model
from scrim.redact._openvino import is_installed
from scrim.redact.centerface import blob_of
from scrim.redact.engine import Blob, Kind, Maps, build
from scrim.redact.model import read_model

SIZE = (64, 96)  # height, width


@pytest.fixture(scope="module")
def model() -> bytes:
    if not default_model().exists():
        pytest.skip("needs the face model; `make test` puts it there")
    return read_model(default_model())


def noise(seed: int) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (*SIZE, 3)).astype(np.uint8)


def test_several_pictures_in_one_call_are_answered_like_each_alone(model: bytes) -> None:
    engine = build(Kind.ONNXRUNTIME, model)
    blobs = [blob_of(noise(seed)) for seed in range(3)]
    together = engine.run(np.concatenate(blobs))
    for number, blob in enumerate(blobs):
        for whole, alone in zip(together, engine.run(blob), strict=True):
            np.testing.assert_allclose(whole[number], alone[0], atol=1e-4)


def test_the_blob_is_red_green_blue_and_planar() -> None:
    image = np.zeros((32, 64, 3), np.uint8)
    image[3, 5] = (10, 20, 30)
    blob = blob_of(image)
    assert blob.shape == (1, 3, 32, 64)
    assert blob.dtype == np.dtype(np.float32)
    assert blob[0, :, 3, 5].tolist() == [30, 20, 10]


def test_without_its_library_or_its_model_an_engine_says_what_to_do(model: bytes) -> None:
    with pytest.raises(EngineUnavailable, match="scrim engine quantise"):
        build(Kind.INT8, model)
    if not is_installed():
        with pytest.raises(EngineUnavailable, match=r"scrim-cctv\[accel\]"):
            build(Kind.OPENVINO, model)


class Faint:
    """Sees one face, at score 0.15."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind

    def run(self, blob: Blob) -> Maps:
        rows, columns = blob.shape[2] // 4, blob.shape[3] // 4
        heat = np.zeros((1, 1, rows, columns), np.float32)
        heat[0, 0, 5, 5] = 0.15
        size = np.full((1, 2, rows, columns), np.log(5), np.float32)
        return Maps(heat, size, np.zeros_like(size))


@pytest.mark.parametrize(
    ("kind", "found"),
    [(Kind.ONNXRUNTIME, 0), (Kind.OPENVINO, 0), (Kind.OPENVINO_BF16, 1), (Kind.INT8, 1)],
)
def test_what_an_engine_that_rounds_may_score_too_low_counts(kind: Kind, found: int) -> None:
    detector = CenterFace(default_model(), threshold=0.18, engine=Faint(kind))
    assert len(detector.detect(noise(0))) == found


def test_openvino_is_loaded_without_what_reports_to_its_maker(tmp_path: Path) -> None:
    """A stand-in with the same habits: it reports its own import where it can."""
    package = tmp_path / "openvino"
    (package / "tools" / "ovc").mkdir(parents=True)
    (package / "tools" / "__init__.py").write_text("")
    (package / "tools" / "ovc" / "__init__.py").write_text(
        "import openvino_telemetry\nopenvino_telemetry.send('imported')\n"
    )
    (package / "__init__.py").write_text(
        "try:\n    from openvino.tools.ovc import nothing\nexcept ImportError:\n    pass\n"
        "works = True\n"
    )
    reports = tmp_path / "reports"
    (tmp_path / "openvino_telemetry.py").write_text(
        f"import pathlib\ndef send(what):\n    pathlib.Path({str(reports)!r}).write_text(what)\n"
        f"send('loaded')\n"
    )

    def run(code: str) -> None:
        path = f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        subprocess.run([sys.executable, "-c", path + code], check=True)

    run("import openvino")
    assert reports.read_text() == "imported"  # the stand-in does what the real one does
    reports.unlink()
    run("from scrim.redact._openvino import openvino\nassert openvino().works\nopenvino()")
    assert not reports.exists()


def test_openvino_that_came_with_its_telemetry_is_refused(tmp_path: Path) -> None:
    (tmp_path / "openvino_telemetry.py").write_text("")
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "import openvino_telemetry\n"
        "from scrim.redact._openvino import openvino\n"
        "try:\n    openvino()\nexcept ImportError:\n    sys.exit(7)\n"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 7


@pytest.mark.skipif(not is_installed(), reason="needs the extra accel: pip install -e .[accel]")
def test_openvino_in_float32_answers_as_onnxruntime_does(model: bytes) -> None:
    blob = blob_of(noise(1))
    expected = build(Kind.ONNXRUNTIME, model).run(blob)
    for ours, theirs in zip(expected, build(Kind.OPENVINO, model).run(blob), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-3)
