"""Checking: facts in, outcomes out.

Rules:

1. An outcome is met, due (with a date), breached or not applicable, with the facts that
   the rule asked for.
2. A rule that does not hold is due while its clock runs, and breached from the first
   moment after; without a clock it is breached.
3. What cannot be decided, because a fact is null or not known, or a date cannot be
   counted, is breached, and the outcome says why: a system that does not know does not pass.
4. Facts that are alike are judged once: of 15,000 cameras most differ in little.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Final

from scrim.canonical import Json
from scrim.clock import to_text
from scrim.errors import NormsError
from scrim.norms.calendar import Calendar
from scrim.norms.cel import compiled
from scrim.norms.cel_nodes import Groups, Undecided
from scrim.norms.clocks import due
from scrim.norms.deadlines import calendar_of
from scrim.norms.fact_table import BY_PATH
from scrim.norms.facts import Facts, Group, Value, shown
from scrim.norms.pack import Due, Pack, Rule, Status


@dataclass(frozen=True, slots=True)
class Subject:
    """What is checked.

    Attributes:
        scope: what it is: rules of this scope are asked.
        id: its id, for people.
        packs: ids of the packs that it is under.
        facts: its own and those of what it belongs to.
    """

    scope: Group
    id: str
    packs: frozenset[str]
    facts: Facts


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a rule for some facts.

    Attributes:
        status: met, due, breached or not applicable.
        due_us: until when it is or was due; ``None``: there is no clock, or it does not run.
        facts: paths without ``facts.``, and values, that the rule asked for; not those not known.
        why: why it could not be decided; empty where it could.
    """

    status: Status
    due_us: int | None
    facts: tuple[tuple[str, Value], ...]
    why: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a rule for a subject."""

    pack: str
    rule: Rule
    subject: str
    verdict: Verdict

    def document(self) -> dict[str, Json]:
        """For JSON, the ledger and the page; no personal data, because facts have none."""
        verdict = self.verdict
        said: dict[str, Json] = {
            "pack": self.pack,
            "rule": self.rule.id,
            "subject": self.subject,
            "scope": self.rule.scope.value,
            "status": verdict.status.value,
            "severity": self.rule.severity.value,
            "facts": {path: shown(BY_PATH[path], value) for path, value in verdict.facts},
            "unverified": self.rule.unverified,
        }
        if verdict.due_us is not None:
            said["due"] = to_text(verdict.due_us)
        if verdict.why:
            said["why"] = verdict.why
        return said


class _Unknown:
    """In the place of a fact that was not given."""


_UNKNOWN: Final = _Unknown()


class _Judge:
    """One rule, ready to be asked."""

    def __init__(self, pack: Pack, rule: Rule, calendar: Calendar) -> None:
        self.pack, self.rule = pack.id, rule
        self._calendar = calendar
        self._when = None if rule.when == "true" else compiled(rule.when, rule.scope)
        self._check = compiled(rule.check, rule.scope)
        # kept apart, so that a rule that does not apply shows only why it does not
        self._first = self._when.reads if self._when is not None else ()
        self._all = tuple(
            dict.fromkeys([*self._first, *self._check.reads, *_read_by_due(rule.due)])
        )
        self.key = _key_of(self._all)

    def judge(self, groups: Groups, now_us: int) -> Verdict:
        try:
            if self._when is not None and not self._when.holds(groups, now_us):
                return Verdict(Status.NOT_APPLICABLE, None, _values(self._first, groups))
            holds = self._check.holds(groups, now_us)
        except Undecided as error:
            return Verdict(Status.BREACHED, None, _values(self._all, groups), str(error))
        facts = _values(self._all, groups)
        if holds:
            return Verdict(Status.MET, None, facts)
        if self.rule.due is None:
            return Verdict(Status.BREACHED, None, facts)
        try:
            due_us = self._due(self.rule.due, groups)
        except (Undecided, NormsError) as error:
            return Verdict(Status.BREACHED, None, facts, str(error))
        status = Status.DUE if now_us < due_us else Status.BREACHED
        return Verdict(status, due_us, facts)

    def _due(self, said: Due, groups: Groups) -> int:
        start = _given(groups, said.since)
        span = said.add.span
        if said.longer is not None and _given(groups, said.longer.when):
            span = said.longer.add.span
        assert isinstance(start, int)
        return due(start, span, self._calendar)


def _given(groups: Groups, path: str) -> Value:
    group, name = _split(path)
    value = groups.get(group, {}).get(name)
    if value is None:
        raise Undecided(f"{path} is null or not known, so there is no date")
    return value


def _split(path: str) -> tuple[str, str]:
    _, group, name = path.split(".")
    return group, name


def _read_by_due(said: Due | None) -> list[tuple[str, str]]:
    if said is None:
        return []
    longer = [said.longer.when] if said.longer is not None else []
    return [_split(path) for path in (said.since, *longer)]


def _values(reads: Sequence[tuple[str, str]], groups: Groups) -> tuple[tuple[str, Value], ...]:
    return tuple(
        (f"{group}.{name}", groups[group][name])
        for group, name in reads
        if name in groups.get(group, ())
    )


def _key_of(reads: Sequence[tuple[str, str]]) -> Callable[[Groups], Any]:
    """A function that gives the facts a rule asks for, the same for facts that are alike."""
    by_group: dict[str, list[str]] = {}
    for group, name in reads:
        by_group.setdefault(group, []).append(name)
    getters = [(group, itemgetter(*names), names) for group, names in by_group.items()]

    def key(groups: Groups) -> Any:
        try:
            # True == 1, but a fact is always of one kind, so alike means the same
            return tuple([getter(groups[group]) for group, getter, _ in getters])
        except KeyError:
            return tuple(
                [
                    groups.get(group, {}).get(name, _UNKNOWN)
                    for group, _, names in getters
                    for name in names
                ]
            )

    return key


class Checker:
    """The rules of several packs, compiled once.

    Args:
        packs: loaded packs.

    Raises:
        CalendarUnknown: there is no calendar of a pack's country.
    """

    def __init__(self, packs: Iterable[Pack]) -> None:
        self._judges: dict[tuple[Group, str], list[_Judge]] = {}
        for pack in packs:
            calendar = calendar_of(pack)
            for rule in pack.rules:
                self._judges.setdefault((rule.scope, pack.id), []).append(
                    _Judge(pack, rule, calendar)
                )

    def check(self, subjects: Iterable[Subject], now_us: int) -> Iterator[Outcome]:
        """Outcomes of every rule for every subject, one after the other.

        Args:
            subjects: what is checked.
            now_us: what time it is, UTC microseconds.
        """
        known: dict[_Judge, dict[Any, Verdict]] = {
            judge: {} for judges in self._judges.values() for judge in judges
        }
        for subject in subjects:
            groups = subject.facts.groups()
            for pack in sorted(subject.packs):
                for judge in self._judges.get((subject.scope, pack), ()):
                    verdicts = known[judge]
                    key = judge.key(groups)
                    verdict = verdicts.get(key)
                    if verdict is None:
                        verdict = verdicts[key] = judge.judge(groups, now_us)
                    yield Outcome(judge.pack, judge.rule, subject.id, verdict)


def by_hand(packs: Mapping[str, Pack], facts: Facts, now_us: int) -> Iterator[Outcome]:
    """Outcomes of facts that somebody wrote down: each group given is a subject of its scope."""
    subjects = [
        Subject(Group(group), group, frozenset(packs), facts)
        for group in facts.groups()
        if group in list(Group)
    ]
    yield from Checker(packs.values()).check(subjects, now_us)


def asked(rule: Rule) -> tuple[str, ...]:
    """Paths of the facts that a rule asks for, without ``facts.``."""
    reads = [
        *compiled(rule.when, rule.scope).reads,
        *compiled(rule.check, rule.scope).reads,
        *_read_by_due(rule.due),
    ]
    return tuple(dict.fromkeys(f"{group}.{name}" for group, name in reads))
