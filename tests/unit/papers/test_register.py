"""Sites, papers and where cameras stand: what is taken, what is refused, what the ledger says."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text
from tests.unit.papers.office import DAY_US, START, Office

from scrim.errors import (
    CameraUnknown,
    LedgerUnavailable,
    PaperRefused,
    PaperUnknown,
    PlaceForbidden,
)
from scrim.ledger import Act
from scrim.norms.pack import Paper as Kind
from scrim.papers.placing import Placing
from scrim.store.database import writing


def test_a_site_is_on_record_and_its_people_are_not_in_the_ledger(office: Office) -> None:
    made = office.sites.add(
        "north",
        {
            "name": "North station",
            "place": "station",
            "controller": "Ada Lovelace",
            "contact": "ada@example.org",
            "zone": "Asia/Hong_Kong",
            "country": "HK",
            "labels": ("key-target",),
        },
    )
    assert office.sites.get("north") == made
    office.sites.set("north", {"contact": "post@example.org"})
    assert office.sites.get("north").controller == "Ada Lovelace"
    whole = b"".join(entry.body() for entry in office.entries())
    assert b"Lovelace" not in whole
    assert b"example" not in whole
    said = [entry.facts["said"] for entry in office.entries()]
    assert [entry.reason for entry in office.entries()] == ["site-added", "site-changed"]
    assert said[0] != said[1]


def test_there_is_a_site_before_anybody_speaks_of_one(office: Office) -> None:
    assert [site.id for site in office.sites.list()] == ["default"]
    office.sites.set("default", {"controller": "City"})
    assert office.sites.get("default").controller == "City"


@pytest.mark.parametrize(
    ("site", "said"),
    [
        ("North Station", {}),
        ("north", {"place": "toilette"}),
        ("north", {"zone": "Asia/Hongkong"}),
        ("north", {"zone": "../etc/passwd"}),
        ("north", {"language": "fr"}),
        ("north", {"country": "Hong Kong"}),
        ("north", {"labels": ("Key Target",)}),
        ("north", {"contact": "a\nb"}),
        ("north", {"contact": "a\u2028b"}),
        ("north", {"name": "North\u202e"}),
        ("north", {"name": " "}),
        ("north", {"controller": "x" * 401}),
    ],
)
def test_a_site_that_cannot_be_changes_nothing(
    office: Office, site: str, said: dict[str, Any]
) -> None:
    with pytest.raises(PaperRefused):
        office.sites.add(site, said)
    assert [one.id for one in office.sites.list()] == ["default"]
    assert office.entries() == []


def test_what_is_not_there_is_said(office: Office) -> None:
    with pytest.raises(PaperUnknown, match="no site 'south'"):
        office.sites.set("south", {})
    with pytest.raises(PaperUnknown, match="paper-x"):
        office.papers.revoke("paper-x", "why")
    with pytest.raises(CameraUnknown, match="gate"):
        office.paper(Kind.SIGN, camera="gate")
    with pytest.raises(PaperUnknown, match="south"):
        office.paper(Kind.SIGN, site="south")
    with pytest.raises(PaperUnknown, match="south"):
        office.enrol("gate", Placing(site="south"))
    with pytest.raises(CameraUnknown):
        office.placings.set("gate", Placing(place="street"))
    with pytest.raises(PaperUnknown, match="not applied to everything"):
        office.applied.remove("town")
    with pytest.raises(CameraUnknown):
        office.applied.apply("town", camera="gate")


def test_days_of_a_paper_are_those_of_its_site(office: Office) -> None:
    office.sites.add("north", {"zone": "Asia/Hong_Kong"})
    office.enrol("gate", Placing(site="north"))
    row = office.paper(Kind.SIGN, camera="gate", issued="2026-03-01", expires="2026-03-01")
    assert row.issued_us == START - 8 * 3600 * 1_000_000
    assert row.expires_us == row.issued_us + DAY_US  # the last day counts to its end


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (Kind.SIGN, {"issued": "2026-02-30"}),
        (Kind.SIGN, {"issued": "tomorrow"}),
        (Kind.SIGN, {"issued": "2026-3-1"}),
        (Kind.SIGN, {"issued": "2026-03-02"}),
        (Kind.SIGN, {"issued": "1900-01-01"}),
        (Kind.SIGN, {"expires": "2026-02-28"}),
        (Kind.SIGN, {"expires": "9999-12-31"}),
        (Kind.SIGN, {"reference": " "}),
        (Kind.SIGN, {"reference": "file 7\nfile 8"}),
        (Kind.SIGN, {"reference": "file \x1b[31m7"}),
        (Kind.SIGN, {"reference": "file \u202e7"}),
        (Kind.SIGN, {"document_sha256": "abc"}),
        (Kind.SIGN, {"says": ("sound",)}),
        (Kind.SIGN, {"filing": "public-security"}),
        (Kind.SIGN, {"purpose": "safety"}),
        (Kind.SIGN, {"site": "default"}),
        (Kind.FILING, {}),
        (Kind.PURPOSE, {}),
        (Kind.PURPOSE, {"purpose": "Public Safety"}),
    ],
)
def test_a_paper_that_cannot_be_is_not_on_record(
    office: Office, kind: Kind, said: dict[str, Any]
) -> None:
    office.enrol()
    before = len(office.entries())
    with pytest.raises(PaperRefused):
        office.paper(kind, camera="gate", **said)
    assert office.papers.list() == ()
    assert len(office.entries()) == before


def test_a_camera_has_one_purpose(office: Office) -> None:
    office.enrol("gate", Placing(purpose="safety"))
    with pytest.raises(PaperRefused, match="has one purpose"):
        office.paper(Kind.PURPOSE, camera="gate", purpose="traffic")
    first = office.paper(Kind.PURPOSE, camera="gate")
    assert first.purpose == "safety"
    office.placings.set("gate", Placing(purpose="traffic"))
    with pytest.raises(PaperRefused, match=first.id):
        office.paper(Kind.PURPOSE, camera="gate")
    office.papers.revoke(first.id, "the street was closed")
    assert office.paper(Kind.PURPOSE, camera="gate").purpose == "traffic"


def test_revoking_is_said_once_with_a_reason_and_deletes_nothing(office: Office) -> None:
    row = office.paper(Kind.SIGN)
    with pytest.raises(PaperRefused, match="reason"):
        office.papers.revoke(row.id, " ")
    office.papers.revoke(row.id, "taken down by Ada")
    with pytest.raises(PaperRefused, match="already"):
        office.papers.revoke(row.id, "again")
    assert [one.id for one in office.papers.list()] == [row.id]
    assert [entry.reason for entry in office.entries()] == ["paper-recorded", "paper-revoked"]
    assert b"Ada" not in b"".join(entry.body() for entry in office.entries())


def test_a_revoked_paper_does_not_come_back_with_a_clock_that_was_ahead(office: Office) -> None:
    office.enrol()
    made = office.paper(Kind.SIGN, camera="gate")
    office.clock.us += 400 * DAY_US
    gone = office.papers.revoke(made.id, "wrong address")
    office.clock.us -= 399 * DAY_US
    assert not gone.in_force(office.clock.us)
    office.applied.apply("town")
    (verdict,) = office.new_gatekeeper().judge().values()
    assert ("sign", "revoked") in [(one.paper, one.why) for one in verdict.waits]


def test_invariant_5_no_paper_without_its_entry(office: Office) -> None:
    with writing(office.deployment.engine) as connection:
        connection.execute(text("DROP TABLE entry"))
    with pytest.raises(LedgerUnavailable):
        office.paper(Kind.SIGN)
    with pytest.raises(LedgerUnavailable):
        office.sites.add("north", {})
    with pytest.raises(LedgerUnavailable):
        office.applied.apply("town")
    assert office.papers.list() == ()
    assert office.applied.list() == ()
    assert [site.id for site in office.sites.list()] == ["default"]


def test_a_camera_is_not_enrolled_at_a_place_that_a_pack_forbids(office: Office) -> None:
    office.applied.apply("town")
    with pytest.raises(PlaceForbidden, match="town-3") as refused:
        office.enrol("gate", Placing(place="toilet"))
    assert refused.value.rule == "town-3"
    assert office.cameras.list() == ()
    office.enrol()
    with pytest.raises(PlaceForbidden):
        office.placings.set("gate", Placing(place="bath-house"))  # a word of the pack's own
    assert office.cameras.get("gate").place == "street"


def test_nor_at_a_site_that_is_such_a_place(office: Office) -> None:
    office.sites.add("baths", {"place": "toilet"})
    office.enrol("gate", Placing(site="baths", place="entrance"))
    with pytest.raises(PlaceForbidden, match="camera gate"):
        office.applied.apply("town", camera="gate")
    office.enrol("yard")
    office.applied.apply("town", camera="yard")
    with pytest.raises(PlaceForbidden):
        office.placings.set("yard", Placing(site="baths"))
    with pytest.raises(PlaceForbidden):
        office.sites.set("default", {"place": "toilet"})
    with pytest.raises(PlaceForbidden, match=r"camera gate|site baths"):
        office.applied.apply("town")
    assert [one.camera for one in office.applied.list()] == ["yard"]


def test_a_kind_of_place_that_nobody_knows_is_refused(office: Office) -> None:
    with pytest.raises(PaperRefused, match="'tolet'"):
        office.enrol("gate", Placing(place="tolet"))
    assert office.cameras.list() == ()


def test_a_camera_enrolled_again_under_its_old_id_does_not_keep_its_old_place(
    office: Office,
) -> None:
    office.enrol("gate", Placing(place="street", purpose="safety", owner="Ada"))
    office.cameras.remove("gate")
    office.enrol("gate", Placing())
    found = office.cameras.get("gate")
    assert (found.place, found.purpose, found.owner) == (None, None, None)


def test_papers_of_a_camera_that_was_removed_are_not_those_of_another_with_its_id(
    office: Office,
) -> None:
    office.enrol()
    office.enrol("yard")
    office.sites.add("north", {"place": "station"})
    made = office.paper(Kind.SIGN, camera="gate")
    others = [office.paper(Kind.SIGN, camera="yard"), office.paper(Kind.SIGN, site="north")]
    office.cameras.add("gate", "file", "/b.mp4", replace=True)
    assert all(one.revoked_us is None for one in office.papers.list())  # still the same camera
    office.cameras.remove("gate")
    office.enrol("gate", Placing(site="north"))
    revoked = [one.id for one in office.papers.list() if one.revoked_us is not None]
    assert revoked == [made.id]
    assert {one.id for one in office.papers.list()} == {made.id, *(one.id for one in others)}
    reasons = [entry.reason for entry in office.entries()]
    assert reasons[-2:] == ["paper-revoked", "camera-added"]
    office.applied.apply("town")
    waits = office.new_gatekeeper().judge()["gate"].waits
    assert "sign" not in {one.paper for one in waits}  # that of its new site


def test_entries_of_a_camera_name_no_owner(office: Office) -> None:
    office.enrol("gate", Placing(owner="Ada Lovelace"))
    (entry,) = office.entries()
    assert entry.act is Act.CONFIGURED
    assert str(entry.facts["owner"]).startswith("sha256:")
