"""Periods that were handed on: k of the old custodians or k of the new ones, never mixed."""

from __future__ import annotations

import base64
import json

import pytest
from tests.sim.handing_on import hand_on
from tests.unit.cases.world import NOW_US, Office, World

from scrim.canonical import canonical, digest
from scrim.cases.case import State
from scrim.cases.file import CaseFile
from scrim.cases.reshares import Reshares
from scrim.errors import (
    CaseRefused,
    CaseUnknown,
    CustodianInvalid,
    LedgerUnavailable,
    SealBroken,
    StatementInvalid,
)
from scrim.store.custodians import put_in_force
from scrim.store.database import writing
from scrim.store.keys import document_key, reshare_key
from scrim.store.reshares import StoredReshare
from scrim.vault import Custodian, CustodianSet
from scrim.vault.answer import Answer
from scrim.vault.handover import approve, refuse
from scrim.vault.mint import mint
from scrim.vault.request import Request
from scrim.vault.reshare import Reshare
from scrim.vault.statement import Statement


class Handed:
    """Period 1 of the gate, of ``court-1`` to ``-3``, handed on to ``court-3`` and two more."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.new = [world.offices[2], Office("audit-1"), Office("audit-2")]
        self.set = CustodianSet(2, tuple(office.custodian for office in self.new))
        self.reshares = Reshares(world.engine, world.ledger, world.objects, world.clock)

    @property
    def document(self) -> bytes:
        return self.world.objects.get(document_key("gate", 1, 1))

    def made(self, new: CustodianSet | None = None) -> Reshare:
        old = {office.id: office.identity for office in self.world.offices[:2]}
        return hand_on(self.document, old, new or self.set)

    def store(self, made: Reshare | None = None) -> StoredReshare:
        self.world.set_custodians(self.new, 2)
        return self.reshares.store((made or self.made()).to_bytes())

    def answer(self, office: Office, file: CaseFile, decision: str = "approved") -> CaseFile:
        """As the custodian's own machine answers, from the package."""
        assert file.statement is not None
        request = Request.of(Statement.parse(file.statement))
        self.world.checkpoint()
        person = self.world.person(office.id)
        package = json.loads(self.world.cases.package(person, file.id))
        documents = {
            sha256: base64.b64decode(text) for sha256, text in package["documents"].items()
        }
        reshares = {
            sha256: tuple(
                Reshare.parse(base64.b64decode(one), documents[sha256]) for one in of_period
            )
            for sha256, of_period in package.get("reshares", {}).items()
        }
        if decision == "approved":
            statement = approve(
                request,
                documents,
                office.id,
                office.identity.opener(),
                office.signer,
                NOW_US,
                reshares=reshares,
            )
        else:
            statement = refuse(request, office.id, office.signer, NOW_US, "Not in my name, no.")
        return self.world.cases.answer(person, file.id, statement.to_bytes())


@pytest.fixture
def handed(world: World) -> Handed:
    return Handed(world)


def test_k_of_the_new_custodians_will_do(handed: Handed) -> None:
    handed.store()
    file = handed.world.ask()
    assert handed.answer(handed.new[1], file).state is State.REQUESTED
    assert handed.answer(handed.new[2], file).state is State.APPROVED


def test_k_of_the_old_custodians_still_do(handed: Handed) -> None:
    handed.store()
    file = handed.world.ask()
    handed.answer(handed.world.offices[0], file)
    assert handed.answer(handed.world.offices[1], file).state is State.APPROVED


def test_old_and_new_are_never_added_up(handed: Handed) -> None:
    handed.store()
    file = handed.world.ask()
    handed.answer(handed.world.offices[0], file)
    file = handed.answer(handed.new[1], file)
    assert file.state is State.REQUESTED
    both = handed.answer(handed.new[0], file)
    assert both.state is State.APPROVED, "who is in both sets counts in both"
    assert len(both.answers[-1].parts) == 2


def test_refused_only_when_neither_can(handed: Handed) -> None:
    handed.store()
    file = handed.world.ask()
    refusing = [*handed.world.offices[:2], *handed.new[1:]]
    for office in refusing[:3]:
        assert handed.answer(office, file, "refused").state is State.REQUESTED
    assert handed.answer(refusing[3], file, "refused").state is State.REFUSED


def test_a_part_that_is_left_out_is_missed(handed: Handed) -> None:
    handed.store()
    file = handed.world.ask()
    office = handed.new[0]
    body = handed.world.answer_body(office, file)
    assert Answer.of(Statement.sign(body, office.signer)).parts[0].reshare_sha256 == ""
    with pytest.raises(StatementInvalid, match="not those of every period"):
        handed.world.cases.answer(
            handed.world.person(office.id),
            file.id,
            Statement.sign(body, office.signer).to_bytes(),
        )


