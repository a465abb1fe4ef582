from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrim.canonical import canonical
from scrim.vault.part import Part, commitment

PART = Part("gate", 1, 2, "age1x", "court", {0: bytes(32), 11: b"\x11" * 32, 2: b"\xab" * 32})


def test_a_part_survives_its_plaintext() -> None:
    assert Part.parse(PART.plaintext()) == PART


def test_its_repr_shows_no_piece() -> None:
    assert "ab" * 4 not in repr(PART)
    assert "\\xab" not in repr(PART)
    assert "pieces" not in repr(PART)


def test_a_commitment_is_a_plain_sha256() -> None:
    # (printf 'scrim/piece/v1\n'; head -c 32 /dev/zero) | sha256sum
    expected = "dc5eb137a569f4c5897f987be17c693da77b17f518ab4b40dc872ff4446d3509"
    assert commitment(bytes(32)) == expected


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("format", "scrim-part-v2"),
        ("camera", "Gate"),
        ("epoch", -1),
        ("epoch", True),
        ("period", "2"),
        ("recipient", None),
        ("custodian", ""),
        ("pieces", []),
        ("pieces", {"00": "00" * 32}),
        ("pieces", {"-1": "00" * 32}),
        ("pieces", {"²": "00" * 32}),
        ("pieces", {"0": "00" * 31}),
        ("pieces", {"0": "AB" * 32}),
        ("pieces", {"0": "zz" * 32}),
        ("pieces", {"0": 7}),
        ("pieces", {"9" * 5000: "00" * 32}),
        ("extra", 1),
    ],
)
def test_a_wrong_field_is_refused(field: str, value: object) -> None:
    changed = {**json.loads(PART.plaintext()), field: value}
    with pytest.raises(ValueError):  # noqa: PT011 -- any reason will do
        Part.parse(canonical(changed))


def test_a_refusal_repeats_nothing_secret() -> None:
    changed = json.loads(PART.plaintext())
    changed["pieces"]["0"] = "deadbeef" * 7 + "deadbeeZ"
    with pytest.raises(ValueError, match="hexadecimal") as caught:
        Part.parse(canonical(changed))
    assert "deadbeef" not in str(caught.value)
    assert caught.value.__cause__ is None


@given(st.binary())
def test_any_bytes_are_a_part_or_a_value_error(data: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 -- any reason will do
        Part.parse(data)
