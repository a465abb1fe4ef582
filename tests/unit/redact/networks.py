"""Small ONNX networks for the tests: they see bright cells, and answer as the common detectors do.

Each takes a picture as values from 0 to 1 and looks at its red channel in cells of 16
pixels; a cell's score is 0 for grey and darker, 1 for white.  A cell's box is its own
square widened to 32 pixels.  Field numbers are those of ``onnx.proto``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from scrim.redact._onnx import _message, _value, _varint

CELL = 16
BOX = 32


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def tensor(name: str, array: NDArray[np.generic]) -> bytes:
    """A constant, as a field of a graph."""
    kind = {"float32": 1, "int64": 7}[array.dtype.name]
    dims = b"".join(_number(1, side) for side in array.shape)
    body = dims + _number(2, kind) + _message(8, name.encode()) + _message(9, array.tobytes())
    return _message(5, body)


def node(operator: str, takes: list[str], gives: str, **attributes: int | list[int]) -> bytes:
    """One operation, as a field of a graph."""
    body = b"".join(_message(1, name.encode()) for name in takes)
    body += _message(2, gives.encode()) + _message(4, operator.encode())
    for key, value in attributes.items():
        one = _message(1, key.encode())
        if isinstance(value, int):
            one += _number(3, value) + _number(20, 2)
        else:
            one += b"".join(_number(8, item) for item in value) + _number(20, 7)
        body += _message(5, one)
    return _message(1, body)


def network(
    parts: list[bytes], inputs: dict[str, tuple[int | str, ...]], outputs: list[str]
) -> bytes:
    """A whole file."""
    graph = b"".join(parts) + _message(2, b"test")
    graph += b"".join(_message(11, _value(name, shape)) for name, shape in inputs.items())
    graph += b"".join(_message(12, _value(name, None)) for name in outputs)
    return _number(1, 8) + _message(7, graph) + _message(8, _message(1, b"") + _number(2, 13))


class Bright:
    """Parts of a network that scores the bright cells of its picture."""

    def __init__(self, width: int = 160, height: int = 96, *, nhwc: bool = False) -> None:
        self.columns, self.rows = width // CELL, height // CELL
        self.count = self.columns * self.rows
        self.inputs: dict[str, tuple[int | str, ...]] = {
            "picture": (1, height, width, 3) if nhwc else (1, 3, height, width)
        }
        weights = np.zeros((1, 3, CELL, CELL), np.float32)
        weights[0, 0] = 2 / CELL**2
        self.parts = [
            tensor("weights", weights),
            tensor("bias", np.array([-1.0], np.float32)),
        ]
        planar = "picture"
        if nhwc:
            planar = "planar"
            self.parts.append(node("Transpose", ["picture"], planar, perm=[0, 3, 1, 2]))
        self.parts += [
            node("Conv", [planar, "weights", "bias"], "sums", strides=[CELL, CELL]),
            node("Relu", ["sums"], "heat"),
        ]

    def centres(self) -> NDArray[np.float32]:
        """N x 2, in pixels."""
        across, down = np.meshgrid(np.arange(self.columns), np.arange(self.rows))
        cells = np.stack([across.ravel(), down.ravel()], axis=1) + 0.5
        return (cells * CELL).astype(np.float32)

    def add(self, *parts: bytes) -> None:
        self.parts += parts

    def constant(self, name: str, array: NDArray[np.generic]) -> None:
        self.add(tensor(name, np.ascontiguousarray(array)))

    def shaped(self, takes: str, gives: str, *shape: int) -> None:
        self.constant(f"{gives}.shape", np.array(shape, np.int64))
        self.add(node("Reshape", [takes, f"{gives}.shape"], gives))

    def output(self, name: str, array: NDArray[np.float32]) -> None:
        """An output that is always the same."""
        self.constant(f"{name}.constant", array)
        self.add(node("Identity", [f"{name}.constant"], name))

    def file(self, *outputs: str) -> bytes:
        return network(self.parts, self.inputs, list(outputs))


def centernet(width: int = 160, height: int = 96, *, nhwc: bool = False) -> bytes:
    made = Bright(width, height, nhwc=nhwc)
    cells = (1, 2, made.rows, made.columns)
    made.output("sizes", np.full(cells, BOX / CELL, np.float32))
    made.output("offsets", np.full(cells, 0.5, np.float32))
    return made.file("heat", "sizes", "offsets")


def yolo_v8(width: int = 160, height: int = 96) -> bytes:
    """Two classes: nothing, and the bright cells."""
    made = Bright(width, height)
    boxes = np.concatenate([made.centres(), np.full((made.count, 2), BOX, np.float32)], axis=1)
    made.constant("cells", boxes.T[np.newaxis])
    made.constant("nothing", np.zeros((1, 1, made.count), np.float32))
    made.shaped("heat", "scores", 1, 1, made.count)
    made.add(node("Concat", ["cells", "nothing", "scores"], "boxes", axis=1))
    return made.file("boxes")


def ssd(width: int = 160, height: int = 96, *, extra: tuple[int, ...] = ()) -> bytes:
    """Scores first, as several have it, and perhaps an output more."""
    made = Bright(width, height)
    centres = made.centres()
    corners = np.concatenate([centres - BOX / 2, centres + BOX / 2], axis=1)
    fractions = corners / np.array([width, height] * 2)
    made.output("boxes", fractions[np.newaxis].astype(np.float32))
    made.shaped("heat", "scores", 1, made.count, 1)
    outputs = ["scores", "boxes"]
    if extra:
        made.output("extra", np.zeros(extra, np.float32))
        outputs.append("extra")
    return made.file(*outputs)


def priors(width: int = 160, height: int = 96, *, points: int = 0) -> bytes:
    """One prior box of 32 pixels a cell; perhaps landmarks, computed from the picture."""
    made = Bright(width, height)
    made.output("loc", np.zeros((1, made.count, 4), np.float32))
    made.shaped("heat", "face", 1, made.count, 1)
    made.constant("nothing", np.zeros((1, made.count, 1), np.float32))
    made.add(node("Concat", ["nothing", "face"], "conf", axis=2))
    outputs = ["loc", "conf"]
    if points:
        made.add(node("Concat", ["face"] * points, "landms", axis=2))
        outputs.append("landms")
    return made.file(*outputs)


def row(length: int = 512) -> bytes:
    """What describes a face: one row of numbers for the whole picture."""
    made = Bright()
    made.output("out", np.zeros((1, length), np.float32))
    return made.file("out")


def fixed(**outputs: NDArray[np.float32]) -> bytes:
    """Answers the same whatever it sees."""
    made = Bright()
    for name, array in outputs.items():
        made.output(name, array)
    return made.file(*outputs)


def outside(array: NDArray[np.float32], file: str) -> bytes:
    """Answers what lies in another file."""
    made = Bright()
    place = _message(1, b"location") + _message(2, file.encode())
    dims = b"".join(_number(1, side) for side in array.shape)
    body = dims + _number(2, 1) + _message(8, b"far") + _message(13, place) + _number(14, 1)
    made.add(_message(5, body), node("Identity", ["far"], "boxes"))
    return made.file("boxes")
