from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from scrim.clock import from_text
from scrim.errors import CalendarUnknown, NormsError, PackInvalid
from scrim.norms.deadlines import calendar_of, deadline
from scrim.norms.load import load, load_all, pack_from, shipped
from scrim.norms.pack import Paper, Source, schema
from scrim.norms.trial import tried, untried
from scrim.norms.wording import filled, places

ROOT = Path(__file__).resolve().parents[3]


def small() -> dict[str, Any]:
    """A pack that is right, to be made wrong."""
    return {
        "format": "scrim-pack-v1",
        "id": "own",
        "title": "Our own",
        "edition": "2026-11-22",
        "facts": 1,
        "language": "en",
        "calendar": {"country": "HK"},
        "about": "What we ask of ourselves.",
        "rules": [
            {
                "id": "own-01",
                "sentence": "There is a sign.",
                "citation": "House rules, 1",
                "source": "read",
                "scope": "camera",
                "check": "facts.camera.sign",
                "due": {"from": "facts.camera.in_use_since", "add": {"working_days": 3}},
                "remedy": "Put it up.",
            },
            {
                "id": "own-02",
                "sentence": "It is kept for 30 days.",
                "citation": "House rules, 2",
                "source": ["read", "remembered"],
                "scope": "camera",
                "check": "facts.camera.sealed_ceiling <= 30 * 86400",
                "remedy": "Set it.",
            },
        ],
        "retention": [{"rule": "own-02", "ceiling": {"days": 30}}],
        "requires": [{"rule": "own-01", "paper": "sign"}],
        "tests": [
            {
                "rule": "own-01",
                "facts": {"camera": {"sign": True}},
                "at": "2026-01-01T00:00:00Z",
                "outcome": "met",
            }
        ],
    }


def taken(pack: dict[str, Any]) -> Any:
    return pack_from(yaml.safe_dump(pack, allow_unicode=True).encode(), "own.yaml")


def test_a_small_pack_is_taken() -> None:
    pack = taken(small())
    assert pack.rule("own-01").source == (Source.READ,)
    assert not pack.rule("own-01").unverified
    assert pack.rule("own-02").unverified
    assert pack.requires[0].paper is Paper.SIGN
    assert [trial.wrong for trial in tried(pack)] == [""]
    assert len(list(untried(pack))) == 4


def _at(pack: Any, path: str, value: object) -> dict[str, Any]:
    """``pack`` with one thing changed; ``...`` takes it away."""
    *way, last = path.split("/")
    spot: Any = pack
    for step in way:
        spot = spot[int(step)] if isinstance(spot, list) else spot[step]
    if isinstance(spot, list):
        spot.append(value) if last == "+" else spot.__setitem__(int(last), value)
    elif value is ...:
        del spot[last]
    else:
        spot[last] = value
    whole: dict[str, Any] = pack
    return whole


def _purpose(name: str, question: str) -> dict[str, object]:
    asked = {"id": question, "asks": "Why is it needed?", "for": "release"}
    basis = {"legal_basis": "Section 7 of an act.", "source": "read"}
    return {"id": name, "title": "Safety", **basis, "questions": [asked]}


