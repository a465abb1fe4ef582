"""People, roles, scopes, tokens, sessions that end, and refusals that are counted."""

from __future__ import annotations

import base64
from collections.abc import Callable

import httpx
import pytest
from sqlalchemy import text, update
from tests.unit.api.served import LIVE, NOW_US, RECORDED, Served, enrol

from scrim.access import Role, Scope
from scrim.access.granting import Standings
from scrim.access.passkeys import Site
from scrim.access.refused import EVERY_US
from scrim.access.signin import in_ledger
from scrim.access.standing import standing_of
from scrim.clock import SECOND
from scrim.errors import AccessDenied, CaseRefused, CustodianInvalid, LedgerUnavailable
from scrim.ledger.commitment import commit
from scrim.store import schema
from scrim.store.database import reading, writing

WEEK = f"since_us={NOW_US - 100 * SECOND}&until_us={NOW_US}"


def place(served: Served, site: str) -> None:
    table = schema.camera
    with writing(served.services.engine) as connection:
        connection.execute(update(table).where(table.c.id == "demo").values(site=site))


def standings(served: Served) -> Standings:
    have = served.services
    return Standings(have.engine, have.ledger, have.clock)


def acts(served: Served) -> list[str]:
    return [entry["act"] for entry in served.entries()]


async def test_somebody_without_a_key_is_registered_and_signs_in_by_a_link_of_theirs(
    served: Served,
) -> None:
    person = served.services.people.enrol("privacy-1", "city", Role.PRIVACY_OFFICER)
    async with served.client() as client:
        token = served.services.sign_in.new_link("privacy-1")
        assert (await client.post("/api/session", json={"token": token})).status_code == 204
        state = (await client.get("/api/session")).json()
        assert (state["role"], state["person"]) == ("privacy-officer", "privacy-1")
        assert (await client.get("/api/system")).status_code == 200
        assert (await client.post("/api/views", json=LIVE)).status_code == 403
        served.services.people.retire("privacy-1")
        assert (await client.get("/api/system")).status_code == 401
    assert acts(served)[:2] == ["person-registered", "signed-in"]
    for entry in served.entries()[:2]:
        assert "privacy-1" not in str(entry)
    assert served.entries()[1]["who"] == commit("privacy-1", person.salt)[0]
    with pytest.raises(AccessDenied):
        served.services.sign_in.new_link("privacy-1")


async def test_nobody_signs_in_for_an_officer_or_a_custodian(served: Served) -> None:
    served.register(Role.OFFICER, "officer-7")
    served.register(Role.CUSTODIAN, "court")
    for name in ("officer-7", "court", "nobody"):
        with pytest.raises(AccessDenied):
            served.services.sign_in.new_link(name)


async def test_a_role_is_given_and_taken_and_holds_from_the_next_request_on(
    served: Served,
) -> None:
    person = served.services.people.enrol("desk-1", "city", Role.ENGINEER)
    async with served.client() as client:
        token = served.services.sign_in.new_link("desk-1")
        await client.post("/api/session", json={"token": token})
        assert (await client.post("/api/views", json=LIVE)).status_code == 403
        standings(served).set_roles(person, [Role.OPERATOR])
        opened = await client.post("/api/views", json=LIVE)
        assert opened.status_code == 201
        assert (await client.get("/api/session")).json()["roles"] == ["engineer", "operator"]
        standings(served).set_scope(person, Scope(cameras=frozenset({"other"})))
        assert (await client.get("/api/cameras")).json() == []
        assert (await client.post("/api/views", json=LIVE)).status_code == 403
        standings(served).set_scope(person, Scope(sites=frozenset({"default"})))
        assert (await client.post("/api/views", json=LIVE)).status_code == 201
        standings(served).set_roles(person, [])
        closed = await client.get(opened.json()["playlist"])
        assert closed.status_code == 403, "a view does not outlive the role"
    assert acts(served).count("roles-set") == 4


