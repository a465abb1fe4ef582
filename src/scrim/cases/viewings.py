"""Looking at originals: entry first, then the sealed objects, and nothing beyond them.

Rules:

1. A viewing is one act of one officer on cameras and an interval inside their case's.
   Its entries, one a camera, are written before its row, and without a row no sealed
   object has an address (invariant 5).
2. Only in a case that is approved or open and not past its expiry; this is asked again
   for every object.
3. Of a recorded case only segments of the request's periods; of a live one only
   those that the recorder sealed for this very request, as their records say.
4. What leaves the officer's machine is in the ledger before it leaves.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

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
from scrim.ledger.commitment import commit
from scrim.store.database import reading
from scrim.store.originals import Original, StoredPeriod, originals, stored_period
from scrim.store.schema import case_export
from scrim.store.schema import viewing as table
from scrim.vault.fields import is_name, is_sha256
from scrim.vault.request import LIVE

_LONGEST_RECIPIENT: Final = 400
_CODE: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


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


@dataclass(frozen=True, slots=True)
class Export:
    """Something that left the officer's machine.

    Attributes:
        sha256, size: of the file.
        recipient: whom it is for, in words; a commitment in the ledger.
        entry: where its entry stands.
    """

    case: str
    kind: str
    sha256: str
    size: int
    recipient: str
    exported_us: int
    entry: int


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


def export(
    room: Room, officer: Person, case: str, kind: str, sha256: str, size: int, recipient: str
) -> Export:
    """Write down that a file leaves the officer's machine, before it does."""
    if _CODE.fullmatch(kind) is None or not is_name(kind) or not is_sha256(sha256) or size < 0:
        raise CaseRefused(
            "An export needs a kind, the SHA-256 of its file and its size.",
            "Give the kind as a code such as evidence or disclosure.",
            rule="export-described",
        )
    if not 1 <= len(recipient.strip()) <= len(recipient) <= _LONGEST_RECIPIENT:
        raise CaseRefused(
            "An export needs to say whom it is for.",
            f"Give name and organisation, up to {_LONGEST_RECIPIENT} characters.",
            rule="export-described",
        )
    _own(room, officer, case)
    with in_ledger(room.engine) as connection:
        file = find(connection, case)
        check_in(file.state, frozenset({State.OPEN}), "exported from")
        now = now_in(connection, room, file)
        commitment, salt = commit(recipient)
        entry = room.write(
            connection,
            file,
            Act.EXPORTED,
            now,
            who=officer.id,
            facts={"kind": kind, "sha256": sha256, "size": size, "recipient": commitment},
        )
        connection.execute(
            insert(case_export).values(
                case=case,
                kind=kind,
                sha256=sha256,
                size=size,
                recipient=recipient,
                salt=salt,
                exported_us=now,
                entry=entry,
            )
        )
    return Export(case, kind, sha256, size, recipient, now, entry)


def exports(room: Room, case: str) -> tuple[Export, ...]:
    """What left the officer's machine, in order."""
    query = select(case_export).where(case_export.c.case == case).order_by(case_export.c.id)
    with reading(room.engine) as connection:
        return tuple(
            Export(
                row.case,
                row.kind,
                row.sha256,
                row.size,
                row.recipient,
                row.exported_us,
                row.entry,
            )
            for row in connection.execute(query)
        )


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
