"""Where pictures come from: files, RTSP and USB cameras, and the generated street.

>>> source = open_source("file", "clip.mp4", {"loop": True})     # doctest: +SKIP
>>> for event in source.events(stop): ...                        # doctest: +SKIP

Rules of this room:

- What leaves it are the events of :mod:`scrim.camera.packet`; packets are clear.
- An address appears in messages through :func:`without_secrets` only.
- Importing the room loads no FFmpeg: whoever only asks for the kind of an
  address, such as the command line, stays quick.
- Sound is read only where it is asked for: else RTSP does not ask the camera for it, and
  files drop it in the demuxer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from scrim.camera.address import KINDS, kind_of, without_secrets
from scrim.camera.packet import Source, StreamInfo
from scrim.canonical import Json
from scrim.clock import Clock, SystemClock
from scrim.errors import CameraError

if TYPE_CHECKING:
    from scrim.camera.file import FileSource
    from scrim.camera.live import LiveSource

__all__ = ["KINDS", "Source", "kind_of", "open_source", "probe", "without_secrets"]


def open_source(
    kind: str,
    source: str,
    options: Mapping[str, Json],
    clock: Clock | None = None,
    *,
    sound: bool = False,
) -> Source:
    """A source of pictures; nothing is opened before its events are asked for.

    Args:
        kind: ``file``, ``rtsp`` or ``usb``.
        source: a path, an address, a device.
        options: ``docs/guide/cameras.md`` lists them.
        clock: UTC; the machine's own by default.
        sound: read its sound too.  The option ``sound`` only says that somebody wants it;
            whether it may be is for the caller to know.

    Raises:
        CameraError: another kind, a wrong option, an address that cannot be one.
    """
    return _source(kind, source, options, clock, sound=sound)


def probe(
    kind: str, source: str, options: Mapping[str, Json], timeout_s: float = 10.0
) -> StreamInfo:
    """Try a source: open it, decode one picture, close it.

    Raises:
        CameraError: the one that says what is wrong and what to do, within about
            ``timeout_s`` seconds.
    """
    if kind in ("rtsp", "usb"):
        options = {"open_timeout_s": str(timeout_s), "stall_s": str(timeout_s), **options}
    return _source(kind, source, options, None).probe(timeout_s)


def _source(
    kind: str,
    source: str,
    options: Mapping[str, Json],
    clock: Clock | None,
    *,
    sound: bool = False,
) -> FileSource | LiveSource:
    clock = clock or SystemClock()
    match kind:
        case "file":
            from scrim.camera.file import FileSource

            return FileSource.from_options(source, options, clock, sound=sound)
        case "rtsp":
            from scrim.camera.rtsp import rtsp_source

            return rtsp_source(source, options, clock, sound=sound)
        case "usb":
            from scrim.camera.usb import usb_source

            return usb_source(source, options, clock)
    raise CameraError(
        f"There is no kind of camera called {kind!r}.", f"Use one of {', '.join(KINDS)}."
    )
