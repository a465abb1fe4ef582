"""Checks written down: only changes, each with its entry, nothing of a person in it."""

import json
from typing import Any

import pytest
from sqlalchemy import select
from tests.unit.duties.test_facts import _request
from tests.unit.duties.town import DAY_US, START, Town

from scrim.clock import to_text
from scrim.duties import outcomes
from scrim.errors import LedgerUnavailable
from scrim.ledger import Act, Entry
from scrim.ledger.commitment import holds
from scrim.norms.pack import Paper as Kind
from scrim.papers.placing import Placing
from scrim.store import schema
from scrim.store.database import reading


def _run(town: Town) -> int:
    return town.deployment.checks(town.applied).run().changes


def _rows(town: Town, rule: str, subject: str | None = None) -> list[Any]:
    table = schema.norm_outcome
    query = select(table).where(table.c.rule == rule).order_by(table.c.id)
    with reading(town.deployment.engine) as connection:
        found = list(connection.execute(query))
    return [row for row in found if subject in (None, row.subject)]


def _checked(town: Town, rule: str) -> list[Entry]:
    return [
        entry
        for entry in town.entries()
        if entry.act is Act.CHECKED and entry.facts["rule"] == rule
    ]


def test_without_a_pack_nothing_is_written(town: Town) -> None:
    town.enrol()
    before = len(town.entries())
    assert _run(town) == 0
    assert len(town.entries()) == before


def test_an_outcome_is_a_row_and_an_entry(town: Town) -> None:
    town.enrol()
    town.applied.apply("hk")
    assert _run(town) > 10
    (row,) = _rows(town, "hk-05")
    assert (row.status, row.scope, row.subject, row.until_us) == (
        "breached",
        "camera",
        "gate",
        None,
    )
    assert json.loads(row.facts) == {"camera.recording": True, "camera.sign": False}
    (entry,) = _checked(town, "hk-05")
    assert (entry.camera, entry.reason) == ("gate", "norm-outcome")
    assert entry.facts["outcome"] == "breached"
    found = [i for i, one in enumerate(town.entries()) if one.body() == entry.body()]
    assert found == [row.entry]


def test_only_a_change_is_a_row(town: Town) -> None:
    town.enrol()
    town.applied.apply("hk")
    _run(town)
    town.clock.us += 60_000_000
    assert _run(town) == 0
    town.paper(Kind.SIGN, camera="gate")
    at = town.clock.us
    assert _run(town) == 1
    first, second = _rows(town, "hk-05")
    assert (first.status, first.until_us) == ("breached", at)
    assert (second.status, second.since_us, second.until_us) == ("met", at, None)
    assert [e.facts["outcome"] for e in _checked(town, "hk-05")] == ["breached", "met"]


def test_a_rule_that_is_asked_no_more_ends(town: Town) -> None:
    town.enrol()
    town.applied.apply("hk")
    _run(town)
    town.applied.remove("hk")
    _run(town)
    (row,) = _rows(town, "hk-05")
    assert row.until_us == town.clock.us
    assert [e.facts["outcome"] for e in _checked(town, "hk-05")] == ["breached", "not-asked"]
    with reading(town.deployment.engine) as connection:
        assert outcomes.now(connection) == {}


def test_cameras_alike_share_an_entry(town: Town) -> None:
    for name in ("a", "b", "c"):
        town.enrol(name)
    town.applied.apply("hk")
    _run(town)
    (entry,) = _checked(town, "hk-05")
    assert entry.camera is None
    assert entry.facts["subjects"] == ["a", "b", "c"]
    assert [row.subject for row in _rows(town, "hk-05")] == ["a", "b", "c"]


def test_due_has_its_date_and_then_it_is_breached(town: Town) -> None:
    town.enrol()
    town.applied.apply("cn")
    town.record("gate", START)
    town.clock.us = START + DAY_US
    _run(town)
    (row,) = _rows(town, "cn-02")
    assert row.status == "due"
    assert to_text(row.due_us).startswith("2026-03-3") or row.due_us > START + 29 * DAY_US
    town.clock.us = row.due_us
    _run(town)
    assert [row.status for row in _rows(town, "cn-02")] == ["due", "breached"]
    assert _rows(town, "cn-02")[1].due_us == town.clock.us


