"""The gate as a function: papers, packs and the time in, a verdict out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.papers.office import DAY_US, START, write_pack

from scrim.clock import from_text
from scrim.norms.deadlines import calendar_of
from scrim.norms.load import load
from scrim.norms.pack import Paper as Kind
from scrim.papers.gate import InForce, judge
from scrim.papers.paper import PaperRow
from scrim.papers.standing import Standing

STANDING = Standing("gate", "north", "street", "street", purpose="safety")


def norm(folder: Path, rest: str) -> InForce:
    write_pack(folder, "town", {"town-1": "conflicting", "town-2": "read"}, rest)
    pack = load(folder / "town.yaml")
    return InForce(pack, calendar_of(pack))


def paper(kind: Kind = Kind.SIGN, **said: Any) -> PaperRow:
    values: dict[str, Any] = dict.fromkeys(PaperRow.__slots__)
    values |= {
        "id": "paper-2",
        "kind": kind,
        "site": "north",
        "says": (),
        "reference": "x",
        "issued_us": START,
        "recorded_us": START,
        "recorded_by": "y",
    }
    return PaperRow(**values | said)


SIGN = "requires: [{rule: town-1, paper: sign, warn: {days: 5}}]"


def test_without_a_pack_a_camera_records() -> None:
    assert judge(STANDING, [], [], START).may_record


def test_a_paper_that_is_missing_is_named_with_rule_citation_and_that_it_is_unverified(
    tmp_path: Path,
) -> None:
    verdict = judge(STANDING, [norm(tmp_path, SIGN)], [], START)
    assert not verdict.may_record
    (wait,) = verdict.waits
    assert wait.document() == {
        "pack": "town",
        "rule": "town-1",
        "citation": "Law of town-1, s.1",
        "sentence": "What town-1 says.",
        "unverified": True,
        "paper": "sign",
        "filing": None,
        "why": "missing",
        "ends_us": None,
    }
    assert "unverified" in wait.text()


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"camera": "yard", "site": None}, "missing"),
        ({"site": "south"}, "missing"),
        ({"kind": Kind.ASSESSMENT}, "missing"),
        ({"issued_us": START + 1}, "missing"),
        ({"expires_us": START}, "expired"),
        ({"revoked_us": START}, "revoked"),
    ],
)
def test_a_paper_of_another_or_of_another_time_does_not_count(
    tmp_path: Path, said: dict[str, Any], why: str
) -> None:
    verdict = judge(STANDING, [norm(tmp_path, SIGN)], [paper(**said)], START)
    assert [one.why for one in verdict.waits] == [why]


@pytest.mark.parametrize(
    "said", [{}, {"camera": "gate", "site": None}, {"site": None}, {"expires_us": START + 1}]
)
def test_its_own_its_sites_and_everybodys_paper_count(tmp_path: Path, said: dict[str, Any]) -> None:
    assert judge(STANDING, [norm(tmp_path, SIGN)], [paper(**said)], START).may_record


def test_it_is_good_until_the_moment_before_it_expires_and_warns_before(tmp_path: Path) -> None:
    rule, ends = norm(tmp_path, SIGN), START + 20 * DAY_US
    papers = [paper(expires_us=ends)]
    assert judge(STANDING, [rule], papers, ends - 5 * DAY_US - 1).warnings == ()
    warned = judge(STANDING, [rule], papers, ends - 5 * DAY_US)
    assert [(one.why, one.ends_us) for one in warned.warnings] == [("expires", ends)]
    assert warned.may_record
    assert judge(STANDING, [rule], papers, ends - 1).may_record
    assert not judge(STANDING, [rule], papers, ends).may_record
    renewed = [*papers, paper(expires_us=ends + 90 * DAY_US)]
    assert judge(STANDING, [rule], renewed, ends - 1).warnings == ()


def test_how_long_a_paper_is_good_by_the_pack_ends_it_though_it_says_nothing(
    tmp_path: Path,
) -> None:
    rule = norm(tmp_path, "requires: [{rule: town-1, paper: assessment, valid: {years: 1}}]")
    papers = [paper(Kind.ASSESSMENT, issued_us=from_text("2024-02-29T12:00:00Z"))]
    last = from_text("2025-03-01T00:00:00Z")  # a year from a leap day ends on 28 February
    assert judge(STANDING, [rule], papers, last - 1).may_record
    verdict = judge(STANDING, [rule], papers, last)
    assert [(one.why, one.ends_us) for one in verdict.waits] == [("expired", last)]


def test_a_purpose_counts_if_it_is_that_of_the_camera(tmp_path: Path) -> None:
    rule = norm(tmp_path, "requires: [{rule: town-1, paper: purpose}]")
    good = paper(Kind.PURPOSE, purpose="safety")
    assert judge(STANDING, [rule], [good], START).may_record
    other = paper(Kind.PURPOSE, purpose="traffic")
    assert not judge(STANDING, [rule], [other], START).may_record
    unsaid = Standing("gate", "north", "street", "street")
    assert not judge(unsaid, [rule], [good], START).may_record


def test_a_purpose_that_no_pack_knows_has_no_paper(tmp_path: Path) -> None:
    known = "purposes: [{id: KNOWN, title: Safety, source: read, legal_basis: The law.}]"
    asks = "requires: [{rule: town-1, paper: purpose}]"
    papers = [paper(Kind.PURPOSE, purpose="safety")]
    for word, may in (("safety", True), ("traffic", False)):
        rule = norm(tmp_path, f"{asks}\n{known.replace('KNOWN', word)}")
        verdict = judge(STANDING, [rule], papers, START)
        assert verdict.may_record is may
        assert [one.why for one in verdict.waits] == ([] if may else ["missing"])


def test_time_that_a_pack_gives_runs_from_the_first_day(tmp_path: Path) -> None:
    rule = norm(tmp_path, "requires: [{rule: town-1, paper: sign, grace: {days: 30}}]")
    new = judge(STANDING, [rule], [], START)
    assert new.may_record
    assert [one.why for one in new.warnings] == ["grace"]
    old = Standing("gate", "north", "street", "street", first_us=START)
    ends = START + 31 * DAY_US  # the first day does not count, and the last to its end
    assert judge(old, [rule], [], ends - 1).may_record
    assert not judge(old, [rule], [], ends).may_record


def test_a_forbidden_place_is_no_matter_of_papers(tmp_path: Path) -> None:
    rule = norm(tmp_path, "forbids: [{rule: town-2, places: [toilet]}]")
    for where in (
        Standing("gate", "north", "toilet", "station"),
        Standing("gate", "north", "corridor", "toilet"),
    ):
        verdict = judge(where, [rule], [paper()], START)
        assert [(one.rule.id, one.why) for one in verdict.waits] == [("town-2", "forbidden-place")]


FORBIDS = (
    "forbids: [{rule: town-1, places: [toilet]}, {rule: town-2, places: [ward]}, "
    "{rule: town-1, places: [dormitory]}]"
)


@pytest.mark.parametrize(
    ("place", "site_place", "waits"),
    [
        ("unsaid", "unsaid", ["town-1", "town-2"]),  # each rule once
        ("street", "street", []),
        ("street", "unsaid", []),  # the camera's own was said
    ],
)
def test_where_places_are_forbidden_a_camera_waits_until_its_own_is_said(
    tmp_path: Path, place: str, site_place: str, waits: list[str]
) -> None:
    where = Standing("gate", "north", place, site_place)
    verdict = judge(where, [norm(tmp_path, FORBIDS)], [], START)
    assert [one.rule.id for one in verdict.waits] == waits
    assert {one.why for one in verdict.waits} <= {"place-unsaid"}
    assert all("scrim camera set ID --place" in one.text() for one in verdict.waits)


def test_where_no_place_is_forbidden_none_has_to_be_said(tmp_path: Path) -> None:
    where = Standing("gate", "north", "unsaid", "unsaid")
    assert judge(where, [norm(tmp_path, SIGN)], [paper()], START).may_record


def test_where_a_rule_is_for_others_it_asks_nothing(tmp_path: Path) -> None:
    rule = norm(tmp_path, "requires: [{rule: town-1, paper: sign, where: {labels: [key-target]}}]")
    assert judge(STANDING, [rule], [], START).may_record
    marked = Standing("gate", "north", "street", "street", labels=frozenset({"key-target"}))
    assert not judge(marked, [rule], [], START).may_record


@settings(deadline=None)  # a busy machine is no fault
@given(
    ends=st.lists(st.none() | st.integers(1, 60), max_size=4),
    revoked=st.booleans(),
    day=st.integers(0, 70),
)
def test_it_records_exactly_while_one_paper_is_good(
    tmp_path_factory: pytest.TempPathFactory, ends: list[int | None], revoked: bool, day: int
) -> None:
    rule = norm(tmp_path_factory.mktemp("pack"), SIGN)
    papers = [
        paper(
            expires_us=None if end is None else START + end * DAY_US,
            revoked_us=START if revoked and number == 0 else None,
        )
        for number, end in enumerate(ends)
    ]
    now = START + day * DAY_US
    assert judge(STANDING, [rule], papers, now).may_record == any(
        one.in_force(now) for one in papers
    )
