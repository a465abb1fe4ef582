from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrim.errors import LedgerBroken
from scrim.ledger import merkle
from scrim.ledger.merkle import leaf_hash, node_hash, verify_consistency, verify_inclusion

LEAVES = [leaf_hash(b"%d" % index) for index in range(300)]


def root(leaves: list[bytes]) -> bytes:
    """RFC 6962 section 2.1, as it stands there."""
    if not leaves:
        return merkle.EMPTY_ROOT
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node_hash(root(leaves[:split]), root(leaves[split:]))


def hashes(spans: list[merkle.Span]) -> list[bytes]:
    return [root(LEAVES[start:stop]) for start, stop in spans]


def changed(data: bytes, bit: int) -> bytes:
    bit %= len(data) * 8
    return bytes(byte ^ (1 << bit % 8 if at == bit // 8 else 0) for at, byte in enumerate(data))


places = st.tuples(st.integers(0, 299), st.integers(0, 299)).map(lambda p: (min(p), max(p) + 1))


def test_the_empty_tree_hashes_as_nothing() -> None:
    assert merkle.EMPTY_ROOT.hex().startswith("e3b0c44298fc1c14")


@given(places)
def test_a_span_is_the_fold_of_its_complete_subtrees(place: tuple[int, int]) -> None:
    _, size = place
    parts = merkle.subtrees((0, size))
    found = [root(LEAVES[at << level : (at + 1) << level]) for level, at in parts]
    assert merkle.fold(found) == root(LEAVES[:size])
    assert len(parts) == size.bit_count()


@given(places)
def test_every_inclusion_proof_holds(place: tuple[int, int]) -> None:
    index, size = place
    proof = hashes(merkle.inclusion_spans(index, size))
    verify_inclusion(index, size, LEAVES[index], proof, root(LEAVES[:size]))


@given(places, st.integers(0, 10**6), st.sampled_from(["leaf", "root", "proof"]))
def test_no_inclusion_proof_with_a_flipped_bit_holds(
    place: tuple[int, int], bit: int, where: str
) -> None:
    index, size = place
    leaf, top = LEAVES[index], root(LEAVES[:size])
    proof = hashes(merkle.inclusion_spans(index, size))
    if where == "leaf" or not proof:
        leaf = changed(leaf, bit)
    elif where == "root":
        top = changed(top, bit)
    else:
        at = bit % len(proof)
        proof[at] = changed(proof[at], bit)
    with pytest.raises(LedgerBroken):
        verify_inclusion(index, size, leaf, proof, top)


@given(places, st.integers(0, 299))
def test_an_inclusion_proof_holds_at_its_own_place_only(place: tuple[int, int], other: int) -> None:
    index, size = place
    proof = hashes(merkle.inclusion_spans(index, size))
    if other != index:
        with pytest.raises(LedgerBroken):
            verify_inclusion(other, size, LEAVES[index], proof, root(LEAVES[:size]))


@given(places)
def test_a_proof_of_another_length_does_not_hold(place: tuple[int, int]) -> None:
    index, size = place
    proof, top = hashes(merkle.inclusion_spans(index, size)), root(LEAVES[:size])
    with pytest.raises(LedgerBroken):
        verify_inclusion(index, size, LEAVES[index], [*proof, top], top)
    if proof:
        with pytest.raises(LedgerBroken):
            verify_inclusion(index, size, LEAVES[index], proof[:-1], top)


@given(st.integers(0, 300), st.integers(0, 300))
def test_every_consistency_proof_holds(one: int, two: int) -> None:
    old, new = min(one, two), max(one, two)
    proof = hashes(merkle.consistency_spans(old, new))
    verify_consistency(old, new, proof, root(LEAVES[:old]), root(LEAVES[:new]))


@given(places, st.integers(0, 10**6), st.sampled_from(["old", "new", "proof"]))
def test_no_consistency_proof_with_a_flipped_bit_holds(
    place: tuple[int, int], bit: int, where: str
) -> None:
    old, new = place
    proof = hashes(merkle.consistency_spans(old, new))
    old_root, new_root = root(LEAVES[:old]), root(LEAVES[:new])
    if where == "proof" and proof:
        at = bit % len(proof)
        proof[at] = changed(proof[at], bit)
    elif where == "old" or old == 0:
        old_root = changed(old_root, bit)
    else:
        new_root = changed(new_root, bit)
    if old == 0 and where == "new":
        old_root = merkle.EMPTY_ROOT  # from nothing everything follows
        verify_consistency(old, new, proof, old_root, new_root)
        return
    with pytest.raises(LedgerBroken):
        verify_consistency(old, new, proof, old_root, new_root)


@given(places)
def test_a_consistency_proof_of_another_length_does_not_hold(place: tuple[int, int]) -> None:
    old, new = place
    proof = hashes(merkle.consistency_spans(old, new))
    roots = root(LEAVES[:old]), root(LEAVES[:new])
    with pytest.raises(LedgerBroken):
        verify_consistency(old, new, [*proof, roots[1]], *roots)
    if proof:
        with pytest.raises(LedgerBroken):
            verify_consistency(old, new, proof[:-1], *roots)


def test_a_rewritten_beginning_is_noticed() -> None:
    other = [leaf_hash(b"other"), *LEAVES[1:20]]
    proof = hashes(merkle.consistency_spans(7, 20))
    with pytest.raises(LedgerBroken):
        verify_consistency(7, 20, proof, root(LEAVES[:7]), root(other))


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_there_is_no_proof_of_what_is_not_there(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="no leaf"):
        merkle.inclusion_spans(index, size)
    with pytest.raises(LedgerBroken):
        verify_inclusion(index, size, LEAVES[0], [], LEAVES[0])


@pytest.mark.parametrize(("old", "new"), [(4, 3), (-1, 3)])
def test_a_tree_does_not_begin_a_shorter_one(old: int, new: int) -> None:
    with pytest.raises(ValueError, match="cannot begin"):
        merkle.consistency_spans(old, new)
    with pytest.raises(LedgerBroken):
        verify_consistency(old, new, [], LEAVES[0], LEAVES[0])


def test_two_roots_of_one_size_are_one_root() -> None:
    verify_consistency(5, 5, [], LEAVES[0], LEAVES[0])
    with pytest.raises(LedgerBroken, match="two roots"):
        verify_consistency(5, 5, [], LEAVES[0], LEAVES[1])
    with pytest.raises(LedgerBroken, match="two roots"):
        verify_consistency(0, 5, [], LEAVES[0], LEAVES[1])


def test_a_hash_of_another_size_is_refused() -> None:
    with pytest.raises(LedgerBroken, match="32 bytes"):
        verify_inclusion(0, 2, LEAVES[0], [LEAVES[1][:-1]], LEAVES[2])
