"""How a configured detector is described, and its file, which is the one described or none."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from scrim.errors import ModelAltered, ModelMissing

KINDS = ("face", "head", "person", "vehicle", "plate")


@dataclass(frozen=True, slots=True)
class Recipe:
    """A configured detector, as ``[[redaction.detectors]]`` describes it.

    Attributes:
        name: for people; a-z, 0-9 and hyphens.
        kind: one of :data:`KINDS`.
        model: the ONNX file.
        sha256: of the file, in hexadecimal.
        decoder: a key of :data:`~scrim.redact.decoders.LAYOUTS`.
        input_size: width and height of the network's input.
        threshold: lowest score that counts.
        mean, scale: a value of the input is (sample - mean) * scale, for each channel.
        channels: ``rgb`` or ``bgr``.
        layout: ``nchw`` or ``nhwc``.
        fit: ``letterbox`` keeps the aspect and fills with grey, ``stretch`` does not.
        classes: those that count as ``kind``; ``None`` for all.
        outputs: names in the order of the layout; ``None`` for the model's own order.
        strides, min_sizes: of prior boxes.
    """

    name: str
    kind: str
    model: Path
    sha256: str
    decoder: str
    input_size: tuple[int, int]
    threshold: float = 0.2
    mean: tuple[float, float, float] = (0.0, 0.0, 0.0)
    scale: tuple[float, float, float] = (1 / 255, 1 / 255, 1 / 255)
    channels: str = "rgb"
    layout: str = "nchw"
    fit: str = "letterbox"
    classes: tuple[int, ...] | None = None
    outputs: tuple[str, ...] | None = None
    strides: tuple[int, ...] = (8, 16, 32)
    min_sizes: tuple[tuple[int, ...], ...] = ((16, 32), (64, 128), (256, 512))


def read_configured(recipe: Recipe) -> bytes:
    """The model's bytes, once they are those the hash says.

    Raises:
        ModelMissing: no file there, or it cannot be read.
        ModelAltered: its SHA-256 is another one.
    """
    try:
        if not recipe.model.is_file():
            raise FileNotFoundError(2, "No such file")
        model = recipe.model.read_bytes()
    except OSError as error:
        raise ModelMissing(
            f"The model {recipe.model} of detector {recipe.name!r} cannot be read"
            f" ({error.strerror}).",
            "Put it there, or correct `model` in scrim.toml.",
        ) from error
    found = hashlib.sha256(model).hexdigest()
    if found != recipe.sha256.lower():
        raise ModelAltered(
            f"The model {recipe.model} of detector {recipe.name!r} is not the one in the settings"
            f" (SHA-256 {found}, expected {recipe.sha256[:12]}…).",
            "If you mean to use this file, write its hash into scrim.toml; if not, restore it.",
        )
    return model
