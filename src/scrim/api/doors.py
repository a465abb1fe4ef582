"""The one mechanism by which a route says who may pass it.

::

    doors = router("cameras")

    @doors.get("/api/cameras", openapi_extra=opens_to(Role.OPERATOR))

Rules:

- The role is part of the route and of the OpenAPI document (``x-scrim-role``).
- A route without one cannot be made, and :func:`check_doors` refuses an app that
  has any other kind of route: what is not declared is denied.
- The door is checked before the request's body, query or path is looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable
from typing import Annotated, Any, Final

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Request, Response
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from scrim.access import Role, Session
from scrim.api.refusals import NotSignedIn
from scrim.api.services import services_of

COOKIE: Final = "scrim_session"
KEY: Final = "x-scrim-role"


def opens_to(role: Role) -> dict[str, Any]:
    """The declaration of a route's role, as its ``openapi_extra``."""
    return {KEY: role.value}


class Door(APIRoute):
    """A route that lets in its declared role and nobody else."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        declared = (options.get("openapi_extra") or {}).get(KEY)
        if declared is None:
            raise TypeError(f"route {path} declares no role; say openapi_extra=opens_to(...)")
        self.role = Role(declared)
        super().__init__(path, endpoint, **options)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The endpoint's own handler, behind the check."""
        behind = super().get_route_handler()

        async def handler(request: Request) -> Response:
            session = await _session(request)
            open_here = self.role is Role.PUBLIC or (
                self.role is Role.LOCAL and not services_of(request).exposed
            )
            if session is None and not open_here:
                raise NotSignedIn("Nobody is signed in.", "Open the link printed at start.")
            request.state.session = session
            return await behind(request)

        return handler


def router(tag: str) -> APIRouter:
    """A router whose routes are doors, and whose operations are named as the functions are."""
    return APIRouter(
        route_class=Door, tags=[tag], generate_unique_id_function=lambda route: route.name
    )


def check_doors(routes: Iterable[BaseRoute]) -> None:
    """Refuse an app with a route that is no door.

    Raises:
        TypeError: names the route.
    """
    for route in routes:
        if not isinstance(route, Door):
            raise TypeError(f"{route!r} declares no role and would be open to anybody")


async def _session(request: Request) -> Session | None:
    token = request.cookies.get(COOKIE)
    if not token:
        return None
    return await run_sync(services_of(request).sign_in.session, token)


def _signed_in(request: Request) -> Session:
    session: Session | None = request.state.session
    if session is None:  # the door has let in somebody who is not signed in
        raise NotSignedIn("Nobody is signed in.", "Open the link printed at start.")
    return session


def _perhaps(request: Request) -> Session | None:
    session: Session | None = request.state.session
    return session


SignedIn = Annotated[Session, Depends(_signed_in)]
MaybeSignedIn = Annotated[Session | None, Depends(_perhaps)]
