"""What the face network's ONNX file needs done to it, without the ``onnx`` package.

The CenterFace file fixes its input at 10x3x32x32, lists every weight among the
graph's inputs (which keeps onnxruntime from folding batch normalisation into
the convolutions), and carries the shapes of all values in between.  Only the
outermost messages of the protobuf are read here: weights and nodes are copied
byte for byte, or left out, and a few nodes are added.  Field numbers are those of
``onnx.proto`` (ONNX 1.x, public).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

_VARINT, _LENGTH = 0, 2

# ModelProto
_IR_VERSION, _GRAPH = 1, 7
# GraphProto
_NODE, _INITIALISER, _INPUT, _OUTPUT, _VALUE_INFO = 1, 5, 11, 12, 13
# NodeProto
_TAKES, _GIVES, _OPERATOR, _ATTRIBUTE = 1, 2, 4, 5
# AttributeProto
_ATTRIBUTE_NAME, _INTS, _TYPE = 1, 8, 20
_TYPE_INTS = 7
# TensorProto
_TENSOR_NAME = 8
# An initialiser that is not also a graph input is allowed since IR version 4.
_IR_WITH_CONSTANT_WEIGHTS = 4
_FLOAT = 1

Shape = tuple[int | str, ...]


def _read_varint(data: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise ValueError("not a protobuf message")
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _fields(data: memoryview) -> Iterator[tuple[int, memoryview, memoryview]]:
    """Yield (field number, the whole field, its payload); varints have an empty payload."""
    at = 0
    while at < len(data):
        start = at
        tag, at = _read_varint(data, at)
        body = at
        match tag & 7:
            case 0:
                _, at = _read_varint(data, at)
                body = at
            case 1:
                at += 8
            case 2:
                length, body = _read_varint(data, at)
                at = body + length
            case 5:
                at += 4
            case _:
                raise ValueError("not a protobuf message")
        if at > len(data):
            raise ValueError("the message is cut off")
        yield tag >> 3, data[start:at], data[body:at]


def _message(number: int, payload: bytes) -> bytes:
    return _varint(number << 3 | _LENGTH) + _varint(len(payload)) + payload


def _names(message: memoryview, field: int) -> list[str]:
    """The strings of a message's field, in their order."""
    return [bytes(payload).decode() for number, _, payload in _fields(message) if number == field]


def _name(value_info: memoryview) -> str:
    return next(iter(_names(value_info, 1)), "")


def _needed(nodes: list[memoryview], given: Collection[str], outputs: Collection[str]) -> set[str]:
    """Names of all values from ``given`` to ``outputs``; nodes come in the order they are run."""
    needed = set(outputs)
    for node in reversed(nodes):
        if not needed.isdisjoint(_names(node, _GIVES)):
            needed.update(name for name in _names(node, _TAKES) if name not in given)
    return needed


def _value(name: str, shape: Shape | None) -> bytes:
    """A ValueInfoProto of float32; ``None`` leaves the shape open."""
    tensor = _varint(1 << 3 | _VARINT) + _varint(_FLOAT)
    if shape is not None:
        tensor += _message(2, b"".join(_message(1, _dimension(side)) for side in shape))
    return _message(1, name.encode()) + _message(2, _message(1, tensor))


def _dimension(side: int | str) -> bytes:
    if isinstance(side, str):
        return _message(2, side.encode())
    return _varint(1 << 3 | _VARINT) + _varint(side)


def with_input_shape(model: bytes, name: str, shape: Shape, outputs: Collection[str]) -> bytes:
    """The same network for its one input ``name`` that is not a weight; see :func:`part`."""
    return part(model, {name: shape}, outputs)


def part(model: bytes, inputs: Mapping[str, Shape], outputs: Collection[str]) -> bytes:
    """What computes ``outputs`` from ``inputs``, its weights constant.

    Outputs not asked for are dropped, and so are the nodes and weights that only they
    need; onnxruntime would go on computing them.  So is what leads to an input.

    Args:
        model: an ONNX ``ModelProto``, serialised.
        inputs: by name, what it is given: inputs that are not weights, or values inside the
            network; each with its size, float32, where a name stands for a side that is free.
        outputs: names of what it answers: outputs, or values inside the network.

    Raises:
        ValueError: not an ONNX model, or without one of these.
    """
    out = bytearray(_varint(_IR_VERSION << 3 | _VARINT) + _varint(_IR_WITH_CONSTANT_WEIGHTS))
    missing = {*inputs, *outputs}
    for number, whole, payload in _fields(memoryview(model)):
        if number == _GRAPH:
            missing -= _values(payload)
            given = b"".join(_message(_INPUT, _value(name, inputs[name])) for name in inputs)
            wanted = b"".join(_message(_OUTPUT, _value(output, None)) for output in outputs)
            out += _message(_GRAPH, _pruned(payload, inputs, outputs) + given + wanted)
        elif number != _IR_VERSION:
            out += whole
    if missing:
        raise ValueError(f"the model has no {', '.join(sorted(missing))}")
    return bytes(out)


