from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scrim.clock import SECOND, from_text, to_text
from scrim.errors import CalendarUnknown, NormsError
from scrim.norms.calendar import (
    Calendar,
    calendar_from,
    of_country,
    shipped,
    without_holidays,
)
from scrim.norms.clocks import Deadline, Span, due

UTC_DAYS = without_holidays()
HK, CN, GB = (of_country(country) for country in ("HK", "CN", "GB"))


def ends(start: str, span: Span, calendar: Calendar = UTC_DAYS) -> str:
    return to_text(due(from_text(start), span, calendar))[:19]


@pytest.mark.parametrize(
    ("start", "span", "calendar", "end"),
    [
        # 40 days in Hong Kong, received in the evening of 1 January UTC: 2 January there
        ("2026-01-01T02:00", Span(days=40), HK, "2026-02-10T16:00:00"),
        ("2026-01-01T20:00", Span(days=40), HK, "2026-02-11T16:00:00"),
        ("2026-01-01T00:00", Span(days=40), UTC_DAYS, "2026-02-11T00:00:00"),
        # months: same number, or the last day
        ("2026-01-15T12:00", Span(months=1), UTC_DAYS, "2026-02-16T00:00:00"),
        ("2026-01-31T12:00", Span(months=1), UTC_DAYS, "2026-03-01T00:00:00"),
        ("2028-01-31T12:00", Span(months=1), UTC_DAYS, "2028-03-01T00:00:00"),
        ("2028-01-29T12:00", Span(months=1), UTC_DAYS, "2028-03-01T00:00:00"),
        ("2026-12-31T23:59", Span(months=2), UTC_DAYS, "2027-03-01T00:00:00"),
        ("2028-02-29T12:00", Span(years=1), UTC_DAYS, "2029-03-01T00:00:00"),
        ("2024-02-29T12:00", Span(years=4), UTC_DAYS, "2028-03-01T00:00:00"),
        # 72 hours are exact, over the day that summer time takes an hour from
        ("2026-03-28T10:15", Span(hours=72), GB, "2026-03-31T10:15:00"),
        # days end at midnight there, summer time or not
        ("2026-03-28T10:15", Span(days=1), GB, "2026-03-29T23:00:00"),
        # working days: Friday and one more, over a week-end, over Christmas
        ("2026-03-06T10:00", Span(working_days=1), GB, "2026-03-10T00:00:00"),
        ("2026-12-24T10:00", Span(working_days=1), GB, "2026-12-30T00:00:00"),
        ("2026-04-02T10:00", Span(working_days=1), HK, "2026-04-08T16:00:00"),
        # the Spring Festival, and the Saturdays on which its days off are made up for
        ("2026-02-13T01:00", Span(working_days=1), CN, "2026-02-14T16:00:00"),
        ("2026-02-13T01:00", Span(working_days=2), CN, "2026-02-24T16:00:00"),
        ("2026-01-30T01:00", Span(working_days=30), CN, "2026-03-19T16:00:00"),
        # it starts on a day off
        ("2026-10-03T01:00", Span(working_days=1), CN, "2026-10-08T16:00:00"),
    ],
)
def test_when_something_is_due(start: str, span: Span, calendar: Calendar, end: str) -> None:
    assert ends(start, span, calendar) == end


def test_a_year_without_holidays_is_refused_and_not_guessed() -> None:
    with pytest.raises(CalendarUnknown, match="holidays of 2027 in CN") as refused:
        ends("2026-12-20T00:00", Span(working_days=30), CN)
    assert "2025, 2026" in refused.value.message
    with pytest.raises(CalendarUnknown):
        ends("2026-12-20T00:00", Span(working_days=1), UTC_DAYS)


def test_a_clock_set_wildly_wrong_is_refused() -> None:
    with pytest.raises(NormsError, match="beyond the calendar"):
        due(2**60, Span(days=1), UTC_DAYS)
    with pytest.raises(NormsError):
        ends("9999-12-31T00:00", Span(months=1))


@pytest.mark.parametrize(
    "fields",
    [{}, {"days": 1, "hours": 1}, {"days": -1}, {"days": 36601}, {"months": 1201}, {"years": 101}],
)
def test_a_span_is_one_length(fields: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"give one of|negative|more than"):
        Span(**fields)


def test_a_span_in_words() -> None:
    assert Span(days=40).text() == "40 days"
    assert Span(working_days=1).text() == "1 working day"
    assert Span(days=2).seconds() == 172800
    assert Span(months=1).seconds() is None


def test_an_extension_is_counted_from_the_start() -> None:
    deadline = Deadline("eu-08", Span(months=1), Span(months=3), UTC_DAYS)
    start = from_text("2026-01-31T00:00")
    assert to_text(deadline.due(start))[:10] == "2026-03-01"
    assert to_text(deadline.due(start, extended=True))[:10] == "2026-05-01"
    with pytest.raises(NormsError, match="hk-01 knows no extension"):
        Deadline("hk-01", Span(days=40), None, HK).due(start, extended=True)


