"""A new file with a secret in it: for its owner only, and never in place of another."""

from __future__ import annotations

import os
from pathlib import Path

from scrim.errors import VaultError


def write_new(path: Path, data: bytes) -> None:
    """Write ``data`` to a new file, readable by its owner only (mode 0600).

    It is all there, on the disk, or not at all.

    Raises:
        VaultError: something is there already, or it cannot be written.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        raise VaultError(
            f"{path} is there already and is not overwritten.",
            "Give another name with --out, or move that file away; "
            "an identity that is lost opens nothing ever again.",
        ) from None
    except OSError as error:
        raise _unwritable(path, error) from None
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(file.fileno(), 0o600)  # whatever the umask says
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        path.unlink(missing_ok=True)  # half an identity would look like one
        raise _unwritable(path, error) from None


def _unwritable(path: Path, error: OSError) -> VaultError:
    return VaultError(
        f"{path} cannot be written: {error.strerror}.", "Give another place with --out."
    )
