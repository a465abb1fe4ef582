"""What is wrong with a pack that a model cannot say.

Rules:

1. An id stands once; a name leads to a rule that is there, and so to a citation.
2. Conditions are CEL over known facts of a group that the rule may ask about; a clock starts
   at a time, and counts working days only where holidays are known.
3. Texts have places that can be filled.
4. No two of the pack's own rules contradict each other.
"""

from __future__ import annotations

from collections.abc import Sequence

from scrim.clock import from_text
from scrim.errors import CalendarUnknown, FactsInvalid, NormsConflict
from scrim.norms import limits
from scrim.norms.calendar import Calendar
from scrim.norms.cel import CelError, compiled
from scrim.norms.deadlines import calendar_of
from scrim.norms.fact_table import BY_PATH
from scrim.norms.facts import READABLE, Facts, Kind
from scrim.norms.pack import Due, Pack, Rule
from scrim.norms.wording import places


def check_pack(pack: Pack) -> None:
    """What a model cannot say.

    Raises:
        ValueError: what is wrong, and where.
    """
    _once("rules", [rule.id for rule in pack.rules])
    _once("purposes", [purpose.id for purpose in pack.purposes])
    for purpose in pack.purposes:
        _once(f"purposes {purpose.id}, questions", [asked.id for asked in purpose.questions])
    _lead_somewhere(pack)
    calendar = _calendar(pack)
    for rule in pack.rules:
        _check_rule(rule, calendar)
    _check_texts(pack)
    _check_papers(pack)
    _check_cases(pack)
    try:
        limits.agree_within(pack)
    except NormsConflict as error:
        raise ValueError(f"retention: {error.message.rstrip('.')}") from None


def _once(where: str, ids: Sequence[str]) -> None:
    for id_ in ids:
        if ids.count(id_) > 1:
            raise ValueError(f"{where}: {id_} stands there twice")


def _lead_somewhere(pack: Pack) -> None:
    named = [("retention", limit.rule) for limit in pack.retention]
    named += [("requires", asked.rule) for asked in pack.requires]
    named += [("forbids", place.rule) for place in pack.forbids]
    named += [("deadlines", rule) for rule in pack.deadlines.values()]
    named += [("tests", case.rule) for case in pack.tests]
    named += [
        (f"purposes {purpose.id}", asked.rule)
        for purpose in pack.purposes
        for asked in purpose.questions
        if asked.rule is not None
    ]
    for where, id_ in named:
        if id_ not in pack.by_id:
            raise ValueError(f"{where}: there is no rule {id_}, so no citation")
    for kind, id_ in pack.deadlines.items():
        if pack.rule(id_).due is None:
            raise ValueError(f"deadlines {kind}: rule {id_} has no due")


def _calendar(pack: Pack) -> Calendar:
    try:
        return calendar_of(pack)
    except CalendarUnknown as error:
        raise ValueError(f"calendar: {error.message.rstrip('.')}") from None
    except ValueError as error:
        raise ValueError(f"calendar: {error}") from None


def _check_rule(rule: Rule, calendar: Calendar) -> None:
    for field in ("when", "check"):
        try:
            compiled(getattr(rule, field), rule.scope)
        except CelError as error:
            raise ValueError(f"rule {rule.id}, {field}: it {error}") from None
    if rule.due is not None:
        _check_due(rule, rule.due, calendar)


def _check_due(rule: Rule, due: Due, calendar: Calendar) -> None:
    _fact(rule, due.since, Kind.TIME, "from")
    lengths = [due.add]
    if due.longer is not None:
        _fact(rule, due.longer.when, Kind.BOOL, "longer, if")
        lengths.append(due.longer.add)
    if any(length.working_days for length in lengths) and not calendar.country:
        raise ValueError(
            f"rule {rule.id}, due: working days need calendar: country, whose holidays are known"
        )


def _fact(rule: Rule, path: str, kind: Kind, field: str) -> None:
    fact = BY_PATH.get(path.removeprefix("facts."))
    if fact is None:
        raise ValueError(f"rule {rule.id}, due, {field}: {path} is not in the table of facts")
    if fact.group not in READABLE[rule.scope]:
        raise ValueError(
            f"rule {rule.id}, due, {field}: a rule about a {rule.scope} cannot know {path}"
        )
    if fact.kind is not kind:
        raise ValueError(f"rule {rule.id}, due, {field}: {path} is a {fact.kind}, not a {kind}")


def _check_texts(pack: Pack) -> None:
    texts = [
        (f"signs {language}", line) for language, sign in pack.signs.items() for line in sign.lines
    ]
    for section in ("letters", "documents"):
        texts += [
            (f"{section} {name} {language}", text)
            for name, languages in getattr(pack, section).items()
            for language, text in languages.items()
        ]
    for language, sign in pack.signs.items():
        if "{" in sign.heading or "}" in sign.heading:
            raise ValueError(f"signs {language}: a heading has no places, and so no braces")
    for where, text in texts:
        try:
            places(text)
        except ValueError as error:
            raise ValueError(f"{where}: {error}") from None


def _check_papers(pack: Pack) -> None:
    seen = set()
    for asked in pack.requires:
        key = (asked.paper, asked.filing, asked.where)
        if key in seen:
            raise ValueError(f"requires: {asked.paper} is asked for twice, by {asked.rule} too")
        seen.add(key)
    forbidden = [place for entry in pack.forbids for place in entry.places]
    _once("forbids", forbidden)


def _check_cases(pack: Pack) -> None:
    for number, case in enumerate(pack.tests, 1):
        try:
            Facts(case.facts)
            from_text(case.at)
            if case.due is not None:
                from_text(case.due)
        except FactsInvalid as error:
            raise ValueError(
                f"tests number {number} ({case.rule}): {error.message.rstrip('.')}"
            ) from None
        except (ValueError, OverflowError):
            raise ValueError(f"tests number {number} ({case.rule}): at or due is no time") from None
