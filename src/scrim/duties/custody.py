"""Facts of cases, openings, exports, holds and requests, one function each."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from sqlalchemy import ColumnElement, func, or_, select

from scrim.cases.case import State
from scrim.cases.purposes import unanswered
from scrim.clock import SECOND
from scrim.duties.ground import Ground
from scrim.duties.unknown import Told
from scrim.norms.pack import Pack
from scrim.store import schema
from scrim.subjects.terms import Term, first
from scrim.vault import CustodianSet

Set: TypeAlias = CustodianSet

_CASE: Final = schema.case_file
_DAY_US: Final = 86_400 * SECOND
_MONTH_US: Final = 30 * _DAY_US
_EVER: Final = 2**53 - 1


def openings(ground: Ground) -> Told:
    return _count(ground, _CASE.c.opened_us >= ground.now_us - _MONTH_US)


def openings_active(ground: Ground) -> Told:
    return _count(ground, _CASE.c.state == State.OPEN.value, _CASE.c.expires_us > ground.now_us)


def openings_overdue(ground: Ground) -> Told:
    return _count(ground, _CASE.c.state == State.OPEN.value, _CASE.c.expires_us <= ground.now_us)


def openings_unanswered(ground: Ground) -> Told:
    """Cases opened for a purpose of which a pack asks questions that the request leaves out."""
    rows = ground.connection.execute(
        select(_CASE.c.body).where(_CASE.c.opened_us >= ground.now_us - _MONTH_US)
    ).scalars()
    return sum(_leaves_out(ground, json.loads(body)) for body in rows) if ground.packs else 0


def disclosures_incomplete(ground: Ground) -> Told:
    """Exports that do not say to whom, for which organisation and why, or under which request.

    Of cases whose words were forgotten nobody can tell any more, and they are not counted.
    """
    table = schema.case_export
    query = (
        select(func.count())
        .select_from(table.outerjoin(_CASE, _CASE.c.id == table.c.case))
        .where(
            _CASE.c.texts_us.is_(None),
            or_(
                *(one == "" for one in (table.c.recipient, table.c.organisation, table.c.why)),
                _CASE.c.id.is_(None),
            ),
        )
    )
    return int(ground.connection.execute(query).scalar_one())


def exports(ground: Ground) -> Told:
    """None: an export is made on an officer's machine, and nothing of it stays here."""
    return 0


def exports_overdue(ground: Ground) -> Told:
    return 0


def holds(ground: Ground) -> Told:
    return _rows(ground, schema.hold.c.id, schema.hold.c.lifted_us.is_(None))


def holds_unreviewed(ground: Ground) -> Told:
    """Without a reason, or past the day on which somebody was to look at it again."""
    table = schema.hold
    return _rows(
        ground,
        table.c.id,
        table.c.lifted_us.is_(None),
        or_(table.c.reason == "", table.c.review_us <= ground.now_us),
    )


def requests_open(ground: Ground) -> Told:
    table = schema.subject_request
    return _rows(ground, table.c.id, table.c.ended_us.is_(None))


def requests_overdue(ground: Ground) -> Told:
    table = schema.subject_request
    rows = ground.connection.execute(
        select(table.c.clocks, table.c.extended_us).where(table.c.ended_us.is_(None))
    )
    return sum(first_due(row.clocks, row.extended_us) <= ground.now_us for row in rows)


def refusals_kept(ground: Ground) -> Told:
    """The shortest that the register keeps one for; ``None``: it holds none."""
    table = schema.refusal
    shortest = ground.connection.execute(
        select(func.min(table.c.keep_until_us - table.c.refused_us))
    ).scalar()
    return None if shortest is None else int(shortest) // SECOND


def refusals_without_reason(ground: Ground) -> Told:
    table = schema.refusal
    return _rows(ground, table.c.request, func.trim(table.c.reasons) == "")


def breaches_open(ground: Ground) -> Told:
    table = schema.breach
    return _rows(ground, table.c.id, table.c.closed_us.is_(None))


def first_due(clocks: str, extended_us: int | None) -> int:
    """When the first of several terms ends; beyond all time where there is none."""
    terms = [Term.of(one) for one in json.loads(clocks)]
    if not terms:
        return _EVER
    return first(terms, extended=extended_us is not None).until(extended=extended_us is not None)


def _rows(ground: Ground, column: ColumnElement[Any], *where: ColumnElement[bool]) -> int:
    query = select(func.count(column)).where(*where)
    return int(ground.connection.execute(query).scalar_one())


def _count(ground: Ground, *where: ColumnElement[bool]) -> int:
    return _rows(ground, _CASE.c.id, *where)


def _leaves_out(ground: Ground, body: Mapping[str, Any]) -> bool:
    packs = {camera: _packs_over(ground, camera) for camera in body["cameras"]}
    return bool(unanswered(packs, str(body["purpose"]), list(body.get("answers", ()))))


def _packs_over(ground: Ground, camera: str) -> tuple[Pack, ...]:
    standing = ground.standings.get(camera)
    if standing is None:
        return ()
    ids = {one.pack for one in ground.applied if one.covers(camera, standing.site)}
    return tuple(norm.pack for id_, norm in ground.packs.items() if id_ in ids)


FACTS: Final[Mapping[str, Callable[[Ground], Told]]] = {
    one.__name__: one
    for one in (
        openings, openings_active, openings_overdue, openings_unanswered,
        disclosures_incomplete, exports, exports_overdue, holds, holds_unreviewed, requests_open,
        requests_overdue, refusals_kept, refusals_without_reason, breaches_open,
    )
}  # fmt: skip
"""By the name that the table of facts has."""
