"""Looking at originals: entry first, then the sealed objects, and nothing beyond them.

Rules:

1. A viewing is one act of one officer on cameras and an interval inside their case's.
   Its entries, one a camera, are written before its row, and without a row no sealed
   object has an address (invariant 5).
2. Only in a case that is approved or open and not past its expiry; this is asked again
   for every object.
3. Of a recorded case only segments of the request's periods; of a live one only
   those that the recorder sealed for this very request, as their records say.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, RowMapping, insert, select

from scrim.access.signin import in_ledger
from scrim.canonical import canonical
from scrim.cases.case import OPENABLE, State, check_in
from scrim.cases.ending import current, now_in, still
from scrim.cases.file import CaseFile, Glance, find, glance, unknown
from scrim.cases.people import Person
from scrim.cases.room import Room
from scrim.errors import CaseRefused, CaseUnknown
from scrim.ledger import Act
from scrim.store.database import reading
from scrim.store.originals import Original, StoredPeriod, originals, stored_period
from scrim.store.schema import viewing as table
from scrim.vault.request import LIVE


class ViewingAct(StrEnum):
    """What the originals are opened for."""

    VIEW = "view"
    EXPORT = "export"
    DISCLOSE = "disclose"


@dataclass(frozen=True, slots=True)
class Viewing:
    """One logged look at originals.

    Attributes:
        id: 32 hexadecimal digits.
        since_us, until_us: half open, inside the case's interval.
        segments: those of its cameras and interval that are there now, by camera and time.
    """

    id: str
    case: str
    act: ViewingAct
    cameras: tuple[str, ...]
    since_us: int
    until_us: int
    opened_us: int
    segments: tuple[Original, ...]


def view(
    room: Room,
    officer: Person,
    case: str,
    act: ViewingAct,
    cameras: Sequence[str],
    since_us: int,
    until_us: int,
) -> Viewing:
    """Log the act, then allow it."""
    wanted = tuple(sorted(set(cameras)))
    _own(room, officer, case)
    with in_ledger(room.engine) as connection:
        file = find(connection, case)
        check_in(file.state, OPENABLE, "looked at")
        now = now_in(connection, room, file)
        _check_inside(file, wanted, since_us, until_us)
        if file.state is State.APPROVED:
            file = room.move(connection, file, State.OPEN, now, who=officer.id, opened_us=now)
        for camera in wanted:
            room.write(
                connection,
                file,
                Act.ORIGINAL_VIEWED,
                now,
                who=officer.id,
                facts={"act": act.value},
                camera=camera,
                since_us=since_us,
                until_us=until_us,
            )
        made = secrets.token_hex(16)
        connection.execute(
            insert(table).values(
                id=made,
                case=case,
                act=act.value,
                cameras=canonical(list(wanted)).decode(),
                since_us=since_us,
                until_us=until_us,
                opened_us=now,
            )
        )
        segments = _segments(room, connection, file, wanted, since_us, until_us)
    return Viewing(made, case, act, wanted, since_us, until_us, now, segments)


def get(room: Room, officer: Person, viewing: str) -> Viewing:
    """The viewing, with the segments that are there by now."""
    file, row = _open(room, officer, viewing)
    cameras = tuple(json.loads(row["cameras"]))
    with reading(room.engine) as connection:
        segments = _segments(room, connection, file, cameras, row["since_us"], row["until_us"])
    return Viewing(
        row["id"],
        row["case"],
        ViewingAct(row["act"]),
        cameras,
        row["since_us"],
        row["until_us"],
        row["opened_us"],
        segments,
    )


def sealed(room: Room, officer: Person, viewing: str, camera: str, segment: int) -> str:
    """Key of a sealed object inside the viewing."""
    file, row = _open(room, officer, viewing)
    if camera in json.loads(row["cameras"]):
        with reading(room.engine) as connection:
            found = originals(connection, camera, row["since_us"], row["until_us"], segment)
            for original in found:
                if _is_asked_for(room, connection, file, original) and not original.lost:
                    return original.key
    raise _not_inside()


def manifest(
    room: Room, officer: Person, viewing: str, camera: str, epoch: int, period: int
) -> str:
    """Key of the manifest of a period that the viewing reaches."""
    key = _paper(room, officer, viewing, camera, epoch, period).manifest_key
    if key is None:
        raise _not_inside()
    return key


def document(
    room: Room, officer: Person, viewing: str, camera: str, epoch: int, period: int
) -> str:
    """Key of the document of a period that the viewing reaches."""
    return _paper(room, officer, viewing, camera, epoch, period).document_key


def _paper(
    room: Room, officer: Person, viewing: str, camera: str, epoch: int, period: int
) -> StoredPeriod:
    file, row = _open(room, officer, viewing)
    if camera in json.loads(row["cameras"]):
        with reading(room.engine) as connection:
            segments = _segments(
                room, connection, file, (camera,), row["since_us"], row["until_us"]
            )
            found = stored_period(connection, camera, epoch, period)
        inside = any((one.epoch, one.period) == (epoch, period) for one in segments)
        if inside and found is not None:
            return found
    raise _not_inside()


def _own(room: Room, officer: Person, case: str) -> CaseFile:
    file = current(room, case)
    if file.officer != officer.id:
        raise unknown()
    return file


def _open(room: Room, officer: Person, viewing: str) -> tuple[Glance, RowMapping]:
    with reading(room.engine) as connection:
        row = connection.execute(select(table).where(table.c.id == viewing)).mappings().first()
        file = None if row is None else glance(connection, row["case"])
    if row is None or file is None or file.officer != officer.id:
        raise _no_viewing()
    state = still(room, file)
    check_in(state, OPENABLE, "looked at")
    return file, row


def _check_inside(file: CaseFile, cameras: tuple[str, ...], since_us: int, until_us: int) -> None:
    if not cameras or not set(cameras) <= set(file.cameras):
        raise CaseRefused(
            "These are not cameras of this case.",
            f"Choose from {', '.join(file.cameras)}.",
            rule="inside-the-case",
        )
    if not file.since_us <= since_us < until_us <= file.until_us:
        raise CaseRefused(
            "That is outside the interval of this case.",
            "Stay inside what was approved; for more, file another case.",
            rule="inside-the-case",
        )


def _segments(
    room: Room,
    connection: Connection,
    file: CaseFile | Glance,
    cameras: Sequence[str],
    since_us: int,
    until_us: int,
) -> tuple[Original, ...]:
    return tuple(
        original
        for camera in cameras
        for original in originals(connection, camera, since_us, until_us)
        if _is_asked_for(room, connection, file, original)
    )


def _is_asked_for(
    room: Room, connection: Connection, file: CaseFile | Glance, original: Original
) -> bool:
    if file.kind == LIVE:
        return file.request_sha256 in original.live
    place = (original.camera, original.epoch, original.period)
    return place in room.places(connection, file.id)


def _no_viewing() -> CaseUnknown:
    return CaseUnknown("There is no such viewing.", "Say again what is to be looked at.")


def _not_inside() -> CaseUnknown:
    return CaseUnknown(
        "Nothing of that name is inside this viewing.", "Take the segments that it lists."
    )
