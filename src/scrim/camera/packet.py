"""What a source hands over: encoded pictures, their times, and what went wrong.

A source yields a flat stream of events.  ``StreamStarted`` always comes before
the first packet and again whenever codec, size or parameters change; ``Gap``
says that pictures are missing and why.  Packets are clear pictures: they stay
in the recorder process.  So is sound, which a source yields only where it was
asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from threading import Event
from typing import Protocol, TypeAlias


class GapCause(StrEnum):
    """Why pictures are missing; the words that stand in gaps and ledger entries."""

    UNREACHABLE = "unreachable"  # no connection, or it was refused
    REFUSED = "refused"  # wrong user or password
    STALLED = "stalled"  # connected, but nothing came
    DISCONNECTED = "disconnected"  # the camera or the network hung up
    PACKETS_LOST = "packets-lost"
    DAMAGED = "damaged"  # bytes that are no video
    CLOCK_JUMPED = "clock-jumped"  # time stamps went backward or leapt
    STREAM_CHANGED = "stream-changed"  # codec, size or parameters
    ENDED = "ended"  # a file came to its end
    OVERLOADED = "overloaded"  # this machine could not keep up
    STORE_FAILED = "store-failed"  # disk full, object store away
    RECORDER_STOPPED = "recorder-stopped"  # crash, kill, or shut down
    LEDGER_UNAVAILABLE = "ledger-unavailable"
    PAPERS_MISSING = "papers-missing"  # a rule asks for one that is not on record
    MASKING_FAILED = "masking-failed"  # nothing could be shown; the original is sealed


@dataclass(frozen=True, slots=True)
class StreamInfo:
    """What is needed to decode or remux the packets that follow.

    Attributes:
        codec: FFmpeg's codec name: ``h264``, ``hevc``, ``mjpeg``, ``gif``, ...
        width, height: coded size in pixels, before rotation.
        extradata: codec parameters out of band, as FFmpeg has them.
        pixel_format: FFmpeg's name, or "" where not known yet.
        frame_rate: frames a second where the source says so, a guess elsewhere.
        rotation: degrees counter-clockwise by which to turn a picture to see it
            upright (0, 90, 180, 270), from a display matrix.
    """

    codec: str
    width: int
    height: int
    extradata: bytes
    pixel_format: str
    frame_rate: Fraction
    rotation: int = 0

    @property
    def decoder(self) -> str:
        """FFmpeg's name of the decoder; its own one for AV1 needs special hardware."""
        return "libdav1d" if self.codec == "av1" else self.codec


@dataclass(frozen=True, slots=True)
class ClearPacket:
    """One encoded picture, as the camera sent it.

    Attributes:
        data: the packet's bytes, untouched.
        captured_us: UTC capture time of the picture (presentation), microseconds.
        decode_us: the same for decode order; never decreases within a stream, and
            is at most ``captured_us``.
        duration_us: how long the picture is shown; 0 where not known.
        is_key: decoding can start here.
        camera_pts, camera_time_base: the source's own time stamp, kept beside.
        camera_utc_us: the camera's own idea of UTC (RTCP sender report), if any.
    """

    data: bytes
    captured_us: int
    decode_us: int
    duration_us: int
    is_key: bool
    camera_pts: int | None
    camera_time_base: Fraction
    camera_utc_us: int | None = None


@dataclass(frozen=True, slots=True)
class SoundInfo:
    """What is needed to decode or remux the sound that follows.

    Attributes:
        codec: FFmpeg's codec name: ``aac``, ``pcm_alaw``, ``opus``, ...
        sample_rate: samples a second.
        channels: 1 or more.
        extradata: codec parameters out of band, as FFmpeg has them.
    """

    codec: str
    sample_rate: int
    channels: int
    extradata: bytes = b""


@dataclass(frozen=True, slots=True)
class ClearSound:
    """One encoded piece of sound, as the camera sent it.

    Attributes:
        data: the packet's bytes, untouched.
        captured_us: UTC time of its first sample, microseconds, on the pictures' timeline.
        duration_us: how long it lasts; 0 where not known.
    """

    data: bytes
    captured_us: int
    duration_us: int


@dataclass(frozen=True, slots=True)
class StreamStarted:
    """Packets that follow belong to this stream; decoders start afresh.

    Attributes:
        stream: the pictures.
        sound: what comes with them; ``None`` where there is none, or none was asked for.
    """

    stream: StreamInfo
    sound: SoundInfo | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """Pictures are missing between two UTC times (microseconds), and why.

    ``until_us`` is ``None`` while it lasts; the same gap is reported again, with
    its end, when pictures come back.
    """

    since_us: int
    until_us: int | None
    cause: GapCause
    detail: str = ""


@dataclass(frozen=True, slots=True)
class SourceEnded:
    """Nothing will follow (a file that is not looped came to its end)."""


SourceEvent: TypeAlias = StreamStarted | ClearPacket | ClearSound | Gap | SourceEnded


class Source(Protocol):
    """Where pictures come from."""

    def events(self, stop: Event) -> Iterator[SourceEvent]:
        """Yield events until ``stop`` is set or the source ended.

        Trouble a camera can recover from (network, stall, garbage) is yielded as
        ``Gap`` and retried for ever; only what an operator must mend raises.

        Raises:
            CameraError: no such file, not a video, unsupported address.
        """
        ...
