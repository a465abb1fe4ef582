"""Each fact of a camera against a made-up deployment."""

from typing import Any

import pytest
from sqlalchemy import update
from tests.unit.duties.town import DAY_US, START, Town

from scrim.clock import SECOND, from_text
from scrim.norms.pack import Paper as Kind
from scrim.papers.placing import Placing
from scrim.store import schema
from scrim.store.database import writing
from scrim.store.people_counted import HOUR_US

DAY_S = 86_400


def test_an_enrolled_camera_records_and_a_removed_one_does_not(town: Town) -> None:
    town.enrol()
    names = ("enabled", "recording", "removed")
    assert [town.fact(f"camera.{name}") for name in names] == [True, True, False]
    town.record("gate", START)
    town.cameras.remove("gate")
    assert [town.fact(f"camera.{name}") for name in names] == [False, False, True]


def test_of_a_removed_camera_nothing_is_asked_once_nothing_of_it_is_left(town: Town) -> None:
    town.enrol()
    town.cameras.remove("gate")
    assert not [key for key in town.deployment.checks().facts() if key[0] == "camera"]


def test_a_camera_that_the_gate_withholds_does_not_record(town: Town) -> None:
    town.enrol()
    town.applied.apply("town")
    town.gatekeeper.settle()
    assert town.fact("camera.recording") is False


def test_when_it_first_recorded(town: Town) -> None:
    town.enrol()
    assert town.fact("camera.in_use_since") is None
    town.record("gate", START + 7)
    assert town.fact("camera.in_use_since") == START + 7


def test_the_first_change_that_a_filing_does_not_say(town: Town) -> None:
    town.enrol()
    town.clock.us += 10
    town.cameras.add("gate", "file", "/b.mp4", replace=True)
    town.deployment.checks(town.applied).run()
    assert town.fact("camera.changed_since_filing") is None  # nothing was filed
    town.clock.us += 10
    town.paper(Kind.FILING, camera="gate", filing="public-security")
    town.deployment.watch(lambda: 0.0).look()
    assert town.fact("camera.changed_since_filing") is None
    town.clock.us += 10
    town.placings.set("gate", Placing(place="bus"))
    changed = town.clock.us
    town.clock.us += 10
    town.cameras.add("gate", "file", "/c.mp4", replace=True)
    town.deployment.watch(lambda: 0.0).look()
    assert town.fact("camera.changed_since_filing") == changed
    assert town.fact("camera.filings") == ("public-security",)


def test_a_change_that_was_handed_in_is_no_change_any_more(town: Town) -> None:
    town.enrol("gate")
    town.enrol("yard")
    town.paper(Kind.FILING, filing="public-security")
    town.clock.us += 10
    for camera in ("gate", "yard"):
        town.placings.set(camera, Placing(place="bus"))
    changed = town.clock.us
    town.deployment.watch(lambda: 0.0).look()
    filing = {
        "kind": "public-security", "change": 1, "state": "filed", "pack": "cn",
        "rule": "cn-02-change", "required_us": changed, "due_us": changed + DAY_US,
        "counted": "as-said", "seen_us": changed, "salt": b"x" * 16,
    }  # fmt: skip
    town.put(schema.filing, id="fil-1", camera="gate", filed_us=changed - 1, **filing)
    assert town.fact("camera.changed_since_filing", "gate") == changed  # one of before says nothing
    town.put(schema.filing, id="fil-2", camera="gate", filed_us=changed + 5, **filing)
    assert town.fact("camera.changed_since_filing", "gate") is None
    assert town.fact("camera.changed_since_filing", "yard") == changed
    town.put(schema.filing, id="fil-3", filed_us=changed + 5, **filing)
    assert town.fact("camera.changed_since_filing", "yard") is None


def test_its_place_its_sites_where_none_is_said(town: Town) -> None:
    town.sites.add("north", {"place": "station", "labels": ("key-target",), "public_access": False})
    town.enrol("gate", Placing(site="north", labels=("night",)))
    assert town.fact("camera.place") == "station"
    assert town.fact("camera.labels") == ("key-target", "night")
    assert town.fact("camera.public_place") is False
    town.placings.set("gate", Placing(place="platform"))
    assert town.fact("camera.place") == "platform"


def test_a_purpose_is_written_when_its_paper_is_in_force(town: Town) -> None:
    town.enrol()
    assert town.fact("camera.purpose") is None
    town.placings.set("gate", Placing(purpose="public-safety"))
    assert town.fact("camera.purpose") == "public-safety"
    assert town.fact("camera.purpose_written") is False
    town.paper(
        Kind.PURPOSE, camera="gate", purpose="public-safety", says=("sound", "zoom", "analysis")
    )
    assert town.fact("camera.purpose_written") is True
    assert town.fact("camera.purpose_over") is False
    for name in ("sound_needed", "zoom_needed", "analysis_needed"):
        assert town.fact(f"camera.{name}") is True
    assert town.fact("camera.retention_reason") is False


