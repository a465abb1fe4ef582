"""A case in the browser: asked, read, answered, opened and looked at."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from tests.browser.case_desk import (
    STORED,
    Served,
    answer,
    approved,
    give_key,
    open_case,
    shows,
    sign_in,
)
from tests.browser.case_house import BRIGHT, CAMERA, PASSPHRASE, REASON
from tests.browser.conftest import NO_PLAYWRIGHT, Watched
from tests.browser.recorder import GRAY

from scrim.ledger.checkpoint import Checkpoint
from scrim.opening.package import Package
from scrim.vault.custodian import read_identity
from scrim.vault.receiving import open_periods

if TYPE_CHECKING:
    from playwright.sync_api import Route

pytestmark = pytest.mark.browser
expect = pytest.importorskip("playwright.sync_api", reason=NO_PLAYWRIGHT).expect


def test_a_custodian_reads_sees_and_approves(desk: Callable[[], Watched], served: Served) -> None:
    people = served.house.people
    people.keep("court-sealed", people.custodians["court"], PASSPHRASE)
    case = served.house.request("once-read")
    watched = desk()
    page = watched.page
    sign_in(page, served, "court-sealed", PASSPHRASE)
    expect(page.get_by_role("link", name="Cameras")).to_have_count(0)
    page.get_by_role("link", name=case).click()
    asked = page.get_by_label("What is asked")
    for words in (REASON, "Warrant: ESCC 17/2026", "officer-7 (traffic)", CAMERA, "accident"):
        expect(asked).to_contain_text(words)

    size = served.house.deployment.ledger.size()
    views: list[str] = []  # a player whose picture stops for long asks once more
    page.on("request", lambda one: views.append(one.url) if one.method == "POST" else None)
    page.get_by_label("Camera").select_option(CAMERA)
    shows(page, GRAY)
    entries = served.house.deployment.ledger.entries(size, size + 100)
    looked = [one for one in (json.loads(body) for _, body in entries) if one["act"] == "viewed"]
    assert len(looked) == sum(url.endswith("/api/views") for url in views) > 0
    assert {one["reason"] for one in looked} == {"case-review"}

    approve = page.get_by_role("button", name="Approve")
    expect(approve).to_be_disabled()
    page.get_by_label(f"To approve, type {case}").fill(case)
    approve.click()
    expect(page.get_by_test_id("given")).to_contain_text("approved")
    assert served.house.acts()[-1] == "case-answered"
    assert watched.complaints == []


def test_the_key_stays_in_the_tab_and_goes_when_told(
    desk: Callable[[], Watched], served: Served
) -> None:
    case = served.house.request("once-kept")
    page = desk().page
    sent: list[str] = []
    page.on("request", lambda request: sent.append(f"{request.url} {request.post_data}"))
    sign_in(page, served, "ombudsman")
    page.get_by_role("link", name=case).click()
    page.get_by_label(f"To approve, type {case}").fill(case)
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_test_id("given")).to_be_visible()
    secret = served.house.people.custodians["ombudsman"].secret
    assert secret not in page.evaluate(STORED)
    assert "AGE-SECRET-KEY" not in page.evaluate(STORED)
    assert any("/answers" in one for one in sent)
    assert not any("AGE-SECRET-KEY" in one for one in sent)

    page.get_by_role("button", name="Forget the key").first.click()
    expect(page.get_by_label("Your key file")).to_be_visible()
    give_key(page, served.house.people.file("ombudsman"), "Use this key")
    expect(page.get_by_role("button", name="Forget the key").first).to_be_visible()
    page.reload()
    page.get_by_label("What is asked").wait_for()
    expect(page.get_by_role("button", name="Forget the key")).to_have_count(0)


def test_a_session_that_ends_leaves_no_key_to_the_next(
    desk: Callable[[], Watched], served: Served
) -> None:
    page = desk().page
    sign_in(page, served, "registry")
    expect(page.get_by_role("button", name="Forget the key")).to_be_visible()
    page.evaluate("fetch('/api/session', {method: 'DELETE'})")  # as another tab would
    page.get_by_role("button", name="I am a case officer or a custodian").click()
    give_key(page, served.house.people.file("officer-7"), "Sign in with this key")
    expect(page.get_by_text("officer officer-7")).to_be_visible()
    expect(page.get_by_role("button", name="Forget the key")).to_have_count(0)


def test_who_is_not_registered_does_not_get_in(desk: Callable[[], Watched], served: Served) -> None:
    page = desk().page
    page.goto(served.address)
    page.get_by_role("button", name="I am a case officer or a custodian").click()
    served.house.request("nobody")  # a one-time key is nobody's
    give_key(page, served.house.people.file("nobody"), "Sign in with this key")
    expect(page.get_by_text("This key does not sign in here.")).to_be_visible()

    served.house.people.file("letter").write_text("Dear Sir or Madam\n")
    give_key(page, served.house.people.file("letter"), "Sign in with this key")
    expect(page.get_by_text("not an age identity file")).to_be_visible()


def test_two_approvals_open_what_was_recorded(desk: Callable[[], Watched], served: Served) -> None:
    case = approved(desk, served, "once-open")
    watched = desk()
    page = watched.page
    size = len(served.house.acts())
    open_case(page, served, case, "once-open")
    shows(page, BRIGHT)
    page.wait_for_function("() => document.querySelector('video').currentTime > 2.5")
    shows(page, BRIGHT)
    assert served.house.acts()[size:] == ["signed-in", "case-opened", "original-viewed"]
    expect(page.get_by_test_id("watermark")).to_contain_text(f"{case} · officer-7 · traffic")
    expect(page.get_by_test_id("findings")).to_have_count(0)
    expect(page.get_by_test_id("sound")).to_contain_text("not played here")

    expect(page.get_by_test_id("case-state")).to_contain_text("Open")

    page.get_by_label("Time", exact=True).fill("9")  # in the second key period
    page.wait_for_function("() => document.querySelector('video').currentTime >= 8.5")
    shows(page, BRIGHT)
    assert watched.complaints == []


def test_what_was_approved_in_the_browser_opens_on_the_command_line(
    desk: Callable[[], Watched], served: Served
) -> None:
    case = approved(desk, served, "once-both")
    house = served.house
    paper = house.deployment.cases().package(house.deployment.people().get("officer-7"), case)
    package = Package.parse(paper, lambda note: Checkpoint.from_note(note, house.ledger_key))
    once = read_identity(house.people.file("once-both")).secret
    opened = list(open_periods(package.request, package.statements, package.documents, once))
    assert [one.custodians for one in opened] == [("court", "registry")] * 2
    assert all(one.identity is not None and one.faults == () for one in opened)


def test_invariant_5_no_entry_no_picture(desk: Callable[[], Watched], served: Served) -> None:
    case = served.house.approved("once-unlogged")
    page = desk().page
    sealed: list[str] = []
    page.on("request", lambda asked: sealed.append(asked.url) if "/sealed/" in asked.url else None)
    problem = {"detail": "The ledger cannot be written.", "remedy": "Make room."}
    page.route(
        f"**/api/cases/{case}/viewings", lambda route: route.fulfill(status=503, json=problem)
    )
    open_case(page, served, case, "once-unlogged")
    expect(page.get_by_text("The ledger cannot be written. Make room.")).to_be_visible()
    assert sealed == []
    assert page.locator("video").count() == 0

    page.unroute(f"**/api/cases/{case}/viewings")
    page.get_by_role("button", name="Look at the originals").click()
    shows(page, BRIGHT)
    assert sealed
    officer = served.house.deployment.people().get("officer-7")
    served.house.deployment.cases().close(officer, case, "Enough was seen.")
    expect(page.get_by_test_id("case-state")).to_contain_text("Closed")
    expect(page.locator("video")).to_have_count(0)
    expect(page.get_by_text("Enough was seen.")).to_be_visible()


def test_one_approval_opens_nothing_and_a_refusal_is_read(
    desk: Callable[[], Watched], served: Served
) -> None:
    case = served.house.request("once-few")
    served.house.approve(case, "court")
    answer(desk, served, "ombudsman", case, "Refuse")
    page = desk().page
    sign_in(page, served, "officer-7")
    page.get_by_role("link", name=case).click()
    expect(page.get_by_test_id("answers")).to_contain_text("The warrant is for another street.")
    expect(page.get_by_test_id("case-state")).to_contain_text("Requested")
    expect(page.get_by_role("button", name="Look at the originals")).to_have_count(0)
    answer(desk, served, "registry", case, "Refuse")
    expect(page.get_by_test_id("case-state")).to_contain_text("Refused")
    assert page.locator("video").count() == 0


def test_another_cases_key_opens_nothing(desk: Callable[[], Watched], served: Served) -> None:
    case = served.house.approved("once-mine")
    served.house.request("once-other")
    page = desk().page
    sign_in(page, served, "officer-7")
    page.get_by_role("link", name=case).click()
    size = len(served.house.acts())
    give_key(page, served.house.people.file("once-other"), "Use this key")
    expect(page.get_by_text(f"This is not the key of {case}.")).to_be_visible()
    assert len(served.house.acts()) == size


def test_a_damaged_segment_is_named_and_the_others_are_shown(
    desk: Callable[[], Watched], served: Served
) -> None:
    case = served.house.approved("once-hurt")
    first = min(one["segment"] for one in _listed(served))
    path = served.house.sealed(first)
    kept = path.with_suffix(".kept")
    shutil.copy(path, kept)
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.chmod(0o600)
    path.write_bytes(data)
    try:
        page = desk().page
        open_case(page, served, case, "once-hurt")
        expect(page.get_by_test_id("findings")).to_contain_text(f"segment {first} of camera")
        shows(page, BRIGHT)
    finally:
        shutil.move(kept, path)


def _listed(served: Served) -> list[dict[str, int]]:
    paths = served.house.deployment.folder.objects.rglob("sealed/**/*.age")
    return [{"segment": int(path.stem)} for path in paths]


def test_a_request_altered_on_the_way_is_not_shown_to_be_approved(
    desk: Callable[[], Watched], served: Served
) -> None:
    case = served.house.request("once-forged")

    def forge(route: Route) -> None:
        found = route.fetch()
        route.fulfill(response=found, body=found.text().replace("knocked down", "knocked over"))

    page = desk().page
    page.route(f"**/api/cases/{case}/package", forge)
    sign_in(page, served, "court")
    page.get_by_role("link", name=case).click()
    expect(page.get_by_test_id("unsound")).to_contain_text("not over these words")
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)


def test_a_part_that_does_not_fit_is_named(desk: Callable[[], Watched], served: Served) -> None:
    """Two answers' parts exchanged by whoever carries them: signed, so it is found at once."""
    case = served.house.approved("once-swapped")

    def swap(route: Route) -> None:
        found = route.fetch()
        package = json.loads(found.text())
        one, other = (answer["body"] for answer in package["answers"])
        one["parts"], other["parts"] = other["parts"], one["parts"]
        text = json.dumps(package, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        route.fulfill(response=found, body=text)

    page = desk().page
    page.route(f"**/api/cases/{case}/package", swap)
    sign_in(page, served, "officer-7")
    page.get_by_role("link", name=case).click()
    expect(page.get_by_test_id("unsound")).to_be_visible()
    assert page.locator("video").count() == 0


def test_a_key_is_not_left_to_who_signs_in_by_another_tab(
    desk: Callable[[], Watched], served: Served
) -> None:
    case = served.house.approved("for-two-tabs")
    page = desk().page
    page.clock.install()
    sign_in(page, served, "officer-7")
    page.get_by_role("link", name=case).click()
    give_key(page, served.house.people.file("for-two-tabs"), "Use this key")
    expect(page.get_by_role("button", name="Forget the key")).to_be_visible()
    other = page.context.new_page()
    for name in ("court", "officer-7"):
        other.goto(served.address)
        other.get_by_role("button", name="Sign out").click()
        sign_in(other, served, name)
        page.clock.fast_forward(31_000)  # the page asks twice a minute who is signed in
        expect(page.get_by_role("banner")).to_contain_text(name)
    expect(page.get_by_role("button", name="Use this key")).to_be_visible()
    expect(page.get_by_role("button", name="Forget the key")).to_have_count(0)
