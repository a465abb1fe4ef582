"""An access decision, warm, as every request takes one; and what it would take otherwise.

By turns in the same run:

- Scrim's :class:`~scrim.access.Authoriser`: policies, schema and entities kept parsed.
- ``cedarpy.is_authorized`` as its documentation begins: policies and schema as text.
- Casbin (``pip install casbin``, role-based model), where it is installed: the same roles
  and routes, each pair one policy line.  It has neither scopes nor context here, so it is
  given less to do.

A decision is one of every role for every route, in an order that is drawn; the peers' answers
have to be Scrim's.
"""

from __future__ import annotations

import importlib.util
import json
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cedarpy

from scrim.access import SIGNED_IN, Authoriser, Principal, Role, Scope
from scrim.access.authoriser import Looking, Place
from scrim.access.policy_files import SCHEMA, SHIPPED
from scrim.api.app import routes_app
from scrim.api.doors import Door

ROUNDS = 7
DECISIONS = 2000
PLAIN = 200
LIMIT_MS = 0.3

Ask = tuple[Role, str, Place | None]


def run() -> dict[str, object]:
    asked = _asked()
    authoriser = Authoriser()
    principals = {role: Principal(frozenset({role}), way="passkey") for role in SIGNED_IN}
    scope = Scope(frozenset(f"camera-{n}" for n in range(200)), frozenset({"north"}))
    scoped = Principal(frozenset({Role.OPERATOR}), scope, "passkey", 3600)
    recorded = Looking("recorded", 3600, 60)
    places = [Place(f"camera-{n % 200}", "north") for n in range(DECISIONS)]

    def ours(ask: Ask) -> bool:
        return authoriser.decide(principals[ask[0]], ask[1], ask[2]).allowed

    answers = [ours(ask) for ask in asked]
    for place in places:  # what comes for the first time is measured apart
        authoriser.decide(scoped, "watch", place, looking=recorded)
    plain = _plain()
    casbin = _casbin()
    found: dict[str, list[float]] = {"warm": [], "scoped": [], "text": [], "casbin": []}
    singles: list[float] = []
    for _ in range(ROUNDS):
        found["warm"].append(_each_ms(lambda: [ours(ask) for ask in asked], len(asked)))
        found["scoped"].append(
            _each_ms(
                lambda: [authoriser.decide(scoped, "watch", p, looking=recorded) for p in places],
                len(places),
            )
        )
        found["text"].append(_each_ms(lambda: [plain(ask) for ask in asked[:PLAIN]], PLAIN))
        if casbin is not None:
            found["casbin"].append(_each_ms(lambda: [casbin(ask) for ask in asked], len(asked)))
        singles += [_each_ms(lambda ask=ask: ours(ask), 1) for ask in asked]  # type: ignore[misc]
    assert [plain(ask) for ask in asked[:PLAIN]] == answers[:PLAIN]
    if casbin is not None:
        assert [casbin(ask) for ask in asked] == answers
    fresh = [Place(f"other-{n}", "north") for n in range(200)]
    first = [
        _each_ms(lambda p=p: authoriser.decide(scoped, "watch", p, looking=recorded), 1)  # type: ignore[misc]
        for p in fresh
    ]
    return {
        "a decision, ms": _figure(found["warm"], limit=LIMIT_MS),
        "a decision, slowest of a hundred, ms": sorted(singles)[len(singles) * 99 // 100],
        "watching within a scope of 200 cameras, ms": _figure(found["scoped"], limit=LIMIT_MS),
        "the same, of a camera not asked about before, ms": statistics.median(first),
        "cedarpy with policies as text, ms": _figure(found["text"]),
        "Casbin, roles and routes only, ms": _figure(found["casbin"]) if casbin else "left out",
        "loading and checking all policies, ms": statistics.median(
            _each_ms(Authoriser, 1) for _ in range(ROUNDS)
        ),
    }


def _asked() -> list[Ask]:
    pairs: list[Ask] = [
        (role, route.action, Place("demo", "default") if "{camera}" in route.path else None)
        for role in SIGNED_IN
        for route in _routes()
    ]
    return random.Random(7).choices(pairs, k=DECISIONS)


def _routes() -> list[Door]:
    return [route for route in routes_app().routes if isinstance(route, Door)]


def _plain() -> Callable[[Ask], bool]:
    policies = "\n".join(path.read_text("utf-8") for path in sorted(SHIPPED.glob("*.cedar")))
    schema = SCHEMA.read_text("utf-8")

    def ask(asked: Ask) -> bool:
        role, action, place = asked
        person = {"type": "Person", "id": "asking"}
        held = [{"type": "Role", "id": name} for name in ("public", "signed-in", role.value)]
        attrs = {"everywhere": True, "cameras": [], "sites": []}
        entities: list[dict[str, object]] = [{"uid": person, "attrs": attrs, "parents": held}]
        resource = {"type": "Deployment", "id": "here"}
        if place is not None:
            resource = {"type": "Camera", "id": place.camera}
            entities.append({"uid": resource, "attrs": {}, "parents": []})
        context = {"way": "passkey", "since_grant": 0, "exposed": False, "four_eyes": True}
        request = {
            "principal": person,
            "action": {"type": "Action", "id": action},
            "resource": resource,
            "context": json.dumps(context),
        }
        return cedarpy.is_authorized(request, policies, entities, schema).allowed

    return ask


def _casbin() -> Callable[[Ask], bool] | None:
    if importlib.util.find_spec("casbin") is None:
        return None
    casbin = importlib.import_module("casbin")
    authoriser = Authoriser()
    model = (
        "[request_definition]\nr = sub, act\n[policy_definition]\np = sub, act\n"
        "[role_definition]\ng = _, _\n[policy_effect]\ne = some(where (p.eft == allow))\n"
        "[matchers]\nm = g(r.sub, p.sub) && r.act == p.act\n"
    )
    lines = [f"g, {role.value}-1, {role.value}" for role in SIGNED_IN]
    for role in SIGNED_IN:
        who = Principal(frozenset({role}))
        for route in _routes():
            place = Place("demo", "default") if "{camera}" in route.path else None
            if authoriser.decide(who, route.action, place).allowed:
                lines.append(f"p, {role.value}, {route.action}")
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "model.conf").write_text(model)
        (Path(name) / "policy.csv").write_text("\n".join(lines))
        enforcer = casbin.Enforcer(f"{name}/model.conf", f"{name}/policy.csv")
    return lambda ask: bool(enforcer.enforce(f"{ask[0].value}-1", ask[1]))


def _each_ms(act: Callable[[], object], number: int) -> float:
    begun = time.perf_counter()
    act()
    return (time.perf_counter() - begun) / number * 1000


def _figure(values: list[float], limit: float | None = None) -> dict[str, object]:
    found: dict[str, object] = {
        "value": statistics.median(values),
        "low": min(values),
        "high": max(values),
    }
    return found if limit is None else {**found, "limit": limit, "better": "lower"}
