"""What computes the face network: one seam, several libraries and precisions.

Rules kept here:

- An engine turns pictures into the network's three maps and decides nothing.
- ``onnxruntime`` in float32 is the reference: it is always there, and another engine
  is used only once its masks were held against it (:mod:`scrim.redact.choice`).
- An engine that rounds says by how much its scores may be too low (:attr:`Kind.lift`),
  and the detector tells them as much higher: what rounding may hide is covered anyway.
- Its precision is always asked for by name.  A library that chose by the machine would
  give other masks on another machine.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from scrim.errors import EngineUnavailable
from scrim.redact import _openvino
from scrim.redact._onnx import with_input_shape
from scrim.redact._runtime import onnxruntime

INPUT = "input.1"
OUTPUTS = ["537", "538", "539"]  # heat map, log size (h, w), offset (y, x)

Blob = NDArray[np.float32]


class Maps(NamedTuple):
    """What the network answers for N pictures, at a quarter of their size.

    Attributes:
        heat: N x 1 x rows x columns, scores.
        size: N x 2 x rows x columns, logarithm of height and width in units of 4 pixels.
        offset: N x 2 x rows x columns, of the centre within its cell, y and x.
    """

    heat: Blob
    size: Blob
    offset: Blob


class Kind(StrEnum):
    """The engines there may be."""

    ONNXRUNTIME = "onnxruntime"
    OPENVINO = "openvino"
    OPENVINO_BF16 = "openvino-bf16"
    INT8 = "int8"
    OPENVINO_INT8 = "openvino-int8"

    @property
    def lift(self) -> float:
        """What the odds of this engine's scores are multiplied with; 1 where it does not round.

        Odds, since rounding errs alike on the scale before the last function, which makes
        scores of it: most in the middle, and little near 0.
        """
        return _LIFT.get(self, 1.0)

    @property
    def quantised(self) -> bool:
        """Whether it runs the quantised model, which has to be made first."""
        return self in (Kind.INT8, Kind.OPENVINO_INT8)

    @property
    def uses_openvino(self) -> bool:
        """Whether it needs the extra ``accel``."""
        return self.value.startswith("openvino")


_LIFT = {Kind.OPENVINO_BF16: 1.25, Kind.INT8: 2.0, Kind.OPENVINO_INT8: 2.0}


class Engine(Protocol):
    """Computes the network; one call at a time."""

    @property
    def kind(self) -> Kind:
        """Which it is."""

    def run(self, blob: Blob) -> Maps:
        """The maps of ``blob``: N x 3 x height x width, RGB, 0 to 255, multiples of 32.

        Raises:
            Exception: whatever its library raises, which have no common base.
        """


def prepared(model: bytes) -> bytes:
    """The packaged network with free sides, any number of pictures, and no landmarks.

    Raises:
        ValueError: it is another network.
    """
    return with_input_shape(model, INPUT, ("pictures", 3, "height", "width"), OUTPUTS)


def build(kind: Kind, model: bytes, *, threads: int = 1, quantised: bytes | None = None) -> Engine:
    """An engine of that kind.

    Args:
        kind: which.
        model: the packaged model, its hash already checked.
        threads: processor threads for one call.
        quantised: the quantised model, for the kinds that run it.

    Raises:
        EngineUnavailable: its library or its model is not there, or the processor cannot.
        Exception: whatever the library raises when it loads the model.
    """
    if kind.quantised and quantised is None:
        raise EngineUnavailable(
            "The quantised model has not been made.", "Run `scrim engine quantise`."
        )
    network = quantised if kind.quantised and quantised is not None else prepared(model)
    if kind.uses_openvino:
        return _OpenVino(kind, network, threads)
    return _OnnxRuntime(kind, network, threads)


class _OnnxRuntime:
    """One session for all sizes: as fast as one for a size, and its memory is there once."""

    def __init__(self, kind: Kind, network: bytes, threads: int) -> None:
        self.kind = kind
        options = onnxruntime.SessionOptions()
        # onnxruntime's own choice would take every core and escape pinning.
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # A pattern is planned for each size anew, and costs more memory than it saves here.
        options.enable_mem_pattern = False
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = onnxruntime.InferenceSession(
            network, options, providers=["CPUExecutionProvider"]
        )

    def run(self, blob: Blob) -> Maps:
        return Maps(*self._session.run(OUTPUTS, {INPUT: blob}))


class _OpenVino:
    """A compiled network and one request, whose answers are copied out."""

    def __init__(self, kind: Kind, network: bytes, threads: int) -> None:
        self.kind = kind
        try:
            library = _openvino.openvino()
        except ImportError as error:
            raise EngineUnavailable(
                f"OpenVINO cannot be loaded ({error}).", "Install `scrim-cctv[accel]`."
            ) from error
        core = library.Core()
        bf16 = kind is Kind.OPENVINO_BF16
        if bf16 and "BF16" not in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES"):
            raise EngineUnavailable("This processor does not compute in bfloat16.")
        compiled = core.compile_model(
            core.read_model(network),
            "CPU",
            {
                "INFERENCE_PRECISION_HINT": "bf16" if bf16 else "f32",
                "INFERENCE_NUM_THREADS": threads,
                "NUM_STREAMS": 1,
                "PERFORMANCE_HINT": "LATENCY",
                "ENABLE_CPU_PINNING": False,
            },
        )
        self._request: Any = compiled.create_infer_request()

    def run(self, blob: Blob) -> Maps:
        answer = self._request.infer({0: blob})
        return Maps(answer[0], answer[1], answer[2])
