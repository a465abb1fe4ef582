"""A configured ONNX file finds what it is for, or is refused before it sees a camera's picture."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from tests.unit.redact import networks

from scrim.errors import DetectorFailed, ModelAltered, ModelMissing, ModelUnfit
from scrim.redact.configured import ConfiguredDetector
from scrim.redact.detector import Detection, look_size, verdict
from scrim.redact.recipe import Recipe

Write = Callable[..., Recipe]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def call(model: bytes, decoder: str, **settings: Any) -> Recipe:
        file = tmp_path / "model.onnx"
        file.write_bytes(model)
        values: dict[str, Any] = {
            "name": "street",
            "kind": "person",
            "model": file,
            "sha256": hashlib.sha256(model).hexdigest(),
            "decoder": decoder,
            "input_size": (160, 96),
        }
        return Recipe(**(values | settings))

    return call


def night(width: int = 160, height: int = 96) -> NDArray[np.uint8]:
    return np.full((height, width, 3), 20, np.uint8)


def lit(x: int, y: int, size: int = networks.CELL, **of: int) -> NDArray[np.uint8]:
    image = night(**of)
    image[y : y + size, x : x + size] = 255
    return image


def box(found: Detection) -> tuple[float, float, float, float]:
    return found.x, found.y, found.w, found.h


ENDS: dict[str, tuple[Callable[[], bytes], dict[str, Any]]] = {
    "centernet": (networks.centernet, {}),
    "yolo-v8": (networks.yolo_v8, {"classes": (1,)}),
    "ssd-xyxy": (networks.ssd, {"outputs": ("boxes", "scores")}),
    "ssd-priors": (networks.priors, {"strides": (16,), "min_sizes": ((32,),)}),
}
each_end = pytest.mark.parametrize("decoder", ENDS)


@each_end
def test_a_bright_spot_is_found_from_end_to_end(write: Write, decoder: str) -> None:
    make, settings = ENDS[decoder]
    detector = ConfiguredDetector(write(make(), decoder, **settings))
    (found,) = verdict(detector, lit(64, 48))
    assert box(found) == pytest.approx((56, 40, 32, 32), abs=0.01)
    assert found.kind == "person"
    assert found.score == pytest.approx(1, abs=0.01)
    assert detector.detect(night()) == []


@each_end
def test_a_box_at_the_edge_is_cut_to_the_picture(write: Write, decoder: str) -> None:
    make, settings = ENDS[decoder]
    detector = ConfiguredDetector(write(make(), decoder, **settings))
    (found,) = verdict(detector, lit(0, 80))
    assert box(found) == pytest.approx((0, 72, 24, 24), abs=0.01)


@pytest.mark.parametrize("size", [(160, 160), (60, 96), (1600, 960), (40, 30), (333, 97)])
def test_a_letterboxed_picture_gives_boxes_in_its_own_pixels(
    write: Write, size: tuple[int, int]
) -> None:
    detector = ConfiguredDetector(write(networks.centernet(), "centernet"))
    width, height = size
    image = night(width, height)
    image[height // 4 : height * 3 // 4, width // 4 : width * 3 // 4] = 255
    found = verdict(detector, image)
    assert found
    covered = np.zeros((height, width), bool)
    for each in found:
        covered[int(each.y) : int(each.y + each.h) + 1, int(each.x) : int(each.x + each.w) + 1] = 1
    assert covered[height // 2, width // 2]
    assert all(each.x + each.w <= width and each.y + each.h <= height for each in found)
    # the same image, already of the size the detector asked for, gives the same places
    across, down = look_size(detector, width, height)
    assert (across == 160) or (down == 96)
    shrunk = cv2.resize(image, (across, down), interpolation=cv2.INTER_AREA).astype(np.uint8)
    scaled = [each * (width / across) for each in box(verdict(detector, shrunk)[0])]
    assert scaled[0] == pytest.approx(found[0].x, abs=width / across)


def test_a_stretched_picture_fills_the_input(write: Write) -> None:
    recipe = write(networks.centernet(), "centernet", fit="stretch")
    detector = ConfiguredDetector(recipe)
    assert look_size(detector, 1000, 1000) == (160, 96)
    image = night(200, 240)
    image[80:120, 80:100] = 255
    (found,) = detector.detect(image)
    assert box(found) == pytest.approx((70, 60, 40, 80), abs=0.01)


@pytest.mark.parametrize(("channels", "seen"), [("rgb", 2), ("bgr", 0)])
def test_channels_come_in_the_order_that_is_set(write: Write, channels: str, seen: int) -> None:
    detector = ConfiguredDetector(write(networks.centernet(), "centernet", channels=channels))
    for channel in range(3):
        image = night()
        image[48:64, 64:80, channel] = 255
        assert bool(detector.detect(image)) is (channel == seen)


def test_channels_may_be_the_last_side(write: Write) -> None:
    recipe = write(networks.centernet(nhwc=True), "centernet", layout="nhwc")
    (found,) = ConfiguredDetector(recipe).detect(lit(64, 48))
    assert box(found) == pytest.approx((56, 40, 32, 32), abs=0.01)


def test_mean_and_scale_are_applied(write: Write) -> None:
    recipe = write(
        networks.centernet(), "centernet", mean=(-20.0,) * 3, scale=(1 / 510, 1 / 255, 1 / 255)
    )
    assert ConfiguredDetector(recipe).detect(lit(64, 48)) == []


def test_a_missing_file_is_named(write: Write, tmp_path: Path) -> None:
    for place in (tmp_path / "gone.onnx", tmp_path):
        recipe = dataclasses.replace(write(b"", "yolo-v8"), model=place)
        with pytest.raises(ModelMissing, match=r"'street' cannot be read.*scrim\.toml"):
            ConfiguredDetector(recipe)


def test_an_altered_file_is_refused(write: Write) -> None:
    recipe = write(networks.centernet(), "centernet")
    recipe.model.write_bytes(networks.centernet() + b"\x00")
    with pytest.raises(ModelAltered, match="'street' is not the one in the settings"):
        ConfiguredDetector(recipe)


def test_a_hash_in_capitals_is_the_same_hash(write: Write) -> None:
    recipe = write(networks.centernet(), "centernet")
    ConfiguredDetector(dataclasses.replace(recipe, sha256=recipe.sha256.upper()))


@pytest.mark.parametrize(
    "model", [b"", b"no model", b"\xff" * 99, networks.centernet()[:-200], b"\x08\x08"]
)
def test_bytes_that_are_no_model_are_refused(write: Write, model: bytes) -> None:
    with pytest.raises(ModelUnfit, match="is no ONNX model with all its weights"):
        ConfiguredDetector(write(model, "centernet"))


def test_weights_outside_the_file_are_not_read(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # no hash covers them; onnxruntime takes them from the working folder
    monkeypatch.chdir(tmp_path)
    weights = np.zeros((1, 9, 6), np.float32)
    (tmp_path / "weights.bin").write_bytes(weights.tobytes())
    with pytest.raises(ModelUnfit, match="with all its weights in it"):
        ConfiguredDetector(write(networks.outside(weights, "weights.bin"), "yolo-end-to-end"))
    ConfiguredDetector(write(networks.fixed(boxes=weights), "yolo-end-to-end"))


@pytest.mark.parametrize(
    ("model", "decoder", "settings", "says"),
    [
        (networks.centernet(), "centernet", {"input_size": (320, 96)}, "takes an input of"),
        (networks.centernet(), "centernet", {"layout": "nhwc"}, "takes an input of"),
        (networks.centernet(), "yolo-v8", {}, "does not use"),
        (networks.yolo_v8(), "yolo-v5", {}, "classes|nonsense|columns"),
        (networks.yolo_v8(), "yolo-end-to-end", {}, "instead of 1 x any x 6"),
        (networks.yolo_v8(), "yolo-v8", {"classes": (9,)}, "none with number 9"),
        (networks.yolo_v8(), "ssd-xyxy", {}, "needs boxes, scores"),
        (networks.yolo_v8(), "yolo-v8", {"outputs": ("other",)}, "has the outputs boxes"),
        (networks.ssd(), "ssd-xyxy", {}, "instead of 1 x any x 4"),
        (networks.priors(), "ssd-priors", {}, "`strides` and `min_sizes` make"),
        (networks.yolo_v8(), "yolo-v8", {"scale": (1.0, 1.0, 1.0)}, "nonsense"),
        (networks.yolo_v8(), "yolo-v8", {"mean": (-140.0,) * 3}, "plain grey"),
    ],
)
def test_a_recipe_that_does_not_fit_its_model_is_refused_at_once(
    write: Write, model: bytes, decoder: str, settings: dict[str, Any], says: str
) -> None:
    with pytest.raises(ModelUnfit, match=says) as refused:
        ConfiguredDetector(write(model, decoder, **settings))
    assert "street" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_model_that_answers_nan_about_grey_is_refused(write: Write) -> None:
    nan = networks.fixed(boxes=np.full((1, 9, 6), np.nan, np.float32))
    with pytest.raises(ModelUnfit, match="not numbers"):
        ConfiguredDetector(write(nan, "yolo-end-to-end"))


def test_a_model_that_fails_later_is_no_answer(write: Write) -> None:
    # a score of 1.5 where it is white: grey does not show it
    recipe = write(networks.centernet(), "centernet", scale=(1 / 200, 1.0, 1.0))
    detector = ConfiguredDetector(recipe)
    with pytest.raises(DetectorFailed):
        verdict(detector, lit(64, 48))


@pytest.mark.parametrize("length", [64, 128, 512, 4096])
@pytest.mark.parametrize("decoder", ["yolo-v5", "yolo-v8", "yolo-end-to-end"])
def test_invariant_4_a_row_of_numbers_is_refused_as_a_description(
    write: Write, length: int, decoder: str
) -> None:
    with pytest.raises(ModelUnfit, match="recognises nobody"):
        ConfiguredDetector(write(networks.row(length), decoder))


@pytest.mark.parametrize("extra", [(1, 512), (1, 60, 128), (1, 60, 10), (1, 60), (1, 60, 1)])
def test_invariant_4_an_output_nobody_asked_for_is_refused(
    write: Write, extra: tuple[int, ...]
) -> None:
    recipe = write(networks.ssd(extra=extra), "ssd-xyxy", outputs=("boxes", "scores"))
    with pytest.raises(ModelUnfit, match="could say more than where"):
        ConfiguredDetector(recipe)


@pytest.mark.parametrize("name", ["embedding", "face_features", "id/reid", "landmarks", "gender"])
def test_invariant_4_an_output_named_as_a_description_is_refused(write: Write, name: str) -> None:
    model = networks.fixed(**{name: np.zeros((1, 9, 6), np.float32)})
    with pytest.raises(ModelUnfit, match="a description of people"):
        ConfiguredDetector(write(model, "yolo-end-to-end"))


def test_invariant_4_landmarks_are_cut_out_of_the_network(write: Write) -> None:
    settings: dict[str, Any] = {"strides": (16,), "min_sizes": ((32,),)}
    detector = ConfiguredDetector(write(networks.priors(points=10), "ssd-priors", **settings))
    assert [output.name for output in detector._session.get_outputs()] == ["loc", "conf"]
    (found,) = detector.detect(lit(64, 48))
    assert box(found) == pytest.approx((56, 40, 32, 32), abs=0.01)
    with pytest.raises(ModelUnfit, match="could say more"):
        ConfiguredDetector(write(networks.priors(points=136), "ssd-priors", **settings))


def test_invariant_4_only_the_five_kinds_are_known(write: Write) -> None:
    for kind in ("face", "head", "person", "vehicle", "plate"):
        detector = ConfiguredDetector(write(networks.centernet(), "centernet", kind=kind))
        assert {found.kind for found in detector.detect(lit(64, 48))} == {kind}
    for kind in ("alice", "gait", "identity"):
        with pytest.raises(ModelUnfit):
            ConfiguredDetector(write(networks.centernet(), "centernet", kind=kind))
