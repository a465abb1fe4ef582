"""What the rules are asked about, gathered from the database and the period documents.

The facts of one moment: whoever acts on a judgement judges again when it matters.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select

from scrim.cases.draft import Draft
from scrim.cases.locks import Held, Lock, grouped
from scrim.cases.people import Person
from scrim.cases.room import Room
from scrim.norms.pack import Pack
from scrim.settings import CaseSettings
from scrim.store import schema
from scrim.store.custodians import KnownVerifiers, group_of, in_force
from scrim.store.database import reading
from scrim.store.objects import ObjectStore
from scrim.store.originals import StoredPeriod, periods_behind
from scrim.store.reshares import StoredReshare, reshares_of
from scrim.vault import CustodianSet, PeriodDocument
from scrim.vault.request import LIVE, PeriodRef
from scrim.vault.reshare import custodians_named


@dataclass(frozen=True, slots=True)
class Facts:
    """What a request is judged by.

    Attributes:
        now_us: UTC microseconds.
        limits: the settings of cases.
        enrolled: the cameras asked for that are or were enrolled, each with whether it
            still is.
        locks: who must agree; of a live request one for each group of cameras.
        without_custodians: cameras of a live request whose group has none.
        custodians: id to verifiers, of all sets there ever were and of the periods.
        recipients: of all custodians and all cases so far.
        periods: those behind the interval.
        packs: in force over each camera asked for.
        retired: verifiers of those who are in the register and retired.
    """

    asked: Draft
    officer: Person
    now_us: int
    limits: CaseSettings
    enrolled: Mapping[str, bool]
    locks: tuple[Lock, ...]
    without_custodians: tuple[str, ...]
    custodians: Mapping[str, frozenset[str]]
    recipients: frozenset[str]
    periods: tuple[PeriodRef, ...]
    packs: Mapping[str, tuple[Pack, ...]]
    retired: frozenset[str] = frozenset()


def gather(
    room: Room,
    officer: Person,
    asked: Draft,
    *,
    case: str | None = None,
) -> Facts:
    """Look everything up.

    Args:
        room: the deployment.
        officer: who asks.
        asked: what for.
        case: the case that is judged again, whose own recipient is no news.

    Raises:
        ObjectMissing, SealBroken: a period document is missing or altered.
        PackInvalid: a pack in force cannot be read.
    """
    now_us = room.clock.now_us()
    limits, objects = room.settings.cases, room.objects
    with reading(room.engine) as connection:
        known = KnownVerifiers(connection)
        enrolled = _enrolled(connection, asked.cameras)
        packs = room.packs(connection, asked.cameras)
        used = _case_recipients(connection, case)
        retired = _retired(connection)
        behind: list[StoredPeriod] = []
        live: dict[str, CustodianSet | None] = {}
        if asked.kind == LIVE:
            live = {
                camera: in_force(connection, group_of(connection, camera)) for camera in enrolled
            }
        elif asked.until_us <= asked.since_us + limits.longest_hours * 3_600_000_000:
            # beyond that a rule refuses it, and nobody need read a year's documents
            behind = periods_behind(connection, asked.cameras, asked.since_us, asked.until_us)
        reshared = {one.document_sha256: reshares_of(connection, one) for one in behind}
    documents = [
        PeriodDocument.parse(objects.get(period.document_key), sha256=period.document_sha256)
        for period in behind
    ]
    held = [
        Held(
            document.custodians,
            period.document_sha256,
            _handed_on(objects, reshared.get(period.document_sha256, ())),
        )
        for document, period in zip(documents, behind, strict=True)
    ]
    held += [Held(custodians) for custodians in live.values() if custodians is not None]
    # a set to which something was handed on was in force, so it is among those known
    everybody = [*known.sets, *(one.custodians for one in held)]
    return Facts(
        asked=asked,
        officer=officer,
        now_us=now_us,
        limits=limits,
        enrolled=enrolled,
        retired=retired,
        locks=grouped(held, known),
        without_custodians=tuple(camera for camera, found in live.items() if found is None),
        custodians=_keys(everybody, known),
        recipients=used | {one.recipient for found in everybody for one in found.custodians},
        periods=tuple(
            PeriodRef(period.camera, period.epoch, period.period, period.document_sha256)
            for period in behind
        ),
        packs=packs,
    )


def _handed_on(
    objects: ObjectStore, reshares: Iterable[StoredReshare]
) -> list[tuple[str, CustodianSet]]:
    return [
        (one.sha256, custodians_named(objects.get(one.object_key), sha256=one.sha256))
        for one in reshares
    ]


def _enrolled(connection: Connection, cameras: tuple[str, ...]) -> dict[str, bool]:
    table = schema.camera
    rows = connection.execute(
        select(table.c.id, table.c.removed_us).where(table.c.id.in_(cameras)).order_by(table.c.id)
    )
    return {row.id: row.removed_us is None for row in rows}


def _retired(connection: Connection) -> frozenset[str]:
    table = schema.register
    query = select(table.c.verifier).where(table.c.retired_us.is_not(None))
    return frozenset(connection.execute(query).scalars())


def _case_recipients(connection: Connection, case: str | None) -> frozenset[str]:
    table = schema.case_file
    query = select(table.c.recipient)
    if case is not None:
        query = query.where(table.c.id != case)
    return frozenset(connection.execute(query).scalars())


def _keys(sets: Iterable[CustodianSet], known: KnownVerifiers) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for custodians in sets:
        for custodian in custodians.custodians:
            found.setdefault(custodian.id, set()).add(known.of(custodian))
    return {custodian: frozenset(keys - {""}) for custodian, keys in found.items()}
