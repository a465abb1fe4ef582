"""Passkeys: people sign in with a credential of their device (WebAuthn, level 2).

::

    browser ── options? ──► server        registering: within a session of that person
            ◄── challenge ──              signing in: from nobody, for nobody in particular
            ── answer ────► server

Rules:

1. A passkey is added within a session of the person whose it becomes: first by a link
   that was made for them, or by their key.  Nobody adds one for another, and nobody who
   comes from a provider has one.
2. The device verifies its user (PIN or finger) at each sign-in; being there is not enough.
3. The relying party is the request's own host, which the guards have let in; a passkey of
   one host signs in at no other.  It is a name: browsers give none for an address.
4. A challenge is a nonce: bound to the act, good for two minutes, once.
5. A counter that went back is a copied credential, and does not sign in.
6. Adding and removing is in the ledger first; of the credential a hash, of the person a
   commitment.  A public key and a counter are all that is stored.

Source: W3C Web Authentication level 2, sections 7.1 and 7.2, which ``webauthn`` checks.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Engine, delete, insert, select, update

from scrim.access.keys import is_used
from scrim.access.nonces import Nonces, decoded, used_once
from scrim.access.register import Register, RegisteredPerson, of_provider
from scrim.access.signin import Session, SignIn, in_ledger
from scrim.clock import Clock
from scrim.errors import AccessDenied
from scrim.ledger import Act, Entry, Ledger, commit
from scrim.store.database import reading
from scrim.store.schema import passkey as table

SIGN_IN: Final = "passkey sign-in"
MOST: Final = 20  # passkeys of one person


@dataclass(frozen=True, slots=True)
class Passkey:
    """A credential of somebody.

    Attributes:
        id: SHA-256 of the credential's id, in hexadecimal.
    """

    id: str
    added_us: int
    used_us: int | None


@dataclass(frozen=True, slots=True)
class Site:
    """Where a browser says that it is.

    Attributes:
        host: the request's host name, without a port.
        origin: its ``Origin``.
    """

    host: str
    origin: str


class Passkeys:
    """The passkeys of one deployment."""

    def __init__(
        self, engine: Engine, ledger: Ledger, clock: Clock, sign_in: SignIn, register: Register
    ) -> None:
        self._engine = engine
        self._ledger = ledger
        self._clock = clock
        self._sign_in = sign_in
        self._register = register
        self._nonces = Nonces(clock)

    def exist(self) -> bool:
        """Whether anybody has one."""
        with reading(self._engine) as connection:
            return connection.execute(select(table.c.id).limit(1)).first() is not None

    def of(self, session: Session) -> tuple[Passkey, ...]:
        """Those of whoever is signed in, the oldest first."""
        with reading(self._engine) as connection:
            rows = connection.execute(
                select(table).where(table.c.person == session.person).order_by(table.c.added_us)
            )
            return tuple(Passkey(row.id, row.added_us, row.used_us) for row in rows)

    def offer(self, session: Session, site: Site) -> dict[str, Any]:
        """What ``navigator.credentials.create`` is asked for, as JSON.

        Raises:
            AccessDenied: the session is nobody's, or they have enough of them.
        """
        person = self._person(session)
        if len(self.of(session)) >= MOST:
            raise AccessDenied(
                f"Nobody has more than {MOST} passkeys.", "Remove one that is not used."
            )
        from webauthn import generate_registration_options  # heavy, and seldom needed
        from webauthn.helpers.structs import (
            AuthenticatorSelectionCriteria,
            ResidentKeyRequirement,
            UserVerificationRequirement,
        )

        options = generate_registration_options(
            rp_id=site.host,
            rp_name="Scrim",
            user_name=person.id,
            user_id=hashlib.sha256(person.salt + person.id.encode()).digest(),
            challenge=decoded(self._nonces.make(_adding(session))),
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
        )
        return _document(options)

    def add(self, session: Session, credential: Mapping[str, Any], site: Site) -> Passkey:
        """Keep the passkey that a browser has made.

        Raises:
            AccessDenied: what the browser sent does not hold.
            LedgerUnavailable: it could not be written down, so it is not kept.
        """
        from webauthn import verify_registration_response
        from webauthn.helpers.exceptions import WebAuthnException

        person = self._person(session)
        try:
            made = verify_registration_response(
                credential=dict(credential),
                expected_challenge=decoded(self._challenge(credential, _adding(session))),
                expected_rp_id=site.host,
                expected_origin=site.origin,
                require_user_verification=True,
            )
        except (WebAuthnException, ValueError) as error:
            raise _does_not_hold() from error
        now = self._clock.now_us()
        name = hashlib.sha256(made.credential_id).hexdigest()
        with in_ledger(self._engine) as connection:
            if connection.execute(select(table.c.id).where(table.c.id == name)).first():
                raise _does_not_hold()
            self._ledger.append_in(
                connection, _entry(Act.CREDENTIAL_ADDED, session, person, name, now)
            )
            connection.execute(
                insert(table).values(
                    id=name,
                    person=person.id,
                    public_key=made.credential_public_key,
                    sign_count=made.sign_count,
                    added_us=now,
                )
            )
        return Passkey(name, now, None)

    def remove(self, session: Session, name: str) -> None:
        """Forget one of one's own; forgetting none is no error.

        Raises:
            AccessDenied: the session is nobody's.
            LedgerUnavailable: it could not be written down, so it stays.
        """
        person = self._person(session)
        mine = (table.c.id == name) & (table.c.person == person.id)
        now = self._clock.now_us()
        with in_ledger(self._engine) as connection:
            if connection.execute(select(table.c.id).where(mine)).first() is not None:
                self._ledger.append_in(
                    connection, _entry(Act.CREDENTIAL_ENDED, session, person, name, now)
                )
                connection.execute(delete(table).where(mine))

    def challenge(self, site: Site) -> dict[str, Any]:
        """What ``navigator.credentials.get`` is asked for, as JSON; the same for everybody."""
        from webauthn import generate_authentication_options
        from webauthn.helpers.structs import UserVerificationRequirement

        options = generate_authentication_options(
            rp_id=site.host,
            challenge=decoded(self._nonces.make(SIGN_IN)),
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        return _document(options)

    def sign_in(self, credential: Mapping[str, Any], site: Site) -> tuple[str, Session]:
        """The session's own token, for the cookie, and the session.

        Raises:
            AccessDenied: it does not sign in; why is not said.
            LedgerUnavailable: the entry could not be written.
        """
        from webauthn import verify_authentication_response
        from webauthn.helpers.exceptions import WebAuthnException

        try:
            nonce = self._challenge(credential, SIGN_IN)
            name = hashlib.sha256(decoded(str(credential.get("id", "")))).hexdigest()
        except ValueError as error:
            raise _does_not_hold() from error
        with in_ledger(self._engine) as connection:
            row = connection.execute(select(table).where(table.c.id == name)).one_or_none()
            person = None if row is None else self._register.by_id(connection, row.person)
            if (
                row is None
                or person is None
                or of_provider(person)
                or is_used(connection, used_once(nonce))
            ):
                raise _does_not_hold()
            try:
                shown = verify_authentication_response(
                    credential=dict(credential),
                    expected_challenge=decoded(nonce),
                    expected_rp_id=site.host,
                    expected_origin=site.origin,
                    credential_public_key=bytes(row.public_key),
                    credential_current_sign_count=row.sign_count,
                    require_user_verification=True,
                )
            except (WebAuthnException, ValueError) as error:
                raise _does_not_hold() from error
            connection.execute(
                update(table)
                .where(table.c.id == name)
                .values(sign_count=shown.new_sign_count, used_us=self._clock.now_us())
            )
            return self._sign_in.begin(
                connection,
                authority="passkey",
                way="passkey",
                person=person,
                nonce_sha256=used_once(nonce),
            )

    def _person(self, session: Session) -> RegisteredPerson:
        found = None
        if session.person is not None:
            with reading(self._engine) as connection:
                found = self._register.by_id(connection, session.person)
        if found is None:
            raise AccessDenied(
                "This session is nobody's, so a passkey would be nobody's too.",
                "Register the person (`scrim person add`), and sign in with a link of theirs: "
                "`scrim link --person ID`.",
            )
        if of_provider(found):
            raise AccessDenied(
                "Whoever comes from a provider signs in there, so a passkey here is of no use.",
                "Let the provider ask for one.",
            )
        return found

    def _challenge(self, credential: Mapping[str, Any], purpose: str) -> str:
        """The challenge that the browser answered, if it is one of ours for that purpose.

        Raises:
            ValueError: it is not.
        """
        answer = credential.get("response")
        data = answer.get("clientDataJSON") if isinstance(answer, Mapping) else None
        try:
            client = json.loads(decoded(data if isinstance(data, str) else ""))
        except RecursionError as error:
            raise ValueError("no client data") from error
        nonce = client.get("challenge") if isinstance(client, dict) else None
        if not isinstance(nonce, str) or not self._nonces.is_good(purpose, nonce):
            raise ValueError("not a challenge of this server's")
        return nonce


def _adding(session: Session) -> str:
    return f"passkey of {session.id}"


def _document(options: Any) -> dict[str, Any]:
    from webauthn import options_to_json

    document: dict[str, Any] = json.loads(options_to_json(options))
    return document


def _entry(act: Act, session: Session, person: RegisteredPerson, name: str, now: int) -> Entry:
    return Entry(
        act=act,
        at_us=now,
        who=session.who(),
        authority=session.way,
        reason=act.value,
        facts={
            "kind": "passkey",
            "credential": name,
            "person": commit(person.id, person.salt)[0],
        },
    )


def _does_not_hold() -> AccessDenied:
    return AccessDenied(
        "This passkey does not sign in here.",
        "Use one that was added at this server's own name, or sign in another way.",
    )
