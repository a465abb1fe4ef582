"""Passkeys with Chromium's own virtual authenticator, against the real server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from tests.browser.conftest import House

from scrim.access import Role
from scrim.canonical import Json

if TYPE_CHECKING:
    from playwright.sync_api import Browser, CDPSession, Page, Route

pytestmark = pytest.mark.browser

_POST = """async ([path, body]) => {
  const answer = await fetch(path, {method: "POST", body: JSON.stringify(body ?? {}),
    headers: {"Content-Type": "application/json"}});
  const text = await answer.text();
  return [answer.status, text === "" ? null : JSON.parse(text)];
}"""
_MAKE = """async (options) => (await navigator.credentials.create({publicKey:
  PublicKeyCredential.parseCreationOptionsFromJSON(options)})).toJSON()"""
_GET = """async (options) => (await navigator.credentials.get({publicKey:
  PublicKeyCredential.parseRequestOptionsFromJSON(options)})).toJSON()"""


class Device:
    """A browser with an authenticator in it."""

    def __init__(self, page: Page, cdp: CDPSession) -> None:
        self.page = page
        self.cdp = cdp
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
        }
        made = cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        self.authenticator: str = made["authenticatorId"]

    def post(self, path: str, body: object = None) -> tuple[int, Any]:
        status, answer = self.page.evaluate(_POST, [path, body])
        return status, answer

    def add(self) -> tuple[int, Any]:
        status, offer = self.post("/api/passkeys/challenge")
        assert status == 200, offer
        return self.post(
            "/api/passkeys", {"credential": self.page.evaluate(_MAKE, offer["options"])}
        )

    def answer(self) -> dict[str, Any]:
        """What the authenticator says to a challenge of the server's."""
        status, asked = self.post("/api/session/passkey/challenge")
        assert status == 200, asked
        found: dict[str, Any] = self.page.evaluate(_GET, asked["options"])
        return found

    def sign_in(self, credential: object) -> tuple[int, Any]:
        return self.post("/api/session/passkey", {"credential": credential})

    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = self.page.evaluate(
            "async () => (await fetch('/api/session')).json()"
        )
        return found

    def verified(self, yes: bool) -> None:
        self.cdp.send(
            "WebAuthn.setUserVerified",
            {"authenticatorId": self.authenticator, "isUserVerified": yes},
        )

    def count(self, number: int) -> None:
        """Make the authenticator's one credential over with another counter."""
        where = {"authenticatorId": self.authenticator}
        (held,) = self.cdp.send("WebAuthn.getCredentials", where)["credentials"]
        self.cdp.send("WebAuthn.removeCredential", {**where, "credentialId": held["credentialId"]})
        self.cdp.send(
            "WebAuthn.addCredential", {**where, "credential": {**held, "signCount": number}}
        )


@pytest.fixture
def device(chromium: Browser, house: House) -> Iterator[Device]:
    with chromium.new_context() as context:
        page = context.new_page()
        cdp = context.new_cdp_session(page)
        cdp.send("WebAuthn.enable")
        page.goto(f"http://localhost:{house.port}/")
        yield Device(page, cdp)


def enrolled(house: House, device: Device, name: str) -> None:
    """Somebody new, signed in by a link of theirs."""
    people = house.deployment.people()
    people.enrol(name, "city", Role.AUDITOR)
    token = house.deployment.sign_in().new_link(name)
    assert device.post("/api/session", {"token": token})[0] == 204


def sign_out(device: Device) -> None:
    device.page.evaluate("async () => { await fetch('/api/session', {method: 'DELETE'}) }")
    assert device.state()["signed_in"] is False


def test_a_passkey_is_added_with_a_link_and_signs_in_ever_after(
    house: House, device: Device
) -> None:
    enrolled(house, device, "auditor-1")
    status, made = device.add()
    assert status == 201, made
    sign_out(device)
    assert device.sign_in(device.answer())[0] == 204
    state = device.state()
    assert (state["person"], state["roles"]) == ("auditor-1", ["auditor"])
    listed = device.page.evaluate("async () => (await fetch('/api/passkeys')).json()")
    assert [one["id"] for one in listed] == [made["id"]]
    assert listed[0]["used_us"] is not None

    house.deployment.people().retire("auditor-1")
    assert device.state()["signed_in"] is False
    assert device.sign_in(device.answer())[0] == 403


