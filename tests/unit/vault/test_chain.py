from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from scrim.vault import chain_head, chain_next, chain_start

START = "ab" * 32
RECORDS: list[dict[str, Any]] = [
    {"side": "sealed", "segment": at, "state": "lost"} for at in range(4)
]


def test_the_chain_is_what_the_page_says() -> None:
    head = hashlib.sha256(b"scrim/chain/v1\n" + START.encode()).digest()
    assert chain_start(START) == head.hex()
    for record in RECORDS:
        text = json.dumps(record, separators=(",", ":"), sort_keys=True).encode()
        head = hashlib.sha256(head + hashlib.sha256(text).digest()).digest()
    assert chain_head(START, RECORDS) == head.hex()


def test_every_way_of_changing_the_records_changes_the_head() -> None:
    head = chain_head(START, RECORDS)
    one, two, three, four = RECORDS
    for changed in (
        [one, two, three],
        [two, three, four],
        [one, three, two, four],
        [one, two, three, four, four],
        [one, two, {**three, "segment": 9}, four],
        [one, two, {**three, "more": None}, four],
    ):
        assert chain_head(START, changed) != head
    assert chain_head("cd" * 32, RECORDS) != head


@pytest.mark.parametrize("text", ["", "ab", "AB" * 32, "zz" * 32, "ab" * 33, "ab" * 31 + "a\n"])
def test_what_is_no_hash_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="SHA-256"):
        chain_start(text)
    with pytest.raises(ValueError, match="SHA-256"):
        chain_next(text, RECORDS[0])


def test_a_record_without_canonical_form_is_refused() -> None:
    with pytest.raises(ValueError, match="float"):
        chain_next(START, {"time": 0.5})  # type: ignore[dict-item]
