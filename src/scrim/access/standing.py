"""What somebody's roles are and where they hold, as the tables have it now.

Read anew at each request, so that what is taken ends at once; changed by
:mod:`scrim.access.granting`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, select

from scrim.access.authoriser import Scope
from scrim.access.register import RegisteredPerson
from scrim.access.roles import Role
from scrim.store import schema

_ROLE: Final = schema.person_role
_SCOPE: Final = schema.person_scope


@dataclass(frozen=True, slots=True)
class Standing:
    """What somebody is.

    Attributes:
        granted_us: when the newest of the roles was given.
    """

    roles: frozenset[Role]
    scope: Scope
    granted_us: int


def standing_of(connection: Connection, person: RegisteredPerson) -> Standing:
    """The roles and the scope of somebody who is registered."""
    given = connection.execute(
        select(_ROLE.c.role, _ROLE.c.since_us).where(_ROLE.c.person == person.id)
    ).all()
    scope = connection.execute(
        select(_SCOPE.c.kind, _SCOPE.c.name).where(_SCOPE.c.person == person.id)
    ).all()
    return Standing(
        roles=frozenset({Role(person.role), *(Role(row.role) for row in given)}),
        scope=Scope(
            cameras=frozenset(row.name for row in scope if row.kind == "camera"),
            sites=frozenset(row.name for row in scope if row.kind == "site"),
        ),
        granted_us=max([person.registered_us, *(row.since_us for row in given)]),
    )