def test_another_purpose_than_that_of_the_paper_is_not_written(town: Town) -> None:
    town.enrol("gate", Placing(purpose="traffic"))
    town.paper(Kind.PURPOSE, purpose="public-safety", says=("over", "retention"))
    assert town.fact("camera.purpose_written") is False
    assert town.fact("camera.purpose_over") is False
    assert town.fact("camera.retention_reason") is False


def test_a_purpose_that_is_over_and_a_reason_for_so_long(town: Town) -> None:
    town.enrol("gate", Placing(purpose="traffic"))
    town.paper(Kind.PURPOSE, purpose="traffic", says=("over", "retention"))
    assert town.fact("camera.purpose_over") is True
    assert town.fact("camera.retention_reason") is True


def test_somebody_answers_for_it_or_for_its_site(town: Town) -> None:
    town.enrol()
    assert town.fact("camera.owner_named") is False
    town.placings.set("gate", Placing(owner="Works Office"))
    assert town.fact("camera.owner_named") is True
    town.placings.set("gate", Placing(owner=""))
    town.sites.add("default", {"controller": "City"})
    assert town.fact("camera.owner_named") is True


@pytest.mark.parametrize(("kind", "name"), [(Kind.SIGN, "sign"), (Kind.ASSESSMENT, "assessment")])
def test_a_paper_counts_from_its_first_day_to_its_last(town: Town, kind: Kind, name: str) -> None:
    town.enrol()
    assert town.fact(f"camera.{name}") is False
    assert town.fact(f"camera.{name}_expires") is None
    town.paper(kind, camera="gate", expires="2026-03-10")
    assert town.fact(f"camera.{name}") is True
    ends = from_text("2026-03-11T00:00:00Z")
    assert town.fact(f"camera.{name}_expires") == ends
    assert town.fact("camera.review_due") == (ends if kind is Kind.ASSESSMENT else None)
    town.clock.us = ends
    assert town.fact(f"camera.{name}") is False


def test_a_pack_says_how_long_a_paper_is_good(town: Town) -> None:
    town.enrol()
    town.applied.apply("town")
    town.paper(Kind.ASSESSMENT, camera="gate")
    end = from_text("2027-03-02T00:00:00Z")  # the last day counts whole
    assert town.fact("camera.assessment_expires") == end
    town.clock.us = end
    assert town.fact("camera.assessment") is False


def test_an_assessment_that_came_after_the_first_recording_was_not_first(town: Town) -> None:
    town.enrol("late")
    town.enrol("soon")
    assert town.fact("camera.assessment_first", "late") is False
    town.paper(Kind.ASSESSMENT, camera="soon")
    town.record("late", START + SECOND)
    town.record("soon", START + SECOND)
    town.clock.us += 5 * SECOND
    town.paper(Kind.ASSESSMENT, camera="late")
    assert town.fact("camera.assessment_first", "soon") is True
    assert town.fact("camera.assessment_first", "late") is False


def test_what_is_so_of_every_camera(town: Town) -> None:
    town.enrol()
    for name in ("consent", "zoom", "analysis", "public", "sound_recorded"):
        assert town.fact(f"camera.{name}") is False
    assert town.fact("camera.density") is None
    assert town.fact("camera.sealed_early") == town.fact("camera.masked_early") == 0


@pytest.mark.parametrize(
    ("cover", "said"),
    [
        (["faces"], ("faces",)),
        (["persons"], ("faces", "persons")),
        (["faces", "vehicles"], ("faces", "plates", "vehicles")),
    ],
)
def test_what_is_wider_covers_what_is_within_it(town: Town, cover: Any, said: Any) -> None:
    town.enrol()
    town.cameras.set_policy("gate", {"cover": cover})
    assert town.fact("camera.covers") == said


@pytest.mark.parametrize(
    ("kind", "source", "encrypted"),
    [
        ("file", "/a.mp4", True),
        ("usb", "/dev/video0", True),
        ("rtsp", "rtsps://u:p@cam.example/1", True),
        ("rtsp", "rtsp://127.0.0.1:8554/1", True),
        ("rtsp", "rtsp://u:p@cam.example/1", False),
        ("rtsp", "rtsp://[broken/1", False),
    ],
)
def test_whether_the_way_from_the_camera_is_encrypted(
    town: Town, kind: str, source: str, encrypted: bool
) -> None:
    town.cameras.add("gate", kind, source)
    assert town.fact("camera.link_encrypted") is encrypted


