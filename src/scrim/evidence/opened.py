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
from scrim.evidence import layout
from scrim.evidence.periods import Papers, Place, asked_for
from scrim.ledger.receipt import Receipt
from scrim.store.keys import document_key, manifest_key
from scrim.vault.fields import LARGEST_DOCUMENT, Fields, load
from scrim.vault.request import Request

RECORD: Final = "scrim-record-v1"

_RECORD_FIELDS: Final = frozenset(
    {"format", "case", "entries", "opened", "closed", "reshared", "custodians", "checkpoint"}
)
_AGAIN: Final = "Open the case again with `scrim case open --native`, whole, then export."


def periods_in(folder: Path, request: Request) -> list[tuple[bytes, bytes]]:
    """Document and manifest of each period of the request.

    Raises:
        BundleBroken: one is not there; a period that is still recorded has no manifest.
    """
    found = []
    for place in _places(folder, request):
        manifest = folder / manifest_key(*place)
        if not manifest.exists():
            raise BundleBroken(
                f"Period {place[2]} of epoch {place[1]} of {place[0]} has no manifest here: "
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


def sets_in(data: bytes, case: str) -> list[str]:
    """Hashes of the custodian sets that a ``scrim-record-v1`` names, ascending.

    Raises:
        LedgerBroken: not the record of that case.
    """
    read_record(data, case)
    found: dict[str, Any] = load(data)
    return sorted(found["custodians"])


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
        for name in ("opened", "closed", "reshared", "custodians"):
            items += _values(fields.mapping(name))
        receipts = {one.index: one for one in map(Receipt.from_document, items)}
        return fields.text("checkpoint"), [receipts[index] for index in sorted(receipts)]
    except ValueError as error:
        raise LedgerBroken(
            f"This is not the record of {case}: {error}.", "Ask the server again."
        ) from None


def _places(folder: Path, request: Request) -> list[Place]:
    if not request.is_live:
        return [(one.camera, one.epoch, one.period) for one in request.periods]
    paths = (path.relative_to(folder).as_posix() for path in folder.glob("period/**/*.open.json"))
    names = (layout.period_of(path) for path in paths)
    found = sorted(one[1:] for one in names if one is not None)
    if not found:
        raise BundleBroken(f"There is no period in {folder}.", _AGAIN)
    return found


def _values(value: Mapping[str, Any]) -> list[Any]:
    return list(value.values())


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(LARGEST_DOCUMENT)
    except OSError as error:
        raise BundleBroken(f"{path} cannot be read: {error.strerror}.", _AGAIN) from error
