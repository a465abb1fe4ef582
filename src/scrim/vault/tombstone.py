"""What is left of a period document when its sealed parts are destroyed.

Canonical JSON ``scrim-gone-v1``: which document it was (by its SHA-256, which the
ledger has too), whose parts were in it, and the ledger entry that says that they are
gone.  Without the parts nobody can put the period's secret together again, so that
whatever may be left of its sealed segments on a worn disk stays sealed for good:
cryptographic erase, NIST SP 800-88 Rev. 2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from scrim.canonical import canonical
from scrim.errors import SealBroken
from scrim.vault.fields import Fields, is_name, load

FORMAT: Final = "scrim-gone-v1"

_FIELDS: Final = frozenset(
    {
        "format",
        "camera",
        "epoch",
        "period",
        "opened_us",
        "recipient",
        "document_sha256",
        "custodians",
        "entry",
    }
)


@dataclass(frozen=True, slots=True)
class Tombstone:
    """A tombstone, read and checked in itself.

    Args:
        camera, epoch, period, opened_us, recipient: as in the document.
        document_sha256: of the document's bytes.
        custodians: ids of those who had a part; none where the document was lost before.
        entry: index of the ledger entry that logs the destruction.
    """

    camera: str
    epoch: int
    period: int
    opened_us: int
    recipient: str
    document_sha256: str
    custodians: Sequence[str]
    entry: int

    def to_bytes(self) -> bytes:
        """The canonical JSON."""
        return canonical(
            {
                "format": FORMAT,
                "camera": self.camera,
                "epoch": self.epoch,
                "period": self.period,
                "opened_us": self.opened_us,
                "recipient": self.recipient,
                "document_sha256": self.document_sha256,
                "custodians": list(self.custodians),
                "entry": self.entry,
            }
        )

    @classmethod
    def parse(cls, data: bytes) -> Tombstone:
        """Read a tombstone.

        Raises:
            SealBroken: it is none.
        """
        try:
            fields = Fields(load(data), _FIELDS)
            fields.is_exactly("format", FORMAT)
            custodians = tuple(map(str, fields.items("custodians")))
            if not all(is_name(name) for name in fields.items("custodians")):
                raise ValueError("a custodian's id is none")
            return cls(
                fields.name("camera"),
                fields.number("epoch"),
                fields.number("period"),
                fields.number("opened_us"),
                fields.text("recipient"),
                fields.sha256("document_sha256"),
                custodians,
                fields.number("entry"),
            )
        except ValueError as error:
            raise SealBroken(
                f"This is not a tombstone of a period document: {error}.",
                "Take it from a copy of the data folder.",
            ) from None
