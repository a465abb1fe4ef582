"""Trying a pack on its own test cases.

Rules:

1. A case holds where the outcome is the one it names, with the date where it names one,
   and every fact that decided was given: one that was not counts as a mistake in the case.
2. A rule wants a case in which it is met, one in which it is breached, and, where it has a
   clock, one in which it is due.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from scrim.clock import from_text, to_text
from scrim.norms.check import Checker, Subject
from scrim.norms.facts import Facts
from scrim.norms.pack import Case, Pack, Status


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of a case.

    Attributes:
        number: of the case in its file, from 1.
        case: the case.
        wrong: what came instead; empty where it holds.
    """

    number: int
    case: Case
    wrong: str


def tried(pack: Pack) -> Iterator[Trial]:
    """What came of each of a pack's cases.

    Raises:
        CalendarUnknown: there is no calendar of the pack's country.
    """
    checker = Checker([pack])
    for number, case in enumerate(pack.tests, 1):
        scope = pack.rule(case.rule).scope
        subject = Subject(scope, "test", frozenset({pack.id}), Facts(case.facts))
        outcomes = checker.check([subject], from_text(case.at))
        verdict = next(outcome.verdict for outcome in outcomes if outcome.rule.id == case.rule)
        wrong = ""
        if verdict.status is not case.outcome:
            wrong = f"{verdict.status} in place of {case.outcome}"
        elif case.due is not None and verdict.due_us != from_text(case.due):
            came = to_text(verdict.due_us) if verdict.due_us is not None else "never"
            wrong = f"due {came} in place of {case.due}"
        elif "not known" in verdict.why:
            wrong = "undecided"
        if wrong and verdict.why:
            wrong += f", because {verdict.why}"
        yield Trial(number, case, wrong)


def untried(pack: Pack) -> Iterator[tuple[str, Status]]:
    """Rules and the outcomes that no case of the pack has for them."""
    seen = {(case.rule, case.outcome) for case in pack.tests}
    for rule in pack.rules:
        wanted = [Status.MET, Status.BREACHED]
        if rule.due is not None:
            wanted.append(Status.DUE)
        for status in wanted:
            if (rule.id, status) not in seen:
                yield rule.id, status
