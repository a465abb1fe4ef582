"""The messages on the live socket and how they stand on the wire.

A message is a four-byte big-endian length, that many bytes of JSON (the header),
and then ``size`` payload bytes as the header says.  The format is private to one
machine and one version; both ends are started by the same supervisor.
"""

from __future__ import annotations

import json
import struct
from dataclasses import asdict, dataclass, replace
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, TypeAdapter, ValidationError

LONGEST_HEADER = 16_384
LONGEST_PAYLOAD = 32 * 1024 * 1024

RUNGS = ("normal", "sparse", "wide", "figures", "whole")
"""How far masking is from normal, by name, from the most that is shown to the least."""

_LENGTH = struct.Struct(">I")


class WireError(ValueError):
    """Bytes that are no message; the connection is closed."""


@dataclass(frozen=True, slots=True)
class Init:
    """The fMP4 initialisation segment of what follows, and a new epoch or format.

    Attributes:
        camera: the camera's id.
        epoch: the recorder's epoch for the camera.
        init: a number that grows whenever the initialisation segment changes.
        codec: for the playlist, RFC 6381, e.g. ``avc1.64001f``.
        origin_us: UTC time of media time 0 in this epoch.
        payload: ``ftyp`` and ``moov``.
    """

    camera: str
    epoch: int
    init: int
    codec: str
    width: int
    height: int
    origin_us: int
    payload: bytes
    type: Literal["init"] = "init"


@dataclass(frozen=True, slots=True)
class Part:
    """One CMAF chunk (``moof`` + ``mdat``): an LL-HLS partial segment.

    Attributes:
        segment: the segment's number (the HLS media sequence number).
        part: number within the segment, from 0.
        init: which initialisation segment it needs.
        start_us: UTC time of its first frame; duration_us: how long it lasts.
        independent: starts with a key frame.
    """

    camera: str
    segment: int
    part: int
    init: int
    start_us: int
    duration_us: int
    independent: bool
    payload: bytes
    type: Literal["part"] = "part"


@dataclass(frozen=True, slots=True)
class SegmentDone:
    """The segment has all its parts."""

    camera: str
    segment: int
    start_us: int
    end_us: int
    type: Literal["segment"] = "segment"
    payload: bytes = b""


@dataclass(frozen=True, slots=True)
class Status:
    """How a camera is, about once a second.

    Attributes:
        state: ``starting``, ``masked``, ``clear``, ``blanked`` or ``offline``.
        reason: why it is blanked or offline, in words; "" otherwise.
        frames_per_second: redacted frames in the last seconds.
        latency_ms: from capture to the part handed to the server, median of the
            last parts.
        dropped: redacted frames left out since start because the machine could
            not keep up; the sealed side never drops any.
        sealed_until_us, masked_until_us: end of the newest stored segment.
        rung: one of :data:`RUNGS`, of the newest redacted frame; ``None`` while none comes.
        rung_reason: why it is not ``normal``, in words; "" if it is.
        rung_changes: how often the rung changed since start.
        live_opening_until_us: until when new originals are sealed to a case officer as well;
            ``None`` while they are not.
        sound: sound is recorded, into the sealed originals alone.
    """

    camera: str
    epoch: int
    at_us: int
    state: str
    reason: str
    frames_per_second: float
    latency_ms: int
    dropped: int
    width: int
    height: int
    sealed_until_us: int | None
    masked_until_us: int | None
    rung: str | None = None
    rung_reason: str = ""
    rung_changes: int = 0
    live_opening_until_us: int | None = None
    sound: bool = False
    type: Literal["status"] = "status"
    payload: bytes = b""


Message: TypeAlias = Init | Part | SegmentDone | Status

_READER: TypeAdapter[Message] = TypeAdapter(
    Annotated[Init | Part | SegmentDone | Status, Field(discriminator="type")]
)


def encode(message: Message) -> bytes:
    """The message's bytes on the wire."""
    header = {name: value for name, value in asdict(message).items() if name != "payload"}
    header["size"] = len(message.payload)
    text = json.dumps(header, separators=(",", ":")).encode()
    return _LENGTH.pack(len(text)) + text + message.payload


def header_length(prefix: bytes) -> int:
    """Length of the header that follows the four-byte prefix.

    Raises:
        WireError: longer than any header.
    """
    (length,) = _LENGTH.unpack(prefix)
    if not 2 <= length <= LONGEST_HEADER:
        raise WireError(f"header of {length} bytes")
    return int(length)


def payload_length(header: bytes) -> int:
    """How many payload bytes follow this header.

    Raises:
        WireError: no JSON object, or a size out of range.
    """
    size = _fields(header).get("size")
    if not isinstance(size, int) or not 0 <= size <= LONGEST_PAYLOAD:
        raise WireError("size is missing or out of range")
    return size


def decode(header: bytes, payload: bytes) -> Message:
    """The message of a header and its payload.

    Raises:
        WireError: unknown type or wrong fields.
    """
    fields = _fields(header)
    fields.pop("size", None)
    # as JSON, since only there a strict reading takes an object for a message
    text = json.dumps(fields | {"payload": ""})
    try:
        return replace(_READER.validate_json(text, strict=True), payload=payload)
    except ValidationError as error:
        raise WireError("unknown message type, or wrong fields") from error


def _fields(header: bytes) -> dict[str, object]:
    try:
        fields = json.loads(header)
    except (ValueError, RecursionError) as error:
        raise WireError("header is no JSON") from error
    if not isinstance(fields, dict):
        raise WireError("header is no object")
    return fields
