"""When something is due.

Rules:

1. Hours are exact: 72 hours after 10:15 is 10:15 three days later.
2. Days, working days, months and years are counted in whole days of the calendar's time
   zone.  The day on which the clock starts does not count, and the last day counts to its
   end; so what is due is the first moment after the last day, and late begins there.
3. A month ends on the day of the same number, or on the last day of a month that has no
   such day: 31 January and one month is 28 or 29 February.
4. An extension is counted from the same start: one month and two more is three months from
   the start, not two months from the end.
5. Working days need a year's holidays; without them there is no date (``CalendarUnknown``).

Counting days this way is that of Regulation (EEC, Euratom) 1182/71 art. 3(1) and of the
Interpretation and General Clauses Ordinance (Cap. 1) s. 71(1)(a).  A last day that is a
holiday is *not* moved on, though both would allow it: a date that is early is never wrong.
"""

from __future__ import annotations

import calendar as _months
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from scrim.clock import SECOND
from scrim.errors import NormsError
from scrim.norms.calendar import Calendar

LONGEST_YEARS: Final = 100

_FIELDS: Final = ("hours", "days", "working_days", "months", "years")


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time as a law says it; exactly one field is not 0."""

    hours: int = 0
    days: int = 0
    working_days: int = 0
    months: int = 0
    years: int = 0

    def __post_init__(self) -> None:
        given = [(name, getattr(self, name)) for name in _FIELDS if getattr(self, name) != 0]
        if len(given) != 1:
            raise ValueError(f"give one of {', '.join(_FIELDS)}")
        name, count = given[0]
        if count < 0:
            raise ValueError(f"{name} is negative")
        if count > LONGEST_YEARS * _PER_YEAR[name]:
            raise ValueError(f"{name} is more than {LONGEST_YEARS} years")

    def text(self) -> str:
        """``40 days``, ``1 month``."""
        for name in _FIELDS:
            count = getattr(self, name)
            if count:
                words = name.replace("_", " ")
                return f"{count} {words.removesuffix('s') if count == 1 else words}"
        raise AssertionError

    def seconds(self) -> int | None:
        """Its length where that is always the same: of hours and days alone."""
        return self.hours * 3600 + self.days * 86400 or None


_PER_YEAR: Final = {"hours": 8784, "days": 366, "working_days": 366, "months": 12, "years": 1}


def due(start_us: int, span: Span, calendar: Calendar) -> int:
    """The first moment at which it is late.

    Args:
        start_us: when the clock starts, UTC microseconds.
        span: how long there is.
        calendar: whose days.

    Returns:
        UTC microseconds.

    Raises:
        CalendarUnknown: working days in a year whose holidays are not known.
        NormsError: beyond the year 9999.
    """
    if span.hours:
        return start_us + span.hours * 3600 * SECOND
    try:
        first = datetime.fromtimestamp(start_us // SECOND, tz=UTC).astimezone(calendar.zone).date()
        return _end_of(_last_day(first, span, calendar), calendar)
    except (OverflowError, ValueError, OSError):
        raise NormsError(
            f"{span.text()} from there is beyond the calendar.", "Check the machine's clock."
        ) from None


def _last_day(first: date, span: Span, calendar: Calendar) -> date:
    if span.working_days:
        day = first
        for _ in range(span.working_days):
            day += timedelta(days=1)
            while not calendar.is_worked(day):
                day += timedelta(days=1)
        return day
    if span.months or span.years:
        return _months_on(first, span.months + 12 * span.years)
    return first + timedelta(days=span.days)


def _months_on(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = _months.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def _end_of(day: date, calendar: Calendar) -> int:
    """The first moment of the next day, there."""
    midnight = datetime.combine(day + timedelta(days=1), time(), tzinfo=calendar.zone)
    return int(midnight.timestamp()) * SECOND


@dataclass(frozen=True, slots=True)
class Deadline:
    """How long there is for something, and how it may be extended.

    Attributes:
        rule: the id of the rule that says so.
        within: how long.
        extended: how long in all where it is extended; ``None``: it cannot be.
        calendar: whose days.
    """

    rule: str
    within: Span
    extended: Span | None
    calendar: Calendar

    def due(self, start_us: int, *, extended: bool = False) -> int:
        """When it is late.

        Raises:
            CalendarUnknown: as :func:`due`.
            NormsError: it is to be extended and cannot be.
        """
        if not extended:
            return due(start_us, self.within, self.calendar)
        if self.extended is None:
            raise NormsError(f"{self.rule} knows no extension.", "Answer within the first date.")
        return due(start_us, self.extended, self.calendar)
