from __future__ import annotations

from collections import Counter
from itertools import combinations, product
from math import comb

import pytest

from scrim.vault import sharing

EVERY = [(n, k) for n in range(1, sharing.MOST_CUSTODIANS + 1) for k in range(1, n + 1)]


def _view(n: int, k: int, members: tuple[int, ...]) -> set[int]:
    return {piece for member in members for piece in sharing.pieces_held(n, k, member)}


@pytest.mark.parametrize(("n", "k"), EVERY)
def test_every_k_subset_holds_every_piece_and_opens(n: int, k: int) -> None:
    pieces = dict(enumerate(sharing.fresh_pieces(n, k)))
    secret = sharing.join(n, k, pieces)
    for members in combinations(range(n), k):
        held = _view(n, k, members)
        assert sharing.join(n, k, {number: pieces[number] for number in held}) == secret


@pytest.mark.parametrize(("n", "k"), EVERY)
def test_every_smaller_subset_misses_exactly_one_piece(n: int, k: int) -> None:
    everything = set(range(sharing.piece_count(n, k)))
    missing = [everything - _view(n, k, members) for members in combinations(range(n), k - 1)]
    assert all(len(one) == 1 for one in missing)
    # A piece of its own for each subset, and none that is missing to nobody.
    assert set().union(*missing) == everything


@pytest.mark.parametrize(("n", "k"), EVERY)
def test_for_fewer_than_k_every_secret_is_possible(n: int, k: int) -> None:
    pieces = dict(enumerate(sharing.fresh_pieces(n, k)))
    secret = sharing.join(n, k, pieces)
    for members in combinations(range(n), k - 1):
        (gap,) = set(pieces) - _view(n, k, members)
        for candidate in (bytes(32), b"\xff" * 32, bytes(range(32)), bytes(secret)):
            # The one value of the missing piece that would make the candidate true,
            # with everything these custodians see left as it is.
            fitting = bytes(
                p ^ s ^ c for p, s, c in zip(pieces[gap], secret, candidate, strict=True)
            )
            assert sharing.join(n, k, {**pieces, gap: fitting}) == candidate


@pytest.mark.parametrize(("n", "k"), [(n, k) for n, k in EVERY if comb(n, k - 1) <= 10])
def test_perfect_secrecy_by_counting_every_case(n: int, k: int) -> None:
    """XOR treats each bit alone, so one bit tells all.

    Over all equally likely values of the pieces: whatever k-1 custodians see,
    the secret bit is 0 in exactly half of the cases that look so.
    """
    count = sharing.piece_count(n, k)
    worlds = [
        (bits, sharing.join(n, k, {at: bytes([bit]) * 32 for at, bit in enumerate(bits)})[0])
        for bits in product((0, 1), repeat=count)
    ]
    for members in combinations(range(n), k - 1):
        held = sorted(_view(n, k, members))
        seen: Counter[tuple[tuple[int, ...], int]] = Counter(
            (tuple(bits[at] for at in held), secret) for bits, secret in worlds
        )
        views = {view for view, _ in seen}
        assert all(seen[view, 0] == seen[view, 1] == 1 for view in views)
        assert len(views) == 2 ** len(held)


def test_with_k_1_everybody_holds_the_secret_itself() -> None:
    assert [sharing.pieces_held(4, 1, member) for member in range(4)] == [(0,)] * 4
    (piece,) = sharing.fresh_pieces(4, 1)
    assert sharing.join(4, 1, {0: piece}) == piece


def test_with_k_n_everybody_holds_one_piece_of_their_own() -> None:
    held = [sharing.pieces_held(4, 4, member) for member in range(4)]
    assert sorted(held) == [(0,), (1,), (2,), (3,)]


def test_pieces_are_numbered_in_the_order_of_their_subsets() -> None:
    # n = 4, k = 3: subsets 01 02 03 12 13 23 are pieces 0 to 5.
    assert sharing.pieces_held(4, 3, 0) == (3, 4, 5)
    assert sharing.pieces_held(4, 3, 1) == (1, 2, 5)
    assert sharing.pieces_held(4, 3, 3) == (0, 1, 3)


def test_sizes_at_the_worst() -> None:
    assert max(sharing.piece_count(n, k) for n, k in EVERY) == 126
    assert max(len(sharing.pieces_held(n, k, 0)) for n, k in EVERY) == 70


@pytest.mark.parametrize(("n", "k"), [(0, 0), (0, 1), (3, 0), (3, 4), (10, 2), (-1, -1)])
def test_impossible_numbers_are_refused(n: int, k: int) -> None:
    with pytest.raises(ValueError, match="custodians"):
        sharing.fresh_pieces(n, k)


def test_a_missing_foreign_or_short_piece_is_refused() -> None:
    pieces: dict[int, bytes | bytearray] = dict(enumerate(sharing.fresh_pieces(3, 2)))
    with pytest.raises(ValueError, match="2 of 3"):
        sharing.join(3, 2, {0: pieces[0], 1: pieces[1]})
    with pytest.raises(ValueError, match="4 of 3"):
        sharing.join(3, 2, {**pieces, 3: bytes(32)})
    with pytest.raises(ValueError, match="31 bytes"):
        sharing.join(3, 2, {**pieces, 1: bytes(31)})


def test_pieces_are_never_the_same_twice() -> None:
    pieces = [bytes(piece) for _ in range(10) for piece in sharing.fresh_pieces(9, 5)]
    assert len(set(pieces)) == 1260
