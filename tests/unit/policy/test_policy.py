"""A policy adds cover and never takes any away; what is no policy is refused in a sentence."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scrim.canonical import canonical
from scrim.errors import SettingsError
from scrim.policy import Cover, Policy, Style, Zone, cover_in, said, warnings

GATE = "gate: 0.1,0.2 0.4,0.2 0.4,0.5"


@pytest.mark.parametrize("cover", [set(), {Cover.PERSONS}, {Cover.PLATES, Cover.VEHICLES}])
def test_faces_are_covered_whatever_else_is_asked_for(cover: set[Cover]) -> None:
    assert Policy(cover=frozenset(cover)).cover == cover | {Cover.FACES}
    if cover:
        assert Cover.FACES in Policy.parse({"cover": sorted(cover)}).cover


def test_a_document_says_all_and_is_read_back() -> None:
    policy = Policy(frozenset({Cover.PLATES, Cover.PERSONS}), (Zone.parse(GATE),), Style.SILHOUETTE)
    assert policy.document() == {
        "cover": ["faces", "persons", "plates"],
        "style": "silhouette",
        "zones": [GATE],
    }
    assert canonical(policy.document())
    assert Policy.parse(policy.document()) == policy


def test_what_a_document_leaves_out_is_the_defaults() -> None:
    default = Policy(frozenset({Cover.PERSONS}), style=Style.MOSAIC)
    assert Policy.parse({}) == Policy()
    assert Policy.parse({}, default) == default
    assert Policy.parse({"style": "solid"}, default) == Policy(default.cover, style=Style.SOLID)
    assert Policy.parse({"cover": ["plates"]}, default).style is Style.MOSAIC


def test_said_keeps_what_was_said_and_no_more() -> None:
    assert said({}) == {}
    assert said({"cover": ["plates", "faces", "plates"]}) == {"cover": ["faces", "plates"]}
    assert said({"zones": ["gate: 10%,20% 40%,20% 40%,50%"]}) == {"zones": [GATE]}


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ({"cover": []}, "faces, persons, plates and vehicles"),
        ({"cover": ["cats"]}, "faces, persons, plates and vehicles"),
        ({"cover": ["Faces"]}, "faces, persons, plates and vehicles"),
        ({"cover": "faces"}, "list"),
        ({"cover": [["faces"]]}, "list"),
        ({"cover": None}, "list"),
        ({"style": "blur"}, "solid, silhouette and mosaic"),
        ({"style": None}, "solid, silhouette and mosaic"),
        ({"style": ["solid"]}, "solid, silhouette and mosaic"),
        ({"colour": "red"}, "cover, style and zones"),
        ({"zones": {}}, "list"),
        ({"zones": [GATE, GATE]}, "name of its own"),
        ({"zones": [GATE.replace("gate", f"g{i}") for i in range(65)]}, "64 are the most"),
        ({"zones": ["gate: 0,0 1,1"]}, "3 at least"),
    ],
)
def test_what_is_no_policy_is_refused(document: dict[str, Any], why: str) -> None:
    with pytest.raises(SettingsError) as refused:
        Policy.parse(document)
    assert why in str(refused.value)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["cover", "style", "zones", "x"]), _JSON))
def test_any_document_is_a_policy_or_one_clear_error(document: dict[str, Any]) -> None:
    try:
        policy = Policy.parse(document)
    except SettingsError:
        return
    assert Cover.FACES in policy.cover
    assert Policy.parse(policy.document()) == policy


def test_cover_is_written_with_commas() -> None:
    assert cover_in("faces, plates") == ["faces", "plates"]
    assert cover_in(" ") == []
    assert cover_in("faces,") == ["faces", ""]  # refused by whoever reads it


def test_weak_choices_are_told() -> None:
    assert warnings(Policy()) == []
    assert warnings(Policy(style=Style.SILHOUETTE)) == []
    (weak,) = warnings(Policy(style=Style.MOSAIC))
    assert "weaker" in weak
    (plates,) = warnings(Policy(frozenset({Cover.PLATES})))
    assert "vehicles" in plates
    assert warnings(Policy(frozenset({Cover.PLATES, Cover.VEHICLES}))) == []
