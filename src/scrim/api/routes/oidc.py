"""Signing in at an identity provider: away to it, and back."""

from __future__ import annotations

from typing import Annotated, Final

from anyio.to_thread import run_sync
from fastapi import Query, Request
from fastapi.responses import RedirectResponse, Response

from scrim.access import Role, Session
from scrim.access.keys import is_used
from scrim.access.nonces import used_once
from scrim.access.oidc import Oidc
from scrim.access.signin import in_ledger
from scrim.api.doors import opens_to, router
from scrim.api.refusals import NotFound
from scrim.api.routes.session import source_of, with_cookie
from scrim.api.services import Have, Services
from scrim.errors import AccessDenied

doors = router("session")

COOKIE: Final = "scrim_oidc"
_PATH: Final = "/api/session/oidc"

Text = Annotated[str, Query(max_length=2048)]


@doors.get(_PATH, response_class=RedirectResponse, openapi_extra=opens_to(Role.PUBLIC))
async def begin_oidc(have: Have) -> Response:
    """To the identity provider, which sends the browser back."""
    oidc = _oidc(have)
    address, state = await run_sync(oidc.begin)
    response = RedirectResponse(address, 303)
    # not Strict: it has to come along when the provider sends the browser back
    response.set_cookie(
        COOKIE,
        state,
        max_age=600,
        path=_PATH,
        httponly=True,
        samesite="lax",
        secure=oidc.over_tls,
    )
    return response


@doors.get(
    f"{_PATH}/callback", response_class=RedirectResponse, openapi_extra=opens_to(Role.PUBLIC)
)
async def end_oidc(
    request: Request, have: Have, state: Text = "", code: Text = "", error: Text = ""
) -> Response:
    """Back from the provider; the answer sets the session's cookie."""
    del error  # what a provider says goes on no page: without a code nobody signs in
    token, session = await have.slowdown.attempt(
        source_of(request),
        "oidc",
        _sign_in,
        have,
        state,
        request.cookies.get(COOKIE, ""),
        code,
    )
    response = with_cookie(
        request, token, session, RedirectResponse("/", 303), over_tls=_oidc(have).over_tls
    )
    response.delete_cookie(COOKIE, path=_PATH, httponly=True, samesite="lax")
    return response


def _sign_in(have: Services, state: str, cookie: str, code: str) -> tuple[str, Session]:
    guest = _oidc(have).finish(state, cookie, code)
    person = have.guests.admit(guest.handle, guest.roles)
    once = used_once(guest.state)
    with in_ledger(have.engine) as connection:
        if is_used(connection, once):
            raise AccessDenied("This sign-in was used already.", "Begin again from the page.")
        return have.sign_in.begin(
            connection, authority="oidc", way="oidc", person=person, nonce_sha256=once
        )


def _oidc(have: Services) -> Oidc:
    if have.oidc is None:
        raise NotFound("There is no identity provider here.", "Sign in by link or by key.")
    return have.oidc
