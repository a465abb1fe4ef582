"""For the person in the street: what the cameras do, and how to ask."""

from __future__ import annotations

from typing import Annotated

from fastapi import Header, Query, Request
from fastapi.responses import HTMLResponse

from scrim.access import Role
from scrim.api.doors import opens_to, router
from scrim.api.public_page import NONCE, language_of
from scrim.api.services import Have

doors = router("public")


@doors.get("/cameras", response_class=HTMLResponse, openapi_extra=opens_to(Role.PUBLIC))
def get_public_page(
    request: Request,
    have: Have,
    site: Annotated[str | None, Query(max_length=40)] = None,
    lang: Annotated[str | None, Query(max_length=12)] = None,
    accept_language: Annotated[str, Header(max_length=500)] = "",
) -> HTMLResponse:
    """The public page, in English or in Traditional or Simplified Chinese."""
    language = language_of(lang, accept_language)
    text = have.public.html(language, site).replace(NONCE, request.scope["csp_nonce"])
    return HTMLResponse(text, headers={"Content-Language": language, "Vary": "Accept-Language"})
