"""What is kept about engines in the data folder: a choice, and the quantised model.

Rules kept here:

- A choice counts for the machine, the versions, the models and the settings it was
  measured with, and for no other.
- The quantised model is read only with the hash that was written down when it was made,
  and only if it was made of the packaged model.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from scrim.errors import EngineUnavailable
from scrim.redact.engine import Kind
from scrim.redact.model import CENTERFACE_SHA256
from scrim.redact.quantise import RECIPE
from scrim.store.files import write_atomically


@dataclass(frozen=True, slots=True)
class EngineFolder:
    """The files about engines in a data folder.

    Attributes:
        path: the folder; it need not exist.
    """

    path: Path

    @property
    def choice(self) -> Path:
        """What was measured and chosen."""
        return self.path / "choice.json"

    @property
    def quantised(self) -> Path:
        """The quantised model."""
        return self.path / "int8.onnx"

    @property
    def about_quantised(self) -> Path:
        """What it was made of, and its hash."""
        return self.path / "int8.json"

    def read_quantised(self) -> bytes | None:
        """The quantised model; ``None`` where there is none.

        Raises:
            EngineUnavailable: it is not the one that was made, or of another model, or made
                another way than now.
        """
        if not self.quantised.exists():
            return None
        try:
            model = self.quantised.read_bytes()
            about = json.loads(self.about_quantised.read_text(encoding="utf-8"))
            found = (hashlib.sha256(model).hexdigest(), CENTERFACE_SHA256, RECIPE)
            if (about["sha256"], about["source_sha256"], about["recipe"]) == found:
                return model
        except (OSError, ValueError, KeyError, TypeError):
            pass
        raise EngineUnavailable(
            f"The quantised model {self.quantised} is not one that this version made here.",
            "Run `scrim engine quantise` again, or delete it.",
        )

    def write_quantised(self, model: bytes, calibrated_on: str, pictures: int) -> None:
        """Keep a quantised model; a choice made without it does not count any more.

        Raises:
            OSError: it cannot be written.
        """
        about = {
            "sha256": hashlib.sha256(model).hexdigest(),
            "source_sha256": CENTERFACE_SHA256,
            "recipe": RECIPE,
            "calibrated_on": calibrated_on,
            "pictures": pictures,
            "versions": versions(),
        }
        self.path.mkdir(exist_ok=True)
        write_atomically(self.quantised, model)
        write_atomically(self.about_quantised, _json(about))

    def read_choice(self, circumstances: str) -> Kind | None:
        """The kind written down, if it was chosen under the same circumstances."""
        try:
            kept = json.loads(self.choice.read_text(encoding="utf-8"))
            return Kind(kept["chosen"]) if kept["for"] == circumstances else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write_choice(self, chosen: Kind, circumstances: str, measured: Sequence[object]) -> None:
        """Write a choice down.

        Raises:
            OSError: it cannot be written.
        """
        text = {"for": circumstances, "chosen": chosen.value, "measured": measured}
        self.path.mkdir(exist_ok=True)
        write_atomically(self.choice, _json(text))


def circumstances(quantised: bytes | None, threads: int, threshold: float) -> str:
    """A hash of all that a choice depends on."""
    things = [
        _processor(),
        versions(),
        CENTERFACE_SHA256,
        {kind.value: kind.lift for kind in Kind},
        RECIPE,
        hashlib.sha256(quantised or b"").hexdigest(),
        threads,
        threshold,
    ]
    return hashlib.sha256(json.dumps(things).encode()).hexdigest()


def _json(value: object) -> bytes:
    return json.dumps(value, indent=1).encode() + b"\n"


def versions() -> dict[str, str]:
    """Of what computes; "" for what is not there."""
    out = {}
    for name in ("onnxruntime", "openvino", "scrim-cctv"):
        try:
            out[name] = version(name)
        except PackageNotFoundError:
            out[name] = ""
    return out


def _processor() -> list[str]:
    """The processor's model and what it can do, so that a moved data folder is noticed."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return [platform.machine(), platform.processor()]
    kept = [line for line in text.split("\n\n", 1)[0].splitlines() if _matters(line)]
    return [platform.machine(), *kept]


def _matters(line: str) -> bool:
    return line.startswith(("model name", "flags", "Features", "CPU part"))
