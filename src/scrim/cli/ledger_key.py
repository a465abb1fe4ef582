"""The ledger's key as it is given at the command line, and other small texts in files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from scrim.errors import LedgerBroken, LedgerUnavailable

if TYPE_CHECKING:
    from scrim.ledger import VerifierKey

_LARGEST: Final = 1 << 20  # bytes; a checkpoint with many witnesses has a few thousand


def ledger_key(text: str) -> VerifierKey:
    """The key in ``text``, or in the file that it names.

    Raises:
        LedgerUnavailable: the file cannot be read.
        LedgerBroken: it is no key.
    """
    from scrim.ledger import VerifierKey

    path, where = Path(text), "What was given as the ledger's key"
    if "+" not in text or _is_file(path):
        text, where = read_text(path), str(path)
    try:
        return VerifierKey.from_text(text)
    except LedgerBroken:
        raise LedgerBroken(
            f"{where} is no public key of a ledger.",
            "Give keys/ledger.pub, or the line that `scrim init` printed.",
        ) from None


def read_text(path: Path) -> str:
    """A small text.

    Raises:
        LedgerUnavailable: it cannot be read.
        LedgerBroken: it is no text, or no small one.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST + 1)
        if len(data) <= _LARGEST:
            return data.decode()
    except OSError as error:
        raise LedgerUnavailable(
            f"{path} cannot be read: {error.strerror}.", "Check the path."
        ) from error
    except UnicodeDecodeError:
        pass
    raise LedgerBroken(f"{path} is no text of a few lines.", "Give the file as it was kept.")


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name that no disk takes
        return False
