"""What objects are called.

::

    sealed/{camera}/{epoch:06d}/{period:06d}/{segment:010d}.age
    masked/{camera}/{epoch:06d}/{period:06d}/{segment:010d}.mp4
    period/{camera}/{epoch:06d}/{period:06d}.open.json    the period document
    period/{camera}/{epoch:06d}/{period:06d}.json         the period manifest
    period/{camera}/{epoch:06d}/{period:06d}.reshare-{set}.json    handed on to another set

``{set}`` is the beginning of the SHA-256 of the new set of custodians, 16 digits.

Numbers are padded so that a listing comes in the order of time.  A key never
says more than the camera's id and counters.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_CAMERA: Final = re.compile(r"[a-z0-9-]{1,40}")
_KEY: Final = re.compile(r"[a-z0-9._-]+(?:/[a-z0-9._-]+)*")
_SEGMENT: Final = re.compile(
    r"(?P<kind>sealed|masked)/(?P<camera>[a-z0-9-]{1,40})/(?P<epoch>[0-9]{6,})"
    r"/(?P<period>[0-9]{6,})/(?P<segment>[0-9]{10,})\.(?P<end>age|mp4)"
)
_PERIOD: Final = re.compile(
    r"period/(?P<camera>[a-z0-9-]{1,40})/(?P<epoch>[0-9]{6,})"
    r"/(?P<period>[0-9]{6,})(?P<open>\.open)?(?:\.reshare-(?P<set>[0-9a-f]{16}))?\.json"
)


@dataclass(frozen=True, slots=True)
class ObjectName:
    """A key taken apart.

    Attributes:
        kind: ``sealed``, ``masked``, ``document``, ``manifest`` or ``reshare``.
        segment: ``None`` for what is of a whole period.
    """

    kind: str
    camera: str
    epoch: int
    period: int
    segment: int | None = None


def sealed_key(camera: str, epoch: int, period: int, segment: int) -> str:
    """Key of a sealed original: an age file.

    Raises:
        ValueError: not a camera id, or a negative number (all five functions).
    """
    return f"{_below('sealed', camera, epoch, period)}/{_counted(segment):010d}.age"


def masked_key(camera: str, epoch: int, period: int, segment: int) -> str:
    """Key of a segment of the masked recording: an MP4 file."""
    return f"{_below('masked', camera, epoch, period)}/{_counted(segment):010d}.mp4"


def document_key(camera: str, epoch: int, period: int) -> str:
    """Key of the document that opens a period."""
    return f"{_below('period', camera, epoch, period)}.open.json"


def manifest_key(camera: str, epoch: int, period: int) -> str:
    """Key of the manifest that closes a period."""
    return f"{_below('period', camera, epoch, period)}.json"


def reshare_key(camera: str, epoch: int, period: int, custodians_sha256: str) -> str:
    """Key of the document that hands a period on to the custodians of another set."""
    return f"{_below('period', camera, epoch, period)}.reshare-{custodians_sha256[:16]}.json"


def parse(key: str) -> ObjectName | None:
    """The parts of a key, or ``None`` where Scrim would not have made it."""
    if found := _SEGMENT.fullmatch(key):
        name = ObjectName(
            found["kind"],
            found["camera"],
            int(found["epoch"]),
            int(found["period"]),
            int(found["segment"]),
        )
        make = sealed_key if name.kind == "sealed" else masked_key
        made = make(name.camera, name.epoch, name.period, int(found["segment"]))
    elif found := _PERIOD.fullmatch(key):
        place = found["camera"], int(found["epoch"]), int(found["period"])
        if found["set"]:
            name = ObjectName("reshare", *place)
            made = reshare_key(*place, found["set"])
        elif found["open"]:
            name = ObjectName("document", *place)
            made = document_key(*place)
        else:
            name = ObjectName("manifest", *place)
            made = manifest_key(*place)
    else:
        return None
    return name if made == key else None  # one spelling for one object


def valid(key: str) -> bool:
    """Whether a store takes the key: ``[a-z0-9._-]`` parts joined by ``/``, none all dots."""
    return (
        len(key) <= 512
        and _KEY.fullmatch(key) is not None
        and all(part.strip(".") for part in key.split("/"))
    )


def _below(kind: str, camera: str, epoch: int, period: int) -> str:
    if _CAMERA.fullmatch(camera) is None:
        raise ValueError(f"{camera!r} is not a camera id")
    return f"{kind}/{camera}/{_counted(epoch):06d}/{_counted(period):06d}"


def _counted(number: int) -> int:
    if number < 0:
        raise ValueError(f"{number} is negative")
    return number
