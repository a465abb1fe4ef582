"""A detector that the operator brings: an ONNX file, and how to read what it answers.

Rules kept here:

- Only boxes, scores and the kind set in the settings leave.  A model with an output
  that its layout does not use is refused, because what a network computes besides
  boxes may be who somebody is; landmarks, where the layout knows them, are cut out of
  the network before it is loaded, so that they are never computed.
- An output that looks like a description of a person (one long row of numbers, or a
  name that says so) is refused with that reason.
- Whatever is wrong with the file or its settings shows when the detector is made: it
  is asked once about a plain grey picture, before any camera's picture reaches it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from scrim.errors import DetectorFailed, ModelUnfit
from scrim.redact._onnx import with_input_shape
from scrim.redact._runtime import onnxruntime
from scrim.redact.decoders import LAYOUTS, Terms
from scrim.redact.detector import Detection
from scrim.redact.overlap import without_overlaps
from scrim.redact.recipe import KINDS, Recipe, read_configured

# Two people may hide half of each other; a mask too many costs little.
_OVERLAP = 0.6
_GREY = 114  # what the networks that take letterboxed pictures were trained with
_MOST_IN_GREY = 20
_DESCRIPTION = range(64, 4097)  # how long rows are that describe somebody
_TELLING = re.compile(
    r"embed|feature|descriptor|identity|re-?id\b|reid|gender|emotion|landmark|attribut|ethnic"
    r"|\bage\b|race\b",
    re.IGNORECASE,
)
_OTHER_FILES = "session.model_external_initializers_file_folder_path"
_SETTINGS = "Correct its table in scrim.toml; docs/guide/detectors.md says how."


class ConfiguredDetector:
    """A :class:`~scrim.redact.detector.Detector` made of a :class:`Recipe`.

    Args:
        recipe: see there.
        threads: processor threads for one call.

    Raises:
        ModelMissing, ModelAltered: no such file, or another one than the hash says.
        ModelUnfit: no ONNX model, another input or other outputs than the recipe says,
            outputs that could say who somebody is, or no sane answer about plain grey.
    """

    def __init__(self, recipe: Recipe, threads: int = 1) -> None:
        self._recipe = recipe
        if recipe.kind not in KINDS or recipe.decoder not in LAYOUTS:
            raise self._unfit(f"knows no kind {recipe.kind!r} or no decoder {recipe.decoder!r}")
        self._layout = LAYOUTS[recipe.decoder]
        width, height = recipe.input_size
        self._shape = (1, 3, height, width) if recipe.layout == "nchw" else (1, height, width, 3)
        self._terms = Terms(
            recipe.input_size,
            recipe.threshold,
            recipe.classes,
            recipe.strides,
            recipe.min_sizes,
        )
        self._mean = np.array(recipe.mean, np.float32)
        self._scale = np.array(recipe.scale, np.float32)
        self._session, self._input, self._outputs = self._load(read_configured(recipe), threads)
        self._probe()

    @property
    def name(self) -> str:
        """As in the settings."""
        return self._recipe.name

    @property
    def kind(self) -> str:
        """What its boxes are; one of :data:`KINDS`."""
        return self._recipe.kind

    @property
    def input_size(self) -> tuple[int, int]:
        """Width and height of the network's input."""
        return self._recipe.input_size

    def size_for(self, width: int, height: int) -> tuple[int, int]:
        """How large a picture of that size is in the network's input."""
        across, down = self._recipe.input_size
        if self._recipe.fit == "stretch":
            return across, down
        scale = min(across / width, down / height)
        return max(1, round(width * scale)), max(1, round(height * scale))

    def detect(self, image: NDArray[np.uint8]) -> list[Detection]:
        """Boxes in ``image`` (height x width x 3, BGR, of any size).

        Raises:
            DetectorFailed: the network answered what is no box.
            Exception: whatever onnxruntime raises, whose errors have no common base.
        """
        height, width = image.shape[:2]
        left, top, across, down = self._place(width, height)
        answers = self._session.run(self._outputs, {self._input: self._blob(image)})
        if not all(isinstance(answer, np.ndarray) for answer in answers):
            raise ModelUnfit("An output is not an array of numbers.", _SETTINGS)
        found = self._layout.decode(answers, self._terms)
        scale = np.array([width / across, height / down] * 2)
        boxes = (found.boxes - [left, top, left, top]) * scale
        boxes = np.clip(boxes, 0, [width, height, width, height])
        kept = []
        for index in without_overlaps(boxes, found.scores, _OVERLAP):
            x0, y0, x1, y1 = boxes[index].tolist()
            if x1 - x0 >= 1 and y1 - y0 >= 1:
                score = float(found.scores[index])
                kept.append(Detection(x0, y0, x1 - x0, y1 - y0, score, self._recipe.kind))
        return kept

    def _place(self, width: int, height: int) -> tuple[int, int, int, int]:
        """Left, top, width and height of a picture of that size in the network's input."""
        across, down = self.size_for(width, height)
        whole = self._recipe.input_size
        return (whole[0] - across) // 2, (whole[1] - down) // 2, across, down

    def _blob(self, image: NDArray[np.uint8]) -> NDArray[np.float32]:
        """The image as the network takes it."""
        width, height = self._recipe.input_size
        left, top, across, down = self._place(image.shape[1], image.shape[0])
        if image.shape[:2] != (down, across):
            shrunk = cv2.resize(image, (across, down), interpolation=cv2.INTER_AREA)
            image = shrunk.astype(np.uint8, copy=False)
        if (across, down) != (width, height):
            canvas = np.full((height, width, 3), _GREY, np.uint8)
            canvas[top : top + down, left : left + across] = image
            image = canvas
        if self._recipe.channels == "rgb":
            image = image[:, :, ::-1]
        values = (image.astype(np.float32) - self._mean) * self._scale
        if self._recipe.layout == "nchw":
            values = values.transpose(2, 0, 1)
        return np.ascontiguousarray(values)[np.newaxis]

    def _load(
        self, model: bytes, threads: int
    ) -> tuple[onnxruntime.InferenceSession, str, list[str]]:
        session = self._open(model, threads)
        inputs = session.get_inputs()
        if len(inputs) != 1 or inputs[0].type != "tensor(float)":
            raise self._unfit("has to take one input of 32-bit floats")
        if not _takes(inputs[0].shape, self._shape):
            wanted = " x ".join(map(str, self._shape))
            has = " x ".join(map(str, inputs[0].shape)) or "none"
            raise self._unfit(
                f"takes an input of {has}, and `input_size` and `layout` make {wanted}"
            )
        there = [output.name for output in session.get_outputs()]
        wanted_outputs = self._wanted(there)
        rest = [output for output in session.get_outputs() if output.name not in wanted_outputs]
        if rest:
            if "landmarks" not in self._layout.ignores or not all(
                _is_points(o.shape) for o in rest
            ):
                raise self._unfit(
                    f"has an output {rest[0].name!r} that its layout does not use, and Scrim runs"
                    " no model that could say more than where things are"
                )
            try:
                model = with_input_shape(model, inputs[0].name, self._shape, wanted_outputs)
            except ValueError as error:
                raise self._unfit("cannot be read") from error
            session = self._open(model, threads)
        return session, str(inputs[0].name), wanted_outputs

    def _wanted(self, there: list[str]) -> list[str]:
        """Names of the outputs in the order of the layout."""
        roles = self._layout.roles
        named = list(self._recipe.outputs or there[: len(roles)])
        if (
            len(named) != len(roles)
            or len(set(named)) != len(named)
            or not set(named) <= set(there)
        ):
            raise self._unfit(
                f"has the outputs {', '.join(there)}, and the layout {self._recipe.decoder} needs"
                f" {', '.join(roles)}"
            )
        for name in named:
            if _TELLING.search(name):
                raise self._unfit(f"has an output {name!r}, by its name a description of people")
        return named

    def _open(self, model: bytes, threads: int) -> onnxruntime.InferenceSession:
        options = onnxruntime.SessionOptions()
        # as in centerface: onnxruntime's own choice would take every core
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 4
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        # weights in other files would be read from the working folder, and no hash covers them
        options.add_session_config_entry(_OTHER_FILES, os.devnull)
        try:
            return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime's errors have no common base
            raise self._unfit("is no ONNX model with all its weights in it") from error

    def _probe(self) -> None:
        """Ask once about plain grey, so that a wrong recipe shows now.

        Raises:
            ModelUnfit: the outputs do not fit, are no numbers, or see things there.
        """
        width, height = self._recipe.input_size
        grey = np.full((height, width, 3), _GREY, np.uint8)
        try:
            answers: Sequence[Any] = self._session.run(
                self._outputs, {self._input: self._blob(grey)}
            )
            self._refuse_descriptions(answers)
            found = self.detect(grey)
        except ModelUnfit as error:
            raise self._unfit(f"does not fit its settings: {error.message}") from error
        except DetectorFailed as error:
            raise self._unfit(f"answers nonsense: {error.message}") from error
        except Exception as error:  # onnxruntime's errors have no common base
            raise self._unfit(f"cannot be run ({type(error).__name__})") from error
        if len(found) > _MOST_IN_GREY:
            raise self._unfit(
                f"sees {len(found)} things in a plain grey picture; its decoder, its classes or"
                " its mean and scale are not the right ones"
            )

    def _refuse_descriptions(self, answers: Sequence[Any]) -> None:
        for name, answer in zip(self._outputs, answers, strict=True):
            shape: tuple[int, ...] = getattr(answer, "shape", ())
            if 1 <= len(shape) <= 2 and shape[-1] in _DESCRIPTION:
                raise ModelUnfit(
                    f"its output {name!r} is a row of {shape[-1]} numbers, which is how a face or"
                    " a person is described, and Scrim recognises nobody."
                )

    def _unfit(self, what: str) -> ModelUnfit:
        end = "" if what.endswith(".") else "."
        return ModelUnfit(
            f"The model {self._recipe.model.name} of detector {self._recipe.name!r} {what}{end}",
            _SETTINGS,
        )


def _takes(shape: Sequence[Any], wanted: tuple[int, ...]) -> bool:
    """Whether a declared shape, whose sides may be names, can be ``wanted``."""
    return len(shape) == len(wanted) and all(
        not isinstance(side, int) or side == given
        for side, given in zip(shape, wanted, strict=True)
    )


def _is_points(shape: Sequence[Any]) -> bool:
    """Whether an output is five points for each box, and nothing longer."""
    return len(shape) == 3 and shape[-1] == 10
