"""Nobody watches what is not in the ledger already (invariant 5)."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select, text
from tests.unit.api.served import LIVE, NOW_US, RECORDED, Served, init, part, whole

from scrim.clock import SECOND
from scrim.ledger import holds
from scrim.store import schema
from scrim.store.database import reading, writing


def views(served: Served) -> int:
    with reading(served.services.engine) as connection:
        count = connection.execute(select(func.count()).select_from(schema.view)).scalar_one()
    return int(count)


def break_ledger(served: Served) -> None:
    """From now on no entry can be written; everything else can."""
    with writing(served.services.engine) as connection:
        connection.execute(
            text("CREATE TRIGGER full BEFORE INSERT ON entry BEGIN SELECT RAISE(ABORT, 'no'); END")
        )


async def opened(client: httpx.AsyncClient, body: dict[str, Any]) -> dict[str, Any]:
    answer = await client.post("/api/views", json=body)
    assert answer.status_code == 201, answer.text
    view: dict[str, Any] = answer.json()
    return view


async def test_a_view_is_in_the_ledger_with_who_what_and_why(served: Served) -> None:
    async with served.signed_in() as client:
        view = await opened(client, RECORDED)
        assert view["playlist"] == f"/media/{view['id']}/index.m3u8"
        entry = served.entries()[-1]
        assert entry["act"] == "viewed"
        assert entry["op"] == "consultation"
        assert entry["camera"] == "demo"
        assert (entry["since"], entry["until"]) == (RECORDED["since_us"], RECORDED["until_us"])
        assert entry["reason"] == "incident-review"
        assert entry["facts"] == {"mode": "recorded", "permit": ["operator-watches-masked"]}
        # who: a commitment that the session's own salt opens, and nothing else does
        with reading(served.services.engine) as connection:
            row = connection.execute(select(schema.session)).one()
        assert holds(entry["who"], row.token_sha256, row.salt)
        assert not holds(entry["who"], row.token_sha256, b"\0" * 16)
        for secret in (
            client.cookies["scrim_session"],
            row.token_sha256,
            row.salt.hex(),
            view["id"],
        ):
            assert secret not in str(served.entries())


async def test_a_live_view_begins_now(served: Served) -> None:
    async with served.signed_in() as client:
        view = await opened(client, LIVE)
    assert (view["since_us"], view["until_us"]) == (None, None)
    entry = served.entries()[-1]
    assert (entry["since"], entry["until"]) == (NOW_US, None)


@pytest.mark.parametrize("body", [LIVE, RECORDED], ids=["live", "recorded"])
async def test_invariant_5_without_a_ledger_entry_nothing_is_shown(
    served: Served, body: dict[str, Any]
) -> None:
    served.store(7, NOW_US - 95 * SECOND, NOW_US - 93 * SECOND)
    async with served.signed_in() as client, served.recorder() as recorder:
        await recorder.send(init(), *whole(1))
        await served.until("live-1.m4s")
        break_ledger(served)
        answer = await client.post("/api/views", json=body)
        assert answer.status_code == 503
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["type"] == "urn:scrim:problem:LedgerUnavailable"
        assert answer.json()["remedy"]
        assert views(served) == 0
        for name in ("index.m3u8", "plain.m3u8", "init-1-1.mp4", "live-1.m4s", "recorded-7.mp4"):
            got = await client.get(f"/media/{'0' * 32}/{name}")
            assert got.status_code == 403, name
            assert b"[1.0]" not in got.content


async def test_invariant_5_a_commit_that_fails_is_a_view_that_is_refused(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The entry was accepted, but the disk was full when it had to be kept."""
    async with served.signed_in() as client:
        with writing(served.services.engine) as connection:
            connection.execute(text("PRAGMA max_page_count = 1"))
        size = served.services.ledger.size()
        answer = None
        for _ in range(200):  # until the free space of the last page is used up
            answer = await client.post("/api/views", json=LIVE)
            if answer.status_code != 201:
                break
            size += 1
        assert answer is not None
        assert answer.status_code == 503
        assert views(served) == size - 1, "one view for each entry, and one entry is the sign-in"
        assert served.services.ledger.size() == size


async def test_invariant_5_nobody_signs_in_unlogged(served: Served) -> None:
    token = served.services.sign_in.new_link()
    break_ledger(served)
    async with served.client() as client:
        answer = await client.post("/api/session", json={"token": token})
        assert answer.status_code == 503
        assert not client.cookies
        assert not (await client.get("/api/session")).json()["signed_in"]
        with writing(served.services.engine) as connection:
            connection.execute(text("DROP TRIGGER full"))
        assert (await client.post("/api/session", json={"token": token})).status_code == 204