def test_invariant_6_a_request_stands_in_the_ledger_as_a_commitment(town: Town) -> None:
    town.applied.apply("baseline")
    _request(town)
    _run(town)
    (row,) = _rows(town, "base-10")
    assert (row.scope, row.subject, row.status) == ("request", "req-aaaaaaaa", "due")
    (entry,) = _checked(town, "base-10")
    named = entry.facts["subjects"]
    assert isinstance(named, list)
    assert len(named) == 1
    assert holds(str(named[0]), "req-aaaaaaaa", b"x" * 16)
    assert all(b"req-aaaa" not in one.body() for one in town.entries())
    done = town.deployment.checks(town.applied).look(rule="base-10")
    assert [one.subject for one in done] == ["req-aaaaaaaa"]


def test_a_request_that_is_forgotten_ends_without_a_name(town: Town) -> None:
    town.applied.apply("baseline")
    _request(town)
    _run(town)
    table = schema.subject_request
    town.change(table, table.c.id == "req-aaaaaaaa", erased_us=town.clock.us)
    _run(town)
    assert _checked(town, "base-10")[-1].facts["subjects"] == [""]


def test_invariant_5_without_the_ledger_nothing_is_written(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.enrol()
    town.applied.apply("hk")

    def refuse(*_: object) -> None:
        raise LedgerUnavailable("No.")

    checks = town.deployment.checks(town.applied)
    with monkeypatch.context() as patched:
        patched.setattr(type(town.deployment.ledger), "append_in", refuse)
        with pytest.raises(LedgerUnavailable):
            checks.run()
    assert _rows(town, "hk-05") == []
    assert _run(town) > 10


def test_news_are_of_what_is_not_as_it_should_be(town: Town) -> None:
    town.enrol()
    town.applied.apply("hk")
    news = town.deployment.checks(town.applied).run().news
    assert any(line.startswith("breached (hk-05) for the camera gate:") for line in news)
    assert any("hk-07, unverified" in line for line in news)
    assert not any(line.startswith("met") for line in news)
    assert len(news) <= 21


def test_looking_writes_nothing_and_tries_a_pack_that_is_not_applied(town: Town) -> None:
    town.enrol()
    before = len(town.entries())
    found = town.deployment.checks(town.applied).look(packs=["uk"], camera="gate")
    assert {one.pack for one in found} == {"uk"}
    assert {one.subject for one in found} == {"gate"}
    assert {one.rule.id: one.verdict.status.value for one in found}["uk-10"] == "breached"
    assert len(town.entries()) == before
    with reading(town.deployment.engine) as connection:
        assert outcomes.now(connection) == {}


def _asked_of(town: Town, subject: str) -> set[str]:
    return {
        one.pack for one in town.deployment.checks(town.applied).look() if one.subject == subject
    }


def test_a_breach_of_all_cameras_is_under_the_packs_of_each(town: Town) -> None:
    town.sites.add("north", {"place": "station"})
    town.enrol("gate")
    town.enrol("yard", Placing(site="north"))
    town.applied.apply("eu", site="north")
    town.applied.apply("uk", camera="gate")
    breach = {
        "state": "open", "known_us": START, "seen_us": START, "clocks": "[]", "salt": b"x" * 16,
        "happened": "lost",
    }  # fmt: skip
    town.put(schema.breach, id="bre-all", cameras="[]", **breach)
    town.put(schema.breach, id="bre-yard", cameras='["yard"]', **breach)
    town.put(schema.breach, id="bre-gate", cameras='["gate"]', **breach)
    assert _asked_of(town, "bre-all") == _asked_of(town, "bre-yard") == {"eu"}
    assert _asked_of(town, "bre-gate") == set()  # uk has no rule about breaches
    town.cameras.remove("yard")  # and nothing of it is left
    assert _asked_of(town, "bre-yard") == {"eu"}


def test_rows_of_the_past_come_newest_first(town: Town) -> None:
    town.enrol()
    town.applied.apply("hk")
    _run(town)
    town.clock.us += 1
    town.paper(Kind.SIGN, camera="gate")
    _run(town)
    with reading(town.deployment.engine) as connection:
        past = outcomes.rows(connection, rule="hk-05", subject="gate", with_past=True)
        now = outcomes.rows(connection, statuses=["breached", "due"], scope="camera")
        counts = outcomes.counts(connection)
    assert [row.status for row in past] == ["met", "breached"]
    assert "hk-05" not in {row.rule for row in now}
    assert counts["hk", "hk-05", "met"] == 1
