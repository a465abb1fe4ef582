"""How a request ends: answered, refused or withdrawn.

Rules:

1. The end, its entry, the lifted hold and the line in the register are one transaction.
2. What is given to somebody who asked for pictures went out through its case, by the tools
   that mask everybody else: without an export on record nothing was given.
3. A refusal, whole or in part, has a ground and reasons, and stands in the register.
4. "Erased already" is said where the ledger says so and nothing is left; "nothing held" where
   nothing is there, or once somebody has looked.
5. What ends late says so in an entry of its own.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from sqlalchemy import Connection, insert, select

from scrim.access.signin import in_ledger
from scrim.canonical import Json
from scrim.errors import DutyRefused, DutyState
from scrim.ledger import Act
from scrim.norms.calendar import without_holidays
from scrim.norms.clocks import Span, due
from scrim.store.schema import case_export, refusal
from scrim.subjects.asked import check_text
from scrim.subjects.file import Person, RequestFile, change, find, note, person, see
from scrim.subjects.footage import footage, is_erased, is_kept
from scrim.subjects.room import CLOCK, Room
from scrim.subjects.states import ACTS, State, check_follows

ANSWERS: Final = ("given", "partly", "nothing-held", "already-erased")
_GIVES: Final = frozenset({"given", "partly"})
_WORD: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
DISCLOSURE: Final = "disclosure"
"""The kind of an export in which everybody but one person is masked."""


def answer(
    room: Room,
    request: str,
    given: str,
    reply: str,
    *,
    ground: str = "",
    reasons: str = "",
    who: str,
) -> RequestFile:
    """Answer a request; of ``partly`` with ground and reasons for the rest."""
    if given not in ANSWERS:
        raise DutyRefused(f"There is no answer {given!r}.", f"Use one of {', '.join(ANSWERS)}.")
    check_text("reply", reply)
    if given == "partly":
        _check_reasons(ground, reasons)
    with in_ledger(room.engine) as connection:
        file = find(connection, request)
        check_follows(file.state, State.ANSWERED)
        masked = False
        if given in _GIVES:
            masked = _check_given(connection, file)
        else:
            _check_gone(connection, file, given)
        whom = person(connection, request)
        now = _now(connection, room, file, whom)
        facts: dict[str, Json] = {"answer": given, "reply": whom.committed(reply)}
        if given == "partly":
            _register(connection, room, file, now, ground, reasons, partial=True)
            facts |= {"ground": ground, "because": whom.committed(reasons)}
        note(connection, request, reply=reply)
        return _end(
            connection,
            room,
            file,
            whom,
            State.ANSWERED,
            now,
            who=who,
            facts=facts,
            answer=given,
            others_masked=int(masked),
        )


def refuse(room: Room, request: str, ground: str, reasons: str, *, who: str) -> RequestFile:
    """Refuse a request, with its reasons, into the register."""
    _check_reasons(ground, reasons)
    with in_ledger(room.engine) as connection:
        file = find(connection, request)
        check_follows(file.state, State.REFUSED)
        whom = person(connection, request)
        now = _now(connection, room, file, whom)
        facts: dict[str, Json] = {"ground": ground, "because": whom.committed(reasons)}
        _register(connection, room, file, now, ground, reasons, partial=False)
        return _end(
            connection,
            room,
            file,
            whom,
            State.REFUSED,
            now,
            who=who,
            facts=facts,
            answer="refused",
        )


def withdraw(room: Room, request: str, *, who: str) -> RequestFile:
    """The person asks no more."""
    with in_ledger(room.engine) as connection:
        file = find(connection, request)
        check_follows(file.state, State.WITHDRAWN)
        whom = person(connection, request)
        now = _now(connection, room, file, whom)
        return _end(connection, room, file, whom, State.WITHDRAWN, now, who=who, facts={})


def mark_late(
    connection: Connection, room: Room, file: RequestFile, whom: Person, now_us: int
) -> None:
    """Write down once that its clock has run out, within the caller's transaction."""
    facts: dict[str, Json] = {"due": file.due_us, "state": file.state.value}
    room.write(connection, file, whom, Act.SUBJECT_OVERDUE, now_us, who=CLOCK, facts=facts)
    change(connection, file.id, overdue_us=now_us)


