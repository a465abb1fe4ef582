"""Norms over HTTP: the outcomes of the last check, their rules' words, figures."""

from __future__ import annotations

from typing import Any

from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import insert
from tests.unit.api.served import NOW_US, Served, enrol

from scrim.access import Role
from scrim.access.authoriser import Scope
from scrim.access.granting import Standings
from scrim.duties.checks import Checks
from scrim.norms import NOT_ADVICE
from scrim.papers.applied import Applied
from scrim.settings import Settings
from scrim.store import schema
from scrim.store.database import writing


def _check(served: Served, *packs: str) -> None:
    have = served.services
    applied = Applied(have.engine, have.ledger, have.clock)
    for pack in packs:
        applied.apply(pack)
    Checks(have.engine, have.ledger, have.clock, Settings(), applied).run()


async def test_before_a_check_there_is_nothing(served: Served) -> None:
    async with served.signed_in() as client:
        said = (await client.get("/api/norms")).json()
    assert said == {
        "not_advice": NOT_ADVICE, "checked_us": None, "trouble": None, "rules": [], "outcomes": [],
    }  # fmt: skip


async def test_rules_come_with_citation_and_mark_and_what_is_not_met(served: Served) -> None:
    _check(served, "hk")
    async with served.signed_in() as client:
        said = (await client.get("/api/norms")).json()
    assert said["not_advice"] == NOT_ADVICE
    assert said["checked_us"] == NOW_US
    rules = {one["rule"]: one for one in said["rules"]}
    assert rules["hk-05"]["citation"] == "PDPO (Cap. 486) Schedule 1, DPP1(3)"
    assert (rules["hk-05"]["unverified"], rules["hk-07"]["unverified"]) == (False, True)
    assert (rules["hk-05"]["breached"], rules["hk-05"]["met"]) == (1, 0)
    found = {(one["rule"], one["subject"]): one for one in said["outcomes"]}
    assert found["hk-05", "demo"]["status"] == "breached"
    assert found["hk-05", "demo"]["facts"] == {"camera.recording": True, "camera.sign": False}
    assert {one["status"] for one in said["outcomes"]} <= {"due", "breached"}


def _standing(scope: str, subject: str, **values: Any) -> dict[str, Any]:
    return {
        "pack": "hk", "rule": "hk-01", "scope": scope, "subject": subject, "status": "breached",
        "why": "", "facts": "{}", "since_us": NOW_US, "entry": 0, **values,
    }  # fmt: skip


async def test_outcomes_are_for_those_who_may_know_of_what_they_are_of(served: Served) -> None:
    enrol(served, "yard", "Yard")
    have = served.services
    with writing(have.engine) as connection:
        for scope, subject in (
            ("camera", "demo"), ("camera", "yard"), ("site", "default"),
            ("deployment", "deployment"), ("request", "req-aaaaaaaa"),
            ("filing", "filing-aaaaaaaa"),
        ):  # fmt: skip
            connection.execute(insert(schema.norm_outcome).values(**_standing(scope, subject)))

    async def shown(client: Any) -> set[str]:
        said = (await client.get("/api/norms")).json()
        return {one["subject"] for one in said["outcomes"]}

    everywhere = {"demo", "yard", "default", "deployment"}
    async with served.signed_in_as(Role.OPERATOR) as client:
        assert await shown(client) == everywhere
    async with served.signed_in_as(Role.AUDITOR) as client:
        assert await shown(client) == everywhere | {"req-aaaaaaaa", "filing-aaaaaaaa"}
    person = have.people.enrol("privacy-2", "city", Role.PRIVACY_OFFICER)
    Standings(have.engine, have.ledger, have.clock).set_scope(
        person, Scope(cameras=frozenset({"yard"}))
    )
    async with served.client() as client:
        token = have.sign_in.new_link("privacy-2")
        assert (await client.post("/api/session", json={"token": token})).status_code == 204
        assert await shown(client) == {"yard", "deployment"}


async def test_of_a_camera_or_a_rule_all_outcomes_are_given(served: Served) -> None:
    _check(served, "hk")
    async with served.signed_in() as client:
        camera = (await client.get("/api/norms", params={"camera": "demo"})).json()["outcomes"]
        rule = (await client.get("/api/norms", params={"rule": "hk-03-kept"})).json()["outcomes"]
        met = (await client.get("/api/norms", params={"status": "met"})).json()["outcomes"]
        few = (await client.get("/api/norms", params={"status": "met", "most": 1})).json()
        bad = await client.get("/api/norms", params={"status": "well"})
    assert {one["subject"] for one in camera} == {"demo"}
    assert {one["status"] for one in camera} >= {"met", "breached"}
    assert [(one["scope"], one["status"]) for one in rule] == [("deployment", "met")]
    assert {one["status"] for one in met} == {"met"}
    assert len(few["outcomes"]) == 1
    assert bad.status_code == 422


async def test_a_cameras_rules_that_are_not_met_stand_with_it(served: Served) -> None:
    async with served.signed_in() as client:
        assert (await client.get("/api/cameras")).json()[0]["norms"] == []
        _check(served, "hk")
        (camera,) = (await client.get("/api/cameras")).json()
    norms = {one["rule"]: one for one in camera["norms"]}
    assert norms["hk-07"]["status"] == "breached"
    assert norms["hk-07"]["unverified"] is True
    assert norms["hk-05"]["citation"].startswith("PDPO")
    assert "hk-09" not in norms


async def test_a_folder_of_packs_that_is_not_taken_is_said(served: Served) -> None:
    with writing(served.services.engine) as connection:
        connection.execute(
            insert(schema.pack_trouble).values(id=1, trouble="a.yaml: bad.", since_us=1)
        )
    async with served.signed_in() as client:
        assert (await client.get("/api/norms")).json()["trouble"] == "a.yaml: bad."


async def test_outcomes_are_figures(served: Served) -> None:
    _check(served, "hk")
    async with served.client() as client:
        text = (await client.get("/metrics")).text
    families = {one.name: one for one in text_string_to_metric_families(text)}
    found = {
        (s.labels["rule"], s.labels["outcome"]): s.value
        for s in families["scrim_norm_outcomes"].samples
    }
    assert found["hk-05", "breached"] == 1
    assert found["hk-03-kept", "met"] == 1
    (checked,) = families["scrim_norms_checked_seconds"].samples
    assert checked.value == NOW_US / 1e6


async def test_others_than_operators_do_not_see_them(served: Served) -> None:
    async with served.client() as client:
        assert (await client.get("/api/norms")).status_code == 401
