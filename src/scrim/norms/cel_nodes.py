"""Compiled parts of an expression: a type, and a closure that gives the value.

Values are plain Python: times and durations are microseconds, lists are tuples of text.
A closure takes the groups of facts, the time now and the word that a macro is at.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, TypeAlias, cast

from scrim.norms.facts import Fact, Kind, Value

Groups: TypeAlias = Mapping[str, Mapping[str, Value]]
Run: TypeAlias = Callable[[Groups, int, str], Any]

INT64: Final = 2**63


class CelError(ValueError):
    """An expression is not what it should be; says what, to follow "the check"."""


class Undecided(Exception):
    """A value that decides is null or not known; says which."""


class Type(StrEnum):
    """What a part of an expression is."""

    BOOL = "true or false"
    INT = "a number"
    STRING = "text"
    TIME = "a time"
    DURATION = "a duration"
    WORDS = "a list of text"
    NULL = "null"


@dataclass(frozen=True, slots=True)
class Node:
    """A part of an expression.

    Attributes:
        type: of its value.
        run: gives the value.
        value: the value where it is always the same.
        optional: whether it may be null.
        raw: as ``run``, but null is given as ``None`` and not undecided.
    """

    type: Type
    run: Run
    value: Any = None
    optional: bool = False
    raw: Run | None = None


_OF_KIND: Final[Mapping[Kind, Type]] = {
    Kind.BOOL: Type.BOOL,
    Kind.COUNT: Type.INT,
    Kind.SECONDS: Type.INT,
    Kind.TIME: Type.TIME,
    Kind.WORD: Type.STRING,
    Kind.TEXT: Type.STRING,
    Kind.WORDS: Type.WORDS,
}


def refused(what: str) -> CelError:
    """That this part of CEL is not taken."""
    return CelError(f"has {what}, which rules do without")


def constant(type_: Type, value: Any) -> Node:
    """A value that is always the same."""
    return Node(type_, lambda _groups, _now, _word: value, value)


def fact_node(fact: Fact) -> Node:
    """The value of a fact."""
    group, name, path = fact.group.value, fact.name, fact.path

    def raw(groups: Groups, _now: int, _word: str) -> Value:
        try:
            return groups[group][name]
        except KeyError:
            raise Undecided(f"facts.{path} is not known") from None

    def run(groups: Groups, now: int, word: str) -> Value:
        value = raw(groups, now, word)
        if value is None:
            raise Undecided(f"facts.{path} is null")
        return value

    return Node(_OF_KIND[fact.kind], run, optional=fact.optional, raw=raw)


def operation(sign: str, *sides: Node) -> Node:
    """An operator and what it is applied to.

    Raises:
        CelError: there is no such operator for these types.
    """
    types = tuple(side.type for side in sides)
    if sign in ("==", "!=") and Type.NULL in types:
        return _null_test(sign, *sides)
    if sign in ("&&", "||") and types == (Type.BOOL, Type.BOOL):
        return Node(Type.BOOL, _shortcut(sides[0].run, sides[1].run, sign == "||"))
    if sign == "!" and types == (Type.BOOL,):
        run = sides[0].run
        return Node(Type.BOOL, lambda groups, now, word: not run(groups, now, word))
    if sign == "neg" and types == (Type.INT,):
        return operation("-", constant(Type.INT, 0), sides[0])
    made = _made(sign, types)
    if made is None:
        shown = sign.replace("neg", "-")
        words = " and ".join(types) if len(types) > 1 else types[0]
        raise CelError(f"applies {shown} to {words}")
    type_, function = made
    left, right = sides[0].run, sides[1].run
    if sign in _SAME or sign == "in":
        # nothing but null equals null, so this much is decided
        left, right = sides[0].raw or left, sides[1].raw or right
    if type_ is Type.INT:
        return Node(type_, _bounded(left, right, function))
    return Node(type_, lambda g, now, word: function(left(g, now, word), right(g, now, word)))


_ORDER: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_SAME: Final[Mapping[str, Callable[[Any, Any], Any]]] = {"==": operator.eq, "!=": operator.ne}
_NUMBERS: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
}
_TIMES: Final[Mapping[tuple[str, Type, Type], Type]] = {
    ("+", Type.TIME, Type.DURATION): Type.TIME,
    ("+", Type.DURATION, Type.TIME): Type.TIME,
    ("-", Type.TIME, Type.DURATION): Type.TIME,
    ("-", Type.TIME, Type.TIME): Type.DURATION,
    ("+", Type.DURATION, Type.DURATION): Type.DURATION,
    ("-", Type.DURATION, Type.DURATION): Type.DURATION,
}


def _made(sign: str, types: tuple[Type, ...]) -> tuple[Type, Callable[[Any, Any], Any]] | None:
    """The type of a result and how it is made; ``None``: no such operator."""
    if len(types) != 2:
        return None
    left, right = types
    if sign == "in" and types == (Type.STRING, Type.WORDS):
        return Type.BOOL, lambda word, words: word in words
    if sign in _SAME and left is right and left is not Type.WORDS:
        return Type.BOOL, _SAME[sign]
    if sign in _ORDER and left is right and left in (Type.INT, Type.TIME, Type.DURATION):
        return Type.BOOL, _ORDER[sign]
    if sign in _NUMBERS and types == (Type.INT, Type.INT):
        return Type.INT, _NUMBERS[sign]
    result = _TIMES.get((sign, left, right))
    return (result, _NUMBERS[sign]) if result is not None else None


def _bounded(left: Run, right: Run, function: Callable[[Any, Any], Any]) -> Run:
    def run(groups: Groups, now: int, word: str) -> int:
        number = int(function(left(groups, now, word), right(groups, now, word)))
        if not -INT64 <= number < INT64:
            raise Undecided("a number is too large")
        return number

    return run


def _shortcut(left: Run, right: Run, decides: bool) -> Run:
    """``||`` where ``decides`` is true, ``&&`` where it is false."""

    def run(groups: Groups, now: int, word: str) -> bool:
        try:
            if cast("bool", left(groups, now, word)) is decides:
                return decides
        except Undecided:
            if cast("bool", right(groups, now, word)) is decides:
                return decides
            raise
        return bool(right(groups, now, word))

    return run


def _null_test(sign: str, *sides: Node) -> Node:
    value = next((side for side in sides if side.type is not Type.NULL), None)
    if value is None or not value.optional or value.raw is None:
        raise CelError("compares with null what is never null")
    raw, wanted = value.raw, sign == "=="
    return Node(Type.BOOL, lambda g, now, word: (raw(g, now, word) is None) is wanted)


def either(condition: Node, then: Node, otherwise: Node) -> Node:
    """``condition ? then : otherwise``.

    Raises:
        CelError: no condition, or two types.
    """
    if condition.type is not Type.BOOL or then.type is not otherwise.type:
        raise CelError("has ?: with no condition, or with sides of two types")
    when, yes, no = condition.run, then.run, otherwise.run
    return Node(then.type, lambda g, now, word: (yes if when(g, now, word) else no)(g, now, word))


def macro(name: str, over: Node, each: Node) -> Node:
    """``LIST.all(w, …)`` or ``LIST.exists(w, …)``.

    Raises:
        CelError: what is asked of each word is no condition.
    """
    if each.type is not Type.BOOL:
        raise CelError(f"asks .{name}() for {each.type}")
    words, asked, decides = over.run, each.run, name == "exists"

    def run(groups: Groups, now: int, outer: str) -> bool:
        unknown: Undecided | None = None
        for word in words(groups, now, outer):
            try:
                if cast("bool", asked(groups, now, word)) is decides:
                    return decides
            except Undecided as error:
                unknown = error
        if unknown is not None:
            raise unknown
        return not decides

    return Node(Type.BOOL, run)