def test_what_does_not_sign_in(house: House, device: Device) -> None:
    enrolled(house, device, "auditor-2")
    device.add()
    sign_out(device)

    good = device.answer()
    assert device.sign_in(good)[0] == 204
    sign_out(device)
    assert device.sign_in(good)[0] == 403, "a challenge is used once"

    changed = device.answer()
    changed["response"]["signature"] = good["response"]["signature"]
    assert device.sign_in(changed)[0] == 403
    changed = device.answer()
    changed["id"] = changed["rawId"] = "AAAA"
    assert device.sign_in(changed)[0] == 403
    odd: list[dict[str, object]] = [{}, {"id": "é"}, {"id": [], "response": 3}, {"response": {}}]
    for nonsense in odd:
        assert device.sign_in(nonsense)[0] == 403

    device.count(0)
    copied = device.sign_in(device.answer())
    assert copied[0] == 403, "its counter went back"
    device.count(100)
    assert device.sign_in(device.answer())[0] == 204


def test_being_there_is_not_enough(house: House, device: Device) -> None:
    enrolled(house, device, "auditor-3")
    device.add()
    sign_out(device)
    _, asked = device.post("/api/session/passkey/challenge")
    # whatever the page asks for, the server wants a user who was verified
    asked["options"]["userVerification"] = "discouraged"
    device.verified(False)
    assert device.sign_in(device.page.evaluate(_GET, asked["options"]))[0] == 403


def test_a_session_that_is_nobodys_adds_no_passkey(house: House, device: Device) -> None:
    token = house.deployment.sign_in().new_link()
    assert device.post("/api/session", {"token": token})[0] == 204
    status, why = device.post("/api/passkeys/challenge")
    assert status == 403
    assert "scrim link --person" in why["remedy"]


def test_an_address_has_no_passkeys(chromium: Browser, house: House) -> None:
    with chromium.new_context() as context:
        page = context.new_page()
        page.goto(house.address)
        status, why = page.evaluate(_POST, ["/api/session/passkey/challenge", None])
        assert status == 400
        assert "localhost" in why["remedy"]


def test_a_passkey_is_removed_by_whose_it_is_and_nobody_else(house: House, device: Device) -> None:
    enrolled(house, device, "auditor-4")
    _, made = device.add()
    sign_out(device)
    remove = "async (id) => (await fetch(`/api/passkeys/${id}`, {method: 'DELETE'})).status"
    enrolled(house, device, "auditor-5")
    assert device.page.evaluate(remove, made["id"]) == 204
    sign_out(device)
    assert device.sign_in(device.answer())[0] == 204, "it was not theirs to remove"
    assert device.page.evaluate(remove, made["id"]) == 204
    sign_out(device)
    assert device.sign_in(device.answer())[0] == 403


def test_a_link_that_is_followed_while_the_page_still_asks_who_one_is_signs_in(
    house: House, device: Device
) -> None:
    house.deployment.people().enrol("auditor-9", "city", Role.AUDITOR)
    token = house.deployment.sign_in().new_link("auditor-9")
    page = device.page
    held: list[Route] = []
    nobody = device.state()

    def late(route: Route) -> None:
        if route.request.method == "GET" and not held:
            held.append(route)
        else:
            route.continue_()

    page.route("**/api/session", late)
    with page.expect_request("**/api/session"):
        page.reload(wait_until="commit")
    page.get_by_label("Signing in").wait_for()
    with page.expect_response(lambda found: found.request.method == "POST"):
        page.evaluate("token => { window.location.hash = `sign-in=${token}` }", token)
    held[0].fulfill(json=nobody)  # asked before the sign-in, answered after it
    page.get_by_text("auditor-9").first.wait_for()


def test_the_page_adds_a_passkey_signs_in_with_it_and_shows_what_waits(
    house: House, device: Device
) -> None:
    people, page = house.deployment.people(), device.page
    people.enrol("privacy-2", "city", Role.PRIVACY_OFFICER)
    token = house.deployment.sign_in().new_link("privacy-2")
    page.goto(f"http://localhost:{house.port}/#sign-in={token}")
    page.get_by_role("link", name="Access").click()
    page.get_by_text("You have none yet.").wait_for()
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_text("not used yet").wait_for()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.get_by_role("link", name="Access").click()

    change: dict[str, Json] = {"camera": "street", "policy": {"style": "silhouette"}}
    proposals = house.deployment.changes().proposals
    proposals.propose("camera-policy", change, "camera-policy-changed")
    page.get_by_role("button", name="Agree").click()
    page.get_by_text("None.").wait_for()
    assert proposals.list()[-1].decision == "agreed"
