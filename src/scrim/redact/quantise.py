"""The face network in 8-bit integers: made once, by an explicit command.

Weights are rounded to signed, what flows between layers to unsigned 8-bit numbers
whose ranges are taken from pictures (static quantisation, QDQ).  The three last
convolutions and the score stay in float32: they decide, and cost next to nothing.  So do
the three first: few channels at half the picture's size, which 8 bits compute no faster,
and what is rounded there is rounded for all that follows (``docs/adr/0166``).
"""

from __future__ import annotations

import contextlib
import io
import logging
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scrim.errors import EngineUnavailable
from scrim.redact._runtime import onnxruntime
from scrim.redact.engine import INPUT, OUTPUTS, prepared

_OPSET = 13  # the first whose rounding has a scale for each channel
RECIPE = 2
"""Raised whenever another model would be made of the same: its scores are told otherwise."""

_FIRST = 3  # convolutions that stay as they are
_PERCENTILE = 99.999  # beyond it a single bright pixel would widen a whole range


def quantised(model: bytes, blobs: Sequence[NDArray[np.float32]]) -> bytes:
    """The packaged network, quantised with ranges seen on ``blobs``.

    Args:
        model: the packaged model, its hash already checked.
        blobs: 1 x 3 x height x width, as :meth:`~scrim.redact.engine.Engine.run` takes them.

    Raises:
        EngineUnavailable: the package ``onnx`` is not there.
    """
    try:
        import onnx
        import onnx.version_converter
        from onnxruntime import quantization
    except ImportError as error:
        raise EngineUnavailable(
            f"Quantising needs a package that is not there ({error}).",
            "Install `scrim-cctv[accel]`.",
        ) from error
    with tempfile.TemporaryDirectory() as folder, _quiet():
        plain, rounded = Path(folder) / "plain.onnx", Path(folder) / "rounded.onnx"
        network = onnx.version_converter.convert_version(
            onnx.load_from_string(prepared(model)), _OPSET
        )
        _fold(network.SerializeToString(), plain)
        network = onnx.load(str(plain))
        for number, node in enumerate(network.graph.node):
            node.name = f"node-{number}"  # the tool leaves out nodes by name, and they have none
        onnx.save(network, str(plain))
        quantization.quantize_static(
            str(plain),
            str(rounded),
            _reader(quantization, blobs),
            quant_format=quantization.QuantFormat.QDQ,
            activation_type=quantization.QuantType.QUInt8,
            weight_type=quantization.QuantType.QInt8,
            per_channel=True,
            nodes_to_exclude=_first(network) + _last(network),
            op_types_to_quantize=["Conv", "ConvTranspose", "Add", "Relu"],
            calibrate_method=quantization.CalibrationMethod.Percentile,
            # one picture at a time: a picture's values between layers take 400 MB
            extra_options={"CalibPercentile": _PERCENTILE, "CalibStridedMinMax": 1},
        )
        return rounded.read_bytes()


def _fold(network: bytes, into: Path) -> None:
    """Fold batch normalisation into the convolutions, as onnxruntime does when it loads."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(into)
    options.log_severity_level = 3
    onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"])


def _first(network: Any) -> list[str]:
    """Names of the nodes before the first convolution that is rounded."""
    nodes = network.graph.node
    convolutions = [number for number, node in enumerate(nodes) if node.op_type == "Conv"]
    return [node.name for node in nodes[: convolutions[_FIRST]]]


def _last(network: Any) -> list[str]:
    """Names of the nodes that make the outputs, and of the convolution before the score."""
    gives = {output: node for node in network.graph.node for output in node.output}
    score = gives[OUTPUTS[0]]
    return [gives[output].name for output in OUTPUTS] + [gives[score.input[0]].name]


def _reader(quantization: Any, blobs: Sequence[NDArray[np.float32]]) -> Any:
    class Reader(quantization.CalibrationDataReader):  # type: ignore[misc]
        """Hands out the pictures, a range of them at a time."""

        def __init__(self) -> None:
            self._left = iter(blobs)

        def __len__(self) -> int:
            return len(blobs)

        def set_range(self, start_index: int, end_index: int) -> None:
            self._left = iter(blobs[start_index:end_index])

        def get_next(self) -> dict[str, NDArray[np.float32]] | None:
            blob = next(self._left, None)
            return None if blob is None else {INPUT: blob}

    return Reader()


@contextlib.contextmanager
def _quiet() -> Any:
    """The tool prints and warns about what is done here on purpose."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            yield
    finally:
        logging.disable(before)
