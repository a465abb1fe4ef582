"""A request comes in: its clock starts and what it asks for is held.

Rules:

1. Request, entry and hold are one transaction: nothing asked for is erased meanwhile.
2. The hold is placed whatever is there, since a vehicle may hand in late what it recorded.
3. What was erased before it came is told at once, with the ledger's entries that say so.
"""

from __future__ import annotations

import secrets
from dataclasses import replace

from sqlalchemy import select

from scrim.access.signin import in_ledger
from scrim.canonical import Json
from scrim.errors import CameraUnknown
from scrim.ledger import Act
from scrim.ledger.commitment import SALT_SIZE
from scrim.store.schema import camera as cameras
from scrim.subjects.asked import Asked, new_id
from scrim.subjects.file import RequestFile, enter, find, person, text_of
from scrim.subjects.footage import Footage, footage
from scrim.subjects.room import Room
from scrim.subjects.states import State
from scrim.subjects.terms import terms


def receive(room: Room, asked: Asked, *, who: str) -> tuple[RequestFile, tuple[Footage, ...]]:
    """Enter a request; what is there of it."""
    now = room.clock.now_us()
    asked.check(now)
    asked = replace(asked, cameras=tuple(dict.fromkeys(asked.cameras)))
    received_us = now if asked.received_us is None else asked.received_us
    with in_ledger(room.engine) as connection:
        known = set(connection.execute(select(cameras.c.id)).scalars())
        for camera in asked.cameras:
            if camera not in known:
                raise CameraUnknown(
                    f"No camera {camera!r} was ever enrolled.", "See `scrim camera list`."
                )
        packs = room.packs_of(connection, asked.cameras)
        clocks = terms(packs, "subject-request", received_us, {"request": {"kind": asked.kind}})
        request = new_id()
        enter(
            connection,
            {
                "id": request,
                "kind": asked.kind,
                "state": State.RECEIVED.value,
                "language": asked.language,
                "cameras": text_of(list(asked.cameras)),
                "since_us": asked.since_us,
                "until_us": asked.until_us,
                "received_us": received_us,
                "entered_us": now,
                "seen_us": now,
                "clocks": text_of([term.document() for term in clocks]),
            },
            {
                "salt": secrets.token_bytes(SALT_SIZE),
                "contact": asked.contact,
                "description": asked.description,
            },
        )
        file, whom = find(connection, request), person(connection, request)
        found = footage(connection, asked.cameras, asked.since_us, asked.until_us)
        facts: dict[str, Json] = {
            "cameras": len(asked.cameras),
            "received": received_us,
            "due": file.due_us,
            "counted": file.term.counted,
            "kept": any(one.kept for one in found),
            "erased": any(one.erased for one in found),
        }
        room.write(connection, file, whom, Act.SUBJECT_RECEIVED, now, who=who, facts=facts)
        room.hold(
            connection, file, whom, asked.cameras, asked.since_us, asked.until_us, now, who=who
        )
        return file, found
