"""What opens for a custodian: their secret, or their hardware token.

::

    Opener ─┬─ KeyOpener     an age X25519 secret in this process
            └─ TokenOpener   a token, through its own program age-plugin-…

:func:`scrim.vault.opening.open_part` takes either.  A token's program is
started by ``pyrage`` and speaks age's plugin protocol, the same that stock
``age`` speaks: whatever token has such a program can be a custodian's.

Rules:

1. A token is asked once for each part; what it wants from its owner (a touch,
   a PIN) goes through :class:`Asker`, and nobody there is an answer of "no".
2. That a token is missing, locked or refused is never taken for a damaged
   part: the one is :class:`TokenUnusable`, the other :class:`SealBroken`.

Only ever imported on a custodian's own machine.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final, Protocol

import pyrage

from scrim.errors import SealBroken, TokenUnusable
from scrim.vault import agekeys

PLUGIN_IDENTITY: Final = "AGE-PLUGIN-"

# rage puts a plugin's words between U+2068 and U+2069.
_ISOLATES: Final = re.compile("[\u2066-\u2069]")


class Opener(Protocol):
    """Opens what was sealed to one recipient."""

    @property
    def recipient(self) -> str:
        """The recipient, ``age1…`` or ``age1tag1…``."""

    def open(self, sealed: bytes) -> bytes:
        """The plaintext of an age file.

        Raises:
            SealBroken: damaged, or not sealed to this recipient.
            TokenUnusable: the token or its program did not do what was asked.
        """


class Asker(Protocol):
    """How a token reaches its owner; ``None`` is "nobody answers".

    A method must not raise: it is called from compiled code.
    """

    def display_message(self, message: str) -> None:
        """Show what the owner should do, for example touch the token."""

    def confirm(self, message: str, yes_string: str, no_string: str | None) -> bool | None:
        """Whether the owner says yes."""

    def request_public_string(self, description: str) -> str | None:
        """Something that is not secret."""

    def request_passphrase(self, description: str) -> str | None:
        """A secret, a PIN most often; never shown, never kept."""


class Nobody:
    """An :class:`Asker` with nobody there: tokens that want a PIN do not open."""

    def display_message(self, message: str) -> None:
        """Shown to nobody."""

    def confirm(self, message: str, yes_string: str, no_string: str | None) -> bool | None:  # noqa: ARG002
        """No answer."""
        return None

    def request_public_string(self, description: str) -> str | None:  # noqa: ARG002
        """No answer."""
        return None

    def request_passphrase(self, description: str) -> str | None:  # noqa: ARG002
        """No answer."""
        return None


@dataclass(frozen=True, slots=True)
class KeyOpener:
    """Opens with ``AGE-SECRET-KEY-1…``.

    Raises:
        ValueError: not an age X25519 identity.
    """

    secret: str = field(repr=False)

    def __post_init__(self) -> None:
        agekeys.secret_of(self.secret)

    @property
    def recipient(self) -> str:
        """``age1…``."""
        return agekeys.recipient_of(agekeys.secret_of(self.secret))

    def open(self, sealed: bytes) -> bytes:
        """See :class:`Opener`."""
        try:
            identity = pyrage.x25519.Identity.from_str(self.secret)
            return bytes(pyrage.decrypt(sealed, [identity]))
        except pyrage.DecryptError:
            raise _broken() from None


@dataclass(frozen=True, slots=True)
class TokenOpener:
    """Opens with a token, by the program that ``AGE-PLUGIN-…-1…`` names.

    Args:
        recipient: ``age1tag1…``, as the token's program gave it out.
        identity: ``AGE-PLUGIN-…-1…``; says which token, and opens nothing without it.
        asker: who answers the token.
    """

    recipient: str
    identity: str = field(repr=False)
    asker: Asker = field(default_factory=Nobody, repr=False)

    def open(self, sealed: bytes) -> bytes:
        """See :class:`Opener`.  Starts the token's program and waits for its owner."""
        try:
            identity = pyrage.plugin.Identity.from_str(self.identity)
        except pyrage.IdentityError:
            raise TokenUnusable(
                "The token's identity is not one that its program wrote.",
                "Copy the whole line again, from AGE-PLUGIN- on.",
            ) from None
        program = f"age-plugin-{identity.plugin()}"
        try:
            token = pyrage.plugin.IdentityPluginV1(identity.plugin(), [identity], self.asker)
            return bytes(pyrage.decrypt(sealed, [token]))
        except pyrage.DecryptError as error:
            said = _ISOLATES.sub("", str(error)).partition("\n")[0].rstrip(".")
            if program not in said:
                raise _broken() from None
            raise TokenUnusable(
                f"The token did not open: {said}.",
                f"Plug the token in, see that {program} is installed, and try again.",
            ) from None


def check_plugin_identity(text: str) -> None:
    """Refuse what is not the identity line of a token.

    Raises:
        ValueError: says so; the message holds none of it.
    """
    if not text.startswith(PLUGIN_IDENTITY):
        raise ValueError("a token's identity begins with AGE-PLUGIN-")
    try:
        pyrage.plugin.Identity.from_str(text)
    except pyrage.IdentityError:
        raise ValueError("not Bech32, or a character is wrong") from None


def _broken() -> SealBroken:
    return SealBroken(
        "It does not open: it is damaged, or was sealed to another recipient.",
        "Fetch it again, or ask for it to be sealed to you.",
    )
