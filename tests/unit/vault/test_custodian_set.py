from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrim.errors import CustodianInvalid
from scrim.vault import Custodian, CustodianSet
from scrim.vault.custodian import new_identity

RECIPIENTS = [new_identity().recipient for _ in range(10)]


def _members(count: int) -> tuple[Custodian, ...]:
    return tuple(Custodian(f"c{at}", RECIPIENTS[at]) for at in range(count))


def test_a_set_survives_its_document() -> None:
    made = CustodianSet(2, _members(3), demo=True)
    assert CustodianSet.from_document(made.document()) == made


@pytest.mark.parametrize(("n", "k"), [(1, 1), (9, 1), (9, 5), (9, 9)])
def test_sizes_at_the_edge_are_taken(n: int, k: int) -> None:
    assert CustodianSet(k, _members(n)).k == k


@pytest.mark.parametrize(("n", "k"), [(0, 0), (3, 0), (3, 4), (10, 2)])
def test_sizes_beyond_it_are_refused(n: int, k: int) -> None:
    with pytest.raises(CustodianInvalid, match="custodians"):
        CustodianSet(k, _members(n))


@pytest.mark.parametrize("name", ["", "Court", "a b", "x" * 41, "naïve", "a/b", "a\n"])
def test_an_unusable_id_is_refused(name: str) -> None:
    with pytest.raises(CustodianInvalid, match="cannot name a custodian"):
        Custodian(name, RECIPIENTS[0])


def test_an_unusable_recipient_is_refused_and_the_custodian_named() -> None:
    with pytest.raises(CustodianInvalid, match="custodian court"):
        Custodian("court", "age1nonsense")


def test_a_secret_pasted_by_mistake_is_not_repeated() -> None:
    secret = new_identity().secret
    with pytest.raises(CustodianInvalid) as caught:
        Custodian("court", secret)
    assert secret not in str(caught.value)


def test_nobody_holds_two_votes() -> None:
    with pytest.raises(CustodianInvalid, match="same recipient"):
        CustodianSet(2, (Custodian("a", RECIPIENTS[0]), Custodian("b", RECIPIENTS[0])))
    with pytest.raises(CustodianInvalid, match="named twice"):
        CustodianSet(2, (Custodian("a", RECIPIENTS[0]), Custodian("a", RECIPIENTS[1])))


JSON: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(st.data())
def test_a_changed_document_is_refused_cleanly(data: st.DataObject) -> None:
    document: dict[str, Any] = dict(CustodianSet(2, _members(3)).document())
    field = data.draw(st.sampled_from(sorted(document)))
    value = data.draw(JSON)
    if value == document[field] and type(value) is type(document[field]):
        return
    if field == "demo" and isinstance(value, bool):
        return
    if field == "k" and value in (1, 2, 3) and not isinstance(value, bool):
        return
    with pytest.raises(CustodianInvalid):
        CustodianSet.from_document({**document, field: value})


@pytest.mark.parametrize("document", [None, [], "x", {}, {"format": "scrim-custodians-v1"}])
def test_what_is_no_document_is_refused(document: Any) -> None:
    with pytest.raises(CustodianInvalid, match="cannot be read"):
        CustodianSet.from_document(document)
