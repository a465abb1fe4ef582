"""Splitting a secret k-of-n by replicated XOR sharing.

For every subset of k-1 custodians there is one random 32-byte piece, handed
to everybody *outside* the subset.  The secret is the XOR of all pieces.

* Any k custodians hold every piece: a subset of k-1 cannot contain all k of
  them, so one of them was outside it.
* Any k-1 custodians miss exactly one piece: that of the subset they are.  It
  is uniformly random and independent of all the others, so to them every
  secret is as likely as before.  No assumption about computing power enters.

``k = 1``: one subset, the empty one; its piece *is* the secret and everybody
holds it.  ``k = n``: a piece for everybody but one, n pieces, one each.

Source: Ito, Saito, Nishizeki, "Secret sharing scheme realizing general access
structure", GLOBECOM 1987.  Custodians are numbered from 0 in the order of
their set, pieces from 0 in the lexicographic order of their subsets.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from itertools import combinations
from math import comb

PIECE_BYTES = 32
MOST_CUSTODIANS = 9
"""C(9, 4) = 126 pieces at the worst, 70 of them with each custodian."""


def check(n: int, k: int) -> None:
    """Refuse numbers that cannot be shared.

    Raises:
        ValueError: not 1 <= k <= n <= 9.
    """
    if not 1 <= n <= MOST_CUSTODIANS:
        raise ValueError(f"{n} custodians; there must be 1 to {MOST_CUSTODIANS}")
    if not 1 <= k <= n:
        raise ValueError(f"k is {k}; it must be 1 to {n}, the number of custodians")


def piece_count(n: int, k: int) -> int:
    """How many pieces there are: C(n, k-1)."""
    check(n, k)
    return comb(n, k - 1)


def pieces_held(n: int, k: int, custodian: int) -> tuple[int, ...]:
    """Numbers of the pieces that custodian number ``custodian`` is handed, ascending."""
    check(n, k)
    subsets = combinations(range(n), k - 1)
    return tuple(number for number, subset in enumerate(subsets) if custodian not in subset)


def fresh_pieces(n: int, k: int) -> list[bytearray]:
    """All pieces of a new secret, from the system's random source."""
    return [bytearray(secrets.token_bytes(PIECE_BYTES)) for _ in range(piece_count(n, k))]


def join(n: int, k: int, pieces: Mapping[int, bytes | bytearray]) -> bytearray:
    """The secret: the XOR of all pieces.

    Raises:
        ValueError: a piece is missing, unknown or not 32 bytes long.
    """
    if set(pieces) != set(range(piece_count(n, k))):
        raise ValueError(f"{len(pieces)} of {piece_count(n, k)} pieces")
    secret = bytearray(PIECE_BYTES)
    for piece in pieces.values():
        if len(piece) != PIECE_BYTES:
            raise ValueError(f"a piece is {len(piece)} bytes long, not {PIECE_BYTES}")
        for at, byte in enumerate(piece):
            secret[at] ^= byte
    return secret
