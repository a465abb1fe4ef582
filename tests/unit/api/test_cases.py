"""A case over HTTP: who may do what, and what goes over the wire."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from tests.unit.api.served import NOW_US, Served
from tests.unit.cases.world import SEGMENT_US, World

from scrim.access import Role
from scrim.canonical import digest
from scrim.clock import SECOND
from scrim.store.keys import document_key, manifest_key, sealed_key
from scrim.vault import CustodianSet
from scrim.vault.statement import Statement

SINCE_US = NOW_US - 3600 * SECOND
UNTIL_US = SINCE_US + 2 * SEGMENT_US
SEALED = b"sealed bytes of a segment" * 40


@pytest.fixture
def world(served: Served) -> World:
    """Three custodians, an officer, and a sealed period of the camera ``gate``."""
    made = World(served.services.engine, served.services.folder.path)
    made.seal()
    served.services.objects.put(sealed_key("gate", 1, 1, 100), SEALED)
    served.services.objects.put(manifest_key("gate", 1, 1), b'{"a":"manifest"}')
    return made


@pytest.fixture
async def officer(served: Served, world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with served.signed_in_as(Role.OFFICER, world.signer) as client:
        yield client


@asynccontextmanager
async def custodian(served: Served, world: World, number: int) -> AsyncIterator[httpx.AsyncClient]:
    async with served.signed_in_as(Role.CUSTODIAN, world.offices[number].signer) as client:
        yield client


async def drafted(officer: httpx.AsyncClient, world: World, **changes: Any) -> dict[str, Any]:
    answer = await officer.post("/api/cases", json={**world.draft().document(), **changes})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def requested(officer: httpx.AsyncClient, world: World) -> str:
    made = await drafted(officer, world)
    signed = Statement.sign(made["body"], world.signer).to_bytes()
    answer = await officer.post(f"/api/cases/{made['case']}/request", content=signed)
    assert answer.status_code == 200, answer.text
    assert answer.json()["state"] == "requested"
    return str(made["case"])


async def answered(
    served: Served, world: World, case: str, number: int, decision: str = "approved"
) -> httpx.Response:
    office = world.offices[number]
    file = world.cases.get(world.person(office.id), case)
    async with custodian(served, world, number) as client:
        data = world.answer_of(office, file, decision)
        return await client.post(f"/api/cases/{case}/answers", content=data)


async def approved(served: Served, officer: httpx.AsyncClient, world: World) -> str:
    case = await requested(officer, world)
    for number in (0, 1):
        answer = await answered(served, world, case, number)
        assert answer.status_code == 200, answer.text
    return case


LOOK = {"act": "view", "cameras": ["gate"], "since_us": SINCE_US, "until_us": UNTIL_US}


async def test_from_draft_to_closed(
    served: Served, world: World, officer: httpx.AsyncClient
) -> None:
    case = await approved(served, officer, world)
    viewing = (await officer.post(f"/api/cases/{case}/viewings", json=LOOK)).json()
    assert [one["segment"] for one in viewing["segments"]] == [100, 101]
    base = f"/api/viewings/{viewing['viewing']}"
    assert (await officer.get(f"{base}/sealed/gate/100")).content == SEALED
    assert (await officer.get(f"{base}/periods/gate/1/1/manifest")).json() == {"a": "manifest"}
    document = (await officer.get(f"{base}/periods/gate/1/1/document")).content
    assert document == world.objects.get(document_key("gate", 1, 1))
    assert (await officer.get(base)).json() == viewing
    export = {"kind": "evidence", "sha256": "b" * 64, "size": 9, "recipient": "The registrar"}
    answer = await officer.post(f"/api/cases/{case}/exports", json=export)
    assert answer.status_code == 422, "for whom, and why"
    export |= {"organisation": "Court of the North", "why": "Ordered."}
    answer = await officer.post(f"/api/cases/{case}/exports", json=export)
    assert answer.status_code == 201
    assert served.entries()[answer.json()["entry"]]["act"] == "exported"
    shown = (await officer.get(f"/api/cases/{case}")).json()
    assert (shown["state"], len(shown["answers"])) == ("open", 2)
    assert not any("parts" in one for one in shown["answers"]), "nobody's parts go into a list"
    assert '"parts"' not in json.dumps(shown["answers"])  # and a key may spell it without quotes
    world.checkpoint()
    record = (await officer.get(f"/api/cases/{case}/record")).json()
    assert len(record["entries"]) == len(shown["entries"])
    answer = await officer.post(f"/api/cases/{case}/close", json={"reason": "Found."})
    assert answer.json()["state"] == "closed"
    for path in ("sealed/gate/100", "periods/gate/1/1/manifest"):
        assert (await officer.get(f"{base}/{path}")).status_code in {404, 409}


async def test_custodian_sets_are_for_who_checks_answers(
    served: Served, world: World, officer: httpx.AsyncClient
) -> None:
    known = CustodianSet(2, tuple(office.custodian for office in world.offices)).document()
    path = f"/api/custodians/{digest(known)}"
    assert (await officer.get(path)).json() == known
    async with custodian(served, world, 0) as client:
        assert (await client.get(path)).json() == known
    assert (await officer.get(f"/api/custodians/{'0' * 64}")).status_code == 404
    assert (await officer.get("/api/custodians/1")).status_code == 422
    async with served.client() as nobody:
        assert (await nobody.get(path)).status_code == 401


async def test_parts_go_to_the_officer_alone(
    served: Served, world: World, officer: httpx.AsyncClient
) -> None:
    case = await approved(served, officer, world)
    world.checkpoint()
    package = (await officer.get(f"/api/cases/{case}/package")).json()
    assert [len(one["body"]["parts"]) for one in package["answers"]] == [1, 1]
    sealed = package["answers"][0]["body"]["parts"][0]["sealed"]
    async with custodian(served, world, 2) as client:
        answer = await client.get(f"/api/cases/{case}/package")
        assert answer.status_code == 200
        assert sealed not in answer.text
        assert sealed not in (await client.get(f"/api/cases/{case}")).text


async def test_invariant_8_who_asks_neither_answers_nor_looks_unapproved(
    served: Served, world: World, officer: httpx.AsyncClient
) -> None:
    case = await requested(officer, world)
    file = world.cases.get(world.officer, case)
    forged = world.answer_of(world.offices[0], file)
    answer = await officer.post(f"/api/cases/{case}/answers", content=forged)
    assert answer.status_code == 403
    assert (await answered(served, world, case, 0)).status_code == 200
    answer = await officer.post(f"/api/cases/{case}/viewings", json=LOOK)
    assert answer.status_code == 409, "k-1 approvals show nothing"
    assert answer.json()["type"] == "urn:scrim:problem:CaseState"
    async with served.signed_in() as operator:
        for method, path in (
            ("GET", "/api/cases"),
            ("GET", f"/api/cases/{case}"),
            ("GET", f"/api/cases/{case}/package"),
            ("POST", f"/api/cases/{case}/close"),
        ):
            answer = await operator.request(method, path)
            assert answer.status_code == 403


async def test_a_custodian_answers_in_their_own_name_only(
    served: Served, world: World, officer: httpx.AsyncClient
) -> None:
    case = await requested(officer, world)
    file = world.cases.get(world.officer, case)
    as_another = world.answer_of(world.offices[1], file)
    async with custodian(served, world, 0) as client:
        answer = await client.post(f"/api/cases/{case}/answers", content=as_another)
        assert answer.status_code in {403, 422}
    assert not world.cases.get(world.officer, case).answers


async def test_a_rule_that_forbids_is_named(
    world: World, served: Served, officer: httpx.AsyncClient
) -> None:
    answer = await officer.post(
        "/api/cases", json={**world.draft().document(), "purpose": "curiosity"}
    )
    assert answer.status_code == 422
    problem = answer.json()
    assert problem["type"] == "urn:scrim:problem:CaseRefused"
    assert problem["rule"]
    assert problem["remedy"]
    register = (await officer.get("/api/cases?state=refused")).json()
    assert [one["rule"] for one in register] == [problem["rule"]]


@pytest.mark.parametrize(
    "changed",
    [
        {"cameras": []},
        {"cameras": ["../etc"]},
        {"kind": "search"},
        {"since_us": -1},
        {"until_us": 2**60},
        {"until_us": SINCE_US},
        {"reason": "short"},
        {"recipient": "age1x"},
        {"authority": {"kind": "whim", "reference": "x", "document_sha256": ""}},
        {"extra": 1},
    ],
)
async def test_a_draft_that_makes_no_sense_is_refused_and_not_logged(
    served: Served, world: World, officer: httpx.AsyncClient, changed: dict[str, Any]
) -> None:
    before = served.services.ledger.size()
    answer = await officer.post("/api/cases", json={**world.draft().document(), **changed})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert served.services.ledger.size() == before


async def test_another_body_than_the_draft_is_not_taken(
    served: Served, world: World, officer: httpx.AsyncClient
) -> None:
    made = await drafted(officer, world)
    path = f"/api/cases/{made['case']}/request"
    wider = {**made["body"], "until_us": made["body"]["until_us"] + 1}
    for data in (
        Statement.sign(wider, world.signer).to_bytes(),
        Statement.sign(made["body"], world.offices[0].signer).to_bytes(),
        json.dumps(Statement.sign(made["body"], world.signer).document(), indent=1).encode(),
        b"",
        b"{}",
        b"[" * 60_000,
        b"\xff\xfe",
    ):
        answer = await officer.post(path, content=data)
        assert answer.status_code == 422, answer.text
    assert (await officer.get(f"/api/cases/{made['case']}")).json()["state"] == "drafted"


async def test_another_officers_case_is_not_there(
    served: Served, world: World, officer: httpx.AsyncClient
) -> None:
    case = await approved(served, officer, world)
    viewing = (await officer.post(f"/api/cases/{case}/viewings", json=LOOK)).json()["viewing"]
    other = served.register(Role.OFFICER, "officer-8")
    async with served.signed_in_as(Role.OFFICER, other) as stranger:
        assert (await stranger.get("/api/cases")).json() == []
        for method, path in (
            ("GET", f"/api/cases/{case}"),
            ("GET", f"/api/cases/{case}/package"),
            ("GET", f"/api/cases/{case}/record"),
            ("GET", f"/api/viewings/{viewing}/sealed/gate/100"),
            ("GET", f"/api/viewings/{viewing}/periods/gate/1/1/manifest"),
            ("GET", f"/api/viewings/{viewing}/periods/gate/1/1/document"),
            ("GET", f"/api/viewings/{viewing}"),
        ):
            answer = await stranger.request(method, path)
            assert answer.status_code == 404, path
        assert (await stranger.post(f"/api/cases/{case}/viewings", json=LOOK)).status_code == 404
    unknown = (await officer.get("/api/cases/case-aaaaaaaa")).json()
    async with served.signed_in_as(Role.OFFICER, other) as stranger:
        assert (await stranger.get(f"/api/cases/{case}")).json() == unknown, "the same words"


@pytest.mark.parametrize(
    "changed",
    [{"cameras": ["yard"]}, {"since_us": SINCE_US - 1}, {"until_us": UNTIL_US + 1}],
)
async def test_nothing_beyond_the_case_is_looked_at(
    served: Served, world: World, officer: httpx.AsyncClient, changed: dict[str, Any]
) -> None:
    case = await approved(served, officer, world)
    before = served.services.ledger.size()
    answer = await officer.post(f"/api/cases/{case}/viewings", json={**LOOK, **changed})
    assert answer.status_code == 422
    assert served.services.ledger.size() == before


async def test_invariant_5_a_look_is_in_the_ledger_before_it_names_a_segment(
    served: Served, world: World, officer: httpx.AsyncClient
) -> None:
    case = await approved(served, officer, world)
    await officer.post(f"/api/cases/{case}/viewings", json=LOOK)
    entry = served.entries()[-1]
    assert (entry["act"], entry["camera"]) == ("original-viewed", "gate")
    assert (entry["since"], entry["until"]) == (SINCE_US, UNTIL_US)


async def test_a_sealed_object_is_fetched_in_pieces(
    served: Served, world: World, officer: httpx.AsyncClient
) -> None:
    case = await approved(served, officer, world)
    viewing = (await officer.post(f"/api/cases/{case}/viewings", json=LOOK)).json()["viewing"]
    path = f"/api/viewings/{viewing}/sealed/gate/100"
    first = await officer.get(path, headers={"Range": "bytes=0-9"})
    mark = first.headers["etag"]
    rest = await officer.get(path, headers={"Range": "bytes=10-", "If-Range": mark})
    assert (first.status_code, rest.status_code) == (206, 206)
    assert first.content + rest.content == SEALED
    other = await officer.get(path, headers={"Range": "bytes=10-", "If-Range": '"other"'})
    assert (other.status_code, other.content) == (200, SEALED)
    for gone in ("gate/999", "yard/100"):
        answer = await officer.get(f"/api/viewings/{viewing}/sealed/{gone}")
        assert answer.status_code == 404


async def test_only_papers_may_be_large(
    served: Served, world: World, officer: httpx.AsyncClient
) -> None:
    case = await requested(officer, world)
    large = b" " * 100_000
    assert (await officer.post(f"/api/cases/{case}/request", content=large)).status_code == 422
    assert (await officer.post(f"/api/cases/{case}/close", content=large)).status_code == 413
    async with custodian(served, world, 0) as client:
        path = f"/api/cases/{case}/answers"
        assert (await client.post(path, content=large)).status_code == 422
        endless = b" " * (33 * 1024 * 1024)
        assert (await client.post(path, content=endless)).status_code == 413


async def test_a_custodian_looks_at_the_masked_recording_of_what_is_asked(
    served: Served, world: World, officer: httpx.AsyncClient
) -> None:
    served.store(7, SINCE_US, SINCE_US + SECOND, camera="gate", epoch=2)
    case = await requested(officer, world)
    look = {
        "camera": "gate",
        "mode": "recorded",
        "reason": "case-review",
        "case": case,
        "since_us": SINCE_US,
        "until_us": UNTIL_US,
    }
    async with custodian(served, world, 0) as client:
        answer = await client.post("/api/views", json=look)
        assert answer.status_code == 201, answer.text
        entry = served.entries()[-1]
        file = world.cases.get(world.officer, case)
        assert (entry["act"], entry["reason"], entry["authority"]) == (
            *("viewed", "case-review"),
            "custodian",
        )
        assert entry["facts"]["case"] == file.commitment
        assert entry["facts"]["request"] == file.request_sha256
        playlist = answer.json()["playlist"]
        assert (await client.get(playlist)).status_code == 200
        for changed, status in (
            ({"camera": "yard"}, 422),
            ({"since_us": SINCE_US - 1}, 422),
            ({"until_us": UNTIL_US + 1}, 422),
            ({"case": "case-aaaaaaaa"}, 404),
            ({"case": None}, 422),
            ({"reason": "audit"}, 422),
            ({"reason": "audit", "case": None}, 422),
            ({"mode": "live", "since_us": None, "until_us": None}, 422),
        ):
            refused = await client.post("/api/views", json={**look, **changed})
            assert refused.status_code == status, changed
        await officer.post(f"/api/cases/{case}/close", json={"reason": "Found."})
        assert (await client.get(playlist)).status_code == 403, "it ends with the case"
        assert (await client.post("/api/views", json=look)).status_code == 404
    async with served.signed_in() as operator:
        assert (await operator.post("/api/views", json=look)).status_code == 422


async def test_a_custodian_who_is_not_asked_sees_nothing_of_it(
    served: Served, world: World, officer: httpx.AsyncClient
) -> None:
    case = await requested(officer, world)
    stranger = served.register(Role.CUSTODIAN, "another-court")
    async with served.signed_in_as(Role.CUSTODIAN, stranger) as client:
        assert (await client.get("/api/cases")).json() == []
        assert (await client.get(f"/api/cases/{case}")).status_code == 404
        look = {"camera": "gate", "mode": "recorded", "reason": "case-review", "case": case}
        look |= {"since_us": SINCE_US, "until_us": UNTIL_US}  # type: ignore[dict-item]
        assert (await client.post("/api/views", json=look)).status_code == 404


async def test_past_its_expiry_a_case_shows_nothing_more(
    served: Served, world: World, officer: httpx.AsyncClient
) -> None:
    case = await approved(served, officer, world)
    viewing = (await officer.post(f"/api/cases/{case}/viewings", json=LOOK)).json()["viewing"]
    served.clock.us = world.draft().expires_us
    async with served.signed_in_as(Role.OFFICER, world.signer) as client:
        answer = await client.get(f"/api/viewings/{viewing}/sealed/gate/100")
        assert answer.status_code in {404, 409}
        assert (await client.get(f"/api/cases/{case}")).json()["state"] == "expired"


async def test_an_officer_is_told_what_may_be_asked_for(
    served: Served, world: World, officer: httpx.AsyncClient
) -> None:
    answer = await officer.get("/api/purposes", params={"camera": ["gate", "yard"]})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    limits = served.services.cases.limits
    assert (told["longest_hours"], told["longest_days"]) == (
        limits.longest_hours,
        limits.longest_days,
    )
    assert [one["purpose"] for one in told["offers"]] == list(limits.purposes)
    for wrong in ([], ["../gate"], ["gate"] * 101):
        asked = await officer.get("/api/purposes", params={"camera": wrong})
        assert asked.status_code == 422
    async with custodian(served, world, 0) as client:
        assert (await client.get("/api/purposes", params={"camera": "gate"})).status_code == 403
