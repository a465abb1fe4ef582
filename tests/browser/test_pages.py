"""The pages of norms and of access, as an operator and a privacy officer meet them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from tests.browser.conftest import CAMERA, NO_PLAYWRIGHT, SCREEN, House, Watched, _watched

from scrim.access import Role
from scrim.changes import CAMERA_GROUP
from scrim.clock import to_text

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser
expect = pytest.importorskip("playwright.sync_api", reason=NO_PLAYWRIGHT).expect


@pytest.fixture
def hong_kong(house: House) -> Iterator[None]:
    """The house under the pack, checked; and after the test as it was."""
    applied = house.deployment.applied()
    applied.apply("hk")
    house.deployment.checks().run()
    yield
    applied.remove("hk")
    house.deployment.checks().run()


def test_a_rule_is_shown_with_its_citation_and_the_facts_behind(
    signed_in: Watched, hong_kong: None
) -> None:
    page = signed_in.page
    page.get_by_role("banner").get_by_role("link", name="Norms").click()
    expect(page.get_by_test_id("not-advice")).to_contain_text("Not legal advice")
    expect(page.get_by_test_id("not-advice")).to_contain_text("Last checked")
    sign = page.locator("tr[data-rule='hk-05']")
    expect(sign).to_contain_text("PDPO (Cap. 486) Schedule 1, DPP1(3)")
    page.locator("tr[data-rule='hk-07']").get_by_text("unverified").wait_for()
    page.get_by_role("link", name="hk-04", exact=False).first.click()
    expect(page.get_by_role("heading", name="Outcomes of hk-04")).to_be_visible()
    expect(page.locator("main")).to_contain_text("openings_unanswered")
    expect(page.locator("tr[data-rule='hk-04']")).to_have_attribute("data-chosen", "true")
    assert signed_in.complaints == []


def test_without_a_pack_it_says_so(signed_in: Watched, house: House) -> None:
    page = signed_in.page
    page.goto(f"{house.address}/#/norms")
    expect(page.get_by_text("No pack is in force.")).to_be_visible()
    assert signed_in.complaints == []


def test_who_one_is_and_what_waits_for_a_second_person(chromium: Browser, house: House) -> None:
    here = house.deployment
    here.people().enrol("privacy-1", "city", Role.PRIVACY_OFFICER)
    link = f"{house.address}/#sign-in={here.sign_in().new_link('privacy-1')}"
    with chromium.new_context(viewport=SCREEN, timezone_id="UTC") as context:
        watched = _watched(context.new_page())
        page = watched.page
        page.goto(link)
        page.get_by_role("link", name="Access").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("privacy-1: privacy-officer")
        expect(page.get_by_role("heading", name="Your passkeys")).to_be_visible()
        expect(page.get_by_text("You have none yet.")).to_be_visible()
        expect(page.get_by_text("None.", exact=True)).to_be_visible()
        change = {"camera": CAMERA, "group": "quay"}
        here.changes().proposals.propose(CAMERA_GROUP, change, "camera-group-changed")
        waiting = page.locator("section", has=page.get_by_role("heading", name="Changes that wait"))
        expect(waiting).to_contain_text("camera group, proposed by")
        expect(waiting).to_contain_text('"group": "quay"')
        (one,) = here.changes().proposals.waiting()
        expect(waiting).to_contain_text(to_text(one.expires_us)[:10])
        waiting.get_by_role("button", name="Refuse").click()
        expect(page.get_by_text("None.", exact=True)).to_be_visible()
        assert here.changes().proposals.waiting() == ()
        assert page.locator("video").count() == 0, "no picture is for a privacy officer"
        assert watched.complaints == []
    here.people().retire("privacy-1")
