"""Holds: what must not be erased, however old it is.

Rules:

1. A hold is a camera and an interval; whatever overlaps it stays (invariant 7).
2. A hold is lifted, never deleted: that there was one stays on record, of a request until
   who asked is forgotten.
3. Placing and lifting are in the ledger in the caller's transaction.
4. A hold ends with the case or the request that placed it; one that a person placed has a
   day on which somebody looks whether it is still needed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Connection, insert, select, update

from scrim.store.schema import hold as table


@dataclass(frozen=True, slots=True)
class Hold:
    """One camera's interval that stays.

    Attributes:
        since_us, until_us: half open, UTC microseconds.
        reason: a code.
        placed_by: as the ledger has it.
        case: the case that placed it, or ``None``.
        lifted_us: ``None`` while it holds.
        id: its number.
        request: the request of a person filmed that placed it, or ``None``.
        review_us: when somebody has to look at it again; ``None``: it ends with its case.
        words: why, where a person placed it, until that is forgotten.
        salt: opens the ledger's commitment to that.
    """

    camera: str
    since_us: int
    until_us: int
    reason: str
    placed_by: str
    case: str | None
    placed_us: int
    lifted_us: int | None = None
    id: int = 0
    request: str | None = None
    review_us: int | None = None
    words: str | None = None
    salt: bytes | None = field(default=None, repr=False)


def place(
    connection: Connection,
    cameras: Iterable[str],
    since_us: int,
    until_us: int,
    *,
    reason: str,
    placed_by: str,
    now_us: int,
    case: str | None = None,
    request: str | None = None,
    review_us: int | None = None,
    words: str | None = None,
    salt: bytes | None = None,
) -> None:
    """Hold an interval of each of these cameras."""
    connection.execute(
        insert(table),
        [
            {
                "camera": camera,
                "since_us": since_us,
                "until_us": until_us,
                "reason": reason,
                "placed_by": placed_by,
                "case": case,
                "placed_us": now_us,
                "request": request,
                "review_us": review_us,
                "words": words,
                "salt": salt,
            }
            for camera in cameras
        ],
    )


def lift(connection: Connection, case: str, now_us: int) -> int:
    """Lift the holds of a case; how many cameras they held."""
    done = connection.execute(
        update(table)
        .where(table.c.case == case, table.c.lifted_us.is_(None))
        .values(lifted_us=now_us)
    )
    return done.rowcount


def held(connection: Connection, camera: str, start_us: int, end_us: int) -> bool:
    """Whether anything of that camera between these times is held."""
    row = connection.execute(
        select(table.c.id)
        .where(
            table.c.camera == camera,
            table.c.since_us < end_us,
            table.c.until_us > start_us,
            table.c.lifted_us.is_(None),
        )
        .limit(1)
    ).first()
    return row is not None


def of_case(connection: Connection, case: str) -> list[Hold]:
    """The holds of a case, the lifted ones too, by camera."""
    return _all(connection, table.c.case == case)


def of_request(connection: Connection, request: str) -> list[Hold]:
    """The holds of a request, the lifted ones too, by camera."""
    return _all(connection, table.c.request == request)


def in_force(connection: Connection) -> list[Hold]:
    """All holds that are not lifted, by camera."""
    return _all(connection, table.c.lifted_us.is_(None))


def by_id(connection: Connection, number: int) -> Hold | None:
    """One hold, lifted or not."""
    found = _all(connection, table.c.id == number)
    return found[0] if found else None


def lift_of_request(connection: Connection, request: str, now_us: int) -> int:
    """Lift the holds of a request; how many there were."""
    done = connection.execute(
        update(table)
        .where(table.c.request == request, table.c.lifted_us.is_(None))
        .values(lifted_us=now_us)
    )
    return done.rowcount


def lift_one(connection: Connection, number: int, now_us: int) -> None:
    """Lift one hold."""
    connection.execute(update(table).where(table.c.id == number).values(lifted_us=now_us))


def review(connection: Connection, number: int, review_us: int, words: str) -> None:
    """Set the day on which somebody looks at a hold again, and why it stays until then."""
    connection.execute(
        update(table).where(table.c.id == number).values(review_us=review_us, words=words)
    )


def _all(connection: Connection, condition: ColumnElement[bool]) -> list[Hold]:
    query = select(table).where(condition).order_by(table.c.camera, table.c.id)
    return [
        Hold(
            row.camera,
            row.since_us,
            row.until_us,
            row.reason,
            row.placed_by,
            row.case,
            row.placed_us,
            row.lifted_us,
            row.id,
            row.request,
            row.review_us,
            row.words,
            row.salt,
        )
        for row in connection.execute(query)
    ]
