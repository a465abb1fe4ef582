"""Signing in and out."""

from __future__ import annotations

import base64
import binascii
from typing import cast
from urllib.parse import urlsplit

from fastapi import Request, Response

from scrim.access import SIGNED_IN, Role, Session, lockout
from scrim.access.lockout import PROXY, is_here
from scrim.api.doors import COOKIE, MaybeSignedIn, SignedIn, opens_to, router
from scrim.api.guards import LOOPBACK_NAMES
from scrim.api.models import (
    KeySignInRequest,
    Nonce,
    NonceRequest,
    RoleName,
    SessionState,
    SignInRequest,
    SignInWays,
)
from scrim.api.refusals import BadRequest
from scrim.api.services import Have, Services

doors = router("session")


@doors.post("/api/session", status_code=204, openapi_extra=opens_to(Role.PUBLIC))
async def sign_in(request: Request, body: SignInRequest, have: Have) -> Response:
    """Use up a one-time link; the answer sets the session's cookie."""
    signed_in = have.slowdown.attempt(source_of(request), "link", have.sign_in.redeem, body.token)
    return with_cookie(request, *await signed_in)


@doors.post("/api/session/nonce", openapi_extra=opens_to(Role.PUBLIC))
def get_nonce(body: NonceRequest, have: Have) -> Nonce:
    """What a device signs to sign in with its key; the same for a key nobody knows."""
    return Nonce(nonce=have.keys.nonce(body.verifier))


@doors.post("/api/session/key", status_code=204, openapi_extra=opens_to(Role.PUBLIC))
async def sign_in_with_key(request: Request, body: KeySignInRequest, have: Have) -> Response:
    """Sign a registered person in; the answer sets the session's cookie."""
    try:
        signature = base64.b64decode(body.signature, validate=True)
    except (ValueError, binascii.Error) as error:
        raise BadRequest("The signature is not base64.", "Send 64 bytes in base64.") from error
    token, session = await have.slowdown.attempt(
        source_of(request),
        body.verifier,
        have.keys.sign_in,
        body.verifier,
        body.nonce,
        signature,
        own_host(request, have),
    )
    return with_cookie(request, token, session)


@doors.get("/api/session", openapi_extra=opens_to(Role.PUBLIC))
async def get_session(session: MaybeSignedIn) -> SessionState:
    """Whether this browser is signed in, as what, as whom and how."""
    if session is None:
        return SessionState(signed_in=False, expires_us=None)
    return SessionState(
        signed_in=True,
        expires_us=session.expires_us,
        role=_name(session.role),
        roles=sorted(map(_name, session.roles)),
        person=session.person,
        way=session.way,
    )


@doors.get("/api/session/ways", openapi_extra=opens_to(Role.PUBLIC))
def list_ways(have: Have) -> SignInWays:
    """How one can sign in here, besides by link and by key."""
    return SignInWays(passkey=have.passkeys.exist(), oidc=have.oidc is not None)


@doors.delete("/api/session", status_code=204, openapi_extra=opens_to(*SIGNED_IN))
def sign_out(request: Request, _session: SignedIn, have: Have) -> Response:
    """End the session and everything it had open."""
    token = request.cookies.get(COOKIE)
    if token is not None:  # a program's token is none, and nothing ends it from here
        have.sign_in.end(token)
    response = Response(status_code=204)
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
    return response


def _name(role: Role) -> RoleName:
    return cast(RoleName, role.value)  # a session has none of the others


def source_of(request: Request) -> str:
    """Where a request comes from, as lock-outs know it."""
    address = lockout.source_of(request.client.host if request.client is not None else "")
    name = urlsplit(f"//{request.headers.get('host', '')}").hostname
    return PROXY if is_here(address) and name not in LOOPBACK_NAMES else address


def with_cookie(
    request: Request,
    token: str,
    session: Session,
    response: Response | None = None,
    *,
    over_tls: bool = False,
) -> Response:
    """The answer to a sign-in: it sets the session's cookie."""
    response = response or Response(status_code=204)
    response.set_cookie(
        COOKIE,
        token,
        max_age=(session.expires_us - session.created_us) // 1_000_000,
        path="/",
        httponly=True,
        samesite="strict",
        # a browser keeps a Secure cookie only where it came by TLS, and says so in Origin
        secure=request.headers.get("origin", "").startswith("https://") or over_tls,
    )
    return response


def own_host(request: Request, have: Services) -> str:
    """The request's host, once it is sure to be this server's.

    Where any IP address is answered to, one that is not ours may be that of a machine
    in between, to which the signature was given.
    """
    host = request.headers["host"]
    name = urlsplit(f"//{host}").hostname or ""
    arrived_at = (request.scope.get("server") or ("", 0))[0]
    if name not in have.names and name != arrived_at:
        raise BadRequest(
            "That is not an address of this server's own.",
            "Use a name of the server, which the operator gives it with --name.",
        )
    return host
