"""Who must agree to what, and whether enough of them have.

A lock is what the same k of n custodians hold: of a recorded case all periods that
have the same custodians, of a live one all cameras of the same group.

Rules:

1. A case is approved when every lock has its own k approvals, and refused as soon as
   some lock cannot have them any more.
2. An answer counts for the locks that its key holds a part of, and for no other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from scrim.canonical import Json
from scrim.store.custodians import KnownVerifiers
from scrim.vault import CustodianSet


class Outcome(Enum):
    """Where the answers have led so far."""

    OPEN = "open"
    APPROVED = "approved"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Lock:
    """Custodians, how many of them must agree, and to what.

    Attributes:
        k: how many.
        holders: custodian's id to their verifier; those whose verifier nobody knows
            cannot answer and are not here.
        documents: SHA-256 of the documents of its periods; none of a live case.
    """

    k: int
    holders: Mapping[str, str]
    documents: tuple[str, ...] = ()

    def document(self) -> dict[str, Json]:
        """The lock as a JSON object, for :meth:`from_document`."""
        return {"k": self.k, "holders": self.holders, "documents": list(self.documents)}

    @classmethod
    def from_document(cls, value: Mapping[str, Any]) -> Lock:
        """The lock that :meth:`document` wrote."""
        return cls(value["k"], dict(value["holders"]), tuple(value["documents"]))


@dataclass(frozen=True, slots=True)
class Vote:
    """What a custodian said, and with which key."""

    custodian: str
    verifier: str
    approves: bool


def grouped(
    sets: Iterable[tuple[CustodianSet, str | None]], known: KnownVerifiers
) -> tuple[Lock, ...]:
    """Locks of custodian sets, each with the hash of what it holds (``None``: live)."""
    found: dict[tuple[int, tuple[tuple[str, str], ...]], list[str]] = {}
    for custodians, document in sets:
        holders = {
            custodian.id: verifier
            for custodian in custodians.custodians
            if (verifier := known.of(custodian))
        }
        documents = found.setdefault((custodians.k, tuple(sorted(holders.items()))), [])
        if document is not None:
            documents.append(document)
    return tuple(
        Lock(k, dict(holders), tuple(documents)) for (k, holders), documents in found.items()
    )


def tally(locks: Iterable[Lock], votes: Iterable[Vote]) -> Outcome:
    """Whether every lock has its k, or some lock cannot have it any more."""
    votes = list(votes)
    outcome = Outcome.APPROVED
    for lock in locks:
        heard = [vote for vote in votes if lock.holders.get(vote.custodian) == vote.verifier]
        approvals = sum(vote.approves for vote in heard)
        if len(lock.holders) - (len(heard) - approvals) < lock.k:
            return Outcome.REFUSED
        if approvals < lock.k:
            outcome = Outcome.OPEN
    return outcome


def held_by(locks: Iterable[Lock], custodian: str, verifier: str) -> frozenset[str]:
    """Hashes of the period documents of which that custodian holds a part under that key."""
    return frozenset(
        document
        for lock in locks
        if lock.holders.get(custodian) == verifier
        for document in lock.documents
    )
