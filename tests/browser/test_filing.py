"""A case that is filed in the browser: asked, its key kept, signed, and opened with that key."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.browser.case_desk import STORED, Served, answer, give_key, shows, sign_in
from tests.browser.case_house import BRIGHT, CAMERA, PASSPHRASE, REASON
from tests.browser.conftest import NO_PLAYWRIGHT, Watched

from scrim.clock import SECOND
from scrim.vault.agekeys import secret_of
from scrim.vault.custodian import read_identity

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

pytestmark = pytest.mark.browser
expect = pytest.importorskip("playwright.sync_api", reason=NO_PLAYWRIGHT).expect

PAPER = b"Warrant ESCC 17/2026"

_LOCAL = """us => {
    const at = new Date(us / 1000);
    return new Date(at - at.getTimezoneOffset() * 60000).toISOString().slice(0, 19);
}"""


@dataclass
class Form:
    """The form of a new case, before somebody who is signed in as its officer."""

    served: Served
    page: Page
    folder: Path

    def fill(self, *, earlier_us: int = 0, passphrase: str | None = PASSPHRASE) -> None:
        """Ask for the recording, or for a time so much earlier."""
        page, house = self.page, self.served.house
        page.get_by_role("link", name="File a case").click()
        page.get_by_role("combobox", name="Cameras").fill(CAMERA)
        page.keyboard.press("Enter")
        for label, at_us in (("From", house.began_us + SECOND), ("Until", house.until_us)):
            local = page.evaluate(_LOCAL, at_us - earlier_us)
            page.get_by_label(label, exact=True).fill(local)
        page.get_by_label("Purpose").select_option("accident")
        page.get_by_label("Its reference").fill("ESCC 17/2026")
        paper = self.folder / "warrant.txt"
        paper.write_bytes(PAPER)
        page.locator("input[type=file]").set_input_files(paper)
        page.get_by_label("Reason").fill(REASON)
        if passphrase is None:
            page.get_by_label("Without a passphrase").check()
        else:
            page.get_by_label("Passphrase of the case's key").fill(passphrase)
            page.get_by_label("The same once more").fill(passphrase)

    def draft(self) -> None:
        self.page.get_by_role("button", name="Draft the request").click()

    def save_key(self) -> tuple[str, Path]:
        """The case's id, and the file that the browser saved."""
        with self.page.expect_download() as download:
            self.page.get_by_role("button", name="Save case-").click()
        name = download.value.suggested_filename
        path = self.folder / name
        download.value.save_as(path)
        return name.removesuffix(".txt"), path

    def show_kept(self, file: Path, passphrase: str | None = None) -> None:
        give_key(self.page, file, "This is it", passphrase)
        expect(self.page.get_by_test_id("kept")).to_be_visible()

    def sign(self, key: str = "officer-7") -> None:
        give_key(self.page, self.served.house.people.file(key), "Sign and file")


@pytest.fixture
def form(desk: Callable[[], Watched], served: Served, tmp_path: Path) -> Form:
    page = desk().page
    sign_in(page, served, "officer-7")
    return Form(served, page, tmp_path)