def test_who_is_told_and_who_may_see_it(handed: Handed) -> None:
    stored = handed.store()
    file = handed.world.ask()
    handed.world.checkpoint()
    new, stranger = handed.world.person("audit-1"), handed.new[1]
    package = json.loads(handed.world.cases.package(new, file.id))
    assert list(package["reshared"]) == [stored.sha256]
    record = json.loads(handed.world.cases.record(handed.world.officer, file.id))
    assert list(record["reshared"]) == [stored.sha256]
    assert stranger.id in {one for lock in file.locks for one in lock.others[0].holders}


def test_handed_on_after_the_draft_it_is_drafted_anew(handed: Handed) -> None:
    world = handed.world
    world.set_custodians(handed.new, 2)
    file = world.cases.draft(world.officer, world.draft())
    asked = world.ask(world.draft(recipient=Office("x").identity.recipient))
    handed.reshares.store(handed.made().to_bytes())
    with pytest.raises(CaseRefused) as found:
        world.cases.request(world.officer, file.id, world.sign(file))
    assert found.value.rule == "as-drafted"
    world.checkpoint()
    package = json.loads(world.cases.package(world.person("court-3"), asked.id))
    assert "reshares" not in package, "what was asked for before is asked of the old ones alone"
    with pytest.raises(CaseUnknown):
        world.cases.package(world.person("audit-1"), asked.id)


def test_who_asks_is_none_of_the_new_custodians(handed: Handed) -> None:
    """An officer's office is taken; a set that has it as a custodian never comes into force."""
    with pytest.raises(CustodianInvalid):
        handed.world.set_custodians([*handed.new, Office("police-north")], 2)


class TestStoring:
    def test_the_entry_says_what_was_handed_on_to_whom(self, handed: Handed) -> None:
        stored = handed.store()
        entry = handed.world.entries()[stored.entry]
        assert entry.act.value == "period-reshared"
        assert (entry.camera, entry.epoch, entry.facts["period"]) == ("gate", 1, 1)
        assert entry.facts["reshare"] == stored.sha256
        assert (entry.facts["k"], entry.facts["n"]) == (2, 3)
        assert handed.world.objects.exists(stored.object_key)

    def test_the_same_again_changes_nothing_and_other_deals_are_refused(
        self, handed: Handed
    ) -> None:
        made = handed.made()
        first, size = handed.store(made), handed.world.ledger.size()
        assert handed.reshares.store(made.to_bytes()) == first
        with pytest.raises(CustodianInvalid, match="handed on to this set already"):
            handed.reshares.store(handed.made().to_bytes())
        assert handed.world.ledger.size() == size

    def test_a_set_that_was_never_in_force(self, handed: Handed) -> None:
        with pytest.raises(CustodianInvalid, match="never in force"):
            handed.reshares.store(handed.made().to_bytes())

    def test_a_set_without_keys(self, handed: Handed) -> None:
        bare = [Custodian(one.id, one.identity.recipient) for one in handed.new[:2]]
        chosen = CustodianSet(2, tuple(bare))
        with writing(handed.world.engine) as connection:
            put_in_force(connection, chosen, NOW_US)
        with pytest.raises(CustodianInvalid, match="no registered signing key"):
            handed.reshares.store(handed.made(chosen).to_bytes())

    def test_of_a_period_that_is_not_here(self, handed: Handed) -> None:
        elsewhere = mint(
            canonical(
                {
                    "camera": "gate",
                    "epoch": 9,
                    "period": 9,
                    "opened_us": NOW_US,
                    "custodians": handed.set.document(),
                }
            )
        )
        old = {office.id: office.identity for office in handed.new}
        data = hand_on(elsewhere, old, handed.set).to_bytes()
        with pytest.raises(SealBroken, match="No period here"):
            handed.reshares.store(data)

    @pytest.mark.parametrize("data", [b"", b"{}", b"[]", b'{"format":"scrim-reshare-v1"}'])
    def test_something_else(self, handed: Handed, data: bytes) -> None:
        with pytest.raises(SealBroken):
            handed.reshares.store(data)

    def test_one_deal_altered(self, handed: Handed) -> None:
        handed.world.set_custodians(handed.new, 2)
        value = json.loads(handed.made().to_bytes())
        value["deals"][0]["body"]["dealt_us"] += 1
        with pytest.raises(StatementInvalid):
            handed.reshares.store(canonical(value))

    def test_stopped_between_object_and_entry(
        self, handed: Handed, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made, later = handed.made(), handed.made()
        handed.world.set_custodians(handed.new, 2)

        def full(*_: object) -> None:
            raise LedgerUnavailable("The ledger cannot be written.")

        with monkeypatch.context() as patch:
            patch.setattr(type(handed.world.ledger), "append_in", full)
            with pytest.raises(LedgerUnavailable):
                handed.reshares.store(made.to_bytes())
        key = reshare_key("gate", 1, 1, digest_of(handed.set))
        assert handed.world.objects.exists(key)
        assert handed.world.ask().locks[0].others == (), "without its entry it counts for nothing"
        stored = handed.reshares.store(later.to_bytes())
        assert handed.world.objects.get(key) == later.to_bytes()
        assert stored.sha256 == later.sha256


def digest_of(custodians: CustodianSet) -> str:
    return digest(custodians.document())
