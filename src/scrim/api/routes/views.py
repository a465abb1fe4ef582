"""Views: the logged act of watching, which the media routes ask for."""

from __future__ import annotations

from fastapi import Response

from scrim.access import Role
from scrim.api.doors import SignedIn, opens_to, router
from scrim.api.models import View, ViewRequest
from scrim.api.services import Have

doors = router("views")


@doors.post("/api/views", status_code=201, openapi_extra=opens_to(Role.OPERATOR, Role.CUSTODIAN))
def open_view(body: ViewRequest, session: SignedIn, have: Have) -> View:
    """Log that this session watches, then let it.

    The interval of a recorded view is cut off at now; the answer has it as granted.
    """
    view = have.views.open(
        session,
        body.camera,
        body.mode,
        body.reason,
        since_us=body.since_us,
        until_us=body.until_us,
        case=body.case,
    )
    return View(
        id=view.id,
        playlist=f"/media/{view.id}/index.m3u8",
        camera=view.camera,
        mode=view.mode,
        since_us=view.since_us,
        until_us=view.until_us,
    )


@doors.delete(
    "/api/views/{view}", status_code=204, openapi_extra=opens_to(Role.OPERATOR, Role.CUSTODIAN)
)
def close_view(view: str, session: SignedIn, have: Have) -> Response:
    """End a view; its media stop at once."""
    have.views.close(view, session)
    return Response(status_code=204)
