"""What was said in words is forgotten once the time for it is over.

Rules:

1. Of a case that ended ``cases.texts_days`` ago the words go: why it was asked for, refused
   and closed, what norms asked and the officer answered, the reference of its authority, what
   custodians answered, to whom exports went, for whom and why.
   The signed request and refusals hold such words, so they go whole.
2. Their hashes stay, in the rows and in the ledger: who has a copy can still show that it
   is the one.  Camera, interval, dates and decisions stay, for counting.
3. What is erased, and its proof, are one transaction: how many pieces, and the SHA-256 of the
   canonical list of their commitments, sorted.
4. Sign-ins that ended so long ago go too, with the salts that tell whose they were.
5. It is erased from the database's files, which :func:`scrim.cases.ending.finish` sees to.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection, delete, func, select, update

from scrim.access.signin import in_ledger
from scrim.canonical import Json, canonical, digest
from scrim.cases.case import ALIVE
from scrim.cases.file import CaseFile, change, find
from scrim.cases.room import RETENTION, Room
from scrim.clock import SECOND
from scrim.ledger import Act, Entry
from scrim.store.database import reading
from scrim.store.schema import case_answer, case_export, case_file, session, sign_in_link
from scrim.vault import questions

_DAY_US: Final = 86_400 * SECOND
_NOBODY: Final = {"recipient": "", "organisation": "", "why": ""}
_SIGN_INS: Final = 1000  # in one transaction


def forget(room: Room, now_us: int) -> int:
    """Erase words and sign-ins whose time is over; of how many cases.

    Args:
        room: the cases.
        now_us: the time to erase by, which may be believed.

    Raises:
        LedgerUnavailable: the rest is erased the next time.
    """
    latest_us = now_us - room.settings.cases.texts_days * _DAY_US
    table = case_file
    with reading(room.engine) as connection:
        due = list(
            connection.execute(
                select(table.c.id)
                .where(
                    table.c.ended_us <= latest_us,
                    table.c.texts_us.is_(None),
                    table.c.state.not_in([state.value for state in ALIVE]),
                )
                .order_by(table.c.id)
            ).scalars()
        )
    for case in due:
        _forget(room, case, now_us)
    while _forget_sign_ins(room, latest_us, now_us):
        pass
    return len(due)


def _forget(room: Room, case: str, now_us: int) -> None:
    with in_ledger(room.engine) as connection:
        file = find(connection, case)
        pieces = sorted(file.committed(text) for text in _texts(connection, file))
        facts: dict[str, Json] = {"pieces": len(pieces), "sha256": digest(list[Json](pieces))}
        room.write(connection, file, Act.CASE_FORGOTTEN, now_us, who=RETENTION, facts=facts)
        answers, exports = case_answer, case_export
        connection.execute(
            update(answers).where(answers.c.case == case).values(reason="", statement=None)
        )
        connection.execute(update(exports).where(exports.c.case == case).values(_NOBODY))
        change(
            connection,
            case,
            body=canonical(_silent(file.body)).decode(),
            statement=None,
            reason=None,
            texts_us=now_us,
            scrubbed_us=None,
        )


def _texts(connection: Connection, file: CaseFile) -> list[str]:
    columns = [case_export.c[name] for name in _NOBODY]
    exports = connection.execute(select(*columns).where(case_export.c.case == file.id))
    texts = [
        str(file.body["reason"]),
        str(file.body["authority"]["reference"]),
        file.reason or "",
        *(answer.reason for answer in file.answers),
        *file.body.get(questions.FIELD, {}).values(),
        *(text for row in exports for text in row),
    ]
    return [text for text in texts if text]


def _silent(body: Any) -> dict[str, Json]:
    silent = {**body, "reason": "", "authority": {**body["authority"], "reference": ""}}
    if questions.FIELD in body:  # which were answered stays, for checks
        silent[questions.FIELD] = dict.fromkeys(body[questions.FIELD], "")
    return silent


def _forget_sign_ins(room: Room, latest_us: int, now_us: int) -> int:
    links = sign_in_link
    over = func.coalesce(session.c.ended_us, session.c.expires_us) <= latest_us
    with reading(room.engine) as connection:
        old = select(session.c.token_sha256).where(over).limit(_SIGN_INS)
        sessions = list(connection.execute(old).scalars())
        old = select(links.c.token_sha256).where(links.c.expires_us <= latest_us).limit(_SIGN_INS)
        unused = list(connection.execute(old).scalars())
    if not sessions and not unused:
        return 0
    with in_ledger(room.engine) as connection:
        entry = Entry(
            act=Act.SIGN_INS_FORGOTTEN,
            at_us=now_us,
            who=RETENTION,
            authority="cases.texts_days",
            reason="ceiling",
            facts={"sessions": len(sessions), "links": len(unused)},
        )
        room.ledger.append_in(connection, entry)
        connection.execute(delete(session).where(session.c.token_sha256.in_(sessions)))
        connection.execute(delete(links).where(links.c.token_sha256.in_(unused)))
    return len(sessions) + len(unused)
