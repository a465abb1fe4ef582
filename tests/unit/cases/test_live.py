"""A live case from its request to the recorder's own judgement of its papers."""

from __future__ import annotations

import json

import pytest
from tests.unit.cases.world import HOUR_US, NOW_US, PAPER, SEGMENT_US, World

from scrim.canonical import digest
from scrim.cases.case import State
from scrim.cases.viewings import ViewingAct
from scrim.errors import CaseUnknown, StatementInvalid
from scrim.ledger import Act, Entry
from scrim.store import holds
from scrim.store.custodians import custodians_of_camera
from scrim.store.database import reading
from scrim.store.live_papers import live_papers
from scrim.vault import CustodianSet
from scrim.vault.live import LiveOpening


def opening(world: World, camera: str = "gate") -> LiveOpening:
    """What a recorder makes of the papers that lie there now."""
    (papers,) = live_papers(world.engine, world.clock.us)
    return LiveOpening.check(
        papers.request,
        papers.answers,
        camera=camera,
        deployment=world.settings.ledger.origin,
        custodians=custodians_of_camera(world.engine, camera),
        now_us=world.clock.us,
    )


def test_what_the_desk_approves_the_recorder_approves(world: World) -> None:
    file = world.ask(world.live_draft())
    world.answer(0, file)
    assert live_papers(world.engine, NOW_US) == (), "one approval of two"
    file = world.answer(1, file)
    assert (file.state, file.body["periods"]) == (State.APPROVED, [])
    found = opening(world)
    assert (found.recipient, found.until_us) == (world.one_time.recipient, NOW_US + HOUR_US)
    with pytest.raises(StatementInvalid):
        opening(world, "yard")
    world.cases.close(world.officer, file.id, "The emergency is over.")
    assert live_papers(world.engine, NOW_US) == ()
    assert "case-erased" not in world.acts(file), "there were no parts"


def test_a_live_viewing_shows_what_is_sealed_while_it_lasts(world: World) -> None:
    file = world.approved(world.live_draft())
    viewing = world.cases.view(
        world.officer, file.id, ViewingAct.VIEW, ["gate"], NOW_US, NOW_US + HOUR_US
    )
    assert viewing.segments == (), "what was sealed before is no part of it"
    assert file.request_sha256 is not None
    world.seal(period=2, since_us=NOW_US + SEGMENT_US, live=[PAPER, file.request_sha256])
    world.seal(period=3, since_us=NOW_US + 4 * SEGMENT_US, live=[PAPER])
    world.seal(period=4, since_us=NOW_US + 7 * SEGMENT_US)
    later = world.cases.viewing(world.officer, viewing.id)
    assert [one.segment for one in later.segments] == [200, 201]
    assert world.cases.sealed(world.officer, viewing.id, "gate", 200)
    assert world.cases.document(world.officer, viewing.id, "gate", 1, 2)
    assert world.cases.manifest(world.officer, viewing.id, "gate", 1, 2)
    for period in (3, 4):
        with pytest.raises(CaseUnknown):
            world.cases.sealed(world.officer, viewing.id, "gate", 100 * period)
        with pytest.raises(CaseUnknown):
            world.cases.document(world.officer, viewing.id, "gate", 1, period)


def test_the_record_of_a_live_case_has_its_periods_and_its_custodians(world: World) -> None:
    file = world.approved(world.live_draft())
    assert file.request_sha256 is not None
    known = CustodianSet(2, tuple(office.custodian for office in world.offices))
    sha256 = digest(known.document())
    world.ledger.append(
        Entry(Act.CUSTODIANS_SET, NOW_US, "operator", "operator", "ceremony", facts={"set": sha256})
    )
    world.seal(period=2, since_us=NOW_US + SEGMENT_US, live=[file.request_sha256], closed=False)
    world.seal(period=3, since_us=NOW_US + 4 * SEGMENT_US)
    world.checkpoint()
    assert json.loads(world.cases.package(world.officer, file.id))["documents"] == {}
    record = json.loads(world.cases.record(world.officer, file.id))
    assert list(record["opened"]) == ["gate/1/2"]
    assert record["closed"] == {}
    assert list(record["custodians"]) == [sha256]
    assert json.loads(world.cases.custodians(sha256)) == known.document()
    with pytest.raises(CaseUnknown):
        world.cases.custodians(PAPER)


def test_the_window_is_held_too(world: World) -> None:
    world.approved(world.live_draft())
    with reading(world.engine) as connection:
        assert holds.held(connection, "gate", NOW_US + 5, NOW_US + 6)
