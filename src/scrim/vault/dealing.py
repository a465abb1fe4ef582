"""Dealing: an old custodian's device splits, a new one's opens, an officer's combines.

::

    Part of an old custodian ──► Deal, signed                     deal
    Reshare ── new custodian's identity ──► DealtPart             open_dealt_part
    DealtPart, DealtPart, … (k' of them) ──► AGE-SECRET-KEY-1…    combine_dealt

The period's secret stands nowhere whole before an officer with a case combines: an old
custodian's device holds the pieces that it held anyway, a new one's the sub-pieces of
one new custodian.  Like :mod:`~.opening`, never imported by the recorder or the server.

Source: the replicated sharing of :mod:`~.sharing`, applied once more to each piece;
Desmedt and Jajodia, "Redistributing secret shares to new access structures and its
applications", 1997.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from scrim.canonical import canonical, digest
from scrim.errors import CustodianInvalid, PartInvalid, PartsTooFew, SealBroken
from scrim.vault import agekeys, recipients, sharing
from scrim.vault.custodian_set import CustodianSet
from scrim.vault.deal import Deal, pieces_dealt, sub_commitment
from scrim.vault.document import PeriodDocument, document_digest
from scrim.vault.fields import Fields, load
from scrim.vault.openers import Opener
from scrim.vault.part import Part, commitment
from scrim.vault.reshare import Reshare
from scrim.vault.sharing import PIECE_BYTES
from scrim.vault.signing import Signer
from scrim.vault.statement import Statement

FORMAT: Final = "scrim-dealt-part-v1"

_FIELDS: Final = frozenset(
    {"format", "document_sha256", "custodians_sha256", "custodian", "pieces"}
)

Pieces = Mapping[int, Mapping[int, bytes | bytearray]]


@dataclass(frozen=True, slots=True)
class DealtPart:
    """What a new custodian holds.  Secret: ``repr`` leaves the pieces out.

    ``pieces`` maps an old piece's number to the sub-pieces by their number, 32 bytes each.
    """

    document_sha256: str
    custodians_sha256: str
    custodian: str
    pieces: Pieces = field(repr=False)

    def plaintext(self) -> bytes:
        """What is sealed to the custodian, and to an officer."""
        return canonical(
            {
                "format": FORMAT,
                "document_sha256": self.document_sha256,
                "custodians_sha256": self.custodians_sha256,
                "custodian": self.custodian,
                "pieces": {
                    str(number): {str(sub): piece.hex() for sub, piece in subs.items()}
                    for number, subs in self.pieces.items()
                },
            }
        )

    @classmethod
    def parse(cls, plaintext: bytes) -> DealtPart:
        """Read an opened part.

        Raises:
            ValueError: not such a part; the message holds nothing of the pieces.
        """
        fields = Fields(load(plaintext), _FIELDS)
        fields.is_exactly("format", FORMAT)
        pieces = {
            _number(number): {_number(sub): _piece(text) for sub, text in _object(subs).items()}
            for number, subs in fields.mapping("pieces").items()
        }
        return cls(
            fields.sha256("document_sha256"),
            fields.sha256("custodians_sha256"),
            fields.name("custodian"),
            pieces,
        )


def deal(
    document: bytes,
    part: Part,
    custodians: CustodianSet,
    participants: Sequence[str],
    signer: Signer,
    dealt_us: int,
    *,
    known: str = "",
) -> Statement:
    """An old custodian deals their pieces to a new set.

    Args:
        document: the period document.
        part: the dealer's own, opened.
        custodians: the new set.
        participants: ids of the k old custodians who deal, in the document's order.
        signer: the dealer's signing key.
        dealt_us: UTC microseconds.
        known: the dealer's verifier by the ledger, for a document that names none.

    Raises:
        PartInvalid: not the dealer's part of this period.
        CustodianInvalid: the participants are not k of the period's custodians.
        StatementInvalid: the signing key is not the dealer's.
        SealBroken: the document is not one.
    """
    period = PeriodDocument.parse(document)
    fault = period.fault_of(part)
    if fault is not None:
        raise _invalid(part.custodian, fault)
    dealer = part.custodian
    n, k = len(custodians.custodians), custodians.k
    split = {
        number: _split(part.pieces[number], n, k)
        for number in pieces_dealt(period, participants, dealer)
    }
    sealed: dict[str, bytes] = {}
    document_sha256, custodians_sha256 = document_digest(document), digest(custodians.document())
    for index, custodian in enumerate(custodians.custodians):
        held = sharing.pieces_held(n, k, index)
        pieces = {number: {sub: subs[sub] for sub in held} for number, subs in split.items()}
        dealt = DealtPart(document_sha256, custodians_sha256, custodian.id, pieces)
        sealed[custodian.id] = recipients.seal(dealt.plaintext(), custodian.recipient)
    made = Deal(
        document_sha256,
        custodians_sha256,
        tuple(participants),
        dealer,
        dealt_us,
        {number: tuple(map(sub_commitment, subs)) for number, subs in split.items()},
        sealed,
    )
    for subs in split.values():
        for piece in subs:
            piece[:] = bytes(len(piece))
    statement = Statement.sign(made.body(), signer)
    made.check(document, custodians, statement.verifier, known=known)
    return statement


def open_dealt_part(reshare: Reshare, opener: Opener) -> DealtPart:
    """A new custodian opens what every dealer sealed to them.

    Raises:
        CustodianInvalid: the identity is none of the new set's.
        PartInvalid: a dealer's part is damaged or not what its commitments say;
            ``custodian`` names the dealer.
        TokenUnusable: the custodian's token did not do what was asked.
    """
    mine = opener.recipient
    holder = next((one.id for one in reshare.custodians.custodians if one.recipient == mine), None)
    if holder is None:
        raise CustodianInvalid(
            "This identity is of nobody in the new set.",
            "Use the identity whose public recipient stands in the re-sharing.",
        )
    pieces: dict[int, Mapping[int, bytes | bytearray]] = {}
    for one in reshare.deals:
        try:
            part = DealtPart.parse(opener.open(one.parts[holder]))
        except SealBroken:
            raise _invalid(one.dealer, f"what they dealt to {holder} does not open") from None
        except ValueError as error:
            raise _invalid(one.dealer, str(error)) from None
        fault = _fault(reshare, part, holder, (one,))
        if fault is not None:
            raise _invalid(one.dealer, fault)
        pieces.update(part.pieces)
    found = reshare.deals[0]
    return DealtPart(found.document_sha256, found.custodians_sha256, holder, pieces)


def fault_of(reshare: Reshare, part: DealtPart) -> str | None:
    """How a gathered part is not what was dealt to its custodian; ``None`` if it is."""
    return _fault(reshare, part, part.custodian, reshare.deals)


def combine_dealt(reshare: Reshare, parts: Sequence[DealtPart]) -> str:
    """The period's identity, from the parts of k' new custodians.

    Returns:
        ``AGE-SECRET-KEY-1…``, the same that k old custodians' parts make.

    Raises:
        PartInvalid: a part was changed (``custodian`` names the new custodian), or
            the sub-pieces of a deal do not make the old piece (it names the dealer).
        PartsTooFew: fewer than k' custodians' parts.
        SealBroken: all pieces are right and still do not make the period's secret.
    """
    period = PeriodDocument.parse(reshare.document)
    n, k = len(reshare.custodians.custodians), reshare.custodians.k
    subs: dict[int, dict[int, bytes | bytearray]] = {}
    for part in parts:
        fault = _fault(reshare, part, part.custodian, reshare.deals)
        if fault is not None:
            raise _invalid(part.custodian, fault)
        for number, held in part.pieces.items():
            subs.setdefault(number, {}).update(held)
    present = {part.custodian for part in parts}
    if len(present) < k:
        raise PartsTooFew(
            f"{len(present)} of the {k} parts needed are here.",
            f"Ask {k - len(present)} more of the {n} new custodians.",
        )
    pieces: dict[int, bytes | bytearray] = {}
    for one in reshare.deals:
        for number in one.commitments:
            pieces[number] = sharing.join(n, k, subs[number])
            if commitment(pieces[number]) != period.commitments[number]:
                raise _invalid(one.dealer, f"what they dealt is not piece {number} of the period")
    old = period.custodians
    secret = sharing.join(len(old.custodians), old.k, pieces)
    if agekeys.recipient_of(secret) != period.recipient:
        raise SealBroken(
            "The pieces are those of the document, but its recipient has another secret.",
            "The document was not written by a sound recorder; compare it with the ledger.",
        )
    return agekeys.identity_text(secret)


def _fault(reshare: Reshare, part: DealtPart, holder: str, deals: Sequence[Deal]) -> str | None:
    """How a part is not what ``deals`` committed to for ``holder``; ``None`` if it is."""
    if part.document_sha256 != deals[0].document_sha256:
        return "it was made for another period"
    if part.custodians_sha256 != deals[0].custodians_sha256:
        return "it was made for another set of custodians"
    ids = [custodian.id for custodian in reshare.custodians.custodians]
    if part.custodian != holder or holder not in ids:
        return f"inside it says that it is for custodian {part.custodian}"
    if set(part.pieces) != {number for one in deals for number in one.commitments}:
        return "it does not hold the pieces that were dealt"
    held = set(sharing.pieces_held(len(ids), reshare.custodians.k, ids.index(holder)))
    for one in deals:
        for number, commitments in one.commitments.items():
            if set(part.pieces[number]) != held:
                return "it does not hold the sub-pieces of this custodian"
            for sub, piece in part.pieces[number].items():
                if sub_commitment(piece) != commitments[sub]:
                    return f"sub-piece {number}/{sub} is not the one committed to"
    return None


def _split(piece: bytes | bytearray, n: int, k: int) -> list[bytearray]:
    """Fresh sub-pieces whose XOR is ``piece``."""
    made = sharing.fresh_pieces(n, k)
    rest = sharing.join(n, k, dict(enumerate(made)))
    last = made[-1]
    for at, byte in enumerate(piece):
        last[at] ^= rest[at] ^ byte
    rest[:] = bytes(len(rest))
    return made


def _object(value: object) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise ValueError("a piece's sub-pieces are not an object")
    return value


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or str(int(text)) != text:
        raise ValueError("a piece's number is not a number")
    return int(text)


def _piece(text: object) -> bytes:
    try:
        if isinstance(text, str) and len(text) == 2 * PIECE_BYTES:
            piece = bytes.fromhex(text)
            if piece.hex() == text:
                return piece
    except ValueError:
        pass
    raise ValueError("a piece is not 64 hexadecimal digits in lower case")


def _invalid(custodian: str, reason: str) -> PartInvalid:
    return PartInvalid(
        f"What custodian {custodian} gave is not usable: {reason}.",
        "Have them deal or answer again, or use parts of the old custodians.",
        custodian=custodian,
    )