def test_a_case_is_filed_answered_and_opened_in_the_browser(
    desk: Callable[[], Watched], served: Served, tmp_path: Path
) -> None:
    watched = desk()
    page = watched.page
    sent: list[str] = []
    page.on("request", lambda one: sent.append(f"{one.url} {one.post_data}"))
    sign_in(page, served, "officer-7")
    form = Form(served, page, tmp_path)
    size = len(served.house.acts())
    form.fill()
    form.draft()
    expect(page.get_by_label("What is asked")).to_contain_text(REASON)
    expect(page.get_by_label("What is asked")).to_contain_text(hashlib.sha256(PAPER).hexdigest())
    expect(page.get_by_role("button", name="Sign and file")).to_have_count(0)
    case, file = form.save_key()
    assert served.house.acts()[size:] == ["case-drafted"]

    # it is kept: the command line reads it, with the passphrase alone
    once = read_identity(file, PASSPHRASE)
    assert once.secret.encode() not in file.read_bytes()
    form.show_kept(file, PASSPHRASE)
    form.sign()
    expect(page.get_by_test_id("case-state")).to_contain_text("Requested")
    assert page.url.endswith(f"#/cases/{case}")
    assert served.house.acts()[size:] == ["case-drafted", "case-requested", "held"]
    served.house.deployment.publish_checkpoint()

    asked = served.house.deployment.cases().get(
        served.house.deployment.people().get("officer-7"), case
    )
    assert json.loads(asked.statement or b"")["body"]["recipient"] == once.recipient
    answer(desk, served, "court", case)
    served.house.approve(case, "registry")

    # the key is still in this tab, since it was shown to be kept
    page.get_by_role("button", name="Look at the originals").click()
    shows(page, BRIGHT)
    secrets = [secret_of(once.secret), secret_of(served.house.people.officer.secret)]
    texts = [once.secret, once.secret.lower(), "AGE-SECRET-KEY", *(one.hex() for one in secrets)]
    for text in texts:
        assert not any(text in one for one in sent)
        assert text not in page.evaluate(STORED)
    # its papers are given out once a checkpoint covers them: until then 409, and asked again
    assert [one for one in watched.complaints if "409" not in one] == []

    page.get_by_label("Why it ends").fill("Handed to the court.")
    page.get_by_role("button", name=f"End {case}").click()
    expect(page.get_by_test_id("case-state")).to_contain_text("Closed")
    expect(page.get_by_text("Handed to the court.", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name=f"End {case}")).to_have_count(0)


def test_what_is_missing_is_said_and_nothing_is_sent(form: Form, served: Served) -> None:
    page = form.page
    size = len(served.house.acts())
    form.fill(passphrase="short")
    button = page.get_by_role("button", name="Draft the request")
    expect(button).to_be_disabled()
    expect(page.get_by_test_id("missing")).to_contain_text("passphrase of at least 12")
    page.get_by_label("Without a passphrase").check()
    expect(button).to_be_enabled()
    page.get_by_label("Until", exact=True).fill("2020-01-01T00:00:00")
    expect(page.get_by_test_id("missing")).to_contain_text("later than the beginning")
    assert served.house.acts()[size:] == []


def test_what_an_interval_may_not_be_is_said_before_anything_is_sent(
    form: Form, served: Served
) -> None:
    page = form.page
    size = len(served.house.acts())
    form.fill(passphrase=None)
    missing = page.get_by_test_id("missing")
    page.get_by_label("From", exact=True).fill("2020-01-01T00:00:00")
    expect(missing).to_contain_text("up to 24 hours")
    page.get_by_label("Until", exact=True).fill("2120-01-01T00:00:00")
    expect(missing).to_contain_text("lies ahead")
    assert served.house.acts()[size:] == []  # no refusal stands in the register for a slip


def test_the_fields_stand_below_each_other_on_a_narrow_screen(form: Form) -> None:
    page = form.page
    page.get_by_role("link", name="File a case").click()
    page.set_viewport_size({"width": 390, "height": 844})
    for label in ("Its reference", "Authority", "Passphrase of the case's key"):
        box = page.get_by_label(label).bounding_box()
        assert box is not None
        assert box["width"] > 250, label
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_what_a_rule_refuses_is_said_in_its_words(form: Form) -> None:
    form.fill(earlier_us=86_400 * SECOND, passphrase=None)
    form.draft()
    expect(form.page.get_by_text(f"Nothing of camera {CAMERA} is sealed")).to_be_visible()
    # and what was filled in is still there
    expect(form.page.get_by_label("Its reference")).to_have_value("ESCC 17/2026")


def test_a_body_that_says_something_else_is_not_signed(form: Form, served: Served) -> None:
    def forge(route: Route) -> None:
        if route.request.method != "POST":
            route.fallback()
            return
        found = route.fetch()
        route.fulfill(response=found, body=found.text().replace("knocked down", "knocked over"))

    form.page.route("**/api/cases", forge)
    form.fill(passphrase=None)
    form.draft()
    expect(form.page.get_by_text("something else to sign than was asked for")).to_be_visible()
    expect(form.page.get_by_role("button", name="Save case-")).to_have_count(0)
    assert "case-requested" not in served.house.acts()[-1:]


