"""ONNX Runtime with its telemetry off: the only place that imports it.

Since 1.29 the official Linux builds report sessions and models to their maker, and
keep a database of events in the user's home until they can (``docs/adr/0025``).
A process that holds clear frames talks to nobody, so that is switched off before
the library is loaded; afterwards would be too late.
"""

from __future__ import annotations

import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import onnxruntime

__all__ = ["onnxruntime"]
