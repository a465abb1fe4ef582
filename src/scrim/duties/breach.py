"""A breach of personal data: its row, and whom it was told to.

Row and entry are one transaction (invariant 5).  What happened, whom it was told to and why
late are commitments in the ledger; the words are in the row.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select, update

from scrim.canonical import Json
from scrim.clock import Clock
from scrim.errors import DutyUnknown
from scrim.ledger import Act, Entry, Ledger, commit
from scrim.store.schema import breach as table
from scrim.store.schema import breach_told
from scrim.subjects.room import CLOCK
from scrim.subjects.terms import Term, first

RISKS = ("none", "risk", "high")


@dataclass(frozen=True, slots=True)
class Told:
    """Somebody was told.

    Attributes:
        whom: ``authority``, ``people`` or ``other``.
        delay_reasons: of telling it late, given with it.
    """

    whom: str
    told_us: int
    document_sha256: str | None
    entry: int
    name: str = field(repr=False)
    delay_reasons: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Breach:
    """A breach as it is now.

    Attributes:
        state: ``open``, ``assessed`` or ``closed``.
        known_us: when the controller came to know of it.
        cameras, since_us, until_us: what it is about, as far as that is known.
        risk: for the people filmed, ``none``, ``risk``, ``high``; ``None``: not assessed.
        people: about how many.
        overdue_us: when it was written down that the authority was not told in time.
    """

    id: str
    state: str
    known_us: int
    seen_us: int
    terms: tuple[Term, ...]
    cameras: tuple[str, ...]
    since_us: int | None
    until_us: int | None
    risk: str | None
    people: int | None
    assessed_us: int | None
    overdue_us: int | None
    closed_us: int | None
    told: tuple[Told, ...]
    happened: str = field(repr=False)
    effects: str = field(repr=False)
    measures: str = field(repr=False)
    closed_why: str | None = field(repr=False)
    salt: bytes = field(repr=False)

    @property
    def term(self) -> Term:
        """The one that ends first."""
        return first(self.terms)

    @property
    def due_us(self) -> int:
        """When telling the authority is late."""
        return self.term.due_us

    def told_to(self, whom: str) -> Told | None:
        """The first time that they were told."""
        return next((one for one in self.told if one.whom == whom), None)

    @property
    def told_in_time(self) -> bool:
        """Whether the authority was told before it was late; more may be told it afterwards."""
        return any(one.whom == "authority" and one.told_us < self.due_us for one in self.told)

    @property
    def waits(self) -> bool:
        """Whether the authority has still to be told: it was not, and there may be a risk."""
        return self.told_to("authority") is None and self.risk != "none" and self.state != "closed"

    def committed(self, text: str) -> str:
        """How entries of this breach name something."""
        return commit(text, self.salt)[0]

    def document(self) -> dict[str, Json]:
        """For JSON: no words, which are in the draft."""
        return {
            "breach": self.id,
            "state": self.state,
            "known_us": self.known_us,
            "due_us": self.due_us,
            "rule": self.term.rule,
            "cameras": list(self.cameras),
            "since_us": self.since_us,
            "until_us": self.until_us,
            "risk": self.risk,
            "people": self.people,
            "overdue_us": self.overdue_us,
            "closed_us": self.closed_us,
            "told": [
                {"whom": one.whom, "told_us": one.told_us, "entry": one.entry} for one in self.told
            ],
        }


def find(connection: Connection, breach: str) -> Breach:
    """A breach.

    Raises:
        DutyUnknown: there is none.
    """
    row = connection.execute(select(table).where(table.c.id == breach)).one_or_none()
    if row is None:
        raise DutyUnknown(f"There is no breach {breach!r}.", "See `scrim breach list`.")
    return _breach(connection, row)


def all_breaches(connection: Connection) -> tuple[Breach, ...]:
    """All of them, the first that was known first."""
    rows = connection.execute(select(table).order_by(table.c.known_us, table.c.id)).all()
    return tuple(_breach(connection, row) for row in rows)


def change(connection: Connection, breach: str, **values: Any) -> None:
    """Write columns of a breach's row."""
    connection.execute(update(table).where(table.c.id == breach).values(**values))


def see(clock: Clock, connection: Connection, found: Breach) -> int:
    """The time for this breach: never behind what it has seen."""
    now = clock.now_us()
    if now > found.seen_us:
        change(connection, found.id, seen_us=now)
    return max(now, found.seen_us)


def enter(
    ledger: Ledger,
    connection: Connection,
    act: Act,
    found: Breach,
    now_us: int,
    who: str,
    facts: dict[str, Json],
) -> int:
    """One entry of a breach, within the caller's transaction; where it stands."""
    entry = Entry(
        act=act,
        at_us=now_us,
        who=who,
        authority=found.term.rule,
        reason="breach",
        facts={"breach": found.id, **facts},
    )
    return ledger.append_in(connection, entry).index


def mark_late(ledger: Ledger, connection: Connection, found: Breach, now_us: int) -> None:
    """Write down once that the authority was not told in time."""
    facts: dict[str, Json] = {"due": found.due_us}
    enter(ledger, connection, Act.BREACH_OVERDUE, found, now_us, CLOCK, facts)
    change(connection, found.id, overdue_us=now_us)


def _breach(connection: Connection, row: Any) -> Breach:
    told = connection.execute(
        select(breach_told).where(breach_told.c.breach == row.id).order_by(breach_told.c.id)
    )
    return Breach(
        id=row.id,
        state=row.state,
        known_us=row.known_us,
        seen_us=row.seen_us,
        terms=tuple(Term.of(one) for one in json.loads(row.clocks)),
        cameras=tuple(json.loads(row.cameras)),
        since_us=row.since_us,
        until_us=row.until_us,
        risk=row.risk,
        people=row.people,
        assessed_us=row.assessed_us,
        overdue_us=row.overdue_us,
        closed_us=row.closed_us,
        told=tuple(
            Told(one.whom, one.told_us, one.document_sha256, one.entry, one.name, one.delay_reasons)
            for one in told
        ),
        happened=row.happened,
        effects=row.effects,
        measures=row.measures,
        closed_why=row.closed_why,
        salt=bytes(row.salt),
    )
