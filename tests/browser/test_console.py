"""The console, as somebody in a control room meets it."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.browser.conftest import CAMERA, HOLE, NO_PLAYWRIGHT, PATIENCE_S, House, Watched
from tests.browser.recorder import BOX, GRAY, WIDTH

from scrim.clock import SECOND

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

pytestmark = pytest.mark.browser
expect = pytest.importorskip("playwright.sync_api", reason=NO_PLAYWRIGHT).expect

_VIDEO = "document.querySelector('video')"
_PIXELS = f"""() => {{
    const video = {_VIDEO};
    const canvas = document.createElement('canvas');
    canvas.width = video.videoWidth; canvas.height = video.videoHeight;
    const drawing = canvas.getContext('2d', {{willReadFrequently: true}});
    drawing.drawImage(video, 0, 0);
    const row = drawing.getImageData(0, 180, canvas.width, 1).data;
    return Array.from({{length: canvas.width}}, (_, x) => row[4 * x + 1]);
}}"""


def playing(page: Page, beyond: float = 0.0) -> float:
    """Waits until the video is beyond that many seconds and moving; returns where it is."""
    page.locator("video").wait_for()
    page.wait_for_function(f"() => {_VIDEO}.currentTime > {beyond} && {_VIDEO}.videoWidth > 0")
    before = float(page.evaluate(f"{_VIDEO}.currentTime"))
    page.wait_for_function(f"() => {_VIDEO}.currentTime > {before} + 0.5")
    return float(page.evaluate(f"{_VIDEO}.currentTime"))


def box(page: Page) -> int:
    """Where the white box begins, counted in pixels of the picture."""
    row = page.evaluate(_PIXELS)
    white = [x for x, level in enumerate(row) if level > (GRAY + BOX) / 2]
    assert 90 <= len(white) <= 110, "the picture has one box of a hundred pixels"
    return int(white[0])


def test_without_a_session_it_says_how_to_sign_in(watched: Watched, house: House) -> None:
    page = watched.page
    page.goto(house.address)
    expect(page.get_by_role("heading", name="You are not signed in")).to_be_visible()
    expect(page.get_by_text("printed in the terminal")).to_be_visible()
    assert page.locator("video").count() == 0
    assert watched.complaints == []


def test_the_link_signs_in_once_and_leaves_no_trace_in_the_address(
    watched: Watched, house: House, chromium: Browser
) -> None:
    page, link = watched.page, house.link()
    page.goto(link)
    expect(page.get_by_role("heading", name="Harbour Street")).to_be_visible()
    assert page.url == f"{house.address}/"
    page.go_back()  # to the empty page; no entry of the history has the token
    page.go_forward()
    assert "sign-in" not in page.url

    with chromium.new_context() as other:
        again = other.new_page()
        again.goto(link)
        expect(again.get_by_text("This link does not sign in")).to_be_visible()


def test_the_masked_street_is_live(signed_in: Watched) -> None:
    page = signed_in.page
    first = playing(page)
    assert page.evaluate(f"{_VIDEO}.videoWidth") == WIDTH
    assert page.evaluate(f"{_VIDEO}.muted")
    where = box(page)
    deadline = time.monotonic() + PATIENCE_S
    while box(page) == where:
        assert time.monotonic() < deadline, "the box moves"
        page.wait_for_timeout(50)
    assert playing(page, first) > first
    # low latency: no more than a few parts are waiting to be shown
    page.wait_for_function(f"() => {_VIDEO}.buffered.end(0) - {_VIDEO}.currentTime < 3")
    expect(page.get_by_text("LIVE", exact=True)).to_be_visible()
    assert signed_in.complaints == []


def test_passed_and_encoded_pictures_follow_one_another(signed_in: Watched) -> None:
    """The footage goes from the camera's packets to the encoder's and back every two seconds."""
    page = signed_in.page
    playing(page)
    middle, rounds = (WIDTH - 100) // 2, 0
    passed = encoded = False
    before = box(page)
    deadline = time.monotonic() + PATIENCE_S
    while rounds < 2 or not (passed and encoded):
        assert time.monotonic() < deadline, (rounds, passed, encoded)
        page.wait_for_timeout(50)
        where = box(page)  # which sees to it that the picture is whole
        passed |= where < middle - 40  # the first half
        encoded |= where > middle + 40  # the second
        rounds += where < before
        before = where
    assert signed_in.complaints == []


def test_state_and_figures_are_said_in_words(signed_in: Watched, house: House) -> None:
    page, before = signed_in.page, house.recorder.status
    expect(page.get_by_text("DEMO CUSTODIANS")).to_be_visible()
    expect(page.get_by_test_id("state")).to_contain_text("Masked")
    expect(page.locator("article")).to_contain_text("Frames a second25.0")
    expect(page.locator("article")).to_contain_text("Added latency0.6 s")
    expect(page.get_by_role("banner")).to_contain_text("Custodians2 of 3")
    try:
        house.recorder.status = replace(before, state="blanked", reason="The detector is late.")
        expect(page.get_by_test_id("state")).to_contain_text("Blanked")
        expect(page.get_by_test_id("state")).to_contain_text("The detector is late.")
        # and it is said aloud, once
        expect(page.locator("main [aria-live=polite]").first).to_contain_text("blanked")
    finally:
        house.recorder.status = replace(house.recorder.status, state="masked", reason="")
    assert signed_in.complaints == []


def test_every_viewing_is_in_the_ledger_with_its_reason(signed_in: Watched, house: House) -> None:
    page = signed_in.page
    playing(page)
    asked: list[str] = []  # a player whose picture stops for long asks once more
    page.on("request", lambda one: asked.append(one.method) if is_view(one.url) else None)
    size = house.deployment.ledger.size()
    page.get_by_label("Reason for watching").select_option("audit")
    deadline = time.monotonic() + PATIENCE_S
    while house.deployment.ledger.size() == size:  # until then the earlier view plays on
        assert time.monotonic() < deadline
        page.wait_for_timeout(50)
    playing(page)
    bodies = [body for _, body in house.deployment.ledger.entries(size, size + 100)]
    viewed = [body for body in bodies if b'"act":"viewed"' in body]
    assert len(viewed) == asked.count("POST") > 0
    assert all(b'"reason":"audit"' in body for body in viewed)
    assert bodies == viewed, "what still waited for the earlier view was denied to nobody"


def is_view(url: str) -> bool:
    return url.endswith("/api/views")


def test_the_timeline_shows_a_gap_and_plays_what_is_recorded(
    signed_in: Watched, house: House
) -> None:
    page = signed_in.page
    playing(page)
    page.get_by_role("button", name="10 min").click()
    page.get_by_role("button", name="1 gap").click()
    expect(page.get_by_text("stalled: The camera sent nothing.")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_text("stalled: The camera sent nothing.")).to_be_hidden()

    # the last recorded segment before the gap: playing on must leap over it
    start_us = house.recorded_us[HOLE.start - 1]
    click_at(page, start_us + SECOND // 2)
    expect(page.get_by_text("RECORDING", exact=True)).to_be_visible()
    playing(page)
    box(page)
    page.wait_for_function(f"() => {_VIDEO}.currentTime > 3")

    size = house.deployment.ledger.size()
    (*_, (_, body)) = house.deployment.ledger.entries(0, size)
    assert b'"mode":"recorded"' in body

    page.get_by_role("button", name="Back to live").click()
    expect(page.get_by_text("LIVE", exact=True)).to_be_visible()
    playing(page)
    assert signed_in.complaints == []


def click_at(page: Page, us: int) -> None:
    """Clicks a time on the timeline."""
    bar = page.get_by_role("slider")
    since, until = (float(bar.get_attribute(f"aria-value{end}") or 0) for end in ("min", "max"))
    area = bar.bounding_box()
    assert area is not None
    share = (us / SECOND - since) / (until - since)
    page.mouse.click(area["x"] + area["width"] * share, area["y"] + area["height"] / 2)


def test_the_timeline_obeys_the_keyboard(signed_in: Watched) -> None:
    page = signed_in.page
    bar = page.get_by_role("slider")
    bar.focus()
    page.keyboard.press("End")
    for _ in range(3):
        page.keyboard.press("+")  # an hour, then less: the recording is in the last minutes
    for _ in range(99):
        if "recorded" in (bar.get_attribute("aria-valuetext") or "nothing").split()[1]:
            break
        page.keyboard.press("ArrowLeft")
    expect(bar).to_have_attribute("aria-valuetext", re.compile(r"^[0-9:]+ recorded$"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("RECORDING", exact=True)).to_be_visible()


def test_an_entry_is_checked_in_the_browser(signed_in: Watched, house: House) -> None:
    page = signed_in.page
    house.deployment.publish_checkpoint()
    page.get_by_role("link", name="Ledger").click()
    expect(page.get_by_text("Somebody signed in").first).to_be_visible()
    expect(page.get_by_test_id("checkpoint")).to_contain_text("scrim.local/ledger")
    page.get_by_role("button", name="Check entry 1", exact=True).click()
    page.get_by_role("button", name="Check inclusion").click()
    expect(page.get_by_test_id("verdict")).to_contain_text("Included")
    assert signed_in.complaints == []


def test_a_forged_entry_is_found_out(signed_in: Watched, house: House) -> None:
    page = signed_in.page
    house.deployment.publish_checkpoint()

    def forge(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text().replace("custodians-set", "nothing"))

    page.route("**/api/ledger/entries*", forge)
    page.get_by_role("link", name="Ledger").click()
    page.get_by_role("button", name="Check entry 0", exact=True).click()
    page.get_by_role("button", name="Check inclusion").click()
    expect(page.get_by_test_id("verdict")).to_contain_text("Not confirmed")


def test_it_goes_on_by_itself_after_the_recorder_and_the_server_start_again(
    signed_in: Watched, house: House
) -> None:
    page = signed_in.page
    playing(page)
    house.restart_recorder()
    page.wait_for_timeout(1500)
    assert_new_picture(page)

    house.restart_server()
    assert_new_picture(page)


def assert_new_picture(page: Page) -> None:
    """The newest picture is of the last few seconds, and moving."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        stamp = page.get_by_text("LIVE", exact=True)
        veiled = page.get_by_text(
            re.compile("trying again|Waiting for the picture|Opening")
        ).count()
        if stamp.count() and not veiled:
            shown = page.locator("article time").inner_text()
            age = float(page.evaluate("text => (Date.now() - new Date(text)) / 1000", shown))
            if age < 6:
                playing(page)
                return
        page.wait_for_timeout(200)
    raise AssertionError("no new picture came")


def test_signing_out_ends_the_watching(watched: Watched, house: House) -> None:
    page = watched.page
    page.goto(house.link())
    playing(page)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="You are not signed in")).to_be_visible()
    assert page.locator("video").count() == 0
    status = page.evaluate(f"fetch('/api/cameras/{CAMERA}/timeline').then(a => a.status)")
    assert status in {401, 403, 422}