_LIMIT = {"rule": "own-02", "floor": {"days": 31}}
_LATE = {"rule": "own-01", "facts": {}, "at": "2026-02-30T00:00:00Z", "outcome": "met"}


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        # a missing citation, source or remedy
        ("rules/0/citation", ..., "rules own-01, citation: Field required"),
        ("rules/0/citation", "", "rules own-01, citation"),
        ("rules/1/source", "rumour", "'rumour' is none of read, secondary, remembered"),
        ("rules/1/source", [], "rules own-02, source"),
        ("rules/0/remedy", ..., "rules own-01, remedy"),
        ("about", ..., "about: Field required"),
        # unknown facts, errors of CEL
        ("rules/0/check", "facts.camera.colour", "rule own-01, check: it asks for"),
        ("rules/0/check", "facts.camera.sign &&", "rule own-01, check: it is not CEL at line 1"),
        ("rules/0/check", "facts.camera.place > 3", "rule own-01, check: it applies >"),
        ("rules/0/when", "facts.breach.recorded", "rule own-01, when: it asks for"),
        ("rules/0/due/from", "facts.camera.sign", "facts.camera.sign is a bool, not a time"),
        ("rules/0/due/from", "facts.camera.nope", "not in the table"),
        ("rules/0/due/from", "facts.request.received", "a rule about a camera cannot know"),
        ("rules/0/due/longer", {"if": "facts.camera.place", "add": {"days": 9}}, "not a bool"),
        # what no signed request could carry
        ("purposes", [_purpose("a" * 41, "why")], "a" * 41),
        ("purposes", [_purpose("safety", "a" * 41)], "a" * 41),
        # impossible dates and lengths
        ("edition", "2026-02-30", "there is no day 2026-02-30"),
        ("edition", "yesterday", "edition"),
        ("tests/+", _LATE, "tests number 2 (own-01): at or due is no time"),
        ("rules/0/due/add", {"days": 1, "hours": 2}, "give one of"),
        ("rules/0/due/add", {}, "give one of"),
        ("rules/0/due/add", {"days": 0}, "greater than 0"),
        ("rules/0/due/add", {"days": 99999}, "more than 100 years"),
        ("retention/0/ceiling", {"months": 1}, "retention own-02, ceiling months"),
        ("calendar", {"zone": "Mars/Base"}, "no time zone"),
        ("calendar", {"country": "ZZ"}, "no calendar of 'ZZ'"),
        ("calendar", {"country": "HK", "zone": "UTC"}, "give country or zone"),
        ("calendar", {"zone": "UTC"}, "working days need calendar: country"),
        ("calendar", {"zone": "UTC", "years": {2027: {"holidays": []}}}, "years are of a country"),
        (
            "calendar",
            {"country": "CN", "years": {2027: {"holidays": ["02-29"]}}},
            "calendar: there is no 02-29 in 2027",
        ),
        ("calendar", {"country": "CN", "years": {2027: {"holidays": [1]}}}, "calendar years 2027"),
        # what stands twice, or leads nowhere
        ("rules/1/id", "own-01", "rules: own-01 stands there twice"),
        ("retention/0/rule", "own-99", "retention: there is no rule own-99, so no citation"),
        ("requires/0/rule", "own-99", "requires: there is no rule"),
        ("tests/0/rule", "own-99", "tests: there is no rule"),
        ("deadlines", {"subject-request": "own-99"}, "deadlines: there is no rule"),
        ("deadlines", {"subject-request": "own-02"}, "rule own-02 has no due"),
        ("forbids", [{"rule": "own-01", "places": ["toilet", "toilet"]}], "toilet stands there"),
        # rules that contradict
        ("retention/+", _LIMIT, "own-02: at least 31 days; own-02: at most 30 days"),
        ("requires/+", {"rule": "own-02", "paper": "sign"}, "sign is asked for twice"),
        ("retention/0", {"rule": "own-02"}, "give a floor, a ceiling"),
        ("requires/0", {"rule": "own-01", "paper": "filing"}, "which one by filing"),
        ("requires/0", {"rule": "own-01", "paper": "sign", "filing": "x"}, "which one by filing"),
        # what is not in the model
        ("colour", "red", "colour: Extra inputs are not permitted"),
        ("rules/0/colour", "red", "rules own-01, colour"),
        ("facts", 2, "facts: Input should be 1"),
        ("format", "scrim-pack-v2", "format"),
        ("rules", [], "rules"),
        ("id", "Own Pack", "id"),
        ("rules/0/scope", "city", "rules own-01, scope: 'city' is none of deployment, site"),
        ("tests/0/facts", {"camera": {"sign": 1}}, "tests number 1 (own-01): facts.camera.sign"),
        ("tests/0/outcome", "fine", "tests own-01, outcome"),
        # texts
        ("letters", {"answer": {"en": "Dear {name}"}}, "letters answer en: {name} is no place"),
        ("letters", {"answer": {"en": "{controller.__class__}"}}, "a brace that is no {place}"),
        ("letters", {"answer": {"english": "x"}}, "letters answer"),
        ("signs", {"en": {"heading": "CCTV", "lines": ["{0}"]}}, "signs en"),
        ("signs", {"en": {"heading": "CCTV {site}", "lines": ["x"]}}, "signs en: a heading"),
    ],
)
def test_a_pack_that_is_not_right_is_refused(path: str, value: object, says: str) -> None:
    with pytest.raises(PackInvalid) as refused:
        taken(_at(small(), path, value))
    assert says in refused.value.message
    assert refused.value.message.startswith("own.yaml")
    assert "write-a-pack.md" in refused.value.remedy


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "no names and values"),
        (b"[1, 2]", "no names and values"),
        (b"{", "line 1"),
        (b"\xff\xfe", "not UTF-8"),
        (b"a: &x [1]\nb: *x", "line 2: no aliases"),
        (b"a: 1\na: 2", "line 2: 'a' stands there twice"),
        (b"? [a]\n: 1", "a key is not a word"),
        (b"!!python/object/apply:os.system ['true']", "line 1: no tags"),
        (b"a: !!binary aGk=", "line 1: no tags"),
        (b"a: 1\nb: !!timestamp x", "line 2: no tags"),
        (b'a: !!int ""', "no tags"),
        (b"[" * 50 + b"]" * 50, "nested deeper"),
        (b"x: " + b"y" * (1024 * 1024), "larger than"),
        (b"a: 1\n---\nb: 2", "line"),
        (b"a: \x00", "not YAML"),
    ],
)
def test_a_file_that_is_no_pack_is_refused(data: bytes, says: str) -> None:
    with pytest.raises(PackInvalid) as refused:
        pack_from(data, "own.yaml")
    assert says in refused.value.message
    assert refused.value.message.startswith("own.yaml")


