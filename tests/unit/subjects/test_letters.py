"""Letters: from the packs' texts, whole or not at all."""

from __future__ import annotations

import hashlib
import re

import pytest
from tests.unit.subjects.world import SubjectWorld

from scrim.clock import from_text
from scrim.errors import DutyRefused, DutyState, NormsError
from scrim.subjects.letters import Kind, Said

SAID = Said("The City", "privacy@example.org", "the authority")


@pytest.mark.parametrize(
    ("pack", "language", "words"),
    [
        ("hk", "en", "data access request"),
        ("hk", "zh-Hant", "檔號"),
        ("cn", "zh-Hans", "编号"),
        ("eu", "en", "answered by"),
        ("uk", "en", "answered by"),
    ],
)
def test_an_acknowledgement_says_until_when(
    world: SubjectWorld, pack: str, language: str, words: str
) -> None:
    world.apply(pack)
    world.set("2026-11-25T02:00:00Z")
    request = world.ask(language=language)
    letter = world.subjects.letter(request, Kind.ACKNOWLEDGEMENT, SAID)
    assert words in letter.text
    assert request in letter.text
    assert "{" not in letter.text
    assert letter.sha256 == hashlib.sha256(letter.text.encode()).hexdigest()
    assert world.subjects.get(request).acknowledged_us == world.clock.us
    assert "subject-letter" in world.acts(request)


def test_the_last_day_is_the_last_day_there(world: SubjectWorld) -> None:
    world.apply("hk")
    world.clock.us = from_text("2026-11-25T15:59:00Z")  # still the 25th in Hong Kong
    request = world.ask()
    text = world.subjects.letter(request, Kind.ACKNOWLEDGEMENT, SAID).text
    assert "answered by 2027-01-04" in text
    assert "on 2026-11-25" in text


def test_a_language_that_no_pack_has(world: SubjectWorld) -> None:
    world.apply("hk")
    request = world.ask(language="zh-Hans")
    with pytest.raises(DutyRefused, match="in zh-Hans") as error:
        world.subjects.letter(request, Kind.ACKNOWLEDGEMENT, SAID)
    assert "zh-Hant" in error.value.remedy
    assert world.subjects.letter(request, Kind.ACKNOWLEDGEMENT, SAID, "zh-Hant").language


def test_no_letter_with_a_hole(world: SubjectWorld) -> None:
    world.apply("eu")
    request = world.ask()
    world.subjects.refuse(request, "not-identified", "nobody said who asks")
    with pytest.raises(NormsError, match="authority"):
        world.subjects.letter(request, Kind.REFUSAL, Said("The City", "post"))
    assert "subject-letter" not in world.acts(request)
    text = world.subjects.letter(request, Kind.REFUSAL, SAID).text
    assert "nobody said who asks" in text
    assert world.subjects.facts(request)["reasons_given"] is True


def test_a_letter_comes_after_what_it_says(world: SubjectWorld) -> None:
    world.apply("eu")
    request = world.ask()
    for kind in (Kind.EXTENSION, Kind.REFUSAL, Kind.ANSWER):
        with pytest.raises(DutyState):
            world.subjects.letter(request, kind, SAID)
    world.subjects.extend(request, "many people are in it")
    text = world.subjects.letter(request, Kind.EXTENSION, SAID).text
    assert "many people are in it" in text
    world.subjects.answer(request, "nothing-held", "no camera recorded then")
    assert "no camera recorded" in world.subjects.letter(request, Kind.ANSWER, SAID).text


@pytest.mark.parametrize(
    ("pack", "language", "given"),
    [
        ("baseline", "en", "In pictures that are given"),
        ("hk", "en", "In pictures that are given"),
        ("uk", "en", "In pictures that are given"),
        ("eu", "en", "In pictures that are given"),
        ("hk", "zh-Hant", "如有提供影像"),
        ("cn", "zh-Hans", "如提供影像"),
    ],
)
def test_an_answer_claims_no_pictures_where_none_are_given(
    world: SubjectWorld, pack: str, language: str, given: str
) -> None:
    """The same text goes out where nothing is held: masks are of pictures that are given."""
    world.apply(pack)
    request = world.ask(language=language)
    world.subjects.answer(request, "nothing-held", "no camera recorded then")
    text = world.subjects.letter(request, Kind.ANSWER, SAID).text
    said = text.replace(request, "")  # its letters are drawn, and may make the word
    masked = [line for line in said.splitlines() if re.search("mask|遮蔽", line)]
    assert len(masked) == 1
    assert given in masked[0]


def test_a_page_shows_what_was_written_and_does_nothing(world: SubjectWorld) -> None:
    world.apply("hk")
    request = world.ask()
    letter = world.subjects.letter(
        request, Kind.ACKNOWLEDGEMENT, Said("<script>x</script>", "a & b")
    )
    assert "<script>" not in letter.html()
    assert "&lt;script&gt;" in letter.html()
    assert '<html lang="en">' in letter.html()
