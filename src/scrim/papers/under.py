"""Which packs a camera is under, and what of it decides which of their limits apply."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from sqlalchemy import Connection

from scrim.norms.limits import Situation
from scrim.norms.pack import Pack
from scrim.papers.applied import Applied
from scrim.papers.standing import standings

_Under: TypeAlias = tuple[tuple[Pack, ...], Situation]


class PacksOfPapers:
    """:class:`~scrim.subjects.terms.Packs` and :class:`~scrim.retention.limits.Papers`.

    What it reads it keeps for the one transaction that it is asked in.
    """

    def __init__(self, applied: Applied) -> None:
        self._applied = applied
        self._connection: Connection | None = None
        self._known: dict[str, _Under] = {}
        self._whole = False

    def under(self, connection: Connection, camera: str) -> tuple[Sequence[Pack], Situation]:
        """Its packs, of a camera that was removed too; none of one that never was.

        Raises:
            PackInvalid, CalendarUnknown: a pack that is applied is not there or not right.
        """
        if self._connection is not connection:
            self._connection, self._known, self._whole = connection, {}, False
        if camera not in self._known and not self._whole:
            # who asks for a second camera asks for many: one by one takes as many readings
            self._whole = bool(self._known)
            self._read(connection, None if self._whole else camera)
        return self._known.setdefault(camera, ((), Situation()))

    def _read(self, connection: Connection, only: str | None) -> None:
        found = standings(connection, only=only, with_removed=True, with_first=False)
        packs = self._applied.of_cameras(connection, found)
        for one in found:
            self._known[one.camera] = (
                tuple(norm.pack for norm in packs[one.camera]),
                one.situation,
            )
