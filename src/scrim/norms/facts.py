"""Facts: what is so, in words and numbers that a rule can ask about.

Rules:

1. A fact is one of the table (``fact_table``): a name in a group, a kind, a unit,
   a sentence.  Nothing else can be asked by a rule or handed to it.
2. A value is of its fact's kind, or ``None`` where the table says that there may be
   none.  A length or count is not negative.
3. No fact holds personal data: not who owns a camera, but whether an owner is named.
4. A fact that is not given is not known, which is not the same as ``None``.

The table has a version.  Facts may be added to a version; one that changes its meaning
or goes makes a new one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias, TypeGuard

from scrim.clock import from_text, to_text
from scrim.errors import FactsInvalid

VERSION: Final = 1

LARGEST: Final = 2**53 - 1
LONGEST_TEXT: Final = 2000
MOST_WORDS: Final = 1000

Value: TypeAlias = None | bool | int | str | tuple[str, ...]

_WORD = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9-]{0,63}")


class Group(StrEnum):
    """What a fact is about."""

    DEPLOYMENT = "deployment"
    SITE = "site"
    CAMERA = "camera"
    REQUEST = "request"
    FILING = "filing"
    BREACH = "breach"


READABLE: Final[Mapping[Group, tuple[Group, ...]]] = {
    Group.DEPLOYMENT: (Group.DEPLOYMENT,),
    Group.SITE: (Group.SITE, Group.DEPLOYMENT),
    Group.CAMERA: (Group.CAMERA, Group.SITE, Group.DEPLOYMENT),
    Group.REQUEST: (Group.REQUEST, Group.DEPLOYMENT),
    Group.FILING: (Group.FILING, Group.DEPLOYMENT),
    Group.BREACH: (Group.BREACH, Group.DEPLOYMENT),
}
"""The groups that a rule about each may ask: a camera's rule may ask about its site."""


