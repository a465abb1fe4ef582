"""Filings that open by themselves: a camera records, a number of people is reached.

Rules:

1. A camera that records opens its filing with its first recording, unless one is on record.
2. The number of people is an upper bound (:mod:`scrim.store.people_counted`) over the cameras under
   the pack that asks: a warning at 80 %, once; the clock starts at 100 %.
3. That the number falls again stops no clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, insert, select, update

from scrim.duties.filing import all_filings, duty, open_filing
from scrim.ledger import Act, Entry, Ledger
from scrim.norms.pack import Pack
from scrim.papers.register import papers_in
from scrim.papers.standing import Standing, standings
from scrim.store.people_counted import counted
from scrim.store.schema import camera as cameras
from scrim.store.schema import threshold
from scrim.subjects.room import CLOCK
from scrim.subjects.terms import Packs, terms

PUBLIC_SECURITY: Final = "public-security"
FACIAL: Final = "facial-information"
THRESHOLDS: Final = {FACIAL: 100_000}
"""Filings that are asked for from a number of people on; Order 19 of CAC and MPS has this one."""

WARN_PERCENT: Final = 80


@dataclass(frozen=True, slots=True)
class Metered:
    """Kinds whose threshold is near, and reached; filings that were opened for it."""

    near: tuple[str, ...]
    reached: tuple[str, ...]
    opened: tuple[str, ...]


def open_of_cameras(
    connection: Connection, ledger: Ledger, packs: Packs, now_us: int
) -> tuple[str, ...]:
    """A filing for each camera that records, where a rule asks for one and none is there."""
    wanted = duty(PUBLIC_SECURITY, change=False)
    made_before = all_filings(connection)
    done = {one.camera for one in made_before if one.kind == PUBLIC_SECURITY and not one.change}
    papers = [one for one in papers_in(connection) if one.filing == PUBLIC_SECURITY]
    made = []
    for one in standings(connection):
        if one.first_us is None or one.first_us > now_us or one.camera in done:
            continue
        asking = _asking(connection, packs, one.camera, wanted)
        if not asking or any(_is_of(paper, one) for paper in papers):
            continue
        term = terms(asking, wanted, one.first_us)[0]
        filing = open_filing(
            ledger,
            connection,
            PUBLIC_SECURITY,
            term,
            one.first_us,
            one.camera,
            False,
            now_us,
            CLOCK,
        )
        made.append(filing.id)
    return tuple(made)


def meter(connection: Connection, ledger: Ledger, packs: Packs, now_us: int) -> Metered:
    """Compare the number of people with each threshold that a rule in force has."""
    near, reached, opened = [], [], []
    for kind, limit in THRESHOLDS.items():
        wanted = duty(kind, change=False)
        ids = connection.execute(select(cameras.c.id)).scalars().all()
        asked = {one: _asking(connection, packs, one, wanted) for one in ids}
        under = {one: found for one, found in asked.items() if found}
        if not under:
            continue
        tracks = counted(connection, under).tracks
        before = _threshold(connection, kind)
        if tracks * 100 >= limit * WARN_PERCENT and before.near_us is None:
            _cross(connection, ledger, Act.THRESHOLD_NEAR, kind, tracks, limit, now_us)
            _set_threshold(connection, kind, near_us=now_us)
            near.append(kind)
        if tracks >= limit and before.reached_us is None:
            _cross(connection, ledger, Act.THRESHOLD_REACHED, kind, tracks, limit, now_us)
            _set_threshold(connection, kind, reached_us=now_us)
            reached.append(kind)
            distinct = {pack.id: pack for found in under.values() for pack in found}
            term = terms(distinct.values(), wanted, now_us)[0]
            made = open_filing(ledger, connection, kind, term, now_us, None, False, now_us, CLOCK)
            opened.append(made.id)
        if tracks > before.highest:
            _set_threshold(connection, kind, highest=tracks)
    return Metered(tuple(near), tuple(reached), tuple(opened))


def reached_us(connection: Connection, kind: str = FACIAL) -> int | None:
    """Since when a threshold has been reached; ``None`` while it never was."""
    query = select(threshold.c.reached_us).where(threshold.c.id == kind)
    return connection.execute(query).scalar()


def _asking(connection: Connection, packs: Packs, camera: str, wanted: str) -> list[Pack]:
    return [pack for pack in packs.under(connection, camera)[0] if wanted in pack.deadlines]


def _cross(
    connection: Connection,
    ledger: Ledger,
    act: Act,
    kind: str,
    tracks: int,
    limit: int,
    now_us: int,
) -> None:
    ledger.append_in(
        connection,
        Entry(
            act=act,
            at_us=now_us,
            who=CLOCK,
            authority=CLOCK,
            reason=f"filing-{kind}",
            facts={"tracks": tracks, "limit": limit},
        ),
    )


def _is_of(paper: Any, standing: Standing) -> bool:
    """Whether a filing on record, not revoked, names that camera."""
    if paper.revoked_us is not None:
        return False
    if paper.camera is not None:
        return bool(paper.camera == standing.camera)
    return paper.site is None or paper.site == standing.site


def _threshold(connection: Connection, kind: str) -> Any:
    query = select(threshold).where(threshold.c.id == kind)
    row = connection.execute(query).one_or_none()
    if row is None:
        connection.execute(insert(threshold).values(id=kind, highest=0))
        row = connection.execute(query).one()
    return row


def _set_threshold(connection: Connection, kind: str, **values: int) -> None:
    connection.execute(update(threshold).where(threshold.c.id == kind).values(**values))
