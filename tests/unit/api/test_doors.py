"""Every route says whom it lets in, and lets in nobody else."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, Mount, Route
from tests.unit.api.served import Served

from scrim.access import Role
from scrim.api.app import openapi_document, routes_app
from scrim.api.doors import Door, check_doors, opens_to, router

PUBLIC = {
    ("POST", "/api/session"),
    ("GET", "/api/session"),
    ("GET", "/healthz"),
    ("GET", "/"),
    ("GET", "/assets/{name:path}"),
}


def doors() -> list[Door]:
    found: list[BaseRoute] = list(routes_app().routes)
    return [route for route in found if isinstance(route, Door)]


def calls() -> list[tuple[str, str, Role]]:
    return [
        (method, route.path, route.role)
        for route in doors()
        for method in sorted(route.methods or ())
    ]


def address(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "1", path)


def test_what_is_public_is_this_list_and_nothing_else() -> None:
    assert {(method, path) for method, path, role in calls() if role is Role.PUBLIC} == PUBLIC
    assert [path for _, path, role in calls() if role is Role.LOCAL] == ["/metrics"]


@pytest.mark.parametrize(("method", "path", "role"), calls())
async def test_every_other_route_is_closed_to_somebody_who_is_not_signed_in(
    served: Served, method: str, path: str, role: Role
) -> None:
    async with served.client() as client:
        for cookie in ("", "x" * 43):
            headers = {"Cookie": f"scrim_session={cookie}"} if cookie else {}
            answer = await client.request(
                method, address(path), headers=headers, content=b"{not json"
            )
            if role is Role.OPERATOR:
                assert answer.status_code == 401, "before the body is looked at"
                assert answer.headers["content-type"] == "application/problem+json"
            else:
                assert answer.status_code != 401


async def test_what_is_local_needs_a_session_where_others_reach_the_port(
    serve_otherwise: Callable[..., Served],
) -> None:
    here, exposed = serve_otherwise(), serve_otherwise(exposed=True)
    async with here.client() as client:
        assert (await client.get("/metrics")).status_code == 200
    async with exposed.client() as client:
        assert (await client.get("/metrics")).status_code == 401
        assert (await client.get("/healthz")).status_code == 200
    async with exposed.signed_in() as client:
        assert (await client.get("/metrics")).status_code == 200


def test_a_route_without_a_role_cannot_be_made() -> None:
    forgetful = router("test")
    with pytest.raises(TypeError, match="declares no role"):

        @forgetful.get("/api/everything")
        def everything() -> None: ...

    with pytest.raises(ValueError, match="anyone"):

        @forgetful.get("/api/everything", openapi_extra={"x-scrim-role": "anyone"})
        def also_everything() -> None: ...


def test_an_app_with_any_other_kind_of_route_is_refused() -> None:
    def endpoint() -> None: ...

    check_doors([Door("/a", endpoint, openapi_extra=opens_to(Role.PUBLIC))])
    plain = APIRouter()
    plain.add_api_route("/api/plain", endpoint)
    for other in (
        *plain.routes,
        APIRoute("/b", endpoint),
        Route("/c", lambda _: None),
        Mount("/d", routes=[]),
    ):
        with pytest.raises(TypeError, match="declares no role"):
            check_doors([other])


def test_the_role_stands_in_the_openapi_document() -> None:
    operations = [
        (path, method, operation)
        for path, item in openapi_document()["paths"].items()
        for method, operation in item.items()
    ]
    assert len(operations) >= 15
    for path, method, operation in operations:
        assert operation["x-scrim-role"] in set(Role), f"{method} {path}"
        assert "application/problem+json" in operation["responses"]["default"]["content"]
    names = [operation["operationId"] for *_, operation in operations]
    assert len(names) == len(set(names))
