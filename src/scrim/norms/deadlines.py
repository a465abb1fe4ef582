"""The days that a pack counts, and how long it gives for what."""

from __future__ import annotations

from scrim.norms.calendar import Calendar, of_country, without_holidays
from scrim.norms.clocks import Deadline
from scrim.norms.pack import Pack


def calendar_of(pack: Pack) -> Calendar:
    """Whose days the pack counts.

    Raises:
        CalendarUnknown: no file for its country.
        ValueError: a day that its year does not have.
    """
    if pack.calendar.country is not None:
        return of_country(pack.calendar.country).with_years(pack.calendar.years)
    assert pack.calendar.zone is not None
    return without_holidays(pack.calendar.zone)


def deadline(pack: Pack, kind: str) -> Deadline | None:
    """The pack's deadline for ``subject-request``, ``breach-authority``, ``filing-…``; or none."""
    if kind not in pack.deadlines:
        return None
    rule = pack.rule(pack.deadlines[kind])
    assert rule.due is not None
    longer = rule.due.longer.add.span if rule.due.longer is not None else None
    return Deadline(rule.id, rule.due.add.span, longer, calendar_of(pack))
