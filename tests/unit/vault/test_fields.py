from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrim.canonical import canonical
from scrim.vault import fields

JSON: Any = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)


@given(JSON)
def test_canonical_bytes_are_read_back(value: Any) -> None:
    assert fields.load(canonical(value)) == value


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b' {"a":1}',
        b'{"a": 1}',
        b'{"b":1,"a":1}',
        b'{"a":1,"a":1}',
        b'{"a":1.0}',
        b'{"a":1e3}',
        b'{"a":NaN}',
        b'{"a":"\\u0061"}',
        b'"\\ud800"',
        b"\xef\xbb\xbf{}",
        b"\xff\xfe{\x00}\x00",
        b"9007199254740992",
        b"9" * 10_000,
        b"[" * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
    ],
    ids=lambda data: repr(data[:16]),
)
def test_what_is_not_canonical_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 -- any reason will do
        fields.load(data)


def test_a_document_beyond_all_measure_is_not_even_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fields, "LARGEST_DOCUMENT", 10)
    assert fields.load(b'"12345678"') == "12345678"
    with pytest.raises(ValueError, match="larger"):
        fields.load(b'"123456789"')


@given(st.binary())
def test_any_bytes_are_a_value_or_a_value_error(data: bytes) -> None:
    try:
        value = fields.load(data)
    except ValueError:
        return
    assert canonical(value) == data


def test_fields_must_be_exactly_those_named() -> None:
    with pytest.raises(ValueError, match="'b' is missing"):
        fields.Fields({"a": 1}, frozenset({"a", "b"}))
    with pytest.raises(ValueError, match="unknown field 'b'"):
        fields.Fields({"a": 1, "b": 2}, frozenset({"a"}))
    assert fields.Fields({"a": 1, "b": 2}, frozenset({"a"}), more=True).number("a") == 1
    with pytest.raises(ValueError, match="not an object"):
        fields.Fields([], frozenset())
