"""Which days are worked, by country and year.

Rules:

1. A day is worked unless it is of the weekend or a holiday; a day on which a government
   has work made up (``worked``) is worked, whatever else it is.
2. A year without data is refused, never guessed: holidays are proclaimed, not computed.
3. A calendar has a time zone, so that a day begins when it begins there.

``calendars/*.yaml`` hold the data with their source; a pack may say more years, or others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from scrim.errors import CalendarUnknown
from scrim.norms.yaml_file import parsed, read

_SHIPPED: Final = Path(__file__).parent / "calendars"

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_MonthDay = Annotated[str, Field(pattern=r"^[0-9]{2}-[0-9]{2}$")]


class Year(BaseModel):
    """Days off of one year, and days of a weekend that are worked, each ``MM-DD``."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    holidays: list[_MonthDay]
    worked: list[_MonthDay] = []


class CalendarFile(BaseModel):
    """``scrim-calendar-v1``: one country's holidays."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    format: Literal["scrim-calendar-v1"]
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    title: str
    zone: str
    weekend: list[Weekday]
    source: Annotated[str, Field(min_length=5)]
    years: dict[int, Year]

    @field_validator("zone")
    @classmethod
    def _known(cls, value: str) -> str:
        zone(value)
        return value


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days of one country.

    Attributes:
        country: ISO 3166-1 in capitals; empty where there are no holidays to ask for.
        zone: where a day begins.
        weekend: days of the week that are not worked.
        holidays: days off, by year.
        worked: days of a weekend that are worked, by year.
    """

    country: str
    zone: ZoneInfo
    weekend: frozenset[int]
    holidays: Mapping[int, frozenset[date]]
    worked: Mapping[int, frozenset[date]]

    def is_worked(self, day: date) -> bool:
        """Whether ``day`` is a working day.

        Raises:
            CalendarUnknown: no data for its year.
        """
        if day.year not in self.holidays:
            have = ", ".join(map(str, sorted(self.holidays))) or "none"
            raise CalendarUnknown(
                f"The holidays of {day.year} in {self.country or 'that country'} are not known "
                f"(known: {have}), so working days cannot be counted.",
                f"Say {day.year} in a pack of your own once it is proclaimed: calendar, years "
                "(docs/guide/write-a-pack.md).",
            )
        if day in self.worked[day.year]:
            return True
        return day.weekday() not in self.weekend and day not in self.holidays[day.year]

    def with_years(self, years: Mapping[int, Year]) -> Calendar:
        """The same with more years, or with years otherwise.

        Raises:
            ValueError: a day that its year does not have.
        """
        if not years:
            return self
        holidays = {year: _days(year, listed.holidays) for year, listed in years.items()}
        worked = {year: _days(year, listed.worked) for year, listed in years.items()}
        return replace(
            self, holidays={**self.holidays, **holidays}, worked={**self.worked, **worked}
        )


def zone(name: str) -> ZoneInfo:
    """A time zone by its name.

    Raises:
        ValueError: there is none of that name.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"no time zone is called {name!r}") from None


def without_holidays(zone_name: str = "UTC") -> Calendar:
    """A calendar that has a time zone and cannot count working days."""
    return Calendar("", zone(zone_name), frozenset(), {}, {})


@cache
def shipped() -> tuple[str, ...]:
    """Countries there is a file for."""
    return tuple(sorted(path.stem for path in _SHIPPED.glob("*.yaml")))


@cache
def of_country(country: str) -> Calendar:
    """The calendar of a country, as it is shipped.

    Raises:
        CalendarUnknown: there is no file, or it is not what it should be.
    """
    path = _SHIPPED / f"{country}.yaml"
    if not path.is_file():
        raise CalendarUnknown(
            f"There is no calendar of {country!r}.",
            f"There are {', '.join(shipped())}; say zone instead, and count no working days.",
        )
    return calendar_from(read(path), path.name)


def calendar_from(data: bytes, name: str) -> Calendar:
    """The calendar of a file's bytes.

    Raises:
        CalendarUnknown: it is not a calendar, or a date in it is impossible.
    """
    try:
        file = CalendarFile.model_validate(parsed(data))
        return Calendar(
            country=file.country,
            zone=zone(file.zone),
            weekend=frozenset(map(WEEKDAYS.index, file.weekend)),
            holidays={},
            worked={},
        ).with_years(file.years)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        message = first["msg"].removeprefix("Value error, ")
        raise CalendarUnknown(f"{name}: {where}: {message}.", "Correct the file.") from None
    except ValueError as error:
        raise CalendarUnknown(f"{name}: {error}.", "Correct the file.") from None


def _days(year: int, listed: list[str]) -> frozenset[date]:
    days = set()
    for text in listed:
        try:
            days.add(date.fromisoformat(f"{year:04d}-{text}"))
        except ValueError:
            raise ValueError(f"there is no {text} in {year}") from None
    return frozenset(days)
