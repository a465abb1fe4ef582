from __future__ import annotations

from pathlib import Path

import pytest

from scrim.errors import FactsInvalid
from scrim.norms.fact_table import ALWAYS, BY_PATH, TABLE
from scrim.norms.facts import Facts, Group, Kind, page, shown

ROOT = Path(__file__).resolve().parents[3]


def test_the_page_is_the_table() -> None:
    assert (ROOT / "docs/ref/facts.md").read_text("utf-8") == page()


def test_each_fact_stands_once_and_says_what_it_is() -> None:
    assert len(BY_PATH) == len(TABLE) > 100
    for fact in TABLE:
        assert fact.meaning.endswith((".", "`", "…")), fact.path
        assert not fact.name[0].isdigit()


def test_no_template_is_stored_and_nothing_compared_whoever_asks() -> None:
    facts = Facts({"deployment": {}})
    assert facts.value("deployment", "templates_stored") == 0
    assert facts.value("deployment", "comparisons") == 0
    assert set(ALWAYS[Group.DEPLOYMENT]) == {"templates_stored", "comparisons"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("recording", 1),
        ("recording", "true"),
        ("recording", None),
        ("sealed_objects", -1),
        ("sealed_objects", True),
        ("sealed_objects", 1.0),
        ("sealed_objects", 2**53),
        ("sealed_ceiling", "30 days"),
        ("sign_expires", "2026-02-30T00:00:00Z"),
        ("sign_expires", "soon"),
        ("sign_expires", "0001-01-01T00:00:00Z"),
        ("place", "a street"),
        ("place", ""),
        ("place", "x" * 65),
        ("covers", "faces"),
        ("covers", [1]),
        ("covers", ["faces"] * 1001),
    ],
)
def test_a_value_of_another_kind_is_refused(name: str, value: object) -> None:
    with pytest.raises(FactsInvalid) as refused:
        Facts({"camera": {name: value}})
    assert f"facts.camera.{name}" in refused.value.message
    assert refused.value.remedy


@pytest.mark.parametrize(
    "groups", [{"camera": {"colour": 1}}, {"weather": {}}, {"camera": {3: 1}}, {"camera": []}]
)
def test_a_name_that_is_not_in_the_table_is_refused(groups: dict[str, dict[str, object]]) -> None:
    with pytest.raises(FactsInvalid):
        Facts(groups)


def test_values_are_kept_plainly() -> None:
    facts = Facts({"camera": {"sign_expires": "1970-01-01T00:00:01Z", "covers": ["b", "a", "b"]}})
    assert facts.value("camera", "sign_expires") == 1_000_000
    assert facts.value("camera", "covers") == ("a", "b")
    assert shown(BY_PATH["camera.sign_expires"], 1_000_000) == "1970-01-01T00:00:01.000000Z"
    assert shown(BY_PATH["camera.covers"], ("a", "b")) == ["a", "b"]


def test_facts_of_a_site_are_joined_to_its_cameras() -> None:
    site = Facts({"site": {"sign": True}, "deployment": {"country": "HK"}})
    camera = Facts.joined(site, Facts({"camera": {"sign": False}}))
    assert camera.value("site", "sign") is True
    assert camera.value("camera", "sign") is False
    assert not camera.knows("camera", "zoom")


def test_what_was_not_given_is_named() -> None:
    given: dict[str, object] = {
        fact.name: {Kind.BOOL: False, Kind.WORDS: []}.get(fact.kind, 0)
        for fact in TABLE
        if fact.group is Group.BREACH and fact.kind in (Kind.BOOL, Kind.TIME)
    }
    assert list(Facts({"breach": given}).missing(Group.BREACH)) == ["risk"]