def _now(connection: Connection, room: Room, file: RequestFile, whom: Person) -> int:
    now = see(connection, file, room.clock.now_us())
    if now >= file.due_us and file.overdue_us is None:
        mark_late(connection, room, file, whom, now)
    return now


def _end(
    connection: Connection,
    room: Room,
    file: RequestFile,
    whom: Person,
    then: State,
    now: int,
    *,
    who: str,
    facts: dict[str, Json],
    **values: object,
) -> RequestFile:
    room.write(connection, file, whom, ACTS[then], now, who=who, facts=facts)
    room.release(connection, replace(file, state=then), whom, now, who=who)
    registered = values.get("answer") in ("refused", "partly")
    days = room.settings.refusals_days if registered else room.settings.answered_days
    change(
        connection,
        file.id,
        state=then.value,
        ended_us=now,
        keep_until_us=_kept(now, days),
        **values,
    )
    return find(connection, file.id)


def _register(
    connection: Connection,
    room: Room,
    file: RequestFile,
    now: int,
    ground: str,
    reasons: str,
    *,
    partial: bool,
) -> None:
    connection.execute(
        insert(refusal).values(
            request=file.id,
            kind=file.kind,
            ground=ground,
            reasons=reasons,
            partial=int(partial),
            refused_us=now,
            keep_until_us=_kept(now, room.settings.refusals_days),
        )
    )


def _kept(now_us: int, days: int) -> int:
    return due(now_us, Span(days=days), without_holidays())


def _check_reasons(ground: str, reasons: str) -> None:
    check_text("reasons", reasons)
    if _WORD.fullmatch(ground) is None or len(ground) > 60:
        raise DutyRefused(
            "A refusal names its ground in one word.",
            "For example others-identified, not-identified, investigation: a-z, 0-9 and -.",
        )


def _check_given(connection: Connection, file: RequestFile) -> bool:
    """Whether others are masked in what was given."""
    if file.kind != "access":
        if file.state is State.RECEIVED:
            raise DutyState("It is not known yet who asks.", "Identify the person first.")
        return False
    if file.state is not State.DISCLOSING or file.case is None:
        raise DutyState(
            "Nothing can have been given yet: no case is linked.",
            "Open a case, make the disclosure, and link it with `scrim subject disclose`.",
        )
    out = select(case_export.c.id).where(
        case_export.c.case == file.case,
        case_export.c.kind == DISCLOSURE,
        case_export.c.exported_us >= file.received_us,  # what went out before was for somebody else
    )
    if connection.execute(out.limit(1)).first() is None:
        raise DutyState(
            f"Nothing went out through {file.case}: no disclosure of it is on record.",
            "Release it with `scrim disclosure release`, which logs it first.",
        )
    return True


def _check_gone(connection: Connection, file: RequestFile, given: str) -> None:
    found = footage(connection, file.cameras, file.since_us, file.until_us)
    kept, gone = is_kept(found), is_erased(found)
    if given == "already-erased" and (kept or not gone):
        raise DutyRefused(
            "It is not so: there is still something of that time."
            if kept
            else "It is not so: the ledger knows of nothing that was erased.",
            "Look at `scrim subject show`; answer nothing-held or look at what is there.",
        )
    if given == "nothing-held" and gone and not kept:
        raise DutyRefused(
            "It was recorded, and erased since: the ledger says so.", "Answer already-erased."
        )
    if given == "nothing-held" and kept and file.state is State.RECEIVED:
        raise DutyRefused(
            "There is something of that time, and nobody has looked.",
            "Identify the person, look for them on the masked timeline, then answer.",
        )
