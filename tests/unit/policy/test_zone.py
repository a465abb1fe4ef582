"""A zone can be drawn, has one spelling, and anything else is refused in a sentence."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scrim.errors import SettingsError
from scrim.policy import Zone

SQUARE = ((0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.1, 0.9))


def ring(corners: int) -> str:
    """A round zone's text."""
    turns = [2 * math.pi * i / corners for i in range(corners)]
    return "ring: " + " ".join(
        f"{0.5 + 0.4 * math.cos(t):.4f},{0.5 + 0.4 * math.sin(t):.4f}" for t in turns
    )


def test_fractions_and_percent_say_the_same_and_have_one_spelling() -> None:
    zone = Zone.parse("  gate :  10%,20%   0.40,.2 40%,0.5  ")
    assert zone == Zone("gate", ((0.1, 0.2), (0.4, 0.2), (0.4, 0.5)))
    assert zone.text() == "gate: 0.1,0.2 0.4,0.2 0.4,0.5"
    assert Zone.parse(zone.text()) == zone


def test_the_whole_picture_can_be_a_zone_and_may_be_closed_by_hand() -> None:
    whole = Zone.parse("all: 0,0 1,0 1,1 0,1 0,0")
    assert whole.text() == "all: 0,0 1,0 1,1 0,1"


def test_a_zone_may_have_64_corners_and_no_more() -> None:
    assert len(Zone.parse(ring(64)).points) == 64
    with pytest.raises(SettingsError, match="64 are the most"):
        Zone.parse(ring(65))
    with pytest.raises(SettingsError, match="64 are the most"):
        Zone.parse(ring(200))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("0.1,0.1 0.9,0.1 0.9,0.9", "no name"),
        ("Back door: 0,0 1,0 1,1", "name"),
        (f"{'a' * 41}: 0,0 1,0 1,1", "name"),
        ("a:", "0 corners"),
        ("a: 0,0 1,1", "2 corners"),
        ("a: 0,0 1,1 0,0", "2 corners"),
        ("a: 0,0 1,0 1", "not x,y"),
        ("a: 0,0 1,0 1,1,1", "not x,y"),
        ("a: 0,0 1,0 1,one", "no fraction"),
        ("a: 0,0 1,0 nan,1", "no fraction"),
        ("a: 0,0 1,0 inf,1", "no fraction"),
        ("a: 0,0 1,0 -0.1,1", "no fraction"),
        ("a: 0,0 1,0 1e9,1", "no fraction"),
        ("a: 0,0 1,0 1.01,1", "outside the picture"),
        ("a: 0,0 101%,0 1,1", "outside the picture"),
        ("a: 0.2,0.2 0.5,0.5 0.8,0.8", "no area"),
        ("a: 0,0 1,1 1,0 0,1", "crosses"),  # a bow tie with two equal wings
        ("a: 0,0 1,1 1,0.2 0,1", "crosses"),
        ("a: 0,0 1,0 1,1 0.5,0 0,1", "touches"),  # a corner on another edge
        ("a: 0,0 1,0 0.5,0 0.5,1", "touches"),  # an edge back over the one before
        ("a: 0,0 1,0 1,1 1,0 0,1", "touches"),  # the same corner twice
        ("a: 0,0 0.00001,0 0,0.00001", "3 at least"),
        (f"a: {'0,0 ' * 3000}", "too long"),
    ],
)
def test_what_is_no_zone_is_refused(text: str, why: str) -> None:
    with pytest.raises(SettingsError, match=why) as refused:
        Zone.parse(text)
    assert refused.value.remedy


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, -0.01, 1.01])
def test_corners_that_are_no_places_in_the_picture_are_refused(bad: float) -> None:
    with pytest.raises(SettingsError, match="outside"):
        Zone("a", (*SQUARE, (0.05, bad)))


@settings(deadline=None)
@given(st.text(max_size=60) | st.from_regex(r"a: ([0-9.%]{1,4},[0-9.%]{1,4} ){2,6}"))
def test_any_text_is_a_zone_or_one_clear_error(text: str) -> None:
    try:
        zone = Zone.parse(text)
    except SettingsError:
        return
    assert Zone.parse(zone.text()) == zone
