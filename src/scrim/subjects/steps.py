"""What is done with a request before it is answered.

Rules:

1. Where somebody is, a human being says who looked at the masked timeline: a camera and an
   interval of a day at most, never a face.
2. What lies outside the hold of the request is held too, in the same transaction.
3. A case that is linked is open or asked for, and is about a place where the person was found:
   a camera of it, and some of the time.
4. Reading who asked is an act too, and in the ledger before it is shown.
5. A clock is extended once, before it has run out, with reasons, where every rule allows it;
   told to the person: that is what the act says.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Connection, select

from scrim.access.signin import in_ledger
from scrim.canonical import Json
from scrim.clock import to_text
from scrim.errors import CameraUnknown, CaseUnknown, DutyRefused, DutyState
from scrim.ledger import Act, commit
from scrim.store import holds
from scrim.store.schema import camera as cameras
from scrim.store.schema import case_file
from scrim.subjects.asked import DAY_US, check_text
from scrim.subjects.file import (
    Person,
    Place,
    RequestFile,
    change,
    find,
    note,
    person,
    see,
    text_of,
)
from scrim.subjects.room import Room
from scrim.subjects.states import ACTS, State, check_follows, check_open

_CASES: Final = frozenset({"drafted", "requested", "approved", "open"})
MOST_PLACES: Final = 100


def look(room: Room, request: str, *, who: str) -> Person:
    """Somebody who deals with a request reads who asked."""
    with in_ledger(room.engine) as connection:
        file, whom = find(connection, request), person(connection, request)
        now = see(connection, file, room.clock.now_us())
        room.write(connection, file, whom, Act.SUBJECT_VIEWED, now, who=who)
        return whom


def identify(room: Room, request: str, identity_note: str, *, who: str) -> RequestFile:
    """It is known who asks."""
    check_text("note", identity_note)
    with in_ledger(room.engine) as connection:
        file = find(connection, request)
        check_follows(file.state, State.IDENTIFIED)
        whom = person(connection, request)
        facts: dict[str, Json] = {"note": whom.committed(identity_note)}
        note(connection, request, identity_note=identity_note)
        return _move(connection, room, file, State.IDENTIFIED, who=who, facts=facts)


def locate(
    room: Room, request: str, places: Sequence[Place], location_note: str, *, who: str
) -> RequestFile:
    """A human being found the person on the masked timeline."""
    check_text("note", location_note, needed=False)
    if not places:
        raise DutyRefused("There is no place.", "Give a camera, a beginning and an end.")
    with in_ledger(room.engine) as connection:
        file = find(connection, request)
        check_follows(file.state, State.LOCATED)
        whom = person(connection, request)
        now = see(connection, file, room.clock.now_us())
        for place in places:
            _check_place(connection, place, now)
        merged = tuple(dict.fromkeys((*file.places, *places)))
        if len(merged) > MOST_PLACES:
            raise DutyRefused(f"More than {MOST_PLACES} places.", "Join those that touch.")
        facts: dict[str, Json] = {
            "places": len(merged),
            "note": whom.committed(location_note) if location_note else "",
        }
        if location_note:
            note(connection, request, location_note=location_note)
        moved = _move(
            connection,
            room,
            file,
            State.LOCATED,
            who=who,
            facts=facts,
            places=text_of([place.document() for place in merged]),
        )
        for place in places:
            if not _is_held(connection, file.id, place):
                room.hold(
                    connection,
                    moved,
                    whom,
                    [place.camera],
                    place.since_us,
                    place.until_us,
                    now,
                    who=who,
                )
        return moved


def disclose(room: Room, request: str, case: str, *, who: str) -> RequestFile:
    """What is to be given is opened by this case."""
    with in_ledger(room.engine) as connection:
        file = find(connection, request)
        check_follows(file.state, State.DISCLOSING)
        row = connection.execute(select(case_file).where(case_file.c.id == case)).one_or_none()
        if row is None:
            raise CaseUnknown(f"There is no case {case!r}.", "See `scrim case list`.")
        if row.state not in _CASES:
            raise DutyState(f"The case {case} is {row.state}.", "File a new case.")
        asked = json.loads(row.body)
        if not any(_is_about(asked, place) for place in file.places):
            raise DutyRefused(
                f"The case {case} asks for no camera and time at which the person was found.",
                "Link the case that was filed for this request.",
            )
        facts: dict[str, Json] = {"case": commit(case, bytes(row.salt))[0]}
        return _move(connection, room, file, State.DISCLOSING, who=who, facts=facts, case=case)


def extend(room: Room, request: str, reason: str, *, who: str) -> RequestFile:
    """The person was told that it takes longer, and why."""
    check_text("reason", reason)
    with in_ledger(room.engine) as connection:
        file = find(connection, request)
        check_open(file.state)
        if file.extended_us is not None:
            raise DutyState(
                f"It was extended already, until {to_text(file.due_us)}.", "Answer it by then."
            )
        now = see(connection, file, room.clock.now_us())
        if now >= file.due_us:
            raise DutyState(
                f"It was due by {to_text(file.due_us)}; what is late is not extended.",
                "Answer it now, and say why it is late.",
            )
        longer = replace(file, extended_us=now)
        if longer.due_us <= file.due_us:
            raise DutyState(
                f"{file.term.rule} knows no extension.", "Answer it, in part if need be, by then."
            )
        whom = person(connection, request)
        facts: dict[str, Json] = {
            "because": whom.committed(reason),
            "was": file.due_us,
            "due": longer.due_us,
        }
        room.write(connection, longer, whom, Act.SUBJECT_EXTENDED, now, who=who, facts=facts)
        note(connection, request, extension_reason=reason)
        change(connection, request, extended_us=now)
        for one in holds.of_request(connection, request):
            holds.review(connection, one.id, longer.due_us, one.words or "")
        return find(connection, request)


def _move(
    connection: Connection,
    room: Room,
    file: RequestFile,
    then: State,
    *,
    who: str,
    facts: dict[str, Json],
    **values: object,
) -> RequestFile:
    """Entry first, then the state and whatever else changes with it."""
    now = see(connection, file, room.clock.now_us())
    whom = person(connection, file.id)
    room.write(connection, file, whom, ACTS[then], now, who=who, facts=facts)
    change(connection, file.id, state=then.value, **values)
    return find(connection, file.id)


def _check_place(connection: Connection, place: Place, now_us: int) -> None:
    if not 0 <= place.since_us < place.until_us <= now_us:
        raise DutyRefused("A place needs a beginning, and an end after it that is past.", "")
    if place.until_us - place.since_us > DAY_US:
        raise DutyRefused(
            "Nobody stays in a picture for over a day.", "Say when they are seen, place by place."
        )
    if connection.execute(select(cameras.c.id).where(cameras.c.id == place.camera)).first() is None:
        raise CameraUnknown(
            f"No camera {place.camera!r} was ever enrolled.", "See `scrim camera list`."
        )


def _is_about(asked: Mapping[str, Any], place: Place) -> bool:
    return (
        place.camera in asked["cameras"]
        and asked["since_us"] < place.until_us
        and place.since_us < asked["until_us"]
    )


def _is_held(connection: Connection, request: str, place: Place) -> bool:
    return any(
        one.lifted_us is None
        and one.camera == place.camera
        and one.since_us <= place.since_us
        and place.until_us <= one.until_us
        for one in holds.of_request(connection, request)
    )
