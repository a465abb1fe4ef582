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

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from scrim.errors import EngineUnavailable
from scrim.redact import _openvino
from scrim.redact._onnx import Shape, merged, part
from scrim.redact._runtime import onnxruntime
from scrim.redact._strips import PIXELS, Reach, Strip, strips

INPUT = "input.1"
OUTPUTS = ["537", "538", "539"]  # heat map, log size (h, w), offset (y, x)
_PICTURES: Shape = ("pictures", 3, "height", "width")

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


_LIFT = {Kind.OPENVINO_BF16: 1.25, Kind.INT8: 1.25, Kind.OPENVINO_INT8: 1.25}


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
    return part(model, {INPUT: _PICTURES}, OUTPUTS)


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
    if kind is Kind.ONNXRUNTIME:
        return OnnxRuntime(model, threads)
    network = quantised if kind.quantised and quantised is not None else prepared(model)
    if kind.uses_openvino:
        return _OpenVino(kind, network, threads)
    return _Quantised(kind, network, threads)


def _session(network: bytes, threads: int, *, sharing: bool) -> Any:
    """One for all sizes: as fast as one for a size, and its memory is there once.

    Args:
        network: what it computes.
        threads: processor threads for one call.
        sharing: whether it takes its memory from the process's arena, and all of a call's in
            one piece, planned for its size.  That is a little faster, and where each session
            had an arena of its own, pieces of many sizes would cost more than they save.
    """
    options = onnxruntime.SessionOptions()
    # onnxruntime's own choice would take every core and escape pinning.
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.enable_mem_pattern = sharing
    options.add_session_config_entry("session.use_env_allocators", str(int(sharing)))
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"])


class _Quantised:
    """The quantised model in one session."""

    def __init__(self, kind: Kind, network: bytes, threads: int) -> None:
        self.kind = kind
        self._session = _session(network, threads, sharing=False)

    def run(self, blob: Blob) -> Maps:
        return Maps(*self._session.run(OUTPUTS, {INPUT: blob}))


class _Seam(NamedTuple):
    """A value at which the network is cut in two.

    Attributes:
        name: in the model.
        channels: of it.
        stride: pixels of the picture for one of its cells.
    """

    name: str
    channels: int
    stride: int


# What the maps take from a quarter of the picture's size, and what the next layers go on from.
# The first of eight lines depends on 13 above it, the last on 6 below.
_SEAMS = (_Seam("531", 24, 4), _Seam("394", 32, 8))
_REACH = Reach(stride=8, above=16, below=8)


# Two convolutions with nothing between them, of which the first has far more channels.
_LINEAR = ("507", "509")


class OnnxRuntime:
    """The reference: its first layers strip by strip, where a picture is large, then the rest.

    What the first of them make of a picture of 1216x704 is 82 MB at its widest, and they
    wait for memory longer than they compute.  Maps are those of the network in one piece but
    for the order in which some numbers are added: scores differ by less than a millionth.

    Args:
        model: the packaged model, its hash already checked.
        threads: processor threads for one call.
        pixels: of a strip at least (:func:`~scrim.redact._strips.strips`).

    Raises:
        ValueError: it is another network.
        Exception: whatever onnxruntime raises when it loads the model.
    """

    kind = Kind.ONNXRUNTIME

    def __init__(self, model: bytes, threads: int = 1, *, pixels: int = PIXELS) -> None:
        names = [seam.name for seam in _SEAMS]
        at_seams: dict[str, Shape] = {
            name: ("pictures", channels, f"height/{stride}", f"width/{stride}")
            for name, channels, stride in _SEAMS
        }
        model = merged(model, *_LINEAR)
        networks = (
            prepared(model),
            part(model, {INPUT: _PICTURES}, names),
            part(model, at_seams, OUTPUTS),
        )
        # The whole is faster where there is one strip, and takes 8 MB for its weights.
        self._whole, self._first, self._rest = (
            _session(network, threads, sharing=True) for network in networks
        )
        self._names = names
        self._pixels = pixels

    def run(self, blob: Blob) -> Maps:
        """As :meth:`Engine.run`."""
        _, _, height, width = blob.shape
        cut = strips(width, height, _REACH, self._pixels)
        if len(cut) == 1:
            return Maps(*self._whole.run(OUTPUTS, {INPUT: blob}))
        seams = dict(zip(self._names, self._at_seams(blob, cut), strict=True))
        return Maps(*self._rest.run(OUTPUTS, seams))

    def _at_seams(self, blob: Blob, cut: Sequence[Strip]) -> list[Blob]:
        """The seams' values, N x channels x rows x columns, for N pictures."""
        count, _, height, width = blob.shape
        wholes = [
            np.empty((count, channels, height // stride, width // stride), np.float32)
            for _, channels, stride in _SEAMS
        ]
        for picture in range(count):
            for strip in cut:
                lines = blob[picture : picture + 1, :, strip.top : strip.bottom]
                parts = self._first.run(self._names, {INPUT: lines})
                for whole, piece, (_, _, stride) in zip(wholes, parts, _SEAMS, strict=True):
                    whole[picture, :, strip.there(stride)] = piece[0, :, strip.here(stride)]
        return wholes


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
