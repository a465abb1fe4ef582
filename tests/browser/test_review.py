"""The reviewer's page in Chromium: every weak frame confirmed by hand, then the verdict."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.unit.disclosure import scene
from tests.unit.disclosure.conftest import CASE, Clock, eyes, pick_left, signer

from scrim.disclosure.folder import DisclosureFolder
from scrim.disclosure.make import Order, make
from scrim.disclosure.page import ReviewPage
from scrim.disclosure.session import ReviewSession

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Route

pytestmark = pytest.mark.browser


@pytest.fixture
def folder(tmp_path: Path) -> DisclosureFolder:
    source = scene.write(tmp_path / "opened.mp4", frames=100)
    place = DisclosureFolder(tmp_path / "disclosure")
    order = Order(CASE, "", (pick_left(),))
    make(source, place, order, eyes=eyes(), signer=signer(), clock=Clock())
    return place


@pytest.fixture
def review(folder: DisclosureFolder) -> Iterator[tuple[ReviewSession, str]]:
    second = signer()
    session = ReviewSession(folder, second, {second.verifier}, Clock())
    page = ReviewPage(session, folder)
    serving = threading.Thread(target=page.serve)
    serving.start()
    yield session, page.address
    page.stop()
    serving.join(timeout=120)


def test_a_film_is_stepped_through_with_the_keyboard_and_let_out(
    chromium: Browser, review: tuple[ReviewSession, str], folder: DisclosureFolder
) -> None:
    session, address = review
    complaints: list[str] = []
    with chromium.new_context() as context:
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(address)
        page.locator("#why li").first.wait_for()
        assert page.locator("#why li").all_inner_texts() == list(session.weak[0].why)
        assert page.locator("#pass").is_disabled()
        page.locator("#outline").check()
        assert page.locator("#outlines.on > *").count() > 0
        page.locator("h1").click()
        for n in range(len(session.weak)):
            page.locator("#seen:not([disabled])").wait_for()
            page.locator("body").press("Space" if n % 2 else "Enter")
            page.wait_for_function(
                "left => document.querySelector('#left').textContent.startsWith(left)",
                arg=f"{len(session.weak) - n - 1} of" if n + 1 < len(session.weak) else "All",
            )
        page.locator("#pass").click()
        page.get_by_text("Signed: it may go out").wait_for()
    assert not complaints
    assert folder.reviewed().body["passed"] is True
    assert session.left == []


def test_a_key_that_is_pressed_twice_skips_no_frame(
    chromium: Browser, review: tuple[ReviewSession, str]
) -> None:
    session, address = review
    assert len(session.weak) > 2
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    with chromium.new_context() as context:
        page = context.new_page()
        page.add_init_script(
            "const really = fetch; window.asked = [];"
            "window.fetch = (...how) => { asked.push(String(how[0])); return really(...how); }"
        )
        page.route("**/looked/*", hold)
        page.goto(address)
        page.locator("#seen:not([disabled])").wait_for()
        page.locator("body").press("Enter")
        page.locator("body").press("Enter")
        assert page.evaluate("asked.filter(one => one.startsWith('looked/'))") == [
            f"looked/{session.weak[0].index}"
        ]
        while not held:
            page.wait_for_timeout(20)
        held[0].continue_()
        page.wait_for_function(
            "where => document.querySelector('#where').textContent.endsWith(where)",
            arg=f"; 2 of {len(session.weak)}",
        )
    assert session.left == [frame.index for frame in session.weak[1:]]
