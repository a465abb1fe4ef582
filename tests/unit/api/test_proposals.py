"""Changes that take two people."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx
import pytest
from sqlalchemy import text
from tests.unit.api.served import Served, enrol, sign_in

from scrim.access import Role, Scope
from scrim.access.granting import Standings
from scrim.access.proposals import Proposal
from scrim.canonical import Json
from scrim.changes import ACCESS_POLICIES, CAMERA_POLICY, CUSTODIANS, RETENTION
from scrim.changes.retention import retention_change
from scrim.clock import SECOND
from scrim.errors import CameraUnknown, LedgerUnavailable, NormsError, SettingsError
from scrim.fleet import Cameras
from scrim.retention.own import OwnLimit, own_limits
from scrim.settings import AccessSettings, Settings
from scrim.store.custodians import current_custodians
from scrim.store.database import reading, writing
from scrim.vault import Custodian, CustodianSet
from scrim.vault.custodian import new_identity
from scrim.vault.signing import Signer

PERSONS: dict[str, Json] = {"camera": "demo", "policy": {"cover": ["faces", "persons"]}}


def propose(served: Served, change: dict[str, Json] = PERSONS) -> Proposal:
    made = served.services.changes.make(CAMERA_POLICY, change, "camera-policy-changed")
    assert made is not None
    return made


def policy(served: Served) -> str:
    with reading(served.services.engine) as connection:
        return str(connection.execute(text("SELECT policy FROM camera")).scalar_one())


def acts(served: Served) -> list[str]:
    return [entry["act"] for entry in served.entries()]


@asynccontextmanager
async def custodian(served: Served) -> AsyncIterator[httpx.AsyncClient]:
    async with served.signed_in_as(Role.CUSTODIAN) as client:
        yield client


async def test_one_proposes_another_agrees_and_then_it_takes_effect(served: Served) -> None:
    made = propose(served)
    assert policy(served) == "{}", "nothing has changed"
    async with custodian(served) as client:
        (shown,) = (await client.get("/api/proposals")).json()
        assert (shown["id"], shown["change"]) == (made.id, PERSONS)
        assert (await client.post(f"/api/proposals/{made.id}/agree")).status_code == 204
        assert policy(served) == '{"cover":["faces","persons"]}'
        assert (await client.get("/api/proposals")).json() == []
        again = await client.post(f"/api/proposals/{made.id}/agree")
        assert again.status_code == 409
    assert acts(served) == [
        "change-proposed",
        "signed-in",
        "change-agreed",
        "configured",
    ]
    agreed, configured = served.entries()[-2:]
    assert agreed["who"].startswith("sha256:")
    assert agreed["facts"]["permit"] == ["second-person-decides"]
    assert agreed["facts"]["change"] == served.entries()[0]["facts"]["change"]
    assert configured["facts"]["cover"] == ["faces", "persons"]


async def test_a_link_is_nobodys_word(served: Served) -> None:
    """Whoever has the machine prints one, also in the name of somebody else."""
    made = propose(served)
    path = f"/api/proposals/{made.id}/agree"
    async with served.signed_in() as client:
        assert (await client.post(path)).status_code == 403
    async with served.signed_in_as(Role.PRIVACY_OFFICER) as client:
        assert (await client.post(path)).status_code == 403
    assert policy(served) == "{}"
    assert "change-agreed" not in acts(served)


async def test_who_is_limited_to_some_cameras_decides_about_these_alone(served: Served) -> None:
    have = served.services
    made = propose(served)
    signer = served.register(Role.CUSTODIAN, "court")
    standings = Standings(have.engine, have.ledger, have.clock)
    standings.set_scope(have.people.get("court"), Scope(cameras=frozenset({"other"})))
    async with served.signed_in_as(Role.CUSTODIAN, signer) as client:
        assert (await client.get("/api/proposals")).json() == []
        for what in ("agree", "refuse"):
            answer = await client.post(f"/api/proposals/{made.id}/{what}")
            assert answer.status_code == 403
        assert policy(served) == "{}"
        standings.set_scope(have.people.get("court"), Scope(cameras=frozenset({"demo"})))
        assert (await client.post(f"/api/proposals/{made.id}/agree")).status_code == 204
        change: dict[str, Json] = {"files": dict(have.gate.authoriser.in_force.texts)}
        everything = have.changes.make(ACCESS_POLICIES, change, "access-policies-changed")
        assert everything is not None
        answer = await client.post(f"/api/proposals/{everything.id}/agree")
        assert answer.status_code == 403


async def test_a_program_decides_nothing(served: Served) -> None:
    made = propose(served)
    text = served.services.tokens.make("monitor", Role.ENGINEER, 30)
    async with served.client(Authorization=f"Bearer {text}") as client:
        for what in ("agree", "refuse"):
            answer = await client.post(f"/api/proposals/{made.id}/{what}")
            assert answer.status_code == 403
    assert [one.id for one in served.services.changes.proposals.waiting()] == [made.id]


async def test_who_proposed_it_does_not_agree(served: Served) -> None:
    signer = served.register(Role.CUSTODIAN, "court")
    async with served.client() as client:
        await sign_in(client, signer)
        token = client.cookies["scrim_session"]
        session = served.services.sign_in.session(token)
        made = served.services.changes.make(
            CAMERA_POLICY, PERSONS, "camera-policy-changed", session
        )
        assert made is not None
        assert made.proposer == "court"
        refused = await client.post(f"/api/proposals/{made.id}/agree")
        assert refused.status_code == 403
        assert "proposed" in refused.json()["detail"]
        assert (await client.post(f"/api/proposals/{made.id}/refuse")).status_code == 204
        assert (await client.post(f"/api/proposals/{made.id}/refuse")).status_code == 409
    assert policy(served) == "{}"


async def test_a_proposal_ends_by_itself(served: Served) -> None:
    made = propose(served)
    served.clock.us += 72 * 3600 * SECOND
    async with custodian(served) as client:
        assert (await client.post(f"/api/proposals/{made.id}/agree")).status_code == 409
        assert (await client.get("/api/proposals")).json() == []
        assert (await client.post("/api/proposals/00000000/agree")).status_code == 404
        assert (await client.post("/api/proposals/nonsense/agree")).status_code == 422


async def test_officers_and_auditors_decide_nothing(served: Served) -> None:
    made = propose(served)
    for role in (Role.OFFICER, Role.AUDITOR):
        async with served.signed_in_as(role) as client:
            assert (await client.post(f"/api/proposals/{made.id}/agree")).status_code == 403


def test_what_cannot_be_is_not_even_proposed(served: Served) -> None:
    with pytest.raises(CameraUnknown):
        propose(served, {"camera": "nowhere", "policy": {}})
    with pytest.raises(SettingsError):
        propose(served, {"camera": "demo", "policy": {"cover": ["cats"]}})
    with pytest.raises(SettingsError):
        served.services.changes.make("retention-of-nothing", {}, "a-reason")
    assert served.entries() == []


async def test_what_has_become_impossible_is_refused_and_still_waits(served: Served) -> None:
    made = propose(served)
    with writing(served.services.engine) as connection:
        connection.execute(text("UPDATE camera SET removed_us = 1"))
    async with custodian(served) as client:
        assert (await client.post(f"/api/proposals/{made.id}/agree")).status_code == 404
    assert "change-agreed" not in acts(served)
    assert [one.id for one in served.services.changes.proposals.waiting()] == [made.id]


def test_invariant_5_no_proposal_without_its_entry(served: Served) -> None:
    with writing(served.services.engine) as connection:
        connection.execute(text("DROP TABLE node"))
    with pytest.raises(LedgerUnavailable):
        propose(served)
    assert served.services.changes.proposals.list() == ()


def some(name: str) -> Custodian:
    identity = new_identity()
    return Custodian(name, identity.recipient, Signer.of_identity(identity.secret).verifier)


def put(served: Served, chosen: CustodianSet) -> Proposal | None:
    change: dict[str, Json] = {"set": chosen.document(), "group": "everybody"}
    return served.services.changes.make(CUSTODIANS, change, "custodians-set")


async def test_custodians_the_first_at_once_and_all_others_by_two(served: Served) -> None:
    court = some("court")
    identity = new_identity()
    signer = Signer.of_identity(identity.secret)
    privacy = Custodian("privacy", identity.recipient, signer.verifier)
    first = CustodianSet(2, (court, privacy))
    assert put(served, first) is None
    second = CustodianSet(1, (court, privacy, some("audit")))
    made = put(served, second)
    assert made is not None
    assert current_custodians(served.services.engine) == first
    async with served.client() as client:
        await sign_in(client, signer)
        assert (await client.post(f"/api/proposals/{made.id}/agree")).status_code == 204
    assert current_custodians(served.services.engine) == second
    assert acts(served)[-2:] == ["change-agreed", "custodians-set"]


async def test_what_was_proposed_of_a_camera_is_not_agreed_to_of_another_with_its_id(
    served: Served,
) -> None:
    made = propose(served)
    have = served.services
    served.clock.us += SECOND
    cameras = Cameras(have.engine, have.ledger, have.clock)
    cameras.remove("demo")
    cameras.add("demo", "file", "/elsewhere.mp4")
    async with custodian(served) as client:
        answer = await client.post(f"/api/proposals/{made.id}/agree")
    assert answer.status_code == 409
    assert "enrolled anew" in answer.text
    assert policy(served) == "{}"
    assert "change-agreed" not in acts(served)
    async with custodian(served) as client:
        again = propose(served)
        assert (await client.post(f"/api/proposals/{again.id}/agree")).status_code == 204


def test_where_four_eyes_are_off_a_change_is_made_at_once(
    serve_otherwise: Callable[..., Served],
) -> None:
    settings = Settings(access=AccessSettings(four_eyes=False))
    served = serve_otherwise(settings=settings)
    enrol(served)
    made = served.services.changes.make(CAMERA_POLICY, PERSONS, "camera-policy-changed")
    assert made is None
    assert policy(served) != "{}"
    assert acts(served) == ["configured"]


def test_demo_custodians_turn_four_eyes_off(served: Served) -> None:
    assert served.services.changes.four_eyes()
    assert put(served, CustodianSet(1, (some("demo-1"),), demo=True)) is None
    assert not served.services.changes.four_eyes()


def test_a_demonstration_beside_custodians_turns_nothing_off(served: Served) -> None:
    real: dict[str, Json] = {"set": CustodianSet(1, (some("court"),)).document(), "group": "north"}
    assert served.services.changes.make(CUSTODIANS, real, "custodians-set") is None
    assert put(served, CustodianSet(1, (some("demo-1"),), demo=True)) is None, "the first"
    assert served.services.changes.four_eyes()


async def test_a_cameras_retention_takes_two_people(served: Served) -> None:
    own = OwnLimit(7 * 86_400, 0, "The school asked for it.")
    change = retention_change("demo", {"sealed": own, "masked": None})
    made = served.services.changes.make(RETENTION, change, "retention-set")
    assert made is not None
    with reading(served.services.engine) as connection:
        assert own_limits(connection, "demo") == {}
    async with custodian(served) as client:
        assert (await client.post(f"/api/proposals/{made.id}/agree")).status_code == 204
    with reading(served.services.engine) as connection:
        assert own_limits(connection, "demo") == {"sealed": own}
    said = [one["facts"] for one in served.entries() if one["act"] == "configured"]
    assert [(one["side"], one["ceiling_s"]) for one in said] == [
        ("sealed", 7 * 86_400),
        ("masked", 30 * 86_400),
    ]
    assert "school" not in str(served.entries())


@pytest.mark.parametrize(
    ("camera", "limit", "error"),
    [
        ("moon", OwnLimit(86_400, 0, "It is dark there."), CameraUnknown),
        ("demo", OwnLimit(86_400, 0, " "), NormsError),
        ("demo", OwnLimit(86_400, 2 * 86_400, "More than most."), NormsError),
    ],
)
async def test_a_retention_that_cannot_be_is_not_even_proposed(
    served: Served, camera: str, limit: OwnLimit, error: type[Exception]
) -> None:
    with pytest.raises(error):
        served.services.changes.make(
            RETENTION, retention_change(camera, {"sealed": limit}), "retention-set"
        )
    assert served.services.changes.proposals.list() == ()
