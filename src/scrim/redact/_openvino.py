"""OpenVINO with its telemetry off: the only place that imports it.

Rules kept here:

- OpenVINO's own package reports to its maker that it was imported, through the
  package ``openvino-telemetry``, which it depends on (``docs/adr/0090``).  Both that
  package and the converter that calls it are made impossible to import before the
  library is loaded; it goes on without either.
- Nothing is loaded before it is asked for: this is an extra that most do not have.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import Any

_TALKS = ("openvino_telemetry", "openvino.tools.ovc")


def is_installed() -> bool:
    """Whether there is an OpenVINO to load."""
    return find_spec("openvino") is not None


def openvino() -> Any:
    """The library.

    Raises:
        ImportError: it is not installed, or was loaded by somebody else with its telemetry.
    """
    for name in _TALKS:
        if sys.modules.get(name) is not None:
            raise ImportError(f"{name} was loaded before it could be kept out")
        sys.modules[name] = None  # type: ignore[assignment]  # what makes an import fail
    import openvino as library

    return library
