"""A norm pack: what one legal order asks of cameras, as data.

Rules:

1. What is not in this model is refused; nothing is ignored.
2. Everything that a pack asks for (a paper, a limit, a forbidden place, a deadline) names
   the rule that says so, and that rule has a sentence and a citation.
3. A rule whose source was remembered, or whose sources conflict, is ``unverified``, and
   says so wherever it is shown.

``docs/ref/formats/pack.schema.json`` is made from this model; ``norms.md`` beside it says
what the fields mean.  :mod:`scrim.norms.load` checks what a model cannot.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from scrim.norms.clocks import Span
from scrim.norms.facts import Group

FORMAT: Final = "scrim-pack-v1"

PackId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
RuleId = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)+$", max_length=60)]
Word = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,59}$")]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?$")]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
Sentence = Annotated[str, Field(min_length=5, max_length=1000)]
Wording = Annotated[str, Field(min_length=1, max_length=20_000)]
FactPath = Annotated[str, Field(pattern=r"^facts\.[a-z]+\.[a-z0-9_]+$")]


def _one_or_many(value: object) -> object:
    return (value,) if isinstance(value, str) else _tuple(value)


def _tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _member(kind: type[StrEnum]) -> BeforeValidator:
    """A word of an enumeration from its text, which strict validation takes from JSON alone."""

    def taken(value: object) -> object:
        return kind(value) if isinstance(value, str) and value in list(kind) else value

    return BeforeValidator(taken)


class Source(StrEnum):
    """How sure a rule is."""

    READ = "read"
    SECONDARY = "secondary"
    REMEMBERED = "remembered"
    CONFLICTING = "conflicting"


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


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Length(_Model):
    """How long: exactly one of these."""

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


class FixedLength(_Model):
    """How long something is kept: hours or days, so that it is the same on every day."""

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


class Longer(_Model):
    """More time where a fact is so, in all and not on top."""

    when: Annotated[FactPath, Field(alias="if")]
    add: Length


class Due(_Model):
    """Until when a rule that does not hold is due and not breached."""

    since: Annotated[FactPath, Field(alias="from")]
    add: Length
    longer: Longer | None = None


class Rule(_Model):
    """What is asked, who says so, and how it is checked."""

    id: RuleId
    sentence: Sentence
    citation: Annotated[str, Field(min_length=3, max_length=300)]
    source: Annotated[
        tuple[Annotated[Source, _member(Source)], ...],
        BeforeValidator(_one_or_many),
        Field(min_length=1),
    ]
    scope: Annotated[Group, _member(Group)]
    when: str = "true"
    check: str
    due: Due | None = None
    severity: Annotated[Severity, _member(Severity)] = Severity.BREACH
    remedy: Sentence

    @property
    def unverified(self) -> bool:
        """Whether it was not, or not all of it, read at its source."""
        return bool({Source.REMEMBERED, Source.CONFLICTING} & set(self.source))


class Where(_Model):
    """To which cameras something applies; what is left out applies to all."""

    purposes: Annotated[tuple[Word, ...], BeforeValidator(_tuple)] = ()
    countries: Annotated[tuple[Country, ...], BeforeValidator(_tuple)] = ()
    labels: Annotated[tuple[Word, ...], BeforeValidator(_tuple)] = ()


class Beyond(_Model):
    """A ceiling that may be passed for a reason on record, as far as a second one."""

    reason: Literal["required"]
    ceiling: FixedLength | None = None


class Limit(_Model):
    """How long something is kept, at least or at most."""

    rule: RuleId
    side: Annotated[Side, _member(Side)] | None = None
    where: Where = Where()
    floor: FixedLength | None = None
    ceiling: FixedLength | None = None
    beyond: Beyond | None = None
    reason: Literal["required"] | None = None

    @model_validator(mode="after")
    def _some(self) -> Limit:
        if self.floor is None and self.ceiling is None and self.reason is None:
            raise ValueError("give a floor, a ceiling or reason: required")
        if self.beyond is not None and self.ceiling is None:
            raise ValueError("beyond needs a ceiling to pass")
        return self

    @property
    def sides(self) -> tuple[Side, ...]:
        return (self.side,) if self.side is not None else tuple(Side)


class Requirement(_Model):
    """A paper without which a camera does not record.

    ``filing`` says which filing; ``valid`` how long one is good for; ``warn`` how long before
    its end warnings begin; ``grace`` how long the camera may record without it from its first day.
    """

    rule: RuleId
    paper: Annotated[Paper, _member(Paper)]
    filing: Word | None = None
    where: Where = Where()
    valid: Length | None = None
    warn: Length | None = None
    grace: Length | None = None

    @model_validator(mode="after")
    def _named(self) -> Requirement:
        if (self.paper is Paper.FILING) != (self.filing is not None):
            raise ValueError("a filing, and nothing else, says which one by filing: WORD")
        return self


class Forbidden(_Model):
    """Kinds of places at which there is no camera."""

    rule: RuleId
    places: Annotated[tuple[Word, ...], BeforeValidator(_tuple), Field(min_length=1)]


class Question(_Model):
    """What somebody has to answer, and for what."""

    id: Word
    asks: Sentence
    for_: Annotated[Literal["recording", "release", "disclosure"], Field(alias="for")]
    rule: RuleId | None = None


class Purpose(_Model):
    """What a camera, or a release, may be for.

    ``release`` says whether originals may be opened for it, ``sound`` whether it allows sound.
    """

    id: Word
    title: Annotated[str, Field(min_length=2, max_length=120)]
    legal_basis: Sentence
    questions: Annotated[tuple[Question, ...], BeforeValidator(_tuple)] = ()
    release: bool = True
    sound: bool = False


class CalendarOf(_Model):
    """Whose days are counted: a country's, with its holidays, or a time zone's, without."""

    country: Country | None = None
    zone: str | None = None

    @model_validator(mode="after")
    def _one(self) -> CalendarOf:
        if (self.country is None) == (self.zone is None):
            raise ValueError("give country or zone")
        return self


class SignText(_Model):
    """What a sign says in one language."""

    heading: Annotated[str, Field(min_length=2, max_length=120)]
    lines: Annotated[tuple[Wording, ...], BeforeValidator(_tuple), Field(min_length=1)]


class Case(_Model):
    """A rule's own test: facts in, outcome out."""

    rule: RuleId
    facts: dict[str, dict[str, Any]]
    at: Annotated[str, Field(max_length=40)]
    outcome: Annotated[Status, _member(Status)]
    due: Annotated[str, Field(max_length=40)] | None = None


