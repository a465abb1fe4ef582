"""The one mechanism by which a route says who may pass it.

::

    doors = router("cameras")

    @doors.get("/api/cameras", openapi_extra=opens_to(Role.OPERATOR, Role.OFFICER))

Rules:

- The roles are part of the route and of the OpenAPI document (``x-scrim-roles``), and
  a session without any of them is refused: none includes another (invariant 8).
- Its action, named as the operation is, stands beside them (``x-scrim-action``), and the
  policies are asked about it too: a deployment's own can take away, never add.
- What the policies said stands in every entry that the route writes, and every refusal
  is counted for the ledger; what nobody refused (asked for wrongly, or ended by whoever asks
  while it was under way) is not.
- How much a route takes stands beside them (``x-scrim-body``), where it is more than usual.
- A route without a role cannot be made, and :func:`check_doors` refuses an app that
  has any other kind of route: what is not declared is denied.
- The door is checked before the request's body, query or path is looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable
from typing import Annotated, Any, Final

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Request, Response
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, Match
from starlette.types import Scope

from scrim.access import Role, Session, ViewEnded, ViewRefused
from scrim.access.roles import RUNS_MACHINE
from scrim.api.refusals import NotSignedIn, NotYours
from scrim.api.services import services_of
from scrim.errors import AccessDenied
from scrim.ledger.permitted import permitted_by

COOKIE: Final = "scrim_session"
KEY: Final = "x-scrim-roles"
ACTION_KEY: Final = "x-scrim-action"
BODY_KEY: Final = "x-scrim-body"


def opens_to(*roles: Role, body: int | None = None) -> dict[str, Any]:
    """The declaration of a route's roles, as its ``openapi_extra``.

    Args:
        roles: any one of them passes.
        body: the most bytes a request may have, where it is more than the usual 64 KiB.
    """
    declared: dict[str, Any] = {KEY: [role.value for role in roles]}
    return declared if body is None else {**declared, BODY_KEY: body}


class Door(APIRoute):
    """A route that lets in its declared roles and nobody else."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        extra = options.get("openapi_extra") or {}
        declared = extra.get(KEY)
        if not declared:
            raise TypeError(f"route {path} declares no role; say openapi_extra=opens_to(...)")
        self.roles = frozenset(Role(role) for role in declared)
        self.longest_body: int | None = extra.get(BODY_KEY)
        name = options.get("name") or endpoint.__name__
        self.action = name.replace("_", "-")
        options["openapi_extra"] = {**extra, ACTION_KEY: self.action}
        super().__init__(path, endpoint, **options)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The endpoint's own handler, behind the check."""
        behind = super().get_route_handler()

        async def handler(request: Request) -> Response:
            have = services_of(request)
            session = await _session(request)
            try:
                self._check(session, exposed=have.exposed)
                decision = have.gate.route(session, self.action, request.path_params.get("camera"))
                if not decision.allowed:
                    raise _nobody() if session is None else _not_permitted()
                request.state.session = session
                with permitted_by(decision.policies):
                    return await behind(request)
            except AccessDenied as error:
                # asked for wrongly, or ended by whoever asks: nobody said no
                if not isinstance(error, ViewRefused | ViewEnded):
                    await run_sync(have.refused.count, self.action, session)
                raise

        return handler

    def _check(self, session: Session | None, *, exposed: bool) -> None:
        if Role.PUBLIC in self.roles or (Role.LOCAL in self.roles and not exposed):
            return
        if session is None:
            raise _nobody()
        wanted = self.roles | (RUNS_MACHINE if Role.LOCAL in self.roles else frozenset())
        if not session.roles & wanted:
            raise NotYours(
                f"This is not for {session.role.value}s.",
                f"Sign in as {' or '.join(sorted(role.value for role in wanted))}.",
            )


def router(tag: str) -> APIRouter:
    """A router whose routes are doors, and whose operations are named as the functions are."""
    return APIRouter(
        route_class=Door, tags=[tag], generate_unique_id_function=lambda route: route.name
    )


def longest_bodies(routes: Iterable[BaseRoute]) -> Callable[[Scope], int | None]:
    """How many bytes a request may have, where its route takes more than usual."""
    large = [route for route in routes if isinstance(route, Door) and route.longest_body]

    def longest(scope: Scope) -> int | None:
        found = (door for door in large if door.matches(scope)[0] is Match.FULL)
        return next((door.longest_body for door in found), None)

    return longest


def check_doors(routes: Iterable[BaseRoute]) -> None:
    """Refuse an app with a route that is no door.

    Raises:
        TypeError: names the route.
    """
    for route in routes:
        if not isinstance(route, Door):
            raise TypeError(f"{route!r} declares no role and would be open to anybody")


async def _session(request: Request) -> Session | None:
    have = services_of(request)
    scheme, _, text = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return await run_sync(have.tokens.session, text.strip())
    token = request.cookies.get(COOKIE)
    if not token:
        return None
    return await run_sync(have.sign_in.session, token)


def _signed_in(request: Request) -> Session:
    session: Session | None = request.state.session
    if session is None:  # the door has let in somebody who is not signed in
        raise _nobody()
    return session


def _perhaps(request: Request) -> Session | None:
    session: Session | None = request.state.session
    return session


def _nobody() -> NotSignedIn:
    return NotSignedIn(
        "Nobody is signed in.", "Open the link printed at start, or sign in with your key."
    )


def _not_permitted() -> NotYours:
    return NotYours(
        "The access policy does not permit this.", "Ask the operator what is yours to do."
    )


SignedIn = Annotated[Session, Depends(_signed_in)]
MaybeSignedIn = Annotated[Session | None, Depends(_perhaps)]
