"""The register: who may ask, who may answer, and each change in the ledger."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from tests.unit.cases.world import Office, World, new_recipient, new_verifier

from scrim.cases.case import State
from scrim.cases.file import find
from scrim.errors import CaseRefused, CaseUnknown, CustodianInvalid, LedgerUnavailable
from scrim.ledger import holds as opens
from scrim.store.custodians import custodians_in_force, custodians_of_camera
from scrim.store.database import reading, writing
from scrim.store.live_papers import live_papers


def test_registered_and_retired_in_the_ledger_without_a_name(world: World) -> None:
    verifier = new_verifier()
    made = world.people.register("officer-8", "police-south", verifier)
    with reading(world.engine) as connection:
        assert world.people.by_verifier(connection, verifier) == made
        assert world.people.by_id(connection, "officer-8") == made
    world.people.retire("officer-8")
    with reading(world.engine) as connection:
        assert world.people.by_verifier(connection, verifier) is None
        assert world.people.by_id(connection, "officer-8") is None
    registered, retired = world.entries()[-2:]
    assert (registered.act.value, retired.act.value) == ("person-registered", "person-retired")
    for entry in (registered, retired):
        assert entry.facts["office"] == "police-south"
        assert entry.facts["verifier"] == verifier
        assert opens(str(entry.facts["person"]), "officer-8", made.salt)
        assert b"officer-8" not in entry.body()
    with pytest.raises(CaseUnknown):
        world.people.retire("officer-8")
    assert made.salt.hex() not in repr(made)


def test_an_id_and_a_key_are_used_once_for_good(world: World) -> None:
    verifier = new_verifier()
    world.people.register("officer-8", "police-south", verifier)
    world.people.retire("officer-8")
    for person, key in (("officer-8", new_verifier()), ("officer-9", verifier)):
        with pytest.raises(CaseRefused):
            world.people.register(person, "police-south", key)


@pytest.mark.parametrize(
    ("person", "office", "verifier"),
    [
        ("Officer Smith", "police", "good"),
        ("officer-9", "Police North", "good"),
        ("", "police", "good"),
        ("officer-9", "police", "scrimsig1nonsense"),
        ("officer-9", "police", ""),
        ("officer-9", "police", "SCRIM-SIGNING-KEY-1QQQ"),
    ],
)
def test_what_cannot_be_registered(world: World, person: str, office: str, verifier: str) -> None:
    before = world.people.list()
    with pytest.raises(CustodianInvalid):
        world.people.register(person, office, new_verifier() if verifier == "good" else verifier)
    assert world.people.list() == before


def test_custodians_are_known_by_every_key_they_had(world: World) -> None:
    old = world.offices[0]
    new = Office("court-1")
    world.set_custodians([new, *world.offices[1:]], 2)
    with reading(world.engine) as connection:
        for office in (old, new):
            found = world.people.by_verifier(connection, office.signer.verifier)
            assert found is not None
            assert (found.id, found.role) == ("court-1", "custodian")
            assert found.recipient == office.identity.recipient


def test_a_key_that_was_retired_holds_no_parts_again(world: World) -> None:
    """Its holder could not answer, so what were sealed to it would have one custodian less."""
    court = world.offices[0]
    world.people.retire(court.id)
    with pytest.raises(CustodianInvalid, match="retired"):
        world.set_custodians(world.offices, 2)
    world.set_custodians([Office(court.id), *world.offices[1:]], 2)
    with reading(world.engine) as connection:
        assert world.people.by_verifier(connection, court.signer.verifier) is None


def test_retiring_somebody_names_every_key_they_had(world: World) -> None:
    world.set_custodians([Office("court-1"), *world.offices[1:]], 2)
    had = {one.verifier for one in world.people.list() if one.id == "court-1"}
    world.people.retire("court-1")
    said = [one.facts["verifier"] for one in world.entries() if one.act.value == "person-retired"]
    assert len(said) == len(had) == 2
    assert set(said) == had


def test_each_group_of_cameras_has_its_own_custodians(world: World) -> None:
    north = [Office("north-1")]
    world.set_custodians(north, 1, "north")
    world.enrol("pier", "north")
    world.enrol("quay", "south")
    assert custodians_of_camera(world.engine, "pier").custodians[0].id == "north-1"
    assert custodians_of_camera(world.engine, "gate") == custodians_in_force(world.engine)
    assert custodians_in_force(world.engine) != custodians_in_force(world.engine, "north")
    with pytest.raises(CustodianInvalid, match="south"):
        custodians_of_camera(world.engine, "quay")
    with pytest.raises(CustodianInvalid, match="name"):
        world.set_custodians(north, 1, "North Side")


def test_who_is_retired_does_not_count_among_those_who_can_answer(world: World) -> None:
    world.people.retire("court-1")
    world.ask()  # two are left, and two must agree
    world.people.retire("court-2")
    for draft in (
        world.draft(recipient=new_recipient()),
        world.live_draft(recipient=new_recipient()),
    ):
        with pytest.raises(CaseRefused) as refused:
            world.cases.draft(world.officer, draft)
        assert refused.value.rule == "custodians-can-answer"
        assert "Only 1 custodians" in refused.value.message


def test_an_officer_who_leaves_takes_their_cases_along(world: World) -> None:
    file = world.approved()
    live = world.approved(world.live_draft(recipient=new_recipient()))
    other = world.people.register("officer-8", "police-south", Office("x").signer.verifier)
    assert len(live_papers(world.engine, world.clock.us)) == 1
    assert set(world.cases.retire(world.officer.id)) == {file.id, live.id}
    assert live_papers(world.engine, world.clock.us) == (), "recorders seal to them no more"
    with reading(world.engine) as connection:
        for case in (file.id, live.id):
            found = find(connection, case)
            assert (found.state, found.reason) == (State.CLOSED, "Its officer was retired.")
            assert found.erased_us is not None or case == live.id
        assert world.people.by_id(connection, "officer-7") is None
        assert world.people.by_id(connection, other.id) == other
    acts = world.acts()
    assert acts.index("person-retired") < acts.index("case-closed")
    with pytest.raises(CaseUnknown):
        world.cases.retire(world.officer.id)


def test_invariant_5_without_the_ledger_nobody_leaves_and_no_case_ends(world: World) -> None:
    file = world.approved()
    with writing(world.engine) as connection:
        connection.execute(
            text(
                "CREATE TRIGGER no BEFORE INSERT ON entry WHEN instr(NEW.body, 'case-closed') "
                "BEGIN SELECT RAISE(ABORT, 'full'); END"
            )
        )
    with pytest.raises(LedgerUnavailable):
        world.cases.retire(world.officer.id)
    assert world.cases.get(world.officer, file.id).state is State.APPROVED
