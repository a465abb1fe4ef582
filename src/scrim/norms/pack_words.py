"""Words and lengths that packs are made of."""

from __future__ import annotations

from enum import StrEnum
from functools import cached_property
from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from scrim.norms.clocks import Span

PackId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
RuleId = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)+$", max_length=60)]
Word = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,59}$")]
Code = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
"""Of a purpose or a question: a signed request can carry no longer one."""
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?$")]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
Sentence = Annotated[str, Field(min_length=5, max_length=1000)]
Wording = Annotated[str, Field(min_length=1, max_length=20_000)]
FactPath = Annotated[str, Field(pattern=r"^facts\.[a-z]+\.[a-z0-9_]+$")]


def one_or_many(value: object) -> object:
    """A tuple from a list, or from one word."""
    return (value,) if isinstance(value, str) else many(value)


def many(value: object) -> object:
    """A tuple from a list, which strict validation takes from JSON alone."""
    return tuple(value) if isinstance(value, list) else value


def member(kind: type[StrEnum]) -> BeforeValidator:
    """A word of an enumeration from its text, which strict validation takes from JSON alone."""

    def taken(value: object) -> object:
        if isinstance(value, str) and value not in list(kind):
            raise ValueError(f"{value[:40]!r} is none of {', '.join(kind)}")
        return kind(value) if isinstance(value, str) else value

    return BeforeValidator(taken)


class Source(StrEnum):
    """How sure a rule is."""

    READ = "read"
    SECONDARY = "secondary"
    REMEMBERED = "remembered"
    CONFLICTING = "conflicting"


Sources = Annotated[
    tuple[Annotated[Source, member(Source)], ...],
    BeforeValidator(one_or_many),
    Field(min_length=1),
]


def is_unverified(source: tuple[Source, ...]) -> bool:
    """Whether some of it was not read at its source."""
    return bool({Source.REMEMBERED, Source.CONFLICTING} & set(source))


class Severity(StrEnum):
    """What it means that a rule does not hold."""

    BREACH = "breach"
    WARNING = "warning"
    NOTE = "note"


class Status(StrEnum):
    """What came of a check."""

    MET = "met"
    DUE = "due"
    BREACHED = "breached"
    NOT_APPLICABLE = "not-applicable"


class Paper(StrEnum):
    """What may have to be on record before a camera records."""

    PURPOSE = "purpose"
    SIGN = "sign"
    ASSESSMENT = "assessment"
    FILING = "filing"


class Side(StrEnum):
    """What is kept: originals, or recordings in which everybody is masked."""

    SEALED = "sealed"
    MASKED = "masked"


class Model(BaseModel):
    """What is not in a model is refused, and nothing is taken for something else."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


EXACTLY_ONE: Final = ConfigDict(json_schema_extra={"minProperties": 1, "maxProperties": 1})


class Length(Model):
    """How long: exactly one of these."""

    model_config = EXACTLY_ONE

    hours: Annotated[int, Field(gt=0)] | None = None
    days: Annotated[int, Field(gt=0)] | None = None
    working_days: Annotated[int, Field(gt=0)] | None = None
    months: Annotated[int, Field(gt=0)] | None = None
    years: Annotated[int, Field(gt=0)] | None = None

    @model_validator(mode="after")
    def _one(self) -> Length:
        _ = self.span
        return self

    @cached_property
    def span(self) -> Span:
        return Span(**self.model_dump(exclude_none=True))


class FixedLength(Model):
    """How long something is kept: hours or days, so that it is the same on every day."""

    model_config = EXACTLY_ONE

    hours: Annotated[int, Field(gt=0)] | None = None
    days: Annotated[int, Field(gt=0)] | None = None

    @model_validator(mode="after")
    def _one(self) -> FixedLength:
        _ = self.seconds
        return self

    @cached_property
    def seconds(self) -> int:
        """Its length."""
        return Span(**self.model_dump(exclude_none=True)).seconds() or 0

    def text(self) -> str:
        return Span(**self.model_dump(exclude_none=True)).text()