async def test_a_view_is_its_own_sessions_alone(served: Served) -> None:
    served.store(7, NOW_US - 95 * SECOND, NOW_US - 93 * SECOND)
    async with served.signed_in() as client, served.signed_in() as other:
        view = await opened(client, RECORDED)
        assert (await client.get(view["playlist"])).status_code == 200
        for name in ("index.m3u8", "recorded-7.mp4"):
            assert (await other.get(f"/media/{view['id']}/{name}")).status_code == 403
        assert (await other.delete(f"/api/views/{view['id']}")).status_code == 204
        assert (await client.get(view["playlist"])).status_code == 200, "not theirs to close"


async def test_a_view_ends_when_it_is_closed_and_with_its_session(served: Served) -> None:
    served.store(7, NOW_US - 95 * SECOND, NOW_US - 93 * SECOND)
    async with served.signed_in() as client:
        view = await opened(client, RECORDED)
        assert (await client.delete(f"/api/views/{view['id']}")).status_code == 204
        assert (await client.get(view["playlist"])).status_code == 403
        view = await opened(client, RECORDED)
        cookie = {"Cookie": f"scrim_session={client.cookies['scrim_session']}"}
        assert (await client.delete("/api/session")).status_code == 204
        assert views(served) == 0
        assert (await client.get(view["playlist"], headers=cookie)).status_code == 401
    async with served.signed_in() as client:
        view = await opened(client, RECORDED)
        served.clock.us += 12 * 3600 * SECOND
        assert (await client.get(view["playlist"])).status_code == 401


@pytest.mark.usefixtures("patient_players")
async def test_a_request_that_waits_gets_nothing_once_its_view_has_ended(served: Served) -> None:
    async with served.signed_in() as client, served.recorder() as recorder:
        await recorder.send(init(), *whole(1), part(2, 0))
        await served.until("live-2-0.m4s")
        view = await opened(client, LIVE)
        names = ("index.m3u8?_HLS_msn=2&_HLS_part=1", "live-2-1.m4s")
        waiting = [asyncio.create_task(client.get(f"/media/{view['id']}/{name}")) for name in names]
        await asyncio.sleep(0.1)
        await client.delete(f"/api/views/{view['id']}")
        await recorder.send(part(2, 1))
        for answer in await asyncio.gather(*waiting):
            assert answer.status_code == 403


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"camera": "nowhere"}, 404),
        ({"camera": "../etc"}, 422),
        ({"mode": "rewind"}, 422),
        ({"reason": "curiosity about my neighbour"}, 422),
        ({"extra": 1}, 422),
        ({"mode": "live"}, 422),
        ({"since_us": None}, 422),
        ({"since_us": RECORDED["until_us"]}, 422),
        ({"since_us": NOW_US, "until_us": NOW_US + SECOND}, 422),
        ({"since_us": NOW_US - 100_000 * SECOND}, 422),
        ({"since_us": -1}, 422),
        ({"until_us": 2**60}, 422),
    ],
)
async def test_a_view_that_makes_no_sense_is_refused_and_not_logged(
    served: Served, changed: dict[str, Any], status: int
) -> None:
    async with served.signed_in() as client:
        before = served.services.ledger.size()
        answer = await client.post("/api/views", json={**RECORDED, **changed})
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
        assert served.services.ledger.size() == before
        assert views(served) == 0


async def test_an_interval_is_cut_off_at_now_and_does_not_grow(served: Served) -> None:
    async with served.signed_in() as client:
        view = await opened(client, {**RECORDED, "until_us": NOW_US + 3600 * SECOND})
        assert view["until_us"] == NOW_US
        assert served.entries()[-1]["until"] == NOW_US
        served.clock.us += 10 * SECOND
        served.store(9, NOW_US + 2 * SECOND, NOW_US + 4 * SECOND)
        answer = await client.get(f"/media/{view['id']}/recorded-9.mp4")
        assert answer.status_code == 404


async def test_a_removed_camera_is_watched_in_the_past_only(served: Served) -> None:
    with writing(served.services.engine) as connection:
        connection.execute(schema.camera.update().values(removed_us=NOW_US))
    async with served.signed_in() as client:
        assert (await client.get("/api/cameras")).json() == []
        assert (await client.post("/api/views", json=LIVE)).status_code == 404
        await opened(client, RECORDED)
