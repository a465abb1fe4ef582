"""What the gate writes down: entries, gaps, and nothing twice."""

from __future__ import annotations

import pytest
from tests.unit.papers.office import DAY_US, START, Office

from scrim.clock import SECOND
from scrim.fleet.admission import Admission
from scrim.ledger import Act, Entry
from scrim.norms.pack import Paper as Kind
from scrim.papers import gatekeeper
from scrim.papers.gatekeeper import Gatekeeper, gates
from scrim.papers.placing import Placing
from scrim.store.database import reading

START_S, DAY_S = START // SECOND, DAY_US // SECOND


def ready(office: Office) -> None:
    office.enrol()
    office.applied.apply("town")


def acts(office: Office) -> list[tuple[Act, object]]:
    return [
        (entry.act, entry.facts.get("waits") or entry.facts.get("cause"))
        for entry in office.entries()
        if entry.act is not Act.CONFIGURED
    ]


def test_without_packs_nothing_is_written(office: Office) -> None:
    office.enrol()
    before = len(office.entries())
    settled = office.gatekeeper.settle()
    office.gatekeeper.open_gaps()
    assert (settled.withheld, settled.news) == (frozenset(), ())
    assert len(office.entries()) == before


def test_a_camera_that_waits_is_withheld_until_its_papers_come(office: Office) -> None:
    ready(office)
    settled = office.gatekeeper.settle()
    assert settled.withheld == {"gate"}
    assert "town-1 (Law of town-1, s.1)" in settled.news[0]
    assert "town-2 (Law of town-2, s.1, unverified)" in settled.news[0]
    office.gatekeeper.open_gaps()
    assert office.gaps() == [("papers-missing", START_S, None)]
    again = office.gatekeeper.settle()
    assert again.withheld == {"gate"}
    assert again.news == ()
    office.clock.us += DAY_US
    office.paper(Kind.SIGN)
    assert office.gatekeeper.settle().withheld == {"gate"}
    office.paper(Kind.ASSESSMENT)
    done = office.gatekeeper.settle()
    assert done.withheld == frozenset()
    assert done.news == ("gate: may record",)
    assert office.gaps() == [("papers-missing", START_S, START_S + DAY_S)]
    assert acts(office) == [
        (Act.CAMERA_WITHHELD, ["town-1:sign:missing", "town-2:assessment:missing"]),
        (Act.GAP, "papers-missing"),
        (Act.CAMERA_WITHHELD, ["town-2:assessment:missing"]),
        (Act.CAMERA_ADMITTED, None),
        (Act.GAP, "papers-missing"),
    ]


