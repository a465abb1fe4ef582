"""What is kept about engines counts where it was made, and whoever changes it is noticed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from scrim.errors import EngineUnavailable, SourceMissing, SourceNotVideo
from scrim.record import engines as module
from scrim.record.engine_files import EngineFolder, circumstances
from scrim.record.engine_pictures import calibration_pictures, check_pictures, named_pictures
from scrim.record.engines import Detectors, Engines
from scrim.redact import _openvino, default_model
from scrim.redact.choice import Trial
from scrim.redact.engine import Kind
from scrim.settings import Settings

needs_model = pytest.mark.skipif(
    not default_model().exists(), reason="needs the face model; `make test` puts it there"
)


def settings(engine: str = "auto") -> Settings:
    return Settings.model_validate({"redaction": {"engine": engine}})


def test_a_quantised_model_is_read_back_and_one_that_was_changed_is_refused(tmp_path: Path) -> None:
    folder = EngineFolder(tmp_path / "engine")
    assert folder.read_quantised() is None
    folder.write_quantised(b"model", "drawn street", 13)
    assert folder.read_quantised() == b"model"
    folder.quantised.write_bytes(b"another")
    with pytest.raises(EngineUnavailable, match="scrim engine quantise"):
        folder.read_quantised()
    folder.quantised.write_bytes(b"model")
    about = json.loads(folder.about_quantised.read_text())
    folder.about_quantised.write_text(json.dumps({**about, "source_sha256": "0" * 64}))
    with pytest.raises(EngineUnavailable):
        folder.read_quantised()
    folder.about_quantised.write_text(json.dumps({**about, "recipe": about["recipe"] - 1}))
    with pytest.raises(EngineUnavailable):
        folder.read_quantised()
    folder.about_quantised.write_text("[]")
    with pytest.raises(EngineUnavailable):
        folder.read_quantised()


def test_a_choice_counts_under_the_circumstances_it_was_made_in(tmp_path: Path) -> None:
    folder = EngineFolder(tmp_path / "engine")
    here = circumstances(None, 1, 0.2)
    assert folder.read_choice(here) is None
    folder.write_choice(Kind.OPENVINO, here, [])
    assert folder.read_choice(here) is Kind.OPENVINO
    for other in (
        circumstances(b"model", 1, 0.2),
        circumstances(None, 2, 0.2),
        circumstances(None, 1, 0.1),
    ):
        assert folder.read_choice(other) is None
    folder.choice.write_text('{"for": 1}')
    assert folder.read_choice(here) is None


@needs_model
def test_with_onnxruntime_alone_nothing_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_openvino, "is_installed", lambda: False)
    said: list[str] = []
    engines = Engines(tmp_path, settings(), said.append)
    monkeypatch.setattr(module, "try_engines", lambda *a, **k: pytest.fail("it measured"))
    assert engines.choose() is Kind.ONNXRUNTIME
    assert said == []


@needs_model
def test_the_kept_choice_is_taken_and_without_one_the_fastest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_openvino, "is_installed", lambda: True)
    trials = [Trial(Kind.ONNXRUNTIME, 40.0, None), Trial(Kind.OPENVINO_BF16, 20.0, None)]
    monkeypatch.setattr(module, "try_engines", lambda *a, **k: trials)
    said: list[str] = []
    engines = Engines(tmp_path, settings(), said.append)
    assert engines.choose() is Kind.OPENVINO_BF16
    assert said == ["engine: openvino-bf16 of onnxruntime 40.0 ms, openvino-bf16 20.0 ms"]
    engines.keep(trials)
    monkeypatch.setattr(module, "try_engines", lambda *a, **k: pytest.fail("it measured"))
    assert Engines(tmp_path, settings(), said.append).choose() is Kind.OPENVINO_BF16


@needs_model
@pytest.mark.parametrize("engine", ["int8", "openvino-bf16"])
def test_an_engine_that_rounds_is_used_by_name_only_if_its_masks_are_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: str
) -> None:
    monkeypatch.setattr(_openvino, "is_installed", lambda: True)
    EngineFolder(tmp_path / "engine").write_quantised(b"model", "drawn street", 13)
    refused = "Its masks differ."
    monkeypatch.setattr(
        module, "try_engines", lambda *a, **k: [Trial(Kind(engine), 9.0, None, refused)]
    )
    said: list[str] = []
    assert Engines(tmp_path, settings(engine), said.append).choose() is Kind.ONNXRUNTIME
    assert said == [f"the engine {engine} is not used: Its masks differ."]
    refused = ""
    assert Engines(tmp_path, settings(engine), said.append).choose() is Kind(engine)


@needs_model
def test_an_engine_that_is_not_there_falls_back_with_a_line_in_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing() -> object:
        raise ImportError("no OpenVINO")

    monkeypatch.setattr(_openvino, "openvino", missing)
    said: list[str] = []
    detectors = Detectors(tmp_path, settings("openvino"), said.append)
    assert len(said) == 1
    assert "does not start" in said[0]
    first, second = detectors(), detectors()
    assert first is not second
    picture = next(check_pictures())
    assert first.detect(picture) == second.detect(picture) != []


@needs_model
def test_a_quantised_model_that_was_changed_does_not_stop_the_recorder(tmp_path: Path) -> None:
    folder = EngineFolder(tmp_path / "engine")
    folder.write_quantised(b"model", "drawn street", 13)
    folder.quantised.write_bytes(b"other")
    said: list[str] = []
    assert Kind.INT8 not in Engines(tmp_path, settings(), said.append).kinds()
    assert len(said) == 1


def test_checking_and_calibrating_see_different_pictures_of_sizes_the_network_takes() -> None:
    checked, calibrated = list(check_pictures()), list(calibration_pictures())
    assert all(p.shape == (352, 640, 3) for p in checked + calibrated)
    assert not any(np.array_equal(a, b) for a in checked for b in calibrated)


def test_files_that_hold_no_picture_are_named(tmp_path: Path) -> None:
    with pytest.raises(SourceMissing, match=r"gone\.png"):
        list(named_pictures([tmp_path / "gone.png"]))
    (tmp_path / "text.txt").write_text("no picture")
    with pytest.raises(SourceNotVideo, match=r"text\.txt"):
        list(named_pictures([tmp_path / "text.txt"]))


def test_a_named_picture_keeps_its_aspect_in_sizes_the_network_takes(tmp_path: Path) -> None:
    import cv2

    path = tmp_path / "high.png"
    cv2.imwrite(str(path), np.full((900, 500, 3), 90, np.uint8))
    (picture,) = named_pictures([path])
    assert picture.shape == (640, 352, 3)
