"""CenterFace: faces as boxes, and nothing else about them.

The network (Xu et al., "CenterFace", 2019) answers at a quarter of its input's
size: a heat map of face centres, log sizes and sub-pixel offsets; its fourth
output, landmarks, is cut out of the network.  Input is RGB, 0 to 255, planar float32, sides
multiples of 32.
"""

from __future__ import annotations

from dataclasses import replace
from math import sqrt
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scrim.errors import DetectorFailed
from scrim.redact.detector import Detection
from scrim.redact.engine import Engine, Kind, build
from scrim.redact.model import read_model
from scrim.redact.overlap import without_overlaps

_STRIDE = 4
_MULTIPLE = 32
_OVERLAP = 0.3
_RESOLVED = 10.0
"""Pixels of height at which the network finds 99 of 100 faces that it finds when larger:
8 pixels gave 57 to 95 %, 10 gave 99 to 100 (REDACTION tables of docs/design/redaction.md)."""
_FEWEST_PIXELS = 640 * 352
_SMALL_PIXELS = 1280 * 720
_MOST_CELLS = 6400


class CenterFace:
    """A :class:`~scrim.redact.detector.Detector` for faces.

    Args:
        model: the ONNX file; its SHA-256 is pinned.
        threads: processor threads for one call.
        threshold: lowest score that is told.  Far under what begins a mask, since a
            faint find may go on with one (:mod:`scrim.redact._tracker`).
        smallest: height in pixels of the smallest plain face that is looked for in pictures
            of 1080 lines or fewer (:meth:`size_for`).  Masked and half hidden ones take more
            pixels, and get them where they leave a trace (:mod:`scrim.redact._again`).
        engine: what computes the network; onnxruntime in float32 by default.  Where it
            rounds, scores are told a little higher (:attr:`~scrim.redact.engine.Kind.lift`).

    Raises:
        ModelMissing, ModelAltered: see :func:`~scrim.redact.model.read_model`.
    """

    def __init__(
        self,
        model: Path,
        threads: int = 1,
        threshold: float = 0.05,
        smallest: float = 15.6,
        engine: Engine | None = None,
    ) -> None:
        self._engine = engine or build(Kind.ONNXRUNTIME, read_model(model), threads=threads)
        self._lift = self._engine.kind.lift
        self._threshold = lifted(threshold, 1 / self._lift)
        self._scale = min(1.0, _RESOLVED / smallest)

    @property
    def input_size(self) -> tuple[int, int]:
        """Width and height for a picture of 1280x720."""
        return self.size_for(1280, 720)

    def size_for(self, width: int, height: int) -> tuple[int, int]:
        """Shrunk so far that the smallest face is just resolved, in the picture's aspect.

        In pictures up to 720p a face that is resolved has 20 pixels of height or fewer; small
        pictures are shrunk less, since they are cheap; those over 1080p more, since they are
        dear.
        """
        aspect = min(max(width / height, 1 / 8), 8.0)
        pixels = width * height * self._scale**2
        if width * height <= _SMALL_PIXELS:
            pixels = min(_FEWEST_PIXELS, width * height)
        pixels = min(pixels, 1920 * 1080 * self._scale**2)
        return _rounded(sqrt(pixels * aspect)), _rounded(sqrt(pixels / aspect))

    def detect(self, image: NDArray[np.uint8]) -> list[Detection]:
        """Faces in ``image`` (height x width x 3, BGR, sides multiples of 32).

        Raises:
            DetectorFailed: sides that are no multiples of 32, or the network answered NaN.
            Exception: whatever the engine raises; its errors have no common base.
        """
        height, width = image.shape[:2]
        if width % _MULTIPLE or height % _MULTIPLE:
            raise DetectorFailed(f"an image of {width}x{height} does not suit the network")
        maps = self._engine.run(blob_of(image))
        found = decode(maps.heat[0, 0], maps.size[0], maps.offset[0], self._threshold)
        return [replace(one, score=lifted(one.score, self._lift)) for one in found]


def lifted(score: float, lift: float) -> float:
    """``score`` with its odds multiplied."""
    return score * lift / (1 + score * (lift - 1))


def blob_of(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """``image`` (height x width x 3, BGR) as the network takes it: 1 x 3 x height x width, RGB."""
    planes = np.ascontiguousarray(image[:, :, ::-1].transpose(2, 0, 1), dtype=np.float32)
    return planes[np.newaxis]


def _rounded(length: float) -> int:
    return max(_MULTIPLE, round(length / _MULTIPLE) * _MULTIPLE)


def decode(
    heat: NDArray[np.float32],
    size: NDArray[np.float32],
    offset: NDArray[np.float32],
    threshold: float,
) -> list[Detection]:
    """Boxes from the network's maps, overlapping ones dropped.

    Args:
        heat: rows x columns, scores.
        size: 2 x rows x columns, logarithm of height and width in units of 4 pixels.
        offset: 2 x rows x columns, of the centre within its cell, y and x.
        threshold: lowest score that counts.

    Raises:
        DetectorFailed: a map holds NaN.
    """
    if not np.isfinite(heat.sum(dtype=np.float64)):
        raise DetectorFailed("the network answered scores that are not numbers")
    cells = np.flatnonzero(heat > threshold)  # of two axes at once it takes ten times as long
    if len(cells) == 0:
        return []
    rows, columns = np.divmod(cells, heat.shape[1])
    scores = heat[rows, columns]
    if len(rows) > _MOST_CELLS:
        best = np.argsort(-scores, kind="stable")[:_MOST_CELLS]
        rows, columns, scores = rows[best], columns[best], scores[best]
    with np.errstate(over="ignore"):
        heights = np.exp(size[0, rows, columns]) * _STRIDE
        widths = np.exp(size[1, rows, columns]) * _STRIDE
    tops = (rows + offset[0, rows, columns] + 0.5) * _STRIDE - heights / 2
    lefts = (columns + offset[1, rows, columns] + 0.5) * _STRIDE - widths / 2
    boxes = np.stack([lefts, tops, lefts + widths, tops + heights], axis=1).astype(np.float64)
    if not np.isfinite(boxes).all():
        raise DetectorFailed("the network answered boxes that are not finite")
    limit = np.array([heat.shape[1], heat.shape[0]] * 2, dtype=np.float64) * _STRIDE
    boxes = np.clip(boxes, 0, limit)
    found = []
    for index in without_overlaps(boxes, scores.astype(np.float64), _OVERLAP):
        x0, y0, x1, y1 = boxes[index].tolist()
        if x1 - x0 >= 1 and y1 - y0 >= 1:
            found.append(Detection(x0, y0, x1 - x0, y1 - y0, float(scores[index])))
    return found
