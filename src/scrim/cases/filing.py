"""Drafting a case and handing in its request.

Rules:

1. A draft is judged; what a rule refuses is filed as refused and never comes back.
2. What is signed is the draft's body, letter by letter.
3. It is judged again when it is handed in: the cameras, the custodians and the
   recordings may have changed, and then the officer drafts anew.
4. With the request its interval is held, so that nothing asked for is erased while
   the custodians think.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from sqlalchemy import Connection, insert, select

from scrim.access.signin import in_ledger
from scrim.canonical import Json, canonical
from scrim.cases.case import State, check_in
from scrim.cases.draft import Draft
from scrim.cases.ending import current, end, finish, now_in
from scrim.cases.facts import Facts, gather
from scrim.cases.file import CaseFile, find, unknown
from scrim.cases.locks import Lock
from scrim.cases.people import OFFICER, Person
from scrim.cases.room import Room
from scrim.cases.rules import judge
from scrim.errors import AccessDenied, CaseRefused, StatementInvalid
from scrim.ledger import Act
from scrim.ledger.commitment import SALT_SIZE
from scrim.store import holds
from scrim.store.schema import case_file, register
from scrim.vault.request import Authority, Officer, Request, new_case_id, new_salt
from scrim.vault.statement import Statement


def draft(room: Room, officer: Person, asked: Draft) -> CaseFile:
    """Judge what is asked for and file it."""
    _check_officer(officer)
    facts = gather(room, officer, asked)
    try:
        judge(facts)
    except CaseRefused as refusal:
        _file_refusal(room, officer, asked, facts, refusal)
        raise
    made = Request(
        deployment=room.settings.ledger.origin,
        case=new_case_id(),
        kind=asked.kind,
        purpose=asked.purpose,
        authority=asked.authority,
        cameras=asked.cameras,
        since_us=asked.since_us,
        until_us=asked.until_us,
        reason=asked.reason,
        officer=Officer(officer.id, officer.office, officer.verifier),
        recipient=asked.recipient,
        created_us=facts.now_us,
        expires_us=asked.expires_us,
        periods=facts.periods,
        salt=new_salt(),
        answers=asked.answers,
    )
    with in_ledger(room.engine) as connection:
        _check_still_registered(connection, officer)
        file = _insert(connection, made.case, State.DRAFTED, officer, asked, made.body(), facts)
        room.enter(connection, file, facts.now_us, who=officer.id)
        return find(connection, file.id)


def request(room: Room, officer: Person, case: str, data: bytes) -> CaseFile:
    """Hand in the signed request."""
    _check_officer(officer)
    statement = Statement.parse(data)
    asked = Request.of(statement)
    file = current(room, case)
    if file.officer != officer.id:
        raise unknown()
    if file.request_sha256 == statement.sha256:
        return file
    check_in(file.state, frozenset({State.DRAFTED}), "requested")
    if statement.verifier != officer.verifier or canonical(statement.body) != canonical(file.body):
        raise StatementInvalid(
            "What was signed is not what was drafted.",
            "Sign the body exactly as the draft's answer has it, or draft anew.",
        )
    facts = gather(room, officer, _draft_of(asked), case=case)
    try:
        judge(facts)
        _check_unchanged(asked, file, facts)
    except CaseRefused as refusal:
        _refuse(room, case, officer, refusal)
        raise
    with in_ledger(room.engine) as connection:
        _check_still_registered(connection, officer)
        file = find(connection, case)
        if file.request_sha256 == statement.sha256:
            return file  # the same, by two ways at once
        now = now_in(connection, room, file)
        file = room.move(
            connection,
            file,
            State.REQUESTED,
            now,
            who=officer.id,
            request_sha256=statement.sha256,
            statement=data,
            requested_us=now,
        )
        room.write(
            connection, file, Act.HELD, now, who=officer.id, facts={"cameras": len(file.cameras)}
        )
        holds.place(
            connection,
            file.cameras,
            file.since_us,
            file.until_us,
            reason="case",
            placed_by=file.committed(officer.id),
            now_us=now,
            case=case,
        )
        return find(connection, case)


def _check_unchanged(asked: Request, file: CaseFile, facts: Facts) -> None:
    if asked.periods != facts.periods or _plain(file.locks) != _plain(facts.locks):
        raise CaseRefused(
            "The recordings behind the interval, or their custodians, are not those of the draft.",
            "Draft the case anew; what was recorded meanwhile is then part of it.",
            rule="as-drafted",
        )


def _plain(locks: Sequence[Lock]) -> list[bytes]:
    return sorted(canonical(lock.document()) for lock in locks)


def _file_refusal(
    room: Room, officer: Person, asked: Draft, facts: Facts, refusal: CaseRefused
) -> None:
    with in_ledger(room.engine) as connection:
        _check_still_registered(connection, officer)
        file = _insert(
            connection,
            new_case_id(),
            State.REFUSED,
            officer,
            asked,
            asked.document(),
            facts,
            rule=refusal.rule,
            reason=refusal.message,
            ended_us=facts.now_us,
        )
        room.enter(connection, file, facts.now_us, who=officer.id, facts={"rule": refusal.rule})


def _refuse(room: Room, case: str, officer: Person, refusal: CaseRefused) -> None:
    with in_ledger(room.engine) as connection:
        file = find(connection, case)
        if file.state is not State.DRAFTED:
            return  # somebody was quicker
        now = now_in(connection, room, file)
        end(
            connection,
            room,
            file,
            State.REFUSED,
            now,
            who=officer.id,
            facts={"rule": refusal.rule},
            reason=refusal.message,
            rule=refusal.rule,
        )
    finish(room)


def _insert(
    connection: Connection,
    case: str,
    state: State,
    officer: Person,
    asked: Draft,
    body: dict[str, Json],
    facts: Facts,
    **values: object,
) -> CaseFile:
    locks: list[Json] = [lock.document() for lock in facts.locks]
    connection.execute(
        insert(case_file).values(
            id=case,
            kind=asked.kind,
            state=state.value,
            salt=secrets.token_bytes(SALT_SIZE),
            officer=officer.id,
            recipient=asked.recipient,
            body=canonical(body).decode(),
            locks=canonical(locks).decode(),
            drafted_us=facts.now_us,
            expires_us=asked.expires_us,
            seen_us=facts.now_us,
            **values,
        )
    )
    return find(connection, case)


def _draft_of(asked: Request) -> Draft:
    return Draft(
        kind=asked.kind,
        purpose=asked.purpose,
        authority=Authority(
            asked.authority.kind, asked.authority.reference, asked.authority.document_sha256
        ),
        cameras=asked.cameras,
        since_us=asked.since_us,
        until_us=asked.until_us,
        reason=asked.reason,
        recipient=asked.recipient,
        expires_us=asked.expires_us,
        answers=asked.answers,
    )


def _check_officer(officer: Person) -> None:
    if officer.role != OFFICER or officer.retired_us is not None:
        raise AccessDenied("Only a registered case officer files a case.", "Ask the operator.")


def _check_still_registered(connection: Connection, officer: Person) -> None:
    known = connection.execute(
        select(register.c.verifier).where(
            register.c.verifier == officer.verifier,
            register.c.id == officer.id,
            register.c.retired_us.is_(None),
        )
    ).first()
    if known is None:
        raise AccessDenied("This officer is not registered any more.", "Ask the operator.")
