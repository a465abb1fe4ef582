"""The reviewer's page: reached with its token from this machine only, and over with the review."""

from __future__ import annotations

import asyncio
import threading
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from tests.unit.disclosure.conftest import Clock, Made

from scrim.disclosure.page import ReviewPage, review_app
from scrim.disclosure.session import ReviewSession

TOKEN = "secret-of-this-review"
HOST = "http://localhost"


class Page:
    def __init__(self, made: Made) -> None:
        self.session = ReviewSession(made.folder, made.second, made.registered, Clock())
        self.ended = 0
        self.made = made
        self._app = review_app(self.session, made.folder, TOKEN, self.end)

    def get(self, path: str, **more: Any) -> httpx.Response:
        return asyncio.run(self._ask("GET", path, more))

    def post(self, path: str, **more: Any) -> httpx.Response:
        more["headers"] = {"Origin": HOST, **more.get("headers", {})}
        return asyncio.run(self._ask("POST", path, more))

    async def _ask(self, method: str, path: str, more: dict[str, Any]) -> httpx.Response:
        transport = httpx.ASGITransport(self._app)
        async with httpx.AsyncClient(transport=transport, base_url=HOST) as client:
            return await client.request(method, path, **more)

    def end(self) -> None:
        self.ended += 1


@pytest.fixture
def page(made: Made) -> Page:
    return Page(made)


def test_it_is_stepped_through_to_a_signed_review(page: Page) -> None:
    frames = page.get(f"/{TOKEN}/list").json()["frames"]
    assert [frame["index"] for frame in frames] == [weak.index for weak in page.session.weak]
    early = page.post(f"/{TOKEN}/verdict", json={"passed": True})
    assert early.status_code == 409
    assert "left to look at" in early.json()["detail"]
    for frame in frames:
        picture = page.get(f"/{TOKEN}/frame/{frame['index']}")
        assert picture.headers["content-type"] == "image/png"
        assert page.post(f"/{TOKEN}/looked/{frame['index']}").status_code == 200
    assert page.ended == 0
    assert page.post(f"/{TOKEN}/verdict", json={"passed": True}).status_code == 200
    assert page.ended == 1
    assert page.made.folder.reviewed().body["passed"] is True


def test_a_frame_that_was_not_on_show_cannot_be_confirmed(page: Page) -> None:
    first = page.session.weak[0].index
    assert page.post(f"/{TOKEN}/looked/{first}").status_code == 409
    assert first in page.session.left


@pytest.mark.parametrize("path", ["", "list", "film.mp4", "review.js", "frame/60", "\u00e9/list"])
def test_without_the_token_there_is_nothing(page: Page, path: str) -> None:
    assert page.get(f"/{TOKEN}x/{path}").status_code == 404
    assert page.get(f"/{path}").status_code == 404


def test_another_site_can_neither_name_it_nor_write_to_it(page: Page) -> None:
    named = page.get(f"/{TOKEN}/list", headers={"Host": "evil.example"})
    assert named.status_code == 421
    forged = page.post(
        f"/{TOKEN}/verdict", json={"passed": False, "reason": "x"}, headers={"Origin": "null"}
    )
    assert forged.status_code == 403
    assert page.session.ended is None


@pytest.mark.parametrize("path", ["", "list", "film.mp4", "nothing", "review.css"])
def test_every_answer_has_the_headers_of_the_api(page: Page, path: str) -> None:
    headers = page.get(f"/{TOKEN}/{path}").headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("data", [b"", b"[]", b'{"passed": 1}', b'{"passed": false}', b"\xff"])
def test_what_is_no_verdict_is_refused(page: Page, data: bytes) -> None:
    assert page.post(f"/{TOKEN}/verdict", content=data).status_code == 409
    assert page.session.ended is None


def test_it_listens_on_loopback_and_ends_with_the_review(made: Made) -> None:
    session = ReviewSession(made.folder, made.second, made.registered, Clock())
    page = ReviewPage(session, made.folder)
    place = urlsplit(page.address)
    assert place.hostname == "127.0.0.1"
    assert len(place.path) > 30
    serving = threading.Thread(target=page.serve)
    serving.start()
    try:
        with urllib.request.urlopen(page.address, timeout=120) as answer:
            assert b"Review" in answer.read()
        request = urllib.request.Request(
            f"{page.address}verdict",
            data=b'{"passed": false, "reason": "A face in the window."}',
            headers={"Origin": f"http://{place.netloc}"},
        )
        with urllib.request.urlopen(request, timeout=120) as answer:
            assert answer.status == 200
    finally:
        page.stop()
        serving.join(timeout=120)
    assert not serving.is_alive()
    assert made.folder.reviewed().body["passed"] is False
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(page.address, timeout=5)
