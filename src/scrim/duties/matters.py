"""Facts of requests, filings and breaches: what has a clock of its own.  One function each."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select

from scrim.duties.custody import first_due
from scrim.duties.ground import Ground
from scrim.duties.unknown import Told
from scrim.store import schema


@dataclass(frozen=True, slots=True)
class Matter:
    """A request, a filing or a breach.

    Attributes:
        row: of its table.
        held: of a request: a hold keeps what it asks for.
        refusal: of a request: its row in the register.
        told: of a breach: who was told of it.
        salt: opens the ledger's commitments to it.
    """

    row: Any
    salt: bytes
    held: bool = False
    refusal: Any = None
    told: Sequence[Any] = ()

    @property
    def id(self) -> str:
        return str(self.row.id)

    @property
    def cameras(self) -> list[str]:
        """Those that it concerns."""
        if "cameras" in self.row._fields:
            return list(json.loads(self.row.cameras))
        return [self.row.camera] if self.row.camera else []


def requests(ground: Ground) -> list[Matter]:
    """Those that are open, or whose answer is not yet forgotten."""
    table, person, hold = schema.subject_request, schema.subject_person, schema.hold
    connection = ground.connection
    rows = connection.execute(select(person.c.request, person.c.salt))
    salts: dict[str, bytes] = {row.request: bytes(row.salt) for row in rows}
    held = set(
        connection.execute(
            select(hold.c.request).where(hold.c.request.is_not(None), hold.c.lifted_us.is_(None))
        ).scalars()
    )
    refusals = {row.request: row for row in connection.execute(select(schema.refusal))}
    query = select(table).where(table.c.erased_us.is_(None)).order_by(table.c.id)
    return [
        Matter(row, salts[row.id], row.id in held, refusals.get(row.id))
        for row in connection.execute(query)
        if row.id in salts
    ]


def filings(ground: Ground) -> list[Matter]:
    """Every filing that had to be made."""
    query = select(schema.filing).order_by(schema.filing.c.id)
    return [Matter(row, row.salt) for row in ground.connection.execute(query)]


def breaches(ground: Ground) -> list[Matter]:
    """Every breach, closed ones too: whether it was told in time stays on record."""
    told: dict[str, list[Any]] = {}
    for row in ground.connection.execute(select(schema.breach_told)):
        told.setdefault(row.breach, []).append(row)
    query = select(schema.breach).order_by(schema.breach.c.id)
    return [
        Matter(row, row.salt, told=told.get(row.id, ())) for row in ground.connection.execute(query)
    ]


def kind(one: Matter) -> Told:
    return str(one.row.kind)


def received(one: Matter) -> Told:
    return int(one.row.received_us)


def request_due(one: Matter) -> Told:
    return first_due(one.row.clocks, one.row.extended_us)


def acknowledged(one: Matter) -> Told:
    return one.row.acknowledged_us is not None


def held(one: Matter) -> Told:
    """Under a hold; or it is over, or nothing of it is there."""
    return one.held or one.row.ended_us is not None


def answered(one: Matter) -> Told:
    return one.row.ended_us is not None and one.row.answer != "partly"


def partly_answered(one: Matter) -> Told:
    return one.row.answer == "partly" and _reasons(one)


def answer(one: Matter) -> Told:
    return one.row.answer or None


def answered_at(one: Matter) -> Told:
    ended: int | None = one.row.ended_us
    return ended if one.row.answer else None


def extended(one: Matter) -> Told:
    return one.row.extended_us is not None


def extension_told(one: Matter) -> Told:
    """An extension is made by the letter that says so, before the first date."""
    return one.row.extended_us is not None


def reasons_given(one: Matter) -> Told:
    return _reasons(one)


def registered(one: Matter) -> Told:
    return one.refusal is not None


def others_masked(one: Matter) -> Told:
    return bool(one.row.others_masked)


def change(one: Matter) -> Told:
    return bool(one.row.change)


def required_since(one: Matter) -> Told:
    return int(one.row.required_us)


def filing_due(one: Matter) -> Told:
    return int(one.row.due_us)


def drafted(one: Matter) -> Told:
    return one.row.drafted_us is not None


def filed(one: Matter) -> Told:
    return one.row.filed_us is not None


def filed_at(one: Matter) -> Told:
    filed: int | None = one.row.filed_us
    return filed


def known_since(one: Matter) -> Told:
    return int(one.row.known_us)


def breach_due(one: Matter) -> Told:
    return first_due(one.row.clocks, None)


def risk(one: Matter) -> Told:
    """Until somebody has assessed it, it is a risk."""
    return one.row.risk or "risk"


def recorded(one: Matter) -> Told:
    return bool(one.row.happened and one.row.effects and one.row.measures)


def notified(one: Matter) -> Told:
    return any(row.whom == "authority" for row in one.told)


def notified_at(one: Matter) -> Told:
    return min((row.told_us for row in one.told if row.whom == "authority"), default=None)


def delay_reasons(one: Matter) -> Told:
    return any(row.whom == "authority" and row.delay_reasons.strip() for row in one.told)


def people_told(one: Matter) -> Told:
    return any(row.whom == "people" for row in one.told)


def _reasons(one: Matter) -> bool:
    return one.refusal is not None and bool(one.refusal.reasons.strip())


_Facts = Mapping[str, Callable[[Matter], Told]]

REQUEST_FACTS: Final[_Facts] = {
    one.__name__: one
    for one in (
        kind, received, acknowledged, held, answered, partly_answered, answer, answered_at,
        extended, extension_told, reasons_given, registered, others_masked,
    )
} | {"due": request_due}  # fmt: skip

FILING_FACTS: Final[_Facts] = {
    one.__name__: one for one in (kind, change, required_since, drafted, filed, filed_at)
} | {"due": filing_due}

BREACH_FACTS: Final[_Facts] = {
    one.__name__: one
    for one in (
        known_since, risk, recorded, notified, notified_at, delay_reasons, people_told,
    )
} | {"due": breach_due}  # fmt: skip
