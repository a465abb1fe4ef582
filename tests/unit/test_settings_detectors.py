"""Detectors in scrim.toml: what may be set, and that no setting switches one off."""

from __future__ import annotations

from pathlib import Path

import pytest

from scrim.errors import SettingsError
from scrim.settings import load

GOOD = {
    "name": '"street"',
    "kind": '"vehicle"',
    "model": '"models/street.onnx"',
    "sha256": f'"{"ab" * 32}"',
    "licence": '"Apache-2.0 WITH LLVM-exception"',
    "decoder": '"yolo-v8"',
    "input_size": "[640, 384]",
}


def write(folder: Path, *tables: dict[str, str]) -> Path:
    lines = []
    for one in tables:
        lines += ["[[redaction.detectors]]", *(f"{key} = {value}" for key, value in one.items())]
    (folder / "scrim.toml").write_text("\n".join(lines))
    return folder


def test_a_table_is_a_detector(tmp_path: Path) -> None:
    more = {"threshold": "0.35", "classes": "[2, 5, 7]", "mean": "[1, 2, 3]", "channels": '"bgr"'}
    (one,) = load(write(tmp_path, GOOD | more)).redaction.detectors
    assert (one.name, one.kind, one.model) == ("street", "vehicle", Path("models/street.onnx"))
    assert (one.input_size, one.threshold, one.classes) == ((640, 384), 0.35, (2, 5, 7))
    assert (one.mean, one.channels, one.layout) == ((1, 2, 3), "bgr", "nchw")
    assert one.outputs is None


def test_there_are_none_unless_they_are_named(tmp_path: Path) -> None:
    assert load(tmp_path).redaction.detectors == ()


@pytest.mark.parametrize("key", sorted(GOOD))
def test_what_a_detector_needs_cannot_be_left_out(tmp_path: Path, key: str) -> None:
    table = {name: value for name, value in GOOD.items() if name != key}
    with pytest.raises(SettingsError, match=rf"redaction\.detectors\.0\.{key}"):
        load(write(tmp_path, table))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("name", '"Street 1"'),
        ("kind", '"alice"'),
        ("kind", '"gait"'),
        ("sha256", '"abc"'),
        ("licence", '""'),
        ("decoder", '"embedding"'),
        ("input_size", "[640]"),
        ("input_size", "[0, 352]"),
        ("input_size", "[100000, 352]"),
        ("threshold", "0.51"),
        ("threshold", "0"),
        ("threshold", "nan"),
        ("mean", "[nan, 0, 0]"),
        ("scale", "[0, 1, 1]"),
        ("scale", "[1, 1]"),
        ("channels", '"gbr"'),
        ("layout", '"hwcn"'),
        ("fit", '"crop"'),
        ("classes", "[]"),
        ("classes", "[-1]"),
        ("outputs", "[]"),
        ("strides", "[8]"),
        ("min_sizes", "[[16], [], [32]]"),
        ("gallery", '"faces"'),
    ],
)
def test_a_wrong_value_is_named(tmp_path: Path, key: str, value: str) -> None:
    with pytest.raises(SettingsError, match=r"redaction\.detectors\.0") as refused:
        load(write(tmp_path, GOOD | {key: value}))
    assert "\n" not in str(refused.value)


def test_two_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="same name"):
        load(write(tmp_path, GOOD, GOOD))
