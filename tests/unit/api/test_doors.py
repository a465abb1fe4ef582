"""Every route says whom it lets in, and lets in nobody else."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import product

import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute
from sqlalchemy import insert
from starlette.routing import BaseRoute, Mount, Route
from tests.unit.api.served import NOW_US, Served, enrol

from scrim.access import SIGNED_IN, Authoriser, Principal, Role
from scrim.access.authoriser import Circumstances, Place
from scrim.access.own_policies import OwnPolicies
from scrim.access.policy_files import SCHEMA, PolicyFiles
from scrim.access.roles import RUNS_MACHINE
from scrim.api.app import openapi_document, routes_app
from scrim.api.doors import Door, check_doors, opens_to, router
from scrim.canonical import Json
from scrim.changes import ACCESS_POLICIES
from scrim.clock import SECOND
from scrim.errors import AccessPolicyInvalid
from scrim.settings import AccessSettings, Settings
from scrim.store import schema
from scrim.store.database import writing

PUBLIC = {
    ("POST", "/api/session"),
    ("POST", "/api/session/nonce"),
    ("POST", "/api/session/key"),
    ("GET", "/api/session"),
    ("GET", "/api/session/ways"),
    ("GET", "/api/session/oidc"),
    ("GET", "/api/session/oidc/callback"),
    ("POST", "/api/session/passkey"),
    ("POST", "/api/session/passkey/challenge"),
    ("GET", "/healthz"),
    ("GET", "/cameras"),
    ("GET", "/"),
    ("GET", "/assets/{name:path}"),
}

OPEN_TO_ALL = {Role.PUBLIC, Role.LOCAL}


def doors() -> list[Door]:
    found: list[BaseRoute] = list(routes_app().routes)
    return [route for route in found if isinstance(route, Door)]


def calls() -> list[tuple[str, str, frozenset[Role]]]:
    return [
        (method, route.path, route.roles)
        for route in doors()
        for method in sorted(route.methods or ())
    ]


def address(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "1", path)


def test_what_is_public_is_this_list_and_nothing_else() -> None:
    assert {(method, path) for method, path, roles in calls() if Role.PUBLIC in roles} == PUBLIC
    assert [path for _, path, roles in calls() if Role.LOCAL in roles] == ["/metrics"]


async def test_every_other_route_is_closed_to_somebody_who_is_not_signed_in(
    served: Served,
) -> None:
    async with served.client() as client:
        for (method, path, roles), cookie in product(calls(), ("", "x" * 43)):
            client.cookies.clear()
            headers = {"Cookie": f"scrim_session={cookie}"} if cookie else {}
            answer = await client.request(
                method, address(path), headers=headers, content=b"{not json"
            )
            if roles & set(SIGNED_IN):
                assert answer.status_code == 401, f"before the body is looked at: {path}"
                assert answer.headers["content-type"] == "application/problem+json"
            else:
                assert answer.status_code != 401


@pytest.mark.parametrize("role", SIGNED_IN)
async def test_invariant_8_every_route_refuses_every_role_it_does_not_name(
    served: Served, role: Role
) -> None:
    """An operator is no officer, an officer no custodian: nobody passes every door."""
    closed = [(method, path) for method, path, roles in calls() if not roles & {role, *OPEN_TO_ALL}]
    opened = [(method, path) for method, path, roles in calls() if role in roles]
    assert closed
    assert opened
    async with served.signed_in_as(role) as client:
        before = len(served.entries())
        for method, path in closed:
            answer = await client.request(method, address(path), content=b"{not json")
            assert answer.status_code == 403, f"{method} {path}"
            assert answer.json()["type"] == "urn:scrim:problem:NotYours"
        for method, path in opened:
            if path != "/api/session":  # it would end there
                answer = await client.request(method, address(path), content=b"{not json")
                problem = answer.json() if answer.status_code >= 400 else {}
                assert problem.get("type") not in {
                    "urn:scrim:problem:NotYours",
                    "urn:scrim:problem:NotSignedIn",
                }, f"{method} {path}"
        after = [entry["act"] for entry in served.entries()[before:]]
        assert after == ["denied"], "nothing was done on the way"


@pytest.mark.parametrize("role", [None, *SIGNED_IN])
def test_invariant_8_the_policies_permit_what_the_routes_declare_and_nothing_else(
    role: Role | None,
) -> None:
    """Two lists that were written apart: the routes' in code, the policies' in files."""
    authoriser = Authoriser()
    who = Principal(frozenset({role} if role else ()))
    for exposed in (False, True):
        for door in doors():
            where = Place("demo", "default") if "{camera}" in door.path else None
            decision = authoriser.decide(who, door.action, where, Circumstances(exposed=exposed))
            declared = door.roles | (RUNS_MACHINE if Role.LOCAL in door.roles else frozenset())
            opens = Role.PUBLIC in declared or role in declared
            opens |= Role.LOCAL in declared and not exposed
            assert decision.allowed is opens, f"{door.action} for {role}: {decision}"
            assert bool(decision.policies) is opens


def test_every_action_of_the_schema_is_a_route_or_watching() -> None:
    names = re.findall(
        r'^action ((?:"[a-z-]+",?\s*)+)(?:in|\n\s*appliesTo)',
        SCHEMA.read_text("utf-8"),
        re.MULTILINE,
    )
    actions = set(re.findall(r'"([a-z-]+)"', " ".join(names)))
    assert actions - {door.action for door in doors()} == {"watch"}
    assert {door.action for door in doors()} <= actions


async def test_a_policy_of_the_deployments_own_takes_away(
    serve_otherwise: Callable[..., Served],
) -> None:
    own = dict(PolicyFiles.load().texts)
    own["95-own.cedar"] = (
        '@id("no-recordings") forbid (principal, action == Action::"watch", resource)\n'
        'when { context.mode == "recorded" };\n'
        '@id("auditors-draft") permit (principal in Role::"auditor", action, resource);\n'
    )
    server = serve_otherwise(settings=Settings(access=AccessSettings(four_eyes=False)))
    enrol(server)
    change: dict[str, Json] = {"files": dict(own)}
    assert server.services.changes.make(ACCESS_POLICIES, change, "access-policies-changed") is None
    assert "no-recordings" in server.entries()[-1]["facts"]["policies"]
    assert server.services.gate.authoriser.reload()
    live = {"camera": "demo", "mode": "live", "reason": "live-monitoring"}
    recorded = {
        "camera": "demo",
        "mode": "recorded",
        "reason": "incident-review",
        "since_us": NOW_US - 10 * SECOND,
        "until_us": NOW_US,
    }
    async with server.signed_in_as(Role.OPERATOR) as client:
        assert (await client.post("/api/views", json=live)).status_code == 201
        assert server.entries()[-1]["facts"]["permit"] == ["operator-watches-masked"]
        refused = await client.post("/api/views", json=recorded)
        assert refused.status_code == 403
        denied = server.entries()[-1]
        assert denied["facts"]["denied"] == {"open-view": {"operator": 1}}
    async with server.signed_in_as(Role.AUDITOR) as client:
        # the route does not open to auditors, and no file of policies changes that
        assert (await client.get("/api/cases")).status_code == 403
        assert (await client.get("/api/ledger/entries")).status_code == 200


@pytest.mark.parametrize(
    "text", ["{broken", "[]", '{"a.cedar": 1}', '{"a.cedar": "permit (principal"}', "{}"]
)
def test_policies_damaged_while_the_server_runs_leave_the_last_good_ones(
    served: Served, text: str
) -> None:
    authoriser = served.services.gate.authoriser
    before = authoriser.in_force
    with writing(served.services.engine) as connection:
        row = {"files": text, "sha256": "0" * 64, "since_us": NOW_US}
        connection.execute(insert(schema.access_policy).values(**row))
    for _ in range(2):
        with pytest.raises(AccessPolicyInvalid):
            authoriser.reload()
    assert authoriser.in_force is before
    with pytest.raises(AccessPolicyInvalid):
        OwnPolicies(served.services.engine)()


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

        @forgetful.get("/api/everything", openapi_extra={"x-scrim-roles": ["anyone"]})
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
        roles = operation["x-scrim-roles"]
        assert operation["x-scrim-action"] == operation["operationId"].replace("_", "-")
        assert roles, f"{method} {path}"
        assert set(roles) <= set(Role), f"{method} {path}"
        assert "application/problem+json" in operation["responses"]["default"]["content"]
    names = [operation["operationId"] for *_, operation in operations]
    assert len(names) == len(set(names))
