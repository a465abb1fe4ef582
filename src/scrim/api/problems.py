"""Errors as RFC 9457 problem documents: our sentence, our remedy, never a traceback."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.routing import Match

from scrim.api.models import Problem
from scrim.api.refusals import NotYet, status_of
from scrim.errors import CaseRefused, ScrimError

MEDIA_TYPE: Final = "application/problem+json"

# what the framework refuses before a route is asked: the name of it, and what to do
_HTTP: Final = {
    400: ("BadRequest", "Correct the request."),
    404: ("NotFound", "Check the address; docs/ref/api.md lists the routes."),
    405: ("MethodRefused", "Use a method that the header Allow names; docs/ref/api.md has them."),
    413: ("Refused", "Send less."),
}
_ELSE: Final = ("Refused", "Correct the request.")

_log = structlog.get_logger("scrim.api")


def problem(
    status: int, detail: str, remedy: str = "", kind: str = "", rule: str | None = None
) -> JSONResponse:
    """A problem response.

    Args:
        status: of HTTP; its phrase is the title.
        detail: what happened.
        remedy: what to do.
        kind: the error's name, for a program; ``about:blank`` without one.
        rule: the rule that refused it, where one did.
    """
    document = Problem(
        type=f"urn:scrim:problem:{kind}" if kind else "about:blank",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        remedy=remedy,
        rule=rule,
    )
    headers = {"Retry-After": "1"} if status in {429, 503} else None
    return JSONResponse(document.model_dump(exclude_none=True), status, headers, MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Answer every error of this app with a problem document."""
    app.add_exception_handler(ScrimError, _scrim)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)


def describe(document: dict[str, Any]) -> None:
    """Put the problem document into an OpenAPI document, as every operation's other answer."""
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas["Problem"] = Problem.model_json_schema()
    answer = {
        "description": "A problem (RFC 9457)",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for path in document.get("paths", {}).values():
        for operation in path.values():
            operation["responses"].pop("422", None)
            operation["responses"]["default"] = answer
    document["components"]["schemas"] = dict(sorted(schemas.items()))


async def _scrim(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ScrimError)
    status = status_of(error)
    if status >= 500 and not isinstance(error, NotYet):
        _log.error("refused", error=type(error).__name__, message=error.message)
    rule = error.rule if isinstance(error, CaseRefused) and error.rule else None
    return problem(status, error.message, error.remedy, type(error).__name__, rule)


async def _invalid(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    # what was sent is not repeated: it may hold a token
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    return problem(422, f"{where}: {first['msg']}.", "Correct the request.", "Invalid")


async def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    kind, remedy = _HTTP.get(error.status_code, _ELSE)
    answer = problem(error.status_code, f"{error.detail}.", remedy, kind)
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        # the framework's own has the methods of one route of several
        answer.headers["Allow"] = ", ".join(sorted(_methods(request)))
    return answer


def _methods(request: Request) -> set[str]:
    routes = [route for route in request.app.routes if isinstance(route, APIRoute)]
    there = [route for route in routes if route.matches(request.scope)[0] is not Match.NONE]
    return {method for route in there for method in route.methods or ()}


async def _unexpected(_request: Request, error: Exception) -> JSONResponse:
    # the server's own log has the traceback; a client never does
    _log.error("failed", error=type(error).__name__)
    return problem(500, "The server failed.", "Look at the server's log.")
