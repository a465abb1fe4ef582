from __future__ import annotations

from typing import Any

import yaml

from scrim.clock import from_text
from scrim.norms.check import Checker, Outcome, Subject, by_hand
from scrim.norms.facts import Facts, Group
from scrim.norms.load import load_all, pack_from
from scrim.norms.pack import Pack, Status

PACKS = load_all()
START = "2026-01-01T02:00:00Z"
REQUEST: dict[str, object] = {
    "kind": "access",
    "received": START,
    "answered": False,
    "partly_answered": False,
}


def outcome(rule: str, at: str, facts: Facts) -> Outcome:
    packs = {rule.partition("-")[0]: PACKS[rule.partition("-")[0]]}
    found = [o for o in by_hand(packs, facts, from_text(at)) if o.rule.id == rule]
    assert len(found) == 1
    return found[0]


def test_an_outcome_has_its_facts_and_its_date() -> None:
    said = outcome("hk-01", "2026-01-20T00:00:00Z", Facts({"request": REQUEST})).document()
    assert said == {
        "pack": "hk",
        "rule": "hk-01",
        "subject": "request",
        "scope": "request",
        "status": "due",
        "severity": "breach",
        "facts": {
            "request.kind": "access",
            "request.answered": False,
            "request.partly_answered": False,
            "request.received": "2026-01-01T02:00:00.000000Z",
        },
        "unverified": False,
        "due": "2026-02-10T16:00:00.000000Z",
    }


def test_due_turns_to_breached_at_the_first_moment_after() -> None:
    facts = Facts({"request": REQUEST})
    last = outcome("hk-01", "2026-02-10T15:59:59.999999Z", facts).verdict
    first = outcome("hk-01", "2026-02-10T16:00:00Z", facts).verdict
    assert (last.status, first.status) == (Status.DUE, Status.BREACHED)
    assert last.due_us == first.due_us


def test_what_does_not_apply_says_why_alone() -> None:
    facts = Facts({"request": REQUEST | {"kind": "objection"}})
    verdict = outcome("hk-01", START, facts).verdict
    assert verdict.status is Status.NOT_APPLICABLE
    assert verdict.facts == (("request.kind", "objection"),)


def test_what_cannot_be_decided_is_breached_and_says_why() -> None:
    del_kind = {name: value for name, value in REQUEST.items() if name != "answered"}
    verdict = outcome("hk-01", START, Facts({"request": del_kind})).verdict
    assert verdict.status is Status.BREACHED
    assert verdict.why == "facts.request.answered is not known"
    assert "request.answered" not in dict(verdict.facts)


def test_a_date_that_cannot_be_counted_is_breached_and_says_why() -> None:
    deployment = {"people_100000_since": "2026-12-20T00:00:00Z", "filings": []}
    verdict = outcome("cn-09", "2026-12-21T00:00:00Z", Facts({"deployment": deployment})).verdict
    assert (verdict.status, verdict.due_us) == (Status.BREACHED, None)
    assert "holidays of 2027 in CN" in verdict.why


def test_a_subject_is_asked_only_by_its_own_packs_and_scope() -> None:
    checker = Checker(PACKS.values())
    camera = Subject(Group.CAMERA, "gate", frozenset({"cn", "uk"}), Facts({"camera": {}}))
    rules = {outcome.rule.id for outcome in checker.check([camera], 0)}
    assert rules == {
        rule.id for id_ in ("cn", "uk") for rule in PACKS[id_].rules if rule.scope is Group.CAMERA
    }


def _alike(pack: Pack, cameras: list[dict[str, object]]) -> list[tuple[str, Status]]:
    subjects = [
        Subject(Group.CAMERA, str(n), frozenset({pack.id}), Facts({"camera": facts}))
        for n, facts in enumerate(cameras)
    ]
    found = Checker([pack]).check(subjects, from_text(START))
    return [(outcome.subject, outcome.verdict.status) for outcome in found]


def _one_rule(check: str) -> Pack:
    pack: dict[str, Any] = {
        "format": "scrim-pack-v1",
        "id": "own",
        "title": "Our own",
        "edition": "2026-11-22",
        "facts": 1,
        "language": "en",
        "calendar": {"zone": "UTC"},
        "about": "What we ask of ourselves.",
        "rules": [
            {
                "id": "own-01",
                "sentence": "It holds.",
                "citation": "House rules, 1",
                "source": "read",
                "scope": "camera",
                "check": check,
                "remedy": "Mend it.",
            }
        ],
    }
    return pack_from(yaml.safe_dump(pack).encode(), "own.yaml")


def test_cameras_that_differ_in_what_is_asked_are_judged_apart() -> None:
    two = _one_rule("facts.camera.sign || facts.camera.density == 1")
    cameras: list[dict[str, object]] = [
        {"sign": True, "density": None},
        {"sign": False, "density": 1, "zoom": True},
        {"sign": False, "density": 1, "zoom": False},
        {"sign": False, "density": None},
        {"sign": False, "density": 0},
        {"sign": True},
        {"density": 1},
        {},
    ]
    expected = ["met", "met", "met", "breached", "breached", "met", "met", "breached"]
    assert _alike(two, cameras) == [(str(n), Status(word)) for n, word in enumerate(expected)]


def test_each_subject_gets_its_own_outcome_though_judged_once() -> None:
    one = _one_rule("facts.camera.sign")
    assert _alike(one, [{"sign": True}] * 3) == [(str(n), Status.MET) for n in range(3)]


def test_by_hand_each_group_is_a_subject() -> None:
    facts = Facts({"deployment": {}, "camera": {"sign": True}})
    scopes = {outcome.rule.scope for outcome in by_hand(PACKS, facts, 0)}
    assert scopes == {Group.DEPLOYMENT, Group.CAMERA}
