"""A custodian's own identity, on their own machine.

The file is age's own (``age-keygen`` writes the same), so that stock
``age -d -i FILE`` opens what is sealed to it, with or without this project.
With a passphrase it is an armored age file around that text, as ``age -p``
makes it, and ``age -d -i FILE`` asks for the passphrase.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

import pyrage

from scrim.clock import Clock, SystemClock, to_text
from scrim.errors import CustodianInvalid, VaultError
from scrim.vault import agekeys

_LARGEST_FILE = 64 * 1024
_ARMOR = b"-----BEGIN AGE ENCRYPTED FILE-----"
_BINARY = b"age-encryption.org/v1"


@dataclass(frozen=True, slots=True)
class Identity:
    """Both halves of a custodian's key.  ``secret`` never leaves their machine."""

    recipient: str
    secret: str = field(repr=False)

    @property
    def fingerprint(self) -> str:
        """Six groups of five digits, to be read aloud."""
        return agekeys.fingerprint(self.recipient)


def new_identity() -> Identity:
    """A new age X25519 identity, from the system's random source."""
    made = pyrage.x25519.Identity.generate()
    return Identity(str(made.to_public()), str(made))


def write_identity(
    path: Path, identity: Identity, *, passphrase: str | None = None, clock: Clock | None = None
) -> None:
    """Write ``identity`` to a new file, readable by its owner only (mode 0600).

    Args:
        path: where; nothing may be there yet.
        identity: what to write.
        passphrase: seals the file with age's scrypt; it then takes about a
            second to open, which is the point.
        clock: for the "created" line.

    Raises:
        VaultError: something is there already, or it cannot be written.
    """
    created = to_text((clock or SystemClock()).now_us())[:19] + "Z"
    text = f"# created: {created}\n# public key: {identity.recipient}\n{identity.secret}\n"
    data = text.encode()
    if passphrase is not None:
        data = pyrage.passphrase.encrypt(data, passphrase, armored=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        raise VaultError(
            f"{path} is there already and is not overwritten.",
            "Give another name with --out, or move that file away; "
            "an identity that is lost opens nothing ever again.",
        ) from None
    except OSError as error:
        raise VaultError(
            f"{path} cannot be written: {error.strerror}.", "Give another place with --out."
        ) from None
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(file.fileno(), 0o600)  # whatever the umask says
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        path.unlink(missing_ok=True)  # half an identity would look like one
        raise VaultError(
            f"{path} cannot be written: {error.strerror}.", "Give another place with --out."
        ) from None


def is_sealed(path: Path) -> bool:
    """Whether the identity file needs a passphrase.

    Raises:
        CustodianInvalid: the file cannot be read.
    """
    return _contents(path).lstrip().startswith((_ARMOR, _BINARY))


def read_identity(path: Path, passphrase: str | None = None) -> Identity:
    """The one identity in an age identity file.

    Raises:
        CustodianInvalid: no such file, not an identity file, several
            identities, no passphrase where one is needed, or the wrong one.
    """
    data = _contents(path)
    if data.lstrip().startswith((_ARMOR, _BINARY)):
        if passphrase is None:
            raise CustodianInvalid(
                f"{path} is sealed with a passphrase.", "Give the passphrase too."
            )
        try:
            data = pyrage.passphrase.decrypt(data, passphrase)
        except pyrage.DecryptError:
            raise CustodianInvalid(
                f"{path} does not open with that passphrase.",
                "Type it again; if it is lost, a new identity must be registered.",
            ) from None
    return _parse(data, path)


def _parse(data: bytes, path: Path) -> Identity:
    wrong = CustodianInvalid(
        f"{path} is not an age identity file with one X25519 identity.",
        "Give the file that `scrim custodian new` or `age-keygen` wrote.",
    )
    try:
        lines = [line.strip() for line in data.decode("utf-8").splitlines()]
        secrets = [line for line in lines if line and not line.startswith("#")]
        if len(secrets) != 1:
            raise wrong
        return Identity(agekeys.recipient_of(agekeys.secret_of(secrets[0])), secrets[0])
    except ValueError:
        raise wrong from None


def _contents(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST_FILE + 1)
    except OSError as error:
        raise CustodianInvalid(
            f"{path} cannot be read: {error.strerror}.", "Give the custodian's identity file."
        ) from None
    if len(data) > _LARGEST_FILE:
        raise CustodianInvalid(
            f"{path} is too large to be an identity file.", "Give the custodian's identity file."
        )
    return data
