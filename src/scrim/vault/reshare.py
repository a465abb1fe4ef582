"""All deals of one period: with them the new custodians can open it, and the old ones still.

Rules (what breaks one is not a re-sharing):

1. One deal by each of the k participants, in their order, all naming the same
   period, new set and participants.  So every piece is dealt exactly once.
2. Each deal holds in itself and against the period document (:mod:`~.deal`).

It is public: it holds commitments and sealed parts only.  It takes nothing away from
the old custodians, whose parts stay good for ever.  docs/ref/formats/reshare.md has
the bytes, and what fewer than k and fewer than k' people can learn.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from scrim.canonical import Json, canonical
from scrim.errors import CustodianInvalid, SealBroken, StatementInvalid
from scrim.vault.custodian_set import CustodianSet
from scrim.vault.deal import Deal
from scrim.vault.document import PeriodDocument, document_digest
from scrim.vault.fields import Fields, load
from scrim.vault.statement import Statement

FORMAT: Final = "scrim-reshare-v1"

_FIELDS: Final = frozenset({"format", "document_sha256", "custodians", "deals"})


@dataclass(frozen=True, slots=True)
class Reshare:
    """A complete re-sharing, checked against its period.

    Args:
        document: the period document.
        custodians: the new set.
        statements: the signed deals, in the order of the participants.
        known: old recipient -> verifier, by the sets in the ledger, for period
            documents that name no verifiers.

    Raises:
        StatementInvalid: a deal is missing, over, or does not hold.
        SealBroken: the document is not one.
    """

    document: bytes
    custodians: CustodianSet
    statements: tuple[Statement, ...]
    known: Mapping[str, str]

    def __post_init__(self) -> None:
        period = PeriodDocument.parse(self.document)
        recipients = {one.id: one.recipient for one in period.custodians.custodians}
        deals = self.deals
        if not deals:
            raise _incomplete("nobody has dealt")
        for statement, deal in zip(self.statements, deals, strict=True):
            known = self.known.get(recipients.get(deal.dealer, ""), "")
            deal.check(self.document, self.custodians, statement.verifier, known=known)
        for deal in deals:
            if deal.participants != deals[0].participants:
                raise _incomplete(f"the deal of {deal.dealer} is with other participants")
        dealers = [deal.dealer for deal in deals]
        if len(set(dealers)) != len(dealers):
            twice = next(name for name in dealers if dealers.count(name) > 1)
            raise _incomplete(f"custodian {twice} has dealt twice")
        missing = [name for name in deals[0].participants if name not in dealers]
        if missing:
            raise _incomplete(f"the deal of {missing[0]} is missing")
        if tuple(dealers) != deals[0].participants:
            raise _incomplete("the deals are not in the order of the participants")

    @property
    def deals(self) -> tuple[Deal, ...]:
        """The deals, in the order of the participants."""
        return tuple(Deal.of(statement) for statement in self.statements)

    @property
    def sha256(self) -> str:
        """Of its canonical JSON, in hexadecimal: its name in answers and in the ledger."""
        return hashlib.sha256(self.to_bytes()).hexdigest()

    def verifier_of(self, custodian: str) -> str | None:
        """With which key a custodian of the new set answers; ``None`` if they are not in it."""
        for member in self.custodians.custodians:
            if member.id == custodian:
                return member.verifier
        return None

    def to_bytes(self) -> bytes:
        """The canonical JSON."""
        deals: list[Json] = [statement.document() for statement in self.statements]
        return canonical(
            {
                "format": FORMAT,
                "document_sha256": document_digest(self.document),
                "custodians": self.custodians.document(),
                "deals": deals,
            }
        )

    @classmethod
    def gather(
        cls,
        document: bytes,
        custodians: CustodianSet,
        statements: Sequence[Statement],
        known: Mapping[str, str] | None = None,
    ) -> Reshare:
        """The re-sharing of deals in any order.

        Raises:
            StatementInvalid, SealBroken: as the class.
        """
        order = [one.id for one in PeriodDocument.parse(document).custodians.custodians]

        def place(statement: Statement) -> int:
            dealer = Deal.of(statement).dealer
            return order.index(dealer) if dealer in order else len(order)

        return cls(document, custodians, tuple(sorted(statements, key=place)), known or {})

    @classmethod
    def parse(cls, data: bytes, document: bytes, known: Mapping[str, str] | None = None) -> Reshare:
        """Read a re-sharing and hold it against the period document.

        Raises:
            SealBroken: not one, or of another period.
            StatementInvalid: a deal does not hold.
        """
        try:
            fields = _fields(data)
            fields.is_exactly("document_sha256", document_digest(document))
            custodians = CustodianSet.from_document(fields.mapping("custodians"))
            deals = fields.items("deals")
        except (ValueError, CustodianInvalid) as error:
            reason = error.message if isinstance(error, CustodianInvalid) else str(error)
            raise SealBroken(
                f"This is not a re-sharing of that period: {reason.rstrip('.')}.",
                "Take it from a copy, or use parts of the old custodians.",
            ) from None
        statements = tuple(Statement.from_document(deal) for deal in deals)
        return cls(document, custodians, statements, known or {})


def document_named(data: bytes) -> str:
    """Hash of the period document that a re-sharing says it is of; nothing else is checked.

    Raises:
        SealBroken: not a re-sharing.
    """
    try:
        return _fields(data).sha256("document_sha256")
    except ValueError as error:
        raise SealBroken(
            f"This is not a re-sharing: {error}.", "Take what `scrim custodian reshare` wrote."
        ) from None


def custodians_named(data: bytes, *, sha256: str) -> CustodianSet:
    """The new set of a re-sharing that was checked when it was stored.

    Raises:
        SealBroken: these are not the bytes that were.
    """
    if hashlib.sha256(data).hexdigest() != sha256:
        raise SealBroken("A re-sharing is not the one that was stored.", "Restore it from a copy.")
    return CustodianSet.from_document(_fields(data).mapping("custodians"))


def _fields(data: bytes) -> Fields:
    fields = Fields(load(data), _FIELDS)
    fields.is_exactly("format", FORMAT)
    return fields


def _incomplete(reason: str) -> StatementInvalid:
    return StatementInvalid(
        f"The period is not re-shared: {reason}.",
        "Gather one deal of each participant; the old parts are as good as before.",
    )
