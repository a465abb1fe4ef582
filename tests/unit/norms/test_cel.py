from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from celpy import Environment, celtypes
from celpy.evaluation import CELEvalError
from hypothesis import given, settings
from hypothesis import strategies as st

from scrim.clock import SECOND, from_text
from scrim.norms.cel import LONGEST, CelError, compiled
from scrim.norms.cel_nodes import Groups, Undecided
from scrim.norms.facts import Facts, Group

NOW = from_text("2026-03-01T00:00:00Z")


def holds(text: str, **camera: object) -> bool:
    return compiled(text, Group.CAMERA).holds(Facts({"camera": camera}).groups(), NOW)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("true", True),
        ("!true || false", False),
        ("1 + 2 * 3 == 7", True),
        ("(1 + 2) * 3 == 9 && -1 < 0", True),
        ("facts.camera.sealed_floor >= 30 * 86400", True),
        ("facts.camera.place in ['street', 'station']", True),
        ("facts.camera.place != 'street'", False),
        ("size(facts.camera.covers) == 2", True),
        ("['faces', 'plates'].all(what, what in facts.camera.covers)", True),
        ("facts.camera.covers.exists(what, what == 'persons')", False),
        ("facts.camera.sign_expires == null", True),
        ("facts.camera.sign_expires != null", False),
        ("facts.camera.sign_expires == null || now < facts.camera.sign_expires", True),
        ("now - facts.camera.in_use_since <= duration('24h')", True),
        ("facts.camera.in_use_since + duration('23h59m59s') < now", True),
        ("timestamp('2026-03-01T00:00:00Z') == now", True),
        ("facts.camera.sign ? false : facts.camera.recording", True),
        ("now == now // a remark", True),
    ],
)
def test_what_a_condition_says(text: str, expected: bool) -> None:
    facts: dict[str, object] = {
        "sealed_floor": 30 * 86400,
        "place": "street",
        "covers": ["faces", "plates"],
        "sign_expires": None,
        "in_use_since": "2026-02-28T00:00:00Z",
        "sign": False,
        "recording": True,
    }
    assert holds(text, **facts) is expected


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("1 +", "not CEL at line 1"),
        ("", "not CEL"),
        ("\x00", "not CEL"),
        ("1", "is a number, not a condition"),
        ("facts.camera.colour == 'red'", "facts.camera.colour, which is not in the table"),
        ("facts.request.due < now", "a rule about a camera cannot know"),
        ("facts['camera'].sign", "not in the table"),
        ("facts.camera", "not in the table"),
        ("facts.camera.sign.more", "not in the table"),
        ("foo", "'foo', which is not known"),
        ("facts.camera.place < 3", "applies < to text and a number"),
        ("facts.camera.sign == 1", "applies == to true or false and a number"),
        ("facts.camera.sign && 1", "applies &&"),
        ("!facts.camera.place", "applies ! to text"),
        ("facts.camera.sealed_floor == null", "never null"),
        ("null == null", "never null"),
        ("1 / 0 == 1", "division"),
        ("1.5 < 2.5", "float"),
        ("b'x' == b'x'", "bytes"),
        ("{'a': 1} == {'a': 1}", "map"),
        ("'a'.matches('(a+)+$')", ".matches()"),
        ("has(facts.camera.sign)", "has()"),
        ("eval('1') == 1", "eval()"),
        ("size(now) == 1", "size()"),
        ("size() == 1", "0 values"),
        ("[1, 2].exists(x, true)", "a list of something else"),
        ("['a'].all(x, ['b'].all(y, x == y))", "a macro in a macro"),
        ("['a'].all(now, true)", "no name"),
        ("['a'].all(x, x)", "for text"),
        ("timestamp('2026-02-30T00:00:00Z') < now", "'2026-02-30T00:00:00Z', which is none"),
        ("timestamp('2026-02-03T00:00:00') < now", "which is none"),
        ("duration('3 days') < duration('1h')", "which is none"),
        ("99999999999999999999 > 1", "too large"),
        (r"'a\x41' == 'b'", "backslash"),
        ("true ? 1 : 'a'", "sides of two types"),
        ("(" * 41 + "true" + ")" * 41, "brackets"),
        ("!" * 41 + "true", "brackets"),
        ("true" + " && true" * 300, f"longer than {LONGEST}"),
        ("-" * 1900 + "1 == 1", ""),
    ],
)
def test_what_is_refused_when_it_is_compiled(text: str, says: str) -> None:
    with pytest.raises(CelError) as refused:
        compiled(text, Group.CAMERA)
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("facts.camera.sign_expires > now", None),
        ("false && facts.camera.sign_expires > now", False),
        ("facts.camera.sign_expires > now && false", False),
        ("facts.camera.sign_expires > now || true", True),
        ("facts.camera.sign_expires > now || false", None),
        ("facts.camera.purpose == 'traffic'", False),
        ("facts.camera.purpose in ['traffic']", False),
        ("facts.camera.sign_expires != now", True),
        ("facts.camera.zoom == true", None),
        ("facts.camera.zoom", None),
        ("facts.camera.zoom || true", True),
        ("9223372036854775807 + facts.camera.held_objects > 0", None),
        ("['a', 'faces'].exists(w, facts.camera.zoom || w == 'faces')", True),
        ("['a', 'faces'].all(w, facts.camera.zoom || w == 'faces')", None),
    ],
)
def test_what_cannot_be_decided(text: str, outcome: bool | None) -> None:
    if outcome is None:
        with pytest.raises(Undecided):
            holds(text, sign_expires=None, purpose=None, held_objects=1)
    else:
        assert holds(text, sign_expires=None, purpose=None, held_objects=1) is outcome