async def test_a_scope_by_site_is_by_the_site_that_a_camera_has(served: Served) -> None:
    person = served.services.people.enrol("desk-1", "city", Role.OPERATOR)
    standings(served).set_scope(person, Scope(sites=frozenset({"north"})))
    async with served.client() as client:
        token = served.services.sign_in.new_link("desk-1")
        await client.post("/api/session", json={"token": token})
        assert (await client.post("/api/views", json=LIVE)).status_code == 403
        place(served, "north")
        assert [one["id"] for one in (await client.get("/api/cameras")).json()] == ["demo"]
        assert (await client.post("/api/views", json=LIVE)).status_code == 201
        standings(served).set_scope(person, Scope(sites=frozenset({"default"})))
        assert (await client.get("/api/cameras")).json() == []
        assert (await client.post("/api/views", json=LIVE)).status_code == 403
        assert (await client.get(f"/api/cameras/demo/timeline?{WEEK}")).status_code == 403


def test_a_role_that_a_provider_gives_is_new_whatever_was_before(served: Served) -> None:
    """Policies ask how long ago the newest role was given."""
    have = served.services

    def granted() -> int:
        with reading(have.engine) as connection:
            return standing_of(connection, have.people.get(name)).granted_us

    handle = f"oidc:{'a' * 64}"
    name = have.guests.admit(handle, [Role.PRIVACY_OFFICER]).id
    first_us = served.clock.us
    served.clock.us += 3600 * SECOND
    have.guests.admit(handle, [Role.OPERATOR])
    assert granted() == served.clock.us
    served.clock.us += 3600 * SECOND
    have.guests.admit(handle, [Role.OPERATOR, Role.PRIVACY_OFFICER])
    newest_us = served.clock.us
    assert granted() == newest_us > first_us
    served.clock.us += 3600 * SECOND
    have.guests.admit(handle, [Role.OPERATOR])
    assert granted() == newest_us, "less is no new grant"
    assert have.people.get(name).role == "operator"


async def test_who_comes_from_a_provider_signs_in_nowhere_else(served: Served) -> None:
    have = served.services
    guest = have.guests.admit(f"oidc:{'b' * 64}", [Role.OPERATOR])
    with in_ledger(have.engine) as connection:
        token, session = have.sign_in.begin(connection, authority="oidc", way="oidc", person=guest)
    with pytest.raises(AccessDenied, match="provider"):
        have.passkeys.offer(session, Site("localhost", "http://localhost:8460"))
    with pytest.raises(AccessDenied, match="provider"):
        have.sign_in.new_link(guest.id)
    async with served.client(Cookie=f"scrim_session={token}") as client:
        state = (await client.get("/api/session")).json()
        assert (state["person"], state["way"]) == (guest.id, "oidc"), "the page offers no passkey"


async def test_an_open_view_ends_with_the_scope_that_allowed_it(served: Served) -> None:
    served.store(7, NOW_US - 95 * SECOND, NOW_US - 93 * SECOND)
    person = served.services.people.enrol("desk-1", "city", Role.OPERATOR)
    async with served.client() as client:
        token = served.services.sign_in.new_link("desk-1")
        await client.post("/api/session", json={"token": token})
        playlist = (await client.post("/api/views", json=RECORDED)).json()["playlist"]
        assert (await client.get(playlist)).status_code == 200
        standings(served).set_scope(person, Scope(cameras=frozenset({"other"})))
        assert (await client.get(playlist)).status_code == 403
        segment = playlist.replace("index.m3u8", "recorded-7.mp4")
        assert (await client.get(segment)).status_code == 403


@pytest.mark.parametrize(
    ("first", "more"),
    [
        (Role.AUDITOR, Role.OPERATOR),
        (Role.OPERATOR, Role.AUDITOR),
        (Role.ENGINEER, Role.OFFICER),
        (Role.ENGINEER, Role.CUSTODIAN),
        (Role.ENGINEER, Role.PUBLIC),
    ],
)
def test_invariant_8_nobody_is_given_what_excludes_what_they_are(
    served: Served, first: Role, more: Role
) -> None:
    person = served.services.people.enrol("desk-1", "city", first)
    before = len(served.entries())
    with pytest.raises(CaseRefused) as refused:
        standings(served).set_roles(person, [more])
    assert refused.value.rule in {"roles-apart", "role-by-key"}
    assert len(served.entries()) == before