def _values(graph: memoryview) -> set[str]:
    """Names of a graph's inputs and of all that its nodes give."""
    names = {_name(payload) for number, _, payload in _fields(graph) if number == _INPUT}
    for number, _, payload in _fields(graph):
        if number == _NODE:
            names.update(_names(payload, _GIVES))
    return names


def _pruned(graph: memoryview, given: Collection[str], outputs: Collection[str]) -> bytes:
    """A graph's nodes and weights from ``given`` to ``outputs``, without its list of either end."""
    nodes = [payload for number, _, payload in _fields(graph) if number == _NODE]
    needed = _needed(nodes, given, outputs)
    names_in = {_NODE: _GIVES, _INITIALISER: _TENSOR_NAME}
    out = bytearray()
    for number, whole, payload in _fields(graph):
        if number in names_in:
            if not needed.isdisjoint(_names(payload, names_in[number])):
                out += whole
        elif number not in (_INPUT, _OUTPUT, _VALUE_INFO):
            out += whole
    return bytes(out)


def merged(model: bytes, first: str, second: str) -> bytes:
    """The same network with two 1x1 convolutions as one, which come after each other.

    Only nodes are written: the weights of both are multiplied by onnxruntime, which folds
    what is constant when it loads a model, and drops them.

    Args:
        model: an ONNX ``ModelProto``, serialised, of operator set 12 or lower.
        first: what the first gives; nothing but the second takes it.
        second: what the second gives.

    Raises:
        ValueError: not an ONNX model, or without these.
    """
    out = bytearray()
    ends: list[list[str]] = []
    for number, whole, payload in _fields(memoryview(model)):
        if number != _GRAPH:
            out += whole
            continue
        graph = bytearray()
        for field, node, body in _fields(payload):
            if field == _NODE and _names(body, _GIVES) in ([first], [second]):
                ends.append(_names(body, _TAKES))
                if len(ends) == 2:
                    graph += _as_one(ends[0], ends[1], second)
            else:
                graph += node
        out += _message(_GRAPH, bytes(graph))
    if len(ends) != 2 or ends[1][0] != first:
        raise ValueError(f"the model has no {second} of {first}")
    return bytes(out)


def _as_one(first: list[str], second: list[str], gives: str) -> bytes:
    """Nodes for a convolution of a convolution; of each the data, weights and bias are named.

    The first's weights (middle x in x 1 x 1) and bias are taken for a picture of middle
    channels, one pixel for each channel in, and the second is applied to it.
    """
    (data, weights, bias), (_, *then) = first, second
    new = f"{gives}.weights", f"{gives}.bias"
    picture, pixel, seen, answer = (f"{gives}.{number}" for number in range(4))
    return b"".join(
        (
            _node("Transpose", [weights], picture, perm=[2, 0, 1, 3]),
            _node("Conv", [picture, then[0]], seen),
            _node("Transpose", [seen], new[0], perm=[1, 2, 0, 3]),
            _node("Unsqueeze", [bias], pixel, axes=[0, 2, 3]),
            _node("Conv", [pixel, *then], answer),
            _node("Squeeze", [answer], new[1], axes=[0, 2, 3]),
            _node("Conv", [data, *new], gives),
        )
    )


def _node(operator: str, takes: list[str], gives: str, **attributes: list[int]) -> bytes:
    """One operation, as a field of a graph."""
    body = b"".join(_message(_TAKES, name.encode()) for name in takes)
    body += _message(_GIVES, gives.encode()) + _message(_OPERATOR, operator.encode())
    for name, values in attributes.items():
        one = _message(_ATTRIBUTE_NAME, name.encode())
        one += b"".join(_varint(_INTS << 3 | _VARINT) + _varint(value) for value in values)
        one += _varint(_TYPE << 3 | _VARINT) + _varint(_TYPE_INTS)
        body += _message(_ATTRIBUTE, one)
    return _message(_NODE, body)
