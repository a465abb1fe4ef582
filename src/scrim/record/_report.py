"""The report of ``scrim redact``: which boxes were covered in which frame, as JSON.

::

    {"input": "street.mp4", "size": [w, h],
     "frames": [{"index": 0, "time": 0.0, "state": "masked",
                 "masks": [{"x", "y", "w", "h", "oval", "kind", "track", "source"}]}],
     "summary": {...}}

Boxes are in pixels of the input as it is displayed (upright).  It is written as
the frames come, so that hours of video need no memory.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from scrim.redact.frames import RedactedFrame


@dataclass(frozen=True, slots=True)
class Summary:
    """The report's last word; attributes as they stand in the JSON."""

    frames: int
    masked: int
    clear: int
    blanked: int
    blanked_because: dict[str, int]
    sound_dropped: bool
    cut_off: bool


class Report:
    """A report being written.

    Args:
        path: the file.
        source: the input's name, as it will stand in the report.

    Raises:
        OSError: the file cannot be written, here or later.
    """

    def __init__(self, path: Path, source: str) -> None:
        self._file = path.open("w", encoding="utf-8")
        self._source = source
        self._masks = 0
        self._tracks: set[int] = set()

    def begin(self, size: tuple[int, int]) -> None:
        """Write what comes before the frames."""
        head = f'"input": {json.dumps(self._source)},\n "size": {json.dumps(size)}'
        self._file.write(f'{{\n {head},\n "frames": [')

    def frame(self, frame: RedactedFrame, time: float) -> None:
        """Add a frame shown at ``time`` seconds."""
        entry = {
            "index": frame.index,
            "time": round(time, 6),
            "state": frame.state.value,
            "masks": [
                {
                    "x": mask.x,
                    "y": mask.y,
                    "w": mask.w,
                    "h": mask.h,
                    "oval": mask.oval,
                    "kind": mask.kind,
                    "track": mask.track,
                    "source": mask.source.value,
                }
                for mask in frame.masks
            ],
        }
        if frame.reason:
            entry["reason"] = frame.reason
        self._file.write((",\n  " if frame.index else "\n  ") + json.dumps(entry))
        self._masks += len(frame.masks)
        self._tracks.update(mask.track for mask in frame.masks if mask.kind != "zone")

    def finish(self, summary: Summary) -> None:
        """Close the JSON."""
        facts = asdict(summary)
        facts |= {"masks": self._masks, "tracks": len(self._tracks)}
        self._file.write(f'\n ],\n "summary": {json.dumps(facts)}\n}}\n')

    def close(self) -> None:
        """Close the file, finished or not."""
        self._file.close()
