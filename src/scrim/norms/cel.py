"""Checks in CEL, typed against the table of facts and compiled once.

``cel-python`` parses; its grammar is that of the Common Expression Language.  What it
parsed is turned into Python closures over plain values here, because its own evaluators
take 0.2 to 1.5 ms for an expression, and the quick one writes and runs Python source.
Tests hold these closures against its interpreter on made-up expressions and facts.

Rules:

1. The part of CEL that is taken: ``facts.GROUP.NAME``, ``now``, ``true``, ``false``,
   ``null``, whole numbers, text, lists of text, ``! - * + && || == != < <= > >= in ?:``,
   ``size(LIST)``, ``timestamp("…")``, ``duration("…")`` and ``LIST.all(w, …)``,
   ``LIST.exists(w, …)``, not one in another.  No division, no fractions, no regular expressions.
2. Every operator's types are known when a pack is loaded: what would be "no such overload"
   at midnight is refused in the morning.
3. A value that is not known makes what it is in undecided, and so does null, which only
   ``==``, ``!=`` and ``in`` take; unless the other side of ``&&`` or ``||`` decides it alone, on
   whichever side it stands (CEL's own rules).
4. An expression can read, not do; its work is bounded by its length and its facts'.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from scrim.norms.cel_nodes import (
    INT64,
    CelError,
    Groups,
    Node,
    Run,
    Type,
    constant,
    either,
    fact_node,
    macro,
    operation,
    refused,
)
from scrim.norms.cel_text import seconds_of, text_of, time_of
from scrim.norms.fact_table import BY_PATH
from scrim.norms.facts import READABLE, Group

LONGEST: Final = 2000
DEEPEST: Final = 40

__all__ = ["CelError", "Expression", "compiled"]


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled condition.

    Attributes:
        text: as it was written.
        reads: the facts it refers to, group and name, in order.
        timed: whether it asks what time it is.
        holds: ``holds(groups, now_us)``; raises :class:`~scrim.norms.cel_nodes.Undecided`.
    """

    text: str
    reads: tuple[tuple[str, str], ...]
    timed: bool
    holds: Callable[[Groups, int], bool]


@lru_cache(maxsize=4096)
def compiled(text: str, scope: Group) -> Expression:
    """Compile a condition for a rule about ``scope``.

    Raises:
        CelError: not CEL, not of the part that is taken, a fact that is not in the table
            or not readable by such a rule, types that do not fit, or no condition.
    """
    from celpy.celparser import CELParseError, CELParser

    if len(text) > LONGEST:
        raise CelError(f"is longer than {LONGEST} characters")
    if max(text.count(mark) for mark in "([{!") > DEEPEST:
        raise CelError(f"has more than {DEEPEST} brackets of a kind")
    try:
        tree = CELParser().parse(text)
        compiler = _Compiler(scope)
        node = compiler.node(tree)
    except CELParseError as error:
        line, column = getattr(error, "line", None), getattr(error, "column", None)
        at = f" at line {line}, column {column}" if line and line > 0 else " where it ends"
        raise CelError(f"is not CEL{at}") from None
    except RecursionError:
        raise CelError("is nested too deep") from None
    if node.type is not Type.BOOL:
        raise CelError(f"is {node.type}, not a condition")
    run = node.run

    def holds(groups: Groups, now_us: int) -> bool:
        return bool(run(groups, now_us, ""))

    return Expression(text, tuple(compiler.reads), compiler.timed, holds)


_BINARY: Final[Mapping[str, str]] = {
    "relation_lt": "<",
    "relation_le": "<=",
    "relation_gt": ">",
    "relation_ge": ">=",
    "relation_eq": "==",
    "relation_ne": "!=",
    "relation_in": "in",
    "addition_add": "+",
    "addition_sub": "-",
    "multiplication_mul": "*",
}


_LEVELS: Final = ("conditionalor", "conditionaland", "relation", "addition", "multiplication")