@settings(deadline=None)
@given(
    at=st.integers(0, 1700),
    gone=st.integers(0, 12),
    put=st.binary(max_size=8) | st.sampled_from([b"[", b"{a: ", b"null", b"- ", b"99999999999"]),
)
def test_a_file_with_something_torn_out_is_a_pack_or_is_refused(
    at: int, gone: int, put: bytes
) -> None:
    whole = yaml.safe_dump(small()).encode()
    try:
        pack = pack_from(whole[:at] + put + whole[at + gone :], "own.yaml")
    except PackInvalid as refused:
        said = refused.message
        assert said.startswith("own.yaml")
    else:
        assert pack.rules


def test_words_of_yaml_are_not_something_else() -> None:
    # YAML 1.1 would read Norway's code as false and a date as a date
    pack = taken(_at(small(), "rules/0/sentence", "NO or yes or on"))
    assert pack.rule("own-01").sentence == "NO or yes or on"
    text = yaml.safe_dump(small()).replace("HK", "NO")
    with pytest.raises(PackInvalid, match="no calendar of 'NO'"):
        pack_from(text.encode(), "own.yaml")


def test_a_missing_file_or_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PackInvalid, match=r"none.yaml cannot be read"):
        load(tmp_path / "none.yaml")
    with pytest.raises(PackInvalid, match="no folder none"):
        load_all(tmp_path / "none")
    with pytest.raises(PackInvalid, match="no pack 'nowhere'"):
        load_all(ids=["nowhere"])


def test_a_folder_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(yaml.safe_dump(small()))
    packs = load_all(tmp_path)
    assert set(packs) == {"own", *shipped()}
    # one of the id of a shipped one takes its place
    theirs = small() | {"id": "hk"}
    (tmp_path / "own.yaml").write_text(yaml.safe_dump(theirs))
    assert load_all(tmp_path)["hk"].title == "Our own"
    # two files of one id, two packs with one rule
    (tmp_path / "other.yaml").write_text(yaml.safe_dump(theirs))
    with pytest.raises(PackInvalid, match="id: hk is another file's too"):
        load_all(tmp_path)
    (tmp_path / "other.yaml").write_text(yaml.safe_dump(small()))
    with pytest.raises(PackInvalid, match="own-01 stands in the packs"):
        load_all(tmp_path)


def test_the_published_schema_is_the_models() -> None:
    published = json.loads((ROOT / "docs/ref/formats/pack.schema.json").read_text("utf-8"))
    assert published == schema()


def test_a_pack_says_a_year_that_was_proclaimed_since() -> None:
    start = from_text("2026-12-30T04:00:00Z")
    text = (ROOT / "src/scrim/norms/packs/cn.yaml").read_text("utf-8")
    shipped = deadline(pack_from(text.encode(), "cn.yaml"), "filing-facial-information")
    assert shipped is not None
    with pytest.raises(CalendarUnknown, match="2027"):
        shipped.due(start)
    years = "years: {2027: {holidays: [01-01, 01-02, 01-03], worked: [01-09]}}"
    own = text.replace("{country: CN}", f"{{country: CN, {years}}}").replace(
        "add: {working_days: 30}", "add: {working_days: 8}"
    )
    mine = deadline(pack_from(own.encode(), "cn.yaml"), "filing-facial-information")
    assert mine is not None
    # 31 December, 4 to 8 January, Saturday the 9th which is worked, and the 11th
    assert mine.due(start) == from_text("2027-01-11T16:00:00Z")


def test_deadlines_have_their_rule_its_length_and_its_calendar() -> None:
    packs = load_all()
    request = deadline(packs["hk"], "subject-request")
    assert request is not None
    assert (request.rule, request.within.text(), request.extended) == ("hk-01", "40 days", None)
    longer = deadline(packs["eu"], "subject-request")
    assert longer is not None
    assert longer.extended is not None
    assert (longer.within.text(), longer.extended.text()) == ("1 month", "3 months")
    filing = deadline(packs["cn"], "filing-facial-information")
    assert filing is not None
    assert filing.within.text() == "30 working days"
    assert deadline(packs["hk"], "breach-authority") is None
    assert calendar_of(packs["hk"]).country == "HK"


def test_a_text_with_a_hole_is_not_made() -> None:
    assert places("Dear {controller}, {controller} and {contact}") == ("controller", "contact")
    assert filled("{contact}: {page}", {"contact": "a {page} b", "page": "p"}) == "a {page} b: p"
    with pytest.raises(NormsError, match=r"contact \(how to reach them\)"):
        filled("{contact}", {"contact": ""})
