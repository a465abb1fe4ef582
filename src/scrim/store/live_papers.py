"""The signed papers of live openings, as they lie in the database for the recorders.

Whoever can write the database can put anything here; the recorder
believes the signatures and nothing else (:mod:`scrim.vault.live`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Connection, Engine, insert, select

from scrim.store.database import reading
from scrim.store.schema import case_answer, case_entry, case_file

_MAY_OPEN: Final = ("approved", "open")


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
    """The papers of every live opening that may be in force, by request.

    What the rows say of themselves only narrows the search.

    Raises:
        StoreError: the database cannot be read.
    """
    file, answer = case_file, case_answer
    with reading(engine) as connection:
        cases = connection.execute(
            select(file.c.id, file.c.request_sha256, file.c.statement, file.c.salt)
            .where(file.c.kind == "live")
            .where(file.c.state.in_(_MAY_OPEN), file.c.expires_us > now_us)
            .where(file.c.statement.is_not(None), file.c.request_sha256.is_not(None))
            .order_by(file.c.request_sha256)
        ).all()
        answers: dict[str, list[bytes]] = {case.id: [] for case in cases}
        for row in connection.execute(
            select(answer.c.case, answer.c.statement)
            .where(answer.c.case.in_(answers))
            .where(answer.c.statement.is_not(None))
            .order_by(answer.c.case, answer.c.custodian)
        ):
            answers[row.case].append(bytes(row.statement))
    return tuple(
        LivePapers(
            case.request_sha256, bytes(case.statement), tuple(answers[case.id]), bytes(case.salt)
        )
        for case in cases
    )


def belongs_to_case(connection: Connection, request_sha256: str, entry: int) -> None:
    """Note that the entry at that index is one of the request's case, if there is a case."""
    case = connection.execute(
        select(case_file.c.id).where(case_file.c.request_sha256 == request_sha256)
    ).scalar()
    if case is not None:
        connection.execute(insert(case_entry).values(case=case, entry=entry))
