"""Addresses of cameras: what kind they are, and how to print them without the password.

Rules kept here:

- No address goes into a log, an error, a page or a ledger entry except through
  :func:`without_secrets`.
- A user and password in an address are percent-encoded, as RFC 3986 has it.
"""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from scrim.errors import CameraError, SourceMissing

KINDS = ("file", "rtsp", "usb")

_SCHEME = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]+)://")
# anything that may be meant as an address, with a slip in its beginning too
_MEANT = re.compile(r"^\s*[A-Za-z][A-Za-z0-9+.-]+:/+")
# up to the last "@" of all: a password typed without percent-encoding may hold "@", "/", "?", "#"
_PASSWORD = re.compile(r"^([^:]*):.*@", re.DOTALL)
# some makers put it into the path, as in "user=admin_password=..."
_LONE_PASSWORD = re.compile(r"(?i)(?<![a-z])(pass(?:word|wd)?|pwd|token|key|secret|auth)=[^&#\s]*")


def without_secrets(source: str) -> str:
    """The address with its password, and secret-looking query values, replaced by ``***``.

    Rather too much than too little: where an address has both, all from the first
    colon behind the scheme to the last ``@`` is taken for a password.

    >>> without_secrets("rtsp://admin:hunter2@cam.example/1?token=x")
    'rtsp://admin:***@cam.example/1?token=***'
    """
    scheme = _MEANT.match(source)
    if scheme is None:
        return source
    rest = _PASSWORD.sub(r"\1:***@", source[scheme.end() :])
    return scheme.group() + _LONE_PASSWORD.sub(r"\1=***", rest)


def kind_of(source: str) -> str:
    """The kind of source an address means: ``rtsp``, ``usb`` or ``file``.

    Raises:
        CameraError: a scheme that Scrim does not read.
    """
    scheme = _SCHEME.match(source)
    if scheme is None:
        return "usb" if re.match(r"^/dev/(video|v4l)", source) else "file"
    name = scheme.group(1).lower()
    if name in ("rtsp", "rtsps"):
        return "rtsp"
    if name == "file":
        return "file"
    raise CameraError(
        f"Scrim does not read {name}:// addresses.",
        "Give a file, a video device such as /dev/video0, or an rtsp:// address.",
    )


def file_path(source: str) -> str:
    """The path of a ``file`` source, without a ``file://`` in front."""
    if source.lower().startswith("file://"):
        return unquote(source[len("file://") :])
    return source


def checked_rtsp(source: str) -> str:
    """The RTSP address, once it is sure to name a host.

    Raises:
        CameraError: not an ``rtsp://`` address, or no host or a bad port in it.
        SourceMissing: nothing given.
    """
    if not source:
        raise SourceMissing("No camera address was given.", "Give one, such as rtsp://host/stream.")
    shown = without_secrets(source)
    remedy = "Write rtsp://user:password@host:port/path; a special character as %40, %2F, ..."
    if _SCHEME.match(source) is None or kind_of(source) != "rtsp":
        raise CameraError(f"{shown} is not an rtsp:// address.", remedy)
    try:
        parts = urlsplit(source)
        host, _port = parts.hostname, parts.port
    except ValueError:
        # the message of urlsplit may hold the password, so not even a traceback has it
        raise CameraError(f"{shown} is not a valid address.", remedy) from None
    if not host:
        raise CameraError(f"{shown} names no host.", remedy)
    if parts.fragment or source.endswith("#"):  # what is before it would be taken for the host
        raise CameraError(f"{shown} has a # in it.", "Write it as %23.")
    return source
