"""The one-time identities of an officer's cases, in a folder on their machine.

Rules:

1. One identity a case.  What custodians seal for one case opens in no other.
2. The file is there, and on the disk, before the request is sent: a machine that
   stops in between has lost nothing.
3. The folder is its owner's alone (0700), and so is each file (0600).
4. A file may be sealed with a passphrase, as age does it (scrypt); stock ``age`` opens it.
5. A case's file is written once and never changed; when the case is over it is
   overwritten and removed.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from scrim.errors import CaseUnknown, VaultError
from scrim.vault.custodian import Identity, is_sealed, read_identity, write_identity
from scrim.vault.request import is_case_id

DEFAULT_FOLDER: Final = Path("scrim-case-keys")


@dataclass(frozen=True, slots=True)
class CaseKeys:
    """A folder of one-time identities, ``CASE.txt`` each."""

    folder: Path

    def prepare(self) -> None:
        """Make the folder, or see that nobody else can read it.

        Raises:
            VaultError: it cannot be made, is no folder, or is open to others.
        """
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            found = self.folder.stat()
        except OSError as error:
            raise VaultError(
                f"The folder {self.folder} for the keys of cases cannot be made: {error.strerror}.",
                "Give another place with --keys.",
            ) from None
        if stat.S_IMODE(found.st_mode) & 0o077:
            raise VaultError(
                f"Others on this machine can look into {self.folder}.",
                f"Close it with `chmod 700 {self.folder}`, or give another place with --keys.",
            )

    def keep(self, case: str, identity: Identity, passphrase: str | None = None) -> Path:
        """Write a case's identity; when this returns it is on the disk.

        Args:
            case: its id.
            identity: made for it alone.
            passphrase: seals the file.

        Raises:
            VaultError: there is one already, or it cannot be written.
        """
        self.prepare()
        file = self.file(case)
        write_identity(file, identity, passphrase=passphrase)
        handle = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
        return file

    def read(self, case: str, ask: Callable[[], str] | None = None) -> Identity:
        """A case's identity.

        Args:
            case: its id.
            ask: gives the passphrase, where the file is sealed with one.

        Raises:
            CaseUnknown: there is none here.
            VaultError: the folder cannot be read.
            CustodianInvalid: the file is damaged, or the passphrase wrong or missing.
        """
        file = self.file(case)
        try:
            file.stat()
        except (FileNotFoundError, NotADirectoryError):
            raise CaseUnknown(
                f"The key of {case} is not in {self.folder}.",
                "Give the folder it was requested with, by --keys; "
                "without that key nothing of the case can be opened.",
            ) from None
        except OSError as error:
            raise VaultError(
                f"{file} cannot be read: {error.strerror}.", "Give another place with --keys."
            ) from None
        return read_identity(file, ask() if ask is not None and is_sealed(file) else None)

    def erase(self, case: str) -> bool:
        """Overwrite and remove a case's identity; whether there was one.

        Raises:
            VaultError: it cannot be removed.
        """
        file = self.file(case)
        try:
            with file.open("r+b") as content:
                content.write(b"\0" * file.stat().st_size)
                content.flush()
                os.fsync(content.fileno())
            file.unlink()
        except FileNotFoundError:
            return False
        except OSError as error:
            raise VaultError(
                f"{file} cannot be erased: {error.strerror}.", "Remove it by hand."
            ) from None
        return True

    def file(self, case: str) -> Path:
        """Where a case's identity is.

        Raises:
            CaseUnknown: that is not the name of a case.
        """
        if not is_case_id(case):
            raise CaseUnknown(
                "That is not the name of a case.", "It is case- and eight letters or digits."
            )
        return self.folder / f"{case}.txt"
