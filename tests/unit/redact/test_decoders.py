"""Each layout's arrays become the boxes they stand for, or a refusal."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
from numpy.typing import NDArray

from scrim.errors import DetectorFailed, ModelUnfit
from scrim.redact.decoders import LAYOUTS, Terms
from scrim.settings import Detector

TERMS = Terms((320, 160), 0.3)
BOX = (100.0, 40.0, 140.0, 120.0)  # corners in pixels
CENTRE = (120.0, 80.0, 40.0, 80.0)

Outputs = list[NDArray[np.float32]]


def rows(*values: tuple[float, ...]) -> NDArray[np.float32]:
    return np.array([values], np.float32)


def of_one(values: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(value / side for value, side in zip(values, (320, 160) * 2, strict=True))


def yolo_v5() -> Outputs:
    return [rows((*CENTRE, 0.9, 0.1, 0.8), (60, 60, 20, 20, 0.9, 0.1, 0.1))]


def yolo_v8() -> Outputs:
    return [rows((*CENTRE, 0.1, 0.72), (60, 60, 20, 20, 0.1, 0.1)).transpose(0, 2, 1)]


def yolo_end_to_end() -> Outputs:
    return [rows((*BOX, 0.72, 1), (0, 0, 0, 0, 0, 0))]


def ssd_xyxy() -> Outputs:
    return [rows(of_one(BOX), (0, 0, 1, 1)), rows((0.1, 0.72), (0.9, 0.1))]


def ssd_yxyx() -> Outputs:
    x0, y0, x1, y1 = of_one(BOX)
    return [rows((y0, x0, y1, x1), (0, 0, 1, 1)), rows((0.1, 0.72), (0.9, 0.1))]


def ssd_priors() -> Outputs:
    # strides 8, 16 and 32 with two sizes each; the box belongs to a prior of stride 32
    count = 2 * (40 * 20 + 20 * 10 + 10 * 5)
    distances, scores = np.zeros((1, count, 4)), np.zeros((1, count, 2))
    at = 2 * (40 * 20 + 20 * 10) + 2 * (2 * 10 + 3)  # row 2, column 3, size 256
    prior = np.array([3.5 * 32, 2.5 * 32, 256, 256])
    moved = (np.array(CENTRE[:2]) - prior[:2]) / prior[2:] / 0.1
    distances[0, at] = [*moved, *(np.log(np.array(CENTRE[2:]) / prior[2:]) / 0.2)]
    scores[0, :, 0] = 1
    scores[0, at] = [0.28, 0.72]
    return [distances.astype(np.float32), scores.astype(np.float32)]


def detr_softmax() -> Outputs:
    logits = np.log(np.array([[[0.08, 0.72, 0.2], [0.01, 0.01, 0.98]]], np.float32))
    return [logits, rows(of_one(CENTRE), (0.5, 0.5, 1, 1))]


def detr_sigmoid() -> Outputs:
    logits = rows((-3, np.log(0.72 / 0.28)), (-3, -3))
    return [logits, rows(of_one(CENTRE), (0.5, 0.5, 1, 1))]


def centernet() -> Outputs:
    heat, sizes, offsets = (np.zeros((1, n, 40, 80), np.float32) for n in (2, 2, 2))
    heat[0, 1, 19, 29] = 0.72
    sizes[0, :, 19, 29] = [10, 20]
    offsets[0, :, 19, 29] = [1.0, 1.0]
    return [heat, sizes, offsets]


MADE = {
    "yolo-v5": yolo_v5,
    "yolo-v8": yolo_v8,
    "yolo-end-to-end": yolo_end_to_end,
    "ssd-xyxy": ssd_xyxy,
    "ssd-yxyx": ssd_yxyx,
    "ssd-priors": ssd_priors,
    "detr-softmax": detr_softmax,
    "detr-sigmoid": detr_sigmoid,
    "centernet": centernet,
}
each_layout = pytest.mark.parametrize("layout", MADE)


def test_the_settings_know_the_same_layouts() -> None:
    assert set(MADE) == set(LAYOUTS)
    assert set(get_args(Detector.model_fields["decoder"].annotation)) == set(LAYOUTS)


@each_layout
def test_the_one_thing_over_the_threshold_is_found_where_it_is(layout: str) -> None:
    found = LAYOUTS[layout].decode(MADE[layout](), TERMS)
    assert found.scores == pytest.approx([0.72], abs=1e-5)
    assert found.boxes[0] == pytest.approx(BOX, abs=1e-2)


@each_layout
def test_a_class_that_does_not_count_is_not_found(layout: str) -> None:
    terms = Terms(TERMS.size, TERMS.threshold, classes=(0,))
    outputs = MADE[layout]()
    if layout.startswith("ssd"):
        outputs[1][..., 0] = 0
    assert len(LAYOUTS[layout].decode(outputs, terms).boxes) == 0


@each_layout
@pytest.mark.parametrize("what", [np.nan, np.inf])
def test_numbers_that_are_none_are_no_answer(layout: str, what: float) -> None:
    for index in range(len(LAYOUTS[layout].roles)):
        outputs = MADE[layout]()
        outputs[index] = outputs[index].copy()
        outputs[index].flat[0] = what
        with pytest.raises(DetectorFailed):
            LAYOUTS[layout].decode(outputs, TERMS)


@each_layout
def test_outputs_of_other_shapes_are_refused(layout: str) -> None:
    good = MADE[layout]()
    for index in range(len(good)):
        for bad in (
            good[index][0],
            good[index][np.newaxis],
            good[index][:, :0],
            np.zeros((1, 512)),
        ):
            outputs: Outputs = [*good[:index], bad.astype(np.float32), *good[index + 1 :]]
            with pytest.raises(ModelUnfit):
                LAYOUTS[layout].decode(outputs, TERMS)


# the outputs of yolo-end-to-end do not say how many classes there are
@pytest.mark.parametrize("layout", sorted(set(MADE) - {"yolo-end-to-end"}))
def test_a_class_the_model_does_not_have_is_refused(layout: str) -> None:
    with pytest.raises(ModelUnfit, match="none with number 7"):
        LAYOUTS[layout].decode(MADE[layout](), Terms(TERMS.size, 0.3, classes=(7,)))


@pytest.mark.parametrize("layout", ["yolo-v5", "yolo-v8", "ssd-xyxy", "centernet"])
def test_scores_that_are_no_shares_are_refused(layout: str) -> None:
    outputs = MADE[layout]()
    score_in = 1 if layout.startswith("ssd") else 0
    outputs[score_in] = np.where(outputs[score_in] == np.float32(0.1), 7, outputs[score_in])
    outputs[score_in] = np.where(outputs[score_in] == np.float32(0.72), 7, outputs[score_in])
    with pytest.raises(DetectorFailed, match="between 0 and 1"):
        LAYOUTS[layout].decode(outputs, TERMS)


def test_boxes_with_a_row_of_numbers_each_are_not_taken_for_classes() -> None:
    # detectors that also tell people apart add some hundred numbers to each box
    wide = np.zeros((1, 6, 5 + 2048), np.float32)
    with pytest.raises(ModelUnfit, match="classes"):
        LAYOUTS["yolo-v5"].decode([wide], TERMS)
    signed = np.concatenate([rows((*CENTRE, 0.9)), np.full((1, 1, 512), -0.04)], axis=2)
    with pytest.raises(DetectorFailed, match="between 0 and 1"):
        LAYOUTS["yolo-v5"].decode([signed.astype(np.float32)], TERMS)


def test_fractions_where_pixels_are_due_do_not_pass_as_nothing_found() -> None:
    with pytest.raises(DetectorFailed, match="larger than a pixel"):
        LAYOUTS["yolo-end-to-end"].decode([rows((*of_one(BOX), 0.9, 0))], TERMS)


def test_pixels_where_fractions_are_due_are_no_boxes() -> None:
    with pytest.raises(DetectorFailed, match="far larger"):
        LAYOUTS["ssd-xyxy"].decode([rows(BOX), rows((0.1, 0.9))], TERMS)


def test_corners_in_the_wrong_order_are_no_box() -> None:
    x0, y0, x1, y1 = BOX
    with pytest.raises(DetectorFailed, match="no boxes"):
        LAYOUTS["yolo-end-to-end"].decode([rows((x1, y0, x0, y1, 0.9, 0))], TERMS)


def test_prior_boxes_of_another_model_are_refused() -> None:
    terms = Terms(TERMS.size, 0.3, strides=(8, 16), min_sizes=((10,), (20,)))
    with pytest.raises(ModelUnfit, match=r"2100 boxes.*make 1000"):
        LAYOUTS["ssd-priors"].decode(ssd_priors(), terms)


def test_a_network_that_answers_everything_gives_its_best_only() -> None:
    many = np.tile(np.array([*BOX, 0.5, 0], np.float32), (1, 9000, 1))
    many[0, 8000, 4] = 0.9
    found = LAYOUTS["yolo-end-to-end"].decode([many], TERMS)
    assert len(found.boxes) == 6400
    assert found.scores.max() == pytest.approx(0.9)
