"""Reading a pack, and refusing one that is not right.

Rules:

1. A pack is taken whole or not at all; what was in force stays so until a better one is
   loaded, which is up to the caller.
2. Every error names the file, the rule or field, and what to do.
3. What a model cannot say is checked here: ids stand once, names lead to rules that are
   there, conditions are CEL over known facts, texts have places that can be filled,
   and no two of the pack's own rules contradict each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from scrim.clock import from_text
from scrim.errors import CalendarUnknown, FactsInvalid, NormsConflict, PackInvalid
from scrim.norms import limits
from scrim.norms.calendar import Calendar, of_country, without_holidays
from scrim.norms.cel import CelError, compiled
from scrim.norms.clocks import Deadline
from scrim.norms.fact_table import BY_PATH
from scrim.norms.facts import READABLE, Facts, Kind
from scrim.norms.pack import Due, Pack, Rule
from scrim.norms.wording import places
from scrim.norms.yaml_file import parsed, read

_SHIPPED: Final = Path(__file__).parent / "packs"

_REMEDY: Final = (
    "Correct the file; docs/guide/write-a-pack.md shows how, scrim norms test tries it."
)


def shipped() -> tuple[str, ...]:
    """Ids of the packs that come with Scrim."""
    return tuple(sorted(path.stem for path in _SHIPPED.glob("*.yaml")))


def load(path: Path) -> Pack:
    """The pack of a file.

    Raises:
        PackInvalid: it cannot be read or is not right; says where and why.
    """
    try:
        return pack_from(read(path), path.name)
    except OSError as error:
        raise PackInvalid(
            f"{path.name} cannot be read: {error.strerror}.", "Check the path and its permissions."
        ) from None


def load_all(folder: Path | None = None, ids: Sequence[str] | None = None) -> dict[str, Pack]:
    """The packs that are shipped and those of a folder, by id.

    Args:
        folder: of a deployment's own packs, ``*.yaml``; one of them may take the place of
            a shipped one by having its id.
        ids: those wanted; all by default.

    Raises:
        PackInvalid: one is not right, two files have one id, two packs have a rule of one
            id, or one that is wanted is not there.
    """
    own = _by_name(folder.glob("*.yaml")) if folder is not None else {}
    if folder is not None and not folder.is_dir():
        raise PackInvalid(f"There is no folder {folder.name}.", "Check norms.packs_folder.")
    found: dict[str, Pack] = {}
    for path in own.values():
        pack = load(path)
        if pack.id in found:
            raise PackInvalid(f"{path.name}: id: {pack.id} is another file's too.", _REMEDY)
        found[pack.id] = pack
    for name in shipped():
        if name not in found and (ids is None or name in ids):
            found[name] = load(_SHIPPED / f"{name}.yaml")
    missing = [id_ for id_ in ids or () if id_ not in found]
    if missing:
        raise PackInvalid(
            f"There is no pack {missing[0]!r}.", f"There are {', '.join({*found, *shipped()})}."
        )
    wanted = {id_: pack for id_, pack in found.items() if ids is None or id_ in ids}
    _distinct(wanted.values())
    return wanted


def _by_name(paths: Iterable[Path]) -> dict[str, Path]:
    return {path.name: path for path in sorted(paths)}


def _distinct(packs: Iterable[Pack]) -> None:
    seen: dict[str, str] = {}
    for pack in packs:
        for rule in pack.rules:
            if rule.id in seen:
                raise PackInvalid(
                    f"Rule {rule.id} stands in the packs {seen[rule.id]} and {pack.id}.",
                    "Give one of them another id.",
                )
            seen[rule.id] = pack.id


def pack_from(data: bytes, name: str) -> Pack:
    """The pack of a file's bytes.

    Args:
        data: YAML.
        name: the file's, for messages.

    Raises:
        PackInvalid: as :func:`load`.
    """
    try:
        value = parsed(data)
    except ValueError as error:
        raise PackInvalid(f"{name}: {error}.", _REMEDY) from None
    if not isinstance(value, dict):
        raise PackInvalid(f"{name} is not a pack: no names and values.", _REMEDY)
    try:
        pack = Pack.model_validate(value)
    except ValidationError as error:
        first = error.errors()[0]
        where = _place(value, first["loc"])
        more = error.error_count() - 1
        also = f" ({more} more of the kind)" if more else ""
        message = first["msg"].removeprefix("Value error, ")
        raise PackInvalid(f"{name}: {where}: {message}{also}.", _REMEDY) from None
    except RecursionError:
        raise PackInvalid(f"{name} is nested too deep.", _REMEDY) from None
    try:
        _check(pack)
    except ValueError as error:
        raise PackInvalid(f"{name}: {error}.", _REMEDY) from None
    return pack


def calendar_of(pack: Pack, folder: Path | None = None) -> Calendar:
    """Whose days the pack counts.

    Raises:
        CalendarUnknown: no file for its country.
    """
    if pack.calendar.country is not None:
        return of_country(pack.calendar.country, folder)
    assert pack.calendar.zone is not None
    return without_holidays(pack.calendar.zone)


def deadline(pack: Pack, kind: str, folder: Path | None = None) -> Deadline | None:
    """The pack's deadline for ``subject-request``, ``breach-authority``, ``filing-…``; or none."""
    if kind not in pack.deadlines:
        return None
    rule = pack.rule(pack.deadlines[kind])
    assert rule.due is not None
    longer = rule.due.longer.add.span if rule.due.longer is not None else None
    return Deadline(rule.id, rule.due.add.span, longer, calendar_of(pack, folder))


def _place(value: Any, loc: tuple[int | str, ...]) -> str:
    """Where in a file: ``rule hk-01, check`` in place of ``rules.0.check``."""
    words: list[str] = []
    for step in loc:
        value = _inside(value, step)
        if isinstance(step, int):
            id_ = (value.get("id") or value.get("rule")) if isinstance(value, dict) else None
            section = words.pop() if words else ""
            words.append(f"{section} {id_ if isinstance(id_, str) else f'number {step + 1}'},")
        elif not step.startswith(("function-", "tuple[", "literal[")):
            words.append(step)
    return " ".join(words).rstrip(",") or "the file"


def _inside(value: Any, step: int | str) -> Any:
    try:
        return value[step]
    except (KeyError, IndexError, TypeError):
        return value


def _check(pack: Pack) -> None:
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
            raise ValueError(f"tests number {number} ({case.rule}): {error.message}") from None
        except (ValueError, OverflowError):
            raise ValueError(f"tests number {number} ({case.rule}): at or due is no time") from None
