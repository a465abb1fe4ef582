"""The masked footage of a request, for the custodian who is to decide on it.

A look at it is logged by the server like every other (reason ``case-review``).  What
comes is the recording that everybody in the control room sees: no face is in it.

Rules:

1. Only the cameras and the interval of the request are asked for.
2. Segments are joined into one file a camera without being encoded again.
3. Nothing of what a playlist says is taken for an address but the names of segments.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, Protocol

from scrim.clock import from_text
from scrim.errors import PackageBroken, SealBroken
from scrim.opening.folder import make_private
from scrim.opening.join import Joined
from scrim.opening.plan import Segment
from scrim.vault.request import Request

_NAME: Final = re.compile(r"recorded-(?P<segment>[0-9]{1,18})\.mp4")
_TIME: Final = "#EXT-X-PROGRAM-DATE-TIME:"


class Reply(Protocol):
    """What came back."""

    @property
    def data(self) -> bytes:
        """The body."""

    def json(self) -> Any:
        """The body as JSON."""


class Asks(Protocol):
    """A signed-in connection (:class:`scrim.opening.connection.Connection`)."""

    def get(self, path: str) -> Reply:
        """Ask."""

    def post(self, path: str, *, json: Any) -> Reply:
        """Send."""


def save_masked(server: Asks, request: Request, folder: Path) -> list[Path]:
    """Save the masked footage of a request.

    Args:
        server: the custodian's connection.
        request: what is to be decided on.
        folder: made if missing (0700); gets ``CAMERA-1.mp4`` …

    Raises:
        CaseUnknown: nothing is recorded there, or this custodian is not asked.
        PackageBroken: the server does not answer as one.
        StoreError: the folder cannot be written.
    """
    make_private(folder)
    files: list[Path] = []
    for camera in request.cameras:
        with Joined(folder, camera) as joined:
            for segment, data in _segments(server, request, camera):
                try:
                    joined.add(segment, data)
                except SealBroken as error:
                    raise PackageBroken(error.message, "Ask for it again.") from None
        files.extend(joined.files)
    return files


def _segments(server: Asks, request: Request, camera: str) -> Iterator[tuple[Segment, bytes]]:
    asked = {
        "camera": camera,
        "mode": "recorded",
        "reason": "case-review",
        "since_us": request.since_us,
        "until_us": request.until_us,
        "case": request.case,
    }
    view = server.post("/api/views", json=asked).json()
    name = view.get("id") if isinstance(view, dict) else None
    if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z0-9_-]{1,100}", name):
        raise _strange()
    playlist = server.get(f"/media/{name}/index.m3u8").data
    for number, start_us in _listed(playlist):
        data = server.get(f"/media/{name}/recorded-{number}.mp4").data
        yield Segment(camera, 0, 0, number, start_us, start_us, len(data), ""), data


def _listed(playlist: bytes) -> Iterator[tuple[int, int]]:
    """Number and beginning of each segment of a playlist, each once."""
    start_us = 0
    seen = set()
    for line in playlist.decode("utf-8", "replace").splitlines():
        if line.startswith(_TIME):
            try:
                start_us = from_text(line.removeprefix(_TIME))
            except ValueError:
                raise _strange() from None
        found = _NAME.fullmatch(line)
        if found is not None and (number := int(found["segment"])) not in seen:
            seen.add(number)
            yield number, start_us


def _strange() -> PackageBroken:
    return PackageBroken(
        "The server does not answer as a Scrim does: its playlist cannot be read.",
        "Check that server and this Scrim are of the same version.",
    )
