"""Giving and taking roles, and saying where they hold.

Rules:

1. A change is in the ledger in the same transaction, by a commitment to the person.
2. The role of a key is the key's: it is neither given nor taken here.
3. Two roles that exclude each other (:mod:`scrim.access.roles`) are never one person's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from sqlalchemy import Connection, Engine, delete, insert, select, update

from scrim.access.authoriser import Scope
from scrim.access.register import RegisteredPerson
from scrim.access.roles import GIVEN, Role, exclude
from scrim.access.signin import in_ledger
from scrim.access.standing import Standing, standing_of
from scrim.canonical import Json
from scrim.clock import Clock
from scrim.errors import CaseRefused
from scrim.ledger import Act, Entry, Ledger, commit
from scrim.store import schema
from scrim.store.timeline import DEFAULT_SITE

_ROLE: Final = schema.person_role
_SCOPE: Final = schema.person_scope
_REGISTER: Final = schema.register


class Standings:
    """Changes what people are."""

    def __init__(self, engine: Engine, ledger: Ledger, clock: Clock) -> None:
        self._engine = engine
        self._ledger = ledger
        self._clock = clock

    def set_roles(self, person: RegisteredPerson, roles: Iterable[Role]) -> Standing:
        """Give somebody these roles besides that of their entry in the register, and no other.

        Raises:
            CaseRefused: a role that is not given by name, or two that exclude each other.
            LedgerUnavailable: the change could not be written down, so it is not made.
        """
        wanted = frozenset(roles) - {Role(person.role)}
        check_roles({Role(person.role), *wanted}, given=wanted)
        with in_ledger(self._engine) as connection:
            held = standing_of(connection, person).roles - {Role(person.role)}
            if held != wanted:
                now = self._clock.now_us()
                self._ledger.append_in(
                    connection,
                    _entry(person, now, {"roles": sorted({person.role, *wanted})}),
                )
                for role in held - wanted:
                    connection.execute(
                        delete(_ROLE).where(_ROLE.c.person == person.id, _ROLE.c.role == role.value)
                    )
                for role in wanted - held:
                    row = {"person": person.id, "role": role.value, "since_us": now}
                    connection.execute(insert(_ROLE).values(row))
            return standing_of(connection, person)

    def replace_roles(self, person: RegisteredPerson, roles: Collection[Role]) -> None:
        """Make somebody these and nothing else, what stands in the register included.

        For people whom a provider vouches for: none of their roles is a key's.

        Args:
            person: whose they become.
            roles: not empty.

        Raises:
            CaseRefused: a role that is not given by name, or two that exclude each other.
            LedgerUnavailable: the change could not be written down, so it is not made.
        """
        check_roles(roles, given=[*roles, Role(person.role)])
        first = next(role for role in GIVEN if role in roles)
        with in_ledger(self._engine) as connection:
            held = standing_of(connection, person)
            if held.roles != frozenset(roles):
                now = self._clock.now_us()
                self._ledger.append_in(connection, _entry(person, now, {"roles": sorted(roles)}))
                connection.execute(delete(_ROLE).where(_ROLE.c.person == person.id))
                connection.execute(
                    update(_REGISTER).where(_REGISTER.c.id == person.id).values(role=first.value)
                )
                # the register says when somebody came, not when a role did
                since_us = now if frozenset(roles) - held.roles else held.granted_us
                for role in roles:
                    row = {"person": person.id, "role": role.value, "since_us": since_us}
                    connection.execute(insert(_ROLE).values(row))

    def set_scope(self, person: RegisteredPerson, scope: Scope) -> Standing:
        """Say where somebody's roles hold; an empty scope is everywhere.

        Raises:
            LedgerUnavailable: the change could not be written down, so it is not made.
        """
        facts: dict[str, Json] = {
            "cameras": sorted(scope.cameras),
            "sites": sorted(scope.sites),
        }
        with in_ledger(self._engine) as connection:
            self._ledger.append_in(connection, _entry(person, self._clock.now_us(), facts))
            connection.execute(delete(_SCOPE).where(_SCOPE.c.person == person.id))
            for kind, names in (("camera", scope.cameras), ("site", scope.sites)):
                for name in names:
                    row = {"person": person.id, "kind": kind, "name": name}
                    connection.execute(insert(_SCOPE).values(row))
            return standing_of(connection, person)


def check_scope(connection: Connection, scope: Scope) -> None:
    """See that there is, or was, everything that a scope names: a slip would hide it all.

    Raises:
        CaseRefused: names what there is not.
    """
    cameras, sites = schema.camera.c, schema.site.c
    known = {
        "camera": set(connection.execute(select(cameras.id)).scalars()),
        "site": {DEFAULT_SITE, *connection.execute(select(sites.id)).scalars()},
    }
    for kind, names in (("camera", scope.cameras), ("site", scope.sites)):
        for name in sorted(names - known[kind]):
            raise CaseRefused(
                f"There is no {kind} {name!r}.",
                f"See `scrim {kind} list`.",
                rule="scope-unknown",
            )


def check_roles(held: Iterable[Role], *, given: Iterable[Role]) -> None:
    """Refuse what nobody may be.

    Args:
        held: all roles of a person.
        given: those of them that are given by name.

    Raises:
        CaseRefused: names the rule.
    """
    for role in given:
        if role not in GIVEN:
            raise CaseRefused(
                f"{role.value} is not given by name: that role comes with its key.",
                "Register the key: `scrim officer register`, `scrim custodian set`.",
                rule="role-by-key",
            )
    pair = exclude(held)
    if pair is not None:
        raise CaseRefused(
            f"Nobody is {pair[0].value} and {pair[1].value} at once.",
            "Give the roles to two people.",
            rule="roles-apart",
        )


def _entry(person: RegisteredPerson, now: int, facts: dict[str, Json]) -> Entry:
    return Entry(
        act=Act.ROLES_SET,
        at_us=now,
        who="operator",
        authority="operator",
        reason="roles-set",
        facts={"person": commit(person.id, person.salt)[0], **facts},
    )
