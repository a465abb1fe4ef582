"""Canonical JSON: one byte string for one value, so that a hash means something.

The subset of RFC 8785 (JSON Canonicalization Scheme) without floating-point
numbers: objects with string keys sorted by UTF-16 code units, arrays, strings,
integers within ±(2**53 - 1), booleans and null; UTF-8, no white space.
Floats are refused, because two languages seldom print them alike.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import TypeAlias

Json: TypeAlias = None | bool | int | str | Sequence["Json"] | Mapping[str, "Json"]

_LARGEST = 2**53 - 1


def _checked(value: Json) -> Json:
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        if not -_LARGEST <= value <= _LARGEST:
            raise ValueError(f"integer {value} is beyond ±(2**53 - 1)")
        return value
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise ValueError("object keys must be strings")
        keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
        return {key: _checked(value[key]) for key in keys}
    if isinstance(value, list | tuple):
        return [_checked(item) for item in value]
    raise ValueError(f"{type(value).__name__} has no canonical form")


def canonical(value: Json) -> bytes:
    """The canonical bytes of ``value``.

    Raises:
        ValueError: a float, bytes, a key that is no string, or a large integer.
    """
    return json.dumps(_checked(value), ensure_ascii=False, separators=(",", ":")).encode()


def digest(value: Json) -> str:
    """SHA-256 of the canonical bytes, in lower-case hexadecimal."""
    return hashlib.sha256(canonical(value)).hexdigest()
