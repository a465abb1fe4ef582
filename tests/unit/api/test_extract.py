"""Extracts of the ledger, for an auditor."""

from __future__ import annotations

import csv
import hashlib
import io
import json

import pytest
from tests.unit.api.served import NOW_US, Served, enrol

from scrim.access import Role, Scope
from scrim.cases.extract import Asked
from scrim.clock import SECOND
from scrim.errors import CaseRefused

ALL: dict[str, str | int] = {
    "since_us": 0,
    "until_us": NOW_US + 3600 * SECOND,
    "purpose": "lawfulness",
}


async def look(served: Served, camera: str = "demo") -> None:
    async with served.signed_in_as(Role.OPERATOR) as client:
        body = {"camera": camera, "mode": "live", "reason": "live-monitoring"}
        assert (await client.post("/api/views", json=body)).status_code == 201


async def test_of_a_person_with_commitments_opened_and_itself_logged(served: Served) -> None:
    await look(served)
    served.register(Role.OFFICER, "officer-7")
    async with served.signed_in_as(Role.AUDITOR) as client:
        answer = await client.get("/api/ledger/export", params={**ALL, "person": "some-operator"})
        assert answer.status_code == 200
        assert "ledger-some-operator.json" in answer.headers["content-disposition"]
    found = answer.json()
    assert [row["entry"]["act"] for row in found["entries"]] == [
        "person-registered",
        "signed-in",
        "viewed",
    ]
    viewed = found["entries"][-1]
    assert viewed["opened"] == {viewed["entry"]["who"]: "some-operator"}
    assert served.entries()[viewed["index"]] == viewed["entry"], "as it stands in the ledger"
    logged = served.entries()[-1]
    assert logged["act"] == "exported"
    assert logged["facts"]["sha256"] == hashlib.sha256(answer.content).hexdigest()
    assert logged["facts"]["entries"] == 3
    assert logged["facts"]["purpose"] == "lawfulness"
    assert logged["facts"]["person"] == viewed["entry"]["who"]
    assert logged["facts"]["permit"] == ["oversight-exports-the-ledger"]
    assert "some-operator" not in str(served.entries())


async def test_of_a_camera_as_csv(served: Served) -> None:
    enrol(served, "yard", "Yard")
    await look(served, "yard")
    async with served.signed_in_as(Role.AUDITOR) as client:
        params: dict[str, str | int] = {**ALL, "camera": "yard", "format": "csv"}
        answer = await client.get("/api/ledger/export", params=params)
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(row["act"], row["who"], row["camera"]) for row in rows] == [
        ("viewed", "some-operator", "yard")
    ]
    assert json.loads(rows[0]["facts"])["mode"] == "live"
    assert served.entries()[-1]["camera"] == "yard"


async def test_who_is_limited_to_some_cameras_gets_extracts_of_these_alone(
    served: Served,
) -> None:
    enrol(served, "yard", "Yard")
    scope = Scope(cameras=frozenset({"yard"}))
    token = served.services.tokens.make("books", Role.AUDITOR, 30, scope=scope)
    async with served.client(Authorization=f"Bearer {token}") as client:
        for key, value, status in (
            ("camera", "yard", 200), ("camera", "demo", 404), ("person", "nobody", 403),
        ):  # fmt: skip
            answer = await client.get("/api/ledger/export", params={**ALL, key: value})
            assert answer.status_code == status, value


async def test_an_interval_is_half_open(served: Served) -> None:
    await look(served)
    async with served.signed_in_as(Role.AUDITOR) as client:
        for since, until, number in ((NOW_US, NOW_US + 1, 1), (0, NOW_US, 0)):
            params = {**ALL, "since_us": since, "until_us": until, "camera": "demo"}
            answer = await client.get("/api/ledger/export", params=params)
            assert len(answer.json()["entries"]) == number


@pytest.mark.parametrize(
    ("params", "status"),
    [
        ({"person": "nobody"}, 404),
        ({"camera": "nowhere"}, 404),
        ({}, 422),
        ({"person": "some-auditor", "camera": "demo"}, 422),
        ({"camera": "demo", "until_us": 0}, 422),
        ({"camera": "../../etc"}, 422),
        ({"camera": "demo", "format": "pdf"}, 422),
        ({"camera": "demo", "purpose": "curiosity"}, 422),
    ],
)
async def test_what_is_no_extract(
    served: Served, params: dict[str, str | int], status: int
) -> None:
    async with served.signed_in_as(Role.AUDITOR) as client:
        before = len(served.entries())
        answer = await client.get("/api/ledger/export", params={**ALL, **params})
        assert answer.status_code == status
        assert len(served.entries()) == before


def test_a_rule_is_named(served: Served) -> None:
    with pytest.raises(CaseRefused) as refused:
        served.services.extracts.make(Asked(0, 1, "security"), "json")
    assert refused.value.rule == "extract-of-one"
