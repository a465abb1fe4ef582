"""The register of refusals: what was refused, when, on what ground, with which reasons.

It holds no name and no picture.  A line is erased when its time is over (setting
``subjects.refusals_days``), with the names of its request.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from scrim.canonical import Json
from scrim.store.schema import refusal as table


@dataclass(frozen=True, slots=True)
class Refusal:
    """One line.

    Attributes:
        kind: of the request.
        partial: the rest was given.
        keep_until_us: when it is erased.
    """

    request: str
    kind: str
    ground: str
    reasons: str
    partial: bool
    refused_us: int
    keep_until_us: int

    def document(self) -> dict[str, Json]:
        """For JSON."""
        return {name: getattr(self, name) for name in self.__slots__}


def register(connection: Connection) -> tuple[Refusal, ...]:
    """All lines, the oldest first."""
    rows = connection.execute(select(table).order_by(table.c.refused_us, table.c.request))
    return tuple(
        Refusal(
            row.request,
            row.kind,
            row.ground,
            row.reasons,
            bool(row.partial),
            row.refused_us,
            row.keep_until_us,
        )
        for row in rows
    )
