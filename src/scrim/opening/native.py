"""Native originals: the files as they were recorded, byte for byte.

::

    FOLDER/gate/0000000012.mp4     one file a segment, plays alone
    FOLDER/gate/0000000013.mp4

Rules:

1. A file is written beside its name (``.part``), flushed, and renamed; so what has its
   name is whole, and an interrupted run goes on where it was.
2. What is there already is kept if its SHA-256 is that of the manifest, and written
   again if not.
3. Folders and files are their owner's alone (0700, 0600).
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from scrim.opening.decrypt import Original
from scrim.opening.folder import write_private
from scrim.opening.plan import Segment

_ENDS: Final = {"mp4": "mp4", "mov": "mov", "nut": "nut", "matroska": "mkv"}


class NativeFolder:
    """A folder of native originals.

    Args:
        folder: made if missing.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, segment: Segment, data: bytes = b"") -> Path:
        """Where the segment's file is.

        Args:
            segment: which.
            data: its first bytes, for one whose container no manifest tells yet.
        """
        container = segment.container or _sniffed(data)
        end = _ENDS.get(container, "bin")
        return self.folder / segment.camera / f"{segment.segment:010d}.{end}"

    def read(self, segment: Segment) -> bytes | None:
        """The segment's file, if it is there and is what was recorded."""
        return self.read_as(segment, segment.plain_sha256) if segment.proven else None

    def read_as(self, segment: Segment, sha256: str) -> bytes | None:
        """The segment's file, if it is there and has this hash."""
        paths = [self.path(segment)]
        if not segment.container:
            paths = sorted(paths[0].parent.glob(f"{segment.segment:010d}.*"))
        for path in paths:
            try:
                data = path.read_bytes()
            except OSError:
                continue
            if hashlib.sha256(data).hexdigest() == sha256:
                return data
        return None

    def write(self, original: Original) -> Path:
        """Write one original.

        Raises:
            StoreError: the folder cannot be written.
        """
        path = self.path(original.segment, original.data)
        return write_private(self.folder, str(path.relative_to(self.folder)), original.data)


def _sniffed(data: bytes) -> str:
    if data[4:8] == b"ftyp":
        return "mov" if data[8:12] == b"qt  " else "mp4"
    if data.startswith(b"nut/multimedia container"):
        return "nut"
    return "matroska" if data.startswith(b"\x1a\x45\xdf\xa3") else ""
