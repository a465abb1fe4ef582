"""Who is registered, as signing in needs to know them.

The register itself is kept by :mod:`scrim.cases.people`, a floor above.
"""

from __future__ import annotations

from typing import Final, Protocol

from sqlalchemy import Connection

FROM_PROVIDER: Final = "oidc:"
"""How the handle begins, in place of a verifier, of somebody whom a provider vouches for."""


class RegisteredPerson(Protocol):
    """Somebody of the register, as signing in needs them."""

    @property
    def id(self) -> str:
        """What they are called in the register."""

    @property
    def role(self) -> str:
        """That of their key; of somebody without one the first they were given."""

    @property
    def verifier(self) -> str:
        """The key they sign in with; somebody may have had several."""

    @property
    def salt(self) -> bytes:
        """16 bytes that open the ledger's commitments to the id."""

    @property
    def registered_us(self) -> int:
        """When they were."""


class Register(Protocol):
    """Who is registered; what stands in it is for :mod:`scrim.cases`."""

    def by_verifier(self, connection: Connection, verifier: str) -> RegisteredPerson | None:
        """Whom the verifier is of, unless they have been retired."""

    def by_id(self, connection: Connection, person: str) -> RegisteredPerson | None:
        """Who is called that, unless they have been retired."""


def of_provider(person: RegisteredPerson) -> bool:
    """Whether they sign in at a provider alone, so that they are out once they are out there."""
    return person.verifier.startswith(FROM_PROVIDER)


class NobodyRegistered:
    """A register with nobody in it."""

    def by_verifier(self, connection: Connection, verifier: str) -> None: ...

    def by_id(self, connection: Connection, person: str) -> None: ...
