"""Which detectors a policy brings, and that a broken one stops the start."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from tests.unit.redact import networks

from scrim.errors import ModelAltered, ModelMissing, ModelUnfit
from scrim.policy import Cover
from scrim.record.detectors import extra_detectors
from scrim.redact.cascade import PlateCascade
from scrim.redact.configured import ConfiguredDetector
from scrim.settings import Detector, Redaction

FACES, PERSONS, PLATES, VEHICLES = Cover.FACES, Cover.PERSONS, Cover.PLATES, Cover.VEHICLES


def table(folder: Path, kind: str) -> Detector:
    model = networks.centernet()
    (folder / "bright.onnx").write_bytes(model)
    return Detector.model_validate(
        {
            "name": f"bright-{kind}",
            "kind": kind,
            "model": "bright.onnx",
            "sha256": hashlib.sha256(model).hexdigest(),
            "licence": "MIT",
            "decoder": "centernet",
            "input_size": (160, 96),
        }
    )


def names(redaction: Redaction, cover: set[Cover], folder: Path) -> list[str]:
    return [
        made.kind if isinstance(made, ConfiguredDetector) else type(made).__name__
        for made in extra_detectors(redaction, cover, folder)
    ]


@pytest.mark.parametrize(
    ("cover", "kinds"),
    [
        ({FACES}, ["face", "head", "person"]),
        ({PERSONS}, ["face", "head", "person"]),
        ({VEHICLES}, ["face", "head", "person", "vehicle", "plate"]),
        ({PLATES, FACES}, ["face", "head", "person", "vehicle", "plate"]),
    ],
)
def test_only_what_matters_is_made(tmp_path: Path, cover: set[Cover], kinds: list[str]) -> None:
    every = ("face", "head", "person", "vehicle", "plate")
    redaction = Redaction(detectors=tuple(table(tmp_path, kind) for kind in every))
    assert names(redaction, cover, tmp_path) == kinds


@pytest.mark.parametrize(
    ("cover", "made"),
    [({FACES}, []), ({VEHICLES}, []), ({PLATES}, ["PlateCascade"])],
)
def test_the_cascades_look_where_nothing_better_is_configured(
    tmp_path: Path, cover: set[Cover], made: list[str]
) -> None:
    assert names(Redaction(), cover, tmp_path) == made
    (only,) = extra_detectors(Redaction(), {PLATES}, tmp_path)
    assert isinstance(only, PlateCascade)


def test_a_model_may_lie_anywhere(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    one = table(tmp_path / "models", "person")
    elsewhere = one.model_copy(update={"model": tmp_path / "models" / "bright.onnx"})
    redaction = Redaction(detectors=(elsewhere,))
    assert names(redaction, {FACES}, tmp_path / "other") == ["person"]


def test_a_broken_detector_stops_the_start(tmp_path: Path) -> None:
    one = table(tmp_path, "person")
    file = tmp_path / "bright.onnx"
    redaction = Redaction(detectors=(one,))
    file.write_bytes(b"other")
    with pytest.raises(ModelAltered):
        extra_detectors(redaction, {FACES}, tmp_path)
    file.unlink()
    with pytest.raises(ModelMissing):
        extra_detectors(redaction, {FACES}, tmp_path)
    table(tmp_path, "person")
    unfit = one.model_copy(update={"input_size": (320, 192)})
    with pytest.raises(ModelUnfit):
        extra_detectors(Redaction(detectors=(unfit,)), {FACES}, tmp_path)
