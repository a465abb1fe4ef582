"""What Scrim itself finds things with, and how well: for people to read.

The figures are measured (docs/guide/detectors.md says on what); one that was not
measured is not here.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import cv2.data

from scrim.redact.cascade import CASCADES
from scrim.redact.model import CENTERFACE_SHA256


@dataclass(frozen=True, slots=True)
class Known:
    """One default detector.

    Attributes:
        licence: SPDX.
        sha256: of its files, in their order; none where it is code.
        decoder: how its answers are read.
        recall: what it found of what was there, in one sentence.
    """

    name: str
    kind: str
    licence: str
    sha256: tuple[str, ...]
    decoder: str
    recall: str


def defaults() -> list[Known]:
    """Every default detector; the hashes of OpenCV's files are those of the files here."""
    return [
        Known(
            "centerface",
            "face",
            "MIT",
            (CENTERFACE_SHA256,),
            "centerface",
            "59 of 59 plain faces and 5 of 6 turned or blurred ones",
        ),
        Known(
            "opencv-people",
            "person",
            "Apache-2.0",
            (),
            "hog",
            "36 of 37 upright people of 96 pixels and more in the look, 1 of 49 smaller ones",
        ),
        Known(
            "opencv-plates",
            "plate",
            "Apache-2.0",
            tuple(_hash(Path(cv2.data.haarcascades) / name) for name in CASCADES),
            "cascade",
            "poor: 11 of 46 plates, of 3 cars of 4 none; cover whole vehicles instead",
        ),
    ]


def _hash(file: Path) -> str:
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError:
        return "missing"
