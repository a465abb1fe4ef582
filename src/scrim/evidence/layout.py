"""What the files of a bundle are called.

::

    bundle.json                     every file with its hash, signed by the officer
    SHA256SUMS                      the same hashes, for `sha256sum --check`
    INSTRUCTIONS.txt                how to check, with Scrim and by hand
    summary.html, summary.pdf       what happened, in plain words
    request.json                    the request as signed
    answers/01-….json               each custodian's answer as signed
    custodians/….json               sets of custodians, where a period does not name signing keys
    custody.json                    the custody record
    ledger/checkpoint.txt           a signed checkpoint
    ledger/receipts.json            entries, each with its proof
    period/{camera}/{epoch}/…       period documents and manifests, as the store names them
    original/{camera}/{epoch}/…     the originals as recorded
    viewing/….mp4                   watermarked copies, with content credentials
    viewing/certificate.pem         the certificate under which it was signed, and its anchor
    compare/ledger.pub              keys to be compared with those that were published;
    compare/c2pa-anchor.pem         nothing is trusted because it lies here
"""

from __future__ import annotations

import re
from typing import Final

from scrim.store.keys import parse, sealed_key

INDEX: Final = "bundle.json"
SUMS: Final = "SHA256SUMS"
INSTRUCTIONS: Final = "INSTRUCTIONS.txt"
SUMMARY_HTML: Final = "summary.html"
SUMMARY_PDF: Final = "summary.pdf"
REQUEST: Final = "request.json"
ANSWERS: Final = "answers/"
CUSTODIANS: Final = "custodians/"
CUSTODY: Final = "custody.json"
CHECKPOINT: Final = "ledger/checkpoint.txt"
RECEIPTS: Final = "ledger/receipts.json"
PERIODS: Final = "period/"
ORIGINALS: Final = "original/"
VIEWING: Final = "viewing/"
CERTIFICATE: Final = "viewing/certificate.pem"
LEDGER_KEY: Final = "compare/ledger.pub"
ANCHOR: Final = "compare/c2pa-anchor.pem"

MARKS: Final = (INDEX, REQUEST, CUSTODY, SUMS, INSTRUCTIONS)
"""Any of these at its top makes a folder a bundle, or what is left of one."""

_ENDS: Final = {"mp4": "mp4", "mov": "mov", "matroska": "mkv", "nut": "nut"}
_PATH: Final = re.compile(r"[A-Za-z0-9._-]+(?:/[A-Za-z0-9._-]+)*")
_LONGEST: Final = 200


def is_safe(path: str) -> bool:
    """Whether a path may be in a bundle: it stays inside, and any file system takes it."""
    return (
        len(path) <= _LONGEST
        and _PATH.fullmatch(path) is not None
        and all(part.strip(".") for part in path.split("/"))
    )


def original(camera: str, epoch: int, period: int, segment: int, container: str) -> str:
    """The path of an original; ``container`` is ``mp4``, ``mov``, ``matroska`` or ``nut``."""
    sealed = sealed_key(camera, epoch, period, segment).rsplit("/", 1)[1]
    end = _ENDS.get(container, "bin")
    return folder(camera, epoch, period) + sealed.removesuffix("age") + end


def folder(camera: str, epoch: int, period: int) -> str:
    """Where a period's originals are."""
    sealed = sealed_key(camera, epoch, period, 0)
    return ORIGINALS + sealed.removeprefix("sealed/").rsplit("/", 1)[0] + "/"


def is_viewing(path: str) -> bool:
    """Whether it is the path of a viewing copy."""
    return path.startswith(VIEWING) and path.endswith(".mp4")


def answer(number: int, custodian: str) -> str:
    """The path of the answer that was given as number ``number``, from 1."""
    return f"{ANSWERS}{number:02d}-{custodian}.json"


def period_of(path: str) -> tuple[str, str, int, int] | None:
    """``(kind, camera, epoch, period)`` of a path below :data:`PERIODS`; kinds as in its keys."""
    found = parse(path)
    if found is None or found.kind not in ("document", "manifest", "reshare"):
        return None
    return found.kind, found.camera, found.epoch, found.period
