"""Receipts: an entry and its proof, held against a root."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scrim.errors import LedgerBroken
from scrim.ledger.entry import Act, Entry
from scrim.ledger.merkle import fold, inclusion_spans, leaf_hash
from scrim.ledger.receipt import Receipt


def bodies(count: int) -> list[bytes]:
    return [
        Entry(Act.GAP, at, "recorder", "configuration", "operation").body() for at in range(count)
    ]


def root(leaves: list[bytes]) -> bytes:
    if len(leaves) == 1:
        return leaf_hash(leaves[0])
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    return fold([root(leaves[:split]), root(leaves[split:])])


def receipt(index: int, leaves: list[bytes]) -> Receipt:
    spans = inclusion_spans(index, len(leaves))
    return Receipt(index, leaves[index], tuple(root(leaves[start:stop]) for start, stop in spans))


@pytest.mark.parametrize("size", [1, 2, 7, 8, 9])
def test_each_entry_of_a_tree_has_a_receipt_that_holds(size: int) -> None:
    leaves = bodies(size)
    for index in range(size):
        made = receipt(index, leaves)
        again = Receipt.from_document(made.document())
        assert again == made
        assert again.check(size, root(leaves)).at_us == index


def test_a_receipt_does_not_hold_elsewhere() -> None:
    leaves = bodies(7)
    made = receipt(3, leaves)
    for bad, size, top in (
        (replace(made, index=4), 7, root(leaves)),
        (replace(made, body=leaves[4]), 7, root(leaves)),
        (replace(made, proof=made.proof[:-1]), 7, root(leaves)),
        (made, 3, root(leaves)),
        (made, 7, root(bodies(8))),
    ):
        with pytest.raises(LedgerBroken):
            bad.check(size, top)


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        {},
        {"index": True, "body": "", "proof": []},
        {"index": 1, "body": "*", "proof": []},
        {"index": 1, "body": "", "proof": ["AAAA"]},
        {"index": 1, "body": "", "proof": [3]},
        {"index": 1, "body": None, "proof": []},
        {"index": 1, "body": "", "proof": [], "more": 1},
    ],
)
def test_what_is_no_receipt_is_refused(value: object) -> None:
    with pytest.raises(LedgerBroken):
        Receipt.from_document(value)
