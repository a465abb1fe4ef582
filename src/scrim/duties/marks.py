"""What a check writes down for later ones: how far the ledger was read, since when a threshold.

Nothing in here could not be found again from the ledger, save when it was noticed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, delete, insert, select

from scrim.store.schema import norm_mark as table

LEDGER_READ: Final = "ledger-read"
"""How many entries were read for changes."""
CHECKED: Final = "checked"
"""How many outcomes the last check changed, and when it was."""
LOG_EXPORTS: Final = "log-exports"
"""How many extracts of the ledger were handed out, as far as it was read."""
LOG_EXPORTS_WITHOUT_PURPOSE: Final = "log-exports-unsaid"
"""Of these, how many say no purpose."""
LEDGER_VERIFIED: Final = "ledger-verified"
"""1 where the last verification of the whole ledger held, else 0; and when it was."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A number, and when it was written down, UTC microseconds."""

    value: int
    at_us: int


def all_marks(connection: Connection) -> dict[str, Mark]:
    """Every mark by its name."""
    return {row.name: Mark(row.value, row.at_us) for row in connection.execute(select(table))}


def put(connection: Connection, name: str, value: int, at_us: int) -> None:
    """Write one down in place of the one before."""
    connection.execute(delete(table).where(table.c.name == name))
    connection.execute(insert(table).values(name=name, value=value, at_us=at_us))
