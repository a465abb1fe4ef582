"""Two convolutions with nothing between them, as one, without the ``onnx`` package.

CenterFace brings 960 values down to 320 and these to 24, and nothing bends between:
960 to 24 gives the same numbers for a third of the work, 4 to 6 % of the whole network.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from scrim.redact._onnx import (
    GIVES,
    GRAPH,
    INITIALISER,
    NODE,
    TAKES,
    TENSOR_NAME,
    fields,
    message,
    names,
    varint,
)

# TensorProto
_DIMS, _DATA_TYPE, _FLOATS, _RAW = 1, 2, 4, 9
_FLOAT = 1


def joined(model: bytes, first: str, second: str) -> bytes:
    """The network with the 1x1 convolutions that give ``first`` and then ``second`` as one.

    Args:
        model: an ONNX ``ModelProto``, serialised, its weights constant.
        first: what the first convolution gives, and only the second takes.
        second: what the second gives.

    Raises:
        ValueError: it has no such two convolutions.
    """
    out = bytearray()
    for number, whole, payload in fields(memoryview(model)):
        out += message(GRAPH, _joined(payload, first, second)) if number == GRAPH else whole
    return bytes(out)


def _joined(graph: memoryview, first: str, second: str) -> bytes:
    nodes = [payload for number, _, payload in fields(graph) if number == NODE]
    tensors = {
        names(payload, TENSOR_NAME)[0]: payload
        for number, _, payload in fields(graph)
        if number == INITIALISER
    }
    takes = {output: names(node, TAKES) for node in nodes for output in names(node, GIVES)}
    users = [output for output, inputs in takes.items() if first in inputs]
    if users != [second] or len(takes.get(first, ())) != 3 or len(takes[second]) != 3:
        raise ValueError(f"{first} and {second} are not given by two convolutions in a row")
    source, *before = takes[first]
    _, *after = takes[second]
    if not {*before, *after} <= tensors.keys():
        raise ValueError("a convolution whose weights are not constant")
    kept = dict(zip(after, _product(*(tensors[name] for name in before + after)), strict=True))
    out = bytearray()
    for number, whole, payload in fields(graph):
        if number == NODE and names(payload, GIVES) == [first]:
            continue
        if number == NODE and names(payload, GIVES) == [second]:
            out += message(NODE, _from(payload, first, source))
        elif number == INITIALISER and (name := names(payload, TENSOR_NAME)[0]) in kept:
            out += message(INITIALISER, _tensor(name, kept[name]))
        elif number != INITIALISER or names(payload, TENSOR_NAME)[0] not in before:
            out += whole
    return bytes(out)


def _product(
    first_weight: memoryview, first_bias: memoryview, weight: memoryview, bias: memoryview
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Weight and bias of the one convolution."""
    before, offset = _values(first_bias), _values(bias)
    inner = _values(first_weight).reshape(len(before), -1)
    outer = _values(weight).reshape(len(offset), -1)
    if outer.shape[1] != len(before):
        raise ValueError("a convolution of more than one pixel")
    return (outer @ inner)[:, :, np.newaxis, np.newaxis], outer @ before + offset


def _values(tensor: memoryview) -> NDArray[np.float64]:
    raw = [payload for number, _, payload in fields(tensor) if number in (_FLOATS, _RAW)]
    if len(raw) != 1:
        raise ValueError("weights that are not stored in one piece")
    return np.frombuffer(raw[0], "<f4").astype(np.float64)


def _tensor(name: str, values: NDArray[np.float64]) -> bytes:
    sides = b"".join(varint(_DIMS << 3) + varint(side) for side in values.shape)
    kind = varint(_DATA_TYPE << 3) + varint(_FLOAT)
    content = message(_RAW, values.astype("<f4").tobytes())
    return sides + kind + message(TENSOR_NAME, name.encode()) + content


def _from(node: memoryview, first: str, source: str) -> bytes:
    """``node``, taking ``source`` where it took ``first``."""
    out = bytearray()
    for number, whole, payload in fields(node):
        taken = number == TAKES and bytes(payload).decode() == first
        out += message(TAKES, source.encode()) if taken else whole
    return bytes(out)
