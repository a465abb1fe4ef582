"""Custodian sets by their hash, for periods whose documents name no signing keys."""

from __future__ import annotations

import copy
import json

from tests.unit.cases.world import NOW_US, World

from scrim.canonical import digest
from scrim.ledger import Act, Entry
from scrim.vault import Custodian, CustodianSet


def test_the_record_names_the_set_that_knows_the_keys(world: World) -> None:
    nameless = [copy.copy(office) for office in world.offices]
    for office in nameless:
        office.custodian = Custodian(office.id, office.identity.recipient)
    world.seal(period=2, offices=nameless)
    known = digest(CustodianSet(2, tuple(one.custodian for one in world.offices)).document())
    file = world.ask()
    world.checkpoint()
    record = json.loads(world.cases.record(world.officer, file.id))
    assert record["custodians"] == {}, "there is no entry of it, so nothing can be shown"
    entry = Entry(
        Act.CUSTODIANS_SET, NOW_US, "operator", "operator", "ceremony", facts={"set": known}
    )
    index = world.ledger.append(entry).index
    world.checkpoint()
    record = json.loads(world.cases.record(world.officer, file.id))
    assert {sha256: one["index"] for sha256, one in record["custodians"].items()} == {known: index}


def test_a_case_whose_documents_name_the_keys_needs_none(world: World) -> None:
    file = world.ask()
    world.checkpoint()
    assert json.loads(world.cases.record(world.officer, file.id))["custodians"] == {}
