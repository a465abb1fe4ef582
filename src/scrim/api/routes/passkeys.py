"""Passkeys: adding one within a session, and signing in with one."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Path, Request, Response

from scrim.access import SIGNED_IN, Role
from scrim.access.passkeys import Site
from scrim.api.doors import SignedIn, opens_to, router
from scrim.api.guards import is_address
from scrim.api.models import Credential, Passkey, PasskeyOptions
from scrim.api.refusals import BadRequest
from scrim.api.routes.session import own_host, source_of, with_cookie
from scrim.api.services import Have, Services

doors = router("passkeys")


@doors.post("/api/session/passkey/challenge", openapi_extra=opens_to(Role.PUBLIC))
def get_passkey_challenge(request: Request, have: Have) -> PasskeyOptions:
    """What a browser asks its devices for; the same whoever asks."""
    return PasskeyOptions(options=have.passkeys.challenge(_site(request, have)))


@doors.post("/api/session/passkey", status_code=204, openapi_extra=opens_to(Role.PUBLIC))
async def sign_in_with_passkey(request: Request, body: Credential, have: Have) -> Response:
    """Sign in whose passkey it is; the answer sets the session's cookie."""
    token, session = await have.slowdown.attempt(
        source_of(request),
        str(body.credential.get("id", ""))[:400],
        have.passkeys.sign_in,
        body.credential,
        _site(request, have),
    )
    return with_cookie(request, token, session)


@doors.get("/api/passkeys", openapi_extra=opens_to(*SIGNED_IN))
def list_passkeys(session: SignedIn, have: Have) -> list[Passkey]:
    """The passkeys of whoever is signed in."""
    return [
        Passkey(id=one.id, added_us=one.added_us, used_us=one.used_us)
        for one in have.passkeys.of(session)
    ]


@doors.post("/api/passkeys/challenge", openapi_extra=opens_to(*SIGNED_IN))
def offer_passkey(request: Request, session: SignedIn, have: Have) -> PasskeyOptions:
    """What a browser asks its device to make for whoever is signed in."""
    return PasskeyOptions(options=have.passkeys.offer(session, _site(request, have)))


@doors.post("/api/passkeys", status_code=201, openapi_extra=opens_to(*SIGNED_IN))
def add_passkey(request: Request, body: Credential, session: SignedIn, have: Have) -> Passkey:
    """Keep the passkey that the device made."""
    made = have.passkeys.add(session, body.credential, _site(request, have))
    return Passkey(id=made.id, added_us=made.added_us, used_us=made.used_us)


@doors.delete("/api/passkeys/{passkey}", status_code=204, openapi_extra=opens_to(*SIGNED_IN))
def remove_passkey(
    passkey: Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")], session: SignedIn, have: Have
) -> Response:
    """Forget one of one's own passkeys."""
    have.passkeys.remove(session, passkey)
    return Response(status_code=204)


def _site(request: Request, have: Services) -> Site:
    host = urlsplit(f"//{own_host(request, have)}").hostname or ""
    if is_address(host):
        raise BadRequest(
            "Browsers keep no passkey for an address.",
            "Use a name: http://localhost and the port on the machine itself, else the name "
            "that was given with --name.",
        )
    return Site(host, request.headers.get("origin", ""))
