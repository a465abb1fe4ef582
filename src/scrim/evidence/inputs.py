"""What a bundle is made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from scrim.ledger import VerifierKey
from scrim.ledger.receipt import Receipt
from scrim.vault.statement import Statement


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked, answered and recorded.

    Args:
        request: as signed.
        answers: as signed, in the order in which they came; at most one a custodian.
        periods: document and manifest of each period of the request, as stored.
        reshares: re-sharings of its periods, as stored.
        sets: sets of custodians (canonical JSON), for periods that name no signing keys.
    """

    request: Statement
    answers: Sequence[Statement]
    periods: Sequence[tuple[bytes, bytes]] = field(repr=False)
    sets: Sequence[bytes] = field(default=(), repr=False)
    reshares: Sequence[bytes] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Pictures:
    """What was opened.

    Args:
        originals: key of each sealed object to the file with what was inside.
        viewing: the viewing copies, ``NAME.mp4``, signed (:mod:`scrim.evidence.credentials`).
        certificate: PEM, under which they were signed, with the anchor after it.
        acquired_us: when the originals were decrypted, UTC microseconds.
    """

    originals: Mapping[str, Path]
    viewing: Sequence[Path]
    certificate: bytes
    acquired_us: int


@dataclass(frozen=True, slots=True)
class Record:
    """What the ledger says of the case and its periods, against one checkpoint.

    Args:
        checkpoint: the signed note.
        receipts: in any order.
        key: the ledger's key.
        anchor: PEM, the anchor of content credentials.
    """

    checkpoint: str
    receipts: Sequence[Receipt]
    key: VerifierKey
    anchor: bytes
