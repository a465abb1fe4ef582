r"""The hash chain of a period: what was recorded, in which order.

``head(0) = SHA256("scrim/chain/v1\n" + document_sha256)`` and
``head(i+1) = SHA256(head(i) + SHA256(canonical(record i)))``, where the
document's hash is text (hexadecimal) and the others are 32 bytes.  The newest
heads of all cameras go into the ledger together every few seconds; from then
on no record can be changed, left out, added or moved.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

from scrim.canonical import Json, canonical
from scrim.vault.fields import is_sha256


def chain_start(document_sha256: str) -> str:
    """The head before the first record, in hexadecimal.

    Raises:
        ValueError: ``document_sha256`` is not a SHA-256 in hexadecimal.
    """
    if not is_sha256(document_sha256):
        raise ValueError("not a SHA-256 in lower-case hexadecimal")
    return hashlib.sha256(b"scrim/chain/v1\n" + document_sha256.encode()).hexdigest()


def chain_next(head: str, record: Mapping[str, Json]) -> str:
    """The head after ``record``, in hexadecimal.

    Raises:
        ValueError: ``head`` is no SHA-256, or the record has no canonical form.
    """
    if not is_sha256(head):
        raise ValueError("not a SHA-256 in lower-case hexadecimal")
    leaf = hashlib.sha256(canonical(record)).digest()
    return hashlib.sha256(bytes.fromhex(head) + leaf).hexdigest()


def chain_head(document_sha256: str, records: Iterable[Mapping[str, Json]]) -> str:
    """The head after all of ``records``, in hexadecimal."""
    head = chain_start(document_sha256)
    for record in records:
        head = chain_next(head, record)
    return head
