"""Folders and files of their owner alone: what was opened is for one pair of eyes."""

from __future__ import annotations

from pathlib import Path

from scrim.errors import StoreError
from scrim.store.files import write_atomically


def make_private(top: Path, name: str = ".") -> Path:
    """Make a folder below ``top``, and ``top`` itself, each 0700 where it is new.

    Raises:
        StoreError: it cannot be made.
    """
    path = top
    try:
        for part in ("", *Path(name).parts):
            path = path / part
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"{path} cannot be made: {error.strerror}.", "Give another folder with --out."
        ) from error
    return path


def write_private(top: Path, name: str, data: bytes) -> Path:
    """Write or replace a file below ``top`` (0600), whole or not at all.

    Raises:
        StoreError: it cannot be written.
    """
    path = make_private(top, str(Path(name).parent)) / Path(name).name
    try:
        write_atomically(path, data, 0o600)
    except OSError as error:
        raise StoreError(
            f"{path} cannot be written: {error.strerror}.",
            "Free some space or give another folder with --out; what is written already is kept.",
        ) from error
    return path
