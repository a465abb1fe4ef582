"""A custodian's part of a period's secret, as it stands inside its seal.

Canonical JSON ``scrim-part-v1``, sealed with age to the custodian's own
recipient.  It says in the inside for which camera, epoch, period, recipient
and custodian it is, so that a part under another label is found out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from scrim.canonical import canonical
from scrim.vault.fields import Fields, load
from scrim.vault.sharing import PIECE_BYTES

FORMAT = "scrim-part-v1"

_FIELDS = frozenset({"format", "camera", "epoch", "period", "recipient", "custodian", "pieces"})


def commitment(piece: bytes | bytearray) -> str:
    r"""SHA-256 over ``"scrim/piece/v1\n"`` and the 32 bytes, in hexadecimal.

    Public.  It gives nothing away that the public recipient does not: a piece
    is 256 random bits (ADR 0031).
    """
    return hashlib.sha256(b"scrim/piece/v1\n" + piece).hexdigest()


@dataclass(frozen=True, slots=True)
class Part:
    """An opened part.  Secret: ``repr`` leaves the pieces out.

    ``pieces`` maps a piece's number to its 32 bytes.
    """

    camera: str
    epoch: int
    period: int
    recipient: str
    custodian: str
    pieces: Mapping[int, bytes | bytearray] = field(repr=False)

    def plaintext(self) -> bytes:
        """What is sealed to the custodian."""
        return canonical(
            {
                "format": FORMAT,
                "camera": self.camera,
                "epoch": self.epoch,
                "period": self.period,
                "recipient": self.recipient,
                "custodian": self.custodian,
                "pieces": {str(number): piece.hex() for number, piece in self.pieces.items()},
            }
        )

    @classmethod
    def parse(cls, plaintext: bytes) -> Part:
        """Read an opened part.

        Raises:
            ValueError: not such a part; the message holds nothing of the pieces.
        """
        fields = Fields(load(plaintext), _FIELDS)
        fields.is_exactly("format", FORMAT)
        pieces: dict[int, bytes | bytearray] = {}
        for number, text in fields.mapping("pieces").items():
            if not (number.isascii() and number.isdecimal()) or str(int(number)) != number:
                raise ValueError("a piece's number is not a number")
            if not isinstance(text, str) or len(text) != 2 * PIECE_BYTES:
                raise ValueError("a piece is not 64 hexadecimal digits")
            try:
                pieces[int(number)] = bytes.fromhex(text)
            except ValueError:
                raise ValueError("a piece is not 64 hexadecimal digits") from None
            if pieces[int(number)].hex() != text:
                raise ValueError("a piece is not 64 hexadecimal digits in lower case")
        return cls(
            fields.name("camera"),
            fields.number("epoch"),
            fields.number("period"),
            fields.text("recipient"),
            fields.name("custodian"),
            pieces,
        )
