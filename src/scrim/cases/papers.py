"""What goes to a device: the package of a case, and its record, each with receipts.

Rules:

1. Every receipt is against one checkpoint, the newest.  Where an entry is younger than
   that, the answer is "in a few seconds", never a paper with a hole in it.
2. Answers that carry parts go to the officer alone.
3. The record opens the case's own commitments, and nobody's anywhere else.

docs/ref/formats/case.md describes the bytes.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import select, update

from scrim.canonical import Json, canonical
from scrim.cases import sets
from scrim.cases.case import ANSWERABLE, check_in
from scrim.cases.file import CaseFile
from scrim.cases.room import Room
from scrim.errors import CheckpointBehind, LedgerBroken
from scrim.ledger import Act, Entry, Ledger
from scrim.ledger.checkpoint import Checkpoint
from scrim.ledger.receipt import Receipt
from scrim.store.database import reading, writing
from scrim.store.originals import StoredPeriod, originals, stored_period
from scrim.store.reshares import StoredReshare, reshares_of
from scrim.store.schema import checkpoint, period
from scrim.vault.request import LIVE
from scrim.vault.statement import Statement

PACKAGE: Final = "scrim-package-v1"
RECORD: Final = "scrim-record-v1"

_COLUMNS: Final = {Act.PERIOD_OPENED: "opened_entry", Act.PERIOD_CLOSED: "closed_entry"}
Place = tuple[str, int, int]


class Receipts:
    """Receipts of entries, all against the newest checkpoint.

    Raises:
        CheckpointBehind: none was signed yet.
    """

    def __init__(self, room: Room) -> None:
        self._ledger: Final = room.ledger
        table = checkpoint
        with reading(room.engine) as connection:
            note = connection.execute(
                select(table.c.note).order_by(table.c.size.desc()).limit(1)
            ).scalar()
        if note is None:
            raise _in_a_moment()
        self.note: Final = str(note)
        # signed by this deployment itself; devices check the signature with a key they trust
        self._size: Final = Checkpoint.parse(self.note.partition("\n\n")[0] + "\n").size

    def of(self, index: int) -> Json:
        """The receipt of an entry, as JSON.

        Raises:
            CheckpointBehind: the checkpoint is older than the entry.
        """
        if index >= self._size:
            raise _in_a_moment()
        ((_, body),) = self._ledger.entries(index, index + 1)
        proof = self._ledger.inclusion_proof(index, self._size)
        return Receipt(index, body, tuple(proof)).document()


def package(room: Room, file: CaseFile, *, with_parts: bool) -> bytes:
    """``scrim-package-v1`` of a case that takes answers or can be opened."""
    check_in(file.state, ANSWERABLE, "taken to a device")
    assert file.statement is not None
    receipts = Receipts(room)
    periods = _periods(room, _asked(file))
    requested = _entry_of(room.ledger, file, Act.CASE_REQUESTED)
    answers = [
        kept.statement
        for kept in file.answers
        if kept.statement is not None and (with_parts or not kept.parts)
    ]
    reshares = _reshares(room, file, periods)
    found: dict[str, Json] = {}
    if reshares:
        found = {
            "reshares": {
                document: [_base64(room.objects.get(one.object_key)) for one in of_period]
                for document, of_period in reshares.items()
            },
            "reshared": _reshared(receipts, reshares),
        }
    return canonical(
        {
            "format": PACKAGE,
            "request": Statement.parse(file.statement).document(),
            "answers": [Statement.parse(answer).document() for answer in answers],
            "documents": {
                one.document_sha256: _base64(room.objects.get(one.document_key)) for one in periods
            },
            "opened": _opened(receipts, periods),
            "closed": _closed(receipts, periods),
            "requested": receipts.of(requested),
            "checkpoint": receipts.note,
            **found,
        }
    )


def record(room: Room, file: CaseFile) -> bytes:
    """``scrim-record-v1``: all entries of a case, of its periods and its custodians, in any state.

    A live case's periods are those in which something was sealed for it so far.
    """
    receipts = Receipts(room)
    places = _sealed_for(room, file) if file.kind == LIVE else _asked(file)
    periods = _periods(room, places)
    return canonical(
        {
            "format": RECORD,
            "case": file.id,
            "salt": file.salt.hex(),
            "entries": [receipts.of(index) for index in file.entries],
            "opened": _opened(receipts, periods),
            "closed": _closed(receipts, periods),
            "reshared": _reshared(receipts, _reshares(room, file, periods)),
            "custodians": {
                sha256: receipts.of(index)
                for sha256 in sets.of_case(room, file, periods)
                if (index := sets.entry_of(room, sha256)) is not None
            },
            "checkpoint": receipts.note,
        }
    )


def _opened(receipts: Receipts, periods: Iterable[StoredPeriod]) -> dict[str, Json]:
    return {one.place: receipts.of(_there(one.opened_entry, one)) for one in periods}


def _closed(receipts: Receipts, periods: Iterable[StoredPeriod]) -> dict[str, Json]:
    return {
        one.place: receipts.of(_there(one.closed_entry, one))
        for one in periods
        if one.manifest_key is not None
    }


def _reshares(
    room: Room, file: CaseFile, periods: Iterable[StoredPeriod]
) -> dict[str, list[StoredReshare]]:
    """By document; only what was there when the case was drafted, since that is what is asked."""
    asked = {
        sha256 for lock in file.locks for other in lock.others for sha256 in other.reshares.values()
    }
    if not asked:
        return {}
    with reading(room.engine) as connection:
        found = {
            one.document_sha256: [
                reshare for reshare in reshares_of(connection, one) if reshare.sha256 in asked
            ]
            for one in periods
        }
    return {document: reshares for document, reshares in found.items() if reshares}


def _reshared(
    receipts: Receipts, reshares: Mapping[str, Sequence[StoredReshare]]
) -> dict[str, Json]:
    return {
        one.sha256: receipts.of(one.entry) for of_period in reshares.values() for one in of_period
    }


def _asked(file: CaseFile) -> list[Place]:
    return [(one["camera"], one["epoch"], one["period"]) for one in file.body.get("periods", ())]


def _periods(room: Room, places: Sequence[Place]) -> list[StoredPeriod]:
    found = _rows(room, places)
    if any(
        one.opened_entry is None or (one.manifest_key is not None and one.closed_entry is None)
        for one in found
    ):
        _find_entries(room, {(one.camera, one.epoch, one.period) for one in found})
        found = _rows(room, places)
    return found


def _sealed_for(room: Room, file: CaseFile) -> list[Place]:
    with reading(room.engine) as connection:
        return sorted(
            {
                (one.camera, one.epoch, one.period)
                for camera in file.cameras
                for one in originals(connection, camera, file.since_us, file.until_us)
                if file.request_sha256 in one.live
            }
        )


def _rows(room: Room, places: Sequence[Place]) -> list[StoredPeriod]:
    with reading(room.engine) as connection:
        rows = [stored_period(connection, *place) for place in places]
    return [row for row in rows if row is not None]


def _find_entries(room: Room, places: set[Place]) -> None:
    """Look periods of before there were cases up in the ledger, once for each."""
    found: list[tuple[Place, str, int]] = []
    for index, body in room.ledger.entries(0, room.ledger.size()):
        if b'"act":"period-' not in body:
            continue  # most are heads; parsing them all would take a while
        values: Mapping[str, Any] = json.loads(body)
        place = (values["camera"], values["epoch"], values["facts"]["period"])
        if place in places:
            found.append((place, _COLUMNS[Act(values["act"])], index))
    with writing(room.engine) as connection:
        for (camera, epoch, number), column, index in found:
            connection.execute(
                update(period)
                .where(
                    period.c.camera == camera, period.c.epoch == epoch, period.c.period == number
                )
                .values({column: index})
            )


def _entry_of(ledger: Ledger, file: CaseFile, act: Act) -> int:
    for index in file.entries:
        ((_, body),) = ledger.entries(index, index + 1)
        if Entry.parse(body).act is act:
            return index
    raise LedgerBroken("The case's entry is missing from the ledger.", "Report it to the auditor.")


def _there(index: int | None, one: StoredPeriod) -> int:
    if index is None:
        raise LedgerBroken(
            f"Period {one.place} has no entry in the ledger.", "Report it to the auditor."
        )
    return index


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _in_a_moment() -> CheckpointBehind:
    return CheckpointBehind(
        "The newest checkpoint does not hold this yet.", "Ask again in a few seconds."
    )
