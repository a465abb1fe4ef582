"""The file of a case: its row, and what others may read of it.

Rules:

1. A file's body never changes once it is drafted: it is what the officer signs.  Years
   after its end its words go (:mod:`~scrim.cases.forgetting`), and the hash stays.
2. Who must agree to what (:mod:`~scrim.cases.locks`) is fixed with the body.
3. The latest time that a case has seen stands in its row, and the case never
   goes back behind it: a clock that is set back brings nothing back to life.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, select, update

from scrim.canonical import Json
from scrim.cases.case import State
from scrim.cases.locks import Lock
from scrim.clock import SECOND
from scrim.errors import CaseUnknown
from scrim.ledger import commit
from scrim.store.schema import case_answer, case_entry
from scrim.store.schema import case_file as table

_SEEN_EVERY_US: Final = 10 * SECOND  # a look at a segment need not write each time


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """A custodian's answer as the server keeps it.

    Attributes:
        sha256: of the answer's body.
        decided_us: by the custodian's clock; kept_us: by the server's.
        parts: SHA-256 of each period document (and ``/`` and that of a re-sharing, where the
            part is one of it) to that of the sealed part.
        statement: as signed; ``None`` once its parts are erased.
    """

    custodian: str
    verifier: str
    decision: str
    reason: str
    sha256: str
    decided_us: int
    kept_us: int
    parts: Mapping[str, str] = field(repr=False)
    statement: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A case as it is now.

    Attributes:
        kind: ``recorded`` or ``live``.
        officer: the id of who filed it.
        body: that of the request; of a case that a rule refused, what was asked for.
        statement: the signed request, once there is one.
        salt: opens the commitments of the case's entries.
        rule: id of the rule that refused it.
        reason: of a refusal or of closing, in words.
        answers: those given so far, in their order.
        entries: where its entries stand in the ledger.
        locks: who must agree to what.
    """

    id: str
    kind: str
    state: State
    officer: str
    body: Mapping[str, Any] = field(repr=False)
    statement: bytes | None = field(repr=False)
    request_sha256: str | None
    drafted_us: int
    requested_us: int | None
    decided_us: int | None
    opened_us: int | None
    ended_us: int | None
    expires_us: int
    rule: str | None
    reason: str | None
    erased_us: int | None
    scrubbed_us: int | None
    answers: tuple[KeptAnswer, ...] = field(repr=False)
    entries: tuple[int, ...]
    locks: tuple[Lock, ...] = field(repr=False)
    salt: bytes = field(repr=False)
    seen_us: int

    @property
    def cameras(self) -> tuple[str, ...]:
        return tuple(self.body["cameras"])

    @property
    def since_us(self) -> int:
        return int(self.body["since_us"])

    @property
    def until_us(self) -> int:
        return int(self.body["until_us"])

    @property
    def commitment(self) -> str:
        """How the ledger names the case."""
        return self.committed(self.id)

    def committed(self, text: str) -> str:
        """How the entries of this case name somebody."""
        return commit(text, self.salt)[0]

    def with_(self, **values: Any) -> CaseFile:
        """The same file with other values."""
        return replace(self, **values)

    def asks(self, custodian: str) -> bool:
        """Whether that custodian's answer is asked for: they hold a part."""
        return any(lock.verifiers_of(custodian) for lock in self.locks)


@dataclass(frozen=True, slots=True)
class Glance:
    """Of a case only what says whether it is alive and whose it is; read for every object."""

    id: str
    kind: str
    state: State
    officer: str
    request_sha256: str | None
    expires_us: int
    seen_us: int


def glance(connection: Connection, case: str) -> Glance:
    """A case without its papers.

    Raises:
        CaseUnknown: there is none.
    """
    found = glances(connection, table.c.id == case)
    if not found:
        raise unknown()
    return found[0]


def glances(connection: Connection, *conditions: Any) -> list[Glance]:
    """The cases that meet the conditions, without their papers: answers are megabytes."""
    columns = (table.c[name] for name in Glance.__slots__)
    rows = connection.execute(select(*columns).where(*conditions).order_by(table.c.id)).mappings()
    return [Glance(**{**row, "state": State(row["state"])}) for row in rows]


def places(connection: Connection, case: str) -> frozenset[tuple[str, int, int]]:
    """Camera, epoch and period of every period of a case; never changes."""
    body = connection.execute(select(table.c.body).where(table.c.id == case)).scalar_one()
    periods = json.loads(body).get("periods", ())
    return frozenset((one["camera"], one["epoch"], one["period"]) for one in periods)


def find(connection: Connection, case: str) -> CaseFile:
    """The file of a case.

    Raises:
        CaseUnknown: there is none.
    """
    row = connection.execute(select(table).where(table.c.id == case)).mappings().one_or_none()
    if row is None:
        raise unknown()
    return _file(connection, row)


def find_all(connection: Connection, *conditions: Any) -> list[CaseFile]:
    """The files that meet the conditions, the newest first."""
    query = select(table).where(*conditions).order_by(table.c.drafted_us.desc(), table.c.id)
    return [_file(connection, row) for row in connection.execute(query).mappings().all()]


def change(connection: Connection, case: str, **values: Any) -> None:
    """Write columns of a case's row."""
    connection.execute(update(table).where(table.c.id == case).values(**values))


def step(connection: Connection, file: CaseFile, then: State, **values: Any) -> bool:
    """Put a case into another state; whether it is still in the one that its file says."""
    done = connection.execute(
        update(table)
        .where(table.c.id == file.id, table.c.state == file.state.value)
        .values(state=then.value, **values)
    )
    return done.rowcount == 1


def see(connection: Connection, file: CaseFile | Glance, now_us: int) -> int:
    """The time for this case: never behind what it has seen; written down where it is new."""
    if now_us > file.seen_us:
        change(connection, file.id, seen_us=now_us)
    return max(now_us, file.seen_us)


def is_news(file: CaseFile | Glance, now_us: int) -> bool:
    """Whether that time is worth a transaction of its own."""
    return now_us > file.seen_us + _SEEN_EVERY_US


def unknown() -> CaseUnknown:
    """The same words whether there is no such case or somebody may not see it."""
    return CaseUnknown(
        "There is no such case, or it is not yours to see.", "See `scrim case list`."
    )


def _file(connection: Connection, row: RowMapping) -> CaseFile:
    answers = connection.execute(
        select(case_answer)
        .where(case_answer.c.case == row["id"])
        .order_by(case_answer.c.kept_us, case_answer.c.custodian)
    ).all()
    entries = connection.execute(
        select(case_entry.c.entry)
        .where(case_entry.c.case == row["id"])
        .order_by(case_entry.c.entry)
    ).scalars()
    values = {name: value for name, value in row.items() if name in CaseFile.__slots__}
    body: Mapping[str, Json] = json.loads(row["body"])
    return CaseFile(
        **values
        | {
            "state": State(row["state"]),
            "body": body,
            "locks": tuple(Lock.from_document(lock) for lock in json.loads(row["locks"])),
            "salt": bytes(row["salt"]),
            "answers": tuple(_answer(answer) for answer in answers),
            "entries": tuple(entries),
        }
    )


def _answer(row: Any) -> KeptAnswer:
    return KeptAnswer(
        custodian=row.custodian,
        verifier=row.verifier,
        decision=row.decision,
        reason=row.reason,
        sha256=row.sha256,
        decided_us=row.decided_us,
        kept_us=row.kept_us,
        parts=json.loads(row.parts),
        statement=None if row.statement is None else bytes(row.statement),
    )
