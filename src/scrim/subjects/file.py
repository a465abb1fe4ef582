"""The row of a request, and who asked, which lies apart from it.

Rules:

1. Whoever reads a request for its clock or its state gets nobody's name: contact and words
   are in a table of their own, which is read by itself and emptied when the time is over.
2. The latest time that a request has seen stands in its row; a clock that is set back
   gives nobody more time.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, insert, select, update

from scrim.canonical import Json, canonical
from scrim.errors import DutyUnknown
from scrim.ledger import commit
from scrim.store.schema import subject_person as people
from scrim.store.schema import subject_request as table
from scrim.subjects.states import OPEN, State
from scrim.subjects.terms import Term, first


@dataclass(frozen=True, slots=True)
class Place:
    """Where a human being found the person on the masked timeline."""

    camera: str
    since_us: int
    until_us: int

    def document(self) -> dict[str, Json]:
        """For its row and for JSON."""
        return {"camera": self.camera, "since_us": self.since_us, "until_us": self.until_us}


@dataclass(frozen=True, slots=True)
class RequestFile:
    """A request as it is now; nobody's name is in it.

    Attributes:
        kind: ``access``, ``erasure`` or ``objection``.
        cameras, since_us, until_us: what is asked for; nothing once it is erased.
        received_us: when it came, which starts its clock; entered_us: when it was entered.
        terms: until when, by which rules.
        places: where the person was found.
        case: through which it is disclosed.
        overdue_us: when it was written down that it is late.
        answer: ``given``, ``partly``, ``refused``, ``nothing-held``, ``already-erased``.
        keep_until_us: when everything that names somebody is erased.
    """

    id: str
    kind: str
    state: State
    language: str
    cameras: tuple[str, ...]
    since_us: int
    until_us: int
    received_us: int
    entered_us: int
    seen_us: int
    terms: tuple[Term, ...]
    places: tuple[Place, ...]
    case: str | None
    acknowledged_us: int | None
    extended_us: int | None
    overdue_us: int | None
    ended_us: int | None
    answer: str | None
    others_masked: bool
    keep_until_us: int | None
    erased_us: int | None

    @property
    def term(self) -> Term:
        """The one that ends first."""
        return first(self.terms, extended=self.extended_us is not None)

    @property
    def due_us(self) -> int:
        """When it is late."""
        return self.term.until(extended=self.extended_us is not None)

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    def is_late(self, now_us: int) -> bool:
        """Whether its clock has run out before it was answered."""
        end = max(now_us, self.seen_us) if self.ended_us is None else self.ended_us
        return self.state is not State.WITHDRAWN and end >= self.due_us

    def document(self, now_us: int) -> dict[str, Json]:
        """For JSON; no personal data."""
        return {
            "request": self.id,
            "kind": self.kind,
            "state": self.state.value,
            "cameras": list(self.cameras),
            "since_us": self.since_us,
            "until_us": self.until_us,
            "received_us": self.received_us,
            "due_us": self.due_us,
            "rule": self.term.rule,
            "terms": [term.document() for term in self.terms],
            "extended": self.extended_us is not None,
            "late": self.is_late(now_us),
            "places": [place.document() for place in self.places],
            "case": self.case,
            "acknowledged_us": self.acknowledged_us,
            "answer": self.answer,
            "ended_us": self.ended_us,
            "keep_until_us": self.keep_until_us,
            "erased_us": self.erased_us,
        }


@dataclass(frozen=True, slots=True)
class Person:
    """Who asked, and what was written of them; all of it is erased together."""

    contact: str = field(repr=False)
    description: str = field(repr=False)
    identity_note: str = field(repr=False)
    location_note: str = field(repr=False)
    extension_reason: str = field(repr=False)
    reply: str = field(repr=False)
    salt: bytes = field(repr=False)

    def committed(self, text: str) -> str:
        """How entries of this request name something."""
        return commit(text, self.salt)[0]


def enter(connection: Connection, values: Mapping[str, Any], person: Mapping[str, Any]) -> None:
    """Write a new request."""
    connection.execute(insert(table).values(**values))
    connection.execute(insert(people).values(request=values["id"], **person))


def find(connection: Connection, request: str) -> RequestFile:
    """A request.

    Raises:
        DutyUnknown: there is none.
    """
    row = connection.execute(select(table).where(table.c.id == request)).one_or_none()
    if row is None:
        raise DutyUnknown(f"There is no request {request!r}.", "See `scrim subject list`.")
    return _file(row)


def find_all(connection: Connection, *conditions: Any) -> list[RequestFile]:
    """Those that meet the conditions, in the order in which they came."""
    query = select(table).where(*conditions).order_by(table.c.received_us, table.c.id)
    return [_file(row) for row in connection.execute(query)]


def person(connection: Connection, request: str) -> Person:
    """Who asked.

    Raises:
        DutyUnknown: it is erased, or there is no such request.
    """
    row = connection.execute(select(people).where(people.c.request == request)).one_or_none()
    if row is None:
        raise DutyUnknown(
            f"Nobody's name is kept for {request!r}.", "It is erased once its time is over."
        )
    return Person(
        row.contact,
        row.description,
        row.identity_note,
        row.location_note,
        row.extension_reason,
        row.reply,
        bytes(row.salt),
    )


def change(connection: Connection, request: str, **values: Any) -> None:
    """Write columns of a request's row."""
    connection.execute(update(table).where(table.c.id == request).values(**values))


def note(connection: Connection, request: str, **values: str) -> None:
    """Write columns of who asked."""
    connection.execute(update(people).where(people.c.request == request).values(**values))


def see(connection: Connection, file: RequestFile, now_us: int) -> int:
    """The time for this request: never behind what it has seen."""
    if now_us > file.seen_us:
        change(connection, file.id, seen_us=now_us)
    return max(now_us, file.seen_us)


def text_of(values: object) -> str:
    """Canonical JSON as it stands in a column."""
    return canonical(values).decode()  # type: ignore[arg-type] # of documents


def _file(row: Any) -> RequestFile:
    return RequestFile(
        id=row.id,
        kind=row.kind,
        state=State(row.state),
        language=row.language,
        cameras=tuple(json.loads(row.cameras)),
        since_us=row.since_us,
        until_us=row.until_us,
        received_us=row.received_us,
        entered_us=row.entered_us,
        seen_us=row.seen_us,
        terms=tuple(Term.of(one) for one in json.loads(row.clocks)),
        places=tuple(Place(**one) for one in json.loads(row.places)),
        case=row.case,
        acknowledged_us=row.acknowledged_us,
        extended_us=row.extended_us,
        overdue_us=row.overdue_us,
        ended_us=row.ended_us,
        answer=row.answer,
        others_masked=bool(row.others_masked),
        keep_until_us=row.keep_until_us,
        erased_us=row.erased_us,
    )
