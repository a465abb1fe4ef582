"""How long a camera's recordings are kept: its packs', the settings' and its own limits.

Rules:

1. Sealed and masked are limited apart.
2. A camera's own limit takes the place of the settings', within what its packs allow; the
   settings' limit is the ceiling wherever a pack says no less.
3. What cannot be met together is refused, both rules named (:mod:`scrim.norms.limits`).
   A camera whose limits cannot be met keeps everything until somebody decides.
4. A segment is due when its first picture has reached the ceiling and its last one the
   floor.  So where both are the same, the first pictures of a segment are kept for the
   length of the segment longer (2 s, at most 30).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, Protocol

from sqlalchemy import Connection

from scrim.clock import SECOND
from scrim.norms.limits import Limits, Situation, put_together
from scrim.norms.pack import Pack, Side
from scrim.papers.own import own_of_camera, own_of_settings, reasoned
from scrim.retention.own import OwnLimit, own_limits
from scrim.settings import RetentionSettings

SideName = Literal["sealed", "masked"]

SIDES: Final[tuple[SideName, SideName]] = ("sealed", "masked")

_SIDES: Final = {"sealed": Side.SEALED, "masked": Side.MASKED}


class Papers(Protocol):
    """Which packs a camera is under; :mod:`scrim.papers` knows."""

    def under(self, connection: Connection, camera: str) -> tuple[Sequence[Pack], Situation]:
        """Its packs, and what of it decides which of their limits apply.

        Of a camera that was removed too: what it recorded is still under them.
        """


class Nobody:
    """A deployment in which no pack was applied."""

    def under(
        self,
        connection: Connection,  # noqa: ARG002 - as Papers has it
        camera: str,  # noqa: ARG002
    ) -> tuple[Sequence[Pack], Situation]:
        return (), Situation()


@dataclass(frozen=True, slots=True)
class CameraLimits:
    """How long both sides of a camera are kept, and who says so.

    Attributes:
        own: what was said of this camera itself, by side.
    """

    camera: str
    sealed: Limits
    masked: Limits
    own: dict[str, OwnLimit]

    def of(self, side: SideName) -> Limits:
        """The limits of one side."""
        return self.sealed if side == "sealed" else self.masked


class Retention:
    """The limits in force.

    Args:
        settings: the deployment's.
        papers: which packs a camera is under.
    """

    def __init__(self, settings: RetentionSettings, papers: Papers | None = None) -> None:
        self._own = own_of_settings(settings)
        self._papers = papers or Nobody()

    def of(self, connection: Connection, camera: str) -> CameraLimits:
        """A camera's limits.

        Raises:
            NormsConflict: they cannot be met together; names both rules.
        """
        said = own_limits(connection, camera)
        sealed, masked = (self.if_said(connection, camera, side, said.get(side)) for side in SIDES)
        return CameraLimits(camera, sealed, masked, said)

    def if_said(
        self, connection: Connection, camera: str, side: SideName, said: OwnLimit | None
    ) -> Limits:
        """What one side's limits would be with that said of the camera.

        Raises:
            NormsConflict: they cannot be met together; names both rules.
        """
        packs, situation = self._papers.under(connection, camera)
        if said is None:
            own = self._own[_SIDES[side]]
        else:
            own = own_of_camera(_SIDES[side], said.ceiling_s, said.floor_s)
            situation = reasoned(situation)
        return put_together(packs, _SIDES[side], situation, own)


def due_us(limits: Limits, start_us: int, end_us: int) -> int:
    """When a segment's time is over: rule 4."""
    return max(start_us + limits.ceiling * SECOND, end_us + limits.floor * SECOND)
