"""Small files, made or replaced as one step that survives a power cut."""

from __future__ import annotations

import os
from pathlib import Path


def write_atomically(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Replace a file's content; readers see the old content or the new, never a mixture.

    Args:
        path: the file, in a folder that exists.
        data: its new content.
        mode: the file's permissions, whatever the umask and the old file's were.

    Raises:
        OSError: it could not be written; the old content is still there.
    """
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)  # of a process killed here; its permissions may be wider
    try:
        _write_new(part, data, mode)
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    _flush_folder(path.parent)


def write_once(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Make a file that does not exist yet, whole or not at all.

    Raises:
        FileExistsError: it exists.
        OSError: it could not be written; there is no file.
    """
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    try:
        _write_new(part, data, mode)
        os.link(part, path)  # unlike a rename, it never replaces
    finally:
        part.unlink(missing_ok=True)
    _flush_folder(path.parent)


def _write_new(path: Path, data: bytes, mode: int) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        os.fchmod(handle, mode)
        file.flush()
        os.fsync(handle)


def _flush_folder(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
