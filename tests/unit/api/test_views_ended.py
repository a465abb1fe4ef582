"""What of the requests that are under way when a view ends is a denied access, and what is not."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import update
from tests.unit.api.served import LIVE, NOW_US, RECORDED, Served, init, part, until, whole

from scrim.access import Role, Scope
from scrim.access.ended import ON_ITS_WAY_US
from scrim.access.granting import Standings
from scrim.api.hub import Hub
from scrim.clock import SECOND
from scrim.store import schema
from scrim.store.database import writing

NAMES = ("index.m3u8?_HLS_msn=2&_HLS_part=1", "live-2-1.m4s")


def denied(served: Served) -> dict[str, Any]:
    """All that was counted so far, by action and role."""
    served.services.refused.write()
    found: dict[str, Any] = {}
    for entry in served.entries():
        for action, roles in entry["facts"].get("denied", {}).items():
            for role, number in roles.items():
                found[f"{action} {role}"] = found.get(f"{action} {role}", 0) + number
    return found


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], Awaitable[None]]:
    """Comes back when so many requests wait for what has not come yet."""
    begun: list[object] = []
    real = Hub._until

    async def counted(self: Hub, *given: Any) -> None:
        if given[-1] is not None:  # a request's, and not the test's own look at the playlist
            begun.append(self)
        await real(self, *given)

    monkeypatch.setattr(Hub, "_until", counted)

    async def waiting(number: int) -> None:
        await until(lambda: len(begun) >= number)

    return waiting


async def opened(client: httpx.AsyncClient, body: dict[str, Any]) -> str:
    answer = await client.post("/api/views", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def asked(client: httpx.AsyncClient, view: str) -> list[asyncio.Task[httpx.Response]]:
    return [asyncio.create_task(client.get(f"/media/{view}/{name}")) for name in NAMES]


@pytest.mark.usefixtures("patient_players")
@pytest.mark.parametrize("how", ["closes", "signs out"])
async def test_who_ends_a_view_is_not_denied_what_was_under_way(
    served: Served, waits: Callable[[int], Awaitable[None]], how: str
) -> None:
    async with served.signed_in() as client, served.recorder() as recorder:
        await recorder.send(init(), *whole(1), part(2, 0))
        await served.until("live-2-0.m4s")
        view = await opened(client, LIVE)
        before = denied(served)
        waiting = asked(client, view)
        await waits(2)
        path = f"/api/views/{view}" if how == "closes" else "/api/session"
        assert (await client.delete(path)).status_code == 204
        await recorder.send(part(2, 1))
        for answer in await asyncio.gather(*waiting):
            assert answer.status_code == 403
            assert answer.json()["type"] == "urn:scrim:problem:ViewEnded"
            assert b"[2.1]" not in answer.content
    assert denied(served) == before


async def test_a_request_that_comes_after_the_end_it_overtook_is_not_denied(
    served: Served,
) -> None:
    """Several connections: what was sent first may come last.  Later, it is a new request."""
    served.store(7, NOW_US - 95 * SECOND, NOW_US - 93 * SECOND)
    async with served.signed_in() as client:
        view = await opened(client, RECORDED)
        assert (await client.delete(f"/api/views/{view}")).status_code == 204
        for name in ("index.m3u8", "recorded-7.mp4"):
            assert (await client.get(f"/media/{view}/{name}")).status_code == 403
        assert denied(served) == {}
        served.clock.us += ON_ITS_WAY_US + 1
        assert (await client.get(f"/media/{view}/index.m3u8")).status_code == 403
        assert denied(served) == {"get-playlist operator": 1}
        served.clock.us -= ON_ITS_WAY_US + 1 + SECOND
        assert (await client.get(f"/media/{view}/index.m3u8")).status_code == 403
        assert denied(served) == {"get-playlist operator": 2}, "nor by setting a clock back"


async def test_nothing_but_a_view_of_their_own_is_ended(served: Served) -> None:
    """Asking to end what is not there, or not theirs, makes no denial disappear."""
    async with served.signed_in() as client, served.signed_in() as other:
        view = await opened(client, LIVE)
        for wrong in ("0" * 32, view):
            assert (await other.delete(f"/api/views/{wrong}")).status_code == 204
            assert (await other.get(f"/media/{wrong}/index.m3u8")).status_code == 403
        assert denied(served) == {"get-playlist operator": 2}
        assert (await client.delete(f"/api/views/{view}")).status_code == 204
        assert (await other.get(f"/media/{view}/index.m3u8")).status_code == 403
        assert denied(served) == {"get-playlist operator": 3}, "ended, but by somebody else"


@pytest.mark.usefixtures("patient_players")
@pytest.mark.parametrize("then", ["", "closes", "signs out"])
async def test_what_the_policies_end_while_a_request_waits_is_denied(
    served: Served, waits: Callable[[int], Awaitable[None]], then: str
) -> None:
    """Whatever its holder does about it afterwards."""
    have = served.services
    person = have.people.enrol("desk-1", "city", Role.OPERATOR)
    Standings(have.engine, have.ledger, have.clock).set_scope(
        person, Scope(sites=frozenset({"default"}))
    )
    async with served.client() as client, served.recorder() as recorder:
        token = have.sign_in.new_link("desk-1")
        assert (await client.post("/api/session", json={"token": token})).status_code == 204
        await recorder.send(init(), *whole(1), part(2, 0))
        view = await opened(client, LIVE)
        await until(lambda: _live(served))
        waiting = asked(client, view)
        await waits(2)
        with writing(have.engine) as connection:
            connection.execute(update(schema.camera).values(site="elsewhere"))
        if then:
            path = f"/api/views/{view}" if then == "closes" else "/api/session"
            assert (await client.delete(path)).status_code == 204
        await recorder.send(part(2, 1))
        for answer in await asyncio.gather(*waiting):
            assert answer.status_code == 403
            assert answer.json()["type"] == "urn:scrim:problem:AccessDenied"
    assert denied(served) == {"get-live-part operator": 1, "get-playlist operator": 1}


def _live(served: Served) -> bool:
    return served.hub._camera("demo").window.part(2, 0) is not None
