"""Who asked is forgotten once the time of the register is over.

Rules:

1. What is erased, and its proof, are one transaction: how many pieces, and the SHA-256 of the
   canonical list of their commitments, sorted.
2. With the words goes the salt, so that the ledger's commitments say nothing any more.
3. Of the request its kind, its state and its dates stay, for counting.
4. It is erased by a clock that may be believed, and from the database's files.
"""

from __future__ import annotations

from sqlalchemy import delete, select, update

from scrim.access.signin import in_ledger
from scrim.canonical import Json, digest
from scrim.ledger import Act
from scrim.store.database import reading, scrub, writing
from scrim.store.schema import hold, refusal, subject_letter, subject_person, subject_request
from scrim.subjects.file import change, find, person
from scrim.subjects.room import CLOCK, Room


def forget(room: Room) -> tuple[str, ...]:
    """Erase what names anybody whose time is over; of which requests.

    Raises:
        ClockDoubtful: the clock may be wrong, so nothing is erased.
        LedgerUnavailable: the rest is erased the next time.
    """
    table = subject_request
    with reading(room.engine) as connection:
        any_kept = connection.execute(
            select(table.c.id).where(
                table.c.keep_until_us.is_not(None), table.c.erased_us.is_(None)
            )
        ).first()
    done: list[str] = []
    if any_kept is not None:
        now = room.erasing_clock.now_us()
        with reading(room.engine) as connection:
            due = connection.execute(
                select(table.c.id)
                .where(table.c.keep_until_us <= now, table.c.erased_us.is_(None))
                .order_by(table.c.id)
            ).scalars()
            waiting = list(due)
        for request in waiting:
            _erase(room, request, now)
            done.append(request)
    _finish(room)
    return tuple(done)


def _erase(room: Room, request: str, now: int) -> None:
    with in_ledger(room.engine) as connection:
        file = find(connection, request)
        if file.erased_us is not None:
            return
        whom = person(connection, request)
        texts = [whom.contact, whom.description, whom.identity_note, whom.location_note]
        texts += [whom.extension_reason, whom.reply]
        reasons = select(refusal.c.reasons).where(refusal.c.request == request)
        letters = select(subject_letter.c.text).where(subject_letter.c.request == request)
        texts += [*connection.execute(reasons).scalars(), *connection.execute(letters).scalars()]
        pieces = sorted(whom.committed(text) for text in texts if text)
        facts: dict[str, Json] = {"pieces": len(pieces), "sha256": digest(list[Json](pieces))}
        room.write(connection, file, whom, Act.SUBJECT_ERASED, now, who=CLOCK, facts=facts)
        for table in (subject_person, refusal, subject_letter):
            connection.execute(delete(table).where(table.c.request == request))
        # a lifted hold says where and when the person was
        connection.execute(
            delete(hold).where(hold.c.request == request, hold.c.lifted_us.is_not(None))
        )
        change(
            connection,
            request,
            cameras="[]",
            places="[]",
            since_us=0,
            until_us=0,
            case=None,
            erased_us=now,
        )


def _finish(room: Room) -> None:
    """Empty the database's files of what was erased, where that is still to be done."""
    table = subject_request
    left = table.c.erased_us.is_not(None) & table.c.scrubbed_us.is_(None)
    with reading(room.engine) as connection:
        waiting = list(connection.execute(select(table.c.id).where(left)).scalars())
    if waiting and scrub(room.engine):
        with writing(room.engine) as connection:
            connection.execute(
                update(table).where(table.c.id.in_(waiting)).values(scrubbed_us=room.clock.now_us())
            )