class _Compiler:
    """Walks what ``cel-python`` parsed, once."""

    def __init__(self, scope: Group) -> None:
        self._scope = scope
        self._word: str | None = None  # the name that a macro gives to each word
        self.reads: dict[tuple[str, str], None] = {}
        self.timed = False

    def node(self, tree: Any) -> Node:
        kind, parts = str(tree.data), tree.children
        if len(parts) == 1 and kind in _PLAIN:
            return self.node(parts[0])
        match kind:
            case "expr":
                return either(*map(self.node, parts))
            case "conditionalor":
                return operation("||", *map(self.node, parts))
            case "conditionaland":
                return operation("&&", *map(self.node, parts))
            case "relation" | "addition" | "multiplication" | "unary":
                return self._operation(kind, parts)
            case "literal":
                return _literal(parts[0].type, str(parts[0]))
            case "list_lit":
                return self._list(parts)
            case "ident":
                return self._ident(str(parts[0]))
            case "ident_arg":
                return self._call(str(parts[0]), _arguments(parts))
            case "member_dot":
                return self._fact(tree)
            case "member_dot_arg":
                return self._macro(parts)
        raise refused(kind.replace("_", " "))

    def _operation(self, kind: str, parts: Any) -> Node:
        if kind == "unary":
            return operation("!" if parts[0].data == "unary_not" else "neg", self.node(parts[1]))
        sign = _BINARY.get(str(parts[0].data))
        if sign is None:
            raise refused("division")
        return operation(sign, self.node(parts[0].children[0]), self.node(parts[1]))

    def _list(self, parts: Any) -> Node:
        items = [self.node(item) for item in parts[0].children] if parts else []
        if any(item.type is not Type.STRING or item.value is None for item in items):
            raise CelError("has a list of something else than text in quotes")
        return constant(Type.WORDS, tuple(item.value for item in items))

    def _ident(self, name: str) -> Node:
        if name == "now":
            self.timed = True
            return Node(Type.TIME, _now)
        if name == self._word:
            return Node(Type.STRING, _bound)
        raise CelError(f"says {name!r}, which is not known; facts are facts.GROUP.NAME")

    def _fact(self, tree: Any) -> Node:
        names = _dotted(tree)
        path = ".".join(names[1:])
        if names[0] != "facts" or len(names) != 3 or path not in BY_PATH:
            raise CelError(f"asks for {'.'.join(names)}, which is not in the table of facts")
        fact = BY_PATH[path]
        if fact.group not in READABLE[self._scope]:
            raise CelError(f"asks for facts.{path}, which a rule about a {self._scope} cannot know")
        self.reads[(fact.group.value, fact.name)] = None
        return fact_node(fact)

    def _call(self, name: str, given: list[Any]) -> Node:
        if len(given) != 1:
            raise CelError(f"gives {name}() {len(given)} values in place of one")
        inner = self.node(given[0])
        if name == "size" and inner.type is Type.WORDS:
            return Node(Type.INT, _size(inner.run))
        if name in ("timestamp", "duration") and isinstance(inner.value, str):
            read, kind = (
                (time_of, Type.TIME) if name == "timestamp" else (seconds_of, Type.DURATION)
            )
            return constant(kind, read(inner.value))
        if name in ("size", "timestamp", "duration"):
            raise CelError(f"gives {name}() {inner.type}")
        raise CelError(f"calls {name}(), which is not known")

    def _macro(self, parts: Any) -> Node:
        name, given = str(parts[1]), _arguments(parts)
        if name not in ("all", "exists") or len(given) != 2:
            raise CelError(f"calls .{name}(), which is not known")
        if self._word is not None:
            raise CelError("has a macro in a macro")
        over = self.node(parts[0])
        if over.type is not Type.WORDS:
            raise CelError(f"calls .{name}() of {over.type}")
        names = _dotted(given[0])
        if len(names) != 1 or names[0] in ("facts", "now"):
            raise CelError(f"gives .{name}() no name for a word")
        self._word = names[0]
        try:
            each = self.node(given[1])
        finally:
            self._word = None
        return macro(name, over, each)


_PLAIN: Final = frozenset({"expr", "member", "primary", "paren_expr", "unary", *_LEVELS})


def _arguments(parts: Any) -> list[Any]:
    last = parts[-1]
    return list(last.children) if getattr(last, "data", None) == "exprlist" else []


def _dotted(tree: Any) -> list[str]:
    """The names of ``a.b.c``; an empty first one where it is anything else."""
    while len(tree.children) == 1 and str(tree.data) in _PLAIN:
        tree = tree.children[0]
    if tree.data == "ident":
        return [str(tree.children[0])]
    if tree.data == "member_dot":
        return [*_dotted(tree.children[0]), str(tree.children[1])]
    return [""]


def _literal(kind: str, text: str) -> Node:
    match kind:
        case "BOOL_LIT":
            return constant(Type.BOOL, text == "true")
        case "NULL_LIT":
            return constant(Type.NULL, None)
        case "INT_LIT":
            number = int(text, 16 if "0x" in text else 10)
            if not -INT64 <= number < INT64:
                raise CelError(f"has the number {text[:30]}, which is too large")
            return constant(Type.INT, number)
        case "STRING_LIT":
            return constant(Type.STRING, text_of(text))
    raise refused(kind.removesuffix("_LIT").lower() + " literals")


def _now(_groups: Groups, now: int, _word: str) -> int:
    return now


def _bound(_groups: Groups, _now: int, word: str) -> str:
    return word


def _size(of: Run) -> Run:
    return lambda groups, now, word: len(of(groups, now, word))
