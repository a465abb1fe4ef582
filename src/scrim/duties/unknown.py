"""A fact that cannot be told, which is not the same as that there is none."""

from __future__ import annotations

from enum import Enum
from typing import Final, TypeAlias

from scrim.norms.facts import Value


class _Unknown(Enum):
    UNKNOWN = "unknown"


UNKNOWN: Final = _Unknown.UNKNOWN

Told: TypeAlias = Value | _Unknown
"""What a function of facts gives."""


def told(values: dict[str, Told]) -> dict[str, object]:
    """Those that could be told."""
    return {name: value for name, value in values.items() if value is not UNKNOWN}
