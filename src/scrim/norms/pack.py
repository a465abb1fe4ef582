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

import hashlib
from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from scrim.norms.calendar import Year
from scrim.norms.facts import Group
from scrim.norms.pack_words import (
    Code,
    Country,
    FactPath,
    FixedLength,
    Language,
    Length,
    Model,
    PackId,
    Paper,
    RuleId,
    Sentence,
    Severity,
    Side,
    Source,
    Sources,
    Status,
    Word,
    Wording,
    is_unverified,
    many,
    member,
)

__all__ = [
    "FixedLength",
    "Length",
    "Limit",
    "Pack",
    "Paper",
    "Purpose",
    "Requirement",
    "Rule",
    "Severity",
    "Side",
    "Source",
    "Status",
    "schema",
]

FORMAT: Final = "scrim-pack-v1"


class Longer(Model):
    """More time where a fact is so, in all and not on top."""

    when: Annotated[FactPath, Field(alias="if")]
    add: Length


class Due(Model):
    """Until when a rule that does not hold is due and not breached."""

    since: Annotated[FactPath, Field(alias="from")]
    add: Length
    longer: Longer | None = None


class Rule(Model):
    """What is asked, who says so, and how it is checked."""

    id: RuleId
    sentence: Sentence
    citation: Annotated[str, Field(min_length=3, max_length=300)]
    source: Sources
    scope: Annotated[Group, member(Group)]
    when: str = "true"
    check: str
    due: Due | None = None
    severity: Annotated[Severity, member(Severity)] = Severity.BREACH
    remedy: Sentence

    @property
    def unverified(self) -> bool:
        """Whether it was not, or not all of it, read at its source."""
        return is_unverified(self.source)


class Where(Model):
    """To which cameras something applies; what is left out applies to all."""

    purposes: Annotated[tuple[Code, ...], BeforeValidator(many)] = ()
    countries: Annotated[tuple[Country, ...], BeforeValidator(many)] = ()
    labels: Annotated[tuple[Word, ...], BeforeValidator(many)] = ()


class Beyond(Model):
    """A ceiling that may be passed for a reason on record, as far as a second one."""

    reason: Literal["required"]
    ceiling: FixedLength | None = None


class Limit(Model):
    """How long something is kept, at least or at most."""

    rule: RuleId
    side: Annotated[Side, member(Side)] | None = None
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


class Requirement(Model):
    """A paper without which a camera does not record.

    ``filing`` says which filing; ``valid`` how long one is good for; ``warn`` how long before
    its end warnings begin; ``grace`` how long the camera may record without it from its first day.
    """

    rule: RuleId
    paper: Annotated[Paper, member(Paper)]
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


class Forbidden(Model):
    """Kinds of places at which there is no camera."""

    rule: RuleId
    places: Annotated[tuple[Word, ...], BeforeValidator(many), Field(min_length=1)]


class Question(Model):
    """What somebody has to answer, and for what."""

    id: Code
    asks: Sentence
    for_: Annotated[Literal["recording", "release", "disclosure"], Field(alias="for")]
    rule: RuleId | None = None


class Purpose(Model):
    """What a camera, or a release, may be for.

    ``release`` says whether originals may be opened for it, ``sound`` whether it allows sound.
    """

    id: Code
    title: Annotated[str, Field(min_length=2, max_length=120)]
    legal_basis: Sentence
    source: Sources
    questions: Annotated[tuple[Question, ...], BeforeValidator(many)] = ()
    release: bool = True
    sound: bool = False

    @property
    def unverified(self) -> bool:
        """Whether its legal basis was not, or not all of it, read at its source."""
        return is_unverified(self.source)


class CalendarOf(Model):
    """Whose days are counted: a country's, with its holidays, or a time zone's, without.

    ``years`` says years that the country's calendar does not have, or has otherwise.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [{"required": ["country"]}, {"required": ["zone"]}],
            "dependentRequired": {"years": ["country"]},
        }
    )

    country: Country | None = None
    zone: str | None = None
    years: dict[int, Year] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one(self) -> CalendarOf:
        if (self.country is None) == (self.zone is None):
            raise ValueError("give country or zone")
        if self.years and self.country is None:
            raise ValueError("years are of a country")
        return self


class SignText(Model):
    """What a sign says in one language."""

    heading: Annotated[str, Field(min_length=2, max_length=120)]
    lines: Annotated[tuple[Wording, ...], BeforeValidator(many), Field(min_length=1)]


class Case(Model):
    """A rule's own test: facts in, outcome out."""

    rule: RuleId
    facts: dict[str, dict[str, Any]]
    at: Annotated[str, Field(max_length=40)]
    outcome: Annotated[Status, member(Status)]
    due: Annotated[str, Field(max_length=40)] | None = None


class Pack(Model):
    """One legal order's norms."""

    format: Literal["scrim-pack-v1"]
    id: PackId
    title: Annotated[str, Field(min_length=2, max_length=120)]
    edition: Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
    facts: Literal[1]
    language: Language
    calendar: CalendarOf
    about: Sentence
    rules: Annotated[tuple[Rule, ...], BeforeValidator(many), Field(min_length=1, max_length=500)]
    retention: Annotated[tuple[Limit, ...], BeforeValidator(many)] = ()
    purposes: Annotated[tuple[Purpose, ...], BeforeValidator(many)] = ()
    requires: Annotated[tuple[Requirement, ...], BeforeValidator(many)] = ()
    forbids: Annotated[tuple[Forbidden, ...], BeforeValidator(many)] = ()
    deadlines: dict[Word, RuleId] = Field(default_factory=dict)
    signs: dict[Language, SignText] = Field(default_factory=dict)
    letters: dict[Word, dict[Language, Wording]] = Field(default_factory=dict)
    documents: dict[Word, dict[Language, Wording]] = Field(default_factory=dict)
    tests: Annotated[tuple[Case, ...], BeforeValidator(many)] = ()

    @model_validator(mode="after")
    def _dated(self) -> Pack:
        try:
            date.fromisoformat(self.edition)
        except ValueError:
            raise ValueError(f"edition: there is no day {self.edition}") from None
        return self

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of all that it says, whatever its file looks like."""
        return hashlib.sha256(self.model_dump_json(by_alias=True).encode()).hexdigest()

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
    for model in ("Rule", "Purpose"):
        fields = made["$defs"][model]["properties"]
        # a single word is taken as a list of one
        fields["source"] = {"anyOf": [{"$ref": "#/$defs/Source"}, fields["source"]]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:scrim:{FORMAT}",
        **made,
    }
