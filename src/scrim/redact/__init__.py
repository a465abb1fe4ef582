"""Detect, follow, cover: clear frames in, redacted frames out; pure, no I/O.

The face of this room::

    redactor = Redactor(CenterFace(default_model()))
    for frame in clear_frames:
        for redacted in redactor.push(frame):
            ...
    for redacted in redactor.flush():
        ...
"""

from scrim.policy import Cover, Policy, Style, Zone
from scrim.redact.centerface import CenterFace
from scrim.redact.detector import Detection, Detector
from scrim.redact.frames import ClearFrame, Figure, Mask, RedactedFrame, Rung, Source, State
from scrim.redact.model import default_model
from scrim.redact.redactor import Redactor

__all__ = [
    "CenterFace",
    "ClearFrame",
    "Cover",
    "Detection",
    "Detector",
    "Figure",
    "Mask",
    "Policy",
    "RedactedFrame",
    "Redactor",
    "Rung",
    "Source",
    "State",
    "Style",
    "Zone",
    "default_model",
]