class Kind(StrEnum):
    """What values a fact has."""

    BOOL = "bool"
    COUNT = "count"
    SECONDS = "seconds"
    TIME = "time"
    WORD = "word"
    TEXT = "text"
    WORDS = "words"


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that can be asked.

    Attributes:
        group: what it is about.
        name: of ``a-z``, digits and ``_``.
        kind: what values it has.
        meaning: one sentence.
        optional: whether ``None`` is a value: there is none of it.
    """

    group: Group
    name: str
    kind: Kind
    meaning: str
    optional: bool = False

    @property
    def path(self) -> str:
        """As a rule has it, without ``facts.``: ``camera.recording``."""
        return f"{self.group}.{self.name}"

    @property
    def unit(self) -> str:
        return _UNITS[self.kind]

    def checked(self, value: object) -> Value:
        """``value`` as the table keeps it; a time may be ISO 8601 text.

        Raises:
            FactsInvalid: not of this kind.
        """
        if value is None:
            if self.optional:
                return None
            raise FactsInvalid(f"facts.{self.path} has no value.", f"Give {_SAYS[self.kind]}.")
        kept = _taken(self.kind, value)
        if kept is None:
            raise FactsInvalid(
                f"facts.{self.path} is {str(value)[:60]!r}.", f"Give {_SAYS[self.kind]}."
            )
        return kept


_UNITS: Final[Mapping[Kind, str]] = {
    Kind.BOOL: "true or false",
    Kind.COUNT: "whole number",
    Kind.SECONDS: "whole seconds",
    Kind.TIME: "UTC",
    Kind.WORD: "word",
    Kind.TEXT: "text",
    Kind.WORDS: "list of words",
}

_SAYS: Final[Mapping[Kind, str]] = {
    Kind.BOOL: "true or false",
    Kind.COUNT: "a whole number of 0 or more",
    Kind.SECONDS: "whole seconds, 0 or more",
    Kind.TIME: "a time such as 2026-11-22T07:13:00Z",
    Kind.WORD: "a word of letters, digits and -",
    Kind.TEXT: f"text of up to {LONGEST_TEXT} characters",
    Kind.WORDS: "a list of words of letters, digits and -",
}


def _taken(kind: Kind, value: object) -> Value:
    """``value`` as it is kept, ``None`` where it does not fit."""
    match kind:
        case Kind.BOOL:
            return value if isinstance(value, bool) else None
        case Kind.COUNT | Kind.SECONDS:
            return value if _is_whole(value) else None
        case Kind.TIME:
            return _moment(value)
        case Kind.WORD:
            return value if _is_word(value) else None
        case Kind.TEXT:
            return value if isinstance(value, str) and len(value) <= LONGEST_TEXT else None
        case Kind.WORDS:
            if not isinstance(value, list | tuple | set | frozenset) or len(value) > MOST_WORDS:
                return None
            return tuple(sorted(set(value))) if all(map(_is_word, value)) else None


def _is_whole(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST


def _is_word(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and _WORD.fullmatch(value) is not None


def _moment(value: object) -> int | None:
    if isinstance(value, str):
        try:
            value = from_text(value)
        except (ValueError, OverflowError):
            return None
    return value if _is_whole(value) else None


class Facts:
    """What is so of one subject, group by group, each value checked once.

    Args:
        groups: values by group and name.

    Raises:
        FactsInvalid: a name that is not in the table, or a value of another kind.
    """

    __slots__ = ("_groups",)

    def __init__(self, groups: Mapping[str, Mapping[str, object]]) -> None:
        from scrim.norms.fact_table import ALWAYS, BY_PATH

        kept: dict[str, dict[str, Value]] = {}
        for group, values in groups.items():
            if group not in list(Group):
                raise FactsInvalid(
                    f"There are no facts about {str(group)[:40]!r}.",
                    f"Groups are {', '.join(Group)}.",
                )
            if not isinstance(values, Mapping):
                raise FactsInvalid(f"facts.{group} is not names and values.", "Write NAME: VALUE.")
            mine: dict[str, Value] = dict(ALWAYS.get(Group(group), {}))
            for name, value in values.items():
                fact = BY_PATH.get(f"{group}.{name}")
                if fact is None:
                    raise FactsInvalid(
                        f"There is no fact facts.{group}.{str(name)[:60]}.",
                        "docs/ref/facts.md lists them; scrim norms facts prints them.",
                    )
                mine[fact.name] = fact.checked(value)
            kept[Group(group).value] = mine
        self._groups: Mapping[str, Mapping[str, Value]] = kept

    @classmethod
    def joined(cls, *parts: Facts) -> Facts:
        """Facts of several groups as one, values shared and not checked again.

        A camera's facts are joined to its site's and the deployment's.  Of a group that
        stands in several, the last is taken whole.
        """
        whole = cls.__new__(cls)
        groups: dict[str, Mapping[str, Value]] = {}
        for part in parts:
            groups.update(part._groups)
        whole._groups = groups
        return whole

    def knows(self, group: str, name: str) -> bool:
        """Whether a value was given."""
        return name in self._groups.get(group, ())

    def value(self, group: str, name: str) -> Value:
        """The value.

        Raises:
            KeyError: it is not known.
        """
        return self._groups[group][name]

    def missing(self, group: Group) -> Iterator[str]:
        """Names of the group's facts that were not given; whoever computes facts gives all."""
        from scrim.norms.fact_table import TABLE

        mine = self._groups.get(group, {})
        return (fact.name for fact in TABLE if fact.group == group and fact.name not in mine)

    def groups(self) -> Mapping[str, Mapping[str, Value]]:
        return self._groups


def shown(fact: Fact, value: Value) -> bool | int | str | list[str] | None:
    """A value for people and JSON: a time as text."""
    if isinstance(value, tuple):
        return list(value)
    if fact.kind is Kind.TIME and isinstance(value, int):
        return to_text(value)
    return value


def page() -> str:
    """``docs/ref/facts.md``, made from the table."""
    from scrim.norms.fact_table import TABLE

    lines = [
        f"# Facts, version {VERSION}",
        "",
        "What a rule of a [norm pack](formats/norms.md) may ask about. Made from the table in",
        "`scrim.norms.fact_table` by `scrim norms facts --page`; a test keeps both equal.",
        "Times are UTC; lengths are whole seconds; counts are whole numbers of 0 or more.",
        "*May be null* means that there may be none of it. No fact holds personal data.",
    ]
    for group in Group:
        also = ", ".join(f"`{other}`" for other in READABLE[group] if other != group)
        lines += ["", f"## {group}", ""]
        if also:
            lines += [f"A rule about a {group} may also ask about its {also}.", ""]
        lines += ["| fact | type | unit | meaning |", "|---|---|---|---|"]
        lines += [
            f"| `facts.{fact.path}` | {fact.kind}{', may be null' if fact.optional else ''} "
            f"| {fact.unit} | {fact.meaning} |"
            for fact in TABLE
            if fact.group == group
        ]
    return "\n".join(lines) + "\n"
