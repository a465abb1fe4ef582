"""Keeping custodians' answers, and what follows from them.

An answer is kept only if

1. its signature holds, and its key is the one registered for that custodian of a
   period of the case (the period's document says which, else the custodian sets),
   and not retired;
2. it answers this very request, by its hash, and the case still takes answers;
3. whoever answers did not ask: by key, by id, by office;
4. it is their first;
5. an approval brings exactly the parts that they hold under that key, those of
   re-sharings too, each one an age file sealed once: nothing in the clear is ever written down;
6. it is not of the future: an officer's machine would take its own clock for one that
   was set back, and open nothing.

That a part is the right one cannot be seen here; the officer's machine finds out
and names the custodian.
"""

from __future__ import annotations

import hashlib
from typing import Final

from sqlalchemy import Connection, insert, select

from scrim.access.signin import in_ledger
from scrim.canonical import canonical
from scrim.cases.case import ANSWERABLE, State, check_in
from scrim.cases.ending import current, end, finish, now_in
from scrim.cases.file import CaseFile, KeptAnswer, find, unknown
from scrim.cases.locks import Outcome, Vote, held_by, tally
from scrim.cases.people import CUSTODIAN, Person
from scrim.cases.room import SUPERVISOR, Room
from scrim.clock import SECOND
from scrim.errors import AccessDenied, CaseRefused, CaseState, StatementInvalid
from scrim.ledger import Act
from scrim.store.schema import case_answer, register
from scrim.vault.ageheader import stanza_types
from scrim.vault.answer import APPROVED, Answer
from scrim.vault.request import Request
from scrim.vault.statement import Statement

CLOCKS_US: Final = 300 * SECOND
"""How far a custodian's clock may be ahead; an officer's machine bears twice that."""


def answer(room: Room, custodian: Person, case: str, data: bytes) -> CaseFile:
    """Keep an answer; the case may be approved or refused by it."""
    if custodian.role != CUSTODIAN:
        raise AccessDenied("Only a custodian answers a request.", "Ask the operator.")
    statement = Statement.parse(data)
    given = Answer.of(statement)
    file = current(room, case)
    if not file.asks(custodian.id) or file.statement is None:
        raise unknown()
    if _kept(file, custodian.id, statement.sha256):
        return file
    check_in(file.state, ANSWERABLE, "answered")
    _check(file, custodian, statement, given)
    with in_ledger(room.engine) as connection:
        file = find(connection, case)
        if _kept(file, custodian.id, statement.sha256):
            return file  # the same, by two ways at once
        check_in(file.state, ANSWERABLE, "answered")
        now = now_in(connection, room, file)
        if given.decided_us > now + CLOCKS_US:
            raise _invalid("its time lies ahead; the clock it was made by is wrong")
        _check_registered(connection, custodian.id, statement.verifier)
        room.write(
            connection,
            file,
            Act.CASE_ANSWERED,
            now,
            who=custodian.id,
            facts={"answer": statement.sha256, "decision": given.decision},
        )
        _insert(connection, case, statement, given, data, now)
        file = _follow(connection, room, find(connection, case), now)
    finish(room)
    return file


def _kept(file: CaseFile, custodian: str, sha256: str) -> bool:
    """Whether this very answer is kept already.

    Raises:
        CaseState: another one of that custodian is.
    """
    for kept in file.answers:
        if kept.custodian == custodian:
            if kept.sha256 == sha256:
                return True
            raise CaseState(
                f"Custodian {custodian} has answered already, and an answer is for good.",
                "If it was given by mistake, tell the officer to close the case and file anew.",
            )
    return False


def _check(file: CaseFile, custodian: Person, statement: Statement, given: Answer) -> None:
    assert file.statement is not None
    request = Request.of(Statement.parse(file.statement))
    given.check_answers(request)
    if given.custodian != custodian.id:
        raise _invalid("it is in another custodian's name")
    held = held_by(file.locks, given.custodian, statement.verifier)
    if not any(statement.verifier in lock.verifiers_of(given.custodian) for lock in file.locks):
        raise _invalid("its key is not the one registered for that custodian")
    asker = request.officer
    if given.custodian in (asker.id, asker.office) or statement.verifier == asker.verifier:
        raise CaseRefused(
            "Whoever asks never approves.",
            "Let another custodian answer.",
            rule="officer-no-custodian",
        )
    if given.approves and {part.place for part in given.parts} != held:
        raise _invalid("its parts are not those of every period of which they hold one")
    if given.decided_us > request.expires_us:
        raise _invalid("it was decided after the request's expiry")
    for part in given.parts:
        if not is_sealed_once(part.sealed):
            raise _invalid("a part is not an age file sealed to one recipient")


def is_sealed_once(data: bytes) -> bool:
    """Whether it is an age v1 file to exactly one X25519 recipient."""
    try:
        return stanza_types(data) == ("X25519",)
    except ValueError:
        return False


def _insert(
    connection: Connection, case: str, statement: Statement, given: Answer, data: bytes, now: int
) -> None:
    parts = {
        "/".join(filter(None, part.place)): hashlib.sha256(part.sealed).hexdigest()
        for part in given.parts
    }
    connection.execute(
        insert(case_answer).values(
            case=case,
            custodian=given.custodian,
            verifier=statement.verifier,
            decision=given.decision,
            reason=given.reason,
            sha256=statement.sha256,
            decided_us=given.decided_us,
            kept_us=now,
            parts=canonical(parts).decode(),
            statement=data,
        )
    )


def _follow(connection: Connection, room: Room, file: CaseFile, now: int) -> CaseFile:
    if file.state is not State.REQUESTED:
        return file
    outcome = tally(file.locks, map(_vote, file.answers))
    if outcome is Outcome.APPROVED:
        room.move(connection, file, State.APPROVED, now, who=SUPERVISOR, decided_us=now)
    elif outcome is Outcome.REFUSED:
        refusals = sum(kept.decision != APPROVED for kept in file.answers)
        end(
            connection,
            room,
            file,
            State.REFUSED,
            now,
            who=SUPERVISOR,
            facts={"refusals": refusals},
            reason="The custodians have refused.",
        )
    return find(connection, file.id)


def _vote(kept: KeptAnswer) -> Vote:
    return Vote(kept.custodian, kept.verifier, kept.decision == APPROVED)


def _check_registered(connection: Connection, custodian: str, verifier: str) -> None:
    table = register
    retired = connection.execute(
        select(table.c.id).where(
            table.c.id == custodian, table.c.verifier == verifier, table.c.retired_us.is_not(None)
        )
    ).first()
    if retired is not None:
        raise AccessDenied("This key was taken out of the register.", "Ask the operator.")


def _invalid(reason: str) -> StatementInvalid:
    return StatementInvalid(
        f"This answer cannot be taken: {reason}.", "Answer again from the case's package."
    )
