"""The period document: everything about a period's key but the key.

Canonical JSON ``scrim-period-v2`` (``v1`` where no custodian has a verifier),
written when the period opens and never changed; docs/ref/formats/period.md
describes it byte by byte.  Whoever holds it can seal to the period, and can
check and combine parts; it opens nothing.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from scrim.canonical import canonical
from scrim.errors import CustodianInvalid, SealBroken
from scrim.vault import agekeys, sharing
from scrim.vault.custodian_set import Custodian, CustodianSet
from scrim.vault.fields import Fields, is_sha256, load
from scrim.vault.part import Part, commitment

FORMAT = "scrim-period-v2"
FORMAT_V1 = "scrim-period-v1"

_FIELDS = frozenset(
    {
        "format",
        "camera",
        "epoch",
        "period",
        "opened_us",
        "recipient",
        "k",
        "custodians",
        "demo",
        "commitments",
    }
)
_CUSTODIAN_FIELDS = frozenset({"id", "recipient", "fingerprint", "part"})


def document_digest(data: bytes) -> str:
    """SHA-256 of a period document's bytes, in lower-case hexadecimal."""
    return hashlib.sha256(data).hexdigest()


@dataclass(frozen=True, slots=True)
class PeriodDocument:
    """A period document, read and checked in itself.

    Args:
        camera, epoch, period: what it is for.
        opened_us: UTC microseconds.
        recipient: the age recipient to which the period's segments are sealed.
        custodians: who holds the parts.
        parts: custodian's id -> age file holding their part.
        commitments: SHA-256 of each piece, by number.
    """

    camera: str
    epoch: int
    period: int
    opened_us: int
    recipient: str
    custodians: CustodianSet
    parts: Mapping[str, bytes]
    commitments: tuple[str, ...]

    def to_bytes(self) -> bytes:
        """The canonical JSON."""
        signed = self.custodians.has_verifiers
        return canonical(
            {
                "format": FORMAT if signed else FORMAT_V1,
                "camera": self.camera,
                "epoch": self.epoch,
                "period": self.period,
                "opened_us": self.opened_us,
                "recipient": self.recipient,
                "k": self.custodians.k,
                "custodians": [
                    {
                        "id": custodian.id,
                        "recipient": custodian.recipient,
                        "fingerprint": custodian.fingerprint,
                        "part": base64.b64encode(self.parts[custodian.id]).decode(),
                        **({"verifier": custodian.verifier} if signed else {}),
                    }
                    for custodian in self.custodians.custodians
                ],
                "demo": self.custodians.demo,
                "commitments": list(self.commitments),
            }
        )

    @classmethod
    def parse(cls, data: bytes, *, sha256: str | None = None) -> PeriodDocument:
        """Read a period document.

        Args:
            data: the bytes as stored.
            sha256: the hash that the ledger or the manifest names, if at hand.

        Raises:
            SealBroken: another hash, or not a period document that holds in itself.
        """
        try:
            if sha256 is not None and document_digest(data) != sha256:
                raise ValueError("its SHA-256 is not the one on record")
            return cls._read(data)
        except (ValueError, CustodianInvalid) as error:
            reason = error.message if isinstance(error, CustodianInvalid) else str(error)
            raise SealBroken(
                f"This is not a period document as it was written: {reason.rstrip('.')}.",
                "Take it from a copy of the data folder; the ledger holds its SHA-256.",
            ) from None

    @classmethod
    def _read(cls, data: bytes) -> PeriodDocument:
        fields = Fields(load(data), _FIELDS)
        signed = fields.text("format") != FORMAT_V1
        if signed:
            fields.is_exactly("format", FORMAT)
        names = _CUSTODIAN_FIELDS | ({"verifier"} if signed else set())
        members = [Fields(item, names) for item in fields.items("custodians")]
        custodians = CustodianSet(
            fields.number("k"),
            tuple(
                Custodian(
                    member.name("id"),
                    member.text("recipient"),
                    member.text("verifier") if signed else "",
                )
                for member in members
            ),
            fields.truth("demo"),
        )
        if custodians.has_verifiers != signed:
            raise ValueError("nobody has a verifier")
        parts: dict[str, bytes] = {}
        for custodian, member in zip(custodians.custodians, members, strict=True):
            member.is_exactly("fingerprint", custodian.fingerprint)
            text = member.text("part")
            parts[custodian.id] = base64.b64decode(text, validate=True)
            if base64.b64encode(parts[custodian.id]).decode() != text:
                raise ValueError("a part is not in base64's usual spelling")
        recipient = fields.text("recipient")
        agekeys.check_recipient(recipient)
        commitments = tuple(item for item in fields.items("commitments") if isinstance(item, str))
        if not all(is_sha256(item) for item in fields.items("commitments")):
            raise ValueError("a commitment is not a SHA-256 in lower-case hexadecimal")
        if len(commitments) != sharing.piece_count(len(members), custodians.k):
            raise ValueError("there are not as many commitments as pieces")
        return cls(
            fields.name("camera"),
            fields.number("epoch"),
            fields.number("period"),
            fields.number("opened_us"),
            recipient,
            custodians,
            parts,
            commitments,
        )

    def fault_of(self, part: Part) -> str | None:
        """What is wrong with an opened part, or ``None`` if it is the right one.

        Everything the part says of itself, and every piece, is held against
        this document.
        """
        for label, found, expected in (
            ("camera", part.camera, self.camera),
            ("epoch", part.epoch, self.epoch),
            ("period", part.period, self.period),
            ("recipient", part.recipient, self.recipient),
        ):
            if found != expected:
                return f"it was made for {label} {found}, not {expected}"
        ids = [custodian.id for custodian in self.custodians.custodians]
        if part.custodian not in ids:
            return "no custodian of that name holds a part of this period"
        held = sharing.pieces_held(len(ids), self.custodians.k, ids.index(part.custodian))
        if set(part.pieces) != set(held):
            return "it does not hold the pieces that this custodian was handed"
        for number, piece in part.pieces.items():
            if commitment(piece) != self.commitments[number]:
                return f"its piece {number} is not the one that was handed out"
        return None
