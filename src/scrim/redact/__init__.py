"""Detect, follow, cover: clear frames in, redacted frames out; pure, no I/O.

The face of this room::

    redactor = Redactor(CenterFace(default_model()))
    for frame in clear_frames:
        for redacted in redactor.push(frame):
            ...
    for redacted in redactor.flush():
        ...
"""

from scrim.redact.centerface import CenterFace
from scrim.redact.detector import Detection, Detector
from scrim.redact.frames import ClearFrame, Mask, RedactedFrame, Source, State
from scrim.redact.mask import Style
from scrim.redact.model import default_model
from scrim.redact.redactor import Redactor

__all__ = [
    "CenterFace",
    "ClearFrame",
    "Detection",
    "Detector",
    "Mask",
    "RedactedFrame",
    "Redactor",
    "Source",
    "State",
    "Style",
    "default_model",
]
