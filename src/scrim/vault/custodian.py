"""A custodian's or a case officer's own identity, on their own machine.

The file is age's own (``age-keygen`` writes the same), so that stock
``age -d -i FILE`` opens what is sealed to it, with or without this project.
With a passphrase it is an armored age file around that text, as ``age -p``
makes it, and ``age -d -i FILE`` asks for the passphrase.

::

    # created: 2026-11-22T12:00:00Z        # created: 2026-11-22T12:00:00Z
    # public key: age1…                    # public key: age1tag1…
    AGE-SECRET-KEY-1…                      # signing key: SCRIM-SIGNING-KEY-1…
                                           AGE-PLUGIN-…-1…

On the left a secret, from which the signing key follows; on the right a
hardware token.  A token gives nothing out that a signing key could follow
from, so the file holds one beside it, in a line that ``age`` skips.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pyrage

from scrim.clock import Clock, SystemClock, to_text
from scrim.errors import CustodianInvalid, SealBroken
from scrim.vault import agekeys, recipients, signing
from scrim.vault.openers import (
    PLUGIN_IDENTITY,
    Asker,
    KeyOpener,
    Nobody,
    Opener,
    TokenOpener,
    check_plugin_identity,
)
from scrim.vault.secret_file import write_new

_LARGEST_FILE = 64 * 1024
_ARMOR = b"-----BEGIN AGE ENCRYPTED FILE-----"
_BINARY = b"age-encryption.org/v1"
_PUBLIC = "# public key:"
_SIGNING = "# signing key:"


@dataclass(frozen=True, slots=True)
class Identity:
    """Both halves of a person's keys.  ``secret`` and ``seed`` never leave their machine.

    Args:
        recipient: ``age1…``, or ``age1tag1…`` of a token.
        secret: ``AGE-SECRET-KEY-1…``, or ``AGE-PLUGIN-…-1…`` of a token.
        seed: ``SCRIM-SIGNING-KEY-1…``, with a token only.
    """

    recipient: str
    secret: str = field(repr=False)
    seed: str = field(default="", repr=False)

    @property
    def is_token(self) -> bool:
        """Whether the secret is inside a hardware token."""
        return recipients.is_token(self.recipient)

    @property
    def signer(self) -> signing.Signer:
        """What signs for this person."""
        if self.is_token:
            return signing.Signer.of_seed(self.seed)
        return signing.Signer.of_identity(self.secret)

    @property
    def verifier(self) -> str:
        """What their signatures are checked with, ``scrimsig1…``."""
        return self.signer.verifier

    @property
    def card(self) -> str:
        """``age1…/scrimsig1…``, what is given away."""
        return f"{self.recipient}/{self.verifier}"

    @property
    def fingerprint(self) -> str:
        """Six groups of five digits over the card, to be read aloud."""
        return signing.card_fingerprint(self.card)

    def opener(self, asker: Asker | None = None) -> Opener:
        """What opens for this person.

        Args:
            asker: who answers a token that wants a touch or a PIN; nobody by default.
        """
        if self.is_token:
            return TokenOpener(self.recipient, self.secret, asker or Nobody())
        return KeyOpener(self.secret)


def new_identity() -> Identity:
    """A new age X25519 identity, from the system's random source."""
    made = pyrage.x25519.Identity.generate()
    return Identity(str(made.to_public()), str(made))


def token_identity(secret: str, recipient: str, asker: Asker | None = None) -> Identity:
    """The identity of a hardware token, with a new signing key beside it.

    Something is sealed to the recipient and opened with the token, so that
    nobody is registered with a token that is not theirs.

    Args:
        secret: ``AGE-PLUGIN-…-1…``, as the token's program printed it.
        recipient: ``age1tag1…``, of the same token.
        asker: who answers the token.

    Raises:
        CustodianInvalid: one of them is not what it should be, or they are of
            two tokens.
        TokenUnusable: the token did not open.
    """
    if not recipients.is_token(recipient):
        raise CustodianInvalid(
            "A token's recipient begins with age1tag1.",
            "Give the recipient that the token's program printed, with --recipient.",
        )
    try:
        check_plugin_identity(secret)
        recipients.check(recipient)
    except ValueError as error:
        raise CustodianInvalid(
            f"The token cannot be used: {error}.",
            "Copy both lines again from what the token's program printed.",
        ) from None
    made = Identity(recipient, secret, signing.new_seed())
    try:
        made.opener(asker).open(recipients.seal(b"scrim: is this the token?", recipient))
    except SealBroken:
        raise CustodianInvalid(
            "What is sealed to that recipient does not open with that token.",
            "Give the recipient and the identity that the program printed for the same token.",
        ) from None
    return made


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
    lines = [f"# created: {created}", f"{_PUBLIC} {identity.recipient}"]
    if identity.seed:
        lines.append(f"{_SIGNING} {identity.seed}")
    data = "\n".join([*lines, identity.secret, ""]).encode()
    if passphrase is not None:
        data = pyrage.passphrase.encrypt(data, passphrase, armored=True)
    write_new(path, data)


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
        f"{path} is not an age identity file with one identity.",
        "Give the file that `scrim custodian new` or `age-keygen` wrote.",
    )
    try:
        lines = [line.strip() for line in data.decode("utf-8").splitlines()]
        secrets = [line for line in lines if line and not line.startswith("#")]
        if len(secrets) != 1:
            raise wrong
        if secrets[0].startswith(PLUGIN_IDENTITY):
            return _parse_token(secrets[0], lines, path)
        return Identity(agekeys.recipient_of(agekeys.secret_of(secrets[0])), secrets[0])
    except ValueError:
        raise wrong from None


def _parse_token(secret: str, lines: list[str], path: Path) -> Identity:
    def only(mark: str) -> str:
        found = [line.removeprefix(mark).strip() for line in lines if line.startswith(mark)]
        if len(found) != 1:
            raise ValueError(f"it has not one line {mark!r}")
        return found[0]

    try:
        check_plugin_identity(secret)
        recipient, seed = only(_PUBLIC), only(_SIGNING)
        recipients.check(recipient)
        if not recipients.is_token(recipient):
            raise ValueError("its recipient is not that of a token")
        signing.Signer.of_seed(seed)
    except ValueError as error:
        raise CustodianInvalid(
            f"{path} is not the identity file of a token as Scrim writes it: {error}.",
            "Make it with `scrim custodian new --token AGE-PLUGIN-... --recipient age1tag1...`; "
            "the signing key in a registered one cannot be made again.",
        ) from None
    return Identity(recipient, secret, seed)


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
