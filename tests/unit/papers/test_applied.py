"""Which packs a camera is under, and which cannot be over it together."""

from __future__ import annotations

import pytest
from tests.unit.papers.office import START, Office, write_pack

from scrim.changes import RETENTION
from scrim.changes.retention import change_retention, retention_change
from scrim.errors import NormsConflict, PackInvalid, PaperRefused
from scrim.papers.applied import Applied
from scrim.papers.own import DAY_S, own_of_settings
from scrim.papers.placing import Placing
from scrim.papers.standing import standings
from scrim.retention.own import OwnLimit
from scrim.settings import RetentionSettings
from scrim.store.database import reading, writing


def over(office: Office, camera: str) -> list[str]:
    with reading(office.deployment.engine) as connection:
        found = office.applied.of_cameras(connection, standings(connection))
    return [norm.pack.id for norm in found[camera]]


def test_a_camera_is_under_the_packs_of_all_it_belongs_to(office: Office) -> None:
    for name in ("a-camera", "a-site"):
        write_pack(office.packs, name, {f"{name}-1": "read"}, "")
    office.sites.add("north", {})
    office.enrol("gate", Placing(site="north"))
    office.enrol("yard")
    office.applied.apply("town")
    office.applied.apply("a-site", site="north")
    office.applied.apply("a-camera", camera="yard")
    assert over(office, "gate") == ["a-site", "town"]
    assert over(office, "yard") == ["a-camera", "town"]
    office.applied.apply("town")  # again: nothing changes
    office.applied.remove("town")
    assert over(office, "gate") == ["a-site"]
    reasons = [entry.reason for entry in office.entries()]
    assert reasons.count("pack-applied") == 3
    assert reasons.count("pack-removed") == 1


def test_packs_that_cannot_be_met_together_are_refused_with_both_rules(office: Office) -> None:
    write_pack(
        office.packs,
        "keeps",
        {"keeps-1": "read"},
        "retention: [{rule: keeps-1, floor: {days: 30}}]",
    )
    write_pack(
        office.packs,
        "erases",
        {"erases-1": "read"},
        "retention: [{rule: erases-1, ceiling: {hours: 72}}]",
    )
    office.sites.add("north", {})
    office.enrol("gate", Placing(site="north"))
    office.applied.apply("keeps", site="north")
    with pytest.raises(NormsConflict) as refused:
        office.applied.apply("erases", camera="gate")
    assert refused.value.rules == ("keeps-1", "erases-1")
    with pytest.raises(NormsConflict):
        office.applied.apply("erases")
    assert [one.pack for one in office.applied.list()] == ["keeps"]
    office.enrol("yard")
    office.applied.apply("erases", camera="yard")
    with pytest.raises(NormsConflict):
        office.placings.set("yard", Placing(site="north"))
    assert office.cameras.get("yard").site == "default"


def test_china_and_the_european_union_cannot_be_met_on_one_camera(office: Office) -> None:
    office.enrol()
    office.applied.apply("cn")
    with pytest.raises(NormsConflict) as refused:
        office.applied.apply("eu")
    assert refused.value.rules == ("cn-01", "eu-01")
    assert [one.pack for one in office.applied.list()] == ["cn"]


def test_a_pack_that_is_not_there_or_not_right_changes_nothing(office: Office) -> None:
    with pytest.raises(PackInvalid, match="no pack 'mars'"):
        office.applied.apply("mars")
    (office.packs / "bad.yaml").write_text("format: scrim-pack-v1\nid: bad\n")
    with pytest.raises(PackInvalid, match=r"bad\.yaml"):
        office.applied.apply("bad")
    assert office.applied.list() == ()


def test_a_purpose_is_one_that_the_packs_know(office: Office) -> None:
    write_pack(
        office.packs,
        "aims",
        {"aims-1": "read"},
        "purposes: [{id: safety, title: Safety, source: read, legal_basis: The law of the town.}]",
    )
    office.applied.apply("aims")
    with pytest.raises(PaperRefused, match="safety"):
        office.enrol("gate", Placing(purpose="fun"))
    office.enrol("gate", Placing(purpose="safety"))
    assert office.cameras.get("gate").purpose == "safety"


def test_a_camera_moves_to_no_site_whose_packs_do_not_know_its_purpose(office: Office) -> None:
    office.sites.add("south", {"place": "street"})
    office.applied.apply("cn", site="south")
    office.enrol("gate", Placing(purpose="traffic"))
    with pytest.raises(PaperRefused, match="traffic"):
        office.placings.set("gate", Placing(site="south"))
    assert office.cameras.get("gate").site == "default"
    office.placings.set("gate", Placing(site="south", purpose="public-safety"))
    assert office.cameras.get("gate").site == "south"


def test_a_pack_that_asks_for_longer_than_the_settings_say_is_refused(office: Office) -> None:
    write_pack(
        office.packs,
        "keeps",
        {"keeps-1": "read"},
        "retention: [{rule: keeps-1, side: sealed, floor: {days: 40}}]",
    )
    office.enrol()
    here = office.deployment
    with pytest.raises(NormsConflict) as refused:
        office.applied.apply("keeps")
    assert refused.value.rules == ("keeps-1", "retention.sealed_days")
    longer = own_of_settings(RetentionSettings(sealed_days=50))
    Applied(here.engine, here.ledger, office.clock, office.packs, longer).apply("keeps")
    with reading(here.engine) as connection, pytest.raises(NormsConflict):
        office.applied.check_limits(connection)  # as after the setting was put back


def test_what_was_said_of_one_camera_stands_in_the_way_of_a_pack(office: Office) -> None:
    write_pack(
        office.packs,
        "keeps",
        {"keeps-1": "read"},
        "retention: [{rule: keeps-1, floor: {days: 10}}]",
    )
    office.enrol("gate")
    office.enrol("yard")
    here = office.deployment
    own = OwnLimit(7 * DAY_S, 0, "A school asked for it.")
    made = here.changes().make(
        RETENTION, retention_change("gate", {"masked": own}), "retention-set"
    )
    assert made is not None, "it takes two people"
    with writing(here.engine) as connection:
        change_retention(connection, here.ledger, START, here.retention(), made.change)
    with pytest.raises(NormsConflict) as refused:
        office.applied.apply("keeps")
    assert refused.value.rules == ("keeps-1", "camera.masked")
    office.applied.apply("keeps", camera="yard")
