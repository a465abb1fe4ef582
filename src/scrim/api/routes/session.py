"""Signing in and out."""

from __future__ import annotations

from fastapi import Request, Response

from scrim.access import Role
from scrim.api.doors import COOKIE, MaybeSignedIn, SignedIn, opens_to, router
from scrim.api.models import SessionState, SignInRequest
from scrim.api.services import Have

doors = router("session")


@doors.post("/api/session", status_code=204, openapi_extra=opens_to(Role.PUBLIC))
async def sign_in(request: Request, body: SignInRequest, have: Have) -> Response:
    """Use up a one-time link; the answer sets the session's cookie."""
    token, session = await have.slowdown.attempt(have.sign_in.redeem, body.token)
    response = Response(status_code=204)
    response.set_cookie(
        COOKIE,
        token,
        max_age=(session.expires_us - session.created_us) // 1_000_000,
        path="/",
        httponly=True,
        samesite="strict",
        # a browser keeps a Secure cookie only where it came by TLS, and says so in Origin
        secure=request.headers.get("origin", "").startswith("https://"),
    )
    return response


@doors.get("/api/session", openapi_extra=opens_to(Role.PUBLIC))
async def get_session(session: MaybeSignedIn) -> SessionState:
    """Whether this browser is signed in."""
    if session is None:
        return SessionState(signed_in=False, expires_us=None)
    return SessionState(signed_in=True, expires_us=session.expires_us)


@doors.delete("/api/session", status_code=204, openapi_extra=opens_to(Role.OPERATOR))
def sign_out(request: Request, _session: SignedIn, have: Have) -> Response:
    """End the session and everything it had open."""
    have.sign_in.end(request.cookies[COOKIE])
    response = Response(status_code=204)
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
    return response