def test_facts_asked_for_are_named_once_in_order() -> None:
    expression = compiled(
        "facts.camera.sign || facts.site.sign || facts.camera.sign && now == now", Group.CAMERA
    )
    assert expression.reads == (("camera", "sign"), ("site", "sign"))
    assert expression.timed


# -- held against cel-python's own interpreter ------------------------------------------

_TERMS: dict[str, list[str]] = {
    "bool": ["true", "false", "facts.camera.sign", "facts.camera.zoom", "facts.site.sign"],
    "int": ["0", "7", "86400", "facts.camera.sealed_floor", "facts.camera.density"],
    "text": ["'street'", "'x'", "facts.camera.place", "facts.camera.purpose"],
    "time": ["now", "timestamp('2026-03-01T00:00:00Z')", "facts.camera.sign_expires"],
    "length": ["duration('1h')", "duration('90m')"],
    "words": ["facts.camera.covers", "['faces', 'x']", "[]"],
}
_NULLABLE = ["facts.camera.density", "facts.camera.purpose", "facts.camera.sign_expires"]


def _conditions(inner: Any) -> Any:
    def one(*formats: str) -> Callable[[Any], Any]:
        return lambda parts: st.sampled_from(formats).map(lambda f: f.format(*parts))

    def pair(kind: str) -> Any:
        return st.tuples(*[st.sampled_from(_TERMS[kind])] * 2)

    return st.one_of(
        st.tuples(inner, inner).flatmap(one("({} && {})", "({} || {})", "(({}) == ({}))")),
        inner.map("!({})".format),
        st.tuples(inner, inner, inner).map(lambda p: "({} ? {} : {})".format(*p)),
        *(
            pair(kind).flatmap(one("{} < {}", "{} <= {}", "{} > {}", "{} >= {}"))
            for kind in ("int", "time")
        ),
        st.tuples(*[st.sampled_from(_TERMS["int"])] * 3).flatmap(
            one("{} + {} * {} > 8", "{} - {} <= {}", "{0} - {0} + {1} - {1} == 0")
        ),
        pair("text").flatmap(one("{} == {}", "{} != {}")),
        st.tuples(st.sampled_from(_TERMS["text"]), st.sampled_from(_TERMS["words"])).flatmap(
            one("{} in {}")
        ),
        st.tuples(st.sampled_from(_TERMS["words"]), inner).flatmap(
            one("{}.all(w, w == 'faces' || {})", "{}.exists(w, w == 'faces' && {})")
        ),
        st.tuples(
            st.sampled_from(_TERMS["time"]),
            st.sampled_from(_TERMS["time"]),
            st.sampled_from(_TERMS["length"]),
        ).flatmap(one("{} - {} < {}")),
        st.sampled_from(_NULLABLE).flatmap(
            lambda fact: st.sampled_from([f"{fact} == null", f"{fact} != null"])
        ),
    )


def _no_macro_in_a_macro(text: str) -> bool:
    return text.count("(w,") <= 1


_EXPRESSIONS = st.recursive(st.sampled_from(_TERMS["bool"]), _conditions, max_leaves=6).filter(
    _no_macro_in_a_macro
)

_FACTS = st.fixed_dictionaries(
    {
        "sign": st.booleans(),
        "sealed_floor": st.sampled_from([0, 7, 86400]),
        "density": st.sampled_from([None, 7]),
        "place": st.sampled_from(["street", "x"]),
        "purpose": st.sampled_from([None, "x"]),
        "sign_expires": st.sampled_from([None, NOW - SECOND, NOW, NOW + 3600 * SECOND]),
        "covers": st.sampled_from([[], ["faces"], ["faces", "plates"]]),
    },
    optional={"zoom": st.booleans()},
)


# it raises Python's recursion limit, so it is made before anything measures that
_ENVIRONMENT = Environment()


def _ours(text: str, groups: Groups) -> bool | None:
    try:
        return compiled(text, Group.CAMERA).holds(groups, NOW)
    except Undecided:
        return None


def _time(us: int) -> celtypes.TimestampType:
    return celtypes.TimestampType(datetime.fromtimestamp(us // SECOND, tz=UTC))


def _theirs(text: str, groups: Groups) -> bool | None:
    def value(name: str, given: Any) -> Any:
        if given is None:
            return None
        if name == "sign_expires":
            return _time(given)
        if isinstance(given, bool):
            return celtypes.BoolType(given)
        if isinstance(given, int):
            return celtypes.IntType(given)
        if isinstance(given, str):
            return celtypes.StringType(given)
        return celtypes.ListType([celtypes.StringType(word) for word in given])

    context = celtypes.MapType(
        {
            celtypes.StringType(group): celtypes.MapType(
                {celtypes.StringType(name): value(name, given) for name, given in values.items()}
            )
            for group, values in groups.items()
        }
    )
    # CEL says that nothing but null equals null; cel-python 0.5 raises "no such overload"
    # for a number or a time
    for fact in _NULLABLE:
        is_null = groups["camera"][fact.rpartition(".")[2]] is None
        text = text.replace(f"{fact} == null", str(is_null).lower())
        text = text.replace(f"{fact} != null", str(not is_null).lower())
    program = _ENVIRONMENT.program(_ENVIRONMENT.compile(text))
    try:
        return bool(program.evaluate({"facts": context, "now": _time(NOW)}))
    except CELEvalError:
        return None


@settings(max_examples=200, deadline=None)
@given(text=_EXPRESSIONS, camera=_FACTS, site=st.booleans())
def test_outcomes_are_those_of_the_interpreter_of_cel_python(
    text: str, camera: dict[str, object], site: bool
) -> None:
    groups = Facts({"camera": camera, "site": {"sign": site}}).groups()
    assert _ours(text, groups) == _theirs(text, groups)