def test_an_officer_may_be_privacy_officer_but_never_auditor(served: Served) -> None:
    served.register(Role.OFFICER, "officer-7")
    person = served.services.people.get("officer-7")
    held = standings(served).set_roles(person, [Role.PRIVACY_OFFICER])
    assert held.roles == {Role.OFFICER, Role.PRIVACY_OFFICER}
    with pytest.raises(CaseRefused):
        standings(served).set_roles(person, [Role.AUDITOR])


@pytest.mark.parametrize(
    ("name", "office", "role"),
    [
        ("desk-1", "city", Role.OFFICER),
        ("desk-1", "city", Role.CUSTODIAN),
        ("Desk One", "city", Role.OPERATOR),
        ("desk-1", "", Role.OPERATOR),
        ("court", "city", Role.OPERATOR),
        ("desk-1", "court", Role.OPERATOR),
    ],
)
def test_who_cannot_be_registered_by_name(
    served: Served, name: str, office: str, role: Role
) -> None:
    served.register(Role.CUSTODIAN, "court")
    with pytest.raises((CaseRefused, CustodianInvalid)):
        served.services.people.enrol(name, office, role)


def test_invariant_5_no_role_without_its_entry(served: Served) -> None:
    person = served.services.people.enrol("desk-1", "city", Role.ENGINEER)
    with writing(served.services.engine) as connection:
        connection.execute(text("DROP TABLE node"))
    with pytest.raises(LedgerUnavailable):
        standings(served).set_roles(person, [Role.OPERATOR])
    with served.services.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM person_role")).scalar() == 0


async def test_a_session_ends_when_nothing_comes_through_it(served: Served) -> None:
    async with served.signed_in() as client:
        for _ in range(5):
            served.clock.us += 59 * 60 * SECOND
            assert (await client.get("/api/system")).status_code == 200
        served.clock.us += 61 * 60 * SECOND
        assert (await client.get("/api/system")).status_code == 401
    async with served.signed_in() as client:
        answers = []
        for _ in range(24):
            served.clock.us += 30 * 60 * SECOND
            answers.append((await client.get("/api/system")).status_code)
        assert answers == [200] * 23 + [401], "and nothing prolongs its twelve hours"


async def test_a_token_is_good_for_its_actions_until_its_end(served: Served) -> None:
    tokens = served.services.tokens
    text = tokens.make("monitor", Role.ENGINEER, 2, actions=["get-metrics", "list-cameras"])
    bearer = {"Authorization": f"Bearer {text}"}
    async with served.client(**bearer) as client:
        assert (await client.get("/metrics")).status_code == 200
        assert (await client.get("/api/cameras")).status_code == 200
        assert (await client.get("/api/system")).status_code == 403
        assert (await client.post("/api/views", json=LIVE)).status_code == 403
        assert (await client.post("/api/passkeys/challenge")).status_code == 403
        served.clock.us += 2 * 24 * 3600 * SECOND
        assert (await client.get("/api/cameras")).status_code == 401
    assert text not in str(tokens.list())
    entry = next(one for one in served.entries() if one["act"] == "credential-added")
    assert "monitor" not in str(entry)
    assert text not in str(served.entries())


async def test_a_token_that_is_ended_is_out_at_once(served: Served) -> None:
    text = served.services.tokens.make("script", Role.AUDITOR, 10)
    async with served.client(Authorization=f"bearer {text}") as client:
        assert (await client.get("/api/ledger/entries")).status_code == 200
        assert (await client.delete("/api/session")).status_code == 204
        assert (await client.get("/api/ledger/entries")).status_code == 200
        served.services.tokens.end("script")
        served.services.tokens.end("script")
        assert (await client.get("/api/ledger/entries")).status_code == 401
    assert acts(served).count("credential-ended") == 1
    async with served.client(Authorization="Bearer scrim_wrong") as client:
        assert (await client.get("/api/ledger/entries")).status_code == 401


