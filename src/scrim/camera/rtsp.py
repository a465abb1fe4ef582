"""RTSP cameras, over TCP or UDP, read by FFmpeg."""

from __future__ import annotations

import errno
import time
from collections.abc import Mapping

import av
from av.container import InputContainer

from scrim.camera import _options
from scrim.camera.address import checked_rtsp, without_secrets
from scrim.camera.live import LiveOptions, LiveSource
from scrim.canonical import Json
from scrim.clock import Clock
from scrim.errors import CameraError

_TRANSPORTS = ("tcp", "udp")


def rtsp_source(
    source: str, options: Mapping[str, Json], clock: Clock, *, sound: bool = False
) -> LiveSource:
    """A camera at an ``rtsp://`` address; its sound too, where that is asked for.

    Options: ``transport`` (``tcp``, the default, or ``udp``) and those of
    :class:`~scrim.camera.live.LiveOptions`.

    Raises:
        CameraError: the address or an option is wrong.
    """
    _options.check_names("rtsp", options)
    transport = _options.text(options, "transport", "tcp")
    if transport not in _TRANSPORTS:
        raise CameraError(f"Transport {transport!r} is not known.", "It must be tcp or udp.")
    live = _options.live(options)
    address = checked_rtsp(source)

    def opening() -> InputContainer:
        begun = time.monotonic()
        try:
            return _open(address, transport, live, sound)
        except av.error.InvalidDataError as error:
            # FFmpeg's RTSP calls a reply that never came invalid data as well
            if time.monotonic() - begun >= live.open_timeout_s:
                raise av.error.TimeoutError(errno.ETIMEDOUT, "no answer") from error
            raise

    return LiveSource(without_secrets(address), opening, live, clock, sound=sound)


def _open(address: str, transport: str, live: LiveOptions, sound: bool) -> InputContainer:
    return av.open(
        address,
        format="rtsp",
        options={
            "rtsp_transport": transport,
            # sound that may not be recorded is not even asked for
            "allowed_media_types": "video+audio" if sound else "video",
            # of the socket itself, microseconds
            "timeout": str(int(live.open_timeout_s * 1_000_000)),
            # a queue, also over TCP, is what makes FFmpeg notice packets that are missing
            "reorder_queue_size": "2" if transport == "tcp" else "500",
            "max_delay": "300000",
            "buffer_size": str(4 << 20),
        },
        timeout=(live.open_timeout_s, live.stall_s),
    )
