"""Norms: all packs over 15,000 cameras, on one core.

Two fleets: one as cities have it (a few kinds of cameras, each camera with ages of its own),
and one in which cameras differ in every count and length.  Beside them, in the same run and
by turns, the same rules as plain Python lambdas, which is what somebody would write by hand,
and cel-python's own interpreter on a few cameras.  Lambdas and checks must agree on every
camera.
"""

from __future__ import annotations

import random
import re
import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from scrim.clock import from_text
from scrim.norms.check import Checker, Subject
from scrim.norms.fact_table import TABLE
from scrim.norms.facts import Fact, Facts, Group, Kind
from scrim.norms.load import load_all
from scrim.norms.pack import Pack, Rule, Status

CAMERAS = 15_000
SITES = 600
ROUNDS = 5
INTERPRETED = 20
LIMIT_S = 10.0
NOW = from_text("2026-03-01T00:00:00Z")
DAY = 86400


def run() -> dict[str, object]:
    packs = load_all()
    rules = [rule for pack in packs.values() for rule in pack.rules if rule.scope is Group.CAMERA]
    city, made_s = _timed(lambda: _fleet(alike=True))
    different = _fleet(alike=False)
    checker = Checker(packs.values())
    by_lambda = _lambdas(rules)
    taken: dict[str, list[float]] = {"city": [], "different": [], "lambdas": []}
    for _ in range(ROUNDS):
        outcomes, seconds = _timed(lambda: _checked(checker, packs, city))
        taken["city"].append(seconds)
        plain, seconds = _timed(lambda: _plainly(by_lambda, city))
        taken["lambdas"].append(seconds)
        _, seconds = _timed(lambda: _checked(checker, packs, different))
        taken["different"].append(seconds)
        _agree(outcomes, plain, len(rules))
    ratio = [c / p for c, p in zip(taken["city"], taken["lambdas"], strict=True)]
    worst = [c / p for c, p in zip(taken["different"], taken["lambdas"], strict=True)]
    return {
        "cameras": CAMERAS,
        "rules of a camera, all packs": len(rules),
        "outcomes": CAMERAS * len(rules),
        "all packs over 15,000 cameras, s": _figure(taken["city"], limit=LIMIT_S),
        "the same, cameras differ in every number, s": _figure(taken["different"], limit=LIMIT_S),
        "the same rules as Python lambdas, s": _figure(taken["lambdas"]),
        "times as long as lambdas": _figure(ratio),
        "times as long as lambdas, differing in every number": _figure(worst),
        "cel-python's interpreter for 15,000, s (from 20)": round(_interpreted(rules, city), 1),
        "facts of 15,000 cameras checked and kept, s": round(made_s, 2),
    }


def _checked(checker: Checker, packs: dict[str, Pack], fleet: Sequence[Facts]) -> list[Any]:
    under = frozenset(packs)
    subjects = (Subject(Group.CAMERA, str(n), under, facts) for n, facts in enumerate(fleet))
    return list(checker.check(subjects, NOW))


def _agree(outcomes: Sequence[Any], plain: Sequence[bool | None], rules: int) -> None:
    assert len(outcomes) == len(plain) == CAMERAS * rules
    for outcome, holds in zip(outcomes, plain, strict=True):
        status = outcome.verdict.status
        said = None if status is Status.NOT_APPLICABLE else status is Status.MET
        assert said is holds, (outcome.rule.id, outcome.verdict)


def _fleet(*, alike: bool) -> list[Facts]:
    chance = random.Random(7)
    deployment = Facts({"deployment": _values(Group.DEPLOYMENT, chance)})
    sites = [Facts({"site": _values(Group.SITE, chance)}) for _ in range(SITES)]
    kinds = [_values(Group.CAMERA, chance) for _ in range(12)]
    fleet = []
    for n in range(CAMERAS):
        values = dict(kinds[n % len(kinds)]) if alike else _values(Group.CAMERA, chance)
        own = ("in_use_since", "sealed_oldest_age", "masked_oldest_age", "sealed_objects")
        for fact in TABLE:
            apart = fact.name in own or (not alike and fact.kind in (Kind.COUNT, Kind.SECONDS))
            if fact.group is Group.CAMERA and apart:
                values[fact.name] = _value(fact, chance)
        fleet.append(Facts.joined(deployment, sites[n % SITES], Facts({"camera": values})))
    return fleet


