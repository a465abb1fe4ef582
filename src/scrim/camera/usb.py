"""USB cameras: Video4Linux devices, read by FFmpeg."""

from __future__ import annotations

from collections.abc import Mapping

import av
from av.container import InputContainer

from scrim.camera import _options
from scrim.camera.live import LiveOptions, LiveSource
from scrim.canonical import Json
from scrim.clock import Clock
from scrim.errors import SourceMissing

# compressed by the camera first: raw pictures of 720p are 50 MB a second to seal
_PREFERRED = ("h264", "mjpeg", "")


def usb_source(source: str, options: Mapping[str, Json], clock: Clock) -> LiveSource:
    """A camera at ``/dev/videoN``.

    Options: ``size`` (``"1280x720"``) and ``rate`` (``"25"``) to ask the camera
    for; ``format``, FFmpeg's name of another input than ``v4l2``; and those of
    :class:`~scrim.camera.live.LiveOptions`.

    Raises:
        CameraError: an option is wrong, or no device is named.
    """
    _options.check_names("usb", options)
    if not source:
        raise SourceMissing("No video device was given.", "Give one, such as /dev/video0.")
    live = _options.live(options)
    asked = {
        name: value
        for name, value in (
            ("video_size", _options.text(options, "size", "")),
            ("framerate", _options.text(options, "rate", "")),
        )
        if value
    }
    kind = _options.text(options, "format", "v4l2")

    def opening() -> InputContainer:
        return _open(source, kind, asked, live)

    return LiveSource(source, opening, live, clock)


def _open(device: str, kind: str, asked: dict[str, str], live: LiveOptions) -> InputContainer:
    timeout = (live.open_timeout_s, live.stall_s)
    if kind != "v4l2":
        return av.open(device, format=kind, options=asked, timeout=timeout)
    for encoding in _PREFERRED:
        options = {**asked, "input_format": encoding} if encoding else asked
        try:
            container = av.open(device, format=kind, options=options, timeout=timeout)
        except av.error.ArgumentError:
            # the camera does not offer this encoding
            if not encoding:
                raise
            continue
        return container
    raise AssertionError("the last encoding either opened or raised")
