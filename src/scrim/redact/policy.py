"""What a camera's masks cover and how they look: the policy a recorder works under.

Rules kept here:

- A policy can only ever add cover.  There is none that covers nothing: ``cover`` is never
  empty, and :func:`~scrim.redact.redactor.Redactor` looks for faces whatever it says.
- It says *what kind of thing* is covered, never whose.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Cover(StrEnum):
    """A kind of thing to cover."""

    FACES = "faces"  # the whole head; a person whose face is not found gets one too
    PERSONS = "persons"  # whole people, whether they move or stand
    PLATES = "plates"  # number plates, as far as the detector finds them
    VEHICLES = "vehicles"  # whole moving vehicles: the safe choice where plates matter


class Style(StrEnum):
    """How a mask looks."""

    SOLID = "solid"
    SILHOUETTE = "silhouette"  # a flat figure over the learned background
    MOSAIC = "mosaic"  # weaker: coarse blocks can be partly undone


@dataclass(frozen=True, slots=True)
class Zone:
    """A fixed part of the picture that is always covered.

    Attributes:
        name: for people; a-z, 0-9 and hyphens.
        points: corners (x, y) as fractions of the upright picture's width and height.
    """

    name: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """What is covered, where always, and how it is drawn."""

    cover: frozenset[Cover] = field(default=frozenset({Cover.FACES}))
    zones: tuple[Zone, ...] = ()
    style: Style = Style.SOLID
