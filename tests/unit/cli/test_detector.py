import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.unit.redact import networks

from scrim.redact.model import default_model

Scrim = Callable[..., Any]
needs_model = pytest.mark.skipif(
    not default_model().exists(), reason="the face model is not here; `make test` puts it there"
)


def configure(folder: Path, **changes: str) -> str:
    model = networks.centernet()
    (folder / "bright.onnx").write_bytes(model)
    digest = hashlib.sha256(model).hexdigest()
    values = {
        "name": '"bright"',
        "kind": '"plate"',
        "model": '"bright.onnx"',
        "sha256": f'"{digest}"',
        "licence": '"MIT"',
        "decoder": '"centernet"',
        "input_size": "[160, 96]",
    } | changes
    lines = [f"{key} = {value}" for key, value in values.items()]
    (folder / "scrim.toml").write_text("\n".join(["[[redaction.detectors]]", *lines]))
    return digest


def test_the_list_has_the_defaults_and_the_configured_ones(scrim: Scrim, tmp_path: Path) -> None:
    digest = configure(tmp_path)
    done = scrim("detector", "list", "--data", tmp_path, "--json")
    assert done.code == 0
    rows = {row["name"]: row for row in json.loads(done.out)}
    assert list(rows) == ["centerface", "opencv-people", "opencv-plates", "bright"]
    assert rows["bright"] == {
        "name": "bright",
        "kind": "plate",
        "licence": "MIT",
        "sha256": [digest],
        "decoder": "centernet",
        "configured": True,
        "recall": "not measured here",
    }
    assert "poor" in rows["opencv-plates"]["recall"]
    assert all(len(part) == 64 for row in rows.values() for part in row["sha256"])
    shown = scrim("detector", "list", "--data", tmp_path).out
    assert digest[:12] in shown
    assert "vehicles" in shown


@needs_model
def test_check_asks_every_detector(scrim: Scrim, tmp_path: Path) -> None:
    configure(tmp_path)
    done = scrim("detector", "check", "--data", tmp_path, "--json")
    rows = {row["name"]: row for row in json.loads(done.out)}
    assert done.code == 0
    assert list(rows) == ["centerface", "opencv-people", "opencv-plates", "bright"]
    for row in rows.values():
        assert row["holds"]
        assert row["milliseconds"] > 0
    assert "160 x 90" in rows["bright"]["found"]


@needs_model
@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"sha256": f'"{"0" * 64}"'}, "is not the one in the settings"),
        ({"model": '"gone.onnx"'}, "cannot be read"),
        ({"decoder": '"yolo-v5"'}, "does not use"),
        ({"scale": "[0.05, 1.0, 1.0]"}, "nonsense"),
    ],
)
def test_check_names_what_does_not_hold(
    scrim: Scrim, tmp_path: Path, changes: dict[str, str], says: str
) -> None:
    configure(tmp_path, **changes)
    done = scrim("detector", "check", "--data", tmp_path)
    assert done.code == 1
    (problem,) = [line for line in done.out.splitlines() if line.startswith("PROBLEM")]
    assert "bright" in problem
    assert says in problem
    assert done.err == ""


def test_a_wrong_table_is_one_line(scrim: Scrim, tmp_path: Path) -> None:
    configure(tmp_path, threshold="0.9")
    for command in ("list", "check"):
        done = scrim("detector", command, "--data", tmp_path)
        assert done.code == 3
        assert done.err.startswith("error: Setting 'redaction.detectors.0.threshold'")
        assert done.out == ""
