"""Which packs a camera is under, and what of it decides which of their limits apply."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from sqlalchemy import Connection

from scrim.norms.limits import Situation
from scrim.norms.pack import Pack
from scrim.papers.applied import Applied
from scrim.papers.standing import standings

_Under: TypeAlias = tuple[tuple[Pack, ...], Situation]


@dataclass(slots=True)
class _Read:
    """What one transaction has been told."""

    connection: Connection
    known: dict[str, _Under] = field(default_factory=dict)
    whole: bool = False


class PacksOfPapers:
    """:class:`~scrim.subjects.terms.Packs` and :class:`~scrim.retention.limits.Papers`.

    What it reads it keeps for the one transaction that it is asked in.
    """

    def __init__(self, applied: Applied) -> None:
        self._applied = applied
        self._last: _Read | None = None

    def under(self, connection: Connection, camera: str) -> tuple[Sequence[Pack], Situation]:
        """Its packs, of a camera that was removed too; none of one that never was.

        Raises:
            PackInvalid, CalendarUnknown: a pack that is applied is not there or not right.
        """
        read = self._last
        if read is None or read.connection is not connection:
            self._last = read = _Read(connection)
        if camera not in read.known and not read.whole:
            # who asks for a second camera asks for many: one by one takes as many readings
            whole = bool(read.known)
            read.known.update(self._read(connection, None if whole else camera))
            read.whole = whole
        return read.known.setdefault(camera, ((), Situation()))

    def _read(self, connection: Connection, only: str | None) -> dict[str, _Under]:
        found = standings(connection, only=only, with_removed=True, with_first=False)
        packs = self._applied.of_cameras(connection, found)
        return {
            one.camera: (tuple(norm.pack for norm in packs[one.camera]), one.situation)
            for one in found
        }