def test_another_key_is_not_the_case_s_and_another_s_does_not_sign(
    form: Form, served: Served
) -> None:
    page = form.page
    form.fill(passphrase=None)
    form.draft()
    case, file = form.save_key()
    give_key(page, served.house.people.file("officer-7"), "This is it")
    expect(page.get_by_text(f"This is not the key of {case}.")).to_be_visible()
    form.show_kept(file)
    size = len(served.house.acts())
    form.sign("court")
    expect(page.get_by_text("This is not the key of officer-7, who is signed in.")).to_be_visible()
    assert served.house.acts()[size:] == []
    form.sign()
    expect(page.get_by_test_id("case-state")).to_contain_text("Requested")
    assert served.house.acts()[size:] == ["case-requested", "held"]


def test_a_draft_that_was_left_says_so_and_can_be_ended(form: Form) -> None:
    page = form.page
    form.fill(passphrase=None)
    form.draft()
    case, _ = form.save_key()
    page.reload()
    page.get_by_role("link", name="All cases").click()
    page.get_by_role("link", name=case).click()
    expect(page.get_by_text("The request was never signed")).to_be_visible()
    page.get_by_label("Why it ends").fill("Left before it was signed.")
    page.get_by_role("button", name=f"End {case}").click()
    expect(page.get_by_test_id("case-state")).to_contain_text("Closed")


def test_a_live_case_is_filed_and_watched_as_it_comes(
    desk: Callable[[], Watched], served: Served, tmp_path: Path
) -> None:
    watched = desk()
    page = watched.page
    sign_in(page, served, "officer-7")
    form = Form(served, page, tmp_path)
    page.get_by_role("link", name="File a case").click()
    page.get_by_label("Which pictures").select_option("live")
    page.get_by_label("Which pictures").select_option("recorded")
    expect(page.get_by_label("Authority")).to_have_value("warrant")
    page.get_by_label("Which pictures").select_option("live")
    page.get_by_role("combobox", name="Cameras").fill(CAMERA)
    page.keyboard.press("Enter")
    page.get_by_label("Minutes from now on").fill("60")
    page.get_by_label("Purpose").select_option("missing-person")
    expect(page.get_by_label("Authority")).to_have_value("emergency")
    page.get_by_label("Its reference").fill("Control room 5")
    page.get_by_label("Reason").fill("A child was last seen at the corner.")
    page.get_by_label("Without a passphrase").check()
    form.draft()
    case, file = form.save_key()
    form.show_kept(file)
    form.sign()
    expect(page.get_by_test_id("case-state")).to_contain_text("Requested")
    served.house.deployment.publish_checkpoint()
    answer(desk, served, "court", case)
    served.house.approve(case, "ombudsman")
    expect(page.get_by_test_id("case-state")).to_contain_text("Approved")

    page.get_by_role("button", name="Look at the originals").click()
    expect(page.get_by_text("Waiting for the first pictures")).to_be_visible()
    recording = served.house.record_live()
    recording.film(2)
    shows(page, BRIGHT)
    expect(page.get_by_text("LIVE ORIGINAL")).to_be_visible()
    expect(page.get_by_test_id("findings")).to_contain_text("proved by the manifests")
    film = "document.querySelector('video')"
    page.wait_for_function(f"() => {film}.currentTime > 3")  # up to the end of what there is
    reached = page.evaluate(f"{film}.buffered.end({film}.buffered.length - 1)")
    recording.film(2)
    page.wait_for_function(f"reached => {film}.currentTime > reached + 1", arg=reached)
    shows(page, BRIGHT)

    # whoever goes on to what has not come yet is shown the newest there is, and what comes then
    reached = page.evaluate(f"{film}.buffered.end({film}.buffered.length - 1)")
    page.get_by_label("Time", exact=True).fill("1800")
    recording.film(2)
    page.wait_for_function(
        f"reached => {film}.currentTime > reached + 1 && {film}.currentTime < 1500", arg=reached
    )
    recording.finish()
    acts = served.house.acts()
    assert acts.index("original-viewed", acts.index("live-opened") - 2) < acts.index("live-opened")
    assert [one for one in watched.complaints if "409" not in one] == []

    # whoever comes later sees what is there
    later = desk().page
    sign_in(later, served, "officer-7")
    later.get_by_role("link", name=case).click()
    give_key(later, file, "Use this key")
    later.get_by_role("button", name="Look at the originals").click()
    shows(later, BRIGHT)