class Pack(_Model):
    """One legal order's norms."""

    format: Literal["scrim-pack-v1"]
    id: PackId
    title: Annotated[str, Field(min_length=2, max_length=120)]
    edition: Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
    facts: Literal[1]
    language: Language
    calendar: CalendarOf
    about: Sentence
    rules: Annotated[tuple[Rule, ...], BeforeValidator(_tuple), Field(min_length=1, max_length=500)]
    retention: Annotated[tuple[Limit, ...], BeforeValidator(_tuple)] = ()
    purposes: Annotated[tuple[Purpose, ...], BeforeValidator(_tuple)] = ()
    requires: Annotated[tuple[Requirement, ...], BeforeValidator(_tuple)] = ()
    forbids: Annotated[tuple[Forbidden, ...], BeforeValidator(_tuple)] = ()
    deadlines: dict[Word, RuleId] = {}
    signs: dict[Language, SignText] = {}
    letters: dict[Word, dict[Language, Wording]] = {}
    documents: dict[Word, dict[Language, Wording]] = {}
    tests: Annotated[tuple[Case, ...], BeforeValidator(_tuple)] = ()

    @model_validator(mode="after")
    def _dated(self) -> Pack:
        try:
            date.fromisoformat(self.edition)
        except ValueError:
            raise ValueError(f"edition: there is no day {self.edition}") from None
        return self

    @cached_property
    def by_id(self) -> Mapping[str, Rule]:
        return {rule.id: rule for rule in self.rules}

    def rule(self, id_: str) -> Rule:
        """The rule of that id, which is there: loading has checked it."""
        return self.by_id[id_]

    def purpose(self, id_: str) -> Purpose | None:
        return next((purpose for purpose in self.purposes if purpose.id == id_), None)


def schema() -> dict[str, Any]:
    """The JSON Schema of a pack."""
    made = Pack.model_json_schema(by_alias=True)
    source = made["$defs"]["Rule"]["properties"]["source"]
    # a single word is taken as a list of one
    made["$defs"]["Rule"]["properties"]["source"] = {
        "title": "Source",
        "anyOf": [{"$ref": "#/$defs/Source"}, {k: v for k, v in source.items() if k != "title"}],
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:scrim:{FORMAT}",
        **made,
    }
