"""Requests of people filmed and holds by a privacy officer; registers for an auditor."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from tests.unit.api.served import NOW_US, Served, enrol

from scrim.access import Role, Scope
from scrim.access.granting import Standings
from scrim.clock import SECOND
from scrim.papers.applied import Applied

DAY_US = 86_400 * SECOND
ASKED: dict[str, Any] = {
    "cameras": ["demo"],
    "since_us": NOW_US - 7200 * SECOND,
    "until_us": NOW_US - 3600 * SECOND,
    "contact": "Chan Tai Man, chan@example.hk",
    "description": "A red umbrella at the north gate.",
}
HOLD: dict[str, Any] = {
    "cameras": ["demo"],
    "since_us": NOW_US - 7200 * SECOND,
    "until_us": NOW_US,
    "reason": "Complaint to the Commissioner.",
    "review_us": NOW_US + 90 * DAY_US,
}


@pytest.fixture(autouse=True)
def packs(served: Served) -> None:
    enrol(served, "other")
    have = served.services
    Applied(have.engine, have.ledger, have.clock).apply("hk")


async def entered(client: httpx.AsyncClient) -> dict[str, Any]:
    answer = await client.post("/api/requests", json=ASKED)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def test_a_request_from_its_entry_to_its_answer(served: Served) -> None:
    async with served.signed_in_as(Role.PRIVACY_OFFICER) as client:
        made = await entered(client)
        assert (made["state"], made["rule"]) == ("received", "hk-01")
        assert made["person"]["contact"] == ASKED["contact"]
        (held,) = (await client.get("/api/holds")).json()
        assert (held["camera"], held["request"]) == ("demo", made["request"])
        seen = (await client.get(f"/api/requests/{made['request']}")).json()
        assert seen["person"]["contact"] == ASKED["contact"]
        steps = f"/api/requests/{made['request']}/steps"
        for body, state in (
            ({"step": "identify", "note": "Called back."}, "identified"),
            ({"step": "answer", "given": "nothing-held", "reply": "Nothing is held."}, "answered"),
        ):
            answer = await client.post(steps, json=body)
            assert answer.json()["state"] == state, answer.text
        again = await client.post(steps, json={"step": "withdraw"})
        assert (again.status_code, again.json()["type"]) == (409, "urn:scrim:problem:DutyState")
        assert (await client.get("/api/holds")).json() == []
    own = [one for one in served.entries() if "subject" in one["facts"]]
    assert len({one["who"] for one in own}) == 1
    assert own[0]["who"].startswith("sha256:"), "who acted is committed to"
    assert [one["act"] for one in own].count("subject-viewed") == 1
    assert "privacy-officer-keeps-duties" in own[0]["facts"]["permit"]
    assert "Chan" not in str(served.entries())


async def test_a_refusal_is_in_the_register_that_an_auditor_reads(served: Served) -> None:
    async with served.signed_in_as(Role.PRIVACY_OFFICER) as client:
        made = await entered(client)
        base = f"/api/requests/{made['request']}"
        refusal = {"step": "refuse", "ground": "others-identified", "reasons": "A crowd."}
        assert (await client.post(f"{base}/steps", json=refusal)).status_code == 200
    async with served.signed_in_as(Role.AUDITOR) as auditor:
        (line,) = (await auditor.get("/api/refusals")).json()
        assert (line["request"], line["reasons"]) == (made["request"], "A crowd.")
        (listed,) = (await auditor.get("/api/requests")).json()
        assert "person" not in listed
        assert "Chan" not in str(listed)
        assert (await auditor.get(base)).status_code == 403, "who asked is not for an auditor"
        assert (await auditor.post("/api/holds", json=HOLD)).status_code == 403
        for path in ("/api/filings", "/api/breaches", "/api/exports", "/api/holds"):
            assert (await auditor.get(path)).json() == []


async def test_a_hold_is_placed_looked_at_again_and_lifted(served: Served) -> None:
    async with served.signed_in_as(Role.PRIVACY_OFFICER) as client:
        (made,) = (await client.post("/api/holds", json=HOLD)).json()
        path = f"/api/holds/{made['hold']}"
        later = {"reason": "Still open.", "review_us": NOW_US + 200 * DAY_US}
        reviewed = await client.post(f"{path}/review", json=later)
        assert reviewed.json()["review_us"] == later["review_us"]
        ever = {"reason": "For ever.", "review_us": NOW_US + 400 * DAY_US}
        assert (await client.post(f"{path}/review", json=ever)).status_code == 422
        assert (await client.post(f"{path}/lift", json={"reason": "Over."})).status_code == 204
        assert (await client.post(f"{path}/lift", json={"reason": "Over."})).status_code == 404
    assert "Commissioner" not in str(served.entries())


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"cameras": []}, 422),
        ({"cameras": ["nowhere"]}, 404),
        ({"until_us": NOW_US + 1}, 422),
        ({"since_us": NOW_US - 60 * DAY_US}, 422),
        ({"contact": ""}, 422),
        ({"kind": "face"}, 422),
        ({"received_us": NOW_US + 1}, 422),
    ],
)
async def test_what_cannot_be_asked_changes_nothing(
    served: Served, changes: dict[str, Any], status: int
) -> None:
    async with served.signed_in_as(Role.PRIVACY_OFFICER) as client:
        before = len(served.entries())
        answer = await client.post("/api/requests", json=ASKED | changes)
        assert answer.status_code == status, answer.text
        assert len(served.entries()) == before
        assert (await client.get("/api/requests")).json() == []
        assert (await client.get("/api/requests/req-aaaaaaaa")).status_code == 404


async def test_who_is_limited_to_some_cameras_deals_with_these_alone(served: Served) -> None:
    have = served.services
    async with served.signed_in_as(Role.PRIVACY_OFFICER) as client:
        made = await entered(client)
        (held,) = (await client.post("/api/holds", json=HOLD)).json()
    person = have.people.enrol("privacy-2", "city", Role.PRIVACY_OFFICER)
    Standings(have.engine, have.ledger, have.clock).set_scope(
        person, Scope(cameras=frozenset({"other"}))
    )
    async with served.client() as client:
        token = have.sign_in.new_link("privacy-2")
        assert (await client.post("/api/session", json={"token": token})).status_code == 204
        for path in ("/api/requests", "/api/holds"):
            assert (await client.get(path)).json() == []
        assert (await client.get(f"/api/requests/{made['request']}")).status_code == 404
        lift = await client.post(f"/api/holds/{held['hold']}/lift", json={"reason": "Mine now."})
        assert lift.status_code == 404
        assert (await client.post("/api/holds", json=HOLD)).status_code == 404
        assert (await client.get("/api/exports")).status_code == 403
        other = HOLD | {"cameras": ["other"]}
        assert (await client.post("/api/holds", json=other)).status_code == 201
