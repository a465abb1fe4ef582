from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrim.errors import CustodianInvalid
from scrim.vault import Custodian, CustodianSet, agekeys
from scrim.vault.custodian import new_identity
from scrim.vault.signing import Signer, card_fingerprint, new_seed

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


# --- verifiers ------------------------------------------------------------------------------------


def _carded(count: int) -> tuple[Custodian, ...]:
    found = []
    for at in range(count):
        one = new_identity()
        found.append(Custodian(f"c{at}", one.recipient, Signer.of_identity(one.secret).verifier))
    return tuple(found)


def test_a_set_with_verifiers_is_version_2_and_one_without_is_still_version_1() -> None:
    with_them, without = CustodianSet(2, _carded(3)), CustodianSet(2, _members(3))
    assert with_them.document()["format"] == "scrim-custodians-v2"
    assert without.document()["format"] == "scrim-custodians-v1"
    for made in (with_them, without):
        assert CustodianSet.from_document(made.document()) == made
    mixed = CustodianSet(2, (*_carded(1), *_members(2)[1:]))
    assert CustodianSet.from_document(mixed.document()) == mixed


def test_a_set_has_one_spelling() -> None:
    plain: dict[str, Any] = dict(CustodianSet(1, _members(1)).document())
    plain["format"] = "scrim-custodians-v2"
    plain["custodians"] = [{**plain["custodians"][0], "verifier": ""}]
    with pytest.raises(CustodianInvalid, match="nobody has a verifier"):
        CustodianSet.from_document(plain)
    carded: dict[str, Any] = dict(CustodianSet(1, _carded(1)).document())
    for version in ("scrim-custodians-v1", "scrim-custodians-v3"):
        with pytest.raises(CustodianInvalid, match="cannot be read"):
            CustodianSet.from_document({**carded, "format": version})


def test_the_fingerprint_is_of_the_card_where_there_is_one() -> None:
    (carded,), (plain,) = _carded(1), _members(1)
    assert carded.card == f"{carded.recipient}/{carded.verifier}"
    assert carded.fingerprint == card_fingerprint(carded.card)
    assert plain.card == plain.recipient
    assert plain.fingerprint == agekeys.fingerprint(plain.recipient)
    assert Custodian.of_card("c0", carded.card) == carded


@pytest.mark.parametrize(
    "card",
    ["", "/", RECIPIENTS[0], RECIPIENTS[0] + "/", "/scrimsig1x"],
    ids=["nothing", "slash", "recipient", "recipient-slash", "verifier"],
)
def test_half_a_card_is_none(card: str) -> None:
    with pytest.raises(CustodianInvalid, match="card of custodian court is not usable"):
        Custodian.of_card("court", card)


def test_an_unusable_verifier_is_refused_and_a_secret_not_repeated() -> None:
    secret = new_seed()
    for verifier in ("scrimsig1nonsense", secret, new_identity().secret):
        with pytest.raises(CustodianInvalid, match="verifier of custodian court") as caught:
            Custodian("court", RECIPIENTS[0], verifier)
        assert verifier not in str(caught.value)


def test_nobody_answers_for_two() -> None:
    (one,) = _carded(1)
    with pytest.raises(CustodianInvalid, match="same verifier"):
        CustodianSet(2, (one, Custodian("b", RECIPIENTS[1], one.verifier)))
