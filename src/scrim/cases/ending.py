"""What happens when a case is over: its parts are erased, its holds lifted.

Rules:

1. State, lifted hold, erased parts and their entries are one transaction.
2. Of an erased part its hash stays, so that the entry can be checked: it holds the
   SHA-256 of the sorted list of them.
3. Erased means that the bytes are gone from the database's files.  Where a reader
   holds that up, the row says so and the supervisor finishes it.
4. A case never goes back behind the latest time it has seen.
"""

from __future__ import annotations

from sqlalchemy import Connection, delete, select, update

from scrim.access.signin import in_ledger
from scrim.canonical import Json, digest
from scrim.cases import people
from scrim.cases.case import ALIVE, State
from scrim.cases.file import (
    CaseFile,
    Glance,
    change,
    find,
    glance,
    glances,
    is_news,
    see,
)
from scrim.cases.room import SUPERVISOR, Room
from scrim.errors import CaseState
from scrim.ledger import Act
from scrim.store import holds
from scrim.store.database import reading, scrub, writing
from scrim.store.schema import case_answer, case_file, viewing


def current(room: Room, case: str) -> CaseFile:
    """The case as it is now: expired, if the clock says so.

    Raises:
        CaseUnknown: there is none.
        LedgerUnavailable: it is past its expiry, and that could not be written down.
    """
    with reading(room.engine) as connection:
        file = find(connection, case)
    if still(room, file) is file.state:
        return file
    with reading(room.engine) as connection:
        return find(connection, case)


def still(room: Room, file: CaseFile | Glance) -> State:
    """The state of a case by the clock, which expires it where its time has come.

    Raises:
        LedgerUnavailable: it is past its expiry, and that could not be written down.
    """
    if file.state not in ALIVE:
        return file.state
    now = room.clock.now_us()
    if max(now, file.seen_us) >= file.expires_us:
        _expire(room, file.id, now)
        with reading(room.engine) as connection:
            return glance(connection, file.id).state
    if is_news(file, now):
        with writing(room.engine) as connection:
            see(connection, file, now)
    return file.state


def now_in(connection: Connection, room: Room, file: CaseFile) -> int:
    """The time for an act on this case, within its transaction.

    Raises:
        CaseState: the case is past its expiry.
    """
    now = see(connection, file, room.clock.now_us())
    if file.state in ALIVE and now >= file.expires_us:
        raise CaseState("This case is past its expiry.", "File a new case, if one is needed.")
    return now


def end(
    connection: Connection,
    room: Room,
    file: CaseFile,
    then: State,
    now: int,
    *,
    who: str,
    facts: dict[str, Json] | None = None,
    reason: str | None = None,
    rule: str | None = None,
) -> CaseFile:
    """Close, expire or refuse a case, within the caller's transaction.

    :func:`finish` comes after it.

    Raises:
        CaseState: it is over already.
        LedgerUnavailable: nothing is done.
    """
    values = {"ended_us": now, "reason": reason, "rule": rule}
    ended = room.move(connection, file, then, now, who=who, facts=facts, **values)
    if held := [hold for hold in holds.of_case(connection, file.id) if hold.lifted_us is None]:
        room.write(connection, ended, Act.RELEASED, now, who=who, facts={"cameras": len(held)})
        holds.lift(connection, file.id, now)
    hashes = sorted(sha256 for answer in file.answers for sha256 in answer.parts.values())
    if hashes:
        proof: dict[str, Json] = {"parts": len(hashes), "sha256": digest(list[Json](hashes))}
        room.write(connection, ended, Act.CASE_ERASED, now, who=who, facts=proof)
        connection.execute(
            update(case_answer)
            .where(case_answer.c.case == file.id, case_answer.c.parts != "{}")
            .values(statement=None)
        )
        change(connection, file.id, erased_us=now)
    connection.execute(delete(viewing).where(viewing.c.case == file.id))
    return find(connection, file.id)


def retire(room: Room, person: str) -> tuple[str, ...]:
    """Take somebody out of the register and close their cases, as one; which those are.

    Raises:
        CaseUnknown: nobody is called that, or they are retired already.
        LedgerUnavailable: nothing is done.
    """
    with in_ledger(room.engine) as connection:
        now = room.clock.now_us()
        people.retire(connection, room.ledger, person, now)
        theirs = case_file.c.officer == person
        alive = case_file.c.state.in_([state.value for state in ALIVE])
        cases = tuple(one.id for one in glances(connection, theirs, alive))
        for case in cases:
            file = find(connection, case)
            at = see(connection, file, now)
            reason = "Its officer was retired."
            end(connection, room, file, State.CLOSED, at, who=SUPERVISOR, reason=reason)
    return cases


def finish(room: Room) -> None:
    """Empty the database's files of what ended cases erased, where that is still to be done."""
    table = case_file
    erased = table.c.erased_us.is_not(None) | table.c.texts_us.is_not(None)
    left = erased & table.c.scrubbed_us.is_(None)
    with reading(room.engine) as connection:
        waiting = list(connection.execute(select(table.c.id).where(left)).scalars())
    if waiting and scrub(room.engine):
        with writing(room.engine) as connection:
            connection.execute(
                update(table).where(table.c.id.in_(waiting)).values(scrubbed_us=room.clock.now_us())
            )


def expire(room: Room) -> tuple[str, ...]:
    """End every case past its expiry, and finish what was left half done; which ended.

    Raises:
        LedgerUnavailable: the rest is ended the next time.
    """
    now = room.clock.now_us()
    table = case_file
    alive = table.c.state.in_([state.value for state in ALIVE])
    with reading(room.engine) as connection:
        files = glances(connection, alive)
    due = [file.id for file in files if max(now, file.seen_us) >= file.expires_us]
    ended = tuple(case for case in due if _expire(room, case, now))
    if any(is_news(file, now) for file in files):
        with writing(room.engine) as connection:
            connection.execute(
                update(table).where(alive, table.c.seen_us < now).values(seen_us=now)
            )
    finish(room)
    return ended


def _expire(room: Room, case: str, now: int) -> bool:
    """Whether it ended by this, and not meanwhile by another."""
    with in_ledger(room.engine) as connection:
        # by itself: how late it is stays known even where the ending cannot be written
        see(connection, glance(connection, case), now)
    with in_ledger(room.engine) as connection:
        file = find(connection, case)
        if file.state not in ALIVE:
            return False
        at = see(connection, file, now)
        end(connection, room, file, State.EXPIRED, at, who=SUPERVISOR)
    finish(room)
    return True
