"""With a period's key parts go those that were dealt to further custodians."""

from __future__ import annotations

import sqlite3

import pytest
from tests.sim.handing_on import hand_on
from tests.unit.cases.world import Office
from tests.unit.retention.test_verify import kinds, verified
from tests.unit.retention.world import DAY_US, IDENTITIES, START_US, RetentionWorld

from scrim.audit import Kind
from scrim.canonical import digest
from scrim.cases.reshares import Reshares
from scrim.errors import SealBroken
from scrim.ledger import Act
from scrim.ledger.erasure import proof
from scrim.retention import clearing
from scrim.store import keys
from scrim.store.custodians import put_in_force
from scrim.store.database import reading, writing
from scrim.store.originals import stored_period
from scrim.store.reshares import reshares_of
from scrim.vault import CustodianSet

MONTH_US = 30 * DAY_US


class HandedOn:
    """Periods 1 and 2 of the gate, both handed on to ``audit-1`` to ``-3``."""

    def __init__(self, world: RetentionWorld) -> None:
        self.world = world
        self.set = CustodianSet(2, tuple(Office(f"audit-{n}").custodian for n in (1, 2, 3)))
        self.reshares = Reshares(world.engine, world.ledger, world.objects, world.clock)
        with writing(world.engine) as connection:
            put_in_force(connection, self.set, world.clock.now_us())
        world.record("gate", 1, START_US)
        world.record("gate", 2, START_US + 10 * DAY_US)
        self.stored = [self.reshares.store(self.made(number)) for number in (1, 2)]

    def made(self, period: int) -> bytes:
        document = self.world.objects.get(keys.document_key("gate", 1, period))
        return hand_on(document, IDENTITIES, self.set).to_bytes()

    def key(self, period: int) -> str:
        return keys.reshare_key("gate", 1, period, digest(self.set.document()))

    def rows(self, period: int) -> int:
        with reading(self.world.engine) as connection:
            found = stored_period(connection, "gate", 1, period)
            assert found is not None
            return len(reshares_of(connection, found))


@pytest.fixture
def handed(world: RetentionWorld) -> HandedOn:
    return HandedOn(world)


def test_invariant_7_dealt_parts_go_with_the_parts(handed: HandedOn) -> None:
    world = handed.world
    assert {handed.key(1), handed.key(2)} <= world.names()
    world.at(START_US + MONTH_US + DAY_US)
    world.sweep()
    assert handed.key(1) not in world.names()
    assert handed.key(2) in world.names(), "its time has not come"
    assert (handed.rows(1), handed.rows(2)) == (0, 1)
    (entry,) = (one for one in world.entries(Act.ERASED) if one.facts["keys"])
    assert entry.facts["reshares"] == 1
    assert entry.facts["reshares_sha256"] == proof([handed.stored[0].sha256])
    assert verified(world).problems == []


def test_one_whose_storing_was_cut_off_goes_too(handed: HandedOn) -> None:
    with sqlite3.connect(handed.world.folder.database) as database:
        database.execute("DELETE FROM reshare WHERE period = 1")
    database.close()
    handed.world.at(START_US + MONTH_US + DAY_US)
    handed.world.sweep()
    assert handed.key(1) not in handed.world.names()


@pytest.mark.parametrize("moment", ["_handed_on", "_bury", "_done"])
def test_cut_off_half_way_it_is_gone_on_with(
    handed: HandedOn, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    class Stop(Exception):
        pass

    def stop(*_: object) -> None:
        raise Stop

    handed.world.at(START_US + MONTH_US + DAY_US)
    monkeypatch.setattr(clearing, moment, stop)
    with pytest.raises(Stop):
        handed.world.sweep()
    assert verified(handed.world).problems == []
    monkeypatch.undo()
    handed.world.sweep()
    assert handed.key(1) not in handed.world.names()
    assert verified(handed.world).problems == []


@pytest.mark.parametrize("logged", [True, False])
def test_a_dealt_part_brought_back_is_named(handed: HandedOn, logged: bool) -> None:
    data = handed.made(1)
    handed.world.at(START_US + MONTH_US + DAY_US)
    handed.world.sweep()
    key = handed.key(1) if logged else keys.reshare_key("gate", 1, 1, "0" * 64)
    handed.world.objects.put(key, data)
    assert kinds(handed.world) == {Kind.ERASED_FOUND}


def test_a_destruction_that_leaves_one_out_is_named(
    handed: HandedOn, monkeypatch: pytest.MonkeyPatch
) -> None:
    from scrim.retention import marking

    monkeypatch.setattr(marking, "reshares_of_all", lambda *_: ())
    handed.world.at(START_US + MONTH_US + DAY_US)
    handed.world.sweep()
    assert kinds(handed.world) == {Kind.ERASED_UNPROVEN}


def test_what_is_logged_as_going_is_handed_on_to_nobody(
    handed: HandedOn, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stop(Exception):
        pass

    def stop(*_: object) -> None:
        raise Stop

    further = CustodianSet(1, (Office("registry-1").custodian,))
    with writing(handed.world.engine) as connection:
        put_in_force(connection, further, handed.world.clock.now_us())
    document = handed.world.objects.get(keys.document_key("gate", 1, 1))
    data = hand_on(document, IDENTITIES, further).to_bytes()
    handed.world.at(START_US + MONTH_US + DAY_US)
    monkeypatch.setattr(clearing, "_handed_on", stop)
    with pytest.raises(Stop):
        handed.world.sweep()
    with pytest.raises(SealBroken, match="No period here"):
        handed.reshares.store(data)
    assert keys.reshare_key("gate", 1, 1, digest(further.document())) not in handed.world.names()
