"""A filing: its row, and how its entries are written.

Row and entry are one transaction (invariant 5).  References are commitments in the ledger;
the camera that a filing is about stands there, as it does where it records.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, insert, select, update

from scrim.canonical import Json
from scrim.clock import Clock
from scrim.errors import DutyRefused, DutyUnknown
from scrim.ledger import Act, Entry, Ledger
from scrim.store.schema import filing as table
from scrim.subjects.room import CLOCK
from scrim.subjects.terms import Term

_WORD: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LETTERS: Final = "abcdefghijkmnpqrstuvwxyz23456789"


@dataclass(frozen=True, slots=True)
class Filing:
    """One filing.

    Attributes:
        kind: by the word of the packs: ``public-security``.
        change: it says a change of what was filed.
        state: ``open``, ``drafted``, ``filed`` or ``acknowledged``.
        required_us: when that happened which has to be filed.
        due_us: when it is late.
        counted: ``as-said``, or ``calendar-days`` in place of working days.
        document_sha256: of the newest document: draft, what was handed in, or the receipt.
    """

    id: str
    kind: str
    change: bool
    state: str
    pack: str
    rule: str
    camera: str | None
    required_us: int
    due_us: int
    counted: str
    seen_us: int
    document_sha256: str | None
    drafted_us: int | None
    filed_us: int | None
    acknowledged_us: int | None
    overdue_us: int | None
    draft: str | None = field(repr=False)
    reference: str | None = field(repr=False)
    salt: bytes = field(repr=False)

    def document(self) -> dict[str, Json]:
        """For JSON."""
        hidden = ("salt", "draft", "seen_us")
        return {name: getattr(self, name) for name in self.__slots__ if name not in hidden}


def open_filing(
    ledger: Ledger,
    connection: Connection,
    kind: str,
    term: Term,
    required_us: int,
    camera: str | None,
    is_change: bool,
    now: int,
    who: str,
) -> Filing:
    """Start the clock of a filing, within the caller's transaction."""
    id_ = "filing-" + "".join(secrets.choice(_LETTERS) for _ in range(8))
    connection.execute(
        insert(table).values(
            id=id_,
            kind=kind,
            change=int(is_change),
            state="open",
            pack=term.pack,
            rule=term.rule,
            camera=camera,
            required_us=required_us,
            due_us=term.due_us,
            counted=term.counted,
            seen_us=now,
            salt=secrets.token_bytes(16),
        )
    )
    found = find(connection, id_)
    facts: dict[str, Json] = {
        "change": is_change,
        "required": required_us,
        "due": term.due_us,
        "counted": term.counted,
    }
    enter(ledger, connection, Act.FILING_OPENED, found, now, who, facts)
    return found


def mark_late(ledger: Ledger, connection: Connection, found: Filing, now: int) -> None:
    """Write down once that it is late, within the caller's transaction."""
    enter(ledger, connection, Act.FILING_OVERDUE, found, now, CLOCK, {"due": found.due_us})
    change(connection, found.id, overdue_us=now)


def see(clock: Clock, connection: Connection, found: Filing) -> int:
    """The time for this filing: never behind what it has seen."""
    now = clock.now_us()
    if now > found.seen_us:
        change(connection, found.id, seen_us=now)
    return max(now, found.seen_us)


def enter(
    ledger: Ledger,
    connection: Connection,
    act: Act,
    found: Filing,
    now: int,
    who: str,
    facts: dict[str, Json],
) -> None:
    """One entry of a filing, within the caller's transaction."""
    ledger.append_in(
        connection,
        Entry(
            act=act,
            at_us=now,
            who=who,
            authority=found.rule,
            reason=f"filing-{found.kind}",
            camera=found.camera,
            facts={"filing": found.id, **facts},
        ),
    )


def duty(kind: str, *, change: bool) -> str:
    """The word of a pack's deadline.

    Raises:
        DutyRefused: not a word.
    """
    if _WORD.fullmatch(kind) is None:
        raise DutyRefused("The kind of a filing is a word.", "Use public-security, for example.")
    return f"filing-{kind}{'-change' if change else ''}"


def change(connection: Connection, filing: str, **values: Any) -> None:
    """Write columns of a filing's row."""
    connection.execute(update(table).where(table.c.id == filing).values(**values))


def find(connection: Connection, filing: str) -> Filing:
    """A filing.

    Raises:
        DutyUnknown: there is none.
    """
    row = connection.execute(select(table).where(table.c.id == filing)).one_or_none()
    if row is None:
        raise DutyUnknown(f"There is no filing {filing!r}.", "See `scrim filing list`.")
    return _filing(row)


def all_filings(connection: Connection) -> tuple[Filing, ...]:
    """All of them, the first to be late first."""
    rows = connection.execute(select(table).order_by(table.c.due_us, table.c.id))
    return tuple(map(_filing, rows))


def _filing(row: Any) -> Filing:
    values = {name: getattr(row, name) for name in Filing.__slots__}
    return Filing(**values | {"change": bool(row.change), "salt": bytes(row.salt)})