def test_limits_are_the_settings_where_nothing_else_is_said(town: Town) -> None:
    town.enrol()
    for side in ("sealed", "masked"):
        assert town.fact(f"camera.{side}_floor") == 0
        assert town.fact(f"camera.{side}_ceiling") == 30 * DAY_S


def test_limits_are_the_packs_and_the_cameras_own(town: Town) -> None:
    town.enrol()
    town.applied.apply("cn")
    assert town.fact("camera.sealed_floor") == 30 * DAY_S
    town.put(
        schema.retention_limit, camera="gate", side="masked", ceiling_s=5 * DAY_S, floor_s=0,
        reason="small", salt=b"x" * 16, set_us=START, entry=0,
    )  # fmt: skip
    assert town.fact("camera.masked_ceiling") == 5 * DAY_S
    assert town.fact("camera.retention_reason") is True


def test_limits_that_contradict_each_other_are_not_told(town: Town) -> None:
    town.enrol()
    town.applied.apply("cn")
    town.put(schema.pack_applied, pack="eu", since_us=START)
    with pytest.raises(KeyError):
        town.fact("camera.sealed_ceiling")
    outcomes = town.deployment.checks(town.applied).look(rule="cn-01")
    assert [one.verdict.status for one in outcomes] == ["breached"]
    assert "sealed_floor" in outcomes[0].verdict.why


def test_what_is_kept_and_how_old_it_is(town: Town) -> None:
    town.enrol()
    town.enrol("other")
    town.record("gate", START - 9 * DAY_US)
    town.record("gate", START - 3 * DAY_US)
    town.record("gate", START - 40 * DAY_US, state="erasing")
    town.record("gate", START - 2 * DAY_US, "masked")
    assert town.fact("camera.sealed_objects", "gate") == 2
    assert town.fact("camera.masked_objects", "gate") == 1
    assert town.fact("camera.sealed_oldest_age", "gate") == 9 * DAY_S
    assert town.fact("camera.masked_oldest_age", "gate") == 2 * DAY_S
    assert town.fact("camera.sealed_objects", "other") == 0
    assert town.fact("camera.sealed_oldest_age", "other") is None


def test_what_is_past_its_ceiling_is_overdue_but_for_what_is_held(town: Town) -> None:
    town.enrol()
    for days in (29, 30, 31, 32):
        town.record("gate", START - days * DAY_US - 2 * SECOND)
    town.clock.us += 120 * SECOND
    assert town.fact("camera.sealed_overdue") == 3
    assert town.fact("camera.masked_overdue") == 0
    town.hold("gate", START - 33 * DAY_US, START - 32 * DAY_US)
    assert town.fact("camera.sealed_overdue") == 2
    assert town.fact("camera.held_objects") == 1
    assert town.fact("camera.sealed_oldest_age") == 31 * DAY_S + 122
    town.change(schema.hold, schema.hold.c.camera == "gate", lifted_us=town.clock.us)
    assert town.fact("camera.held_objects") == 0
    assert town.fact("camera.sealed_overdue") == 2  # the next sweep takes it
    town.clock.us += 120 * SECOND
    assert town.fact("camera.sealed_overdue") == 3


def test_what_the_next_sweep_takes_is_not_overdue(town: Town) -> None:
    town.enrol()
    town.record("gate", START - 30 * DAY_US)
    town.clock.us += 3 * SECOND  # past its ceiling, since the last sweep
    assert town.fact("camera.sealed_overdue") == 0
    town.clock.us = START + 119 * SECOND
    assert town.fact("camera.sealed_overdue") == 0
    town.clock.us += 4 * SECOND
    assert town.fact("camera.sealed_overdue") == 1


def test_people_are_counted_by_their_tracks_or_not_told(town: Town) -> None:
    town.enrol()
    assert town.fact("camera.people_counted") == 0
    hour_us = START - START % HOUR_US
    town.put(schema.face_count, camera="gate", hour_us=hour_us, tracks=7, uncounted=0)
    assert town.fact("camera.people_counted") == 0  # no original of that hour is there
    town.record("gate", START)
    assert town.fact("camera.people_counted") == 7
    assert town.fact("deployment.people_counted") == 7
    with writing(town.deployment.engine) as connection:
        connection.execute(update(schema.face_count).values(uncounted=1))
    with pytest.raises(KeyError):
        town.fact("camera.people_counted")
    town.change(schema.segment, schema.segment.c.camera == "gate", state="erased")
    town.record("gate", START + DAY_US)
    assert town.fact("camera.people_counted") == 0
    assert town.fact("deployment.people_counted") == 0
