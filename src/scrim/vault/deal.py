r"""A deal: an old custodian hands pieces of a period on to new custodians.

::

    piece i of the old set ──► C(n', k'-1) new sub-pieces, their XOR is piece i
                                 │ each sealed to the new custodians who hold it
                                 └ the SHA-256 of each is public

k old custodians take part.  Each piece is dealt by one of them: the first, in the
order of the document, who holds it.  Together they hold every piece (:mod:`~.sharing`),
so every piece is dealt, and none of them learns one that they did not hold already.

Rules (what breaks one is no deal of this period):

1. It names the period document, the new set and all k participants by hash and id,
   so that deals for different sets or by different participants never mix.
2. Its dealer is one of the participants, and signs it with the key that the period
   document names (or, in documents without keys, that of the set in the ledger).
3. It deals exactly the pieces that are this dealer's to deal.
4. It has one sealed part for each new custodian, in their order.

That the sub-pieces XOR to the piece is seen by k' new custodians together, and then
at whose deal it fails (:mod:`~.dealing`).  docs/ref/formats/reshare.md has the bytes.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from scrim.canonical import Json, digest
from scrim.errors import CustodianInvalid, StatementInvalid
from scrim.vault import sharing
from scrim.vault.custodian_set import CustodianSet
from scrim.vault.document import PeriodDocument
from scrim.vault.fields import Fields, is_name, is_sha256
from scrim.vault.statement import Statement

FORMAT: Final = "scrim-deal-v1"

_FIELDS: Final = frozenset(
    {
        "format",
        "document_sha256",
        "custodians_sha256",
        "participants",
        "dealer",
        "dealt_us",
        "pieces",
        "parts",
    }
)


def sub_commitment(piece: bytes | bytearray) -> str:
    r"""SHA-256 over ``"scrim/sub-piece/v1\n"`` and the 32 bytes, in hexadecimal."""
    return hashlib.sha256(b"scrim/sub-piece/v1\n" + piece).hexdigest()


def pieces_dealt(period: PeriodDocument, participants: Sequence[str], dealer: str) -> list[int]:
    """Numbers of the pieces that are ``dealer``'s to deal, ascending.

    Raises:
        CustodianInvalid: the participants are not k different custodians of the
            period in their order, or the dealer is none of them.
    """
    ids = [custodian.id for custodian in period.custodians.custodians]
    n, k = len(ids), period.custodians.k
    again = "Name k of the period's custodians, each once, in the order of its document."
    if [name for name in ids if name in participants] != list(participants):
        raise CustodianInvalid("These are not custodians of that period, in their order.", again)
    if len(participants) != k:
        raise CustodianInvalid(f"{len(participants)} of the {k} who must take part do.", again)
    if dealer not in participants:
        raise CustodianInvalid(f"Custodian {dealer} does not take part.", again)
    taken: set[int] = set()
    for name in participants:
        held = set(sharing.pieces_held(n, k, ids.index(name))) - taken
        if name == dealer:
            return sorted(held)
        taken |= held
    raise AssertionError("the dealer is one of the participants")


@dataclass(frozen=True, slots=True)
class Deal:
    """A deal, read and checked in itself.

    Args:
        document_sha256: of the period document.
        custodians_sha256: of the new set's canonical JSON.
        participants: ids of the k old custodians, in the document's order.
        dealer: who of them deals here.
        dealt_us: by the dealer's clock.
        commitments: piece's number -> commitments to its sub-pieces, by their number.
        parts: new custodian's id -> age file with what they hold of it, in the set's order.
    """

    document_sha256: str
    custodians_sha256: str
    participants: tuple[str, ...]
    dealer: str
    dealt_us: int
    commitments: Mapping[int, tuple[str, ...]]
    parts: Mapping[str, bytes]

    def body(self) -> dict[str, Json]:
        """The body that the dealer signs."""
        return {
            "format": FORMAT,
            "document_sha256": self.document_sha256,
            "custodians_sha256": self.custodians_sha256,
            "participants": list(self.participants),
            "dealer": self.dealer,
            "dealt_us": self.dealt_us,
            "pieces": [
                {"piece": number, "commitments": list(commitments)}
                for number, commitments in self.commitments.items()
            ],
            "parts": [
                {"custodian": name, "sealed": base64.b64encode(sealed).decode()}
                for name, sealed in self.parts.items()
            ],
        }

    @classmethod
    def of(cls, statement: Statement) -> Deal:
        """The deal that ``statement`` makes; :meth:`check` says whether it is this period's.

        Raises:
            StatementInvalid: it makes none.
        """
        try:
            return _read(statement.body)
        except (ValueError, binascii.Error) as error:
            raise _invalid(str(error)) from None

    def check(
        self, document: bytes, custodians: CustodianSet, verifier: str, *, known: str = ""
    ) -> None:
        """Hold the deal against the period and the new set.

        Args:
            document: the period document.
            custodians: the new set.
            verifier: of the statement.
            known: the dealer's verifier by the set in the ledger, for a document
                that names none.

        Raises:
            StatementInvalid: another period's, set's or person's, or not what
                that dealer has to deal.
            SealBroken: the document is not one.
        """
        period = PeriodDocument.parse(document)
        try:
            if hashlib.sha256(document).hexdigest() != self.document_sha256:
                raise ValueError("it is of another period")
            if digest(custodians.document()) != self.custodians_sha256:
                raise ValueError("it is for another set of custodians")
            wanted = pieces_dealt(period, self.participants, self.dealer)
            if verifier != _verifier(period, self.dealer, known):
                raise ValueError(f"it is not signed by custodian {self.dealer}")
            if list(self.commitments) != wanted:
                raise ValueError(f"it does not deal the pieces that {self.dealer} has to deal")
            count = sharing.piece_count(len(custodians.custodians), custodians.k)
            if any(len(commitments) != count for commitments in self.commitments.values()):
                raise ValueError("a piece is not dealt in as many sub-pieces as the new set has")
            if list(self.parts) != [custodian.id for custodian in custodians.custodians]:
                raise ValueError("it has not one part for each new custodian, in their order")
        except CustodianInvalid as error:
            raise _invalid(error.message) from None
        except ValueError as error:
            raise _invalid(str(error)) from None


def _verifier(period: PeriodDocument, dealer: str, known: str) -> str:
    member = next(one for one in period.custodians.custodians if one.id == dealer)
    verifier = member.verifier or known
    if not verifier:
        raise ValueError(f"with what key {dealer} signs is not known")
    return verifier


def _read(body: object) -> Deal:
    fields = Fields(body, _FIELDS)
    fields.is_exactly("format", FORMAT)
    commitments: dict[int, tuple[str, ...]] = {}
    for item in fields.items("pieces"):
        piece = Fields(item, frozenset({"piece", "commitments"}))
        number, hashes = piece.number("piece"), piece.items("commitments")
        if number <= max(commitments, default=-1):
            raise ValueError("its pieces are not ascending, each once")
        if not all(is_sha256(one) for one in hashes):
            raise ValueError("a commitment is not a SHA-256 in lower-case hexadecimal")
        commitments[number] = tuple(str(one) for one in hashes)
    participants = fields.items("participants")
    if not all(is_name(name) for name in participants):
        raise ValueError("a participant is not 1 to 40 of a-z, 0-9 and -")
    return Deal(
        fields.sha256("document_sha256"),
        fields.sha256("custodians_sha256"),
        tuple(str(name) for name in participants),
        fields.name("dealer"),
        fields.number("dealt_us"),
        commitments,
        _parts(fields.items("parts")),
    )


def _parts(items: Sequence[Any]) -> dict[str, bytes]:
    parts: dict[str, bytes] = {}
    for item in items:
        part = Fields(item, frozenset({"custodian", "sealed"}))
        name, text = part.name("custodian"), part.text("sealed")
        if name in parts:
            raise ValueError("it has two parts for one custodian")
        parts[name] = base64.b64decode(text, validate=True)
        if base64.b64encode(parts[name]).decode() != text:
            raise ValueError("a part is not in base64's usual spelling")
    return parts


def _invalid(reason: str) -> StatementInvalid:
    return StatementInvalid(
        f"This deal cannot be used: {reason.rstrip('.')}.",
        "Have that custodian deal again; the old parts are as good as before.",
    )
