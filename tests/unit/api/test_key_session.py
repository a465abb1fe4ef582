"""Signing in with a key, over HTTP."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest
from tests.unit.api.served import Served, sign_in

from scrim.access import Role
from scrim.vault.custodian import new_identity
from scrim.vault.signing import Signer


@pytest.mark.parametrize("role", [Role.OFFICER, Role.CUSTODIAN])
async def test_a_device_signs_in_and_out(served: Served, role: Role) -> None:
    async with served.signed_in_as(role) as client:
        state = (await client.get("/api/session")).json()
        assert (state["signed_in"], state["role"]) == (True, role.value)
        assert (state["person"], state["way"]) == (f"some-{role.value}", "key")
        assert (await client.delete("/api/session")).status_code == 204
        assert not (await client.get("/api/session")).json()["signed_in"]
    assert served.entries()[-1]["act"] == "signed-in"


async def test_a_link_makes_an_operator(served: Served) -> None:
    async with served.signed_in() as client:
        state = (await client.get("/api/session")).json()
    assert (state["role"], state["person"]) == ("operator", None)


async def test_somebody_unknown_gets_a_nonce_and_no_session(served: Served) -> None:
    async with served.client() as client:
        answer = await sign_in(client, Signer.of_identity(new_identity().secret))
        assert answer.status_code == 403
        assert not client.cookies


async def test_who_is_retired_is_out_at_once(served: Served) -> None:
    signer = served.register(Role.OFFICER)
    async with served.signed_in_as(Role.OFFICER, signer) as client:
        assert (await client.get("/api/cameras")).status_code == 200
        served.services.people.retire("some-officer")
        assert (await client.get("/api/cameras")).status_code == 401
        assert (await sign_in(client, signer)).status_code == 403


async def test_a_signature_given_to_another_host_is_refused(served: Served) -> None:
    signer = served.register(Role.OFFICER)
    async with served.client() as client:
        assert (await sign_in(client, signer, "cctv.evil.example")).status_code == 403
        assert (await sign_in(client, signer)).status_code == 204


async def test_a_machine_in_between_cannot_use_its_own_address(
    serve_otherwise: Callable[..., Served],
) -> None:
    """Where any IP address is answered to, a relay could pass on what was signed for its own."""
    server = serve_otherwise(any_address=True)
    signer = server.register(Role.OFFICER)
    async with server.client(Host="10.0.0.66", Origin="http://10.0.0.66") as client:
        answer = await sign_in(client, signer, "10.0.0.66")
        assert answer.status_code == 400
        assert not client.cookies


@pytest.mark.parametrize(
    "changed",
    [
        {"signature": "x"},
        {"signature": "!" * 88},
        {"nonce": ""},
        {"nonce": "x" * 300},
        {"verifier": "age1"},
        {"verifier": "scrimsig1" + "q" * 400},
        {"role": "officer"},
    ],
)
async def test_what_is_no_sign_in_is_refused(served: Served, changed: dict[str, str]) -> None:
    signer = served.register(Role.OFFICER)
    async with served.client() as client:
        signature = base64.b64encode(bytes(64)).decode()
        body = {"verifier": signer.verifier, "nonce": "x", "signature": signature, **changed}
        answer = await client.post("/api/session/key", json=body)
        assert answer.status_code in {400, 422}
        assert answer.headers["content-type"] == "application/problem+json"
        assert not client.cookies
