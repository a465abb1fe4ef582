"""Which packs a camera is under, as the room of papers knows."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from scrim.norms.limits import Situation
from scrim.norms.pack import Pack
from scrim.papers.applied import Applied
from scrim.papers.standing import standings


class PacksOfPapers:
    """:class:`~scrim.subjects.terms.Packs` of a deployment."""

    def __init__(self, applied: Applied) -> None:
        self._applied = applied

    def under(self, connection: Connection, camera: str) -> tuple[Sequence[Pack], Situation]:
        """Its packs, of a camera that was removed too; none of one that never was."""
        for one in standings(connection, with_removed=True):
            if one.camera == camera:
                norms = self._applied.of_cameras(connection, [one])[camera]
                return tuple(norm.pack for norm in norms), one.situation
        return (), Situation()
