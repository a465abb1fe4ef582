"""What an opening left on the officer's disk, and what the server says of it, as a bundle's inputs.

::

    FOLDER/period/…                          documents and manifests, as the store names them
    FOLDER/native/CAMERA/SEGMENT.mp4         the originals
    FOLDER/viewing/….mp4                     watermarked, not signed yet
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, Final

from scrim.errors import BundleBroken, LedgerBroken
from scrim.evidence.periods import Papers, asked_for
from scrim.ledger.receipt import Receipt
from scrim.store.keys import document_key, manifest_key
from scrim.vault.fields import LARGEST_DOCUMENT, Fields, load
from scrim.vault.request import Request

RECORD: Final = "scrim-record-v1"

_RECORD_FIELDS: Final = frozenset({"format", "case", "entries", "opened", "closed", "checkpoint"})
_AGAIN: Final = "Open the case again with `scrim case open --native`, whole, then export."


def periods_in(folder: Path, request: Request) -> list[tuple[bytes, bytes]]:
    """Document and manifest of each period of the request.

    Raises:
        BundleBroken: one is not there; a period that is still recorded has no manifest.
    """
    found = []
    for one in request.periods:
        place = one.camera, one.epoch, one.period
        manifest = folder / manifest_key(*place)
        if not manifest.exists():
            raise BundleBroken(
                f"Period {one.period} of epoch {one.epoch} of {one.camera} has no manifest here: "
                "it was still recorded when the case was opened.",
                "Open the case again in some minutes, then export.",
            )
        found.append((_read(folder / document_key(*place)), _read(manifest)))
    return found


def originals_in(
    folder: Path, request: Request, periods: Iterable[tuple[bytes, bytes]]
) -> dict[str, Path]:
    """Key of each sealed object of the interval to the file with what was inside.

    What is not there is left out; :func:`scrim.evidence.build.build` names it.

    Raises:
        SealBroken: a period's papers do not hold.
    """
    papers = [Papers.parse(document, manifest) for document, manifest in periods]
    found = {}
    for original in asked_for(request, papers):
        name = PurePosixPath(original.path).name
        file = folder / "native" / original.place[0] / name
        if file.is_file():
            found[original.sealed_key] = file
    return found


def copies_in(folder: Path) -> list[Path]:
    """The viewing copies, in order of name.

    Raises:
        BundleBroken: there is none.
    """
    found = sorted((folder / "viewing").glob("*.mp4"))
    if not found:
        raise BundleBroken(f"There is no viewing copy in {folder}.", _AGAIN)
    return found


def read_record(data: bytes, case: str) -> tuple[str, list[Receipt]]:
    """Checkpoint and receipts of a ``scrim-record-v1``; nothing is proved by reading them.

    Raises:
        LedgerBroken: not the record of that case.
    """
    try:
        fields = Fields(load(data), _RECORD_FIELDS, more=True)
        fields.is_exactly("format", RECORD)
        fields.is_exactly("case", case)
        items: list[Any] = list(fields.items("entries"))
        for name in ("opened", "closed"):
            items += _values(fields.mapping(name))
        receipts = {one.index: one for one in map(Receipt.from_document, items)}
        return fields.text("checkpoint"), [receipts[index] for index in sorted(receipts)]
    except ValueError as error:
        raise LedgerBroken(
            f"This is not the record of {case}: {error}.", "Ask the server again."
        ) from None


def _values(value: Mapping[str, Any]) -> list[Any]:
    return list(value.values())


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(LARGEST_DOCUMENT)
    except OSError as error:
        raise BundleBroken(f"{path} cannot be read: {error.strerror}.", _AGAIN) from error
