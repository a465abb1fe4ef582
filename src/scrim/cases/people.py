"""The register of people: who may file a case, who may answer one, who runs the place.

Rules:

1. Registering and retiring somebody is in the ledger in the same transaction.
2. A verifier, and so a person's key, is registered once and never given to another.
3. An officer's id and office are no custodian's, now or ever, nor is their key:
   whoever asks never approves (invariant 8).
4. Custodians enter with the custodian set that is put in force
   (:func:`scrim.store.custodians.put_in_force`); one who has left it still answers
   for the periods of which they hold parts.
5. Who is retired cannot sign in, ask or answer.  What they did stays.
6. Somebody without a key (an operator, an auditor) stands in the register under a
   handle in place of a verifier: random, and good for nothing by itself.  What else they
   are is for :mod:`scrim.access.granting`.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, Engine, insert, select, update

from scrim.access.granting import check_roles
from scrim.access.roles import Role
from scrim.access.signin import in_ledger
from scrim.clock import Clock
from scrim.errors import CaseRefused, CaseUnknown, CustodianInvalid
from scrim.ledger import Act, Entry, Ledger, commit
from scrim.store.database import reading
from scrim.store.schema import register as table
from scrim.vault.fields import is_name
from scrim.vault.signing import check_verifier

OFFICER: Final = "officer"
CUSTODIAN: Final = "custodian"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in the register.

    Attributes:
        id: 1 to 40 of ``a-z 0-9 -``; names a desk (``officer-7``), not a person.
        role: ``officer`` or ``custodian``; of somebody without a key the first they have.
        office: whose they are.
        verifier: checks what they sign, ``scrimsig1…``; or a handle, ``desk:…``, ``oidc:…``.
        recipient: a custodian's, ``age1…``; else ``None``.
        retired_us: UTC microseconds, or ``None``.
        salt: opens the ledger's commitments to the id.
    """

    id: str
    role: str
    office: str
    verifier: str
    registered_us: int
    salt: bytes = field(repr=False)
    recipient: str | None = None
    retired_us: int | None = None


class People:
    """The register of one deployment."""

    def __init__(self, engine: Engine, ledger: Ledger, clock: Clock) -> None:
        self._engine = engine
        self._ledger = ledger
        self._clock = clock

    def list(self) -> tuple[Person, ...]:
        """Everybody, the retired too, by role and id."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(table).order_by(table.c.role, table.c.id))
            return tuple(_person(row) for row in rows)

    def by_verifier(self, connection: Connection, verifier: str) -> Person | None:
        """Whose key this is, unless they are retired."""
        row = connection.execute(
            select(table).where(table.c.verifier == verifier, table.c.retired_us.is_(None))
        ).first()
        return None if row is None else _person(row)

    def by_id(self, connection: Connection, person: str) -> Person | None:
        """Who is called that, unless they are retired; with their newest key."""
        row = connection.execute(
            select(table)
            .where(table.c.id == person, table.c.retired_us.is_(None))
            .order_by(table.c.registered_us.desc())
        ).first()
        return None if row is None else _person(row)

    def get(self, person: str) -> Person:
        """Who is called that and not retired.

        Raises:
            CaseUnknown: nobody.
        """
        with reading(self._engine) as connection:
            found = self.by_id(connection, person)
        if found is None:
            raise _unknown(person)
        return found

    def register(self, person: str, office: str, verifier: str) -> Person:
        """Enter a case officer.

        Args:
            person: their id, never used before.
            office: whose officer they are.
            verifier: from their card, after its fingerprint was read aloud.

        Raises:
            CaseRefused: the id, the office or the key is a custodian's, or taken.
            LedgerUnavailable: the change could not be written down, so it is not made.
        """
        _check_words(person, office, verifier)
        now = self._clock.now_us()
        made = Person(person, OFFICER, office, verifier, now, secrets.token_bytes(16))
        with in_ledger(self._engine) as connection:
            _check_free(connection, made)
            enter(connection, self._ledger, made)
        return made

    def enrol(self, person: str, office: str, role: Role, handle: str | None = None) -> Person:
        """Enter somebody without a key.

        Args:
            person: their id, never used before.
            office: whose they are.
            role: one that does not take a key.
            handle: what stands for their verifier; drawn where none is given.

        Raises:
            CaseRefused: the role takes a key, or id, office or handle are taken.
            LedgerUnavailable: the change could not be written down, so it is not made.
        """
        check_roles([role], given=[role])
        if not is_name(person) or not is_name(office):
            raise _no_words()
        now = self._clock.now_us()
        handle = handle or f"desk:{secrets.token_hex(16)}"
        made = Person(person, role.value, office, handle, now, secrets.token_bytes(16))
        with in_ledger(self._engine) as connection:
            _check_free(connection, made)
            enter(connection, self._ledger, made)
        return made

    def retire(self, person: str) -> None:
        """Take somebody who files no cases out, with every key they have.

        An officer leaves by :meth:`scrim.cases.desk.Cases.retire`, which ends their cases.

        Raises:
            CaseUnknown: nobody is called that, or they are retired already.
            LedgerUnavailable: the change could not be written down, so it is not made.
        """
        with in_ledger(self._engine) as connection:
            retire(connection, self._ledger, person, self._clock.now_us())


def retire(connection: Connection, ledger: Ledger, person: str, now: int) -> None:
    """Take somebody out within the caller's transaction, with an entry for each key.

    Raises:
        CaseUnknown: nobody is called that, or they are retired already.
    """
    theirs = (table.c.id == person) & table.c.retired_us.is_(None)
    rows = connection.execute(select(table).where(theirs).order_by(table.c.registered_us)).all()
    if not rows:
        raise _unknown(person)
    connection.execute(update(table).where(theirs).values(retired_us=now))
    for row in rows:
        ledger.append_in(connection, _entry(Act.PERSON_RETIRED, _person(row), now))


def enter(connection: Connection, ledger: Ledger, person: Person) -> None:
    """Row and entry of a new person, within the caller's transaction."""
    connection.execute(
        insert(table).values(
            verifier=person.verifier,
            id=person.id,
            role=person.role,
            office=person.office,
            recipient=person.recipient,
            registered_us=person.registered_us,
            salt=person.salt,
        )
    )
    ledger.append_in(connection, _entry(Act.PERSON_REGISTERED, person, person.registered_us))


