"""The signed papers of live openings, as they lie in the database for the recorders.

Whoever can write the database can put anything here; the recorder
believes the signatures and nothing else (:mod:`scrim.vault.live`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from sqlalchemy import Connection, Engine, insert, select

from scrim.store.database import reading
from scrim.store.schema import case_answer, case_entry, case_file

_OPENABLE = ("approved", "open")


@dataclass(frozen=True, slots=True)
class LivePapers:
    """What was signed for one request.

    Attributes:
        request_sha256: of the request's body, as the row says.
        request: the signed request, canonical JSON.
        answers: the signed answers so far.
        case_salt: opens the ledger's commitments to the case's id; 16 bytes.
    """

    request_sha256: str
    request: bytes = field(repr=False)
    answers: tuple[bytes, ...] = field(repr=False)
    case_salt: bytes = field(repr=False)


def live_papers(engine: Engine, now_us: int) -> tuple[LivePapers, ...]:
    """The papers of approved live cases whose window is not over, the oldest first.

    Raises:
        StoreError: the database cannot be read.
    """
    table, answers = case_file, case_answer
    query = (
        select(table.c.id, table.c.body, table.c.statement, table.c.request_sha256, table.c.salt)
        .where(
            table.c.kind == "live",
            table.c.state.in_(_OPENABLE),
            table.c.expires_us > now_us,
            table.c.statement.is_not(None),
        )
        .order_by(table.c.requested_us, table.c.id)
    )
    found = []
    with reading(engine) as connection:
        for row in connection.execute(query).all():
            if json.loads(row.body)["until_us"] <= now_us:
                continue
            given = connection.execute(
                select(answers.c.statement)
                .where(answers.c.case == row.id, answers.c.statement.is_not(None))
                .order_by(answers.c.kept_us, answers.c.custodian)
            ).scalars()
            papers = tuple(bytes(answer) for answer in given)
            found.append(
                LivePapers(row.request_sha256, bytes(row.statement), papers, bytes(row.salt))
            )
    return tuple(found)


def belongs_to_case(connection: Connection, request_sha256: str, entry: int) -> None:
    """Note that the entry at that index is one of the request's case, if there is a case."""
    case = connection.execute(
        select(case_file.c.id).where(case_file.c.request_sha256 == request_sha256)
    ).scalar()
    if case is not None:
        connection.execute(insert(case_entry).values(case=case, entry=entry))
