"""What stands before every route, and on every answer."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable

import pytest
from tests.unit.api.served import ORIGIN, Served


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8460", "localhost", "localhost:9", "[::1]:8460", "LOCALHOST"]
)
async def test_own_names_are_answered(served: Served, host: str) -> None:
    async with served.client(Host=host) as client:
        assert (await client.get("/healthz")).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8460", "10.0.0.7", "", "["],
)
async def test_a_name_pointed_here_by_others_is_not_answered(served: Served, host: str) -> None:
    async with served.client(Host=host) as client:
        answer = await client.get("/healthz")
        assert answer.status_code == 421
        assert answer.headers["content-type"] == "application/problem+json"


async def test_an_open_port_answers_to_addresses_and_to_the_names_given(
    serve_otherwise: Callable[..., Served],
) -> None:
    server = serve_otherwise(any_address=True, names=frozenset({"cctv.example.org"}))
    for host, status in (("10.0.0.7:8460", 200), ("cctv.example.org", 200), ("evil.example", 421)):
        async with server.client(Host=host) as client:
            assert (await client.get("/healthz")).status_code == status, host


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "", "http://127.0.0.1:8461", "ftp://127.0.0.1:8460"]
)
@pytest.mark.parametrize(("method", "path"), [("POST", "/api/session"), ("DELETE", "/api/session")])
async def test_a_change_must_come_from_this_servers_own_page(
    served: Served, method: str, path: str, origin: str
) -> None:
    async with served.signed_in() as client:
        answer = await client.request(method, path, headers={"Origin": origin}, json={})
        assert answer.status_code == 403
        assert "own page" in answer.json()["detail"]
        assert (await client.get("/api/session")).json()["signed_in"]


async def test_a_large_request_is_refused_with_and_without_a_length(served: Served) -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        for _ in range(1000):
            read += 4096
            yield b" " * 4096
        yield b'{"token": "x"}'

    async with served.client() as client:
        answer = await client.post("/api/session", content=b"x" * 70_000)
        assert answer.status_code == 413
        answer = await client.post("/api/session", content=endless())
        assert answer.status_code == 413
        assert answer.headers["content-type"] == "application/problem+json"
        assert read < 100_000, "no more is read than was needed to refuse it"


async def test_an_endless_address_is_refused(served: Served) -> None:
    async with served.client() as client:
        answer = await client.get(f"/media/x/live-{'9' * 5000}.m4s")
        assert (answer.status_code, answer.headers["content-type"]) == (
            414,
            "application/problem+json",
        )


async def test_what_no_route_answers_says_what_to_do(served: Served) -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b" " * 4096

    async with served.client() as client:
        nowhere = await client.get("/nothing")
        other_way = await client.put("/api/session", json={})
        too_much = await client.post("/api/session", content=endless())
    for answer, status, kind in (
        (nowhere, 404, "NotFound"),
        (other_way, 405, "MethodRefused"),
        (too_much, 413, "Refused"),
    ):
        assert answer.status_code == status
        assert answer.json()["type"] == f"urn:scrim:problem:{kind}"
        assert answer.json()["remedy"]
    assert other_way.headers["allow"] == "DELETE, GET, POST"


@pytest.mark.parametrize("path", ["/", "/healthz", "/api/cameras", "/nothing", "/broken"])
async def test_every_answer_has_the_headers(
    served: Served, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if path == "/broken":
        path = "/healthz"
        monkeypatch.setattr(served.services.ledger, "size", lambda: 1 / 0)
    async with served.client() as client:
        answer = await client.get(path)
    policy = dict(
        rule.strip().split(" ", 1) for rule in answer.headers["content-security-policy"].split(";")
    )
    nonce = re.search(r"'nonce-([\w-]{16,})'", policy["style-src"])
    assert nonce is not None
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": f"'self' 'nonce-{nonce[1]}'",
        "img-src": "'self' data:",
        "media-src": "'self' blob:",
        "connect-src": "'self'",
        "worker-src": "'self' blob:",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert "camera=()" in answer.headers["permissions-policy"]
    assert "access-control-allow-origin" not in answer.headers


async def test_an_unexpected_error_tells_a_client_nothing(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> int:
        raise RuntimeError("the password is hunter2")

    monkeypatch.setattr(served.services.ledger, "size", fail)
    async with served.client() as client:
        answer = await client.get("/healthz")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "about:blank",
        "title": "Internal Server Error",
        "status": 500,
        "detail": "The server failed.",
        "remedy": "Look at the server's log.",
    }


async def test_the_page_has_the_nonce_of_its_own_answer(served: Served) -> None:
    page = served.services.console / "index.html"
    page.write_text('<meta name="csp-nonce" content="__CSP_NONCE__">')
    async with served.client() as client:
        first, second = await client.get("/"), await client.get("/")
    for answer in (first, second):
        nonce = re.search(r'content="([\w-]+)"', answer.text)
        assert nonce is not None
        assert f"'nonce-{nonce[1]}'" in answer.headers["content-security-policy"]
    assert first.text != second.text


async def test_without_a_console_a_page_says_how_to_build_it(served: Served) -> None:
    async with served.client() as client:
        answer = await client.get("/")
    assert answer.status_code == 200
    assert "make run" in answer.text


async def test_assets_are_kept_and_nothing_else_of_the_disk_is_served(served: Served) -> None:
    console = served.services.console
    (console / "assets").mkdir()
    (console / "assets" / "main-1a2b.js").write_text("import './x.js'")
    (console / "secret.txt").write_text("secret")
    (console / "assets" / "link").symlink_to(console / "secret.txt")
    async with served.client() as client:
        answer = await client.get("/assets/main-1a2b.js")
        assert answer.headers["content-type"].startswith("text/javascript")
        assert "immutable" in answer.headers["cache-control"]
        for name in (
            *("../secret.txt", "%2e%2e/secret.txt", "link", "", "..%2fsecret.txt", "no.js"),
            *("a%00b", "x" * 300),
        ):
            assert (await client.get(f"/assets/{name}")).status_code == 404, name


async def test_cookies_are_http_only_and_strict(served: Served) -> None:
    async with served.client() as client:
        token = served.services.sign_in.new_link()
        answer = await client.post("/api/session", json={"token": token})
        cookie = answer.headers["set-cookie"]
        assert {"HttpOnly", "Path=/", "SameSite=strict"} <= set(cookie.split("; "))
        assert "Secure" not in cookie, "a browser would not keep it over plain HTTP"
        token = served.services.sign_in.new_link()
        behind_tls = {"Origin": ORIGIN.replace("http://", "https://")}
        answer = await client.post("/api/session", json={"token": token}, headers=behind_tls)
        assert "Secure" in answer.headers["set-cookie"].split("; ")
