"""Which packs a camera is under, as the room of papers knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from sqlalchemy import Connection

from scrim.norms.limits import Situation
from scrim.norms.pack import Pack
from scrim.papers.applied import Applied
from scrim.papers.standing import standings

_Under: TypeAlias = tuple[tuple[Pack, ...], Situation]


class PacksOfPapers:
    """:class:`~scrim.subjects.terms.Packs` of a deployment.

    What it reads it keeps for the one transaction that it is asked in.
    """

    def __init__(self, applied: Applied) -> None:
        self._applied = applied
        self._known: tuple[Connection, Mapping[str, _Under]] | None = None

    def under(self, connection: Connection, camera: str) -> tuple[Sequence[Pack], Situation]:
        """Its packs, of a camera that was removed too; none of one that never was."""
        known = self._known
        if known is None or known[0] is not connection:
            # all at once: one by one, many cameras would be read as often as there are
            found = standings(connection, with_removed=True)
            packs = self._applied.of_cameras(connection, found)
            known = (
                connection,
                {
                    one.camera: (tuple(norm.pack for norm in packs[one.camera]), one.situation)
                    for one in found
                },
            )
            self._known = known
        return known[1].get(camera, ((), Situation()))
