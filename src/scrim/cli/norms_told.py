"""Norms in words: what a pack asks, what came of a rule."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

from scrim.cli.terminal import note

if TYPE_CHECKING:
    from scrim.norms.check import Outcome
    from scrim.norms.pack import Limit, Pack, Rule, Where


def explained(outcome: Outcome) -> list[str]:
    """An outcome in lines: the rule, what came of it, and the facts behind."""
    from scrim.norms.fact_table import BY_PATH
    from scrim.norms.facts import shown

    rule, verdict = outcome.rule, outcome.verdict
    whose = "" if outcome.subject == rule.scope else f", {of(outcome)}"
    lines = [
        f"{named(rule)} ({outcome.pack}){whose}: {word(outcome)}",
        f"    {rule.sentence}",
        f"    {rule.citation} ({sure(rule)})",
        f"    when:  {rule.when}",
        f"    check: {rule.check}",
    ]
    if verdict.why:
        lines.append(f"    It cannot be decided: {verdict.why}.")
    lines += [
        f"    facts.{path} = {_plain(shown(BY_PATH[path], value))}" for path, value in verdict.facts
    ]
    if verdict.status in ("due", "breached"):
        lines.append(f"    To do: {rule.remedy}")
    return lines


def _plain(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def asked_besides(pack: Pack) -> Iterable[tuple[str, list[str]]]:
    """What a pack asks besides its rules: headings and lines."""
    papers = [
        f"{paper.rule}: {paper.paper}{f' {paper.filing}' if paper.filing else ''}"
        f"{f', good for {paper.valid.span.text()}' if paper.valid else ''}{_where(paper.where)}"
        for paper in pack.requires
    ]
    forbidden = [f"{entry.rule}: {', '.join(entry.places)}" for entry in pack.forbids]
    purposes = [
        f"{purpose.id}: {purpose.title} ({purpose.legal_basis}"
        f"{'; unverified' if purpose.unverified else ''})"
        for purpose in pack.purposes
    ]
    sections = {
        "How long recordings are kept": [_limit(limit) for limit in pack.retention],
        "Papers before a camera records": papers,
        "Places without cameras": forbidden,
        "Purposes": purposes,
    }
    return [(title, lines) for title, lines in sections.items() if lines]


def _limit(limit: Limit) -> str:
    bounds = []
    if limit.floor is not None:
        bounds.append(f"at least {limit.floor.text()}")
    if limit.ceiling is not None:
        bounds.append(f"at most {limit.ceiling.text()}")
    if limit.beyond is not None:
        up_to = f" up to {limit.beyond.ceiling.text()}" if limit.beyond.ceiling else ""
        bounds.append(f"longer{up_to} for a reason on record")
    if limit.reason is not None:
        bounds.append("a reason on record")
    side = f"{limit.side} " if limit.side is not None else ""
    return f"{limit.rule}: {side}{', '.join(bounds)}{_where(limit.where)}"


def _where(where: Where) -> str:
    said = [*where.purposes, *where.countries, *where.labels]
    return f" (only {', '.join(said)})" if said else ""


def sure(rule: Rule) -> str:
    """How sure a rule is."""
    return ", ".join(rule.source) + ("; unverified" if rule.unverified else "")


def named(rule: Rule) -> str:
    """A rule's id, and that it is unverified where it is."""
    return rule.id + (" (unverified)" if rule.unverified else "")


def word(outcome: Outcome) -> str:
    """What came of a rule, and its date."""
    from scrim.clock import to_text

    verdict = outcome.verdict
    if verdict.why:
        return f"{verdict.status} (undecided)"
    if verdict.due_us is None:
        return verdict.status
    return f"{verdict.status} {to_text(verdict.due_us)[:16]}Z"


def of(outcome: Outcome) -> str:
    """Of what the outcome is: ``camera gate``."""
    scope = outcome.rule.scope.value
    return scope if outcome.subject == scope else f"{scope} {outcome.subject}"


def documents(outcomes: Iterable[Outcome]) -> dict[str, object]:
    """For a program: each outcome with its rule's words, and that this is no legal advice."""
    from scrim.norms import NOT_ADVICE

    return {
        "not_advice": NOT_ADVICE,
        "outcomes": [
            {
                **one.document(),
                "sentence": one.rule.sentence,
                "citation": one.rule.citation,
                "remedy": one.rule.remedy,
            }
            for one in outcomes
        ],
    }


def not_advice() -> None:
    """Say, on standard error, that this is not legal advice."""
    from scrim.norms import NOT_ADVICE

    note(NOT_ADVICE)
