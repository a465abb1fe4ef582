"""What the common detectors' outputs mean: arrays in, boxes and scores out, nothing else.

Rules kept here:

- Every number of every output is either a coordinate of a box, a score of it, or a
  reason to refuse the model.  Scores are what a threshold is compared with; no
  array, and no part of one, is handed on.
- An output of another shape than its layout's raises :class:`~scrim.errors.ModelUnfit`;
  numbers that are no boxes (NaN, inverted, under a pixel all of them) raise
  :class:`~scrim.errors.DetectorFailed`.  Nothing is repaired: a broken answer that is
  clipped into shape would cover the wrong place.

Boxes are left, top, right, bottom in pixels of the network's input.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import ceil

import numpy as np
from numpy.typing import NDArray

from scrim.errors import DetectorFailed, ModelUnfit

Array = NDArray[np.float32]
Floats = NDArray[np.float64]

_MOST_CLASSES = 1300  # the largest public vocabulary of things has 1,203
_MOST_BOXES = 6400
_NEARLY = 1e-3  # what rounding may add to a score of 1
_LARGEST = 4.0  # a box is at most this many times its picture
_VARIANCES = (0.1, 0.2)  # of every published model with prior boxes


@dataclass(frozen=True, slots=True)
class Terms:
    """What a decoder has to know besides the outputs.

    Attributes:
        size: width and height of the network's input.
        threshold: lowest score that counts.
        classes: which count; ``None`` stands for all that are not background.
        strides, min_sizes: where prior boxes stand and how large they are, in pixels.
    """

    size: tuple[int, int]
    threshold: float
    classes: tuple[int, ...] | None = None
    strides: tuple[int, ...] = (8, 16, 32)
    min_sizes: tuple[tuple[int, ...], ...] = ((16, 32), (64, 128), (256, 512))


@dataclass(frozen=True, slots=True)
class Found:
    """Boxes (N x 4) with their scores (N), best ``_MOST_BOXES`` at most."""

    boxes: Floats
    scores: Floats


@dataclass(frozen=True, slots=True)
class Layout:
    """One way in which detectors answer.

    Attributes:
        roles: what the outputs are, in the order in which they are given.
        shapes: the same for people.
        decode: the function.
        ignores: roles of outputs that such models also have; they are cut out of the network.
    """

    roles: tuple[str, ...]
    shapes: str
    decode: Callable[[Sequence[Array], Terms], Found]
    ignores: tuple[str, ...] = field(default=())


def _yolo_v5(outputs: Sequence[Array], terms: Terms) -> Found:
    """1 x N x (5 + C): centre, size, objectness, classes."""
    (rows,) = _shaped(outputs, ["boxes"], [(1, None, None)])
    table = rows[0].astype(np.float64)
    if table.shape[1] < 5:
        raise ModelUnfit("'boxes' needs 5 columns or more.", _SHAPES)
    scores = table[:, 4]
    if table.shape[1] > 5:
        scores = scores * _best(table[:, 5:], terms, background=None)
    return _kept(_around(table[:, :4]), scores, terms)


def _yolo_v8(outputs: Sequence[Array], terms: Terms) -> Found:
    """1 x (4 + C) x N: centre, size, classes."""
    (columns,) = _shaped(outputs, ["boxes"], [(1, None, None)])
    table = columns[0].T.astype(np.float64)
    if table.shape[1] < 5:
        raise ModelUnfit("'boxes' needs 5 rows or more.", _SHAPES)
    return _kept(_around(table[:, :4]), _best(table[:, 4:], terms, background=None), terms)


def _yolo_end_to_end(outputs: Sequence[Array], terms: Terms) -> Found:
    """1 x N x 6: left, top, right, bottom, score, class."""
    (rows,) = _shaped(outputs, ["boxes"], [(1, None, 6)])
    table = rows[0].astype(np.float64)
    scores, classes = table[:, 4], table[:, 5]
    if (np.abs(classes - np.round(classes)) > _NEARLY).any():
        raise DetectorFailed("the sixth column holds no class numbers")
    if terms.classes is not None:
        scores = np.where(np.isin(np.round(classes), terms.classes), scores, 0.0)
    return _kept(table[:, :4], scores, terms)


def _ssd_xyxy(outputs: Sequence[Array], terms: Terms) -> Found:
    """Boxes 1 x N x 4 as fractions, scores 1 x N x C with the background first."""
    boxes, scores = _boxes_and_classes(outputs, ["boxes", "scores"])
    return _kept(boxes * _scale(terms), _best(scores, terms, background=0), terms)


def _ssd_yxyx(outputs: Sequence[Array], terms: Terms) -> Found:
    """The same with top before left, as TensorFlow has it."""
    boxes, scores = _boxes_and_classes(outputs, ["boxes", "scores"])
    corners = boxes[:, [1, 0, 3, 2]] * _scale(terms)
    return _kept(corners, _best(scores, terms, background=0), terms)


def _ssd_priors(outputs: Sequence[Array], terms: Terms) -> Found:
    """Distances from prior boxes 1 x N x 4, scores 1 x N x C with the background first."""
    distances, scores = _boxes_and_classes(outputs, ["distances", "scores"])
    priors = _priors(terms)
    if len(priors) != len(distances):
        raise ModelUnfit(
            f"The model answers {len(distances)} boxes, and `strides` and `min_sizes` make"
            f" {len(priors)} for an input of {terms.size[0]}x{terms.size[1]}.",
            "Set the two as the model was trained.",
        )
    with np.errstate(over="ignore"):
        sizes = priors[:, 2:] * np.exp(distances[:, 2:] * _VARIANCES[1])
    centres = priors[:, :2] + distances[:, :2] * _VARIANCES[0] * priors[:, 2:]
    boxes = _around(np.concatenate([centres, sizes], axis=1))
    return _kept(boxes, _best(scores, terms, background=0), terms)


def _detr_softmax(outputs: Sequence[Array], terms: Terms) -> Found:
    """Logits 1 x N x C, the last for "nothing"; centre and size 1 x N x 4 as fractions."""
    boxes, logits = _boxes_and_classes(outputs[::-1], ["boxes", "logits"])
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    scores = powers / powers.sum(axis=1, keepdims=True)
    best = _best(scores, terms, background=scores.shape[1] - 1)
    return _kept(_around(boxes) * _scale(terms), best, terms)


def _detr_sigmoid(outputs: Sequence[Array], terms: Terms) -> Found:
    """Logits 1 x N x C, each for itself; centre and size 1 x N x 4 as fractions."""
    boxes, logits = _boxes_and_classes(outputs[::-1], ["boxes", "logits"])
    with np.errstate(over="ignore"):
        scores = 1 / (1 + np.exp(-logits))
    return _kept(_around(boxes) * _scale(terms), _best(scores, terms, background=None), terms)


def _centernet(outputs: Sequence[Array], terms: Terms) -> Found:
    """Heat 1 x C x h x w, sizes and offsets 1 x 2 x h x w: width first, in cells."""
    heat, sizes, offsets = _shaped(
        outputs,
        ["heat", "sizes", "offsets"],
        [(1, None, None, None), (1, 2, None, None), (1, 2, None, None)],
    )
    rows, columns = heat.shape[2:]
    if sizes.shape[2:] != (rows, columns) or offsets.shape[2:] != (rows, columns):
        raise ModelUnfit("The three maps are not of one size.", _SHAPES)
    classes = heat[0].reshape(heat.shape[1], -1).T.astype(np.float64)
    scores = _best(classes, terms, background=None)
    across, down = np.meshgrid(np.arange(columns), np.arange(rows))
    cells = np.stack([across.ravel(), down.ravel()], axis=1)
    centres = cells + offsets[0].reshape(2, -1).T.astype(np.float64)
    boxes = _around(np.concatenate([centres, sizes[0].reshape(2, -1).T], axis=1))
    cell = [terms.size[0] / columns, terms.size[1] / rows]
    return _kept(boxes * np.array(cell * 2), scores, terms)


LAYOUTS: dict[str, Layout] = {
    "yolo-v5": Layout(("boxes",), "1 x N x (5+C): cx cy w h objectness classes", _yolo_v5),
    "yolo-v8": Layout(("boxes",), "1 x (4+C) x N: cx cy w h classes", _yolo_v8),
    "yolo-end-to-end": Layout(("boxes",), "1 x N x 6: x0 y0 x1 y1 score class", _yolo_end_to_end),
    "ssd-xyxy": Layout(
        ("boxes", "scores"), "1 x N x 4: x0 y0 x1 y1 of 1; 1 x N x C, background first", _ssd_xyxy
    ),
    "ssd-yxyx": Layout(
        ("boxes", "scores"), "1 x N x 4: y0 x0 y1 x1 of 1; 1 x N x C, background first", _ssd_yxyx
    ),
    "ssd-priors": Layout(
        ("distances", "scores"),
        "1 x N x 4: from prior boxes; 1 x N x C, background first",
        _ssd_priors,
        ignores=("landmarks",),
    ),
    "detr-softmax": Layout(
        ("logits", "boxes"), "1 x N x C, nothing last; 1 x N x 4: cx cy w h of 1", _detr_softmax
    ),
    "detr-sigmoid": Layout(
        ("logits", "boxes"), "1 x N x C; 1 x N x 4: cx cy w h of 1", _detr_sigmoid
    ),
    "centernet": Layout(
        ("heat", "sizes", "offsets"), "1 x C x h x w; 1 x 2 x h x w; 1 x 2 x h x w", _centernet
    ),
}

_SHAPES = (
    "docs/guide/detectors.md lists the layouts; name the outputs in their order with `outputs`."
)


def _shaped(
    outputs: Sequence[Array], roles: Sequence[str], shapes: Sequence[tuple[int | None, ...]]
) -> Sequence[Array]:
    """The outputs, once they are as many as the roles and of their shapes; ``None`` is any side."""
    for role, output, shape in zip(roles, outputs, shapes, strict=True):
        fits = output.ndim == len(shape) and all(
            side in (None, found) for side, found in zip(shape, output.shape, strict=True)
        )
        if not fits or 0 in output.shape:
            wanted = " x ".join("any" if side is None else str(side) for side in shape)
            found = " x ".join(str(side) for side in output.shape) or "a single number"
            raise ModelUnfit(f"The output for {role!r} is {found} instead of {wanted}.", _SHAPES)
        if not np.isfinite(output).all():
            raise DetectorFailed(f"the network answered {role} that are not numbers")
    return outputs


def _boxes_and_classes(outputs: Sequence[Array], roles: Sequence[str]) -> tuple[Floats, Floats]:
    """Two outputs, N x 4 and N x C."""
    boxes, classes = _shaped(outputs, roles, [(1, None, 4), (1, None, None)])
    if boxes.shape[1] != classes.shape[1]:
        raise ModelUnfit(f"{roles[0]!r} and {roles[1]!r} differ in length.", _SHAPES)
    return boxes[0].astype(np.float64), classes[0].astype(np.float64)


def _best(scores: Floats, terms: Terms, background: int | None) -> Floats:
    """The best score of each row (N x C) among the classes that count."""
    count = scores.shape[1]
    if count > _MOST_CLASSES:
        raise ModelUnfit(f"The model has {count} classes; no detector of things does.", _SHAPES)
    if (scores < -_NEARLY).any() or (scores > 1 + _NEARLY).any():
        raise DetectorFailed("the network answered scores that are not between 0 and 1")
    chosen = terms.classes
    if chosen is None:
        chosen = tuple(i for i in range(count) if count == 1 or i != background)
    if max(chosen) >= count:
        raise ModelUnfit(
            f"The model has {count} classes and none with number {max(chosen)}.",
            "Correct `classes`; the first class is 0.",
        )
    best: Floats = scores[:, chosen].max(axis=1)
    return best


def _around(boxes: Floats) -> Floats:
    """Centre and size to corners, N x 4."""
    half = boxes[:, 2:] / 2
    return np.concatenate([boxes[:, :2] - half, boxes[:, :2] + half], axis=1)


def _scale(terms: Terms) -> Floats:
    return np.array([*terms.size, *terms.size], dtype=np.float64)


def _priors(terms: Terms) -> Floats:
    """Centre and size of the prior boxes, N x 4, in the order in which models answer."""
    width, height = terms.size
    parts = []
    for stride, sizes in zip(terms.strides, terms.min_sizes, strict=True):
        rows, columns = np.mgrid[: ceil(height / stride), : ceil(width / stride)]
        centres = (np.stack([columns.ravel(), rows.ravel()], axis=1) + 0.5) * stride
        for_each = np.repeat(centres, len(sizes), axis=0)
        sides = np.tile(np.repeat(np.array(sizes)[:, np.newaxis], 2, axis=1), (len(centres), 1))
        parts.append(np.concatenate([for_each, sides], axis=1))
    return np.concatenate(parts).astype(np.float64)


def _kept(boxes: Floats, scores: Floats, terms: Terms) -> Found:
    """Those over the threshold, once they are boxes."""
    if (scores < -_NEARLY).any() or (scores > 1 + _NEARLY).any():
        raise DetectorFailed("the network answered scores that are not between 0 and 1")
    good = np.flatnonzero(scores > terms.threshold)
    if len(good) > _MOST_BOXES:
        good = good[np.argsort(-scores[good], kind="stable")[:_MOST_BOXES]]
    boxes, scores = boxes[good], scores[good]
    sides = boxes[:, 2:] - boxes[:, :2]
    if not np.isfinite(boxes).all() or (sides < 0).any():
        raise DetectorFailed("the network answered corners that are no boxes")
    if (np.abs(boxes) > _LARGEST * max(terms.size)).any():
        raise DetectorFailed("the network answered boxes far larger than the picture")
    # fractions read as pixels would cover nothing, and say so nowhere
    if len(good) and (sides <= 1).all():
        raise DetectorFailed("no box the network answered is larger than a pixel")
    return Found(boxes, scores)