def _values(group: Group, chance: random.Random) -> dict[str, object]:
    return {fact.name: _value(fact, chance) for fact in TABLE if fact.group is group}


def _value(fact: Fact, chance: random.Random) -> object:
    match fact.kind:
        case Kind.BOOL:
            return chance.random() < 0.9
        case Kind.COUNT:
            return chance.choice([0, 0, chance.randrange(10**6)])
        case Kind.SECONDS:
            return chance.choice([3, 8, 30, 90]) * DAY - chance.choice([0, chance.randrange(DAY)])
        case Kind.TIME:
            return NOW + chance.randrange(-200 * DAY, 200 * DAY) * 1_000_000
        case Kind.WORD | Kind.TEXT:
            return chance.choice(["public-safety", "street", "LU", "toilet"])
        case Kind.WORDS:
            return chance.sample(["faces", "plates", "public-security", "key-target"], 2)


_PYTHON = (
    (r"(\[[^]]*\])\.all\((\w+),\s*(.*?)\)", r"all(\3 for \2 in \1)"),
    (r"facts\.(\w+)\.(\w+)", r'f["\1"]["\2"]'),
    ("&&", " and "),
    (r"\|\|", " or "),
    ("!(?!=)", " not "),
    (r"\bnull\b", "None"),
    (r"\btrue\b", "True"),
    (r"\bfalse\b", "False"),
)


def _lambdas(rules: Sequence[Rule]) -> list[tuple[Callable[..., bool], Callable[..., bool]]]:
    def made(text: str) -> Callable[..., bool]:
        for pattern, python in _PYTHON:
            text = re.sub(pattern, python, text)
        function: Callable[..., bool] = eval(f"lambda f, now: ({text})")
        return function

    # a checker goes by packs in order of their ids, and load_all by the same
    return [(made(rule.when), made(rule.check)) for rule in rules]


def _plainly(
    rules: Sequence[tuple[Callable[..., bool], Callable[..., bool]]], fleet: Sequence[Facts]
) -> list[bool | None]:
    found: list[bool | None] = []
    for facts in fleet:
        groups = facts.groups()
        for when, check in rules:
            found.append(check(groups, NOW) if when(groups, NOW) else None)
    return found


def _interpreted(rules: Sequence[Rule], fleet: Sequence[Facts]) -> float:
    import celpy
    from celpy.adapter import json_to_cel
    from celpy.evaluation import CELEvalError

    environment = celpy.Environment()
    programs = [
        (
            environment.program(environment.compile(rule.when)),
            environment.program(environment.compile(rule.check)),
        )
        for rule in rules
    ]
    start = time.perf_counter()
    for facts in fleet[:INTERPRETED]:
        plain = {
            g: {k: list(v) if isinstance(v, tuple) else v for k, v in values.items()}
            for g, values in facts.groups().items()
        }
        context = {"facts": json_to_cel(plain), "now": celpy.celtypes.IntType(NOW)}
        for when, check in programs:
            # cel-python 0.5 cannot compare a number with null; that costs it no less time
            with suppress(CELEvalError):
                if when.evaluate(context):
                    check.evaluate(context)
    return (time.perf_counter() - start) / INTERPRETED * CAMERAS


def _timed(function: Callable[[], Any]) -> tuple[Any, float]:
    start = time.perf_counter()
    value = function()
    return value, time.perf_counter() - start


def _figure(values: Sequence[float], *, limit: float | None = None) -> dict[str, object]:
    figure: dict[str, object] = {
        "value": round(statistics.median(values), 3),
        "low": round(min(values), 3),
        "high": round(max(values), 3),
    }
    if limit is not None:
        figure |= {"limit": limit, "better": "lower"}
    return figure
