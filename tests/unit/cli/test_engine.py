"""``scrim engine``: what is there is measured, shown and kept; what is missing is one sentence."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.unit.cli.conftest import Outcome

from scrim.redact import default_model
from scrim.redact._openvino import is_installed

needs_model = pytest.mark.skipif(
    not default_model().exists(), reason="needs the face model; `make test` puts it there"
)


@needs_model
def test_list_names_the_fastest_and_keeps_nothing(
    scrim: Callable[..., Outcome], tmp_path: Path
) -> None:
    outcome = scrim("engine", "list", "--data", tmp_path / "none", "--json")
    assert outcome.code == 0
    said = json.loads(outcome.out)
    names = [engine["engine"] for engine in said["engines"]]
    assert names[0] == "onnxruntime"
    assert said["fastest"] in names
    assert said["kept"] is None
    assert said["encoders"][0] == {"encoder": "libx264", "refused": ""}
    assert not (tmp_path / "none").exists()


@needs_model
def test_choose_keeps_the_choice_and_list_and_doctor_say_so(
    scrim: Callable[..., Outcome], tmp_path: Path
) -> None:
    data = tmp_path / "data"
    assert scrim("init", data, "--demo").code == 0
    chosen = json.loads(scrim("engine", "choose", "--data", data, "--json").out)
    assert chosen["kept"] == chosen["fastest"]
    kept = json.loads((data / "engine" / "choice.json").read_text("utf-8"))
    assert kept["chosen"] == chosen["fastest"]
    doctor = json.loads(scrim("doctor", "--data", data, "--json").out)
    (engine,) = (check for check in doctor["checks"] if check["name"] == "Engine")
    assert engine["holds"]
    assert chosen["fastest"] in engine["found"]


def test_choosing_needs_a_data_folder(scrim: Callable[..., Outcome], tmp_path: Path) -> None:
    outcome = scrim("engine", "choose", "--data", tmp_path / "none")
    assert outcome.code == 4
    assert outcome.err.startswith("error: There is no Scrim data folder")


@needs_model
@pytest.mark.skipif(is_installed(), reason="the extra accel is installed")
def test_quantising_without_the_extra_says_how_to_get_it(
    scrim: Callable[..., Outcome], tmp_path: Path
) -> None:
    data = tmp_path / "data"
    assert scrim("init", data, "--demo").code == 0
    outcome = scrim("engine", "quantise", "--data", data)
    assert outcome.code == 6
    assert "scrim-cctv[accel]" in outcome.err
    assert not (data / "engine").exists()