@pytest.mark.parametrize(
    ("name", "role", "days"),
    [
        ("a-token", Role.OPERATOR, 1),
        ("a-token", Role.OFFICER, 1),
        ("a-token", Role.CUSTODIAN, 1),
        ("a-token", Role.AUDITOR, 0),
        ("a-token", Role.AUDITOR, 367),
        ("A Token", Role.AUDITOR, 1),
        ("taken", Role.AUDITOR, 1),
    ],
)
def test_tokens_that_are_not_made(served: Served, name: str, role: Role, days: int) -> None:
    served.services.tokens.make("taken", Role.AUDITOR, 1)
    before = len(served.entries())
    with pytest.raises(CaseRefused):
        served.services.tokens.make(name, role, days)
    assert len(served.entries()) == before


async def test_refusals_are_one_entry_at_once_and_one_an_hour(served: Served) -> None:
    async with served.client() as client:
        for _ in range(30):
            assert (await client.get("/api/cases")).status_code == 401
        await client.post("/api/session", json={"token": "wrong"})
        assert acts(served) == ["denied"]
        served.clock.us += EVERY_US
        await client.get("/api/cases")
    first, second = served.entries()
    assert first["facts"] == {"denied": {"list-cases": {"nobody": 1}}}
    assert second["facts"] == {"denied": {"list-cases": {"nobody": 30}, "sign-in": {"nobody": 1}}}
    assert (second["since"], second["until"]) == (NOW_US, NOW_US + EVERY_US)
    served.services.refused.write()
    assert len(served.entries()) == 2, "there is nothing left to write"


async def test_a_refusal_stands_also_where_it_cannot_be_written_down(served: Served) -> None:
    with writing(served.services.engine) as connection:
        connection.execute(text("ALTER TABLE node RENAME TO gone"))
    async with served.client() as client:
        assert (await client.get("/api/cases")).status_code == 401
        with writing(served.services.engine) as connection:
            connection.execute(text("ALTER TABLE gone RENAME TO node"))
        assert (await client.get("/api/cases")).status_code == 401
    assert served.entries()[-1]["facts"] == {"denied": {"list-cases": {"nobody": 2}}}


async def test_a_source_elsewhere_is_turned_away_and_the_machine_itself_is_not(
    serve_otherwise: Callable[..., Served],
) -> None:
    served = serve_otherwise(any_address=True)
    enrol(served)
    served.services.slowdown.seconds = 0.0
    away = served.client_from("192.0.2.7")
    async with away, served.client() as here:
        answers = [
            (await away.post("/api/session", json={"token": "wrong"})).status_code for _ in range(8)
        ]
        assert answers == [403] * 5 + [429] * 3
        for _ in range(8):
            assert (await here.post("/api/session", json={"token": "no"})).status_code == 403
        token = served.services.sign_in.new_link()
        assert (await away.post("/api/session", json={"token": token})).status_code == 429
        assert (await here.post("/api/session", json={"token": token})).status_code == 204


@pytest.mark.parametrize(
    "client_data",
    [b"[" * 40_000, b"null", b"\xff", b'{"challenge": 1}', b'{"challenge": "\xc3\xa9"}'],
)
async def test_an_answer_of_no_device_signs_nobody_in(served: Served, client_data: bytes) -> None:
    origin = "http://localhost:8460"
    data = base64.urlsafe_b64encode(client_data).decode().rstrip("=")
    async with httpx.AsyncClient(
        transport=served.transport, base_url=origin, headers={"Origin": origin}
    ) as client:
        body = {"credential": {"id": "aaaa", "response": {"clientDataJSON": data}}}
        assert (await client.post("/api/session/passkey", json=body)).status_code == 403
    assert acts(served) == ["denied"]