def _check_words(person: str, office: str, verifier: str) -> None:
    if not is_name(person) or not is_name(office):
        raise _no_words()
    try:
        check_verifier(verifier)
    except ValueError as error:
        raise CustodianInvalid(
            f"The verifier of {person} is not usable: {error}.",
            "Copy the second half of the card that `scrim custodian new` printed.",
        ) from None


def _no_words() -> CustodianInvalid:
    return CustodianInvalid(
        "An id and an office are 1 to 40 of a-z, 0-9 and -.",
        "Name the desk and the office, not the person: officer-7, police-north.",
    )


def _check_free(connection: Connection, made: Person) -> None:
    rows = [_person(row) for row in connection.execute(select(table))]
    if any(row.verifier == made.verifier for row in rows):
        raise CaseRefused(
            "That key is registered already.",
            "Make a new identity; a key is never given to another.",
            rule="key-taken",
        )
    if any(row.id == made.id for row in rows):
        raise CaseRefused(
            f"{made.id} is registered already, or was once.", "Choose another id.", rule="id-taken"
        )
    desks = {row.id for row in rows if row.role == CUSTODIAN}
    desks |= {row.office for row in rows if row.role == CUSTODIAN}
    if made.office in desks:
        raise CaseRefused(
            f"{made.office} is a custodian, and who approves never asks.",
            "Register people of another office.",
            rule="officer-no-custodian",
        )


def _entry(act: Act, person: Person, now: int) -> Entry:
    return Entry(
        act=act,
        at_us=now,
        who="operator",
        authority="operator",
        reason=act.value,
        facts={
            "role": person.role,
            "verifier": person.verifier,
            "person": commit(person.id, person.salt)[0],
            "office": person.office,
        },
    )


def _person(row: Any) -> Person:
    return Person(
        id=row.id,
        role=row.role,
        office=row.office,
        verifier=row.verifier,
        registered_us=row.registered_us,
        salt=bytes(row.salt),
        recipient=row.recipient,
        retired_us=row.retired_us,
    )


def _unknown(person: str) -> CaseUnknown:
    return CaseUnknown(
        f"Nobody is registered as {person!r}.", "See who is with `scrim person list`."
    )
