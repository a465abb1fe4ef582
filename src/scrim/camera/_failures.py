"""What FFmpeg's errors mean for a camera, in words without a secret.

FFmpeg puts the address, password and all, into its messages, so that no text
of it is ever passed on: only the type of an error is looked at.
"""

from __future__ import annotations

from dataclasses import dataclass

import av

from scrim.camera.packet import GapCause
from scrim.errors import (
    CameraError,
    SourceMissing,
    SourceNotVideo,
    SourceRefused,
    SourceUnreachable,
)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a live source gave no picture.

    Attributes:
        cause: as it stands in the gap.
        detail: a few words for the gap; no address and no secret.
        error: type of error for somebody who tries the camera by hand.
        remedy: what to do.
    """

    cause: GapCause
    detail: str
    error: type[CameraError]
    remedy: str

    def as_error(self, shown: str) -> CameraError:
        """The error for ``shown``, an address without secrets."""
        return self.error(f"{shown}: {self.detail}.", self.remedy)


NO_ANSWER = Failure(
    GapCause.UNREACHABLE,
    "the host does not answer",
    SourceUnreachable,
    "Check the address, that the camera is on, and that this machine can reach it.",
)
_CONNECTION_REFUSED = Failure(
    GapCause.UNREACHABLE,
    "the host refuses the connection",
    SourceUnreachable,
    "Check the port, and that RTSP is switched on in the camera.",
)
_UNKNOWN_HOST = Failure(
    GapCause.UNREACHABLE,
    "no connection to the host could be made",
    SourceUnreachable,
    "Check the host's name or address and the network between.",
)
_REFUSED = Failure(
    GapCause.REFUSED,
    "the camera refused the user or password",
    SourceRefused,
    "Correct the user and password; write special characters as %40, %2F, ...",
)
_NO_STREAM = Failure(
    GapCause.UNREACHABLE,
    "the camera knows no such stream (404)",
    SourceMissing,
    "Check the path after the host; the camera's manual has it.",
)
_ANSWERED_ERROR = Failure(
    GapCause.UNREACHABLE,
    "the camera answered with an error",
    SourceUnreachable,
    "Check the path and the camera's own log; it may have too many viewers.",
)
_TRANSPORT = Failure(
    GapCause.UNREACHABLE,
    "the camera does not offer this transport",
    SourceUnreachable,
    "Try the other transport, tcp or udp.",
)
_HUNG_UP = Failure(
    GapCause.DISCONNECTED,
    "the connection was closed",
    SourceUnreachable,
    "Check the camera and the network between.",
)
GARBAGE = Failure(
    GapCause.DAMAGED,
    "what answers sends no video that can be read",
    SourceNotVideo,
    "Check that the address is a camera's RTSP address and its codec H.264, H.265 or MJPEG.",
)
NO_VIDEO = Failure(
    GapCause.DAMAGED,
    "the stream holds no video",
    SourceNotVideo,
    "Check the camera's stream settings; Scrim reads H.264, H.265 and MJPEG.",
)
STALLED = Failure(
    GapCause.STALLED,
    "connected, but no picture comes",
    SourceUnreachable,
    "Check the camera; restart it if it hangs. With udp, a firewall may hold the pictures back.",
)
NO_DEVICE = Failure(
    GapCause.UNREACHABLE,
    "there is no such device",
    SourceMissing,
    "Plug the camera in; 'ls /dev/video*' shows what is there.",
)
_NO_PERMISSION = Failure(
    GapCause.REFUSED,
    "this user may not read the device",
    SourceRefused,
    "Add the user to the group that owns the device (often 'video') and sign in again.",
)
_BUSY = Failure(
    GapCause.UNREACHABLE,
    "another program uses the device",
    SourceUnreachable,
    "Close the other program.",
)

_BY_ERROR: tuple[tuple[type[BaseException], Failure], ...] = (
    (av.error.HTTPUnauthorizedError, _REFUSED),
    (av.error.HTTPForbiddenError, _REFUSED),
    (av.error.HTTPNotFoundError, _NO_STREAM),
    (av.error.HTTPClientError, _ANSWERED_ERROR),
    (av.error.HTTPServerError, _ANSWERED_ERROR),
    (av.error.ConnectionRefusedError, _CONNECTION_REFUSED),
    (av.error.ExitError, NO_ANSWER),
    (av.error.TimeoutError, NO_ANSWER),
    (av.error.InvalidDataError, GARBAGE),
    (av.error.PatchWelcomeError, GARBAGE),
    (av.error.ProtocolNotFoundError, _TRANSPORT),
    (av.error.ConnectionResetError, _HUNG_UP),
    (av.error.BrokenPipeError, _HUNG_UP),
    (av.error.EOFError, _HUNG_UP),
    (av.error.FileNotFoundError, NO_DEVICE),
    (av.error.PermissionError, _NO_PERMISSION),
)


def failure_of(error: BaseException, *, while_reading: bool = False) -> Failure:
    """What an error of FFmpeg means.

    Args:
        error: as PyAV raised it.
        while_reading: pictures had come already, so that silence is a stall and a
            broken connection a hang-up.
    """
    if while_reading and isinstance(error, av.error.ExitError | av.error.TimeoutError):
        return STALLED
    for kind, failure in _BY_ERROR:
        if isinstance(error, kind):
            return failure
    if isinstance(error, OSError) and error.errno == 16:  # EBUSY
        return _BUSY
    return _HUNG_UP if while_reading else _UNKNOWN_HOST
