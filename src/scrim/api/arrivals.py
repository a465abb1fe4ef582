"""What a recorder's message may hold.

:mod:`scrim.live.wire` says how messages stand on the wire; this checks their values
before anything is kept, so that a confused recorder cannot confuse a playlist.
"""

from __future__ import annotations

import math
import re
from dataclasses import fields
from typing import Final

from scrim.clock import SECOND
from scrim.live.wire import RUNGS, Init, Message, Part, Status, WireError

_CAMERA: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_CODEC: Final = re.compile(r"[A-Za-z0-9.]{1,64}")
_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "str": (str,),
    "int": (int,),
    "bool": (bool,),
    "float": (float, int),
    "int | None": (int, type(None)),
    "str | None": (str, type(None)),
    "bytes": (bytes,),
}
_STATES: Final = frozenset({"starting", "masked", "clear", "blanked", "offline"})
_LARGEST: Final = 2**53 - 1
_SIGNED: Final = frozenset({"latency_ms"})  # a camera's clock may be ahead
_LONGEST_TEXT: Final = 2000
_LONGEST_PART_US: Final = 600 * SECOND


def checked(message: Message) -> None:
    """See that every value of the message makes sense.

    Raises:
        WireError: names the field.
    """
    for item in fields(message):
        value = getattr(message, item.name)
        types = _TYPES.get(str(item.type), (str,))  # what is left is the message's own name
        wrong_bool = isinstance(value, bool) and bool not in types
        if not isinstance(value, types) or wrong_bool:
            raise WireError(f"{item.name} has the wrong type")
        if isinstance(value, int | float) and not _sane(value, item.name in _SIGNED):
            raise WireError(f"{item.name} is out of range")
        if isinstance(value, str) and len(value) > _LONGEST_TEXT:
            raise WireError(f"{item.name} is too long")
    if not _CAMERA.fullmatch(message.camera):
        raise WireError("camera is no camera's id")
    if isinstance(message, Init) and not (_CODEC.fullmatch(message.codec) and message.payload):
        raise WireError("codec or payload is missing")
    if isinstance(message, Part) and not (
        0 < message.duration_us <= _LONGEST_PART_US and message.payload
    ):
        raise WireError("a part without duration or payload")
    if isinstance(message, Status) and message.state not in _STATES:
        raise WireError("unknown state")
    if isinstance(message, Status) and message.rung not in (None, *RUNGS):
        raise WireError("unknown rung")


def _sane(number: float, signed: bool) -> bool:
    return math.isfinite(number) and (-_LARGEST if signed else 0) <= number <= _LARGEST
