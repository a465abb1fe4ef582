from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scrim.errors import NormsError

ROOT = Path(__file__).resolve().parents[3]
FACTS = """
request:
  kind: access
  received: 2026-01-01T02:00:00Z
  answered: false
  partly_answered: false
  answer: null
"""


@pytest.fixture
def facts(tmp_path: Path) -> Path:
    path = tmp_path / "facts.yaml"
    path.write_text(FACTS)
    return path


def test_the_list_names_each_pack_and_how_much_is_unverified(scrim: Callable[..., Any]) -> None:
    rows = {row["id"]: row for row in json.loads(scrim("norms", "list", "--json").out)}
    assert set(rows) == {"hk", "cn", "uk", "eu", "baseline"}
    assert rows["hk"]["unverified"] == 4
    assert rows["baseline"]["unverified"] == 0
    assert "Not legal advice" in scrim("norms", "list").err


def test_a_pack_is_shown_with_citations_and_how_sure_they_are(scrim: Callable[..., Any]) -> None:
    shown = scrim("norms", "show", "hk")
    assert "PDPO (Cap. 486) s.19(1)-(2) (read)" in shown.out
    assert "DPP2, DPP4, DPP5 (remembered; unverified)" in shown.out
    assert "hk-09: at most 30 days" in shown.out
    assert json.loads(scrim("norms", "show", "cn", "--json").out)["id"] == "cn"
    there = scrim("norms", "show", "eu").out
    assert "at most 8 days, longer up to 30 days for a reason on record (only LU)" in there


@pytest.mark.parametrize("pack", ["hk", "cn", "uk", "eu", "baseline"])
def test_the_packs_that_are_shipped_hold_their_own_cases(
    scrim: Callable[..., Any], pack: str
) -> None:
    done = scrim("norms", "test", pack)
    assert done.code == 0
    assert " cases hold." in done.out
    assert done.err == ""


def test_a_case_that_does_not_hold_ends_in_1(scrim: Callable[..., Any], tmp_path: Path) -> None:
    text = (ROOT / "src/scrim/norms/packs/hk.yaml").read_text("utf-8")
    path = tmp_path / "mine.yaml"
    path.write_text(text.replace("add: {days: 40}", "add: {days: 41}"), "utf-8")
    done = scrim("norms", "test", path)
    assert done.code == 1
    assert "hk-01: due 2026-02-11T16:00:00.000000Z in place of 2026-02-10T16:00:00Z" in done.out
    done = scrim("norms", "test", path, "--json")
    assert [wrong["rule"] for wrong in json.loads(done.out)["wrong"]] == ["hk-01", "hk-01"]


def test_a_check_says_what_is_due_and_what_is_breached(
    scrim: Callable[..., Any], facts: Path
) -> None:
    ask = ("norms", "check", "--facts", facts, "--pack", "hk", "--at")
    due = scrim(*ask, "2026-02-10T15:59:00Z")
    assert (due.code, "due 2026-02-10T16:00Z" in due.out) == (0, True)
    late = scrim(*ask, "2026-02-10T16:00:00Z")
    assert (late.code, "breached 2026-02-10T16:00Z" in late.out) == (1, True)
    [first, *_] = json.loads(scrim(*ask, "2026-02-10T16:00:00Z", "--json").out)["outcomes"]
    assert (first["rule"], first["facts"]["request.answered"]) == ("hk-01", False)


def test_an_explanation_has_the_facts_and_what_to_do(
    scrim: Callable[..., Any], facts: Path
) -> None:
    said = scrim("norms", "explain", "uk-05", "--facts", facts, "--at", "2026-03-01T00:00:00Z")
    assert "uk-05 (unverified) (uk): breached 2026-02-02T00:00Z" in said.out
    assert 'facts.request.received = "2026-01-01T02:00:00.000000Z"' in said.out
    assert "To do: Answer it" in said.out


def test_the_schema_and_the_page_are_those_published(scrim: Callable[..., Any]) -> None:
    published = (ROOT / "docs/ref/formats/pack.schema.json").read_text("utf-8")
    assert scrim("norms", "schema").out == published
    assert scrim("norms", "facts", "--page").out == (ROOT / "docs/ref/facts.md").read_text("utf-8")
    assert "facts.camera.recording" in scrim("norms", "facts").out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("show", "nowhere"), "There is no pack 'nowhere'"),
        (("show", "none.yaml"), "none.yaml cannot be read"),
        (("check", "--facts", "none.yaml"), "none.yaml cannot be read"),
        (("explain", "xx-01", "--facts", "FACTS"), "There is no rule 'xx-01'"),
        (("explain", "hk-05", "--facts", "FACTS"), "no facts of the kind that hk-05 is about"),
        (("check", "--facts", "FACTS", "--at", "soon"), "'soon' is no time"),
        (("check", "--facts", "BAD"), "There is no fact facts.camera.colour"),
        (("check", "--facts", "LIST"), "has no groups of facts"),
        (("check", "--facts", "TWICE"), "stands there twice"),
        (("list", "--packs", "none"), "no folder none"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    scrim: Callable[..., Any], facts: Path, tmp_path: Path, arguments: tuple[str, ...], says: str
) -> None:
    texts = {"BAD": "camera: {colour: red}", "LIST": "[1]", "TWICE": "camera: {}\ncamera: {}"}
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    given = [
        str(facts) if word == "FACTS" else str(tmp_path / word) if word in texts else word
        for word in arguments
    ]
    done = scrim("norms", *given)
    assert done.code == NormsError.exit_code
    assert says in done.err
    assert done.err.count("\n") == 1
