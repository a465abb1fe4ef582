"""The period manifest: what a closed period holds, in order, and nothing else.

Canonical JSON ``scrim-manifest-v1``, written when the period closes; its
SHA-256 goes into the ledger.  It names the period document by hash, carries
every record as the chain hashed it, says which of them have no object (a
crash, a full disk), and ends in the chain's head, so that a record edited,
left out, added or moved does not parse.
docs/ref/formats/period.md describes it byte by byte.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scrim.canonical import Json, canonical
from scrim.errors import SealBroken
from scrim.vault.chain import chain_head as head_of
from scrim.vault.document import PeriodDocument, document_digest
from scrim.vault.fields import Fields, load

__all__ = ["FORMAT", "SIDES", "Manifest", "build", "document_digest", "parse"]

FORMAT = "scrim-manifest-v1"
SIDES = ("sealed", "masked")

_FIELDS = frozenset(
    {
        "format",
        "document_sha256",
        "camera",
        "epoch",
        "period",
        "opened_us",
        "closed_us",
        "closed_by",
        "records",
        "lost",
        "chain_head",
    }
)
_RECORD_FIELDS = frozenset({"side", "segment", "start_us", "end_us", "key", "size", "sha256"})

_REMEDY = "Take it from a copy of the data folder; the ledger holds its SHA-256."


@dataclass(frozen=True, slots=True)
class Manifest:
    """A period manifest, read and checked in itself.

    ``records`` are as the recorder wrote them, before it put the object; each
    has at least ``side``, ``segment``, ``start_us``, ``end_us``, and ``key``,
    ``size`` and ``sha256`` of its object.  ``lost`` are the numbers (from 0) of
    those whose object never came to be.
    """

    document_sha256: str
    camera: str
    epoch: int
    period: int
    opened_us: int
    closed_us: int
    closed_by: str
    records: tuple[Mapping[str, Json], ...]
    lost: tuple[int, ...]
    chain_head: str
    sha256: str

    def check_belongs_to(self, document: bytes) -> PeriodDocument:
        """Hold the manifest against the period document it names.

        Raises:
            SealBroken: it is another period's document, or an altered one.
        """
        opened = PeriodDocument.parse(document, sha256=self.document_sha256)
        if (opened.camera, opened.epoch, opened.period, opened.opened_us) != (
            self.camera,
            self.epoch,
            self.period,
            self.opened_us,
        ):
            raise SealBroken("The manifest and its period document do not agree.", _REMEDY)
        return opened


def build(
    document_sha256: str,
    camera: str,
    epoch: int,
    period: int,
    opened_us: int,
    closed_us: int,
    records: Sequence[Mapping[str, Json]],
    chain_head: str,
    closed_by: str,
    lost: Sequence[int] = (),
) -> bytes:
    """The manifest of a period that closes.

    Args:
        document_sha256: of the period document, hexadecimal.
        camera: the period's camera.
        epoch: its epoch.
        period: its number.
        opened_us: UTC microseconds, as in the period document.
        closed_us: UTC microseconds.
        records: every record of the period's chain, in its order.
        chain_head: the head after the last of them.
        closed_by: what closed it, 1 to 40 of ``a-z 0-9 -`` (``recorder``, ``recovery``).
        lost: numbers (from 0, ascending) of the records whose object never came to be.

    Raises:
        SealBroken: the records are not those of the chain, or one is not a
            record; nothing is written that could not be verified later.
    """
    try:
        data = canonical(
            {
                "format": FORMAT,
                "document_sha256": document_sha256,
                "camera": camera,
                "epoch": epoch,
                "period": period,
                "opened_us": opened_us,
                "closed_us": closed_us,
                "closed_by": closed_by,
                "records": list(records),
                "lost": list(lost),
                "chain_head": chain_head,
            }
        )
    except ValueError as error:
        raise SealBroken(
            f"A manifest cannot be written: {error}.", "Report this as a fault."
        ) from None
    parse(data)
    return data


def parse(data: bytes, *, sha256: str | None = None) -> Manifest:
    """Read a manifest and recompute its chain.

    Args:
        data: the bytes as stored.
        sha256: the hash that the ledger names, if at hand.

    Raises:
        SealBroken: another hash, not a manifest, or its chain does not end in its head.
    """
    try:
        found = hashlib.sha256(data).hexdigest()
        if sha256 is not None and found != sha256:
            raise ValueError("its SHA-256 is not the one on record")
        return _read(data, found)
    except ValueError as error:
        raise SealBroken(
            f"This is not a period manifest as it was written: {error}.", _REMEDY
        ) from None


def _read(data: bytes, sha256: str) -> Manifest:
    fields = Fields(load(data), _FIELDS)
    fields.is_exactly("format", FORMAT)
    records = tuple(_record(item) for item in fields.items("records"))
    document_sha256 = fields.sha256("document_sha256")
    chain_head = fields.sha256("chain_head")
    if head_of(document_sha256, records) != chain_head:
        raise ValueError("its records do not lead to its chain head")
    lost = _lost(fields.items("lost"), len(records))
    return Manifest(
        document_sha256,
        fields.name("camera"),
        fields.number("epoch"),
        fields.number("period"),
        fields.number("opened_us"),
        fields.number("closed_us"),
        fields.name("closed_by"),
        records,
        lost,
        chain_head,
        sha256,
    )


def _lost(items: Sequence[object], count: int) -> tuple[int, ...]:
    numbers = tuple(item for item in items if isinstance(item, int) and not isinstance(item, bool))
    if len(numbers) != len(items) or list(numbers) != sorted(set(numbers)):
        raise ValueError("lost is not a list of numbers, ascending, each once")
    if numbers and not 0 <= numbers[0] <= numbers[-1] < count:
        raise ValueError("lost names a record that is not there")
    return numbers


def _record(item: object) -> Mapping[str, Json]:
    fields = Fields(item, _RECORD_FIELDS, more=True)
    if fields.text("side") not in SIDES:
        raise ValueError("a record's side is neither sealed nor masked")
    for name in ("segment", "start_us", "end_us", "size"):
        fields.number(name)
    fields.text("key")
    fields.sha256("sha256")
    assert isinstance(item, Mapping)
    return item
