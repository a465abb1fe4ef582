"""Make a bundle.

Rules:

1. What is made is verified before it gets its name: a bundle that does not hold is
   never handed out, and half of one is not left behind.
2. The ledger first (invariant 5): the entry of the export names the pictures by hash, and
   without its receipt there is no bundle.  So the order is :func:`content_of`, the
   entry, the record of the case, :func:`build`.
3. Only what was asked for goes in.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Final

from scrim import __version__
from scrim.canonical import canonical, digest
from scrim.errors import BundleBroken
from scrim.evidence import custody, layout, receipts
from scrim.evidence.archive import CHUNK, Folder, write_zip
from scrim.evidence.index import Index, Stamp, stamp
from scrim.evidence.inputs import Asked, Pictures, Record
from scrim.evidence.instructions import instructions
from scrim.evidence.periods import Papers, asked_for
from scrim.evidence.sheet import to_pdf
from scrim.evidence.summary import summarise
from scrim.evidence.verify import verify_source
from scrim.evidence.webpage import to_html
from scrim.ledger import Checkpoint, Entry
from scrim.store.keys import document_key, manifest_key, reshare_key
from scrim.vault.answer import Answer
from scrim.vault.document import document_digest
from scrim.vault.request import Request
from scrim.vault.reshare import Reshare, document_named
from scrim.vault.signing import Signer
from scrim.vault.statement import Statement

TOOL: Final = ("scrim", __version__)

_MOST_SAID: Final = 3


def content_of(asked: Asked, pictures: Pictures) -> tuple[str, int]:
    """``(SHA-256, bytes)`` of the pictures, for the ledger's entry of the export.

    Raises:
        BundleBroken: an original of the interval is missing, or a file cannot be read.
        SealBroken: a period's papers do not hold.
        StatementInvalid: the request does not.
    """
    return custody.content(_stamps(_sources(asked, pictures)))


def originals_digest_of(asked: Asked, pictures: Pictures) -> str:
    """What a viewing copy is to say it was made of.

    ``pictures.viewing`` and its certificate are not looked at.

    Raises:
        BundleBroken, SealBroken, StatementInvalid: as :func:`content_of`.
    """
    return custody.originals_digest(_stamps(_originals(asked, pictures)))


def build(
    asked: Asked, pictures: Pictures, record: Record, signer: Signer, made_us: int, out: Path
) -> Path:
    """Make the bundle as a folder.

    Args:
        asked: what was asked, answered and recorded.
        pictures: what was opened.
        record: what the ledger says, the entry of this export too.
        signer: the officer's.
        made_us: now, UTC microseconds.
        out: the folder to make; nothing may be there yet.

    Returns:
        ``out``.

    Raises:
        BundleBroken: something is missing, or what was made does not hold: says what.
        SealBroken, StatementInvalid: a paper does not hold.
    """
    if out.exists() or out.is_symlink():
        raise BundleBroken(f"{out} is there already.", "Give another place; nothing is replaced.")
    part = out.with_name(out.name + ".part")
    try:
        shutil.rmtree(part, ignore_errors=True)  # of one that was stopped
        part.mkdir(parents=True)
        _fill(part, asked, pictures, record, signer, made_us)
        _verify(part, record)
        part.rename(out)
    except OSError as error:
        raise BundleBroken(
            f"The bundle cannot be written to {out}: {error.strerror}.",
            "Free some space, or give another place.",
        ) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return out


def pack(folder: Path, out: Path) -> Path:
    """The bundle in ``folder`` as one ZIP; the same files give the same bytes.

    Raises:
        BundleBroken: not a bundle's files, or it cannot be written.
    """
    source = Folder(folder)
    part = out.with_name(out.name + ".part")
    try:
        with part.open("wb") as file:
            write_zip(source, file)
        os.link(part, out)  # unlike a rename, it never replaces
    except OSError as error:
        raise BundleBroken(
            f"The bundle cannot be written to {out}: {error.strerror}.",
            "Nothing that is there is replaced; give another place.",
        ) from error
    finally:
        part.unlink(missing_ok=True)
    return out


def _fill(
    top: Path, asked: Asked, pictures: Pictures, record: Record, signer: Signer, made_us: int
) -> None:
    request = Request.of(asked.request)
    papers = _papers(asked)
    for path, source in _sources(asked, pictures).items():
        _copy(source, top / path)
    index = Index(
        request.deployment,
        request.case,
        request.sha256,
        made_us,
        (request.officer.id, request.officer.office),
        TOOL,
        "",
        _stamps({path: top / path for path in Folder(top).sizes()}),
    )
    said = custody.record(request, papers, index, pictures.acquired_us)
    summary = summarise(
        request,
        [Answer.of(statement) for statement in asked.answers],
        papers,
        _entries(request, record),
        made_us,
    )
    files = {
        layout.REQUEST: asked.request.to_bytes(),
        layout.CUSTODY: canonical(said),
        layout.CHECKPOINT: record.checkpoint.encode(),
        layout.RECEIPTS: receipts.to_bytes(record.receipts),
        layout.LEDGER_KEY: (record.key.to_text() + "\n").encode(),
        layout.ANCHOR: record.anchor,
        layout.CERTIFICATE: pictures.certificate,
        layout.INSTRUCTIONS: instructions(request),
        layout.SUMMARY_HTML: to_html(summary),
        layout.SUMMARY_PDF: to_pdf(summary),
    }
    for number, statement in enumerate(asked.answers, 1):
        files[layout.answer(number, Answer.of(statement).custodian)] = statement.to_bytes()
    for number, data in enumerate(asked.sets, 1):
        files[f"{layout.CUSTODIANS}{number:02d}.json"] = data
    for document, manifest in asked.periods:
        place = Papers.parse(document, manifest).place
        files[document_key(*place)], files[manifest_key(*place)] = document, manifest
        for data in asked.reshares:
            if document_named(data) == document_digest(document):
                new_set = digest(Reshare.parse(data, document).custodians.document())
                files[reshare_key(*place, new_set)] = data
    for path, data in files.items():
        _write(top / path, data)
    _seal(top, index, signer)


def _seal(top: Path, index: Index, signer: Signer) -> None:
    stamps = _stamps({path: top / path for path in Folder(top).sizes()})
    lines = (f"{found.sha256}  {path}\n" for path, found in sorted(stamps.items()))
    _write(top / layout.SUMS, "".join(lines).encode())
    with (top / layout.SUMS).open("rb") as file:
        stamps[layout.SUMS] = stamp(file)
    whole = replace(index, content_sha256=custody.content(stamps)[0], files=stamps)
    _write(top / layout.INDEX, Statement.sign(whole.body(), signer).to_bytes())


def _verify(top: Path, record: Record) -> None:
    report = verify_source(Folder(top), key=record.key, anchor=record.anchor)
    if not report.holds:
        said = [f"{found.subject}: {found.what}" for found in report.problems[:_MOST_SAID]]
        more = len(report.problems) - len(said)
        raise BundleBroken(
            f"The bundle would not hold: {' '.join(said)}"
            + (f" And {more} things more." if more else ""),
            "Mend that first; nothing was written.",
        )


def _sources(asked: Asked, pictures: Pictures) -> dict[str, Path]:
    sources = _originals(asked, pictures)
    for viewing in pictures.viewing:
        path = layout.VIEWING + viewing.name
        if not layout.is_safe(path) or not layout.is_viewing(path) or path in sources:
            raise BundleBroken(
                f"A viewing copy cannot be called {viewing.name}.",
                "Name each differently: letters, digits, hyphens, and .mp4 at the end.",
            )
        sources[path] = viewing
    return sources


def _originals(asked: Asked, pictures: Pictures) -> dict[str, Path]:
    request = Request.of(asked.request)
    sources: dict[str, Path] = {}
    for original in asked_for(request, _papers(asked)):
        if original.lost:
            continue
        source = pictures.originals.get(original.sealed_key)
        if source is None:
            raise BundleBroken(
                f"The original of {original.sealed_key} is not among what was opened.",
                "Open the whole interval that was asked for, then export.",
            )
        sources[original.path] = source
    return sources


def _papers(asked: Asked) -> list[Papers]:
    return [Papers.parse(document, manifest) for document, manifest in asked.periods]


def _entries(request: Request, record: Record) -> list[tuple[int, Entry]]:
    checkpoint = Checkpoint.from_note(record.checkpoint, record.key)
    found = [
        (receipt.index, receipt.check(checkpoint.size, checkpoint.root))
        for receipt in sorted(record.receipts, key=lambda one: one.index)
    ]
    return [
        (index, entry) for index, entry in found if entry.facts.get("request") == request.sha256
    ]


def _stamps(files: dict[str, Path]) -> dict[str, Stamp]:
    stamps = {}
    for path, source in files.items():
        try:
            with source.open("rb") as file:
                stamps[path] = stamp(file)
        except OSError as error:
            raise BundleBroken(
                f"{source} cannot be read: {error.strerror}.", "Open the case again, then export."
            ) from error
    return stamps


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with source.open("rb") as file, target.open("xb") as copy:
        shutil.copyfileobj(file, copy, CHUNK)


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        file.write(data)
