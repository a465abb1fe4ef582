"""Reading a canonical JSON document strictly.

Every document of the vault is read by the same three rules:

1. The bytes are canonical JSON and nothing else: what is written back from
   the value read is the same bytes, so a document has exactly one hash.
2. An object has exactly the fields the format names, each of its own type.
3. What breaks a rule is a ``ValueError``; each format turns it into its own
   error, so that no input whatever makes a parser fail in another way.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from scrim.canonical import canonical

LARGEST_DOCUMENT = 64 * 1024 * 1024
"""Bytes; a manifest of a ten-minute period is a few hundred kilobytes."""

_NAME = re.compile(r"[a-z0-9-]{1,40}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


def load(data: bytes) -> Any:
    """The value of canonical JSON ``data``.

    Raises:
        ValueError: not JSON, not canonical, nested too deep or too large.
    """
    if len(data) > LARGEST_DOCUMENT:
        raise ValueError(f"larger than {LARGEST_DOCUMENT} bytes")
    try:
        value = json.loads(data.decode("utf-8"))
        if canonical(value) != data:
            raise ValueError("not in canonical form")
    except RecursionError:
        raise ValueError("nested too deep") from None
    return value


def is_name(value: object) -> bool:
    """Whether ``value`` may name a camera or a custodian: 1 to 40 of ``a-z 0-9 -``."""
    return isinstance(value, str) and _NAME.fullmatch(value) is not None


def is_sha256(value: object) -> bool:
    """Whether ``value`` is a SHA-256 in lower-case hexadecimal."""
    return isinstance(value, str) and _SHA256.fullmatch(value) is not None


class Fields:
    """One JSON object, its fields taken by name and type."""

    def __init__(
        self,
        value: object,
        names: frozenset[str],
        *,
        maybe: frozenset[str] = frozenset(),
        more: bool = False,
    ) -> None:
        """Take an object apart.

        Args:
            value: what should be an object.
            names: the fields it must have.
            maybe: fields that it may have.
            more: whether it may have others besides.

        Raises:
            ValueError: not an object, or not these fields.
        """
        if not isinstance(value, Mapping):
            raise ValueError("not an object")
        missing = names - value.keys()
        if missing:
            raise ValueError(f"field {min(missing)!r} is missing")
        extra = value.keys() - names - maybe
        if extra and not more:
            raise ValueError(f"unknown field {min(extra)!r}")
        self._value = value

    def has(self, name: str) -> bool:
        return name in self._value

    def text(self, name: str) -> str:
        value = self._value[name]
        if not isinstance(value, str):
            raise ValueError(f"{name} is not text")
        return value

    def is_exactly(self, name: str, expected: str) -> None:
        if self._value[name] != expected:
            raise ValueError(f"{name} is not {expected!r}")

    def name(self, name: str) -> str:
        value = self.text(name)
        if not is_name(value):
            raise ValueError(f"{name} is not 1 to 40 of a-z, 0-9 and -")
        return value

    def sha256(self, name: str) -> str:
        value = self.text(name)
        if not is_sha256(value):
            raise ValueError(f"{name} is not a SHA-256 in lower-case hexadecimal")
        return value

    def number(self, name: str) -> int:
        """A whole number of 0 or more."""
        value = self._value[name]
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise ValueError(f"{name} is not a whole number of 0 or more")
        return value

    def truth(self, name: str) -> bool:
        value = self._value[name]
        if not isinstance(value, bool):
            raise ValueError(f"{name} is neither true nor false")
        return value

    def items(self, name: str) -> Sequence[object]:
        value = self._value[name]
        if not isinstance(value, Sequence) or isinstance(value, str | bytes | bytearray):
            raise ValueError(f"{name} is not a list")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        texts = tuple(item for item in self.items(name) if isinstance(item, str))
        if len(texts) != len(self.items(name)):
            raise ValueError(f"{name} is not a list of texts")
        return texts

    def mapping(self, name: str) -> Mapping[str, Any]:
        value = self._value[name]
        if not isinstance(value, Mapping):
            raise ValueError(f"{name} is not an object")
        return value
