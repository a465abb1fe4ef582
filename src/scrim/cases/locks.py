"""Who must agree to what, and whether enough of them have.

A lock is what the same k of n custodians hold: of a recorded case all periods that
have the same custodians, of a live one all cameras of the same group.  Periods that
were handed on to further custodians open by those as well: any one of a lock's
keys will do.

Rules:

1. A case is approved when every lock has the approvals of one of its keys, and refused
   as soon as some lock cannot have those of any.
2. An answer counts for the keys that its own key holds a part of, and for no other.
   Approvals under two keys of a lock are never added up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, TypeAlias

from scrim.canonical import Json
from scrim.store.custodians import KnownVerifiers
from scrim.vault import CustodianSet


class Outcome(Enum):
    """Where the answers have led so far."""

    OPEN = "open"
    APPROVED = "approved"
    REFUSED = "refused"


Place: TypeAlias = tuple[str, str]
"""SHA-256 of a period document, and of a re-sharing of it or empty: where a part belongs."""


@dataclass(frozen=True, slots=True)
class Other:
    """Custodians to whom a lock's periods were handed on.

    Attributes:
        k: how many of them must agree.
        holders: as a lock's.
        reshares: SHA-256 of each of the lock's documents to that of its re-sharing.
    """

    k: int
    holders: Mapping[str, str]
    reshares: Mapping[str, str]

    def document(self) -> dict[str, Json]:
        """As a JSON object."""
        return {"k": self.k, "holders": self.holders, "reshares": self.reshares}


@dataclass(frozen=True, slots=True)
class Lock:
    """Custodians, how many of them must agree, and to what.

    Attributes:
        k: how many.
        holders: custodian's id to their verifier; those whose verifier nobody knows
            cannot answer and are not here.
        documents: SHA-256 of the documents of its periods; none of a live case.
        others: custodians who will do in place of these.
    """

    k: int
    holders: Mapping[str, str]
    documents: tuple[str, ...] = ()
    others: tuple[Other, ...] = ()

    @property
    def keys(self) -> tuple[Lock | Other, ...]:
        """Its own custodians, and those who will do in place of them."""
        return (self, *self.others)

    def can_open(self, retired: frozenset[str] = frozenset()) -> bool:
        """Whether as many can answer as must agree, by one of its keys.

        Args:
            retired: verifiers of those who answer nothing any more.
        """
        return any(len(set(key.holders.values()) - retired) >= key.k for key in self.keys)

    def verifiers_of(self, custodian: str) -> frozenset[str]:
        """With which keys that custodian may answer; empty if they are not asked."""
        return frozenset(key.holders[custodian] for key in self.keys if custodian in key.holders)

    def document(self) -> dict[str, Json]:
        """The lock as a JSON object, for :meth:`from_document`."""
        found: dict[str, Json] = {
            "k": self.k,
            "holders": self.holders,
            "documents": list(self.documents),
        }
        if self.others:
            found["others"] = [other.document() for other in self.others]
        return found

    @classmethod
    def from_document(cls, value: Mapping[str, Any]) -> Lock:
        """The lock that :meth:`document` wrote."""
        others = tuple(
            Other(other["k"], dict(other["holders"]), dict(other["reshares"]))
            for other in value.get("others", ())
        )
        return cls(value["k"], dict(value["holders"]), tuple(value["documents"]), others)


@dataclass(frozen=True, slots=True)
class Vote:
    """What a custodian said, and with which key."""

    custodian: str
    verifier: str
    approves: bool


@dataclass(frozen=True, slots=True)
class Held:
    """What a set of custodians holds.

    Attributes:
        custodians: the set.
        document: SHA-256 of a period document; ``None``: of live pictures.
        reshares: SHA-256 of each re-sharing of it, and the set that it was handed on to.
    """

    custodians: CustodianSet
    document: str | None = None
    reshares: Sequence[tuple[str, CustodianSet]] = field(default=())


_Kind: TypeAlias = tuple[int, tuple[tuple[str, str], ...]]


def grouped(held: Iterable[Held], known: KnownVerifiers) -> tuple[Lock, ...]:
    """The locks of what is held: one for all that has the same custodians."""

    def kind(custodians: CustodianSet) -> _Kind:
        holders = {
            custodian.id: verifier
            for custodian in custodians.custodians
            if (verifier := known.of(custodian))
        }
        return custodians.k, tuple(sorted(holders.items()))

    found: dict[tuple[_Kind, tuple[_Kind, ...]], list[tuple[str, list[str]]]] = {}
    for one in held:
        others = sorted((kind(custodians), sha256) for sha256, custodians in one.reshares)
        key = kind(one.custodians), tuple(other for other, _ in others)
        places = found.setdefault(key, [])
        if one.document is not None:
            places.append((one.document, [sha256 for _, sha256 in others]))
    return tuple(
        Lock(
            k,
            dict(holders),
            tuple(document for document, _ in places),
            tuple(
                Other(
                    other_k,
                    dict(other_holders),
                    {document: reshares[at] for document, reshares in places},
                )
                for at, (other_k, other_holders) in enumerate(others)
            ),
        )
        for ((k, holders), others), places in found.items()
    )


def tally(locks: Iterable[Lock], votes: Iterable[Vote]) -> Outcome:
    """Whether every lock has its k by some key, or some lock cannot have it by any."""
    votes = list(votes)
    outcome = Outcome.APPROVED
    for lock in locks:
        found = {_of_key(key, votes) for key in lock.keys}
        if found == {Outcome.REFUSED}:
            return Outcome.REFUSED
        if Outcome.APPROVED not in found:
            outcome = Outcome.OPEN
    return outcome


def held_by(locks: Iterable[Lock], custodian: str, verifier: str) -> frozenset[Place]:
    """Where that custodian holds a part under that key."""
    found: set[Place] = set()
    for lock in locks:
        if lock.holders.get(custodian) == verifier:
            found |= {(document, "") for document in lock.documents}
        for other in lock.others:
            if other.holders.get(custodian) == verifier:
                found |= set(other.reshares.items())
    return frozenset(found)


def _of_key(key: Lock | Other, votes: Iterable[Vote]) -> Outcome:
    heard = [vote for vote in votes if key.holders.get(vote.custodian) == vote.verifier]
    approvals = sum(vote.approves for vote in heard)
    if len(key.holders) - (len(heard) - approvals) < key.k:
        return Outcome.REFUSED
    return Outcome.APPROVED if approvals >= key.k else Outcome.OPEN