def test_before_a_paper_ends_it_warns_once_and_then_withholds_with_the_rule(
    office: Office,
) -> None:
    ready(office)
    office.paper(Kind.SIGN)
    office.paper(Kind.ASSESSMENT, expires="2026-03-20")
    ends = START + 20 * DAY_US
    assert office.gatekeeper.settle().news == ()
    office.clock.us = ends - 10 * DAY_US
    assert "expires 2026-03-21" in office.gatekeeper.settle().news[0]
    assert office.gatekeeper.settle().news == ()
    with reading(office.deployment.engine) as connection:
        (warning,) = gates(connection)["gate"]["warnings"]
    assert (warning["rule"], warning["ends_us"]) == ("town-2", ends)
    office.alive("gate", ends + 7 * SECOND)  # its recorder ran a moment longer
    office.clock.us = ends
    assert office.gatekeeper.settle().withheld == {"gate"}
    office.gatekeeper.open_gaps()
    assert office.gaps() == [("papers-missing", ends // SECOND + 7, None)]
    assert acts(office)[:2] == [
        (Act.PAPER_EXPIRING, ["town-2:assessment:expires"]),
        (Act.CAMERA_WITHHELD, ["town-2:assessment:expired"]),
    ]


def test_a_clock_set_back_brings_no_paper_back(office: Office) -> None:
    ready(office)
    office.paper(Kind.SIGN)
    office.paper(Kind.ASSESSMENT, expires="2026-03-20")
    office.clock.us = START + 20 * DAY_US
    assert office.gatekeeper.settle().withheld == {"gate"}
    office.clock.us = START + DAY_US
    assert office.gatekeeper.settle().withheld == {"gate"}
    assert office.new_gatekeeper().settle().withheld == {"gate"}


def test_a_revoked_paper_withholds_at_once(office: Office) -> None:
    ready(office)
    sign = office.paper(Kind.SIGN)
    office.paper(Kind.ASSESSMENT)
    assert office.gatekeeper.settle().withheld == frozenset()
    office.clock.us += 1
    office.papers.revoke(sign.id, "it fell down")
    assert office.gatekeeper.settle().withheld == {"gate"}
    assert acts(office) == [(Act.CAMERA_WITHHELD, ["town-1:sign:revoked"])]


def test_invariant_9_a_camera_whose_place_nobody_has_said_is_withheld_until_somebody_has(
    office: Office,
) -> None:
    office.enrol("gate", Placing())
    office.enrol("yard", Placing())
    office.paper(Kind.SIGN)
    office.paper(Kind.ASSESSMENT)
    assert office.gatekeeper.settle().withheld == frozenset()  # both record: no pack forbids
    office.alive("gate", START + 7 * SECOND)
    office.applied.apply("town")
    settled = office.gatekeeper.settle()
    assert settled.withheld == {"gate", "yard"}
    assert "town-3 (Law of town-3, s.1)" in settled.news[0]
    assert "`scrim camera set ID --place KIND`" in settled.news[0]
    office.gatekeeper.open_gaps()
    assert ("papers-missing", START_S + 7, None) in office.gaps()
    office.placings.set("gate", Placing(place="street"))
    assert office.gatekeeper.settle().withheld == {"yard"}
    office.sites.set("default", {"place": "station"})  # which is that of a camera without its own
    assert office.gatekeeper.settle().withheld == frozenset()
    assert acts(office)[:2] == [(Act.CAMERA_WITHHELD, ["town-3::place-unsaid"])] * 2
    assert all(Entry.parse(entry.body()) == entry for entry in office.entries())


def test_the_time_before_is_a_gap_of_its_own_cause(office: Office) -> None:
    ready(office)
    office.alive("gate", START - DAY_US)  # it ran until yesterday, under no pack
    office.gatekeeper.settle()
    office.gatekeeper.open_gaps()
    assert office.gaps() == [
        ("recorder-stopped", START_S - DAY_S, START_S),
        ("papers-missing", START_S, None),
    ]


def test_taking_the_pack_or_the_camera_away_ends_the_wait(office: Office) -> None:
    ready(office)
    office.gatekeeper.settle()
    office.gatekeeper.open_gaps()
    office.cameras.remove("gate")
    office.clock.us += DAY_US
    assert office.gatekeeper.settle().withheld == frozenset()
    assert office.gaps() == [("papers-missing", START_S, START_S + DAY_S)]
    office.enrol("yard")
    assert office.gatekeeper.settle().withheld == {"yard"}
    office.applied.remove("town")
    assert office.gatekeeper.settle().withheld == frozenset()


def test_entries_say_no_more_than_words(office: Office) -> None:
    ready(office)
    office.gatekeeper.settle()
    for entry in office.entries():
        assert Entry.parse(entry.body()) == entry


class Slow:
    """A clock by which a second passes at each look."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1
        return self.now


def test_of_many_cameras_each_call_writes_some_and_none_slips_through(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gatekeeper, "BATCH", 2)
    names = [f"cam-{number}" for number in range(5)]
    for name in names:
        office.enrol(name)
    office.applied.apply("town")
    here = office.deployment
    gate = Gatekeeper(here.engine, here.ledger, office.clock, office.applied, monotonic=Slow())
    admission = Admission(gate, lambda _line: None, lambda: 0.0)

    def entered(act: Act) -> int:
        return sum(entry.act is act for entry in office.entries())

    for written in (2, 4, 5):
        assert admission.admitted(office.cameras.list()) == []
        assert entered(Act.CAMERA_WITHHELD) == written
        with reading(here.engine) as connection:
            assert len(gates(connection)) == written
    for written in (2, 4, 5):
        gate.open_gaps()
        assert len(office.gaps()) == written

    office.paper(Kind.SIGN)
    office.paper(Kind.ASSESSMENT)
    for written in (2, 4):
        admitted = [camera.id for camera in admission.admitted(office.cameras.list())]
        assert admitted == names[:written], "none before its entry"
        assert entered(Act.CAMERA_ADMITTED) == written
    office.enrol("late")  # while the rest is still to be written
    assert "late" not in [c.id for c in admission.admitted(office.cameras.list())]
    assert "late" in [c.id for c in admission.admitted(office.cameras.list())]
    assert entered(Act.CAMERA_WITHHELD) == 5
