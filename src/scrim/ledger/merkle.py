"""RFC 6962 Merkle trees: pure functions over hashes, no storage.

A leaf hashes as ``SHA256(0x00 || entry)`` and a node as
``SHA256(0x01 || left || right)``.  A tree of n > 1 leaves splits at k, the
largest power of two below n.  Sources: RFC 6962 section 2.1; the verification
algorithms are those of RFC 9162 sections 2.1.3.2 and 2.1.4.2.

A *span* ``(start, stop)`` names the subtree over leaves start to stop - 1.  A
proof is a list of spans, whose hashes the tree's keeper fills in; a span falls
apart into *complete* subtrees ``(level, index)``, each over 2**level leaves.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final, TypeAlias

from scrim.errors import LedgerBroken

HASH_SIZE: Final = 32
EMPTY_ROOT: Final = hashlib.sha256(b"").digest()

Span: TypeAlias = tuple[int, int]
Subtree: TypeAlias = tuple[int, int]


def leaf_hash(entry: bytes) -> bytes:
    """Hash of one entry."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def subtrees(span: Span) -> list[Subtree]:
    """The complete subtrees that make up a span, left to right.

    The span must start at a multiple of the largest power of two within it, as
    every span of a proof does.
    """
    start, stop = span
    found = []
    while start < stop:
        level = (stop - start).bit_length() - 1
        found.append((level, start >> level))
        start += 1 << level
    return found


def fold(hashes: Sequence[bytes]) -> bytes:
    """The hash of a span from those of its complete subtrees, left to right."""
    if not hashes:
        return EMPTY_ROOT
    above = hashes[-1]
    for left in reversed(hashes[:-1]):
        above = node_hash(left, above)
    return above


def inclusion_spans(index: int, size: int) -> list[Span]:
    """Spans of the audit path of leaf ``index`` in the tree of ``size``, leaf upwards.

    Raises:
        ValueError: there is no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a tree of {size}")
    spans: list[Span] = []
    start, stop = 0, size
    while stop - start > 1:
        middle = start + _split(stop - start)
        if index < middle:
            spans.append((middle, stop))
            stop = middle
        else:
            spans.append((start, middle))
            start = middle
    return spans[::-1]


def consistency_spans(old: int, new: int) -> list[Span]:
    """Spans of the proof that the tree of ``old`` begins the tree of ``new``.

    Empty where the sizes are equal or ``old`` is zero: there is nothing to prove.

    Raises:
        ValueError: ``old`` is beyond ``new``, or negative.
    """
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {old} cannot begin a tree of {new}")
    spans: list[Span] = []
    if old in (0, new):
        return spans
    start, stop, whole = 0, new, True
    while old != stop:
        middle = start + _split(stop - start)
        if old <= middle:
            spans.append((middle, stop))
            stop = middle
        else:
            spans.append((start, middle))
            start, whole = middle, False
    if not whole:
        spans.append((start, stop))
    return spans[::-1]


def verify_inclusion(
    index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes
) -> None:
    """Check that the leaf hash ``leaf`` stands at ``index`` in the tree of ``size``.

    Raises:
        LedgerBroken: it does not, or the proof is of the wrong length.
    """
    _check_hashes([leaf, root, *proof])
    if not 0 <= index < size:
        raise _broken(f"entry {index} cannot be in a tree of {size}")
    found = leaf
    for part, left in zip(proof, _sides(index, size - 1, len(proof)), strict=True):
        found = node_hash(part, found) if left else node_hash(found, part)
    if found != root:
        raise _broken(f"the inclusion proof of entry {index} does not lead to the root")


def verify_consistency(
    old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes
) -> None:
    """Check that the tree of ``old`` leaves is the beginning of the tree of ``new``.

    Raises:
        LedgerBroken: it is not, or the proof is of the wrong length.
    """
    _check_hashes([old_root, new_root, *proof])
    if not 0 <= old <= new:
        raise _broken(f"a ledger of {old} cannot begin one of {new}")
    if old in (0, new):
        if proof:
            raise _broken("the proof is too long")
        if (new_root if old == new else EMPTY_ROOT) != old_root:
            raise _broken("two roots of one size differ")
        return
    parts = list(proof)
    if not old & (old - 1):  # a power of two: its root is in the new tree as it is
        parts.insert(0, old_root)
    if not parts:
        raise _broken("the proof is too short")
    node, last = old - 1, new - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    was = now = parts[0]
    for part, left in zip(parts[1:], _sides(node, last, len(parts) - 1), strict=True):
        if left:
            was, now = node_hash(part, was), node_hash(part, now)
        else:
            now = node_hash(now, part)
    if was != old_root or now != new_root:
        raise _broken(f"the ledger of {old} entries is not the beginning of that of {new}")


def _sides(node: int, last: int, length: int) -> list[bool]:
    """For each hash of a proof, on the way from ``node`` to the root, whether it is a left one."""
    sides = []
    for _ in range(length):
        if last == 0:
            raise _broken("the proof is too long")
        left = bool(node & 1) or node == last
        if left:
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        sides.append(left)
        node, last = node >> 1, last >> 1
    if last != 0:
        raise _broken("the proof is too short")
    return sides


def _split(size: int) -> int:
    return 1 << ((size - 1).bit_length() - 1)


def _check_hashes(hashes: Sequence[bytes]) -> None:
    if any(len(found) != HASH_SIZE for found in hashes):
        raise _broken("a hash is not 32 bytes long")


def _broken(what: str) -> LedgerBroken:
    return LedgerBroken(
        f"The ledger does not hold: {what}.", "Keep the file and report it to the auditor."
    )
