"""Sets of custodians as they were put in force: whose key is whose, for who checks an answer.

Rules:

1. A set is public and is named by the SHA-256 of its canonical JSON, as the ledger's
   entry ``custodians-set`` names it.
2. A case speaks of the sets that were in force when it was drafted, where it is live,
   and of those that name the keys of custodians whom a period document names without.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from sqlalchemy import select

from scrim.canonical import canonical, digest
from scrim.cases.file import CaseFile
from scrim.cases.locks import Held, grouped
from scrim.cases.room import Room
from scrim.errors import CaseUnknown
from scrim.ledger import Act, Entry
from scrim.store.custodians import KnownVerifiers
from scrim.store.database import reading
from scrim.store.originals import StoredPeriod
from scrim.store.schema import custodian_set
from scrim.vault import CustodianSet, PeriodDocument
from scrim.vault.request import LIVE


def document(room: Room, sha256: str) -> bytes:
    """The canonical JSON of the set with that hash.

    Raises:
        CaseUnknown: no such set was ever in force.
    """
    found = _all(room).get(sha256)
    if found is None:
        raise CaseUnknown(
            "No set of custodians with that hash was ever in force.",
            "Take the hash from an entry custodians-set of the ledger.",
        )
    return canonical(found.document())


def of_case(room: Room, file: CaseFile, periods: Iterable[StoredPeriod]) -> tuple[str, ...]:
    """Hashes of the sets that whoever checks the case's answers needs, ascending."""
    sets = _all(room)
    if file.kind == LIVE:
        with reading(room.engine) as connection:
            known = KnownVerifiers(connection)
        return tuple(
            sorted(
                sha256
                for sha256, one in sets.items()
                if any(lock in file.locks for lock in grouped([Held(one)], known))
            )
        )
    nameless = {
        (one.id, one.recipient)
        for period in periods
        for one in PeriodDocument.parse(room.objects.get(period.document_key)).custodians.custodians
        if not one.verifier
    }
    return tuple(
        sorted(
            sha256
            for sha256, one in sets.items()
            if any(c.verifier and (c.id, c.recipient) in nameless for c in one.custodians)
        )
    )


def entry_of(room: Room, sha256: str) -> int | None:
    """Where the set was put in force, in the ledger; ``None`` for one of before there was an entry.

    The ledger is read through once for each set, and what was found is kept.
    """
    if sha256 not in room.set_entries:
        for index, body in room.ledger.entries(0, room.ledger.size()):
            if b'"act":"custodians-set"' not in body:
                continue  # most are heads; parsing them all would take a while
            entry = Entry.parse(body)
            named = entry.facts.get("set")
            if entry.act is Act.CUSTODIANS_SET and isinstance(named, str):
                room.set_entries.setdefault(named, index)
    return room.set_entries.get(sha256)


def _all(room: Room) -> dict[str, CustodianSet]:
    with reading(room.engine) as connection:
        rows = connection.execute(select(custodian_set.c.document).order_by(custodian_set.c.id))
        sets = [CustodianSet.from_document(json.loads(row)) for row in rows.scalars()]
    return {digest(one.document()): one for one in sets}
