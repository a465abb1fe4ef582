"""Facts of the ledger, one function each."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from sqlalchemy import func, select

from scrim.clock import SECOND
from scrim.duties import marks
from scrim.duties.ground import Ground
from scrim.duties.unknown import Told
from scrim.ledger.entry import Act, Operation
from scrim.store import schema

UNAVAILABLE: Final = "ledger-unavailable"
"""The cause of a gap, as recorders write it."""

_DAY_US: Final = 86_400 * SECOND
_DENIED: Final = b'"act":"denied"'
SIGN_INS: Final = frozenset({"sign-in", "sign-in-with-key", "sign-in-with-passkey", "end-oidc"})
"""Actions that end in a session, or fail."""
_LOOK: Final = 100  # at every so many entries it is looked how old they are
_SIGNATURE: Final = "— "  # begins a signature's line, C2SP signed-note


def ledger_writable(ground: Ground) -> Told:
    """No camera waits because an entry could not be written."""
    table = schema.gap
    query = (
        select(table.c.id).where(table.c.cause == UNAVAILABLE, table.c.until_us.is_(None)).limit(1)
    )
    return ground.connection.execute(query).first() is None


def ledger_verified(ground: Ground) -> Told:
    found = ground.marks.get(marks.LEDGER_VERIFIED)
    return found is not None and found.value == 1


def ledger_verified_age(ground: Ground) -> Told:
    found = ground.marks.get(marks.LEDGER_VERIFIED)
    return None if found is None else _age(found.at_us, ground)


def checkpoint_age(ground: Ground) -> Told:
    """0 while the newest checkpoint says all there is; a ledger at rest is not behind."""
    table = schema.checkpoint
    row = ground.connection.execute(
        select(table.c.size, table.c.signed_us).order_by(table.c.size.desc()).limit(1)
    ).first()
    if row is None:
        return None
    if row.size >= _size(ground):
        return 0
    return _age(row.signed_us, ground)


def witnesses(ground: Ground) -> Told:
    """Signatures of the newest checkpoint beside the ledger's own."""
    table = schema.checkpoint
    note: str | None = ground.connection.execute(
        select(table.c.note).order_by(table.c.size.desc()).limit(1)
    ).scalar()
    if note is None:
        return 0
    return max(0, sum(line.startswith(_SIGNATURE) for line in note.split("\n")) - 1)


def operations_logged(ground: Ground) -> Told:
    """Those of which there is an act, which is written down before it takes effect (invariant 5).

    Alteration is one of them because there is none to write down: nothing that was recorded
    is ever overwritten (:class:`scrim.store.objects.ObjectStore`).
    """
    logged = {act.operation for act in Act} | {Operation.ALTERATION}
    return tuple(sorted(one.value for one in logged - {Operation.CONFIGURATION}))


def acts_without_reason(ground: Ground) -> Told:
    """None: an entry without a reason cannot be made (:class:`scrim.ledger.Entry`)."""
    return 0


def log_exports(ground: Ground) -> Told:
    """Extracts by person and camera (:mod:`scrim.cases.extract`), as far as the ledger was read."""
    return _marked(ground, marks.LOG_EXPORTS)


def log_exports_without_purpose(ground: Ground) -> Told:
    return _marked(ground, marks.LOG_EXPORTS_WITHOUT_PURPOSE)


def sign_ins_failed(ground: Ground) -> Told:
    """Of the last 24 hours, as the server has counted and written them down."""
    found, since_us = 0, ground.now_us - _DAY_US
    for body in _bodies_since(ground, since_us):
        if _DENIED not in body:
            continue
        said = json.loads(body)
        if said["at"] >= since_us:
            denied = said["facts"].get("denied", {})
            found += sum(sum(denied.get(action, {}).values()) for action in SIGN_INS)
    return found


def people_locked_out(ground: Ground) -> Told:
    """None: only where failures come from is turned away for a while, never whom they name."""
    return 0


def newest_entry_us(ground: Ground) -> int | None:
    """When the last entry was made; ``None`` in an empty ledger."""
    table = schema.entry
    body = ground.connection.execute(
        select(table.c.body).order_by(table.c.index.desc()).limit(1)
    ).scalar()
    return None if body is None else int(json.loads(bytes(body))["at"])


def _bodies_since(ground: Ground, since_us: int) -> Iterator[bytes]:
    """Entries from about then on, the newest first."""
    table = schema.entry
    query = select(table.c.body).order_by(table.c.index.desc())
    for number, body in enumerate(ground.connection.execute(query).scalars()):
        data = bytes(body)
        if number % _LOOK == 0 and int(json.loads(data)["at"]) < since_us:
            return
        yield data


def _marked(ground: Ground, name: str) -> int:
    found = ground.marks.get(name)
    return 0 if found is None else found.value


def _age(since_us: int, ground: Ground) -> int:
    return max(0, ground.now_us - since_us) // SECOND


def _size(ground: Ground) -> int:
    newest = ground.connection.execute(select(func.max(schema.entry.c.index))).scalar()
    return 0 if newest is None else int(newest) + 1


FACTS: Final[Mapping[str, Callable[[Ground], Told]]] = {
    one.__name__: one
    for one in (
        ledger_writable, ledger_verified, ledger_verified_age, checkpoint_age, witnesses,
        operations_logged, acts_without_reason, log_exports, log_exports_without_purpose,
        sign_ins_failed, people_locked_out,
    )
}  # fmt: skip
"""By the name that the table of facts has."""