_STARTS = st.integers(from_text("2025-01-02") // SECOND, from_text("2026-06-30") // SECOND).map(
    lambda seconds: seconds * SECOND
)
_ZONES = st.sampled_from(["UTC", "Asia/Hong_Kong", "Europe/London", "America/Havana"])


@settings(deadline=None)
@given(start=_STARTS, days=st.integers(1, 400), zone=_ZONES)
def test_days_end_at_a_midnight_there(start: int, days: int, zone: str) -> None:
    calendar = without_holidays(zone)
    end = datetime.fromtimestamp(due(start, Span(days=days), calendar) // SECOND, tz=UTC)
    there = end.astimezone(ZoneInfo(zone))
    first = datetime.fromtimestamp(start // SECOND, tz=UTC).astimezone(ZoneInfo(zone)).date()
    before = (end - timedelta(seconds=1)).astimezone(ZoneInfo(zone))
    assert before.date() == first + timedelta(days=days)
    # Havana's clocks go forward at midnight, so that its day begins at one
    assert (there.hour, there.minute) == (0, 0) or zone == "America/Havana"


@settings(deadline=None)
@given(start=_STARTS, months=st.integers(1, 24), zone=_ZONES)
def test_months_never_end_in_the_month_after(start: int, months: int, zone: str) -> None:
    calendar = without_holidays(zone)
    last_us = due(start, Span(months=months), calendar) - SECOND
    first = datetime.fromtimestamp(start // SECOND, tz=UTC).astimezone(ZoneInfo(zone)).date()
    last = datetime.fromtimestamp(last_us // SECOND, tz=UTC).astimezone(ZoneInfo(zone)).date()
    assert (last.year * 12 + last.month) - (first.year * 12 + first.month) == months
    assert last.day == first.day or (last.day < first.day and (last + timedelta(days=1)).day == 1)


@settings(deadline=None)
@given(start=_STARTS, count=st.integers(1, 60), country=st.sampled_from(["HK", "CN", "GB"]))
def test_working_days_are_as_many_as_were_asked_for(start: int, count: int, country: str) -> None:
    calendar = of_country(country)
    end = due(start, Span(working_days=count), calendar)
    first = datetime.fromtimestamp(start // SECOND, tz=UTC).astimezone(calendar.zone).date()
    last = datetime.fromtimestamp(end // SECOND - 1, tz=UTC).astimezone(calendar.zone).date()
    between = [first + timedelta(days=n) for n in range(1, (last - first).days + 1)]
    assert sum(map(calendar.is_worked, between)) == count
    assert calendar.is_worked(last)


@settings(deadline=None)
@given(start=_STARTS, later=st.integers(0, 10**14), count=st.integers(1, 60))
def test_who_starts_later_is_never_due_earlier(start: int, later: int, count: int) -> None:
    for span in (Span(days=count), Span(months=1 + count % 24), Span(hours=count)):
        assert due(start, span, HK) <= due(start + later, span, HK)


def test_calendars_that_are_shipped_hold_what_they_say() -> None:
    assert shipped() == ("CN", "GB", "HK", "LU")
    for country in shipped():
        calendar = of_country(country)
        assert calendar.country == country
        for year, days in calendar.worked.items():
            # a day that is made up for is one of a week-end, or there is nothing to make up
            assert all(day.weekday() in calendar.weekend for day in days), year
            assert not days & calendar.holidays[year]
    # the notice for 2026: 33 days off, 19 of them weekdays, and 6 days made up
    off = [day for day in CN.holidays[2026] if day.weekday() < 5]
    assert (len(off), len(CN.worked[2026])) == (19, 6)
    # the eve of Good Friday is worked, Good Friday and the day after it are not (Cap. 149)
    assert HK.is_worked(date(2026, 4, 2))
    assert not HK.is_worked(date(2026, 4, 3))


_CALENDAR = """
format: scrim-calendar-v1
country: XX
title: Nowhere
zone: {zone}
weekend: [sun]
source: made up
years: {years}
"""


@pytest.mark.parametrize(
    ("zone", "years", "says"),
    [
        ("UTC", "{2026: {holidays: [02-30]}}", "there is no 02-30 in 2026"),
        ("UTC", "{2026: {holidays: [02-29]}}", "there is no 02-29 in 2026"),
        ("UTC", "{2026: {}}", "holidays"),
        ("UTC", "{x: {holidays: []}}", "years"),
        ("Mars/Base", "{2026: {holidays: []}}", "no time zone is called 'Mars/Base'"),
        ("../../etc/passwd", "{2026: {holidays: []}}", "no time zone"),
        ("UTC", "[", "line"),
    ],
)
def test_a_calendar_that_is_wrong_is_refused(zone: str, years: str, says: str) -> None:
    with pytest.raises(CalendarUnknown) as refused:
        calendar_from(_CALENDAR.format(zone=zone, years=years).encode(), "XX.yaml")
    assert says in refused.value.message
    assert "XX.yaml" in refused.value.message


def test_a_country_without_a_calendar_is_refused() -> None:
    with pytest.raises(CalendarUnknown, match="no calendar of 'ZZ'"):
        of_country("ZZ")
