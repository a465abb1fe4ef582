"""People whom an identity provider vouches for.

Rules:

1. They stand in the register like everybody, under a handle made from issuer and subject
   and an id that says nothing (``oidc-`` and 12 hexadecimal digits).
2. What they are is what the provider's word counts for here at each sign-in, and is
   changed then, in the ledger.
3. Who was retired does not come back by signing in once more.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from sqlalchemy import Engine, select

from scrim.access.granting import Standings
from scrim.access.register import FROM_PROVIDER
from scrim.access.roles import GIVEN, Role
from scrim.cases.people import People, Person
from scrim.errors import AccessDenied
from scrim.store.database import reading
from scrim.store.schema import register as table

OFFICE: Final = "oidc"


class Guests:
    """Lets them in."""

    def __init__(self, engine: Engine, people: People, standings: Standings) -> None:
        self._engine = engine
        self._people = people
        self._standings = standings

    def admit(self, handle: str, roles: Collection[Role]) -> Person:
        """The person of that handle, with these roles and no others.

        Args:
            handle: ``oidc:`` and 64 hexadecimal digits.
            roles: not empty.

        Raises:
            AccessDenied: they were retired.
            LedgerUnavailable: it could not be written down.
        """
        with reading(self._engine) as connection:
            row = connection.execute(select(table).where(table.c.verifier == handle)).first()
        if row is not None and row.retired_us is not None:
            raise AccessDenied("You are not registered any more.", "Ask the operator.")
        if row is None:
            name = f"oidc-{handle.removeprefix(FROM_PROVIDER)[:12]}"
            first = next(role for role in GIVEN if role in roles)
            self._people.enrol(name, OFFICE, first, handle)
        else:
            name = row.id
        self._standings.replace_roles(self._people.get(name), roles)
        return self._people.get(name)
