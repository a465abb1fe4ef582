"""The detectors of a deployment besides CenterFace: the configured ones and the defaults.

They are made where a recorder starts, so that a model that is missing, altered or unfit
stops the start and never a picture.  Making one costs a session and its memory: a
process makes its own for each camera, since OpenCV's classifiers are not for two threads.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from scrim.policy import Cover
from scrim.redact.cascade import PlateCascade
from scrim.redact.configured import ConfiguredDetector
from scrim.redact.detector import Detector
from scrim.redact.recipe import Recipe
from scrim.settings import Detector as Configured
from scrim.settings import Redaction

# Faces are covered under every policy, and a person's box says where a head must be.
_COVERED_BY: dict[str, frozenset[Cover]] = {
    "face": frozenset(Cover),
    "head": frozenset(Cover),
    "person": frozenset(Cover),
    "plate": frozenset({Cover.PLATES, Cover.VEHICLES}),
    "vehicle": frozenset({Cover.PLATES, Cover.VEHICLES}),
}


def recipe_of(detector: Configured, folder: Path) -> Recipe:
    """What ``scrim.toml`` says, with the model's place resolved.

    Args:
        detector: one table of ``[[redaction.detectors]]``.
        folder: the data folder, to which a relative path belongs.
    """
    values = detector.model_dump(exclude={"licence", "model"})
    return Recipe(model=folder / detector.model, **values)


def extra_detectors(
    redaction: Redaction, cover: Collection[Cover], folder: Path, threads: int = 1
) -> list[Detector]:
    """The detectors that matter for what is covered, each tried once.

    Faces are always looked for, so face, head and person detectors always matter.  Where
    plates are covered and no detector for them is configured, OpenCV's cascades look.

    Args:
        redaction: the settings.
        cover: of the camera's policy.
        folder: the data folder.
        threads: processor threads for one call of one detector.

    Raises:
        ModelMissing, ModelAltered, ModelUnfit: a configured model cannot be used.
    """
    chosen = [one for one in redaction.detectors if _COVERED_BY[one.kind] & set(cover)]
    made: list[Detector] = [ConfiguredDetector(recipe_of(one, folder), threads) for one in chosen]
    if Cover.PLATES in cover and not any(one.kind == "plate" for one in chosen):
        made.append(PlateCascade())
    return made
