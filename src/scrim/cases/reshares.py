"""Handing periods on: re-sharings are checked and put in force, each with its entry.

Rules:

1. A re-sharing counts when its entry ``period-reshared`` is in the ledger, in the
   transaction of its row.  Its object is put before that and is nothing without it.
2. A period has at most one for each set of custodians, and none is ever replaced.
3. A period whose key parts are destroyed, or logged as going, is not handed on any more.
4. The new set is one that was put in force, so it is in the ledger too, and each of
   its custodians has a registered key to answer with.

What k old custodians dealt is public; nothing here opens anything.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, insert, select

from scrim.access.signin import in_ledger
from scrim.canonical import digest
from scrim.clock import Clock
from scrim.errors import CustodianInvalid, ObjectMissing, SealBroken
from scrim.ledger import Act, Entry, Ledger
from scrim.store.custodians import KnownVerifiers
from scrim.store.database import reading
from scrim.store.keys import reshare_key
from scrim.store.objects import ObjectStore
from scrim.store.originals import StoredPeriod, stored_period
from scrim.store.reshares import StoredReshare, reshares_of
from scrim.store.schema import period as periods
from scrim.store.schema import reshare as table
from scrim.vault.document import PeriodDocument
from scrim.vault.reshare import Reshare, document_named


class Reshares:
    """Stores re-sharings, each with its entry.

    Args:
        engine: the database.
        ledger: that of the same database.
        objects: where period documents lie, and re-sharings beside them.
        clock: for the entry.
    """

    def __init__(self, engine: Engine, ledger: Ledger, objects: ObjectStore, clock: Clock) -> None:
        self._engine = engine
        self._ledger = ledger
        self._objects = objects
        self._clock = clock

    def store(self, data: bytes) -> StoredReshare:
        """Check a re-sharing and put it in force; the same one again changes nothing.

        Args:
            data: a ``scrim-reshare-v1``.

        Raises:
            SealBroken, StatementInvalid: not a re-sharing of a period that is here.
            CustodianInvalid: its set was never in force, its documents name no keys, or the
                period was handed on to this set before, otherwise.
            LedgerUnavailable: it could not be written down, so it is not in force.
        """
        period, found = self._check(data)
        set_sha256 = digest(found.custodians.document())
        key = reshare_key(period.camera, period.epoch, period.period, set_sha256)
        sha256 = found.sha256
        with reading(self._engine) as connection:
            known = _known(connection, period, set_sha256, sha256)
        if known is not None:
            return known
        if not self._objects.exists(key) or self._objects.get(key) != data:
            if self._objects.exists(key):
                self._objects.remove(key)  # of a try that no entry followed: it never counted
            self._objects.put(key, data)
        now_us = self._clock.now_us()
        old = PeriodDocument.parse(found.document).custodians
        with in_ledger(self._engine) as connection:
            known = _known(connection, period, set_sha256, sha256)
            if known is not None:
                return known  # the same, by two ways at once
            if not _has_parts(connection, period):  # the sweep took it a moment ago
                self._objects.remove(key)
                raise _not_here()
            entry = Entry(
                act=Act.PERIOD_RESHARED,
                at_us=now_us,
                who="operator",
                authority="custodians",
                reason="handed-on",
                camera=period.camera,
                epoch=period.epoch,
                facts={
                    "period": period.period,
                    "document": period.document_sha256,
                    "reshare": sha256,
                    "set": set_sha256,
                    "k": found.custodians.k,
                    "n": len(found.custodians.custodians),
                    "old-k": old.k,
                    "old-n": len(old.custodians),
                },
            )
            index = self._ledger.append_in(connection, entry).index
            values: dict[str, Any] = {
                "camera": period.camera,
                "epoch": period.epoch,
                "period": period.period,
                "custodians_sha256": set_sha256,
                "object_key": key,
                "sha256": sha256,
                "entry": index,
            }
            connection.execute(insert(table).values(stored_us=now_us, **values))
        return StoredReshare(**values)

    def _check(self, data: bytes) -> tuple[StoredPeriod, Reshare]:
        document_sha256 = document_named(data)
        with reading(self._engine) as connection:
            period = _period_of(connection, document_sha256)
            sets = {digest(one.document()) for one in KnownVerifiers(connection).sets}
        try:
            document = self._objects.get(period.document_key)
        except ObjectMissing:
            raise _not_here() from None
        found = Reshare.parse(data, document)
        if digest(found.custodians.document()) not in sets:
            raise CustodianInvalid(
                "The new set was never in force here, so nobody could tell whose keys these are.",
                "Put it in force first: `scrim custodian set`.",
            )
        if any(not one.verifier for one in found.custodians.custodians):
            raise CustodianInvalid(
                "A custodian of the new set has no registered signing key, and could not answer.",
                "Register their card first, then deal to that set.",
            )
        return period, found


def _known(
    connection: Connection, period: StoredPeriod, custodians_sha256: str, sha256: str
) -> StoredReshare | None:
    for one in reshares_of(connection, period):
        if one.custodians_sha256 == custodians_sha256:
            if one.sha256 == sha256:
                return one
            raise CustodianInvalid(
                f"Period {period.place} was handed on to this set already, with other deals.",
                "What is stored stays; use that one.",
            )
    return None


def _period_of(connection: Connection, document_sha256: str) -> StoredPeriod:
    row = connection.execute(
        select(periods.c.camera, periods.c.epoch, periods.c.period).where(
            periods.c.document_sha256 == document_sha256
        )
    ).first()
    found = None if row is None else stored_period(connection, *row)
    if found is None:
        raise _not_here()
    return found


def _has_parts(connection: Connection, period: StoredPeriod) -> bool:
    state = select(periods.c.parts_state).where(
        periods.c.camera == period.camera,
        periods.c.epoch == period.epoch,
        periods.c.period == period.period,
    )
    return bool(connection.execute(state).scalar_one() == "kept")


def _not_here() -> SealBroken:
    return SealBroken(
        "No period here has the document that this re-sharing is of.",
        "Store it in the data folder that recorded the period.",
    )
