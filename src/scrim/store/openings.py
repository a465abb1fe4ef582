"""Live openings: the signed papers of approved live cases, for the recorder.

Rules:

1. What is read here is a claim.  The recorder checks request and answers itself,
   signature by signature, and believes neither this table nor the server.
2. Nothing here is secret: a live case has no parts.
3. An entry that the recorder writes about an opening belongs to the case.
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
    """What a recorder is shown of a live case.

    Attributes:
        request: the signed request, bytes of a statement.
        answers: the signed answers, in the order they came.
        salt: opens the case's commitments; entries about it carry the one to ``case``.
    """

    case: str
    request: bytes = field(repr=False)
    answers: tuple[bytes, ...] = field(repr=False)
    salt: bytes = field(repr=False)


def live_papers(engine: Engine, camera: str, now_us: int) -> tuple[LivePapers, ...]:
    """Approved live cases of a camera whose window is not over, the oldest first.

    Raises:
        StoreError: the database cannot be read.
    """
    table = case_file
    query = (
        select(table.c.id, table.c.body, table.c.statement, table.c.salt)
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
            body = json.loads(row.body)
            if camera not in body["cameras"] or body["until_us"] <= now_us:
                continue
            answers = connection.execute(
                select(case_answer.c.statement)
                .where(case_answer.c.case == row.id, case_answer.c.statement.is_not(None))
                .order_by(case_answer.c.kept_us, case_answer.c.custodian)
            ).scalars()
            found.append(
                LivePapers(
                    row.id,
                    bytes(row.statement),
                    tuple(bytes(answer) for answer in answers),
                    bytes(row.salt),
                )
            )
    return tuple(found)


def belongs_to(connection: Connection, case: str, entry: int) -> None:
    """Note that the entry at that index is one of the case's."""
    connection.execute(insert(case_entry).values(case=case, entry=entry))
