"""The SHA-256 of a document that goes on record while the document itself stays where it is."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from scrim.errors import ScrimError

_OF_NOTHING: Final = hashlib.sha256().hexdigest()


def sha256_of(document: Path, refused: type[ScrimError]) -> str:
    """SHA-256 of a file, 64 hex digits.

    Args:
        document: the file; read in pieces, so it may be large.
        refused: the error to raise.

    Raises:
        refused: it cannot be read, it is a device, or nothing is in it: on record it would
            stand for a paper that nobody can show.
    """
    remedy = "Give the file of the paper with --document."
    try:
        if document.is_char_device() or document.is_block_device():
            raise refused(f"The document {document} is a device and no file.", remedy)
        with document.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise refused(
            f"The document {document} cannot be read: {error.strerror}.", remedy
        ) from None
    if sha256 == _OF_NOTHING:
        raise refused(f"The document {document} is empty.", remedy)
    return sha256
