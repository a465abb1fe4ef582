"""Until when something is due, by which rule of which pack.

Rules:

1. Each pack that a camera concerned is under may have a term; what is due is due at the first.
2. Where no pack has one, the sector-neutral pack's counts: nothing is without a term.
3. Where working days cannot be counted, because a year's holidays are not known, as many
   calendar days are given, which is early, and the term says so.
4. An extension moves only the terms whose rule knows one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from scrim.canonical import Json
from scrim.errors import CalendarUnknown
from scrim.norms.calendar import Calendar
from scrim.norms.cel import compiled
from scrim.norms.cel_nodes import Undecided
from scrim.norms.clocks import Span, due
from scrim.norms.deadlines import calendar_of, deadline
from scrim.norms.facts import Facts
from scrim.norms.limits import Situation
from scrim.norms.load import load_all
from scrim.norms.pack import Pack

AS_SAID: Final = "as-said"
CALENDAR_DAYS: Final = "calendar-days"
BASELINE: Final = "baseline"


class Packs(Protocol):
    """Which packs a camera is under; :mod:`scrim.papers` knows."""

    def under(self, connection: Connection, camera: str) -> tuple[Sequence[Pack], Situation]:
        """Its packs, and what of it decides which of their limits apply.

        Of a camera that was removed too.
        """


class NoPacks:
    """A deployment in which no pack was applied."""

    def under(
        self,
        connection: Connection,  # noqa: ARG002 - as Packs has it
        camera: str,  # noqa: ARG002
    ) -> tuple[Sequence[Pack], Situation]:
        return (), Situation()


@dataclass(frozen=True, slots=True)
class Term:
    """One pack's.

    Attributes:
        pack, rule: whose.
        due_us: the first moment at which it is late.
        longer_us: the same once it is extended; ``None``: it cannot be.
        counted: ``as-said``, or ``calendar-days`` in place of working days.
    """

    pack: str
    rule: str
    due_us: int
    longer_us: int | None = None
    counted: str = AS_SAID

    def document(self) -> dict[str, Json]:
        """For its row and for JSON."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def of(cls, document: Mapping[str, object]) -> Term:
        """Back from :meth:`document`."""
        return cls(**document)  # type: ignore[arg-type] # as this class wrote it

    def until(self, *, extended: bool) -> int:
        """When it is late."""
        return self.longer_us if extended and self.longer_us is not None else self.due_us


def terms(
    packs: Iterable[Pack],
    duty: str,
    start_us: int,
    facts: Mapping[str, Mapping[str, object]] | None = None,
) -> tuple[Term, ...]:
    """The terms of a duty, the first to end first.

    Args:
        packs: those that are asked.
        duty: ``subject-request``, ``breach-authority``, ``filing-…``.
        start_us: when the clock starts.
        facts: what is known so far; a rule that is not about them has no term here.

    Raises:
        NormsError: beyond the year 9999.
    """
    known = Facts(facts or {})
    found = [term for pack in packs if (term := _term(pack, duty, start_us, known)) is not None]
    if not found:
        neutral = _term(baseline(), duty, start_us, known)
        found = [neutral] if neutral is not None else []
    return tuple(sorted(found, key=lambda term: (term.due_us, term.rule)))


def first(found: Sequence[Term], *, extended: bool = False) -> Term:
    """The term that ends first."""
    return min(found, key=lambda term: term.until(extended=extended))


def baseline() -> Pack:
    """The sector-neutral pack."""
    return load_all(None, [BASELINE])[BASELINE]


def zone_of(pack: Pack) -> ZoneInfo:
    """Where a day begins by that pack."""
    return calendar_of(pack).zone


def _term(pack: Pack, duty: str, start_us: int, facts: Facts) -> Term | None:
    said = deadline(pack, duty)
    if said is None or not _applies(pack, said.rule, facts, start_us):
        return None
    due_us, counted = _counted(start_us, said.within, said.calendar)
    longer_us = None
    if said.extended is not None:
        longer_us = _counted(start_us, said.extended, said.calendar)[0]
    return Term(pack.id, said.rule, due_us, longer_us, counted)


def _applies(pack: Pack, rule_id: str, facts: Facts, now_us: int) -> bool:
    rule = pack.rule(rule_id)
    try:
        return compiled(rule.when, rule.scope).holds(facts.groups(), now_us)
    except Undecided:
        return True  # not known to be otherwise


def _counted(start_us: int, span: Span, calendar: Calendar) -> tuple[int, str]:
    try:
        return due(start_us, span, calendar), AS_SAID
    except CalendarUnknown:
        return due(start_us, Span(days=span.working_days), calendar), CALENDAR_DAYS
